"""Background subtraction: the subject is what a photo of the empty scene, the plate, does not explain.

The plate is brought to the photo's place (Lucas and Kanade's registration, 1981, with robust weights) and exposure, and
the noise between both is measured where they agree. Each pixel of the photo then is one of three: the plate's with that
noise; the plate's in a shadow, darker by a factor that varies smoothly, with the plate's chromaticity and texture; or
any colour whatever, the subject. It needs to know nothing of what a subject looks like.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.errors import UserError
from bgdemo.images import Alpha, Matte, Photo
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.models import PLATE
from bgdemo.matte.planes import Floats, Mask, dilation, fit, resize

_ANY = 3 * math.log(256)
"""−log of the density of a colour of which nothing is known, of three channels of 256 levels."""

_NORMAL_MEDIAN = 0.4549
"""The median of the square of a standard normal variable."""


def subtract(photo: Photo, plate: Photo) -> Matte:
    """What is in `photo` and not in `plate`, a photo of the same place from the same place, in its own exposure.

    Both may differ in size, by some hundredths of their width in position and by a degree or two in angle. The matte is
    float32 h×w in [0, 1], of at most half a million pixels and no more than the plate has; it is not `clear` where
    nothing was found. Raises UserError for photos of different shape, and for those that do not show the same place.
    """
    width, height = photo.size
    across, down = plate.size
    if abs(math.log(width * down / (height * across))) > CONSTANTS.plate_shape:
        raise UserError("error.plate_shape")
    size = fit(width, height, min(CONSTANTS.plate_pixels, across * down))
    scene, empty = (_smoothed(resize(one.rgb, *size)) for one in (photo, plate))
    noise = np.sqrt(_noise(scene) ** 2 + _noise(empty) ** 2)
    empty, seen = _moved(empty, _registration(scene, empty))
    empty = _exposed(scene, empty, seen)
    variance = _variance(scene, empty, seen, noise)
    evidence = _evidence(scene, empty, variance)
    alpha = _regularised(_extended(evidence, seen), scene)
    if not _match(scene, empty, seen & (alpha < 0.5), noise):
        raise UserError("error.plate_mismatch")
    return Matte(alpha, PLATE, clear=bool(alpha.max() >= 0.5))


def empty_scene(photo: Photo) -> Photo:
    """`photo` as a plate, no larger than is worked on: cheap to keep, and to send along."""
    size = fit(*photo.size, CONSTANTS.plate_pixels)
    if size == photo.size and photo.alpha is None:
        return photo
    return Photo(np.ascontiguousarray(resize(photo.rgb, *size)))


def _smoothed(rgb: NDArray[np.uint8]) -> Floats:
    return _blurred(rgb.astype(np.float32), CONSTANTS.plate_smoothing)


def _blurred(plane: Floats, sigma: float) -> Floats:
    blurred: Floats = cv2.GaussianBlur(plane, (0, 0), sigma)
    return blurred


def _grey(rgb: Floats) -> Floats:
    grey: Floats = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return grey


def _noise(rgb: Floats) -> Floats:
    """The standard deviation of each channel's finest detail, robust (MAD): where a photo is smooth, its noise."""
    detail = np.abs(rgb - _blurred(rgb, 2 * CONSTANTS.plate_smoothing))
    deviation: Floats = np.median(detail, axis=(0, 1)) / np.sqrt(_NORMAL_MEDIAN)
    return deviation.astype(np.float32)


# ---- registration ---------------------------------------------------------------------------------------------------


def _registration(scene: Floats, empty: Floats) -> Floats:
    """2×3: from a pixel of `scene` to that of `empty`, an affine motion; coarse to fine."""
    height, width = scene.shape[:2]
    largest = min(1.0, CONSTANTS.plate_register_side / max(height, width))
    motion = np.zeros(6)
    for level in (8, 4, 2, 1):
        size = round(width * largest / level), round(height * largest / level)
        if min(size) >= CONSTANTS.plate_register_least:
            one, two = (_structure(resize(_grey(plane), *size)) for plane in (scene, empty))
            motion = _aligned(one, two, motion)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    linear = np.eye(2) + motion[[0, 1, 3, 4]].reshape(2, 2)
    return np.column_stack([linear, motion[[2, 5]] * width + centre - linear @ centre]).astype(np.float32)


def _structure(grey: Floats) -> Floats:
    """The detail of a picture in units of its local contrast: the same in any exposure, and in a shadow."""
    detail = grey - _blurred(grey, CONSTANTS.plate_detail)
    contrast = np.sqrt(_blurred(detail * detail, CONSTANTS.plate_detail))
    return _blurred(detail / (contrast + np.float32(CONSTANTS.plate_contrast)), CONSTANTS.plate_smoothing)


def _aligned(one: Floats, two: Floats, motion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Six numbers, x and y from the middle and motion in widths of the picture: [a b c; d e f]·(x, y, 1).

    Gauss-Newton steps, with Geman and McClure's weights against what is in one picture only. A camera that was held
    still moves little: a prior says so, where there is no texture to tell.
    """
    height, width = one.shape
    down, across = np.mgrid[:height, :width].astype(np.float32)
    x, y = (across - (width - 1) / 2) / width, (down - (height - 1) / 2) / width
    scale = CONSTANTS.plate_register_scale
    prior = np.eye(6) * (scale / CONSTANTS.plate_motion) ** 2 * CONSTANTS.plate_correlated
    for _ in range(CONSTANTS.plate_register_steps):
        a, b, c, d, e, f = (motion * width).astype(np.float32)
        to_x, to_y = across + a * x + b * y + c, down + d * x + e * y + f
        moved = cv2.remap(two, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = (to_x >= 0) & (to_y >= 0) & (to_x <= width - 1) & (to_y <= height - 1)
        right, below = (slope * np.float32(width) for slope in _slopes((one + moved) / 2))
        misfit = one - moved
        weight = (seen / (1 + (misfit / scale) ** 2) ** 2).ravel()
        jacobian = np.stack([right * x, right * y, right, below * x, below * y, below]).reshape(6, -1)
        weighted = jacobian * weight
        step = np.linalg.solve(weighted @ jacobian.T + prior, weighted @ misfit.ravel() - prior @ motion)
        motion = motion + step
        if np.abs(step).max() * width < CONSTANTS.plate_register_precision:
            break
    return motion


def _slopes(plane: Floats) -> tuple[Floats, Floats]:
    """How much `plane` changes from pixel to pixel, to the right and down (Sobel's filters)."""
    right: Floats = cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8)
    down: Floats = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8)
    return right, down


def _moved(empty: Floats, motion: Floats) -> tuple[Floats, Mask]:
    """`empty` where the scene is, and where the plate shows it."""
    height, width = empty.shape[:2]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(empty, motion, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpAffine(np.ones((height, width), np.float32), motion, (width, height), flags=flags)
    return np.clip(moved, 0, 255), seen > 0.99


# ---- exposure and noise ---------------------------------------------------------------------------------------------


def _exposed(scene: Floats, empty: Floats, seen: Mask) -> Floats:
    """`empty` in the exposure and colour balance of `scene`: each channel times a gain, plus an offset.

    They begin with the most frequent ratio, which is the background's where it is a good part of the picture, and are
    then fitted with robust weights. Of what is saturated in the plate only the least is known.
    """
    ratio = np.log((_grey(scene) + 8) / (_grey(empty) + 8))[seen]
    counts, edges = np.histogram(ratio, CONSTANTS.plate_ratios, (-CONSTANTS.plate_exposure, CONSTANTS.plate_exposure))
    frequent = int(np.convolve(counts, np.hanning(7), "same").argmax())
    lit = seen & (np.maximum(scene, empty).max(axis=2) < CONSTANTS.plate_saturated)
    one, two = scene[lit].astype(np.float64), empty[lit].astype(np.float64)
    lines = np.array([[math.exp((edges[frequent] + edges[frequent + 1]) / 2), 0.0]] * 3)
    scale = CONSTANTS.plate_exposure_scale
    for _ in range(CONSTANTS.plate_exposure_steps):
        misfit = ((one - two * lines[:, 0] - lines[:, 1]) ** 2).sum(axis=1)
        weight = 1 / (1 + misfit / scale**2) ** 2
        lines = np.array([_line(two[:, c], one[:, c], weight, lines[c]) for c in range(3)])
        scale = max(scale * 0.8, CONSTANTS.plate_exposure_scale / 4)
    exposed = np.clip(empty * lines[:, 0].astype(np.float32) + lines[:, 1].astype(np.float32), 0, 255)
    return np.where(empty >= CONSTANTS.plate_saturated, np.maximum(exposed, scene), exposed)


def _line(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64], before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gain and offset of y = gain·x + offset by weighted least squares, near `before` where x says too little."""
    weighted = weight * x
    total = weight.sum()
    damping = np.array([1.0, CONSTANTS.plate_damping * (total + 1)])
    matrix = np.array([[weighted @ x, weighted.sum()], [weighted.sum(), total]]) + np.diag(damping)
    line: NDArray[np.float64] = np.linalg.solve(matrix, np.array([weighted @ y, weight @ y]) + damping * [before[0], 0])
    return line


def _variance(scene: Floats, empty: Floats, seen: Mask, noise: Floats) -> Floats:
    """Of the difference of both where they show the same, h×w×3: noise, by brightness, and a share of the slope.

    A shift that is left after the registration shows at edges, so the variance rises with the square of the plate's
    slope. Both are medians over what agrees so far, beginning with the noise of the photos' own finest detail.
    """
    squares = (scene - empty) ** 2
    slopes = cv2.blur(sum(slope**2 for slope in _slopes(empty)), (3, 3))
    variance = np.maximum(noise, 1) ** 2 + np.float32(0.1) * slopes
    for _ in range(CONSTANTS.plate_noise_rounds):
        agreed = seen & ((squares / variance).max(axis=2) < CONSTANTS.plate_agreed)
        if np.count_nonzero(agreed) < CONSTANTS.plate_noise_pixels:
            break
        channels = [_variance_of(squares[..., c], slopes[..., c], empty[..., c], agreed) for c in range(3)]
        variance = np.dstack(channels).astype(np.float32)
    return variance


def _variance_of(squares: Floats, slopes: Floats, levels: Floats, agreed: Mask) -> Floats:
    """One channel of `_variance`."""
    square, slope, level = squares[agreed], slopes[agreed], levels[agreed]
    flat = slope <= np.median(slope)
    middles = np.arange(16, 256, 32)
    noise = np.full(len(middles), np.median(square[flat]) / _NORMAL_MEDIAN)
    for place, middle in enumerate(middles):
        alike = flat & (np.abs(level - middle) <= 16)
        if np.count_nonzero(alike) >= CONSTANTS.plate_noise_pixels:
            noise[place] = np.median(square[alike]) / _NORMAL_MEDIAN
    noise = np.maximum(noise, CONSTANTS.plate_quantisation)
    steep = slope >= np.quantile(slope, 0.9)
    here = np.maximum(slope[steep], CONSTANTS.plate_quantisation)
    share = np.median(square[steep] / here) / _NORMAL_MEDIAN - np.median(np.interp(level[steep], middles, noise) / here)
    variance: Floats = np.interp(levels, middles, noise) + np.clip(share, 0.01, 1) * slopes
    return variance


# ---- does it match? -------------------------------------------------------------------------------------------------


def _match(scene: Floats, empty: Floats, background: Mask, noise: Floats) -> bool:
    """Whether both show the same place: enough of it agrees within noise, and in it the plate's texture is seen again.

    What agrees by chance is little, and has no texture in common. `background` is bool h×w, what is no subject.
    """
    c = CONSTANTS
    agreed = background & (np.abs(scene - empty) < c.plate_near * noise + c.plate_near).all(axis=2)
    if np.count_nonzero(agreed) < c.plate_agreement * agreed.size:
        return False
    one, two = (_grey(plane) - _blurred(_grey(plane), c.plate_detail) for plane in (scene, empty))
    power, other = (_blurred(detail * detail, c.plate_detail) for detail in (one, two))
    textured = background & (other > (c.plate_near * float(noise.mean())) ** 2)
    if np.count_nonzero(textured) < c.plate_textured * textured.size:
        return True
    correlation = _blurred(one * two, c.plate_detail) / np.sqrt(power * other + 1)
    return bool(np.mean(correlation[textured] > 0.5) >= 0.5)


# ---- the evidence ---------------------------------------------------------------------------------------------------


class _Shade(NamedTuple):
    """h×w each: log-likelihood of a shadow over any other colour, and the factor by which it darkens."""

    likely: Floats
    factor: Floats


def _evidence(scene: Floats, empty: Floats, variance: Floats) -> Floats:
    """The log-odds of the subject, h×w, cut off at ± `plate_certain`."""
    certain = CONSTANTS.plate_certain
    plain = _ANY - 0.5 * (np.log(2 * np.pi * variance) + (scene - empty) ** 2 / variance).sum(axis=2)
    shade = _within_soft_shadow(_shade(scene, empty, variance), plain)
    likely = np.maximum(shade.likely, _beside(scene, empty, variance, shade))
    return -np.clip(np.maximum(plain, likely), -certain, certain)


def _mean(plane: Floats, side: int = 0) -> Floats:
    mean: Floats = cv2.blur(plane, (side or CONSTANTS.plate_window,) * 2)
    return mean


def _shade(scene: Floats, empty: Floats, variance: Floats) -> _Shade:
    """How well a darkening by one smooth factor explains each window.

    A shadow keeps the plate's texture, and its chromaticity up to a tint. Where the plate has texture that shines
    through it is sure; where plate and photo are smooth, a smooth subject of the same chromaticity looks alike, so that
    hardly anything can be said.
    """
    c = CONSTANTS
    noise = _mean(variance)
    mean, base = _mean(scene), np.maximum(_mean(empty), 1)
    both, own = _mean(scene * empty) - mean * base, _mean(empty * empty) - base * base
    spread = noise / c.plate_independent + (np.float32(c.plate_tint) * mean) ** 2
    up, down = (both / noise + mean * base / spread).sum(axis=2), (own / noise + base * base / spread).sum(axis=2)
    factor = np.clip(up / down, c.plate_darkest, 1)
    misfit = scene - factor[..., None] * empty
    shift = _mean(misfit)
    rough = ((_mean(misfit * misfit) - shift * shift) / noise).sum(axis=2)
    smooth = ((_mean(scene * scene) - mean * mean) / noise).sum(axis=2)
    tinted = (shift * shift / spread).sum(axis=2)
    against = c.plate_independent * np.maximum(rough - 3 * c.plate_slack, 0) + np.maximum(tinted - 2, 0)
    shining = c.plate_independent * np.maximum(smooth - np.maximum(rough, 3), 0)
    likely = c.plate_shadow + np.minimum(shining / 2, c.plate_certain - c.plate_shadow) - against / 2
    return _Shade(likely, factor)


def _within_soft_shadow(shade: _Shade, plain: Floats) -> _Shade:
    """Without what only looks like a shadow: nowhere does it fade into the plain background, all its edges are sharp.

    A shadow of light that is not a mere point has a penumbra.
    """
    explained = (plain > 0) | (shade.likely > 0)
    sure = (plain > 0) | (shade.likely > CONSTANTS.plate_certain / 2)
    count, labels = cv2.connectedComponents(explained.astype(np.uint8), connectivity=4)
    areas, sures = np.bincount(labels.ravel(), minlength=count), np.bincount(labels.ravel(), sure.ravel(), count)
    enclosed = sures < CONSTANTS.plate_enclosed * areas
    enclosed[0] = False
    return shade._replace(likely=np.where(enclosed[labels], -CONSTANTS.plate_certain, shade.likely))


def _beside(scene: Floats, empty: Floats, variance: Floats, shade: _Shade) -> Floats:
    """As `_shade` for single pixels near a window of shadow: between it and the subject no window has one factor."""
    c = CONSTANTS
    reach = 2 * c.plate_window - 1
    certain = (shade.likely > 0).astype(np.float32)
    weight = _mean(certain, reach)
    near = _mean(shade.factor * certain, reach) / np.maximum(weight, 1e-6)
    own = (scene * empty / variance).sum(axis=2) / np.maximum((empty * empty / variance).sum(axis=2), 1e-6)
    factor = np.clip(own, near * 0.8, near * 1.25)[..., None]
    tolerated = variance + (np.float32(c.plate_tint) * scene) ** 2
    misfit = ((scene - factor * empty) ** 2 / tolerated).sum(axis=2)
    return np.where(weight > 0.5 / reach**2, c.plate_shadow - np.maximum(misfit - 2, 0) / 2, -c.plate_certain)


# ---- the prediction -------------------------------------------------------------------------------------------------


def _extended(evidence: Floats, seen: Mask) -> Floats:
    """`evidence` with the mean of what is near where the plate shows nothing, along a border."""
    side = CONSTANTS.plate_border
    near = _mean(evidence * seen, side) / np.maximum(_mean(seen.astype(np.float32), side), 1e-3)
    return np.where(seen, evidence, near).astype(np.float32)


def _regularised(evidence: Floats, scene: Floats) -> Alpha:
    """The opacity in [0, 1]: neighbours of like colour are alike, and nothing is a speck.

    The mean field of a conditional random field, whose pairs are averaged by the guided filter (He, Sun and Tang 2013).
    """
    c = CONSTANTS
    guide = _grey(scene) / np.float32(255)
    field = evidence / 2
    opacity = _logistic(field)
    for _ in range(c.plate_rounds):
        opacity = _logistic(field + c.plate_coupling * _guided(2 * opacity - 1, guide))
    solid = (opacity >= 0.5).astype(np.uint8)
    opacity[dilation(_specks(solid).astype(np.uint8), 3) > 0] = 0
    opacity[_specks(1 - solid)] = 1
    return opacity.astype(np.float32)


def _logistic(odds: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-odds))
    return probability


def _guided(plane: Floats, guide: Floats) -> Floats:
    side = CONSTANTS.plate_guide_window
    mean, base = _mean(plane, side), _mean(guide, side)
    slope = (_mean(guide * plane, side) - base * mean) / (
        _mean(guide * guide, side) - base * base + CONSTANTS.plate_flat
    )
    return _mean(slope, side) * guide + _mean(mean - slope * base, side)


def _specks(mask: NDArray[np.uint8]) -> Mask:
    """The pieces of `mask` that are too small to be meant."""
    _, labels, pieces, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    small = pieces[:, cv2.CC_STAT_AREA] < CONSTANTS.plate_speck * mask.size
    small[0] = False
    specks: Mask = small[labels]
    return specks
