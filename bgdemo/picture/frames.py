"""Which part of a photo is kept: frames around the photo, the subject, or the subject's head."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Pixels
from bgdemo.picture.looks import Crop, Size


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


Box = tuple[float, float, float, float]  # left, top, width, height in pixels


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
