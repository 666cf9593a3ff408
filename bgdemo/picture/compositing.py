"""Cutout + background, effects, crop and size → Picture.

Everything here is pure, and measures itself in fractions of the picture, so that a small preview and the full-size
file look the same. Layers are composited with "over" (Porter and Duff, "Compositing Digital Images", 1984) in the
photo's own colour space, as browsers and photo editors do.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Metadata, Photo, Picture, Pixels

Color = tuple[int, int, int]
"""Red, green and blue in 0..255, in sRGB."""

WHITE: Color = (255, 255, 255)


# ---- what one can ask for -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solid:
    """One colour."""

    color: Color


@dataclass(frozen=True, slots=True)
class Gradient:
    """From `first` to `second`: from top to bottom, or from the middle outwards when `radial`."""

    first: Color
    second: Color
    radial: bool = False


@dataclass(frozen=True, slots=True)
class Blur:
    """The photo itself out of focus; `strength` in 0..1."""

    strength: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A picture of one's own: covering the frame (`fill`) or wholly inside it; enlarged by `zoom` and moved by `shift`.

    `shift` is (right, down) in fractions of the frame.
    """

    photo: Photo
    fill: bool = True
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


Background = Solid | Gradient | Blur | Backdrop | None
"""What is behind the subject; None is transparency."""

SCENES: dict[str, Gradient] = {
    "studio": Gradient((250, 250, 249), (188, 190, 194), radial=True),
    "night": Gradient((86, 92, 110), (18, 20, 28), radial=True),
    "dawn": Gradient((255, 214, 186), (196, 168, 214)),
    "sea": Gradient((190, 228, 240), (70, 140, 176)),
    "leaf": Gradient((226, 240, 206), (122, 170, 120)),
}
"""Backgrounds that come with the program."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A soft shadow: "drop" falls on a wall behind the subject, "contact" lies on the ground below it."""

    kind: Literal["drop", "contact"] = "drop"
    opacity: float = 0.4


@dataclass(frozen=True, slots=True)
class Outline:
    """A sticker's rim: `width` in thousandths of the picture's longer side."""

    width: float = 12.0
    color: Color = WHITE


@dataclass(frozen=True, slots=True)
class Crop:
    """Which part of the photo is kept.

    `around` the whole photo, the subject or the subject's head; `aspect` is width / height, or None for whatever fits;
    `margin` is a fraction of the subject's longer side. Afterwards the frame is enlarged by `zoom` (above 1 the subject
    grows) and moved by `shift`, (right, down) in fractions of the frame. `box`, if given, is the frame itself as
    (left, top, width, height) in fractions of the photo.
    """

    around: Literal["photo", "subject", "head"] = "photo"
    aspect: float | None = None
    margin: float = 0.08
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    box: tuple[float, float, float, float] | None = None


MAX_SIDE = 12_000


@dataclass(frozen=True, slots=True)
class Size:
    """The output's width and height in pixels, and its resolution in pixels per inch if it is meant for paper.

    Of width and height one may be None: it follows from the other and the aspect of the frame.
    """

    width: int | None
    height: int | None
    dpi: float | None = None

    def __post_init__(self) -> None:
        given = [side for side in (self.width, self.height) if side is not None]
        if not given or not all(1 <= side <= MAX_SIDE for side in given):
            raise UserError("error.size_range", limit=MAX_SIDE)

    @classmethod
    def of_paper(cls, width_cm: float | None, height_cm: float | None, dpi: float = 300) -> Size:
        """The pixels of a print: 3×4 cm at 300 dpi are 354×472."""
        width, height = (None if side is None else round(side / 2.54 * dpi) for side in (width_cm, height_cm))
        return cls(width, height, dpi)

    @property
    def aspect(self) -> float | None:
        """Width / height, if both are given."""
        return self.width / self.height if self.width and self.height else None

    def of_frame(self, frame: Frame) -> tuple[int, int]:
        """Width and height of a picture of `frame`. Raises UserError if one would be too large."""
        width = self.width or max(1, round((self.height or 1) * frame.width / frame.height))
        height = self.height or max(1, round(width * frame.height / frame.width))
        if max(width, height) > MAX_SIDE:
            raise UserError("error.size_range", limit=MAX_SIDE)
        return width, height


ID_PHOTOS: dict[str, tuple[float, float]] = {
    "2x3": (2.0, 3.0),
    "3x4": (3.0, 4.0),
    "4x6": (4.0, 6.0),
    "35x45": (3.5, 4.5),
}
"""ID photos ("pas foto"): width and height in cm."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything that is done to a cutout: nothing, by default. `sheet` repeats the picture on a sheet to print."""

    background: Background = None
    shadow: Shadow | None = None
    outline: Outline | None = None
    crop: Crop = Crop()
    size: Size | None = None
    sheet: bool = False


# ---- the picture ----------------------------------------------------------------------------------------------------


def compose(cutout: Cutout, photo: Photo, look: Look) -> Picture:
    """`cutout` framed, sized and set on its background. `photo` is what it was cut from, of the same size.

    Raises UserError for a frame that misses the photo or a print too large for the sheet.
    """
    picture = _composed(cutout, photo, look)
    return print_sheet(picture) if look.sheet else picture


def framed(photo: Photo, cutout: Cutout, look: Look) -> Picture:
    """The untouched `photo` in the frame and size of the picture that `compose` makes: to compare both."""
    frame, size = _frame_and_size(cutout, look)
    alpha = np.full(photo.rgb.shape[:2], 255, np.uint8) if photo.alpha is None else photo.alpha
    return Picture(_placed(np.dstack([photo.rgb, alpha]), frame, size), photo.metadata, cutout.model)


def _frame_and_size(cutout: Cutout, look: Look) -> tuple[Frame, tuple[int, int]]:
    frame = frame_of(cutout.rgba[..., 3], look.crop, look.size)
    return frame, (look.size.of_frame(frame) if look.size else (frame.width, frame.height))


def _composed(cutout: Cutout, photo: Photo, look: Look) -> Picture:
    frame, size = _frame_and_size(cutout, look)
    icc_profile = cutout.metadata.icc_profile
    subject = _placed(cutout.rgba, frame, size)
    layers: list[Layer] = []
    if look.background:
        layers.append(Layer(_behind(look.background, photo, cutout, frame, size)))
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


def _placed(rgba: Pixels, frame: Frame, size: tuple[int, int]) -> Pixels:
    """The part of `rgba` in `frame`, transparent where the frame reaches beyond it, resampled to `size`.

    Resampling is done on premultiplied colours: else what is hidden under transparency bleeds into the edges.
    """
    part = frame.cut(rgba)
    if size == (frame.width, frame.height):
        return part
    layer = part.astype(np.float32)
    layer[..., :3] *= layer[..., 3:] / 255
    layer = np.clip(_resized(layer, size), 0, 255)
    alpha = layer[..., 3:]
    layer[..., :3] = np.divide(layer[..., :3] * 255, alpha, out=np.zeros_like(layer[..., :3]), where=alpha > 0)
    pixels = np.rint(np.clip(layer, 0, 255)).astype(np.uint8)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _resized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    smaller = size[0] * size[1] < values.shape[0] * values.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(values, size, interpolation=method).astype(np.float32, copy=False)


def _dpi(cutout: Cutout, size: Size | None) -> tuple[float, float] | None:
    return (size.dpi, size.dpi) if size and size.dpi else cutout.metadata.dpi


# ---- frames ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of whole pixels, which may reach beyond the photo."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, pixels: Pixels, outside: int = cv2.BORDER_CONSTANT) -> Pixels:
        """`pixels` inside the frame; `outside` is OpenCV's rule for what lies beyond."""
        height, width = pixels.shape[:2]
        right, bottom = self.left + self.width, self.top + self.height
        part = pixels[max(self.top, 0) : max(bottom, 0), max(self.left, 0) : max(right, 0)]
        above, below = max(-self.top, 0), max(bottom - height, 0)
        before, after = max(-self.left, 0), max(right - width, 0)
        if above == below == before == after == 0:
            return np.ascontiguousarray(part)
        return cv2.copyMakeBorder(part, above, below, before, after, outside, value=(0, 0, 0, 0))


def frame_of(alpha: Pixels, crop: Crop, size: Size | None = None) -> Frame:
    """The frame that `crop` asks for, from the subject's uint8 H×W `alpha`. Two sides of `size` decide the aspect."""
    height, width = alpha.shape
    aspect = size.aspect if size and size.aspect else crop.aspect
    if crop.box:
        left, top, part_width, part_height = crop.box
        if min(left, top) < 0 or min(part_width, part_height) <= 0 or max(left + part_width, top + part_height) > 1:
            raise UserError("error.crop_outside")
        box = (left * width, top * height, part_width * width, part_height * height)
    elif crop.around == "photo":
        box = (0.0, 0.0, float(width), float(height))
    else:
        box = _around_head(alpha) if crop.around == "head" else _around_subject(alpha, crop.margin)
    if aspect:
        box = _inside(box, aspect) if crop.around == "photo" or crop.box else _widened(box, aspect, alpha)
    left, top, box_width, box_height = box
    middle_x = left + box_width / 2 + crop.shift[0] * box_width
    middle_y = top + box_height / 2 + crop.shift[1] * box_height
    frame_width, frame_height = (max(1, round(side / crop.zoom)) for side in (box_width, box_height))
    frame = Frame(round(middle_x - frame_width / 2), round(middle_y - frame_height / 2), frame_width, frame_height)
    if frame.left >= width or frame.top >= height or frame.left + frame_width <= 0 or frame.top + frame_height <= 0:
        raise UserError("error.crop_outside")
    return frame


Box = tuple[float, float, float, float]  # left, top, width, height in pixels


def _around_subject(alpha: Pixels, margin: float) -> Box:
    left, top, right, bottom = _bounds(alpha)
    room = margin * max(right - left, bottom - top)
    height, width = alpha.shape
    # Where the photo's edge cuts the subject there is no margin to give: it would float.
    left -= room if left > 0 else 0
    top -= room if top > 0 else 0
    right += room if right < width else 0
    bottom += room if bottom < height else 0
    return left, top, right - left, bottom - top


def _bounds(alpha: Pixels) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the subject; of the whole photo where there is none."""
    rows = np.flatnonzero(alpha.max(axis=1) > 127)
    columns = np.flatnonzero(alpha.max(axis=0) > 127)
    if not rows.size:
        return 0.0, 0.0, float(alpha.shape[1]), float(alpha.shape[0])
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _inside(box: Box, aspect: float) -> Box:
    """The largest frame of `aspect` in the middle of `box`."""
    left, top, width, height = box
    new_width, new_height = min(width, height * aspect), min(height, width / aspect)
    return left + (width - new_width) / 2, top + (height - new_height) / 2, new_width, new_height


def _widened(box: Box, aspect: float, alpha: Pixels) -> Box:
    """The smallest frame of `aspect` around `box`; it stays on the photo's edges where the subject touches them."""
    left, top, width, height = box
    new_width, new_height = max(width, height * aspect), max(height, width / aspect)
    new_left, new_top = left - (new_width - width) / 2, top - (new_height - height) / 2
    if top + height >= alpha.shape[0]:
        new_top = top + height - new_height
    elif top <= 0:
        new_top = top
    return new_left, new_top, new_width, new_height


HEADROOM = 0.12
HEAD_SHARE = 0.62
"""How much of an ID photo's height is above the head, and how much the head (crown to chin) takes of it."""


def _around_head(alpha: Pixels) -> Box:
    """Head and shoulders for an ID photo of 3:4, from the silhouette alone."""
    top, chin, middle = _head(alpha)
    height = (chin - top) / HEAD_SHARE
    if alpha[-1].max() > 127:  # below the photo's edge there is no more of the body to show
        height = min(height, (len(alpha) - top) / (1 - HEADROOM))
    return middle - height * 3 / 8, top - HEADROOM * height, height * 3 / 4, height


def _head(alpha: Pixels) -> tuple[float, float, float]:
    """Rows of the crown and the chin, and the head's middle column.

    Going down from the crown, the head is as wide as the silhouette gets before it narrows to the neck or flares into
    the shoulders. A head from crown to chin is some 1.35 times as high as it is wide.
    """
    left, top, right, bottom = _bounds(alpha)
    body = alpha[int(top) : int(bottom), int(left) : int(right)] > 127
    widths = body.sum(axis=1).astype(np.float32)
    smooth = cv2.blur(widths[:, None], (1, max(1, len(widths) // 50)))[:, 0]
    head = smooth[0]
    for row, width in enumerate(smooth):
        if width > head:
            head = width
        deep_enough = row > 0.9 * head
        if deep_enough and (width < 0.8 * head or row > 1.35 * head):
            break
    rows = body[: max(1, min(len(widths), round(1.35 * float(head))))]
    columns = np.flatnonzero(rows.any(axis=0))
    weight = rows.sum(axis=0)
    middle = left + float((weight * np.arange(weight.size)).sum() / max(weight.sum(), 1)) if columns.size else left
    return top, min(top + 1.35 * float(head), bottom), middle


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
    """`rgb` as numbers of another colour profile; None is sRGB."""
    if source == target:
        return rgb
    own, wanted = (
        ImageCms.ImageCmsProfile(io.BytesIO(icc) if icc else ImageCms.createProfile("sRGB")) for icc in (source, target)
    )
    converted = ImageCms.profileToProfile(Image.fromarray(rgb), own, wanted)
    return np.asarray(converted)


def _gradient(gradient: Gradient, icc_profile: bytes | None, size: tuple[int, int]) -> Pixels:
    first, second = (_own_color(color, icc_profile).astype(np.float32) for color in (gradient.first, gradient.second))
    steps = 4096
    way = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    table = np.rint(first[0] + (second - first)[0] * (way * way * (3 - 2 * way))).astype(np.uint8)

    width, height = size
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    index = (cv2.magnitude(*np.broadcast_arrays(x, y - np.float32(0.42))) / 0.75 if gradient.radial else y) * (
        steps - 1
    )
    # A pinch of noise, one level strong and the same every time, keeps wide gradients from showing as bands.
    noise = np.random.default_rng(0).random((TILE, TILE), np.float32) - np.float32(0.5)
    noise *= steps / max(1.0, float(np.abs(second - first).max()))
    rows, columns = -(-height // TILE), -(-width // TILE)
    dithered = index + np.tile(noise, (rows, columns))[:height, :width]
    return table[np.clip(dithered, 0, steps - 1).astype(np.int16)]


WORKING_SIDE = 800
"""Soft things (blur, shadows) are computed at this many pixels and enlarged: nobody can tell, and it takes no time."""


def _blurred(photo: Photo, cutout: Cutout, frame: Frame, size: tuple[int, int], strength: float) -> Pixels:
    """The photo out of focus, without the subject: else its colours would glow around it.

    Normalised convolution (Knutsson and Westin, 1993): the subject weighs nothing, so what shines around its edge is
    background alone; a wider and wider blur fills what is far inside it. The disc of a lens, in linear light, keeps
    bright spots bright.
    """
    scale = min(1.0, WORKING_SIDE / max(frame.width, frame.height))
    small = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    rgb = cv2.resize(frame.cut(photo.rgb, cv2.BORDER_REPLICATE), small, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(frame.cut(np.ascontiguousarray(cutout.rgba[..., 3])), small, interpolation=cv2.INTER_AREA)
    light = (rgb.astype(np.float32) / 255) ** np.float32(2.2)
    # Anything of the subject disqualifies a pixel, and so does being right beside it.
    weight = (cv2.dilate(alpha, np.ones((5, 5), np.uint8)) < 8).astype(np.float32)
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
    return cv2.resize(shown, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def _disc_blurred(layer: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """A disc of `radius` pixels; beyond 24 px, of a smaller picture."""
    height, width = layer.shape[:2]
    shrink = max(1.0, radius / 24)
    small = cv2.resize(
        layer, (max(1, round(width / shrink)), max(1, round(height / shrink))), interpolation=cv2.INTER_AREA
    )
    reach = max(1, round(radius / shrink))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.float32)
    blurred = cv2.filter2D(small, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


def _backdrop(backdrop: Backdrop, icc_profile: bytes | None, size: tuple[int, int]) -> Pixels:
    width, height = size
    rgb = in_profile(backdrop.photo.rgb, backdrop.photo.metadata.icc_profile, icc_profile)
    own_height, own_width = rgb.shape[:2]
    ratios = (width / own_width, height / own_height)
    scale = (max(ratios) if backdrop.fill else min(ratios)) * backdrop.zoom
    wide, high = max(1, math.ceil(own_width * scale)), max(1, math.ceil(own_height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(rgb, (wide, high), interpolation=method)
    left = round((width - wide) / 2 + backdrop.shift[0] * width)
    top = round((height - high) / 2 + backdrop.shift[1] * height)
    placed = np.full((height, width, 3), 255, np.uint8)
    seen = scaled[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)]
    placed[max(top, 0) : max(top, 0) + len(seen), max(left, 0) : max(left, 0) + seen.shape[1]] = seen
    return placed


# ---- around the subject ---------------------------------------------------------------------------------------------


def _rim(alpha: Pixels, outline: Outline) -> Pixels:
    """The opacity of a rim of even width around everything more opaque than not; single hairs stay free."""
    reach = outline.width / 1000 * max(alpha.shape)
    away = (alpha < 128).astype(np.uint8)
    if away.all():
        return np.zeros_like(alpha)
    distance = cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_5)
    # Half a pixel of ramp is the edge's antialiasing; a touch of blur rounds the corners of the silhouette.
    rim = np.clip((reach + np.float32(0.5) - distance) * 255, 0, 255).astype(np.uint8)
    rim = cv2.GaussianBlur(rim, (0, 0), max(0.5, reach / 12)).astype(np.uint8, copy=False)
    rim[away == 0] = 255
    return rim


def _shade(alpha: Pixels, shadow: Shadow) -> Pixels:
    """The opacity of a soft shadow, as strong as the subject is opaque."""
    height, width = alpha.shape
    scale = min(1.0, 0.75 * WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    fallen = _dropped(small) if shadow.kind == "drop" else _lying(small)
    soft = np.rint(np.clip(fallen * shadow.opacity, 0, 255)).astype(np.uint8)
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


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


# ---- prints ---------------------------------------------------------------------------------------------------------

SHEET_CM = (10.0, 15.0)
"""The paper that photo shops print on."""


def print_sheet(picture: Picture) -> Picture:
    """As many prints of `picture`, at its own resolution, as fit on one sheet, with marks to cut along."""
    dpi = picture.metadata.dpi[0] if picture.metadata.dpi else 300.0
    height, width = picture.pixels.shape[:2]
    per_cm = dpi / 2.54
    gap = round(0.2 * per_cm)
    sheets = [SHEET_CM, SHEET_CM[::-1]]
    counts = [
        [math.floor((side * per_cm - gap) / (own + gap)) for side, own in zip(sheet, (width, height), strict=True)]
        for sheet in sheets
    ]
    (columns, rows), sheet = max(zip(counts, sheets, strict=True), key=lambda entry: entry[0][0] * entry[0][1])
    if columns * rows == 0:
        raise UserError("error.sheet_too_small")
    paper_width, paper_height = (round(side * per_cm) for side in sheet)
    paper = np.full((paper_height, paper_width, 4), 255, np.uint8)
    left = (paper_width - columns * width - (columns - 1) * gap) // 2
    top = (paper_height - rows * height - (rows - 1) * gap) // 2
    xs = [left + column * (width + gap) for column in range(columns)]
    ys = [top + row * (height + gap) for row in range(rows)]
    prints = _on_paper(picture.pixels)
    for x in xs:
        for y in ys:
            paper[y : y + height, x : x + width] = prints
    _cut_marks(paper, [(x, x + width) for x in xs], [(y, y + height) for y in ys], round(0.12 * per_cm))
    return Picture(paper, Metadata(picture.metadata.icc_profile, (dpi, dpi)), picture.model)


def _cut_marks(paper: Pixels, columns: list[tuple[int, int]], rows: list[tuple[int, int]], length: int) -> None:
    """Short grey lines in the gaps, in line with the edges of every print."""
    grey = (150, 150, 150, 255)
    for x in (edge for pair in columns for edge in (pair[0], pair[1] - 1)):
        for top, bottom in rows:
            paper[max(0, top - length) : top, x] = grey
            paper[bottom : bottom + length, x] = grey
    for y in (edge for pair in rows for edge in (pair[0], pair[1] - 1)):
        for left, right in columns:
            paper[y, max(0, left - length) : left] = grey
            paper[y, right : right + length] = grey


def _on_paper(pixels: Pixels) -> Pixels:
    white = np.full((1, 1, 3), 255, np.uint8)
    return stack([Layer(white), Layer(pixels[..., :3], pixels[..., 3])])
