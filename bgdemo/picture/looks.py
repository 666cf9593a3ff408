"""What one can ask of a picture: background, effects, crop and size, as frozen values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from bgdemo.errors import UserError
from bgdemo.images import MAX_PICTURE_MEGAPIXELS, Photo
from bgdemo.picture.papers import PAPERS, Lengths, Sheet, at_least, capacity
from bgdemo.picture.presets import Preset
from bgdemo.picture.standards import DPI, STANDARDS, Standard

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

    `shift` is (right, down) in fractions of the frame. Where the picture is transparent, white shows. Raises ValueError
    for a zoom outside 0.01..100 or a shift of more than 100 frames.
    """

    photo: Photo
    fill: bool = True
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        _check_motion(self.zoom, self.shift)


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


MAX_ASPECT = 20
"""How many times a frame may be as wide as it is high, or as high as it is wide."""


@dataclass(frozen=True, slots=True)
class Crop:
    """Which part of the photo is kept.

    `around` the whole photo, the subject or the subject's head; `aspect` is width / height, or None for whatever fits;
    `margin` is a fraction of the subject's longer side; it is kept free beyond an edge of the photo that cuts the
    subject, too, if that is to be `afloat`. A head is framed as `standard` has it; of several heads it is that of the
    largest face, or of the one nearest to `face`, (right, down) in fractions of the photo. Afterwards the frame is
    enlarged by `zoom` (above 1 the subject grows) and moved by `shift`, (right, down) in fractions of the frame. `box`,
    if given, is the frame itself as (left, top, width, height) in fractions of the photo.

    Raises UserError for an aspect beyond `MAX_ASPECT` and for a box that is not within the photo, ValueError for a
    margin outside 0..10, a face that is not within the photo, a zoom outside 0.01..100 or a shift of more than 100
    frames.
    """

    around: Literal["photo", "subject", "head"] = "photo"
    aspect: float | None = None
    margin: float = 0.08
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    box: tuple[float, float, float, float] | None = None
    standard: Standard | None = None
    afloat: bool = False
    face: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        # Every condition is one that holds, because none does for what is not a number.
        if self.aspect is not None and not 1 / MAX_ASPECT <= self.aspect <= MAX_ASPECT:
            raise UserError("error.aspect_range", limit=MAX_ASPECT)
        if self.box:
            left, top, width, height = self.box
            if not (0 <= left < left + width <= 1 and 0 <= top < top + height <= 1):
                raise UserError("error.crop_outside")
        if not 0 <= self.margin <= 10:
            raise ValueError("margin: within [0, 10]")
        if self.face and not all(0 <= way <= 1 for way in self.face):
            raise ValueError("face: within [0, 1]")
        _check_motion(self.zoom, self.shift)


def _check_motion(zoom: float, shift: tuple[float, float]) -> None:
    if not 0.01 <= zoom <= 100:
        raise ValueError("zoom: within [0.01, 100]")
    if not all(abs(way) <= 100 for way in shift):
        raise ValueError("shift: within [-100, 100]")


MAX_SIDE = 12_000
"""Of a size that is asked for, in pixels. A picture without one is as large as its frame."""

MAX_DPI = 1200
"""The finest that anyone prints on photo paper."""


def check_pixels(width: int, height: int) -> None:
    """Raises UserError for a picture of more pixels than there may be: before any memory is taken for it."""
    if width * height > MAX_PICTURE_MEGAPIXELS * 1_000_000:
        megapixels = math.ceil(width * height / 1_000_000)
        raise UserError("error.picture_too_large", megapixels=megapixels, limit=math.floor(MAX_PICTURE_MEGAPIXELS))


@dataclass(frozen=True, slots=True)
class Size:
    """The output's width and height in pixels, and its resolution in pixels per inch if it is meant for paper.

    Of width and height one may be None: it follows from the other and the aspect of the frame. Raises UserError for
    sides outside 1..`MAX_SIDE`, a resolution that is not above 0 and at most `MAX_DPI`, or too many pixels in all.
    """

    width: int | None
    height: int | None
    dpi: float | None = None

    def __post_init__(self) -> None:
        if self.dpi is not None and not 0 < self.dpi <= MAX_DPI:
            raise UserError("error.dpi_range", limit=MAX_DPI)
        given = [side for side in (self.width, self.height) if side is not None]
        if not given or not all(1 <= side <= MAX_SIDE for side in given):
            raise UserError("error.size_range", limit=MAX_SIDE)
        check_pixels(self.width or 1, self.height or 1)

    @classmethod
    def of_paper(cls, width_cm: float | None, height_cm: float | None, dpi: float = 300) -> Size:
        """The pixels of a print: 3×4 cm at 300 dpi are 354×472."""
        # A side beyond the limit is as good as one just beyond it, and infinity cannot be rounded.
        width, height = (
            None if side is None else round(min(MAX_SIDE + 1, side / 2.54 * dpi)) for side in (width_cm, height_cm)
        )
        return cls(width, height, dpi)

    @classmethod
    def of_standard(cls, standard: Standard) -> Size:
        """The pixels of an ID photo."""
        return cls.of_paper(standard.width_mm / 10, standard.height_mm / 10, standard.dpi)

    @property
    def aspect(self) -> float | None:
        """Width / height, if both are given."""
        return self.width / self.height if self.width and self.height else None

    def of_frame(self, frame_width: int, frame_height: int) -> tuple[int, int]:
        """Width and height of a picture of a frame of this size. Raises UserError if one would be too large."""
        width = self.width or max(1, round((self.height or 1) * frame_width / frame_height))
        height = self.height or max(1, round(width * frame_height / frame_width))
        if max(width, height) > MAX_SIDE:
            raise UserError("error.size_range", limit=MAX_SIDE)
        return width, height


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything that is done to a cutout: nothing, by default. `sheet` puts prints of it on paper.

    `preset` is what the picture is meant for; its file is named after it. Raises UserError if a picture of this size
    does not fit on the paper.
    """

    background: Background = None
    shadow: Shadow | None = None
    outline: Outline | None = None
    crop: Crop = Crop()
    size: Size | None = None
    sheet: Sheet | None = None
    preset: Preset | None = None

    def __post_init__(self) -> None:
        if self.sheet and not self.sheet.prints and self.print_mm:
            paper = PAPERS[self.sheet.paper]
            if not capacity(paper, self.print_mm):
                raise UserError("error.sheet_too_small", paper=paper.name)

    @property
    def leaves_all(self) -> bool:
        """Whether the picture is the cutout itself."""
        parts = (self.background, self.shadow, self.outline, self.size, self.sheet)
        return self.crop == Crop() and all(part is None for part in parts)

    @property
    def print_dpi(self) -> float:
        """Pixels per inch of a sheet: those of the size that was asked for, or 300, which photo shops print with."""
        return (self.size and self.size.dpi) or DPI

    @property
    def print_mm(self) -> Lengths | None:
        """Width and height of one print, if both sides of the size are asked for; an ID photo's are exact."""
        if not (self.size and self.size.width and self.size.height):
            return None
        width, height = at_least(self.size.width, self.size.height, self.print_dpi)
        standard = self.crop.standard
        return (max(width, standard.width_mm), max(height, standard.height_mm)) if standard else (width, height)

    @property
    def prints(self) -> tuple[tuple[Look, int | None], ...]:
        """The look of each print on the sheet, and how many there are of it: None is as many as fit.

        ID photos of several standards have this look's own background; each is framed as its standard has it.
        """
        alone = replace(self, sheet=None)
        if not (self.sheet and self.sheet.prints):
            return ((alone, None),)
        return tuple((alone._as_id_photo(STANDARDS[kind]), count) for kind, count in self.sheet.prints)

    def _as_id_photo(self, standard: Standard) -> Look:
        size = Size.of_paper(standard.width_mm / 10, standard.height_mm / 10, self.print_dpi)
        return replace(self, crop=replace(self.crop, around="head", standard=standard), size=size)
