"""The value types that travel `Photo → Matte → Cutout`, and their array contracts.

Every type is frozen and checks itself: a wrong dtype or shape fails where it is made, not three rooms later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bgdemo.settings import MAX_MEGAPIXELS

Pixels = NDArray[np.uint8]
"""uint8 H×W×3 colours or H×W opacities in 0..255."""

Alpha = NDArray[np.float32]
"""float32 h×w opacities in [0, 1]."""

Features = tuple[NDArray[np.float16], ...]
"""float16 d×h×w each: what a network makes of the photo on its way, the finest scale first."""

MAX_PICTURE_MEGAPIXELS = 2.5 * MAX_MEGAPIXELS
"""Of a finished picture: the largest photo of 3:4 still fits whole into a frame of 16:9, 2.37 times as large."""


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(rule)


@dataclass(frozen=True, slots=True, eq=False)
class Metadata:
    """What a picture carries beside its pixels, and what of it survives into the PNG.

    `icc_profile` is an RGB colour profile or None (sRGB); `dpi` is (x, y) in pixels per inch or None. Camera data
    (EXIF, GPS, XMP) is never here: it is dropped when the file is decoded.
    """

    icc_profile: bytes | None = None
    dpi: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Photo:
    """An upright photo in its own colour profile.

    `rgb` is uint8 H×W×3; `alpha` is the uint8 H×W opacity that the file already had, or None if it was opaque.
    `notes` are keys of messages about what decoding had to do ("note.several", …), for the user's eyes.
    """

    rgb: Pixels
    alpha: Pixels | None = None
    metadata: Metadata = Metadata()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(self.rgb.dtype == np.uint8 and self.rgb.ndim == 3 and self.rgb.shape[2] == 3, "rgb: uint8 H×W×3")
        _require(
            self.alpha is None or (self.alpha.dtype == np.uint8 and self.alpha.shape == self.rgb.shape[:2]),
            "alpha: uint8 H×W like rgb",
        )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Matte:
    """A network's own prediction of the subject, at the network's resolution and not stretched.

    `alpha` is float32 h×w in [0, 1] and covers the whole photo (its pixels need not be square). `model` is the id of
    the network that made it. `clear` is False when the network found no clear subject, `whole` when what it found may
    be only a part of one. `features` are what strokes are understood by, from the network that has them. `seconds` is
    what the network took, or the fusion of several, where that is known.
    """

    alpha: Alpha
    model: str
    clear: bool = True
    whole: bool = True
    features: Features = ()
    seconds: float | None = None

    def __post_init__(self) -> None:
        _require(self.alpha.dtype == np.float32 and self.alpha.ndim == 2, "alpha: float32 h×w")
        # min() of a NaN is NaN, so this also refuses predictions that are not numbers.
        _require(bool(self.alpha.min() >= 0 and self.alpha.max() <= 1), "alpha: within [0, 1]")


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """The subject on transparency: straight (unassociated) alpha, full size.

    `rgba` is uint8 H×W×4. Where alpha is 255 the colours are the photo's own; where it is 0 they are 0.
    """

    rgba: Pixels
    metadata: Metadata
    model: str

    def __post_init__(self) -> None:
        _require(self.rgba.dtype == np.uint8 and self.rgba.ndim == 3 and self.rgba.shape[2] == 4, "rgba: uint8 H×W×4")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a sheet to print is: the paper's name, its (width, height) in mm as it lies, and how many prints it has."""

    paper: str
    size_mm: tuple[float, float]
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A finished picture, straight alpha: `pixels` is uint8 H×W×4, RGB 0 where alpha is 0.

    `printed` says what it is if it is a sheet to print.
    """

    pixels: Pixels
    metadata: Metadata
    model: str
    printed: Printed | None = None

    def __post_init__(self) -> None:
        _require(self.pixels.dtype == np.uint8 and self.pixels.ndim == 3 and self.pixels.shape[2] == 4, "uint8 H×W×4")
