"""The subject's own colours, without the background that shines through its edge."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.images import Pixels
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.planes import (
    WORK_PIXELS,
    Box,
    Floats,
    dilation,
    enlarged,
    fit,
    grow,
    parallel_map,
    resize,
    tiles_of,
    to_float,
    within,
)

_TILE = 192
"""Side in pixels of the pieces that are worked on at a time: what they need stays in the processor's cache."""


def estimate_foreground(rgb: Pixels, alpha: Pixels) -> Pixels:
    """The subject's own colours: uint8 H×W×3. Opaque pixels are the photo's, transparent ones 0.

    `rgb` is uint8 H×W×3, `alpha` uint8 H×W. Blur fusion (Forte 2021, "Approximate Fast Foreground Colour Estimation")
    on a pyramid (Germer et al. 2020, "Fast Multi-Level Foreground Estimation"): on each level the colours of subject
    and background are averaged over their neighbours, then corrected the least way that explains the photo. Above
    `WORK_PIXELS` only that last correction is made at full resolution: the averages are smooth.
    """
    height, width = alpha.shape
    result: NDArray[Any] = cv2.bitwise_and(rgb, rgb, mask=cv2.inRange(alpha, 255, 255)).reshape(rgb.shape)
    soft = cv2.inRange(alpha, 1, 254).reshape(alpha.shape)
    if not soft.any():
        return result
    size = fit(width, height, WORK_PIXELS)
    foreground, background = _pyramid(resize(rgb, *size).astype(np.float32), to_float(resize(alpha, *size)))

    def fill(box: Box) -> None:
        mixture = _Mixture(rgb[box], to_float(alpha[box]))
        colours, behind = (enlarged(plane, box, (height, width)) for plane in (foreground, background))
        colours += mixture.opacity * mixture.correction(colours, behind)
        levels = np.rint(np.clip(colours, 0, 255, out=colours)).astype(np.uint8)
        cv2.copyTo(levels, soft[box], result[box])

    parallel_map(fill, tiles_of(soft > 0, _TILE))
    return result


def _pyramid(image: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Subject and background colours (float32 h×w×3, 0..255) near soft pixels, the coarsest level first."""
    levels = [(image, alpha)]
    while max(alpha.shape) > 1:
        size = (alpha.shape[1] + 1) // 2, (alpha.shape[0] + 1) // 2
        image, alpha = resize(image, *size), resize(alpha, *size)
        levels.append((image, alpha))
    foreground = background = levels[-1][0]
    for image, alpha in reversed(levels):
        foreground, background = (resize(colours, *alpha.shape[::-1]) for colours in (foreground, background))
        foreground, background = _blur_fusion(image, alpha, foreground, background)
    return foreground, background


def _blur_fusion(image: Floats, alpha: Floats, foreground: Floats, background: Floats) -> tuple[Floats, Floats]:
    """Both colours after rounds of averaging and correcting on one level, in the tiles with soft pixels."""
    rounds = CONSTANTS.foreground_rounds
    new_foreground, new_background = foreground.copy(), background.copy()
    soft = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    # Whatever the next level may read has to be done, or the tiles would show.
    needed = dilation(soft, CONSTANTS.foreground_margin)

    def fill(box: Box) -> None:
        outer = grow(box[0], rounds, alpha.shape[0]), grow(box[1], rounds, alpha.shape[1])
        core = within(box[0], outer[0]), within(box[1], outer[1])
        mixture = _Mixture(image[outer], alpha[outer])
        average, average_behind = _Average(alpha[outer]), _Average(1 - alpha[outer])
        colours, behind = foreground[outer], background[outer]
        for _ in range(rounds):
            colours, behind = average(colours), average_behind(behind)
            correction = mixture.correction(colours, behind)
            colours += mixture.opacity * correction
            behind += mixture.rest * correction
            np.clip(colours, 0, 255, out=colours)
            np.clip(behind, 0, 255, out=behind)
        new_foreground[box], new_background[box] = colours[core], behind[core]

    parallel_map(fill, tiles_of(needed > 0, _TILE))
    return new_foreground, new_background


class _Average:
    """The mean of the 3×3 neighbours, those that hold more of the colour (its `share`, h×w) counting more."""

    def __init__(self, share: Floats) -> None:
        weight = share * share + CONSTANTS.foreground_floor
        self._weight, self._inverse_total = _threefold(weight), _threefold(1 / _mean(weight))

    def __call__(self, colours: Floats) -> Floats:
        mean = _mean(colours * self._weight)
        mean *= self._inverse_total
        return mean


class _Mixture:
    """`image` (h×w×3) as alpha · foreground + (1 − alpha) · background."""

    def __init__(self, image: NDArray[Any], alpha: Floats) -> None:
        rest = 1 - alpha
        self._image = image
        self.opacity, self.rest = _threefold(alpha), _threefold(rest)
        self._share = _threefold(1 / (alpha * alpha + rest * rest + CONSTANTS.foreground_damping))

    def correction(self, foreground: Floats, background: Floats) -> Floats:
        """What the mixture misses of the image.

        To be added to the foreground times alpha, and to the background times 1 − alpha: the least change that
        explains it.
        """
        missed: Floats = self._image - self.opacity * foreground
        missed -= self.rest * background
        missed *= self._share
        return missed


def _mean(plane: Floats) -> Floats:
    return cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(plane.shape)


def _threefold(plane: Floats) -> Floats:
    """`plane` once for each colour: numpy is several times slower when it has to spread a plane itself."""
    return cv2.merge([plane, plane, plane])
