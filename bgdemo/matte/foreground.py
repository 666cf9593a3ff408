"""The subject's own colours, without the background that shines through its edge."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.images import Pixels
from bgdemo.matte.planes import WORK_PIXELS, Box, Floats, each, fit, grow, resize, sample, tiles, unit, within


def estimate_foreground(rgb: Pixels, alpha: Pixels) -> Pixels:
    """The subject's own colours: uint8 H×W×3. Opaque pixels are the photo's, transparent ones 0.

    `rgb` is uint8 H×W×3, `alpha` uint8 H×W. Blur fusion (Forte 2021, "Approximate Fast Foreground Colour Estimation")
    on a pyramid (Germer et al. 2020, "Fast Multi-Level Foreground Estimation"): on each level both colours are
    averaged over their neighbours, then moved the least way that explains the photo. Above `WORK_PIXELS` only that
    last move is made at full resolution: the averages are smooth.
    """
    height, width = alpha.shape
    opaque = (alpha == 255).astype(np.uint8)
    result: NDArray[Any] = cv2.bitwise_and(rgb, rgb, mask=opaque).reshape(rgb.shape)
    soft = (alpha > 0) & (alpha < 255)
    if not soft.any():
        return result
    size = fit(width, height, WORK_PIXELS)
    subject, ground = _pyramid(resize(rgb, *size).astype(np.float32), unit(resize(alpha, *size)))

    def fill(box: Box) -> None:
        if not soft[box].any():
            return
        here = unit(alpha[box])[..., None]
        colours, others = (sample(field, box, (height, width)) for field in (subject, ground))
        colours += here * _move(rgb[box], here, colours, others)
        colours = np.clip(np.rint(colours, out=colours), 0, 255, out=colours)
        np.copyto(result[box], colours.astype(np.uint8), where=soft[box][..., None])

    each(fill, tiles(height, width, 256))
    return result


def _pyramid(image: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Subject and background colours (float32 h×w×3, 0..255) near soft pixels, the coarsest level first."""
    levels = [(image, alpha)]
    while max(alpha.shape) > 1:
        size = (alpha.shape[1] + 1) // 2, (alpha.shape[0] + 1) // 2
        image, alpha = resize(image, *size), resize(alpha, *size)
        levels.append((image, alpha))
    subject = ground = levels[-1][0]
    for image, alpha in reversed(levels):
        subject, ground = (resize(colours, *alpha.shape[::-1]) for colours in (subject, ground))
        subject, ground = _settle(image, alpha, subject, ground)
    return subject, ground


def _settle(image: Floats, alpha: Floats, subject: Floats, ground: Floats) -> tuple[Floats, Floats]:
    """Two rounds of averaging and explaining on one level, in the tiles with soft pixels."""
    rounds = 2
    new_subject, new_ground = subject.copy(), ground.copy()
    soft = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    # Whatever the next level may read has to be settled, or the tiles would show.
    needed = cv2.dilate(soft, np.ones((11, 11), np.uint8)).reshape(alpha.shape)

    def settle(box: Box) -> None:
        if not needed[box].any():
            return
        outer = grow(box[0], rounds, alpha.shape[0]), grow(box[1], rounds, alpha.shape[1])
        core = within(box[0], outer[0]), within(box[1], outer[1])
        here, colours, others = alpha[outer][..., None], subject[outer], ground[outer]
        for _ in range(rounds):
            colours, others = _average(colours, here), _average(others, 1 - here)
            colours, others = _explain(image[outer], here, colours, others)
        new_subject[box], new_ground[box] = colours[core], others[core]

    height, width = alpha.shape
    each(settle, tiles(height, width, 256))
    return new_subject, new_ground


def _average(colours: Floats, share: Floats) -> Floats:
    """The mean of the 3×3 neighbours, those that hold more of the colour counting more."""
    weight = share * share + np.float32(0.001)
    total = cv2.blur(weight, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(share.shape)
    mean: Floats = cv2.blur(colours * weight, (3, 3), borderType=cv2.BORDER_REPLICATE).reshape(colours.shape) / total
    return mean


def _explain(image: Floats, alpha: Floats, subject: Floats, ground: Floats) -> tuple[Floats, Floats]:
    """Both colours moved the least way that makes alpha · subject + (1 − alpha) · ground the photo's colour."""
    move = _move(image, alpha, subject, ground)
    return np.clip(subject + alpha * move, 0, 255), np.clip(ground + (1 - alpha) * move, 0, 255)


def _move(image: NDArray[Any], alpha: Floats, subject: Floats, ground: Floats) -> Floats:
    rest = 1 - alpha
    # The small constant keeps noise, and an alpha that is a little wrong, from being taken for colour.
    move: Floats = (image - alpha * subject - rest * ground) / (alpha * alpha + rest * rest + np.float32(0.05))
    return move
