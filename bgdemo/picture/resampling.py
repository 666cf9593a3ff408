"""Pixels of one size as pixels of another, without aliasing, and without colours from under transparency."""

from __future__ import annotations

import math
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
    """Straight uint8 H×W×4 at `size`, (width, height), RGB 0 where alpha is 0."""
    if size == rgba.shape[1::-1]:
        return rgba
    return _straight(resize(_premultiplied(rgba), size))


def resample(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """`pixels` at `size`, (width, height): four channels are straight RGBA, others are as they are."""
    return resize_rgba(pixels, size) if _is_rgba(pixels) else resize(pixels, size)


def turn(pixels: Pixels, way: NDArray[np.float64], size: tuple[int, int], outside: int = cv2.BORDER_CONSTANT) -> Pixels:
    """`pixels` (as `resample` has them) turned and scaled into `size`, (width, height), in one go.

    `way` is the 2×3 matrix from a point of the result to that of `pixels` which is seen there, both counted from the
    outer corner of the first pixel; it scales both axes alike. `outside` is OpenCV's rule for what lies beyond.

    Cubic interpolation, as `resize` has it; where the picture shrinks, at twice the result's resolution of what is no
    finer than that, and then the mean over each new pixel.
    """
    way, pixels = _seen(way, pixels, size)
    height, width = pixels.shape[:2]
    source: NDArray[Any] = _premultiplied(pixels) if _is_rgba(pixels) else pixels
    shrinks = math.hypot(way[0, 0], way[1, 0])
    finer = 2 if shrinks > 1 else 1
    if shrinks > 2:
        source = resize(source, (math.ceil(width * 2 / shrinks), math.ceil(height * 2 / shrinks)))
    # From centres of the finer result to its corners, to those of `pixels`, to those of `source`, to its centres.
    scale = np.diag([source.shape[1] / width, source.shape[0] / height])
    linear = scale @ way[:, :2] / finer
    offset = scale @ way[:, 2] + linear @ (0.5, 0.5) - 0.5
    turned = cv2.warpAffine(
        source,
        np.column_stack([linear, offset]),
        (size[0] * finer, size[1] * finer),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=outside,
    )
    turned = resize(turned, size)
    return _straight(turned) if _is_rgba(pixels) else turned


def _seen(way: NDArray[np.float64], pixels: Pixels, size: tuple[int, int]) -> tuple[NDArray[np.float64], Pixels]:
    """`way` and `pixels` of `turn` without what is nowhere near the result, which may be most of a large photo."""
    corners = way @ np.array([[0, size[0], 0, size[0]], [0, 0, size[1], size[1]], [1, 1, 1, 1]])
    room = 4 * max(1.0, math.hypot(way[0, 0], way[1, 0]))
    first = np.clip(np.floor(corners.min(axis=1) - room), 0, np.subtract(pixels.shape[1::-1], 1)).astype(int)
    last = np.clip(np.ceil(corners.max(axis=1) + room), first + 1, pixels.shape[1::-1]).astype(int)
    moved = way - np.column_stack([np.zeros((2, 2)), first])
    return moved, pixels[first[1] : last[1], first[0] : last[0]]


def _is_rgba(pixels: NDArray[Any]) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] == 4


def _premultiplied(rgba: Pixels) -> NDArray[np.uint16]:
    """Colours times their opacity (Porter and Duff, 1984).

    In 16 bits, which hold half of each product and leave as much again for the overshoot of cubic interpolation.
    """
    premultiplied = np.empty(rgba.shape, np.uint16)
    for rows in bands(len(rgba)):
        weights = cv2.cvtColor(np.ascontiguousarray(rgba[rows, :, 3]), cv2.COLOR_GRAY2RGBA)  # whose own alpha is 255
        premultiplied[rows] = cv2.multiply(np.ascontiguousarray(rgba[rows]), weights, scale=0.5, dtype=cv2.CV_16U)
    return premultiplied


def _straight(premultiplied: NDArray[np.uint16]) -> Pixels:
    straight = np.empty(premultiplied.shape, np.uint8)
    for rows in bands(len(premultiplied)):
        colors, weight = premultiplied[rows, :, :3].astype(np.float32), premultiplied[rows, :, 3:].astype(np.float32)
        alpha = np.rint(np.minimum(weight * (2 / 255), 255))
        colors *= np.divide(255, weight, out=np.zeros_like(weight), where=alpha > 0)
        straight[rows, :, :3] = np.rint(np.minimum(colors, 255))
        straight[rows, :, 3:] = alpha
    return straight
