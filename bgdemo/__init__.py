"""Remove the background of a photo.

from bgdemo import remove
remove("kucing.jpg").save("kucing-removedbg.png")
"""

from __future__ import annotations

import warnings

from PIL import Image

from bgdemo.decode import Source
from bgdemo.encoding import encode_png, to_pil
from bgdemo.errors import UserError
from bgdemo.images import Cutout
from bgdemo.models import DEFAULT_MODEL, MODELS, ModelSpec
from bgdemo.pipeline import Recipe, cut_out

__all__ = ["MODELS", "ModelSpec", "Recipe", "UserError", "remove", "remove_to_png"]


def remove(
    source: Source,
    *,
    model: str = DEFAULT_MODEL,
    alpha_matting: bool = False,
    foreground_threshold: int = 240,
    background_threshold: int = 10,
    erode_size: int = 10,
) -> Image.Image:
    """The subject of a photo on transparency.

    `source` is a path, the bytes of an image file, or a Pillow image. The result is a Pillow image of mode RGBA,
    upright and of the photo's full size, with straight alpha: opaque pixels have the photo's own values, wholly
    transparent ones RGB 0. The photo's colour profile and resolution are in its `info`, and so is, under "Model", the
    id of the network that made it. The other arguments are those of `Recipe`.

    Raises UserError, whose text is meant for people. What they should know about a result beside the result (no clear
    subject, a model that could not be downloaded) is given as a UserWarning.
    """
    return to_pil(_cutout(source, Recipe(model, alpha_matting, foreground_threshold, background_threshold, erode_size)))


def remove_to_png(
    source: Source,
    *,
    model: str = DEFAULT_MODEL,
    alpha_matting: bool = False,
    foreground_threshold: int = 240,
    background_threshold: int = 10,
    erode_size: int = 10,
) -> bytes:
    """As `remove`, but the bytes of a PNG file."""
    return encode_png(
        _cutout(source, Recipe(model, alpha_matting, foreground_threshold, background_threshold, erode_size))
    )


def _cutout(source: Source, recipe: Recipe) -> Cutout:
    cutout, notes = cut_out(source, recipe)
    for note in notes:
        warnings.warn(note, stacklevel=3)
    return cutout
