"""What of a mask is sure: subject, background, or unknown."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Alpha, Pixels
from bgdemo.matte.planes import Mask

MAX_ERODE_SIZE = 50

SUBJECT, UNKNOWN, BACKGROUND = (np.uint8(level) for level in (255, 128, 0))
"""The levels of a trimap."""


@dataclass(frozen=True, slots=True)
class TrimapSettings:
    """What of a mask is sure, in rembg's meaning.

    Above `foreground_threshold` (0..255) is sure subject, below `background_threshold` sure background; both are then
    eroded by a square whose side is `erode_size` pixels of the photo (0..50), and the rest is unknown. Sides of 0 and 1
    erode nothing; rembg's 0 would erode more than its 2. Raises UserError for numbers that are
    not whole, out of range, or a background threshold that is not below the foreground threshold.
    """

    foreground_threshold: int = 240
    background_threshold: int = 10
    erode_size: int = 10

    def __post_init__(self) -> None:
        low, high = self.background_threshold, self.foreground_threshold
        if type(low) is not int or type(high) is not int or not 0 <= low < high <= 255:
            raise UserError("error.threshold_range")
        if type(self.erode_size) is not int or not 0 <= self.erode_size <= MAX_ERODE_SIZE:
            raise UserError("error.erode_range", limit=MAX_ERODE_SIZE)


RECOMMENDED = TrimapSettings()
"""The settings of rembg."""


def trimap(prediction: Alpha, settings: TrimapSettings = RECOMMENDED, scale: float = 1) -> Pixels:
    """uint8 h×w of `BACKGROUND`, `UNKNOWN` and `SUBJECT` for a float32 h×w mask in [0, 1].

    `scale` is the mask's side over the photo's, in whose pixels the settings are. A greater `erode_size` never leaves
    more that is sure, whatever the scale.
    """
    level = np.rint(prediction * np.float32(255)).astype(np.uint8)
    side = round(settings.erode_size * scale)
    # As in rembg, the subject is eroded at the picture's border too, the background is not.
    subject = _erode(level > settings.foreground_threshold, side, border=0)
    background = _erode(level < settings.background_threshold, side, border=1)
    return np.where(subject, SUBJECT, np.where(background, BACKGROUND, UNKNOWN))


def _erode(mask: Mask, side: int, border: int) -> Mask:
    square = np.ones((max(side, 1),) * 2, np.uint8)
    eroded = cv2.erode(mask.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=border)
    return eroded.reshape(mask.shape) > 0
