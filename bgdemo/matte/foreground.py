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
    tiles,
    to_float,
    within,
)

_TILE = 256
"""Side in pixels of the pieces that are worked on at a time: what they need stays in the processor's cache."""


def estimate_foreground(rgb: Pixels, alpha: Pixels) -> Pixels:
    """The subject's own colours: uint8 H×W×3. Opaque pixels are the photo's, transparent ones 0.

    `rgb` is uint8 H×W×3, `alpha` uint8 H×W. Blur fusion (Forte 2021, "Approximate Fast Foreground Colour Estimation")
    on a pyramid (Germer et al. 2020, "Fast Multi-Level Foreground Estimation"): on each level the colours of subject
    and background are averaged over their neighbours, then corrected the least way that explains the photo. Above
    `WORK_PIXELS` only that last correction is made at full resolution: the averages are smooth.
    """
    height, width = alpha.shape
    opaque = (alpha == 255).astype(np.uint8)
    result: NDArray[Any] = cv2.bitwise_and(rgb, rgb, mask=opaque).reshape(rgb.shape)
    soft = (alpha > 0) & (alpha < 255)
    if not soft.any():
        return result
    size = fit(width, height, WORK_PIXELS)
    foreground, background = _pyramid(resize(rgb, *size).astype(np.float32), to_float(resize(alpha, *size)))

    def fill(box: Box) -> None:
        if not soft[box].any():
            return
        opacity = to_float(alpha[box])[..., None]
        colours, behind = (enlarged(plane, box, (height, width)) for plane in (foreground, background))
        colours += opacity * _correction(rgb[box], opacity, colours, behind)
        colours = np.clip(np.rint(colours, out=colours), 0, 255, out=colours)
        np.copyto(result[box], colours.astype(np.uint8), where=soft[box][..., None])

    parallel_map(fill, tiles(height, width, _TILE))
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
        if not needed[box].any():
            return
        outer = grow(box[0], rounds, alpha.shape[0]), grow(box[1], rounds, alpha.shape[1])
        core = within(box[0], outer[0]), within(box[1], outer[1])
        opacity, colours, behind = alpha[outer][..., None], foreground[outer], background[outer]
        for _ in range(rounds):
            colours, behind = _average(colours, opacity), _average(behind, 1 - opacity)
            correction = _correction(image[outer], opacity, colours, behind)
            colours = np.clip(colours + opacity * correction, 0, 255)
            behind = np.clip(behind + (1 - opacity) * correction, 0, 255)
        new_foreground[box], new_background[box] = colours[core], behind[core]

    height, width = alpha.shape
    parallel_map(fill, tiles(height, width, _TILE))
    return new_foreground, new_background


def _average(colours: Floats, share: Floats) -> Floats:
    """The mean of the 3×3 neighbours, those that hold more of the colour counting more."""
    weight = share * share + CONSTANTS.foreground_floor
    total = cv2.blur(weight, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(share.shape)
    mean: Floats = cv2.blur(colours * weight, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(colours.shape) / total
    return mean


def _correction(image: NDArray[Any], alpha: Floats, foreground: Floats, background: Floats) -> Floats:
    """What alpha · foreground + (1 − alpha) · background misses of the photo.

    To be added to the foreground times alpha, and to the background times 1 − alpha: the least change that explains it.
    """
    rest = 1 - alpha
    correction: Floats = (image - alpha * foreground - rest * background) / (
        alpha * alpha + rest * rest + CONSTANTS.foreground_damping
    )
    return correction
