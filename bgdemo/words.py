"""Recipe from the words of a person: those of the command line, of the HTTP API and of Python's named arguments."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from PIL import Image, ImageColor

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.picture.looks import (
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
from bgdemo.recipes import ID_RED, Recipe


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


def recipe_of(options: Options) -> Recipe:
    """The recipe that `options` describe. Raises UserError for words that mean nothing."""
    return Recipe(
        model=options.get("model", DEFAULT_MODEL),
        alpha_matting=options.get("alpha_matting", False),
        trimap=TrimapSettings(
            options.get("foreground_threshold", RECOMMENDED.foreground_threshold),
            options.get("background_threshold", RECOMMENDED.background_threshold),
            options.get("erode_size", RECOMMENDED.erode_size),
        ),
        look=look_of(options),
        format=options.get("format", "png"),
    )


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
