"""Alpha mattes at full resolution: a network's small prediction, refined with the photo as guide.

A network sees a small picture and answers with a small one. Around its edge the matte is solved on a working picture of
about as many pixels, with the photo's colours as guide, and carried to full resolution by adding the photo's own
detail. Only the band around the edge is ever touched. Everything is deterministic, and linear in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from bgdemo.images import Alpha, Pixels
from bgdemo.matte.planes import (
    WORK_PIXELS,
    Box,
    Floats,
    Mask,
    each,
    fit,
    grow,
    opened,
    resize,
    sample,
    support,
    tiles,
    unit,
    within,
)
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings, trimap

_RADIUS = 4
"""Half the side of the window in which opacity is a linear function of colour, in working pixels."""

_FLAT = np.float32(1e-5)
"""The variance of colour below which a window counts as flat: the noise of a good photo."""

_REACH = 16
"""How far a doubt of the network may move the edge, and the scale on which softness is judged, in working pixels."""


_FULL_SCALE = 1 << 19
"""In working pictures with fewer pixels than this, windows and reaches shrink with the picture."""


# ---- the doors ------------------------------------------------------------------------------------------------------


def refine(rgb: Pixels, prediction: Alpha) -> Pixels:
    """The matte of a photo at full size: uint8 H×W, 0 background, 255 subject.

    `rgb` is uint8 H×W×3, `prediction` float32 h×w in [0, 1] at the network's resolution, not stretched.
    """
    guide, start = _working_pair(rgb, prediction)
    band = _Band(guide, _doubt(start))
    matte = _solve(band, start, start, _trust(start, band, prediction.size), steps=6)
    return _carry(rgb, guide, matte, band.slopes(matte))


def refine_hair(rgb: Pixels, prediction: Alpha, settings: TrimapSettings = RECOMMENDED) -> Pixels:
    """As `refine`, with the colours beside the edge as a second witness: slower, and finer where hair is.

    With the default `settings` the unknown region follows the network's own doubt; with others it is their `trimap`.
    """
    guide, start = _working_pair(rgb, prediction)
    unknown = _doubt(start)
    if settings != RECOMMENDED:
        erode = round(settings.erode_size * math.sqrt(start.size / (rgb.shape[0] * rgb.shape[1])))
        scaled = TrimapSettings(settings.foreground_threshold, settings.background_threshold, erode)
        unknown = trimap(start, scaled) == 128
    band = _Band(guide, unknown)
    trust = _trust(start, band, prediction.size)
    witness, reliance = _explained_by_colours(guide, start)
    target = (trust * start + reliance * witness) / np.maximum(trust + reliance, np.float32(1e-9))
    matte = _solve(band, start, target, trust + reliance, steps=8)
    return _carry(rgb, guide, matte, band.slopes(matte))


# ---- what the network is sure of ------------------------------------------------------------------------------------


def _working_pair(rgb: Pixels, prediction: Alpha) -> tuple[Floats, Floats]:
    """Photo (h×w×3) and prediction (h×w) in [0, 1] at the working size, parts more than half opaque made so."""
    size = fit(rgb.shape[1], rgb.shape[0], WORK_PIXELS)
    guide = unit(resize(rgb, *size))
    start: Floats = np.clip(resize(prediction, *size), 0, 1)
    # Hair is soft in a narrow band. What is soft all around is a part that the network only half believes in; shown as
    # it is, it would be a ghost.
    ghost = np.clip((_softness(start) - np.float32(0.4)) / np.float32(0.2), 0, 1) * (start > 0.5)
    return guide, start + ghost * (_steep(start) - start)


def _scale(plane: Floats) -> float:
    return min(1.0, math.sqrt(plane.shape[0] * plane.shape[1] / _FULL_SCALE))


def _reach(plane: Floats) -> int:
    return max(1, round(_REACH * _scale(plane)))


def _softness(matte: Floats) -> Floats:
    """How soft the matte is around each pixel, in [0, 1]: 1 where all the neighbourhood is half transparent."""
    softness: Floats = cv2.blur(4 * matte * (1 - matte), (2 * _reach(matte) + 1,) * 2).reshape(matte.shape)
    return softness


def _steep(matte: Floats) -> Floats:
    steep: Floats = 1 / (1 + np.exp(np.float32(-20) * (matte - np.float32(0.5))))
    return steep


def _doubt(start: Floats) -> Mask:
    """Where the matte may change: within `_REACH` of a pixel that the network is not sure of, or of the edge."""
    soft = ((start > 0.05) & (start < 0.95)).astype(np.uint8)
    inside = (start >= 0.5).astype(np.uint8)
    crossing = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).reshape(start.shape)
    return (
        cv2.dilate(np.maximum(soft, crossing), np.ones((2 * _reach(start) + 1,) * 2, np.uint8)).reshape(start.shape) > 0
    )


def _trust(start: Floats, band: _Band, pixels: int) -> Floats:
    """How much the opinion of a network that answered with so many `pixels` weighs against the photo's colours.

    Less where it is undecided, and far less where all the neighbourhood is soft, as hair is: there the photo knows
    better, and along a crisp edge the network does. More where colours do not explain what the network saw, as among
    spokes, and on thin structures that stand alone, such as whiskers, which colours alone would fade. And the more, the
    coarser the network: its softness is its own blur.
    """
    certain = np.abs(2 * start - 1) ** 3
    alone = _alone(start)
    weight = np.float32(0.2 / _scale(start) ** 2) / ((_softness(start) * 10) ** 4 + np.float32(0.1))
    coarseness = np.float32(max(1.0, math.sqrt(WORK_PIXELS / pixels)))
    trust: Floats = coarseness * (weight * (certain + 20 * alone) + 3 * certain * band.unexplained(start))
    return trust


def _alone(start: Floats) -> Floats:
    """How much of the matte is thin structures away from everything else: a top-hat of 11 pixels, clear of its bulk."""
    bulk = opened(start, 11)
    alone: Floats = (start - bulk) * (1 - cv2.dilate(bulk, np.ones((13, 13), np.uint8)).reshape(start.shape))
    return alone


def _believed(plane: Floats) -> Floats:
    """1 where the network gives `plane` at least a tenth within 2 pixels, less where it gives less.

    Farther out, a background of the subject's colour is no subject: it would leave stains beside the edge.
    """
    near = cv2.dilate(plane, np.ones((5, 5), np.uint8)).reshape(plane.shape)
    believed: Floats = np.minimum(near * np.float32(10), 1)
    return believed


def _without_haze(matte: Floats) -> Floats:
    """The matte with wide faint veils over the background, and wide faint holes in the subject, taken away.

    What is narrower than 15 pixels is no veil; what is above 15 % is meant.
    """
    for _ in range(2):
        veil = opened(matte, 15)
        kept = np.where(veil < 0.15, np.maximum(veil - np.float32(0.03), 0) * np.float32(1.25), veil)
        matte = 1 - np.clip(matte - veil + kept, 0, 1)  # and once more for the holes
    return matte


# ---- matting --------------------------------------------------------------------------------------------------------


class _Band:
    """The matting Laplacian of the photo over the unknown pixels (Levin et al. 2008, "A Closed-Form Solution").

    With large windows, and applied without ever storing a matrix, as in He, Sun and Tang (2010, "Fast Matting Using
    Large Kernel Matting Laplacian Matrices"), in tiles that are together exactly the whole picture.
    """

    def __init__(self, guide: Floats, unknown: Mask) -> None:
        self.unknown = unknown
        self.shape = guide.shape
        height, width = unknown.shape
        self._windows = [_Windows(guide, box) for box in tiles(height, width, 192) if unknown[box].any()]
        each(_Windows.prepare, self._windows)

    def laplacian(self, plane: Floats) -> Floats:
        """Laplacian · plane on the unknown pixels, 0 on the others."""
        return self._collect(plane, _Windows.laplacian, self.unknown.shape)

    def unexplained(self, plane: Floats) -> Floats:
        """The variance of `plane` that linear functions of colour leave unexplained."""
        return self._collect(plane, _Windows.unexplained, self.unknown.shape)

    def slopes(self, plane: Floats) -> Floats:
        """h×w×3: how `plane` changes with each colour."""
        return self._collect(plane, _Windows.slopes, self.shape)

    def _collect(self, plane: Floats, method: Callable[[_Windows, Floats], Floats], shape: tuple[int, ...]) -> Floats:
        result = np.zeros(shape, np.float32)

        def place(windows: _Windows) -> None:
            result[windows.inner] = method(windows, plane[windows.outer])[windows.core]

        each(place, self._windows)
        result[~self.unknown] = 0
        return result


class _Windows:
    """The windows of one tile: in each, the linear function of colour that best explains a plane.

    A tile reads two radii beyond its border; what its methods return is right on its `core`.
    """

    def __init__(self, guide: Floats, inner: Box) -> None:
        rows, columns = inner
        self.radius = max(1, round(_RADIUS * _scale(guide)))
        self.inner = inner
        self.outer = grow(rows, 2 * self.radius, guide.shape[0]), grow(columns, 2 * self.radius, guide.shape[1])
        self.core = within(rows, self.outer[0]), within(columns, self.outer[1])
        self.guide = guide

    def prepare(self) -> None:
        colours = self.guide[self.outer] - np.float32(0.5)
        self.channels = i = [np.ascontiguousarray(colours[..., c]) for c in range(3)]
        self.count = self._sum(np.ones(colours.shape[:2], np.float32))
        self.share = 1 / self.count
        self.means = m = [self._sum(c) * self.share for c in i]
        pairs = (0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)
        a, b, c, d, e, f = (
            self._sum(i[p] * i[q]) * self.share - m[p] * m[q] + (_FLAT if p == q else 0) for p, q in pairs
        )
        # LDLᵀ rather than the adjugate: in single precision the determinant of a grey window may come out as 0.
        second = np.maximum(d - b * b / a, _FLAT)
        low = (e - b * c / a) / second
        third = np.maximum(f - c * c / a - low * low * second, _FLAT)
        self.lower, self.pivots = (b / a, c / a, low), (1 / a, 1 / second, 1 / third)

    def _covariances(self, plane: Floats) -> tuple[Floats, list[Floats]]:
        mean = self._sum(plane) * self.share
        return mean, [
            self._sum(plane * c) * self.share - mean * m for c, m in zip(self.channels, self.means, strict=True)
        ]

    def _slopes(self, shared: list[Floats]) -> list[Floats]:
        x, y, z = shared
        p, q, r = self.lower
        y = y - p * x
        third = (z - q * x - r * y) * self.pivots[2]
        second = y * self.pivots[1] - r * third
        return [x * self.pivots[0] - p * second - q * third, second, third]

    def _model(self, plane: Floats) -> tuple[list[Floats], Floats]:
        """Slopes and offset of each window's linear function."""
        mean, shared = self._covariances(plane)
        slopes = self._slopes(shared)
        u, v, w = (slope * m for slope, m in zip(slopes, self.means, strict=True))
        return slopes, mean - u - v - w

    def laplacian(self, plane: Floats) -> Floats:
        """Laplacian · plane, over the number of pixels in a whole window (so its eigenvalues lie in [0, 1])."""
        slopes, offset = self._model(plane)
        explained = self._sum(offset)
        for slope, channel in zip(slopes, self.channels, strict=True):
            explained += self._sum(slope) * channel
        return (self.count * plane - explained) / np.float32((2 * self.radius + 1) ** 2)

    def unexplained(self, plane: Floats) -> Floats:
        mean, shared = self._covariances(plane)
        u, v, w = (slope * c for slope, c in zip(self._slopes(shared), shared, strict=True))
        return self._sum(np.maximum(self._sum(plane * plane) * self.share - mean * mean - u - v - w, 0)) * self.share

    def slopes(self, plane: Floats) -> Floats:
        return np.dstack([self._sum(slope) * self.share for slope in self._model(plane)[0]])

    def _sum(self, plane: Floats) -> Floats:
        side = (2 * self.radius + 1,) * 2
        total = cv2.boxFilter(plane, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return total.reshape(plane.shape)


def _solve(band: _Band, start: Floats, target: Floats, trust: Floats, steps: int) -> Floats:
    """The matte (h×w) that follows both `target` (h×w, weighted by `trust`) and the photo.

    Minimises matteᵀ · L · matte + Σ trust · (matte − target)² over the unknown pixels; the others keep `start`.
    `steps` of preconditioned conjugate gradients: a few are enough, and what far pixels would add is worth little.
    """
    scale = 1 / (1 + trust)
    rest = np.where(band.unknown, trust * (target - start), np.float32(0)) - band.laplacian(start)
    matte, step = start.copy(), scale * rest
    search, power = step, float(np.vdot(rest, step))
    for _ in range(steps):
        if power <= 1e-9:
            break
        change = band.laplacian(search) + trust * search
        length = np.float32(power / float(np.vdot(search, change)))
        matte += length * search
        rest -= length * change
        step = scale * rest
        power, before = float(np.vdot(rest, step)), power
        search = step + np.float32(power / before) * search
    # The last one per cent at either end is noise of the solution.
    matte = _without_haze(np.clip((matte - np.float32(0.01)) / np.float32(0.98), 0, 1))
    matte = 1 - (1 - matte * _believed(start)) * _believed(1 - start)
    # A single hair that the network found must not fade, whatever the colours around it say.
    return np.maximum(matte, np.float32(0.8) * _alone(start))


def _carry(rgb: Pixels, guide: Floats, matte: Floats, slopes: Floats) -> Pixels:
    """uint8 H×W: matte + slopes · (photo − guide), each brought to full size; at equal size, just the matte.

    As the fast guided filter (He and Sun 2015), but nothing that the matte knows beyond the linear model is lost.
    """
    height, width = rgb.shape[:2]
    offset = matte - slopes[..., 0] * guide[..., 0] - slopes[..., 1] * guide[..., 1] - slopes[..., 2] * guide[..., 2]
    field = np.dstack([offset, slopes / np.float32(255)])
    result = np.empty((height, width), np.uint8)

    def fill(box: Box) -> None:
        part = field[support(field, box, (height, width))]
        if not part[..., 1:].any() and part[..., 0].min() == part[..., 0].max():
            result[box] = round(float(part[0, 0, 0]) * 255)
            return
        here = sample(field, box, (height, width))
        value = here[..., 0]
        for channel in range(3):
            value += here[..., channel + 1] * rgb[(*box, channel)]
        result[box] = np.rint(np.clip(value, 0, 1) * 255)

    each(fill, tiles(height, width, 256))
    return result


# ---- the colours beside the edge ------------------------------------------------------------------------------------


def _explained_by_colours(guide: Floats, start: Floats) -> tuple[Floats, Floats]:
    """The opacity (h×w) that mixes the nearby sure subject and sure background into each pixel, and its reliability.

    Reliable is a mixture that meets the pixel's colour, of two colours that differ by far more than either varies.
    """
    size = start.shape[::-1]
    subject, subject_spread, subject_near = _nearby(guide, start > 0.95)
    ground, ground_spread, ground_near = _nearby(guide, start < 0.05)
    subject, ground, spread, near = (
        cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR).reshape(*start.shape, *plane.shape[2:])
        for plane in (subject, ground, subject_spread + ground_spread, subject_near * ground_near)
    )
    across, beside = subject - ground, guide - ground
    distance = _dot(across, across)
    share = np.clip(_dot(beside, across) / (distance + np.float32(1e-4)), 0, 1)
    beside -= share[..., None] * across
    reliable = near * distance / (distance + 4 * (_dot(beside, beside) + spread) + np.float32(1e-3))
    return share, np.float32(0.15) * reliable**2


def _nearby(guide: Floats, where: Mask) -> tuple[Floats, Floats, Floats]:
    """On a quarter of the scale: the mean colour of the pixels `where`, its variance, and whether there are any."""
    size = max(1, where.shape[1] // 4), max(1, where.shape[0] // 4)

    def blur(plane: Floats) -> Floats:
        small = resize(plane, *size)
        return cv2.GaussianBlur(small, (0, 0), _reach(where) / 8).reshape(small.shape)

    weight = where.astype(np.float32)
    masked = guide * weight[..., None]
    total = blur(weight)
    near = total / (total + np.float32(0.01))
    total += np.float32(1e-6)
    mean = blur(masked) / total[..., None]
    spread = np.maximum(blur(_dot(masked, guide)) / total - _dot(mean, mean), 0)
    return mean, spread, near


def _dot(a: Floats, b: Floats) -> Floats:
    product: Floats = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return product
