"""Recipe: everything one can ask for, as one frozen value that checks itself."""

from __future__ import annotations

from dataclasses import dataclass

from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import ID_PHOTOS, Color, Look, Size

PLAIN = Look()
"""The cutout as it is."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything one can ask for.

    `model` is an id of `MODELS`. `alpha_matting` turns the fine-hair mode on: it solves what `trimap` leaves unknown.
    `look` is what is done to the cutout, `format` a key of `FORMATS`. Raises UserError for a model or a format that
    does not exist.
    """

    model: str = DEFAULT_MODEL
    alpha_matting: bool = False
    trimap: TrimapSettings = RECOMMENDED
    look: Look = PLAIN
    format: str = "png"

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UserError("error.unknown_model", model=self.model, models=", ".join(MODELS))
        if self.format not in FORMATS:
            raise UserError("error.unknown_format", format=self.format, formats=", ".join(FORMATS))

    @property
    def suffix(self) -> str:
        """What is added to a file's name: "3x4" for an ID photo of that size, "3x4-sheet" on its sheet, "mask"."""
        if FORMATS[self.format].only:
            return self.format
        size = self.look.size
        kinds = [kind for kind, paper in ID_PHOTOS.items() if size == Size.of_paper(*paper)]
        return "-".join([*(kinds or ["removedbg"]), *(["sheet"] if self.look.sheet else [])])


ID_RED: Color = (204, 24, 30)
ID_BLUE: Color = (28, 92, 190)
"""What an ID photo is taken on: red for an odd year of birth, blue for an even one."""
