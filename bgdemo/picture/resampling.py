"""Pixels of one size as pixels of another, without aliasing, and without colours from under transparency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.images import Pixels

_Values = TypeVar("_Values", bound=NDArray[Any])

ROWS = 256
"""Of a large picture worked on at a time, so that numbers wider than its own take little memory."""


def bands(height: int) -> Iterator[slice]:
    """The rows of a picture, `ROWS` at a time."""
    return (slice(top, min(top + ROWS, height)) for top in range(0, height, ROWS))


def resize(values: _Values, size: tuple[int, int], enlarging: int = cv2.INTER_CUBIC) -> _Values:
    """`values` (H×W or H×W×C, uint8, uint16 or float32) at `size`, (width, height).

    The mean over each new pixel along an axis that shrinks; along one that grows OpenCV's interpolation `enlarging`,
    of which the cubic one may overshoot in floats.
    """
    height, width = values.shape[:2]
    if size == (width, height):
        return values
    if (size[0] < width) != (size[1] < height) and size[0] != width and size[1] != height:
        # Told to do both at once, OpenCV takes no means.
        return resize(resize(values, (size[0], height), enlarging), size, enlarging)
    method = cv2.INTER_AREA if size[0] < width or size[1] < height else enlarging
    resized: _Values = cv2.resize(values, size, interpolation=method)
    return resized.reshape(size[1], size[0], *values.shape[2:])  # type: ignore[return-value]


def resize_rgba(rgba: Pixels, size: tuple[int, int]) -> Pixels:
    """Straight uint8 H×W×4 at `size`, (width, height), RGB 0 where alpha is 0.

    The colours are resampled premultiplied (Porter and Duff, 1984), in 16 bits, which hold half of each product and
    leave as much again for the overshoot of cubic interpolation.
    """
    if size == rgba.shape[1::-1]:
        return rgba
    premultiplied = np.empty(rgba.shape, np.uint16)
    for rows in bands(len(rgba)):
        weights = cv2.cvtColor(np.ascontiguousarray(rgba[rows, :, 3]), cv2.COLOR_GRAY2RGBA)  # whose own alpha is 255
        premultiplied[rows] = cv2.multiply(np.ascontiguousarray(rgba[rows]), weights, scale=0.5, dtype=cv2.CV_16U)
    resized = resize(premultiplied, size)
    straight = np.empty(resized.shape, np.uint8)
    for rows in bands(len(resized)):
        colors, weight = resized[rows, :, :3].astype(np.float32), resized[rows, :, 3:].astype(np.float32)
        alpha = np.rint(np.minimum(weight * (2 / 255), 255))
        colors *= np.divide(255, weight, out=np.zeros_like(weight), where=alpha > 0)
        straight[rows, :, :3] = np.rint(np.minimum(colors, 255))
        straight[rows, :, 3:] = alpha
    return straight
