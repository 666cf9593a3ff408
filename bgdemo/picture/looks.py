"""What one can ask of a picture: background, effects, crop and size, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bgdemo.errors import UserError
from bgdemo.images import Photo

Color = tuple[int, int, int]
"""Red, green and blue in 0..255, in sRGB."""


WHITE: Color = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Solid:
    """One colour."""

    color: Color


@dataclass(frozen=True, slots=True)
class Gradient:
    """From `first` to `second`: from top to bottom, or from the middle outwards when `radial`."""

    first: Color
    second: Color
    radial: bool = False


@dataclass(frozen=True, slots=True)
class Blur:
    """The photo itself out of focus; `strength` in 0..1."""

    strength: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A picture of one's own: covering the frame (`fill`) or wholly inside it; enlarged by `zoom` and moved by `shift`.

    `shift` is (right, down) in fractions of the frame.
    """

    photo: Photo
    fill: bool = True
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


Background = Solid | Gradient | Blur | Backdrop | None
"""What is behind the subject; None is transparency."""


SCENES: dict[str, Gradient] = {
    "studio": Gradient((250, 250, 249), (188, 190, 194), radial=True),
    "night": Gradient((86, 92, 110), (18, 20, 28), radial=True),
    "dawn": Gradient((255, 214, 186), (196, 168, 214)),
    "sea": Gradient((190, 228, 240), (70, 140, 176)),
    "leaf": Gradient((226, 240, 206), (122, 170, 120)),
}
"""Backgrounds that come with the program."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A soft shadow: "drop" falls on a wall behind the subject, "contact" lies on the ground below it."""

    kind: Literal["drop", "contact"] = "drop"
    opacity: float = 0.4


@dataclass(frozen=True, slots=True)
class Outline:
    """A sticker's rim: `width` in thousandths of the picture's longer side."""

    width: float = 12.0
    color: Color = WHITE


@dataclass(frozen=True, slots=True)
class Crop:
    """Which part of the photo is kept.

    `around` the whole photo, the subject or the subject's head; `aspect` is width / height, or None for whatever fits;
    `margin` is a fraction of the subject's longer side. Afterwards the frame is enlarged by `zoom` (above 1 the subject
    grows) and moved by `shift`, (right, down) in fractions of the frame. `box`, if given, is the frame itself as
    (left, top, width, height) in fractions of the photo.
    """

    around: Literal["photo", "subject", "head"] = "photo"
    aspect: float | None = None
    margin: float = 0.08
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    box: tuple[float, float, float, float] | None = None


MAX_SIDE = 12_000


@dataclass(frozen=True, slots=True)
class Size:
    """The output's width and height in pixels, and its resolution in pixels per inch if it is meant for paper.

    Of width and height one may be None: it follows from the other and the aspect of the frame.
    """

    width: int | None
    height: int | None
    dpi: float | None = None

    def __post_init__(self) -> None:
        given = [side for side in (self.width, self.height) if side is not None]
        if not given or not all(1 <= side <= MAX_SIDE for side in given):
            raise UserError("error.size_range", limit=MAX_SIDE)

    @classmethod
    def of_paper(cls, width_cm: float | None, height_cm: float | None, dpi: float = 300) -> Size:
        """The pixels of a print: 3×4 cm at 300 dpi are 354×472."""
        width, height = (None if side is None else round(side / 2.54 * dpi) for side in (width_cm, height_cm))
        return cls(width, height, dpi)

    @property
    def aspect(self) -> float | None:
        """Width / height, if both are given."""
        return self.width / self.height if self.width and self.height else None

    def of_frame(self, frame_width: int, frame_height: int) -> tuple[int, int]:
        """Width and height of a picture of `frame`. Raises UserError if one would be too large."""
        width = self.width or max(1, round((self.height or 1) * frame_width / frame_height))
        height = self.height or max(1, round(width * frame_height / frame_width))
        if max(width, height) > MAX_SIDE:
            raise UserError("error.size_range", limit=MAX_SIDE)
        return width, height


ID_PHOTOS: dict[str, tuple[float, float]] = {
    "2x3": (2.0, 3.0),
    "3x4": (3.0, 4.0),
    "4x6": (4.0, 6.0),
    "35x45": (3.5, 4.5),
}
"""ID photos ("pas foto"): width and height in cm."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything that is done to a cutout: nothing, by default. `sheet` repeats the picture on a sheet to print."""

    background: Background = None
    shadow: Shadow | None = None
    outline: Outline | None = None
    crop: Crop = Crop()
    size: Size | None = None
    sheet: bool = False
