"""The whole way of one photo, in everybody's line, and where many of them come from: for the HTTP API and a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo, Picture
from bgdemo.matte.models import MODELS
from bgdemo.matte.segmentation import Stop, fetch
from bgdemo.messages import say
from bgdemo.page.budgets import Ticket
from bgdemo.page.decoding import decode, measure
from bgdemo.page.files import Folder
from bgdemo.page.shared import Shared
from bgdemo.page.stages import Lane
from bgdemo.page.threads import Result, in_time
from bgdemo.picture.archive import Entry, photos_in, safe_name, unpack
from bgdemo.picture.encoding import encode
from bgdemo.pipeline import Told, check_size, doubts, file_notes, picture_of, predictions, segment
from bgdemo.recipes import Recipe
from bgdemo.settings import MAX_BATCH_MEGABYTES, MAX_FILES


class Source(NamedTuple):
    """A photo among many: its name, a relative path that is safe everywhere, and its file, or the ZIP that it is in."""

    name: str
    file: Path
    entry: Entry | None = None

    @property
    def size(self) -> int:
        """Bytes of the photo."""
        return self.entry.size if self.entry else self.file.stat().st_size

    def unpacked(self, folder: Folder) -> Path:
        """The photo's own file, which is put into `folder` if it is in a ZIP. Raises UserError for a damaged one."""
        if not self.entry:
            return self.file
        return folder.add(unpack(self.file, self.entry), PurePosixPath(self.name).name)


def sources_of(name: str, file: Path) -> list[Source]:
    """The photo in `file`, which the visitor calls `name`, or those in it if it is a ZIP. Raises UserError."""
    if PurePosixPath(name).suffix.lower() != ".zip":
        return [Source(safe_name(name), file)]
    return [Source(entry.name, file, entry) for entry in photos_in(file)]


def check_many(sources: Sequence[Source]) -> None:
    """Raises UserError if these are more photos than one may have at a time, or larger ones."""
    if len(sources) > MAX_FILES:
        raise UserError("error.too_many_files", limit=MAX_FILES)
    if sum(source.size for source in sources) > MAX_BATCH_MEGABYTES * 1_000_000:
        raise UserError("error.batch_too_large", limit=MAX_BATCH_MEGABYTES)


class Made(NamedTuple):
    """What was made of a photo: the picture, its file, and what there is to say about it.

    `doubts` are those of the notes that say that the subject may be none, or not whole.
    """

    picture: Picture
    data: bytes
    notes: Told
    doubts: list[str]


async def make(
    shared: Shared,
    path: Path,
    recipe: Recipe,
    owner: Hashable,
    known: MutableMapping[str, Matte] | None = None,
    waits: Callable[[Ticket], None] = lambda ticket: None,
) -> Made:
    """What `recipe` makes of the photo in the file `path`, in the turn of `owner`.

    `known` are the mattes of it so far; those that are missing are added. `waits` is given every ticket that is waited
    for. Photos that have begun are few, so that those who wait hold no pixels. Raises UserError.
    """
    spec = MODELS[recipe.model]
    known = {} if known is None else known

    async def run(lane: Lane, work: Callable[[], Result]) -> Result:
        return await in_time(lambda whole: shared.run(whole, lane), work, Stop())

    width, height = await run("full_size", lambda: measure(path))
    check_size((width, height), recipe.look)
    if not (spec.bundled or recipe.plate):
        with suppress(UserError):  # another model steps in
            await shared.run(lambda: fetch(spec), "downloads")
    async with shared.work.held(width * height / 1e6, owner, waits):
        photo = await run("full_size", lambda: decode(path))
        if not predictions(recipe.subject, recipe.touch_up) <= known.keys():
            async with shared.networks.held(1, owner, waits):
                await run("networks", lambda: segment(photo, recipe, known=known))
        return await run("full_size", lambda: _made(photo, recipe, known))


async def make_one_of_many(shared: Shared, path: Path, recipe: Recipe, owner: Hashable, **more: Any) -> Made:
    """As `make`, and again for as long as the line is too long to join."""
    while True:
        try:
            return await make(shared, path, recipe, owner, **more)
        except UserError as busy:
            if busy.key != "error.busy":
                raise
            await asyncio.sleep(busy.params["seconds"])


def _made(photo: Photo, recipe: Recipe, known: MutableMapping[str, Matte]) -> Made:
    matte = segment(photo, recipe, known=known)
    picture, told = picture_of(photo, matte, recipe)
    data = encode(picture, recipe.format, recipe.limit)
    of_file = file_notes(data)
    return Made(
        picture,
        data,
        lambda language: told(language) + [say(key, language) for key in of_file],
        doubts(matte, recipe),
    )
