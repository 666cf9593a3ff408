"""Picture → file bytes in every format, and the names of the files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture, Pixels
from bgdemo.picture.png import write_png
from bgdemo.picture.resampling import bands


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name for people and Pillow, its ending, whether it holds transparency, and how to save it.

    `max_side` is the greatest width and height in pixels that such a file can have, or None. `only` says that the file
    holds no colours but the alpha, or the trimap of it: unknown where it is soft.
    """

    pillow: str
    ending: str
    max_side: int | None = None
    transparency: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    only: Literal["alpha", "trimap"] | None = None


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("PNG", "png"),
        # method 0..6 trades time for size; `exact` would keep colours under transparency, of which there are none.
        "webp": Format("WebP", "webp", 16_383, options={"quality": 90, "method": 2}),
        "webp-lossless": Format("WebP", "webp", 16_383, options={"lossless": True, "quality": 20, "method": 1}),
        "jpeg": Format("JPEG", "jpg", 65_500, transparency=False, options={"quality": 92, "subsampling": 0}),
        # libavif writes twice that, and then does not read it.
        "avif": Format("AVIF", "avif", 32_768, options={"quality": 80, "speed": 8}),
        "mask": Format("PNG", "png", only="alpha"),
        "trimap": Format("PNG", "png", only="trimap"),
    }
)

TRIMAP = np.full(256, 128, np.uint8)
"""What each opacity is in a trimap."""
TRIMAP[[0, 255]] = 0, 255


def to_pil(picture: Picture) -> Image.Image:
    """The picture as a Pillow RGBA image, its metadata in `info` where Pillow's own readers put it."""
    image = Image.fromarray(picture.pixels)
    image.info.update(Model=picture.model, **_save_options(picture.metadata))
    return image


def encode(picture: Picture, kind: str = "png") -> bytes:
    """The bytes of a file of `kind`, a key of `FORMATS`, with straight alpha, colour profile and resolution.

    The file of an opaque picture has no alpha. A PNG says in a text chunk which network was used. A JPEG holds no
    transparency: what is left of it becomes white. Raises UserError for a picture larger than such a file can be.
    """
    form = FORMATS[kind]
    if form.max_side and max(picture.pixels.shape[:2]) > form.max_side:
        raise UserError("error.file_sides", format=form.pillow, limit=form.max_side)
    if form.only:
        alpha = picture.pixels[..., 3]
        return encode_mask(alpha if form.only == "alpha" else cv2.LUT(alpha, TRIMAP), picture.metadata)
    opaque = _is_opaque(picture.pixels)
    options = {**form.options, **_save_options(picture.metadata)}
    if form.pillow == "PNG":
        pixels = cv2.cvtColor(picture.pixels, cv2.COLOR_RGBA2RGB) if opaque else picture.pixels
        return write_png(pixels, text={"Model": picture.model}, **options)
    image = Image.fromarray(picture.pixels)
    if opaque:
        image = image.convert("RGB")
    elif not form.transparency:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    file = io.BytesIO()
    image.save(file, form.pillow, **options)
    return file.getvalue()


def encode_mask(alpha: Pixels, metadata: Metadata) -> bytes:
    """A uint8 H×W mask, trimap or alpha as a greyscale PNG file."""
    return write_png(alpha, **_save_options(Metadata(dpi=metadata.dpi)))


def file_name(original: str | PurePath | None, suffix: str, kind: str = "png") -> str:
    """What to call what was made of a file: `kucing.jpg` and "removedbg" give `kucing-removedbg.png`."""
    return f"{PurePath(original or '').stem or 'photo'}-{suffix}.{FORMATS[kind].ending}"


def _is_opaque(pixels: Pixels) -> bool:
    """Known after the first few rows of most pictures that are not."""
    return all(pixels[rows, :, 3].min() == 255 for rows in bands(len(pixels)))


def _save_options(metadata: Metadata) -> dict[str, Any]:
    """A resolution that a JPEG cannot hold is that of no picture, and left out."""
    dpi = metadata.dpi if metadata.dpi and all(1 <= value <= 65_535 for value in metadata.dpi) else None
    options = {"icc_profile": metadata.icc_profile, "dpi": dpi}
    return {name: value for name, value in options.items() if value is not None}
