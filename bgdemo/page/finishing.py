"""The finishing panel: what was chosen there → a Look, and how it looks on the screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bgdemo.images import Cutout, Photo, Picture, Pixels
from bgdemo.picture.compositing import compose, framed
from bgdemo.picture.looks import WHITE, Backdrop, Blur, Crop, Look, Outline, Shadow, Size
from bgdemo.picture.sheets import SHEET_CM
from bgdemo.words import Options, look_of

SCREEN_SIDE = 1280
"""Pixels of the longer side of what the page shows: sharp there, and ready at once."""

THUMB = 128
"""Pixels of the side of a thumbnail."""

CROPS = {
    "photo": "photo",
    "tight": "subject 4%",
    "1:1": "subject 1:1 15%",
    "4:5": "subject 4:5 15%",
    "16:9": "subject 16:9 15%",
    "9:16": "subject 9:16 15%",
    "market": "subject 1:1 10%",
}
"""What the choices of the panel mean in a recipe's words."""

THUMBS = (
    Look(),
    Look(shadow=Shadow("drop", 0.7)),
    Look(shadow=Shadow("contact", 0.7)),
    Look(outline=Outline(30.0, WHITE)),
    Look(background=Blur()),
)
"""What the strip of thumbnails shows, from left to right."""


def chosen_look(panel: Mapping[str, Any], own_picture: Callable[[Any], Photo]) -> Look:
    """The look that the panel's fields (all of them words) ask for. Raises UserError for what cannot be.

    `own_picture` opens the visitor's own background; it is asked only if one is wanted.
    """

    def number(name: str, default: float) -> float:
        try:
            value = float(str(panel.get(name)))
        except ValueError:
            return default
        return min(max(value, -100.0), 400.0) / 100 if math.isfinite(value) else default

    def word(name: str, default: str) -> str:
        return str(panel.get(name) or default)

    options: Options = {"shadow": word("shadow", "none")}
    background = word("background", "transparent")
    if background == "color":
        options["background"] = word("color", "white")
    elif background == "blur":
        options["background"] = f"blur {number('blur', 0.5):.0%}"
    elif background != "picture":
        options["background"] = background
    elif file := panel.get("picture"):
        shift = (number("picture_x", 0.0), number("picture_y", 0.0))
        options["background"] = Backdrop(
            own_picture(file), word("picture_fit", "fill") == "fill", max(number("picture_zoom", 1.0), 0.1), shift
        )

    outline = word("outline", "none")
    if outline != "none":
        color = "white" if outline == "white" else word("outline_color", "white")
        options["outline"] = f"{word('outline_width', '12')} {color}"

    crop = word("crop", "photo")
    if crop.startswith("id:"):
        options["id_photo"] = crop.removeprefix("id:")
        options["sheet"] = bool(panel.get("sheet"))
    else:
        options["crop"] = CROPS.get(crop, crop)
        width, height = word("width", "").replace(",", "."), word("height", "").replace(",", ".")
        if width or height:
            dpi = word("dpi", "300")
            options["size"] = f"{width}x{height}" + (f"cm at {dpi}" if panel.get("unit") == "cm" else "px")

    look = look_of(options)
    if crop == "photo":
        return look
    # The sliders move the subject; a frame that goes left shows it further to the right.
    shift = (-number("crop_x", 0.0), -number("crop_y", 0.0))
    return replace(look, crop=replace(look.crop, zoom=max(number("crop_zoom", 1.0), 0.1), shift=shift))


def for_screen(look: Look) -> Look:
    """`look` with a size that is no more than a screen can show."""
    if not look.size:
        return look
    sides: tuple[float | None, ...] = (look.size.width, look.size.height)
    if look.sheet:
        sides = tuple(side / 2.54 * (look.size.dpi or 300) for side in SHEET_CM)
    scale = min(1.0, SCREEN_SIDE / max(side for side in sides if side))
    width, height = (side and max(1, round(side * scale)) for side in (look.size.width, look.size.height))
    return replace(look, size=Size(width, height, look.size.dpi and look.size.dpi * scale))


def is_framed(look: Look) -> bool:
    """Whether the picture shows another part of the photo than all of it."""
    return bool(look.size) or look.crop != Crop()


def thumbnails(cutout: Cutout, photo: Photo) -> Picture:
    """The visitor's own subject in every way of `THUMBS`, side by side."""
    cutout, photo = _small(cutout, photo)
    frame = Look(crop=Crop("subject", 1.0, 0.12), size=Size(THUMB, THUMB))
    strip: list[Pixels] = [
        compose(cutout, photo, replace(look, crop=frame.crop, size=frame.size)).pixels for look in THUMBS
    ]
    return Picture(np.hstack(strip), cutout.metadata, cutout.model)


def _small(cutout: Cutout, photo: Photo) -> tuple[Cutout, Photo]:
    """Both no larger than thumbnails need, which are there the sooner."""
    width, height = photo.size
    scale = min(1.0, 3 * THUMB / max(photo.size))
    look = Look(size=Size(max(1, round(width * scale)), max(1, round(height * scale))))
    rgb = framed(photo, cutout, look).pixels[..., :3]
    return replace(cutout, rgba=compose(cutout, photo, look).pixels), Photo(np.ascontiguousarray(rgb))
