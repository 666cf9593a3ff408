"""The photos that files, folders, globs and ZIPs stand for, and the files to make of them."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bgdemo.decode import ENDINGS
from bgdemo.errors import UserError
from bgdemo.picture.archive import Entry, photos_in, unpack
from bgdemo.picture.encoding import file_name
from bgdemo.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Found:
    """A photo: a file, or an entry of one that is a ZIP.

    `folder` is where it lies in the folder or ZIP that was named, empty for a file. `named` says that it was named
    itself.
    """

    file: Path
    entry: Entry | None = None
    folder: Path = Path()
    named: bool = False

    @property
    def path(self) -> Path:
        """What to call it."""
        return self.file / self.entry.name if self.entry else self.file

    @property
    def home(self) -> Path:
        """Where what is made of it belongs: beside it, or in a folder called as its ZIP."""
        return self.file.with_suffix("") / self.folder if self.entry else self.file.parent

    def source(self) -> Path | bytes:
        """What to make the file of. Raises UserError if it cannot be unpacked."""
        return unpack(self.file, self.entry) if self.entry else self.file


def find(named: Path, without: Path | None = None) -> Iterator[Found]:
    """The photos that `named` stands for: a file; a folder, but for what is in the folder `without`; a ZIP; or a glob,
    where no shell has expanded it.

    In a folder they are known by their endings, and what is hidden is left out. Raises UserError for a folder, a ZIP
    or a glob in which there are none.
    """
    if named.is_dir():
        yield from _in_folder(named, without)
    elif named.suffix.lower() == ".zip" and named.exists():
        for entry in photos_in(named):
            yield Found(named, entry, Path(entry.name).parent)
    elif glob.has_magic(str(named)) and not named.exists():
        paths = sorted(glob.glob(str(named), recursive=True))  # noqa: PTH207 (pathlib wants to know from where)
        if not paths:
            raise UserError("error.file_not_found", path=named)
        for path in paths:
            yield from find(Path(path), without)
    else:
        yield Found(named, named=True)


def _in_folder(folder: Path, without: Path | None) -> Iterator[Found]:
    left_out = without.resolve() if without and without.resolve() != folder.resolve() else None
    found = False
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix.lower() not in ENDINGS or any(part.startswith(".") for part in place.parts):
            continue
        if path.is_file() and not (left_out and path.resolve().is_relative_to(left_out)):
            yield Found(path, folder=place.parent)
            found = True
    if not found:
        raise UserError("error.folder_without_photos", path=folder)


def with_targets(photos: Iterable[Found], recipe: Recipe, output: Path | None) -> list[tuple[Found, Path]]:
    """Each photo with the file to make of it, in `output` or at its home; those of the same name are numbered.

    A photo in a folder that is such a file itself, made by an earlier run here or at its home, is left out.
    """
    targets: dict[str, tuple[Found, Path]] = {}
    for photo in photos:
        folder = photo.home if output is None else output / photo.folder
        number, suffix = 1, recipe.suffix
        while str(target := folder / file_name(photo.path, suffix, recipe.format)).casefold() in targets:
            number += 1
            suffix = f"{number}-{recipe.suffix}"
        targets[str(target).casefold()] = photo, target
    made = {target for _, target in targets.values()}
    made |= {photo.home / file_name(photo.path, recipe.suffix, recipe.format) for photo, _ in targets.values()}
    return [(photo, target) for photo, target in targets.values() if photo.named or photo.path not in made]
