"""Which part of a photo is kept: frames around the photo, the subject, or the subject's head."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.errors import UserError
from bgdemo.images import Photo, Pixels
from bgdemo.picture.faces import Head, Point, head_of, subject_faces
from bgdemo.picture.looks import Crop, Size
from bgdemo.picture.resampling import resample, turn
from bgdemo.picture.standards import ABOVE, HEAD, Range


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of whole pixels, which may reach beyond the photo. It must not miss it.

    `angle` is how far it is turned clockwise about its middle, in degrees; what it cuts out is turned back.
    """

    left: int
    top: int
    width: int
    height: int
    angle: float = 0.0

    def cut(self, pixels: Pixels, size: tuple[int, int] | None = None, outside: int = cv2.BORDER_CONSTANT) -> Pixels:
        """`pixels` (uint8 H×W, H×W×3 or straight H×W×4) inside the frame, at `size` (width, height) or as they are.

        `outside` is OpenCV's rule for what lies beyond the photo: 0 by default. Only what lies within it is resampled,
        to whole pixels, so that a frame far larger than the photo takes no more memory than its picture.
        """
        width, height = size or (self.width, self.height)
        if self.angle:
            return turn(pixels, self._way((width, height)), (width, height), outside)
        columns, before, after = _overlap(self.left, self.width, pixels.shape[1], width)
        rows, above, below = _overlap(self.top, self.height, pixels.shape[0], height)
        part = resample(np.ascontiguousarray(pixels[rows, columns]), (width - before - after, height - above - below))
        if above == below == before == after == 0:
            return part
        return cv2.copyMakeBorder(part, above, below, before, after, outside, value=(0, 0, 0, 0))

    def place(self, point: Point) -> Point:
        """Where `point` of the photo is in the frame, in fractions of its width and height."""
        right, down = point[0] - self.left - self.width / 2, point[1] - self.top - self.height / 2
        cosine, sine = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return (right * cosine + down * sine) / self.width + 0.5, (down * cosine - right * sine) / self.height + 0.5

    def _way(self, size: tuple[int, int]) -> NDArray[np.float64]:
        """The 2×3 matrix from a point of the picture of `size` to the point of the photo that it shows."""
        angle = math.radians(self.angle)
        turned = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        linear = turned @ np.diag([self.width / size[0], self.height / size[1]])
        middle = np.array([self.left + self.width / 2, self.top + self.height / 2])
        return np.column_stack([linear, middle - linear @ np.array(size) / 2])


def _overlap(start: int, length: int, limit: int, resampled: int) -> tuple[slice, int, int]:
    """What `length` pixels from `start` share with 0..`limit`; and of `resampled` pixels, those before and after it."""
    first, last = max(start, 0), min(start + length, limit)
    before = min(round((first - start) * resampled / length), resampled - 1)
    end = max(round((last - start) * resampled / length), before + 1)
    return slice(first, last), before, resampled - end


Box = tuple[float, float, float, float]  # left, top, width, height in pixels
Sides = tuple[bool, bool, bool, bool]  # left, top, right, bottom


def frame_of(alpha: Pixels, crop: Crop, size: Size | None = None, photo: Photo | None = None) -> Frame:
    """The frame that `crop` asks for, from the subject's uint8 H×W `alpha`. Two sides of `size` decide the aspect.

    A head is framed by a face of `photo` that is on the subject, the first of `heads_of`; by the silhouette where there
    is none.

    Raises UserError for a frame that misses the photo, and for head and shoulders where there is no subject.
    """
    height, width = alpha.shape
    aspect = size.aspect if size and size.aspect else crop.aspect
    angle = 0.0
    if crop.box:
        left, top, part_width, part_height = crop.box
        box = _inside((left * width, top * height, part_width * width, part_height * height), aspect)
    elif crop.around == "photo":
        box = _inside((0.0, 0.0, float(width), float(height)), aspect)
    elif crop.around == "subject":
        cut = (False,) * 4 if crop.afloat else _cut_sides(alpha)
        box = _widened(_around_subject(alpha, crop.margin, cut), aspect, alpha.shape, cut)
    elif photo and (heads := heads_of(photo, alpha, crop.face)):
        box, angle = _around_face(alpha, heads[0], crop, aspect or ID_ASPECT), heads[0].angle
    else:
        # A head stays in the middle, with room above it, wherever the photo ends.
        cut = (False, False, False, _cut_sides(alpha)[3])
        box = _widened(_around_head(alpha, cut), aspect, alpha.shape, cut)
    left, top, box_width, box_height = box
    across, down = crop.shift[0] * box_width, crop.shift[1] * box_height
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middle_x = left + box_width / 2 + across * cosine - down * sine
    middle_y = top + box_height / 2 + across * sine + down * cosine
    frame_width, frame_height = (max(1, round(side / crop.zoom)) for side in (box_width, box_height))
    frame = Frame(
        round(middle_x - frame_width / 2), round(middle_y - frame_height / 2), frame_width, frame_height, angle
    )
    if frame.left >= width or frame.top >= height or frame.left + frame_width <= 0 or frame.top + frame_height <= 0:
        raise UserError("error.crop_outside")
    return frame


def _cut_sides(alpha: Pixels) -> Sides:
    """Which edges of the photo cut the subject. A frame that reached beyond one would make the subject float."""
    left, top, right, bottom = _bounds(alpha)
    height, width = alpha.shape
    return left <= 0, top <= 0, right >= width, bottom >= height


def _around_subject(alpha: Pixels, margin: float, cut: Sides) -> Box:
    left, top, right, bottom = _bounds(alpha)
    room = margin * max(right - left, bottom - top)
    before, above, after, below = (0.0 if side else room for side in cut)
    return left - before, top - above, right - left + before + after, bottom - top + above + below


def _bounds(alpha: Pixels) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the subject; of the whole photo where there is none."""
    rows = np.flatnonzero(alpha.max(axis=1) > 127)
    columns = np.flatnonzero(alpha.max(axis=0) > 127)
    if not rows.size:
        return 0.0, 0.0, float(alpha.shape[1]), float(alpha.shape[0])
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _inside(box: Box, aspect: float | None) -> Box:
    """The largest frame of `aspect` in the middle of `box`."""
    if not aspect:
        return box
    left, top, width, height = box
    new_width, new_height = min(width, height * aspect), min(height, width / aspect)
    return left + (width - new_width) / 2, top + (height - new_height) / 2, new_width, new_height


def _widened(box: Box, aspect: float | None, shape: tuple[int, int], cut: Sides) -> Box:
    """The smallest frame of `aspect` around `box`, in its middle unless it would reach beyond a side that is `cut`.

    A subject cut above and below stands on the foot of the photo; one cut left and right stays in the middle.
    """
    if not aspect:
        return box
    left, top, width, height = box
    new_width, new_height = max(width, height * aspect), max(height, width / aspect)
    new_left, new_top = left - (new_width - width) / 2, top - (new_height - height) / 2
    cut_left, cut_above, cut_right, cut_below = cut
    if cut_below:
        new_top = min(new_top, shape[0] - new_height)
    elif cut_above:
        new_top = max(new_top, 0.0)
    if cut_right and not cut_left:
        new_left = min(new_left, shape[1] - new_width)
    elif cut_left and not cut_right:
        new_left = max(new_left, 0.0)
    return new_left, new_top, new_width, new_height


# ---- around a face --------------------------------------------------------------------------------------------------


def heads_of(photo: Photo, alpha: Pixels, near: Point | None = None) -> list[Head]:
    """The heads of `photo`'s subject, whose uint8 H×W `alpha` it is: the one with the largest face first.

    `near` is a point in fractions of the photo's width and height; the head whose eyes are nearest to it comes before
    the others. A point means the same face at every size of a photo; a rank need not, where two are about as large.
    """
    heads = [head_of(face, alpha) for face in subject_faces(photo, alpha)]
    if heads and near:
        point = (near[0] * photo.size[0], near[1] * photo.size[1])
        first = min(heads, key=lambda head: math.dist(head.eyes, point))
        heads.sort(key=lambda head: head is not first)
    return heads


MARGIN = 0.15
"""Of a range, that is kept free at both its ends: whoever measures the picture again may see a line a little off."""


def _around_face(alpha: Pixels, head: Head, crop: Crop, aspect: float) -> Box:
    """The frame around `head`, not yet turned, in which its height and its eyes are as `crop.standard` has them.

    Both are in the middle of their ranges. Where the subject ends so soon that the lower edge would be empty, the head
    grows, and then moves down, as far as its ranges go.
    """
    standard = crop.standard
    least, most = _within(standard.head if standard else HEAD)
    share = (least + most) / 2
    lowest, highest = _eyes(head, share, crop)
    eyes = (lowest + highest) / 2
    # Of the frame's height, what a lower corner hangs below the middle of the edge, for it is turned.
    hangs = aspect / 2 * math.tan(math.radians(abs(head.angle)))
    there = (_bounds(alpha)[3] - head.eyes[1]) / math.cos(math.radians(head.angle)) / head.height
    share = min(max(share, (eyes + hangs) / there), most)
    lowest, highest = _eyes(head, share, crop)
    eyes = min(max(lowest, share * there - hangs), (lowest + highest) / 2)
    height = head.height / share
    middle = head.at((eyes - 0.5) * height)
    return middle[0] - height * aspect / 2, middle[1] - height / 2, height * aspect, height


def _eyes(head: Head, share: float, crop: Crop) -> Range:
    """The least and the most height of the eyes in fractions of the frame's, if the head takes `share` of it."""
    standard = crop.standard
    crown, chin = share * head.crown / head.height, share * head.chin / head.height
    above = _within(standard.above if standard else ABOVE)
    lowest, highest = max(chin, 1 - above[1] - crown), 1 - above[0] - crown
    if standard and standard.eyes and not standard.above_mm:
        lowest, highest = _within(standard.eyes)
        highest = max(lowest, min(highest, 1 - LEAST_ABOVE - crown))
    return min(lowest, highest), highest


LEAST_ABOVE = 0.03
"""Of the frame's height, that is left above a crown if the range of the eyes allows it."""


def _within(range_: Range) -> Range:
    room = MARGIN * (range_[1] - range_[0])
    return range_[0] + room, range_[1] - room


# ---- around a silhouette --------------------------------------------------------------------------------------------


HEADROOM, HEAD_SHARE = 0.12, 0.62
"""How much of an ID photo's height is above the head, and how much the head (crown to chin) takes of it."""


ID_ASPECT = 3 / 4
"""Width / height of head and shoulders for which no other was asked."""


def _around_head(alpha: Pixels, cut: Sides) -> Box:
    """Head and shoulders for an ID photo, from the silhouette alone. Raises UserError if there is none."""
    if alpha.max() <= 127:
        raise UserError("error.no_head")
    top, chin, middle = _head(alpha)
    height = (chin - top) / HEAD_SHARE
    if cut[3]:  # below the photo's edge there is no more of the body to show
        height = min(height, (len(alpha) - top) / (1 - HEADROOM))
    return middle - height * ID_ASPECT / 2, top - HEADROOM * height, height * ID_ASPECT, height


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
    middle = left + float((weight * np.arange(weight.size)).sum() / weight.sum()) if columns.size else left
    return top, min(top + 1.35 * float(head), bottom), middle
