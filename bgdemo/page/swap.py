"""What a visit has done, on disk instead of in memory while nobody looks."""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bgdemo.page.files import Folder
from bgdemo.page.results import Done
from bgdemo.page.wanted import Finish


@dataclass(frozen=True, slots=True)
class Swapped:
    """A `Done` in the file `path`, and what is to be known of it meanwhile: the `files` that it names.

    `finishes` stay in memory: what is wanted refers to the same ones. `digest` is the file's, which is not read if
    anybody else has written it.
    """

    path: Path
    files: frozenset[Path]
    finishes: tuple[Finish, ...]
    digest: bytes

    def read(self) -> Done | None:
        """The same once more; None if its file is gone."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).digest() != self.digest:
            return None
        unpickler = pickle.Unpickler(io.BytesIO(data))
        unpickler.persistent_load = self.finishes.__getitem__  # type: ignore[method-assign]
        done: Done = unpickler.load()
        return done

    def delete(self) -> None:
        """Delete its file."""
        self.path.unlink(missing_ok=True)


def swap_out(done: Done, folder: Folder) -> Swapped:
    """Write `done` into a file of the visit's `folder`."""
    finishes: list[Finish] = []

    def number(part: Any) -> int | None:
        if not isinstance(part, Finish):
            return None
        known = next((i for i, finish in enumerate(finishes) if finish is part), len(finishes))
        if known == len(finishes):
            finishes.append(part)
        return known

    file = io.BytesIO()
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.persistent_id = number  # type: ignore[method-assign]
    pickler.dump(done)
    data = file.getvalue()
    path = folder.add(data, "done")
    return Swapped(path, frozenset(done.files() | {path}), tuple(finishes), hashlib.sha256(data).digest())
