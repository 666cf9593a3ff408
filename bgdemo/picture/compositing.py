"""Cutout + background, effects, crop and size → Picture.

Everything here is pure, and measures itself in fractions of the picture, so that a small preview and the full-size
file look the same. Layers are composited with "over" (Porter and Duff, "Compositing Digital Images", 1984) in the
photo's own colour space, as browsers and photo editors do.
"""

from __future__ import annotations

import io
import logging
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from bgdemo.images import Cutout, Metadata, Photo, Picture, Pixels
from bgdemo.picture.frames import Frame, frame_of
from bgdemo.picture.looks import (
    WHITE,
    Backdrop,
    Blur,
    Color,
    Gradient,
    Look,
    Outline,
    Shadow,
    Size,
    Solid,
    check_pixels,
)
from bgdemo.picture.resampling import ROWS, bands, resize

log = logging.getLogger(__name__)

# ---- the picture ----------------------------------------------------------------------------------------------------


def compose(cutout: Cutout, photo: Photo, look: Look) -> Picture:
    """`cutout` framed, sized and set on its background. `photo` is what it was cut from, of the same size.

    Raises UserError for a frame that misses the photo, for one around a head where there is no subject, and for a
    picture that would be too large.
    """
    frame, size = _frame_and_size(photo, cutout, look)
    icc_profile = cutout.metadata.icc_profile
    subject = frame.cut(cutout.rgba, size)
    layers: list[Layer] = []
    if look.background:
        layers.append(Layer(_behind(look.background, photo, cutout, frame, size)))
    elif look.outline:
        subject = _inside(subject, math.ceil(_reach(subject[..., 3], look.outline)))
    solid = np.ascontiguousarray(subject[..., 3])
    if look.outline:
        rim = _rim(solid, look.outline)
        layers.append(Layer(_own_color(look.outline.color, icc_profile), rim))
        solid = np.maximum(solid, rim)
    if look.shadow:
        shade = Layer(np.zeros((1, 1, 3), np.uint8), _shade(solid, look.shadow))
        layers.insert(1 if look.background else 0, shade)
    pixels = stack([*layers, Layer(subject[..., :3], subject[..., 3])]) if layers else subject
    return Picture(pixels, Metadata(icc_profile, _dpi(cutout, look.size)), cutout.model)


def framed(photo: Photo, cutout: Cutout, look: Look) -> Picture:
    """The untouched `photo` in the frame and size of the picture that `compose` makes: to compare both."""
    frame, size = _frame_and_size(photo, cutout, look)
    return Picture(frame.cut(_visible(photo), size), photo.metadata, cutout.model)


def _visible(photo: Photo) -> Pixels:
    """`photo` as uint8 H×W×4, with nothing of the colours that its own transparency hides."""
    if photo.alpha is None:
        return cv2.cvtColor(photo.rgb, cv2.COLOR_RGB2RGBA)
    return np.dstack([np.where(photo.alpha[..., None] > 0, photo.rgb, np.uint8(0)), photo.alpha])


def _frame_and_size(photo: Photo, cutout: Cutout, look: Look) -> tuple[Frame, tuple[int, int]]:
    frame = frame_of(cutout.rgba[..., 3], look.crop, look.size, photo)
    size = look.size.of_frame(frame.width, frame.height) if look.size else (frame.width, frame.height)
    check_pixels(*size)
    return frame, size


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """uint8 H×W×3 colours (or 1×1×3, one for all) and their uint8 H×W opacity; None is opaque."""

    rgb: Pixels
    alpha: Pixels | None = None


TILE = 256


def stack(layers: list[Layer]) -> Pixels:
    """`layers`, the lowest first, as one picture: uint8 H×W×4 with straight alpha.

    Done tile by tile, because most tiles have nothing to blend: where the topmost layer is opaque its own values are
    taken as they are, untouched by rounding.
    """
    height, width = next(layer.alpha.shape for layer in layers if layer.alpha is not None)
    stacked = np.zeros((height, width, 4), np.uint8)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            here = np.s_[top : top + TILE, left : left + TILE]
            _stack_tile([_tile(layer, here) for layer in layers], stacked[here])
    return stacked


def _tile(layer: Layer, here: tuple[slice, slice]) -> Layer:
    rgb = layer.rgb if layer.rgb.shape[:2] == (1, 1) else layer.rgb[here]
    return Layer(rgb, None if layer.alpha is None else layer.alpha[here])


def _stack_tile(layers: list[Layer], stacked: Pixels) -> None:
    seen = [layer for layer in layers if layer.alpha is None or layer.alpha.any()]
    covered = [number for number, layer in enumerate(seen) if layer.alpha is None or layer.alpha.min() == 255]
    seen = seen[covered[-1] :] if covered else seen
    if not seen:
        return
    if len(seen) == 1:
        alpha = seen[0].alpha
        stacked[..., :3] = seen[0].rgb if alpha is None else np.where(alpha[..., None] > 0, seen[0].rgb, 0)
        stacked[..., 3] = 255 if alpha is None else alpha
        return
    color = np.zeros((*stacked.shape[:2], 3), np.float32)
    opacity = np.zeros((*stacked.shape[:2], 1), np.float32)
    for layer in seen:
        own = np.float32(1) if layer.alpha is None else layer.alpha[..., None] * np.float32(1 / 255)
        color = layer.rgb * own + color * (1 - own)
        opacity = own + opacity * (1 - own)
    stacked[..., 3] = np.rint(opacity[..., 0] * 255)
    straight = np.divide(color, opacity, out=np.zeros_like(color), where=opacity > 0)
    stacked[..., :3] = np.rint(np.clip(straight, 0, 255))
    stacked[stacked[..., 3] == 0] = 0
    if (top := seen[-1]).alpha is not None:
        opaque = top.alpha == 255
        stacked[..., :3][opaque] = np.broadcast_to(top.rgb, (*opaque.shape, 3))[opaque]


def _dpi(cutout: Cutout, size: Size | None) -> tuple[float, float] | None:
    return (size.dpi, size.dpi) if size and size.dpi else cutout.metadata.dpi


# ---- behind the subject ---------------------------------------------------------------------------------------------


def _behind(
    background: Solid | Gradient | Blur | Backdrop,
    photo: Photo,
    cutout: Cutout,
    frame: Frame,
    size: tuple[int, int],
) -> Pixels:
    """uint8 H×W×3, or 1×1×3 for one colour."""
    icc_profile = cutout.metadata.icc_profile
    if isinstance(background, Solid):
        return _own_color(background.color, icc_profile)
    if isinstance(background, Gradient):
        return _gradient(background, icc_profile, size)
    if isinstance(background, Blur):
        return _blurred(photo, cutout, frame, size, background.strength)
    return _backdrop(background, icc_profile, size)


def _own_color(color: Color, icc_profile: bytes | None) -> Pixels:
    """uint8 1×1×3: `color` as numbers of the picture's own profile, so that a red stays that red."""
    return in_profile(np.array([[color]], np.uint8), None, icc_profile)


def in_profile(rgb: Pixels, source: bytes | None, target: bytes | None) -> Pixels:
    """`rgb` as numbers of another colour profile; None is sRGB, and so is a profile that is of no use.

    Many that open cannot be converted to: those of scanners and cameras tell only how their numbers look.
    """
    if source == target:
        return rgb
    try:
        own, wanted = (
            ImageCms.ImageCmsProfile(io.BytesIO(icc) if icc else ImageCms.createProfile("sRGB"))
            for icc in (source, target)
        )
        return np.asarray(ImageCms.profileToProfile(Image.fromarray(rgb), own, wanted))
    except (OSError, ImageCms.PyCMSError):
        log.warning("unusable colour profile: taking its numbers for sRGB", exc_info=True)
        return rgb


def _gradient(gradient: Gradient, icc_profile: bytes | None, size: tuple[int, int]) -> Pixels:
    first, second = (_own_color(color, icc_profile).astype(np.float32) for color in (gradient.first, gradient.second))
    steps = 4096
    ease = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    table = np.rint(first[0] + (second - first)[0] * (ease * ease * (3 - 2 * ease))).astype(np.uint8)

    width, height = size
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    # A pinch of noise, one level strong and the same every time, keeps wide gradients from showing as bands.
    noise = np.random.default_rng(0).random((ROWS, TILE), np.float32) - np.float32(0.5)
    noise *= steps / max(1.0, float(np.abs(second - first).max()))
    noise = np.tile(noise, (1, -(-width // TILE)))[:, :width]
    shades = np.empty((height, width, 3), np.uint8)
    for rows in bands(height):
        down = y[rows]
        way = cv2.magnitude(*np.broadcast_arrays(x, down - np.float32(0.42))) / 0.75 if gradient.radial else down
        dithered = way * (steps - 1) + noise[: len(down)]
        shades[rows] = table[np.clip(dithered, 0, steps - 1).astype(np.int16)]
    return shades


WORKING_SIDE = 800
"""Soft things (blur, shadows) are computed at this many pixels and enlarged: nobody can tell, and it takes no time."""


def _blurred(photo: Photo, cutout: Cutout, frame: Frame, size: tuple[int, int], strength: float) -> Pixels:
    """The photo out of focus, without the subject: else its colours would glow around it.

    Normalised convolution (Knutsson and Westin, 1993): the subject weighs nothing, so what shines around its edge is
    background alone; a wider and wider blur fills what is far inside it. What the photo's own transparency hides weighs
    nothing either. The disc of a lens, in linear light, keeps bright spots bright.
    """
    scale = min(1.0, WORKING_SIDE / max(frame.width, frame.height))
    small = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    if photo.alpha is None:
        rgb, seen = frame.cut(photo.rgb, small, cv2.BORDER_REPLICATE), np.ones(small[::-1], np.float32)
    else:
        rgba = frame.cut(_visible(photo), small, cv2.BORDER_REPLICATE)
        rgb, seen = rgba[..., :3], rgba[..., 3].astype(np.float32) / 255
    alpha = frame.cut(cutout.rgba[..., 3], small)
    light = (rgb.astype(np.float32) / 255) ** np.float32(2.2)
    # Anything of the subject disqualifies a pixel, and so does being right beside it.
    weight = seen * (cv2.dilate(alpha, np.ones((5, 5), np.uint8)) < 8)
    if not weight.any():
        weight = seen  # with nothing behind the subject, its own colours are better than black
    radius = max(1, round(strength * 0.05 * max(small)))
    total = np.zeros((*small[::-1], 4), np.float32)
    weighted = np.dstack([light * weight[..., None], weight])
    while True:
        total += _disc_blurred(weighted, radius) * (total[..., 3:] < 0.02)
        if radius > 2 * max(small) or not weight.any() or (total[..., 3] > 0.02).all():
            break
        radius *= 3
    filled = total[..., :3] / np.maximum(total[..., 3:], np.float32(1e-6))
    # The fill has seams where its radius changed; the lens blurs them away.
    smooth = _disc_blurred(filled.astype(np.float32), max(1, round(strength * 0.02 * max(small))))
    shown = np.rint(np.clip(smooth, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    return resize(shown, size)


def _disc_blurred(layer: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """A disc of `radius` pixels; beyond 24 px, of a smaller picture."""
    height, width = layer.shape[:2]
    shrink = max(1.0, radius / 24)
    small = resize(layer, (max(1, round(width / shrink)), max(1, round(height / shrink))))
    reach = max(1, round(radius / shrink))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.float32)
    blurred = cv2.filter2D(small, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return resize(blurred, (width, height), cv2.INTER_LINEAR)


def _backdrop(backdrop: Backdrop, icc_profile: bytes | None, size: tuple[int, int]) -> Pixels:
    """The picture shrunk by the mean, or enlarged by cubic interpolation, and only where it is seen."""
    width, height = size
    own = backdrop.photo
    rgb = own.rgb if own.alpha is None else _on_white(own)
    rgb = in_profile(rgb, own.metadata.icc_profile, icc_profile)
    ratios = (width / own.size[0], height / own.size[1])
    scale = (max(ratios) if backdrop.fill else min(ratios)) * backdrop.zoom
    wide, high = (max(1, math.ceil(side * scale)) for side in own.size)
    left = round((width - wide) / 2 + backdrop.shift[0] * width)
    top = round((height - high) / 2 + backdrop.shift[1] * height)
    if scale < 1:
        rgb = resize(rgb, (wide, high))
    step = min(1.0, 1 / scale)  # between two pixels of the result, in pixels of `rgb`
    middle = (step - 1) / 2
    way = np.array([[step, 0, middle - left * step], [0, step, middle - top * step]], np.float64)
    placed = cv2.warpAffine(
        rgb, way, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    placed[: max(top, 0)] = placed[max(top + high, 0) :] = WHITE
    placed[:, : max(left, 0)] = placed[:, max(left + wide, 0) :] = WHITE
    return placed


def _on_white(photo: Photo) -> Pixels:
    return stack([Layer(np.full((1, 1, 3), 255, np.uint8)), Layer(photo.rgb, photo.alpha)])[..., :3]


# ---- around the subject ---------------------------------------------------------------------------------------------


def _inside(subject: Pixels, room: int) -> Pixels:
    """`subject` (straight H×W×4) cut off `room` pixels before the edges: a sticker has its rim on all sides."""
    height, width = subject.shape[:2]
    whole = np.zeros_like(subject)
    whole[room : height - room, room : width - room] = subject[room : height - room, room : width - room]
    return whole


RIM_REACH, RIM_PIXELS = 24, 4_000_000
"""A rim is found at this reach in pixels, if that takes no more in all: a thin one needs a finer edge to be even."""


def _rim(alpha: Pixels, outline: Outline) -> Pixels:
    """The opacity of a rim of even width around everything more opaque than not; single hairs stay free."""
    reach = _reach(alpha, outline)
    height, width = alpha.shape
    finer = max(1, min(math.ceil(RIM_REACH / reach), math.isqrt(RIM_PIXELS // alpha.size)))
    fine = resize(alpha, (width * finer, height * finer), cv2.INTER_LINEAR)
    away = (fine < 128).astype(np.uint8)
    if away.all():
        return np.zeros_like(alpha)
    reach *= finer
    distance = cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_5)
    # Half a pixel of ramp is the edge's antialiasing; a touch of blur rounds the corners of the silhouette.
    rim = np.empty_like(fine)
    for rows in bands(len(fine)):
        rim[rows] = np.clip((reach + np.float32(0.5) - distance[rows]) * 255, 0, 255)
    del distance  # four bytes a pixel
    # A Gaussian of a twelfth of the reach, near enough, in a time that does not grow with it (Klingemann, 2004).
    side = 2 * max(1, round(reach * math.sqrt(6) / 12)) + 1
    rim = cv2.stackBlur(rim, (side, side)).astype(np.uint8, copy=False)
    rim[away == 0] = 255
    return resize(rim, (width, height))


def _reach(alpha: Pixels, outline: Outline) -> float:
    """How far the rim of a picture of this size reaches, in pixels."""
    return outline.width / 1000 * max(alpha.shape)


def _shade(alpha: Pixels, shadow: Shadow) -> Pixels:
    """The opacity of a soft shadow, as strong as the subject is opaque."""
    height, width = alpha.shape
    scale = min(1.0, 0.75 * WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resize(alpha, size).astype(np.float32)
    fallen = _dropped(small) if shadow.kind == "drop" else _lying(small)
    soft = np.rint(np.clip(fallen * shadow.opacity, 0, 255)).astype(np.uint8)
    return resize(soft, (width, height), cv2.INTER_LINEAR)


def _dropped(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    side = max(alpha.shape)
    moved = np.array([[1, 0, 0.012 * side], [0, 1, 0.02 * side]], np.float32)
    fallen = cv2.warpAffine(alpha, moved, alpha.shape[::-1])
    return cv2.GaussianBlur(fallen, (0, 0), 0.018 * side).astype(np.float32, copy=False)


def _lying(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """The silhouette pressed flat onto the line that it stands on: darkest where it touches the ground."""
    rows = np.flatnonzero(alpha.max(axis=1) > 127)
    if not rows.size:
        return np.zeros_like(alpha)
    side = max(alpha.shape)
    ground, flat = float(rows[-1] + 1), 0.09
    pressed = np.array([[1, 0, 0], [0, flat, ground * (1 - flat)]], np.float32)
    wide = cv2.GaussianBlur(cv2.warpAffine(alpha, pressed, alpha.shape[::-1]), (0, 0), 0.016 * side)
    foot = np.where(np.arange(len(alpha))[:, None] > ground - 0.03 * side, alpha, 0).astype(np.float32)
    near = cv2.GaussianBlur(foot, (0, 0), 0.006 * side)
    return np.maximum(wide, 0.9 * near).astype(np.float32, copy=False)
