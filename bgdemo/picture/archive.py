"""ZIPs of photos, read and written; and names of files that are safe wherever they arrive.

A ZIP is a stranger's: everything is judged by its directory, before anything is unpacked.
"""

from __future__ import annotations

import io
import re
import stat
import time
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from bgdemo.errors import UserError
from bgdemo.settings import MAX_BATCH_MEGABYTES, MAX_FILES, MAX_MEGABYTES

MAX_DIRECTORY_BYTES = 4_000_000
"""Of a ZIP's directory. An entry has at least 47 of them and takes 600 in memory, so 100,000 never fit."""

MAX_RATIO = 200
"""Unpacked ÷ packed of all photos, from `BOMB_BYTES` on; deflate reaches 1032 on noughts, photos hardly 1.1."""
BOMB_BYTES = 10_000_000

ARCHIVE = re.compile(r"\.(7z|bz2|gz|rar|tar|tgz|xz|zip|zst)$", re.IGNORECASE)
NO_PHOTO = re.compile(
    r"\.(aae|bat|css|csv|db|dll|docx?|exe|html?|ics|ini|js|json|key|lnk|log|md|nfo|numbers|od[pst]|pages|pdf|pp[st]x?|py|rtf|"
    r"sh|sql|srt|tex|thm|toml|tsv|txt|url|vcf|webloc|xlsx?|xml|xmp|ya?ml|"
    r"3gp|avi|flac|m4[av]|mkv|mov|mp[34]|mpe?g|mts|ogg|opus|wav|webm|wm[av])$",
    re.IGNORECASE,
)
"""Endings of what is clearly no photo: texts, tables, papers, what programs left, films and sounds. Anything else is
tried, and gets its own sentence if it is none."""
TEXT = re.compile(r"\.(csv|json|txt)$", re.IGNORECASE)

ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an entry: its data, its data more strongly, or its name are encrypted (APPNOTE.TXT 4.4.4)."""
UTF_8 = 0x800
LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo in a ZIP: its name as `safe_name` makes it, its size in bytes as declared, its place in the directory."""

    name: str
    size: int
    index: int


def photos_in(file: Path) -> list[Entry]:
    """The photos in a ZIP, in its order, without folders, hidden files and what is clearly no photo.

    No two have the same name. Raises UserError for what is no ZIP or damaged, encrypted, has other archives or links in
    it, lists more than `MAX_FILES` photos or far too much of anything, is a bomb, or has no photo in it: all before any
    of it is unpacked.
    """
    with _opened(file) as archive:
        everything = archive.infolist()
    if any(info.flag_bits & ENCRYPTED for info in everything):
        raise UserError("error.zip_encrypted")
    if any(stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR) for info in everything):
        raise UserError("error.zip_links")
    _refuse_overlaps(everything)
    names = [_name_of(info) for info in everything]
    files = [i for i, name in enumerate(names) if not name.endswith(("/", "\\")) and not _is_hidden(name)]
    if any(ARCHIVE.search(names[i]) for i in files):
        raise UserError("error.zip_nested")
    photos = [i for i in files if not NO_PHOTO.search(names[i])]
    if not photos:
        raise UserError("error.zip_without_photos")
    if len(photos) > MAX_FILES:
        raise UserError("error.too_many_files", limit=MAX_FILES)
    unpacked = sum(everything[i].file_size for i in photos)
    if unpacked > MAX_BATCH_MEGABYTES * 1_000_000:
        raise UserError("error.zip_too_large", limit=MAX_BATCH_MEGABYTES)
    if unpacked > BOMB_BYTES and unpacked > MAX_RATIO * sum(everything[i].compress_size for i in photos):
        raise UserError("error.zip_bomb")
    entries: dict[str, Entry] = {}
    for i in photos:
        name = unique(safe_name(names[i]), entries)
        entries[name] = Entry(name, everything[i].file_size, i)
    return list(entries.values())


def unpack(file: Path, entry: Entry) -> bytes:
    """The bytes of one photo of `photos_in(file)`, at most one more than a photo may have, whatever the ZIP declares.

    Raises UserError for what is damaged, or packed in another way than the two that every program knows: of those
    `zipfile` would unpack as much at once as they like.
    """
    try:
        with _opened(file) as archive:
            info = archive.infolist()[entry.index]
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UserError("error.zip_photo")
            with archive.open(info) as member:
                return member.read(MAX_MEGABYTES * 1_000_000 + 1)
    except UserError:
        raise
    except Exception as error:  # zlib's, zipfile's, struct's …: as in `_opened`
        raise UserError("error.zip_photo") from error


def write_zip(target: Path, members: Iterable[tuple[str, Path | bytes]]) -> None:
    """A ZIP of `members`, name and content each, whose names are made safe; none may be there twice (see `unique`).

    Pictures are compressed already and stored as they are, texts are deflated. `members` are written one by one as
    they come. If they end in an exception there is no file, and what was at `target` before stays.
    """
    with (
        replacing(target) as path,
        zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive,
    ):
        for name, content in members:
            name = safe_name(name)
            packing = zipfile.ZIP_DEFLATED if TEXT.search(name) else zipfile.ZIP_STORED
            if isinstance(content, Path):
                archive.write(content, name, packing)
            else:
                info = zipfile.ZipInfo(name, time.localtime()[:6])
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(info, content, packing)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to, which becomes `target` once all is written, and is gone if that fails."""
    path = target.with_name(f"{target.name}.part")
    try:
        yield path
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)


# ---- names ----------------------------------------------------------------------------------------------------------

MAX_PART_CHARACTERS = 100
MAX_PART_BYTES = 200
MAX_FOLDERS = 8
MAX_ENDING = 10

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""What shows nothing although Unicode counts it among letters, marks and symbols."""
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, with whatever ending."""


def safe_name(name: str) -> str:
    """`name` as a relative path with "/" between its folders that is safe on every system, on the screen and in a ZIP.

    At most `MAX_FOLDERS` folders are left of it, no way up, no drive; each part is as `safe_part` makes it.
    """
    *folders, last = re.split(r"[/\\]", re.sub(r"^[A-Za-z]:", "", name))
    safe = [part for folder in folders if (part := _cut(_clean(folder)))]
    return "/".join([*safe[:MAX_FOLDERS], safe_part(last)])


def safe_part(text: str, ending: str | None = None) -> str:
    """The name of one file, without control characters, marks that turn or hide text, and what Windows refuses.

    It has at most `MAX_PART_CHARACTERS` characters and `MAX_PART_BYTES` bytes of UTF-8 (NFC): what is too long is cut
    before its ending, and so is one that gets an `ending` here. Where nothing is left it is "photo".
    """
    clean = _clean(text) or "photo"
    return _cut(*_split(clean)) if ending is None else _cut(clean, ending)


def unique(name: str, taken: Collection[str]) -> str:
    """`name`, numbered before its ending if it is among `taken`: "kucing-2.png"; Windows and macOS see no case."""
    folded = {other.casefold() for other in taken}
    folder, slash, last = name.rpartition("/")
    stem, ending = _split(last)
    number = 1
    while name.casefold() in folded:
        number += 1
        name = folder + slash + _cut(stem, f"-{number}{ending}")
    return name


def _clean(text: str) -> str:
    """Without what is not safe, but of any length."""
    shown = "".join(
        " " if unicodedata.category(character)[0] == "Z" else character
        for character in text
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs") and character not in INVISIBLE
    )
    shown = unicodedata.normalize("NFC", re.sub(r'[<>:"|?*/\\]', "_", shown))
    shown = " ".join(shown.split()).strip(" .")
    return f"_{shown}" if RESERVED.match(shown) else shown


def _split(part: str) -> tuple[str, str]:
    """What stands before the ending, and the ending with its dot, if it is short enough for one."""
    ending = PurePosixPath(part).suffix
    return (part.removesuffix(ending), ending) if len(ending) <= MAX_ENDING else (part, "")


def _cut(text: str, ending: str = "") -> str:
    """`text` and `ending`, of which `text` is cut so that both together are short enough."""
    text = text[: max(1, MAX_PART_CHARACTERS - len(ending))]
    while len(text) > 1 and len((text + ending).encode()) > MAX_PART_BYTES:
        text = text[:-1]
    return f"{text}{ending}".rstrip(" .")


# ---- the directory of a ZIP -----------------------------------------------------------------------------------------


class _Guarded(io.FileIO):
    """A file of which no more is read at once than `most`."""

    most: int | None = MAX_DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most and size and size > self.most:
            raise UserError("error.zip_too_long")
        return super().read(size) or b""


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """`zipfile` reads the whole directory at once, however long the ZIP says that it is."""
    try:
        raw = _Guarded(file)
    except FileNotFoundError as error:
        raise UserError("error.file_not_found", path=file) from error
    except OSError as error:
        raise UserError("error.zip_damaged") from error
    with raw:
        try:
            archive = zipfile.ZipFile(raw)
        except UserError:
            raise
        except Exception as error:  # on a malformed directory zipfile raises almost anything
            raise UserError("error.zip_damaged") from error
        raw.most = None
        with archive:
            yield archive


def _refuse_overlaps(everything: list[zipfile.ZipInfo]) -> None:
    """A few kB can stand for many photos, as https://www.bamsoftware.com/hacks/zipbomb/ shows."""
    placed = sorted(everything, key=lambda info: info.header_offset)
    for info, following in pairwise(placed):
        if info.header_offset + LOCAL_HEADER_BYTES + info.compress_size > following.header_offset:
            raise UserError("error.zip_bomb")


def _name_of(info: zipfile.ZipInfo) -> str:
    """macOS writes UTF-8 without saying so, which `zipfile` takes for the letters of an old PC."""
    name = info.filename
    if not info.flag_bits & UTF_8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name


def _is_hidden(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return any(part == "__MACOSX" or (part.startswith(".") and part.strip(".")) for part in parts)
