"""Recipe: everything one can ask for, as one frozen value that checks itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import ID_PHOTOS, Color, Look, Size

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


ID_RED: Color = (204, 24, 30)
ID_BLUE: Color = (28, 92, 190)
"""What an ID photo is taken on: red for an odd year of birth, blue for an even one."""


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
