"""What a person says of the subject by hand: strokes that keep or erase, and what a matte becomes by them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.errors import UserError
from bgdemo.images import Alpha, Features, Pixels
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.planes import Floats, Mask, dilation, log_odds, resize, to_float

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
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError("error.strokes_unreadable") from error
        if type(self.keep) is not bool or not points:
            raise UserError("error.strokes_unreadable")
        if not 0 < width <= MAX_WIDTH:
            raise UserError("error.stroke_width")
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
            raise UserError("error.stroke_outside")
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "points", points)


def _check_count(strokes: int, points: int) -> None:
    if strokes > MAX_STROKES or points > MAX_POINTS:
        raise UserError("error.too_many_strokes", strokes=MAX_STROKES, points=MAX_POINTS)


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
        _check_count(len(self.strokes), sum(len(stroke.points) for stroke in self.strokes))


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
    _check_count(len(value), sum(len(row["points"]) for row in value))
    return tuple(Stroke(**row) for row in value)


def touch_up(rgb: Pixels, prediction: Alpha, features: Features, touch: TouchUp) -> Alpha:
    """The networks' `prediction` (float32 h×w) of the photo `rgb` (uint8 H×W×3) as a person corrects it.

    `features` are the network's (see `Matte`). Strokes are advice here: they spread to the edges of what they lie on.
    """
    if touch == UNTOUCHED:
        return prediction
    alpha = prediction
    marks = _marks(touch.strokes, alpha.shape[::-1])
    if touch.strokes:
        alpha = _tapped(alpha, [stroke for stroke in touch.strokes if _is_tap(stroke, rgb)])
        alpha = _advised(rgb, alpha, features, touch.strokes)
        alpha = np.where(marks == 0, alpha, (marks > 0).astype(np.float32))
    if touch.fill_holes:
        alpha = _filled(alpha, lambda dips: np.setdiff1d(dips, dips[marks < 0]))
    if touch.largest_piece:
        alpha = _largest(alpha, marks > 0)
    return alpha


def paint(alpha: Pixels, strokes: Sequence[Stroke]) -> Pixels:
    """The matte `alpha` (uint8 H×W) with what the strokes cover as they say, the later ones above the earlier."""
    painted = alpha.copy()
    for stroke in strokes:
        box, cover = _cover(stroke, (alpha.shape[1], alpha.shape[0]))
        part = painted[box]
        painted[box] = np.maximum(part, cover) if stroke.keep else np.minimum(part, 255 - cover)
    return painted


# ---- advice ---------------------------------------------------------------------------------------------------------


def _advised(rgb: Pixels, alpha: Alpha, features: Features, strokes: Sequence[Stroke]) -> Alpha:
    """`alpha` changed where what a stroke lies on goes on, and nowhere else.

    Three witnesses, on a small picture: the geodesic distance to the strokes over the edges of colours, features and
    prediction (Bai and Sapiro 2007), the likeness to what they cover, and a classifier of colours and features, which
    learns from the strokes, and from the prediction far from them. They are added to the prediction's log-odds. A part
    that becomes another is connected with the stroke that made it so.
    """
    c = CONSTANTS
    field = _Field(rgb, alpha, features)
    marks = _marks(strokes, field.size)
    if not marks.any():
        return alpha
    kept, erased = marks > 0, marks < 0
    far_from_kept, far_from_erased = (field.distance(mark, np.abs(marks)) for mark in (kept, erased))
    keep, erase = (
        np.exp(-distance / c.touch_reach - (field.unlikeness(mark) / c.touch_likeness) ** 2)
        for distance, mark in ((far_from_kept, kept), (far_from_erased, erased))
    )
    near = np.exp(-np.minimum(far_from_kept, far_from_erased) / c.touch_learned_reach)
    learned = field.classified(kept, erased, near)
    odds = c.touch_prior * log_odds(field.prior, c.touch_certainty) + c.touch_gain * (keep - erase)
    odds += c.touch_learned_gain * near * learned
    sharp = np.clip(0.5 + odds / c.touch_ramp, 0, 1)
    inside = field.prior > 0.5
    added = _connected((sharp > 0.5) & ~inside, kept)
    taken = _connected((sharp < 0.5) & inside, erased)
    width, height = alpha.shape[::-1]

    def spread(changed: Mask, level: Floats) -> Floats:
        """`level` where the change is, and on the old edge beside it."""
        return resize(level * dilation(changed.astype(np.float32), c.touch_rim), width, height)

    changed: Alpha = np.maximum(alpha, spread(added, sharp))
    return np.minimum(changed, 1 - spread(taken, 1 - sharp))


def _connected(change: Mask, mark: Mask) -> Mask:
    """Those parts of `change` that hang together with `mark`."""
    labels = _pieces(change | mark, 8)
    found: Mask = change & np.isin(labels, np.unique(labels[mark]))
    return found


class _Field:
    """A small picture: colours, features and prediction of every pixel, and the costs between neighbours."""

    def __init__(self, rgb: Pixels, alpha: Alpha, features: Features) -> None:
        scale = CONSTANTS.touch_side / max(rgb.shape[:2])
        self.size = width, height = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
        colours = cv2.cvtColor(to_float(resize(rgb, width, height)), cv2.COLOR_RGB2LAB).reshape(height, width, 3)
        self.colours: Floats = colours / np.float32(100)
        self.prior: Floats = np.clip(resize(alpha, width, height), 0, 1)
        planes = [resize(layer.transpose(1, 2, 0).astype(np.float32, order="C"), width, height) for layer in features]
        self.features = [plane / (np.linalg.norm(plane, axis=2, keepdims=True) + np.float32(1e-6)) for plane in planes]

    def distance(self, mark: Mask, widths: Floats) -> Floats:
        """The geodesic distance of every pixel to `mark`, in longer sides of the picture; far away if there is none.

        The narrower the nearest stroke, of those whose `widths` are given, the farther away it is, as areas shrink: who
        takes a fine brush means something small.
        """
        far = np.full(mark.shape, _FAR, np.float32)
        if not mark.any():
            return far
        from scipy.sparse.csgraph import dijkstra  # takes a fifth of a second to load

        starts = np.flatnonzero(mark)
        found, _, nearest = dijkstra(self._graph, indices=starts, min_only=True, limit=_FAR, return_predecessors=True)
        near = nearest >= 0
        found[near] /= np.clip(widths.ravel()[nearest[near]] / CONSTANTS.touch_broad, 0.1, 1) ** 2
        return np.minimum(found.reshape(mark.shape).astype(np.float32), far)

    @cached_property
    def _graph(self) -> Any:
        from scipy.sparse import coo_array

        c, (width, height) = CONSTANTS, self.size
        number = np.arange(width * height).reshape(height, width)
        ends: list[tuple[NDArray[Any], NDArray[Any]]] = [
            (number[:, :-1], number[:, 1:]),
            (number[:-1], number[1:]),
            (number[:-1, :-1], number[1:, 1:]),
            (number[:-1, 1:], number[1:, :-1]),
        ]
        first, second = (np.concatenate([pair[end].ravel() for pair in ends]) for end in (0, 1))
        lengths = np.repeat([1, 1, math.sqrt(2), math.sqrt(2)], [pair[0].size for pair in ends]) / c.touch_side
        colours, prior = self.colours.reshape(-1, 3), self.prior.ravel()
        cost = c.touch_step + c.touch_colour_edge * np.linalg.norm(colours[first] - colours[second], axis=1)
        cost += c.touch_prediction_edge * np.abs(prior[first] - prior[second])
        if self.features:
            finest = self.features[0].reshape(prior.size, -1)
            cost += c.touch_feature_edge * (1 - np.einsum("ij,ij->i", finest[first], finest[second]))
        cost *= lengths
        both = np.concatenate([first, second]), np.concatenate([second, first])
        return coo_array((np.tile(cost, 2), both), shape=(prior.size, prior.size)).tocsr()

    def unlikeness(self, mark: Mask) -> Floats:
        """How little each pixel's features are like those that `mark` covers: 0 alike, 1 unrelated."""
        if not mark.any() or not self.features:
            return np.zeros(mark.shape, np.float32)
        some = _some(np.flatnonzero(mark), CONSTANTS.touch_samples)
        unlike = [(1 - plane @ plane.reshape(-1, plane.shape[2])[some].T).min(axis=2) for plane in self.features]
        return np.mean(unlike, axis=0)

    def classified(self, kept: Mask, erased: Mask, near: Floats) -> Floats:
        """How each pixel's colours, features and prediction are judged, from −1 (erased) to 1 (kept).

        Kernel ridge regression on a few landmarks (Nyström). It learns what is kept and erased and, where that is
        not `near`, what the prediction is sure of.
        """
        c = CONSTANTS
        marked = (kept | erased).ravel()
        landmarks = np.concatenate(
            [_some(np.flatnonzero(marked), c.touch_samples), _some(np.arange(marked.size), c.touch_landmarks)]
        )
        kernel = np.column_stack([self._kernel(landmarks), np.ones(marked.size, np.float32)])
        weight = ((1 - near) ** 2 * np.abs(2 * self.prior - 1)).ravel()
        weight[marked] = 0
        weight *= (1 - c.touch_said) / max(float(weight.sum()), 1e-6)
        weight[marked] = c.touch_said / marked.sum()
        target = np.where(marked, kept.ravel(), self.prior.ravel()).astype(np.float32) - np.float32(0.5)
        weighted = kernel * weight.astype(np.float32)[:, None]
        ridge = np.float32(c.touch_ridge) * np.eye(kernel.shape[1], dtype=np.float32)
        # Not `weighted.T @ target`: BLAS sums a product with a vector in as many parts as it has threads.
        sums = np.einsum("ij,i->j", weighted, target)
        judged = kernel @ np.linalg.solve(kernel.T @ weighted + ridge, sums)
        return np.clip(2 * judged, -1, 1).reshape(kept.shape)

    def _kernel(self, landmarks: NDArray[Any]) -> Floats:
        c = CONSTANTS
        seen = np.column_stack(
            [self.colours.reshape(-1, 3) / c.touch_kernel_colour, self.prior.ravel() / c.touch_kernel_prediction]
        )
        squares = (seen**2).sum(axis=1)
        exponent = 2 * seen @ seen[landmarks].T - squares[:, None] - squares[landmarks]
        for plane in self.features:
            flat = plane.reshape(seen.shape[0], -1)
            exponent += (flat @ flat[landmarks].T - 1) / (c.touch_kernel_features * len(self.features))
        return np.exp(exponent)


_FAR = 10.0
"""A geodesic distance beyond all reach."""


def _some(indices: NDArray[Any], count: int) -> NDArray[Any]:
    """At most `count` of the indices, evenly spread."""
    return indices[np.linspace(0, indices.size - 1, min(count, indices.size)).astype(int)]


# ---- pieces and holes -----------------------------------------------------------------------------------------------


def _pieces(mask: Mask, connectivity: int) -> NDArray[np.int32]:
    """int32 h×w: the number of the connected piece that each pixel belongs to, 0 for none."""
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)[1]


def _is_tap(stroke: Stroke, rgb: Pixels) -> bool:
    """Whether the brush stayed in one place: a finger is never quite still."""
    height, width = rgb.shape[:2]
    places = np.array(stroke.points) * (width, height) / max(width, height)
    return bool(np.hypot(*(places - places[0]).T).max() <= stroke.width / 2)


def _tapped(alpha: Alpha, taps: Sequence[Stroke]) -> Alpha:
    """`alpha` with the holes that are tapped with Keep filled, and the smaller pieces tapped with Erase gone."""
    height, width = alpha.shape

    def places(keep: bool) -> tuple[list[int], list[int]]:
        points = [tap.points[0] for tap in taps if tap.keep == keep]
        return [min(int(y * height), height - 1) for _, y in points], [
            min(int(x * width), width - 1) for x, _ in points
        ]

    kept, erased = places(True), places(False)
    if kept[0]:
        alpha = _filled(alpha, lambda dips: dips[kept])
    pieces = _pieces(alpha > 0.5, 8)
    return _without(alpha, pieces, set(pieces[erased].tolist()) - {0, _most(pieces)})


def _filled(alpha: Alpha, wanted: Callable[[NDArray[np.int32]], NDArray[np.int32]]) -> Alpha:
    """`alpha` with its enclosed dips raised to the level of what encloses them: greyscale reconstruction, in steps.

    `wanted` says of the numbered dips of a level (int32 h×w, 0 for none) which numbers are to be filled.
    """
    filled = alpha.copy()
    for level in _LEVELS:
        dips = _pieces(filled < level, 4)
        enclosed = np.zeros(int(dips.max()) + 1, bool)
        enclosed[wanted(dips)] = True
        for border in (dips[0], dips[-1], dips[:, 0], dips[:, -1]):
            enclosed[border] = False
        enclosed[0] = False
        filled[enclosed[dips]] = level
    return filled


_LEVELS = np.linspace(0.1, 1, 10, dtype=np.float32)


def _largest(alpha: Alpha, kept: Mask) -> Alpha:
    """`alpha` without the pieces that are neither the largest nor `kept` by a stroke."""
    pieces = _pieces(alpha > 0.5, 8)
    return _without(alpha, pieces, set(np.unique(pieces).tolist()) - {0, _most(pieces)} - set(pieces[kept].tolist()))


def _most(pieces: NDArray[np.int32]) -> int:
    """The number of the largest piece, 0 if there is none."""
    return int(np.bincount(pieces.ravel(), pieces.ravel() > 0).argmax())


def _without(alpha: Alpha, pieces: NDArray[np.int32], gone: set[int]) -> Alpha:
    """`alpha` without the pieces `gone`, and without what is soft and nearer to them than to another piece."""
    if not gone:
        return alpha
    _, nearest = cv2.distanceTransformWithLabels(
        (pieces == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    piece_of = np.zeros(int(nearest.max()) + 1, np.int32)
    piece_of[nearest[pieces > 0]] = pieces[pieces > 0]
    rest: Alpha = np.where(np.isin(piece_of[nearest], list(gone)), np.float32(0), alpha)
    return rest


# ---- what strokes cover ---------------------------------------------------------------------------------------------


def _marks(strokes: Sequence[Stroke], size: tuple[int, int]) -> Floats:
    """float32 h×w: the width of the last stroke that covers a pixel, negative if it erases, 0 where there is none.

    For a picture of `size` (width, height).
    """
    marks = np.zeros(size[::-1], np.float32)
    for stroke in strokes:
        box, cover = _cover(stroke, size)
        marks[box][cover > 127] = math.copysign(max(stroke.width, 1e-6), stroke.keep - 0.5)
    return marks


_SHIFT = 4
"""Bits of a pixel's fraction that OpenCV draws with."""


def _cover(stroke: Stroke, size: tuple[int, int]) -> tuple[tuple[slice, slice], Pixels]:
    """How far `stroke` covers each pixel of a picture of `size` (width, height): a box, and uint8 levels in it."""
    thickness = max(2, round(stroke.width * max(size)))
    points = np.array(stroke.points) * size - 0.5
    margin = thickness // 2 + 2
    left, top = (max(0, math.floor(low) - margin) for low in points.min(axis=0))
    right, bottom = (
        min(limit, math.ceil(high) + margin + 1) for limit, high in zip(size, points.max(axis=0), strict=True)
    )
    cover = np.zeros((bottom - top, right - left), np.uint8)
    places = np.rint((points - (left, top)) * (1 << _SHIFT)).astype(np.int32)
    if len(np.unique(places, axis=0)) == 1:
        radius = round(thickness / 2 * (1 << _SHIFT))
        cv2.circle(cover, places[0].tolist(), radius, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT)
    else:
        cv2.polylines(cover, [places], False, 255, thickness, cv2.LINE_AA, _SHIFT)
    return (slice(top, bottom), slice(left, right)), cover
