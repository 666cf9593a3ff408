"""Cutout → PNG bytes, and the names of the files."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bgdemo.images import Cutout, Metadata

COMPRESS_LEVEL = 1
"""zlib's level. Level 6 takes four times as long for a file that is a tenth smaller."""


def to_pil(cutout: Cutout) -> Image.Image:
    """The cutout as a Pillow RGBA image, its metadata in `info` where Pillow's own readers put it."""
    image = Image.fromarray(cutout.rgba)
    image.info.update(Model=cutout.model, **_save_options(cutout.metadata))
    return image


def encode_png(cutout: Cutout) -> bytes:
    """A PNG file with straight alpha, the photo's colour profile and resolution, and the id of the network used."""
    text = PngInfo()
    text.add_text("Model", cutout.model)
    return _png(Image.fromarray(cutout.rgba), pnginfo=text, **_save_options(cutout.metadata))


def encode_mask(cutout: Cutout) -> bytes:
    """The cutout's alpha alone, as a greyscale PNG file."""
    dpi = _save_options(Metadata(dpi=cutout.metadata.dpi))
    return _png(Image.fromarray(cutout.rgba[..., 3]), **dpi)


def file_name(original: str | PurePath | None, suffix: str) -> str:
    """What to call what was made of a file: `kucing.jpg` and "removedbg" give `kucing-removedbg.png`."""
    return f"{PurePath(original or '').stem or 'photo'}-{suffix}.png"


def _png(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=COMPRESS_LEVEL, **options)
    return file.getvalue()


def _save_options(metadata: Metadata) -> dict[str, Any]:
    options = {"icc_profile": metadata.icc_profile, "dpi": metadata.dpi}
    return {name: value for name, value in options.items() if value is not None}
