"""The HTTP API: the words of `bgdemo.remove`, in the same line as the page's visitors."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import gradio as gr
from PIL import Image

from bgdemo.decode import decode, measure
from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.segmentation import Stop, fetch
from bgdemo.page.compat import delete_with_uploads, upload_folder
from bgdemo.page.files import of_a_full_disk, uploaded
from bgdemo.page.stages import Lane
from bgdemo.page.threads import Result, in_time
from bgdemo.page.visit import Shared
from bgdemo.picture.encoding import FORMATS, encode, file_name
from bgdemo.pipeline import check_size, file_notes, finish, notes, render, segment
from bgdemo.recipes import Recipe
from bgdemo.words import Options, recipe_of

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
        alpha_matting: bool = False,
        foreground_threshold: int = 240,
        background_threshold: int = 10,
        erode_size: int = 10,
        strokes: str = "",
        largest_piece: bool = False,
        fill_holes: bool = False,
        background: str = "transparent",
        background_picture: gr.FileData | None = None,
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

        `photo` is an uploaded file, and so is `background_picture`; the other arguments are the words of
        `bgdemo.remove`, and `strokes` is JSON text; the answer is an image file. What can be mended is told as
        "key: sentence".
        """
        options: Options = {
            "model": model,
            "alpha_matting": alpha_matting,
            "foreground_threshold": foreground_threshold,
            "background_threshold": background_threshold,
            "erode_size": erode_size,
            "strokes": strokes or (),
            "largest_piece": largest_piece,
            "fill_holes": fill_holes,
            "background": uploaded(_path(background_picture)) if background_picture else background,
            "shadow": shadow,
            "outline": outline,
            "crop": crop,
            "size": size or None,
            "id_photo": id_photo or None,
            "sheet": sheet,
            "preset": preset or None,
            "format": format,
            "max_kb": max_kb,
            "min_kb": min_kb,
        }
        for name, plain in UNSAID.items():
            if options[name] == plain:  # type: ignore[literal-required]  # names of options
                del options[name]  # type: ignore[misc]
        try:
            self._shared.disk.check()
            return await self._shared.until_stopped(self._made(uploaded(_path(photo)), options))
        except (UserError, OSError) as problem:
            error = of_a_full_disk(problem) or problem
            if not isinstance(error, UserError):
                raise
            raise gr.Error(f"{error.key}: {error}", print_exception=False) from problem

    async def _made(self, path: Path, options: Options) -> gr.FileData:
        width, height = await self._in_time("full_size", measure, path)
        recipe = await self._in_time("full_size", recipe_of, options)
        megapixels = width * height / 1e6
        async with self._shared.full_size.held(megapixels):
            photo = await self._in_time("full_size", decode, path)
        check_size(photo.size, recipe.look)
        if not MODELS[recipe.model].bundled:
            with suppress(UserError):  # another model steps in
                await self._shared.run(lambda: fetch(MODELS[recipe.model]), "downloads")
        async with self._shared.networks.held():
            matte = await self._in_time("networks", segment, photo, recipe)
        async with self._shared.full_size.held(megapixels):
            data, said = await self._in_time("full_size", _file, photo, matte, recipe)
        for note in said:
            gr.Warning(note)
        stored = upload_folder() / secrets.token_urlsafe(24) / file_name(path, recipe.suffix, recipe.format)
        stored.parent.mkdir()
        stored.write_bytes(data)
        delete_with_uploads(stored)
        mime_type = Image.MIME[FORMATS[recipe.format].pillow.upper()]
        return gr.FileData(path=str(stored), orig_name=stored.name, size=len(data), mime_type=mime_type)

    async def _in_time(self, lane: Lane, work: Callable[..., Result], *args: object) -> Result:
        return await in_time(lambda whole: self._shared.run(whole, lane), lambda: work(*args), Stop())


def _file(photo: Photo, matte: Matte, recipe: Recipe) -> tuple[bytes, list[str]]:
    cutout = render(photo, matte, recipe)
    picture = finish(cutout, photo, recipe)
    data = encode(picture, recipe.format, recipe.limit)
    return data, notes(photo, matte, cutout, recipe, "en") + file_notes(data, "en")


def _path(file: gr.FileData) -> object:
    return file["path"] if isinstance(file, dict) else file.path
