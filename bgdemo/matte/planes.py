"""Pictures as planes of numbers: resizing, enlarging piece by piece, morphology, tiles and threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32 throughout; OpenCV's stubs and mixed arithmetic lose the exact type
Mask = NDArray[np.bool_]
Box = tuple[slice, slice]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

WORK_PIXELS = 1 << 20
"""Of a working picture. The networks answer with about as many: a larger one would only repeat what they said."""


def fit(width: int, height: int, pixels: int) -> tuple[int, int]:
    """The size of the same shape with at most about `pixels` pixels."""
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(image: Floats, width: int, height: int) -> Floats:
    """The mean over each new pixel along an axis that shrinks, linear interpolation along one that grows."""
    rows, columns = image.shape[:2]
    if (rows, columns) == (height, width):
        return image
    if (width < columns) != (height < rows) and width != columns and height != rows:
        return resize(resize(image, width, rows), width, height)
    method = cv2.INTER_AREA if width < columns or height < rows else cv2.INTER_LINEAR
    resized: Floats = cv2.resize(image, (width, height), interpolation=method)
    return resized.reshape(height, width, *image.shape[2:])


def to_float(levels: NDArray[Any]) -> Floats:
    """0..255 as float32 in [0, 1]."""
    scaled: Floats = levels.astype(np.float32) / np.float32(255)
    return scaled


def log_odds(plane: Floats, certain: float) -> Floats:
    """log p ÷ (1 − p) of probabilities, which are cut off at `certain` and at 1 − `certain`."""
    most = np.float32(certain)
    kept = np.clip(plane, 1 - most, most)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def interpolation_support(field: Floats, box: Box, shape: tuple[int, int]) -> Box:
    """The part of `field` that the pixels `box` of its enlargement to `shape` are interpolated from."""

    def reach(span: slice, small: int, large: int) -> slice:
        first, last = (math.floor((p + 0.5) * small / large - 0.5) for p in (span.start, span.stop - 1))
        return slice(max(first, 0), min(last + 2, small))

    return reach(box[0], field.shape[0], shape[0]), reach(box[1], field.shape[1], shape[1])


def enlarged(field: Floats, box: Box, shape: tuple[int, int]) -> Floats:
    """The pixels `box` of `field` (h×w×C) enlarged to `shape` by linear interpolation, as new memory."""
    if field.shape[:2] == shape:
        return field[box].copy()
    part = interpolation_support(field, box, shape)
    y, x = (
        ((np.arange(span.start, span.stop) + 0.5) * (small / large) - 0.5 - first.start).astype(np.float32)
        for span, small, large, first in zip(box, field.shape, shape, part, strict=False)
    )
    across, down = np.meshgrid(x, y)
    result: Floats = cv2.remap(
        np.ascontiguousarray(field[part]), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return result.reshape(len(y), len(x), field.shape[2])


def tiles(height: int, width: int, side: int) -> Iterator[Box]:
    """Boxes of at most `side` × `side` that are together the whole plane."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def tiles_of(mask: Mask, side: int) -> Iterator[Box]:
    """Boxes of at most `side` × `side` that hold all that is in `mask` (h×w), and as little else as they can."""
    for rows, columns in tiles(mask.shape[0], mask.shape[1], side):
        inside = mask[rows, columns]
        if inside.any():
            ys, xs = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            yield _shifted(ys, rows.start), _shifted(xs, columns.start)


def _shifted(positions: NDArray[np.intp], by: int) -> slice:
    return slice(by + int(positions[0]), by + int(positions[-1]) + 1)


def grow(span: slice, margin: int, limit: int) -> slice:
    """`span` and `margin` more on both sides, within 0 and `limit`."""
    return slice(max(span.start - margin, 0), min(span.stop + margin, limit))


def within(inner: slice, outer: slice) -> slice:
    """Where `inner` lies in what `outer` cut out."""
    return slice(inner.start - outer.start, inner.stop - outer.start)


def parallel_map(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """`work` of every item, a few at a time: numpy and OpenCV let other threads run meanwhile.

    The first item that raises ends it: those not yet begun are given up, and the error is passed on.
    """
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, items))


def dilation(plane: Floats, side: int) -> Floats:
    """The greatest value of `plane` in the square of `side` pixels around each pixel."""
    return cv2.dilate(plane, np.ones((side, side), np.uint8)).reshape(plane.shape)


def opening(plane: Floats, side: int) -> Floats:
    """What of `plane` is as wide as a square of `side` pixels: the grey-scale opening."""
    return cv2.morphologyEx(plane, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)).reshape(plane.shape)
