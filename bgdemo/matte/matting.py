"""Alpha mattes at full resolution: a network's small prediction, refined with the photo as guide.

A network sees a small picture and answers with a small one. Around its edge the matte is solved on a working picture of
about as many pixels, with the photo's colours as guide, and upsampled to full resolution by adding the photo's own
detail. Only the unknown region around the edge is ever touched. Everything is deterministic, and linear in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from bgdemo.images import Alpha, Pixels
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.planes import (
    WORK_PIXELS,
    Box,
    Floats,
    Mask,
    dilation,
    enlarged,
    fit,
    grow,
    interpolation_support,
    opening,
    parallel_map,
    resize,
    tiles,
    tiles_of,
    to_float,
    within,
)
from bgdemo.matte.trimap import BACKGROUND, RECOMMENDED, SUBJECT, UNKNOWN, TrimapSettings, trimap

# Sides in pixels of the pieces that are worked on at a time: what they need stays in the processor's cache.
_LAPLACIAN_TILE = 192
_UPSAMPLING_TILE = 256

# ---- the two modes --------------------------------------------------------------------------------------------------


def refine(rgb: Pixels, prediction: Alpha) -> Pixels:
    """The matte of a photo at full size: uint8 H×W, 0 background, 255 subject.

    `rgb` is uint8 H×W×3, `prediction` float32 h×w in [0, 1] at the network's resolution, not stretched.
    """
    guide, prior = _working_pair(rgb, prediction)
    laplacian = _MattingLaplacian(guide, _unknown(prior, RECOMMENDED, rgb.shape[0] * rgb.shape[1]))
    confidence = _confidence(prior, laplacian, prediction.size)
    matte = _solve(laplacian, prior, prior, confidence, CONSTANTS.refine_steps)
    return _upsample(rgb, guide, matte, laplacian.slopes(matte))


def alpha_matting(rgb: Pixels, prediction: Alpha, settings: TrimapSettings = RECOMMENDED) -> Pixels:
    """As `refine`, with the colours beside the edge as a second witness: slower, and finer where hair is.

    With the default `settings` the unknown region follows the network's own doubt; with others it is their `trimap`.
    """
    guide, prior = _working_pair(rgb, prediction)
    laplacian = _MattingLaplacian(guide, _unknown(prior, settings, rgb.shape[0] * rgb.shape[1]))
    confidence = _confidence(prior, laplacian, prediction.size)
    sampled, reliability = _sampled_alpha(guide, prior)
    target = (confidence * prior + reliability * sampled) / np.maximum(confidence + reliability, np.float32(1e-9))
    matte = _solve(laplacian, prior, target, confidence + reliability, CONSTANTS.alpha_matting_steps)
    return _upsample(rgb, guide, matte, laplacian.slopes(matte))


def solved_trimap(rgb: Pixels, prediction: Alpha, settings: TrimapSettings = RECOMMENDED) -> Pixels:
    """What `alpha_matting` takes as sure, and what it solves: the trimap of the working picture, uint8 h×w.

    That of `refine` is the one of the default `settings`.
    """
    return _trimap(_working_pair(rgb, prediction)[1], settings, rgb.shape[0] * rgb.shape[1])


# ---- the working picture --------------------------------------------------------------------------------------------


def _working_pair(rgb: Pixels, prediction: Alpha) -> tuple[Floats, Floats]:
    """Guide (the photo, h×w×3) and prior (the prediction, h×w) in [0, 1] at the working size, without ghosts."""
    size = fit(rgb.shape[1], rgb.shape[0], WORK_PIXELS)
    prior: Floats = np.clip(resize(prediction, *size), 0, 1)
    return to_float(resize(rgb, *size)), _without_ghosts(prior)


def _without_ghosts(prior: Floats) -> Floats:
    """The prior with what is soft all around, and more than half opaque, made opaque.

    Hair is soft in a narrow band. What is soft all around is a part that the network only half believes in; shown as
    it is, it would be a ghost.
    """
    c = CONSTANTS
    ghost = np.clip((_softness(prior) - c.ghost_softness) / c.ghost_ramp, 0, 1) * (prior > 0.5)
    sigmoid = 1 / (1 + np.exp(-c.ghost_steepness * (prior - 0.5)))
    result: Floats = prior + ghost * (sigmoid - prior)
    return result


def _scale(plane: Floats) -> float:
    """How much smaller than `full_scale` the picture is, along a side: at most 1."""
    return min(1.0, math.sqrt(plane.shape[0] * plane.shape[1] / CONSTANTS.full_scale))


def _band_radius(plane: Floats) -> int:
    return max(1, round(CONSTANTS.band_radius * _scale(plane)))


def _softness(matte: Floats) -> Floats:
    """How soft the matte is around each pixel, in [0, 1]: 1 where all the neighbourhood is half transparent."""
    softness: Floats = cv2.blur(4 * matte * (1 - matte), (2 * _band_radius(matte) + 1,) * 2).reshape(matte.shape)
    return softness


# ---- the unknown region ---------------------------------------------------------------------------------------------


def _unknown(prior: Floats, settings: TrimapSettings, photo_pixels: int) -> Mask:
    """Where matting may change the prior; the settings are for a photo of so many pixels."""
    return _trimap(prior, settings, photo_pixels) == UNKNOWN


def _trimap(prior: Floats, settings: TrimapSettings, photo_pixels: int) -> Pixels:
    if settings == RECOMMENDED:
        return np.where(_doubtful(prior), UNKNOWN, np.where(prior >= 0.5, SUBJECT, BACKGROUND))
    return trimap(prior, settings, math.sqrt(prior.size / photo_pixels))


def _doubtful(prior: Floats) -> Mask:
    """The pixels within a band's radius of one that the network is not sure of, or of the edge."""
    soft = ((prior > 1 - CONSTANTS.sure) & (prior < CONSTANTS.sure)).astype(np.uint8)
    inside = (prior >= 0.5).astype(np.uint8)
    edge = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).reshape(prior.shape)
    return dilation(np.maximum(soft, edge), 2 * _band_radius(prior) + 1) > 0


# ---- what the network is sure of ------------------------------------------------------------------------------------


def _confidence(prior: Floats, laplacian: _MattingLaplacian, pixels: int) -> Floats:
    """How much the opinion of a network that answered with so many `pixels` weighs against the photo's colours.

    Less where it is undecided, and far less where all the neighbourhood is soft, as hair is: there the photo knows
    better, and along a crisp edge the network does. More where colours do not explain what the network saw, as among
    spokes, and on thin structures that stand alone, such as whiskers, which colours alone would fade. And the more, the
    coarser the network: its softness is its own blur.
    """
    c = CONSTANTS
    certainty = np.abs(2 * prior - 1) ** c.certainty_power
    softness = (_softness(prior) * c.softness_gain) ** c.softness_power + c.softness_floor
    weight = c.confidence / _scale(prior) ** 2 / softness
    coarseness = max(1.0, math.sqrt(WORK_PIXELS / pixels))
    confidence: Floats = coarseness * (
        weight * (certainty + c.thin_confidence * _thin_structures(prior))
        + c.unexplained_confidence * certainty * laplacian.unexplained(prior)
    )
    return confidence


def _thin_structures(prior: Floats) -> Floats:
    """What of the matte is thin and away from everything else: a white top-hat, clear of the bulk."""
    bulk = opening(prior, CONSTANTS.thin_side)
    thin: Floats = (prior - bulk) * (1 - dilation(bulk, CONSTANTS.thin_clearance))
    return thin


def _proximity(plane: Floats) -> Floats:
    """1 where the network gives `plane` enough in the neighbourhood, less where it gives less.

    Farther out, a background of the subject's colour is no subject: it would leave stains beside the edge.
    """
    proximity: Floats = np.minimum(dilation(plane, CONSTANTS.proximity_side) * CONSTANTS.proximity_gain, 1)
    return proximity


# ---- matting --------------------------------------------------------------------------------------------------------


class _MattingLaplacian:
    """The matting Laplacian of the photo over the unknown pixels (Levin et al. 2008, "A Closed-Form Solution").

    With large windows, and applied without ever storing a matrix, as in He, Sun and Tang (2010, "Fast Matting Using
    Large Kernel Matting Laplacian Matrices"), in tiles that are together exactly the whole picture.
    """

    def __init__(self, guide: Floats, unknown: Mask) -> None:
        self.unknown = unknown
        self.shape = guide.shape
        self._tiles = [_LocalModels(guide, box) for box in tiles_of(unknown, _LAPLACIAN_TILE)]
        parallel_map(_LocalModels.factorise, self._tiles)

    def times(self, plane: Floats) -> Floats:
        """Laplacian · plane on the unknown pixels, 0 on the others."""
        return self._collect(plane, _LocalModels.laplacian, self.unknown.shape)

    def unexplained(self, plane: Floats) -> Floats:
        """The variance of `plane` that linear functions of colour leave unexplained."""
        return self._collect(plane, _LocalModels.unexplained, self.unknown.shape)

    def slopes(self, plane: Floats) -> Floats:
        """h×w×3: how `plane` changes with each colour."""
        return self._collect(plane, _LocalModels.slopes, self.shape)

    def _collect(
        self, plane: Floats, method: Callable[[_LocalModels, Floats], Floats], shape: tuple[int, ...]
    ) -> Floats:
        result = np.zeros(shape, np.float32)

        def place(models: _LocalModels) -> None:
            result[models.inner] = method(models, plane[models.outer])[models.core]

        parallel_map(place, self._tiles)
        result[~self.unknown] = 0
        return result


class _LocalModels:
    """The windows of one tile, and in each the linear function of colour that best explains a plane.

    A tile reads two radii beyond its border; what its methods return is right on its `core`.
    """

    def __init__(self, guide: Floats, inner: Box) -> None:
        rows, columns = inner
        self.radius = max(1, round(CONSTANTS.window_radius * _scale(guide)))
        self.inner = inner
        self.outer = grow(rows, 2 * self.radius, guide.shape[0]), grow(columns, 2 * self.radius, guide.shape[1])
        self.core = within(rows, self.outer[0]), within(columns, self.outer[1])
        self.guide = guide

    def factorise(self) -> None:
        colours = self.guide[self.outer] - np.float32(0.5)
        self.channels = i = [np.ascontiguousarray(colours[..., c]) for c in range(3)]
        self.count = self._window_sum(np.ones(colours.shape[:2], np.float32))
        self.inverse_count = 1 / self.count
        self.means = m = [self._window_sum(c) * self.inverse_count for c in i]
        flat = CONSTANTS.flat_variance
        pairs = (0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)
        a, b, c, d, e, f = (
            self._window_sum(i[p] * i[q]) * self.inverse_count - m[p] * m[q] + (flat if p == q else 0) for p, q in pairs
        )
        # LDLᵀ rather than the adjugate: in single precision the determinant of a grey window may come out as 0.
        second = np.maximum(d - b * b / a, flat)
        low = (e - b * c / a) / second
        third = np.maximum(f - c * c / a - low * low * second, flat)
        self.lower, self.pivots = (b / a, c / a, low), (1 / a, 1 / second, 1 / third)

    def _covariances(self, plane: Floats) -> tuple[Floats, list[Floats]]:
        mean = self._window_sum(plane) * self.inverse_count
        return mean, [
            self._window_sum(plane * c) * self.inverse_count - mean * m
            for c, m in zip(self.channels, self.means, strict=True)
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
        explained = self._window_sum(offset)
        for slope, channel in zip(slopes, self.channels, strict=True):
            explained += self._window_sum(slope) * channel
        return (self.count * plane - explained) / np.float32((2 * self.radius + 1) ** 2)

    def unexplained(self, plane: Floats) -> Floats:
        mean, shared = self._covariances(plane)
        u, v, w = (slope * c for slope, c in zip(self._slopes(shared), shared, strict=True))
        return (
            self._window_sum(
                np.maximum(self._window_sum(plane * plane) * self.inverse_count - mean * mean - u - v - w, 0)
            )
            * self.inverse_count
        )

    def slopes(self, plane: Floats) -> Floats:
        return np.dstack([self._window_sum(slope) * self.inverse_count for slope in self._model(plane)[0]])

    def _window_sum(self, plane: Floats) -> Floats:
        side = (2 * self.radius + 1,) * 2
        total = cv2.boxFilter(plane, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return total.reshape(plane.shape)


def _solve(laplacian: _MattingLaplacian, prior: Floats, target: Floats, confidence: Floats, steps: int) -> Floats:
    """The matte (h×w) that follows both `target` (h×w, weighted by `confidence`) and the photo, cleaned of what is not.

    Minimises matteᵀ · L · matte + Σ confidence · (matte − target)² over the unknown pixels; the others keep the prior.
    `steps` of conjugate gradients, preconditioned by the diagonal.
    """
    scale = 1 / (1 + confidence)
    residual = np.where(laplacian.unknown, confidence * (target - prior), np.float32(0)) - laplacian.times(prior)
    matte, step = prior.copy(), scale * residual
    search, power = step, float(np.vdot(residual, step))
    for _ in range(steps):
        if power <= 1e-9:
            break
        change = laplacian.times(search) + confidence * search
        length = np.float32(power / float(np.vdot(search, change)))
        matte += length * search
        residual -= length * change
        step = scale * residual
        power, before = float(np.vdot(residual, step)), power
        search = step + np.float32(power / before) * search
    return _cleaned(matte, prior)


def _cleaned(solution: Floats, prior: Floats) -> Floats:
    """The solution without noise, haze, and what is far from all that the network saw."""
    matte = _without_haze(np.clip((solution - CONSTANTS.noise) / (1 - 2 * CONSTANTS.noise), 0, 1))
    matte = 1 - (1 - matte * _proximity(prior)) * _proximity(1 - prior)
    # A single hair that the network found must not fade, whatever the colours around it say.
    return np.maximum(matte, CONSTANTS.thin_kept * _thin_structures(prior))


def _without_haze(matte: Floats) -> Floats:
    """The matte with wide faint veils over the background, and wide faint holes in the subject, taken away."""
    limit, removed = CONSTANTS.haze_limit, CONSTANTS.haze_removed
    for _ in range(2):
        veil = opening(matte, CONSTANTS.haze_side)
        kept = np.where(veil < limit, np.maximum(veil - removed, 0) * (limit / (limit - removed)), veil)
        matte = 1 - np.clip(matte - veil + kept, 0, 1)  # and once more for the holes
    return matte


# ---- full resolution ------------------------------------------------------------------------------------------------


def _upsample(rgb: Pixels, guide: Floats, matte: Floats, slopes: Floats) -> Pixels:
    """uint8 H×W: matte + slopes · (photo − guide), each brought to full size; at equal size, just the matte.

    As the fast guided filter (He and Sun 2015), but nothing that the matte knows beyond the linear model is lost.
    """
    height, width = rgb.shape[:2]
    field = cv2.merge([(matte - _dot(slopes, guide)) * np.float32(255), slopes])
    result = np.empty((height, width), np.uint8)

    def fill(box: Box) -> None:
        part = field[interpolation_support(field, box, (height, width))]
        if not part[..., 1:].any() and part[..., 0].min() == part[..., 0].max():
            result[box] = round(float(part[0, 0, 0]))
            return
        levels, *slopes_here = cv2.split(enlarged(field, box, (height, width)))
        for channel, slope in enumerate(slopes_here):
            levels += slope * rgb[(*box, channel)]
        result[box] = np.rint(np.clip(levels, 0, 255, out=levels), out=levels)

    parallel_map(fill, tiles(height, width, _UPSAMPLING_TILE))
    return result


# ---- the colours beside the edge ------------------------------------------------------------------------------------


def _sampled_alpha(guide: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """The opacity (h×w) that mixes the nearby sure subject and sure background into each pixel, and its reliability.

    Reliable is a mixture that meets the pixel's colour, of two colours that differ by far more than either varies.
    """
    c = CONSTANTS
    foreground, foreground_variance, foreground_near = _local_colour(guide, prior > c.sure)
    background, background_variance, background_near = _local_colour(guide, prior < 1 - c.sure)
    size = prior.shape[::-1]
    foreground, background, variance, near = (
        resize(plane, *size)
        for plane in (
            foreground,
            background,
            foreground_variance + background_variance,
            foreground_near * background_near,
        )
    )
    across, misfit = foreground - background, guide - background
    distance = _dot(across, across)
    alpha = np.clip(_dot(misfit, across) / (distance + c.sampling_distance), 0, 1)
    misfit -= alpha[..., None] * across
    spread = c.sampling_misfit * (_dot(misfit, misfit) + variance)
    reliability = near * distance / (distance + spread + c.sampling_noise)
    return alpha, c.sampling_confidence * reliability**2


def _local_colour(guide: Floats, where: Mask) -> tuple[Floats, Floats, Floats]:
    """On a smaller picture: the mean colour of the pixels `where`, its variance, and whether there are any."""
    c = CONSTANTS
    size = max(1, where.shape[1] // c.sampling_shrink), max(1, where.shape[0] // c.sampling_shrink)

    def blur(plane: Floats) -> Floats:
        small = resize(plane, *size)
        return cv2.GaussianBlur(small, (0, 0), c.sampling_sigma * _band_radius(where)).reshape(small.shape)

    weight = where.astype(np.float32)
    masked = guide * weight[..., None]
    total = blur(weight)
    near = total / (total + c.sampling_presence)
    total += np.float32(1e-6)
    mean = blur(masked) / total[..., None]
    variance = np.maximum(blur(_dot(masked, guide)) / total - _dot(mean, mean), 0)
    return mean, variance, near


def _dot(a: Floats, b: Floats) -> Floats:
    product: Floats = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return product
