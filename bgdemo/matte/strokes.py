"""What a person says of the subject by hand: strokes that keep or erase, and what a matte becomes by them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Alpha, Pixels

MAX_WIDTH = 0.5
MAX_STROKES = 500
MAX_POINTS = 100_000

Point = tuple[float, float]
"""(x, y) in fractions of the upright photo's width and height."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line drawn over the photo: what it covers is the subject (`keep`), or is not.

    `width` is a fraction in (0, 0.5] of the photo's longer side, `points` are fractions in [0, 1] of the photo's width
    and height; a single point is a dot. Raises UserError for what lies outside.
    """

    keep: bool
    width: float
    points: Sequence[Point]

    def __post_init__(self) -> None:
        try:
            width = float(self.width)
            points = tuple((float(x), float(y)) for x, y in self.points)
        except (TypeError, ValueError) as error:
            raise UserError("error.strokes_unreadable") from error
        if type(self.keep) is not bool or not points:
            raise UserError("error.strokes_unreadable")
        if not 0 < width <= MAX_WIDTH:
            raise UserError("error.stroke_width")
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
            raise UserError("error.stroke_outside")
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "points", points)


@dataclass(frozen=True, slots=True)
class TouchUp:
    """All that was said by hand: `strokes` in the order in which they were drawn, of which the later ones win.

    `largest_piece` keeps nothing but the largest connected piece of the subject, `fill_holes` closes what is enclosed
    by it. Raises UserError for more than `MAX_STROKES` or `MAX_POINTS`.
    """

    strokes: tuple[Stroke, ...] = ()
    largest_piece: bool = False
    fill_holes: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "strokes", tuple(self.strokes))
        if not all(isinstance(stroke, Stroke) for stroke in self.strokes):
            raise UserError("error.strokes_unreadable")
        if len(self.strokes) > MAX_STROKES or sum(len(stroke.points) for stroke in self.strokes) > MAX_POINTS:
            raise UserError("error.too_many_strokes", strokes=MAX_STROKES, points=MAX_POINTS)


UNTOUCHED = TouchUp()


def strokes_of(value: Any) -> tuple[Stroke, ...]:
    """Strokes from JSON text, or from what JSON text means: a list of {"keep": …, "width": …, "points": [[x, y], …]}.

    Raises UserError("error.strokes_unreadable") for anything else, and what `Stroke` raises.
    """
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise UserError("error.strokes_unreadable") from error
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise UserError("error.strokes_unreadable")
    names = {"keep", "width", "points"}
    if not all(row.keys() == names and isinstance(row["points"], list) for row in value):
        raise UserError("error.strokes_unreadable")
    return tuple(Stroke(**row) for row in value)


def touch_up(rgb: Pixels, prediction: Alpha, touch: TouchUp) -> Alpha:
    """The networks' `prediction` (float32 h×w) of the photo `rgb` (uint8 H×W×3) as the strokes correct it."""
    return prediction


def paint(alpha: Pixels, strokes: Sequence[Stroke]) -> Pixels:
    """The matte `alpha` (uint8 H×W) with what the strokes cover as they say, the later ones above the earlier."""
    painted = alpha.copy()
    for stroke in strokes:
        box, cover = _cover(stroke, (alpha.shape[1], alpha.shape[0]))
        part = painted[box]
        painted[box] = np.maximum(part, cover) if stroke.keep else np.minimum(part, 255 - cover)
    return painted


_SHIFT = 4
"""Bits of a pixel's fraction that OpenCV draws with."""


def _cover(stroke: Stroke, size: tuple[int, int]) -> tuple[tuple[slice, slice], Pixels]:
    """How far `stroke` covers each pixel of a picture of `size` (width, height): a box, and uint8 levels in it."""
    thickness = max(1, round(stroke.width * max(size)))
    points = np.array(stroke.points) * size - 0.5
    margin = thickness // 2 + 2
    left, top = (max(0, math.floor(low) - margin) for low in points.min(axis=0))
    right, bottom = (
        min(limit, math.ceil(high) + margin + 1) for limit, high in zip(size, points.max(axis=0), strict=True)
    )
    cover = np.zeros((bottom - top, right - left), np.uint8)
    places = np.rint((points - (left, top)) * (1 << _SHIFT)).astype(np.int32)
    if len(places) == 1:
        radius = max(1, round(thickness / 2 * (1 << _SHIFT)))
        cv2.circle(cover, places[0].tolist(), radius, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT)
    else:
        cv2.polylines(cover, [places], False, 255, thickness, cv2.LINE_AA, _SHIFT)
    return (slice(top, bottom), slice(left, right)), cover
