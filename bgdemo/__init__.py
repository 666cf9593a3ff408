"""Remove the background of a photo.

from bgdemo import remove
remove("kucing.jpg").save("kucing-removedbg.png")
"""

from __future__ import annotations

import warnings
from typing import Unpack

from PIL import Image

from bgdemo.batch import Result, remove_many
from bgdemo.decode import Source
from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, ModelSpec
from bgdemo.matte.strokes import Stroke
from bgdemo.picture.encoding import to_pil
from bgdemo.pipeline import make, make_file
from bgdemo.recipes import Recipe
from bgdemo.words import Options, recipe_of

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "ModelSpec",
    "Options",
    "Recipe",
    "Result",
    "Stroke",
    "UserError",
    "remove",
    "remove_many",
    "remove_to_file",
    "remove_to_png",
]


def remove(source: Source, **options: Unpack[Options]) -> Image.Image:
    """The subject of a photo on transparency, or whatever else `options` ask for.

    `source` is a path, the bytes of an image file, or a Pillow image. The result is a Pillow image of mode RGBA,
    upright and of the photo's full size, with straight alpha: opaque pixels have the photo's own values, wholly
    transparent ones RGB 0. The photo's colour profile and resolution are in its `info`, and so is, under "Model", the
    id of the network that made it. The named arguments and their defaults are those of `Options` and `Recipe`.

    Raises UserError, whose text is meant for people, and TypeError for an argument that is not one of `Options`. What
    people should know about a result beside the result (no clear subject, a model that could not be downloaded) is
    given as a UserWarning.
    """
    picture, notes = make(source, recipe_of(options))
    _tell(notes)
    return to_pil(picture)


def remove_to_file(source: Source, **options: Unpack[Options]) -> bytes:
    """As `remove`, but the bytes of a file of the kind `format` ("png", "webp", "jpeg", …), as large as `max_kb` and
    `min_kb` ask for.

    Raises UserError if there is no such file of this picture, too. A PNG that had to be put into few colours is told
    as a UserWarning.
    """
    data, notes, _ = make_file(source, recipe_of(options))
    _tell(notes)
    return data


def remove_to_png(source: Source, **options: Unpack[Options]) -> bytes:
    """As `remove`, but the bytes of a PNG file."""
    data, notes, _ = make_file(source, recipe_of({**options, "format": "png"}))
    _tell(notes)
    return data


def _tell(notes: list[str]) -> None:
    for note in notes:
        warnings.warn(note, stacklevel=3)
