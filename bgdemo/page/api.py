"""The HTTP API: the words of `bgdemo.remove`, in the same line as the page's visitors."""

from __future__ import annotations

import asyncio
import csv
import inspect
import io
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, cast

import gradio as gr
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL
from bgdemo.page.batch import AT_ONCE, ZIP_NAME
from bgdemo.page.compat import caller, delete_with_uploads, is_heard, upload_folder
from bgdemo.page.decoding import decode
from bgdemo.page.files import Folder, of_a_full_disk, said_of, uploaded
from bgdemo.page.shared import Shared
from bgdemo.page.work import Source, check_many, make, make_one_of_many, sources_of
from bgdemo.picture.archive import unique, write_zip
from bgdemo.picture.encoding import FORMATS, file_name
from bgdemo.picture.looks import Backdrop
from bgdemo.recipes import Recipe
from bgdemo.words import Options, recipe_of

REPORT = "report.csv"

UNSAID = {"background": "transparent", "shadow": "none", "outline": "none", "crop": "photo"}
"""Defaults that leave it to an ID photo or a preset to decide."""


class Api:
    """The functions that are published, with what all who call them share."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def remove(
        self,
        photo: gr.FileData,
        model: str = DEFAULT_MODEL,
        plate: gr.FileData | None = None,
        alpha_matting: bool = False,
        foreground_threshold: int = 240,
        background_threshold: int = 10,
        erode_size: int = 10,
        strokes: str = "",
        largest_piece: bool = False,
        fill_holes: bool = False,
        background: str = "transparent",
        background_picture: gr.FileData | None = None,
        background_fit: str = "",
        shadow: str = "none",
        outline: str = "none",
        crop: str = "photo",
        size: str = "",
        id_photo: str = "",
        sheet: bool | str = False,
        preset: str = "",
        format: str = "",  # noqa: A002  # the name that it has everywhere
        max_kb: float | None = None,
        min_kb: float | None = None,
    ) -> gr.FileData:
        """Remove the background of a photo.

        `photo` is an uploaded file, and so are `plate` and `background_picture`; the other arguments are the words of
        `bgdemo.remove`, and `strokes` is JSON text; the answer is an image file. What can be mended is told as
        "key: sentence".
        """
        words = {name: value for name, value in locals().items() if name not in ("self", "photo")}
        async with self._sentences():
            return await self._shared.until_stopped(self._removed(_path(photo), words))

    async def _removed(self, photo: object, words: dict[str, Any]) -> gr.FileData:
        recipe = await asyncio.to_thread(_recipe, words)
        path = uploaded(photo)
        made = await make(self._shared, path, recipe, caller())
        for note in made.notes("en"):
            gr.Warning(note)
        stored = _stored(file_name(path, recipe.suffix, recipe.format))
        stored.write_bytes(made.data)
        return _answer(stored, Image.MIME[FORMATS[recipe.format].pillow.upper()])

    async def remove_many(self, photos: list[gr.FileData], *words: Any) -> gr.FileData:
        """Remove the background of many photos.

        `photos` are uploaded files, among them perhaps ZIPs of photos; the other arguments are those of `remove`. The
        answer is a ZIP of the results, with a table of what became of each photo, `report.csv`. A photo that cannot be
        done has its sentence there. Whoever hangs up gets no more of them made.
        """
        async with self._sentences():
            return await self._shared.until_stopped(self._many_removed(photos, dict(zip(WORDS, words, strict=False))))

    async def _many_removed(self, photos: list[gr.FileData], words: dict[str, Any]) -> gr.FileData:
        recipe = await asyncio.to_thread(_recipe, words)
        files = [(uploaded(_path(photo)), _name(photo)) for photo in photos]
        sources = await asyncio.to_thread(
            lambda: [one for file, name in files for one in sources_of(name or file.name, file)]
        )
        check_many(sources)
        folder = Folder(self._shared.disk)
        try:
            rows = await self._rows(sources, recipe, folder)
            stored = _stored(ZIP_NAME)
            members = [(row.result, row.file) for row in rows if row.file]
            await asyncio.to_thread(write_zip, stored, [*members, (REPORT, _report(rows))])
        finally:
            folder.delete()
        return _answer(stored, "application/zip")

    async def _rows(self, sources: Sequence[Source], recipe: Recipe, folder: Folder) -> list[Row]:
        """Each photo's row, in the order of `sources`; two are at work at a time."""
        rows: dict[int, Row] = {}
        left = iter(enumerate(sources))

        async def work() -> None:
            for number, source in left:
                if not is_heard():
                    return
                rows[number] = await self._row(source, recipe, folder)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        return _with_unique_names([rows[number] for number in sorted(rows)])

    async def _row(self, source: Source, recipe: Recipe, folder: Folder) -> Row:
        began = time.monotonic()
        name = str(PurePosixPath(source.name).with_name(file_name(source.name, recipe.suffix, recipe.format)))
        file = None
        try:
            path = await asyncio.to_thread(source.unpacked, folder)
            made = await make_one_of_many(self._shared, path, recipe, caller())
            file, note = folder.add(made.data, "result"), " ".join(made.notes("en"))
        except Exception as problem:
            error = said_of(problem)
            note = f"{error.key}: {error}"
        return Row(source.name, name, file, time.monotonic() - began, note)

    @asynccontextmanager
    async def _sentences(self) -> AsyncIterator[None]:
        """What can be mended is told as "key: sentence"."""
        try:
            self._shared.disk.check()
            yield
        except (UserError, OSError) as problem:
            error = of_a_full_disk(problem) or problem
            if isinstance(error, PermissionError):
                error = UserError("error.expired")
            if not isinstance(error, UserError):
                raise
            raise gr.Error(f"{error.key}: {error}", print_exception=False) from problem


WORDS = list(inspect.signature(Api.remove).parameters)[2:]
"""The names of what `remove` takes beside the photo."""


class Row(NamedTuple):
    """What became of a photo among many: its name, that of its result in the ZIP, its file, and what to say of it."""

    photo: str
    result: str
    file: Path | None
    seconds: float
    note: str


def _with_unique_names(rows: Iterable[Row]) -> list[Row]:
    taken: set[str] = {REPORT}
    named = []
    for row in rows:
        named.append(row._replace(result=unique(row.result, taken) if row.file else ""))
        taken.add(named[-1].result)
    return named


def _report(rows: Iterable[Row]) -> bytes:
    """A CSV table that spreadsheets read as it is: no cell of it is a formula to them."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["file", "result", "seconds", "note"])
    for row in rows:
        cells = (row.photo, row.result, f"{row.seconds:.1f}", row.note)
        table.writerow([f"'{cell}" if cell.startswith(tuple("=+-@\t\r")) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _with_the_words_of_remove(remove_many: Any) -> None:
    """Have a function that takes `*words` published as one that takes those of `remove`, by name and with defaults."""
    remove, own = inspect.signature(Api.remove), inspect.signature(remove_many)
    parameters = [*list(own.parameters.values())[:2], *(remove.parameters[name] for name in WORDS)]
    remove_many.__signature__ = own.replace(parameters=parameters)
    remove_many.__annotations__ |= {name: Api.remove.__annotations__[name] for name in WORDS}


_with_the_words_of_remove(Api.remove_many)


def _recipe(words: dict[str, Any]) -> Recipe:
    """The recipe in the words of `remove`."""
    options = {**words}
    picture = options.pop("background_picture", None)
    if picture:
        options["background"] = Backdrop(decode(uploaded(_path(picture))))
    if empty := options.pop("plate", None):
        options["plate"] = decode(uploaded(_path(empty)))
    for name, plain in UNSAID.items():
        if options.get(name) == plain:
            del options[name]
    blank = ("strokes", "size", "id_photo", "preset")
    return recipe_of(cast(Options, {name: value for name, value in options.items() if name not in blank or value}))


def _stored(name: str) -> Path:
    """Where a new file called `name` may be written, which is deleted as uploads are."""
    path = upload_folder() / secrets.token_urlsafe(24) / name
    path.parent.mkdir()
    delete_with_uploads(path)
    return path


def _answer(path: Path, mime_type: str) -> gr.FileData:
    return gr.FileData(path=str(path), orig_name=path.name, size=path.stat().st_size, mime_type=mime_type)


def _path(file: gr.FileData) -> object:
    return file["path"] if isinstance(file, dict) else file.path


def _name(file: gr.FileData) -> str | None:
    return file.get("orig_name") if isinstance(file, dict) else file.orig_name
