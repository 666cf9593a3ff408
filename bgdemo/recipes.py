"""Recipe: everything one can ask for, from typed values or from the words of the command line and the HTTP API."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

from PIL import Image, ImageColor

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.picture.compositing import (
    ID_PHOTOS,
    SCENES,
    Backdrop,
    Background,
    Blur,
    Color,
    Crop,
    Gradient,
    Look,
    Outline,
    Shadow,
    Size,
    Solid,
)
from bgdemo.picture.encoding import FORMATS

MAX_ERODE_SIZE = 50

PLAIN = Look()
"""The cutout as it is."""


class Thresholds(TypedDict):
    """What draws the trimap of the fine-hair mode; see `Recipe`."""

    foreground_threshold: int
    background_threshold: int
    erode_size: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything one can ask for.

    `model` is an id of `MODELS`. `alpha_matting` turns the fine-hair mode on; its trimap calls sure foreground what the
    network rates above `foreground_threshold` and sure background what it rates below `background_threshold` (both
    0..255), each shrunk by `erode_size` pixels (0..50). `look` is what is done to the cutout, `format` a key of
    `FORMATS`. Raises UserError for values out of range.
    """

    model: str = DEFAULT_MODEL
    alpha_matting: bool = False
    foreground_threshold: int = 240
    background_threshold: int = 10
    erode_size: int = 10
    look: Look = PLAIN
    format: str = "png"

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UserError("error.unknown_model", model=self.model, models=", ".join(MODELS))
        thresholds = (self.background_threshold, self.foreground_threshold)
        if not all(_is_whole(value) for value in thresholds) or not 0 <= thresholds[0] < thresholds[1] <= 255:
            raise UserError("error.threshold_range")
        if not _is_whole(self.erode_size) or not 0 <= self.erode_size <= MAX_ERODE_SIZE:
            raise UserError("error.erode_range", limit=MAX_ERODE_SIZE)
        if self.format not in FORMATS:
            raise UserError("error.unknown_format", format=self.format, formats=", ".join(FORMATS))

    @property
    def thresholds(self) -> Thresholds:
        """The three numbers of the trimap, by name."""
        return {
            "foreground_threshold": self.foreground_threshold,
            "background_threshold": self.background_threshold,
            "erode_size": self.erode_size,
        }

    @property
    def suffix(self) -> str:
        """What is added to a file's name: "3x4" for an ID photo of that size, "3x4-sheet" on its sheet, "mask"."""
        if FORMATS[self.format].only:
            return self.format
        size = self.look.size
        kinds = [kind for kind, paper in ID_PHOTOS.items() if size == Size.of_paper(*paper)]
        return "-".join([*(kinds or ["removedbg"]), *(["sheet"] if self.look.sheet else [])])


class Options(TypedDict, total=False):
    """A recipe in named arguments; those of the look may be typed values or words.

    - `background`: a `Background`; a picture (path, bytes or Pillow image); or "transparent", any CSS colour, "blur",
      "blur 80%", "gradient #fff #ccc", or the name of a scene (`SCENES`).
    - `shadow`: "none", "drop" or "contact". `outline`: "none", "white", or a width in thousandths of the longer side
      with a colour, "12 red".
    - `crop`: "photo", "subject" or "head", with an aspect and a margin if wanted: "subject 1:1 10%".
    - `size`: "1080x1080" pixels, "1080x" (as high as that needs), "3x4cm", "35x45mm at 300".
    - `id_photo`: "2x3", "3x4", "4x6" or "35x45"; head and shoulders on red, unless `background` says otherwise.
      `sheet` repeats the picture on a 10×15 cm sheet.
    """

    model: str
    alpha_matting: bool
    foreground_threshold: int
    background_threshold: int
    erode_size: int
    background: str | os.PathLike[str] | bytes | Image.Image | Background
    shadow: str | Shadow | None
    outline: str | Outline | None
    crop: str | Crop
    size: str | Size | None
    id_photo: str | None
    sheet: bool
    format: str


ID_RED: Color = (204, 24, 30)
ID_BLUE: Color = (28, 92, 190)
"""What an ID photo is taken on: red for an odd year of birth, blue for an even one."""


def recipe_of(options: Options) -> Recipe:
    """The recipe that `options` describe. Raises UserError for words that mean nothing."""
    edges = {name: value for name, value in options.items() if name in Recipe.__dataclass_fields__}
    return Recipe(**edges, look=look_of(options))  # type: ignore[arg-type]  # the fields of the same names


def look_of(options: Options) -> Look:
    """The look that `options` describe. Raises UserError for words that mean nothing."""
    look = Look(
        background=_background(options.get("background")),
        shadow=_shadow(options.get("shadow")),
        outline=_outline(options.get("outline")),
        crop=_crop(options.get("crop", "photo")),
        size=_size(options.get("size")),
        sheet=options.get("sheet", False),
    )
    if kind := options.get("id_photo"):
        if kind not in ID_PHOTOS:
            raise UserError("error.unknown_id_photo", kind=kind, kinds=", ".join(ID_PHOTOS))
        crop = look.crop if "crop" in options else Crop("head")
        look = replace(
            look, background=look.background or Solid(ID_RED), crop=crop, size=Size.of_paper(*ID_PHOTOS[kind])
        )
    return look


def _background(asked: Any) -> Background:
    if isinstance(asked, os.PathLike | bytes | Image.Image):
        return Backdrop(decode(Path(asked) if isinstance(asked, os.PathLike) else asked))
    if not isinstance(asked, str):
        return asked  # type: ignore[no-any-return]  # a Background, or None
    match asked.strip().lower().split():
        case ["transparent" | "none"]:
            return None
        case ["blur"]:
            return Blur()
        case ["blur", strength]:
            return Blur(_percent(strength))
        case ["gradient", first, second]:
            return Gradient(_color(first), _color(second))
        case [scene] if scene in SCENES:
            return SCENES[scene]
    return Solid(_color(asked))


def _shadow(asked: str | Shadow | None) -> Shadow | None:
    if not isinstance(asked, str):
        return asked
    match asked.strip().lower():
        case "none" | "":
            return None
        case "drop":
            return Shadow("drop")
        case "contact":
            return Shadow("contact")
    raise UserError("error.unknown_shadow", shadow=asked)


def _outline(asked: str | Outline | None) -> Outline | None:
    if not isinstance(asked, str):
        return asked
    match asked.strip().lower().split():
        case [] | ["none"]:
            return None
        case [width] if re.fullmatch(r"[\d.]+", width):
            return Outline(_number(width, 100))
        case [color]:
            return Outline(color=_color(color))
        case [width, color]:
            return Outline(_number(width, 100), _color(color))
    raise UserError("error.unknown_outline", outline=asked)


def _crop(asked: str | Crop) -> Crop:
    if isinstance(asked, Crop):
        return asked
    crop = Crop()
    for word in asked.strip().lower().split():
        if word in ("photo", "subject", "head"):
            crop = replace(crop, around=word)  # type: ignore[arg-type]  # one of its three words
        elif sides := re.fullmatch(r"([\d.]+):([\d.]+)", word):
            width, height = (_number(side, 100) for side in sides.groups())
            crop = replace(crop, aspect=width / height)
        elif word.endswith("%"):
            crop = replace(crop, margin=_percent(word))
        else:
            raise UserError("error.unknown_crop", crop=asked)
    return crop


def _size(asked: str | Size | None) -> Size | None:
    if not isinstance(asked, str):
        return asked
    found = re.fullmatch(
        r"\s*([\d.]*)\s*[x×]\s*([\d.]*)\s*(px|cm|mm)?\s*(?:(?:@|at)\s*(\d+))?\s*(?:dpi)?\s*", asked.lower()
    )
    if not found or not (found[1] or found[2]):
        raise UserError("error.unknown_size", size=asked)
    try:
        width, height = (float(side) if side else None for side in found.groups()[:2])
    except ValueError as error:
        raise UserError("error.unknown_size", size=asked) from error
    dpi = float(found[4]) if found[4] else None
    if found[3] in ("cm", "mm"):
        per_cm = 10 if found[3] == "mm" else 1
        return Size.of_paper(width and width / per_cm, height and height / per_cm, dpi or 300)
    return Size(None if width is None else round(width), None if height is None else round(height), dpi)


def _color(word: str) -> Color:
    try:
        return ImageColor.getrgb(word.strip())[:3]
    except ValueError as error:
        raise UserError("error.unknown_color", color=word) from error


def _percent(word: str) -> float:
    return _number(word.removesuffix("%"), 100) / 100


def _number(word: str, limit: float) -> float:
    try:
        value = float(word)
    except ValueError as error:
        raise UserError("error.not_a_number", word=word, limit=limit) from error
    if not 0 < value <= limit:
        raise UserError("error.not_a_number", word=word, limit=limit)
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
