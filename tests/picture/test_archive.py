"""ZIPs of photos: what is in them, what is refused before it is unpacked, and names that are safe everywhere."""

import io
import random
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.errors import UserError
from bgdemo.picture import archive
from bgdemo.picture.archive import Entry, photos_in, safe_name, unique, unpack, write_zip
from bgdemo.picture.encoding import file_name
from bgdemo.settings import MAX_BATCH_MEGABYTES, MAX_FILES, MAX_MEGABYTES

Made = Callable[..., Path]


@pytest.fixture
def zipped(tmp_path: Path) -> Made:
    """A ZIP of the given members: name (or ZipInfo) and content each."""

    def make(*members: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
        path = tmp_path / "photos.zip"
        with zipfile.ZipFile(path, "w", packing) as file:
            for name, content in members:
                file.writestr(name, content)
        return path

    return make


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        photos_in(path)
    assert refused.value.text("id") != str(refused.value)
    return refused.value.key


def names(path: Path) -> list[str]:
    return [entry.name for entry in photos_in(path)]


# ---- reading --------------------------------------------------------------------------------------------------------


def test_photos_are_found_and_what_is_none_is_left_out(zipped: Made) -> None:
    left_out = ["__MACOSX/a/._kucing.jpg", ".DS_Store", "a/.hidden.jpg", "Thumbs.db", "a/desktop.ini", "read me.TXT"]
    path = zipped(("a/", b""), *((name, b"x") for name in left_out), ("a/kucing.jpg", b"12345"), ("scan", b"1"))
    assert photos_in(path) == [Entry("a/kucing.jpg", 5, 7), Entry("scan", 1, 8)]
    assert [unpack(path, entry) for entry in photos_in(path)] == [b"12345", b"1"]


def test_an_unknown_ending_is_kept(zipped: Made) -> None:
    assert names(zipped(("a.cr2", b"x"), ("b.jxl", b"x"))) == ["a.cr2", "b.jxl"]


def test_names_are_safe_and_no_two_are_the_same(zipped: Made) -> None:
    path = zipped(("../../x.jpg", b"1"), ("X.jpg", b"2"), ("C:\\fotos\\y.jpg", b"3"), ("/etc/z.png", b"4"))
    assert names(path) == ["x.jpg", "X-2.jpg", "fotos/y.jpg", "etc/z.png"]


def test_a_name_in_utf_8_that_does_not_say_so_is_read_as_such(zipped: Made) -> None:
    """As macOS writes them."""
    path = zipped(("Фото 😀.jpg", b"x"))
    data = path.read_bytes()
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.index(signature) + place
        data = data[:at] + bytes(2) + data[at + 2 :]
    path.write_bytes(data)
    assert names(path) == ["Фото 😀.jpg"]


def test_a_name_in_the_letters_of_an_old_pc_stays(zipped: Made) -> None:
    path = zipped(("café.jpg", b"x"))
    data = path.read_bytes().replace("é".encode(), b"\x82_")
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.index(signature) + place
        data = data[:at] + bytes(2) + data[at + 2 :]
    path.write_bytes(data)
    assert names(path) == ["café_.jpg"]


def test_one_photo_that_is_too_large_is_no_reason_to_refuse_the_others(zipped: Made) -> None:
    most = MAX_MEGABYTES * 1_000_000
    path = zipped(("large.bmp", random.Random(0).randbytes(1 << 16) * (most // (1 << 16) + 2)), ("good.jpg", b"x"))
    large, good = photos_in(path)
    assert large.size > most + 1
    assert len(unpack(path, large)) == most + 1
    assert unpack(path, good) == b"x"


def test_no_more_is_unpacked_than_a_photo_may_have_even_if_it_is_stored(zipped: Made) -> None:
    data = bytes(range(256)) * 20_000
    path = zipped(("a.bmp", data), packing=zipfile.ZIP_STORED)
    assert unpack(path, photos_in(path)[0]) == data


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_whose_cost_is_not_bounded_are_not_unpacked(zipped: Made, packing: int) -> None:
    path = zipped(("a.jpg", b"x"), packing=packing)
    with pytest.raises(UserError) as refused:
        unpack(path, photos_in(path)[0])
    assert refused.value.key == "error.zip_photo"


def test_damaged_data_is_told(zipped: Made) -> None:
    path = zipped(("a.jpg", b"the content"), ("b.jpg", b"other"), packing=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"the content", b"the conTent"))
    damaged, good = photos_in(path)
    with pytest.raises(UserError) as refused:
        unpack(path, damaged)
    assert refused.value.key == "error.zip_photo"
    assert unpack(path, good) == b"other"


def test_a_zip_that_changed_meanwhile_is_told(zipped: Made) -> None:
    path = zipped(("a.jpg", b"x"))
    with pytest.raises(UserError) as refused:
        unpack(path, Entry("b.jpg", 1, 5))
    assert refused.value.key == "error.zip_photo"


# ---- refused --------------------------------------------------------------------------------------------------------


def test_what_is_no_zip(tmp_path: Path, zipped: Made) -> None:
    path = zipped(("a.jpg", b"x" * 1000))
    data = path.read_bytes()
    for content in (b"", b"no ZIP", data[:-5], data[: len(data) // 2]):
        path.write_bytes(content)
        assert refusal(path) == "error.zip_damaged"
    assert refusal(tmp_path) == "error.zip_damaged"
    assert refusal(tmp_path / "nowhere.zip") == "error.file_not_found"


def test_every_damaged_directory_is_a_sentence(zipped: Made) -> None:
    path = zipped(("a.jpg", b"x"), ("b/c.jpg", b"yy"))
    data = path.read_bytes()
    for at in range(data.index(b"PK\1\2"), len(data)):
        for wrong in (0, 0xFF):
            path.write_bytes(data[:at] + bytes([wrong]) + data[at + 1 :])
            try:
                for entry in photos_in(path):
                    unpack(path, entry)
            except UserError as error:
                assert str(error)


def test_encrypted(zipped: Made) -> None:
    path = zipped(("a.jpg", b"x"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path) == "error.zip_encrypted"


@pytest.mark.parametrize("name", ["inner.zip", "a/INNER.ZIP", "photos.tar.gz", "photos.7z"])
def test_nested(zipped: Made, name: str) -> None:
    assert refusal(zipped(("a.jpg", b"x"), (name, b"PK"))) == "error.zip_nested"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(zipped: Made, kind: int) -> None:
    link = zipfile.ZipInfo("passwd.jpg")
    link.external_attr = (kind | 0o777) << 16
    assert refusal(zipped(("a.jpg", b"x"), (link, b"/etc/passwd"))) == "error.zip_links"


def test_more_photos_than_a_batch_may_have(zipped: Made) -> None:
    many = [(f"{number}.jpg", b"x") for number in range(MAX_FILES + 1)]
    assert len(names(zipped(*many[1:], ("notes.txt", b"x")))) == MAX_FILES
    assert refusal(zipped(*many)) == "error.too_many_files"


def test_a_hundred_thousand_entries_are_refused_before_they_are_listed(tmp_path: Path, peak: Callable[[], int]) -> None:
    """Even the shortest ones there can be, and whatever the ZIP says of their number."""
    entry = b"PK\1\2" + bytes(24) + struct.pack("<HHHHHLL", 1, 0, 0, 0, 0, 0, 0) + b"a"
    assert len(entry) == 47
    path = tmp_path / "many.zip"
    size = len(entry) * 100_000
    with path.open("wb") as file:
        for _ in range(1000):
            file.write(entry * 100)
        file.write(b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, size, 0, 0))
    before = peak()
    assert refusal(path) == "error.zip_too_long"
    assert peak() - before < 1_000_000


def test_too_much_in_all(zipped: Made) -> None:
    path = zipped(("a.jpg", bytes(100)), ("b.jpg", bytes(100)))
    data = bytearray(path.read_bytes())
    for found in re.finditer(b"PK\1\2", bytes(data)):
        struct.pack_into("<L", data, found.start() + 24, MAX_BATCH_MEGABYTES * 500_001)
    path.write_bytes(data)
    assert refusal(path) == "error.zip_too_large"


def test_a_bomb_by_its_ratio(zipped: Made) -> None:
    path = zipped(("a.bmp", bytes(11_000_000)), ("b.jpg", b"x"))
    assert path.stat().st_size < 20_000
    assert refusal(path) == "error.zip_bomb"
    assert names(zipped(("plain.bmp", bytes(9_000_000)))) == ["plain.bmp"]


def test_a_bomb_of_entries_that_share_their_data(zipped: Made) -> None:
    path = zipped(*((f"{number}.jpg", bytes(100)) for number in range(9)), packing=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for found in re.finditer(b"PK\1\2", bytes(data)):
        struct.pack_into("<L", data, found.start() + 42, 0)
    path.write_bytes(data)
    assert refusal(path) == "error.zip_bomb"


def test_no_photo_in_it(zipped: Made) -> None:
    assert refusal(zipped()) == "error.zip_without_photos"
    assert refusal(zipped(("a.txt", b"x"), ("b/", b""))) == "error.zip_without_photos"


# ---- writing --------------------------------------------------------------------------------------------------------


def test_a_zip_is_written_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"from a file" * 10)
    report = b"file,result\n" * 100
    target = tmp_path / "new.zip"
    write_zip(target, [("a/kucing 😀.png", b"one"), ("Фото.png", file), ("report.csv", report)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "new.zip"]
    with zipfile.ZipFile(target) as made:
        assert made.testzip() is None
        assert {info.filename: made.read(info) for info in made.infolist()} == {
            "a/kucing 😀.png": b"one",
            "Фото.png": b"from a file" * 10,
            "report.csv": report,
        }
        kinds = [info.compress_type for info in made.infolist()]
        assert kinds == [zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
        assert made.getinfo("a/kucing 😀.png").date_time[0] > 2000


def test_a_zip_that_was_interrupted_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "new.zip"
    target.write_bytes(b"before")

    def members() -> Iterator[tuple[str, bytes]]:
        yield "a.png", b"one"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_zip(target, members())
    assert [path.name for path in tmp_path.iterdir()] == ["new.zip"]
    assert target.read_bytes() == b"before"


def test_memory_does_not_grow_with_the_members(tmp_path: Path, peak: Callable[[], int]) -> None:
    before = peak()
    write_zip(tmp_path / "new.zip", ((f"{number}.png", bytes(1_000_000)) for number in range(50)))
    assert (tmp_path / "new.zip").stat().st_size > 50_000_000
    assert peak() - before < 5_000_000


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "kucing.jpg",
        "foto keluarga (2).jpg",
        "Фото.heic",
        "写真/猫.png",
        "صورة.jpg",
        "ครอบครัว.jpg",
        "😀❤️🏽.png",
        "a/b/c.d/e.tar.gz",
        "IMG_0001",
        "Ünïcödé & 'quotes'.webp",
    ],
)
def test_ordinary_names_stay(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("", "photo"),
        ("..", "photo"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\x\\y.jpg", "x/y.jpg"),
        ("c:y.jpg", "y.jpg"),
        ("\\\\server\\share\\x.jpg", "server/share/x.jpg"),
        ("a/./b//c.jpg", "a/b/c.jpg"),
        ("a/\u202e", "a/photo"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200b\u2060\ufeff\u3164b\x00\x1b[31m\r\n.jpg", "ab[31m.jpg"),
        ('<img src="x">|?*:.jpg', "_img src=_x______.jpg"),
        ("trailing. . ./x.jpg. ", "trailing/x.jpg"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com1/Lpt¹ .jpg", "_com1/_Lpt¹ .jpg"),
        ("COM10.jpg", "COM10.jpg"),
        ("\ud800.jpg", "jpg"),
        ("cafe\u0301.jpg", "café.jpg"),
        (f"{'a' * 300}.jpeg", f"{'a' * 95}.jpeg"),
        ("写" * 90 + ".png", "写" * 65 + ".png"),
        ("😀" * 90, "😀" * 50),
        ("/".join("abcdefghijk"), "a/b/c/d/e/f/g/h/k"),
    ],
)
def test_other_names_become_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


PIECES = [
    *'/\\.: abC<>"|?*~$-_\0\r\n\t',
    "..",
    "CON",
    "nul",
    "com1",
    "C:",
    ".jpg",
    "é",
    "e\u0301",
    "😀",
    "👨\u200d👩",
    "写" * 40,
]
PIECES += ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u3164", "\ud800", "\u2028", "x" * 99, " " * 98, "." * 99]
UNPLEASANT = st.lists(st.sampled_from(PIECES) | st.characters()).map("".join)


@given(UNPLEASANT)
def test_a_safe_name_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    parts = safe.split("/")
    assert 1 <= len(parts) <= archive.MAX_FOLDERS + 1
    for part in parts:
        assert part.strip(" .")
        assert 0 < len(part) <= 100
        assert len(part.encode()) <= 200
        assert part == part.rstrip(" .")
        assert unicodedata.is_normalized("NFC", part)
        assert not re.search(r'[<>:"|?*\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]', part)
        assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d) *(\..*)?", part, re.IGNORECASE)


@given(UNPLEASANT)
def test_what_has_a_safe_name_stays_in_its_folder(name: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(safe_name(name), b"x")
    with zipfile.ZipFile(data) as file, tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        [member] = file.namelist()
        written = Path(file.extract(member, folder)).resolve()
        assert written == folder / safe_name(name)
        assert [path for path in folder.rglob("*") if path.is_file()] == [written]


@given(st.text(), st.sampled_from(["removedbg", "white-1080x1080", "mask"]))
def test_the_name_of_a_file_is_safe_whatever_the_photo_is_called(name: str, suffix: str) -> None:
    made = file_name(name, suffix)
    assert safe_name(made) == made
    assert made.endswith(f"-{suffix}.png")
    assert PurePosixPath(made).name == made


def test_the_name_of_a_file_is_that_of_the_photo() -> None:
    for name, made in {
        "kucing.jpg": "kucing-removedbg.png",
        "foto keluarga (2).jpg": "foto keluarga (2)-removedbg.png",
        "Фото.heic": "Фото-removedbg.png",
        "😀.jpg": "😀-removedbg.png",
        "C:\\x\\y.jpg": "y-removedbg.png",
        "../../x": "x-removedbg.png",
        "a\x1b\u202eb.jpg": "ab-removedbg.png",
        "con.jpg": "_con-removedbg.png",
        "x" * 300 + ".jpg": "x" * 86 + "-removedbg.png",
    }.items():
        assert file_name(name, "removedbg") == made


def test_names_that_clash_are_numbered() -> None:
    assert unique("kucing-removedbg.png", []) == "kucing-removedbg.png"
    taken = ["KUCING-removedbg.png", "kucing-removedbg-2.PNG"]
    assert unique("kucing-removedbg.png", taken) == "kucing-removedbg-3.png"
    assert unique("a/kucing.png", ["kucing.png"]) == "a/kucing.png"
    assert unique("a.b/kucing", ["A.B/kucing"]) == "a.b/kucing-2"
    long = f"{'x' * 96}.png"
    assert unique(long, [long]) == f"{'x' * 94}-2.png"


@given(UNPLEASANT, st.integers(1, 12))
def test_numbered_names_are_safe_too(name: str, count: int) -> None:
    taken: list[str] = []
    for _ in range(count):
        taken.append(unique(safe_name(name), taken))
    assert len({other.casefold() for other in taken}) == count
    assert [safe_name(other) for other in taken] == taken
