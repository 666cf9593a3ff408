"""Faces of a photo, and what of them decides an ID photo's frame: the line of the eyes, chin, crown and tilt.

Found by YuNet (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023), which OpenCV runs.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from bgdemo.images import Photo, Pixels
from bgdemo.picture.resampling import resize, turn

DETECTOR = Path(__file__).parents[1] / "weights" / "face_detection_yunet.onnx"

LONG_SIDE = 640
"""Of the photo, in pixels, as the detector sees it."""

LEAST_SCORE = 0.83
"""Of 42 photos of people all that look into the camera reach 0.91; no animal's face of 12 is above 0.81."""

Point = tuple[float, float]
"""Column and row in pixels of the photo, from the outer corner of its first pixel."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face in pixels of the photo: `box` is left, top, width and height; left and right are the person's own.

    `score` is the detector's confidence in 0..1.
    """

    box: tuple[float, float, float, float]
    right_eye: Point
    left_eye: Point
    nose: Point
    mouth_right: Point
    mouth_left: Point
    score: float

    @property
    def eyes(self) -> Point:
        """The middle between the eyes."""
        return _middle(self.right_eye, self.left_eye)

    @property
    def tilt(self) -> float:
        """How far the line of the eyes is turned clockwise, in degrees."""
        return math.degrees(math.atan2(self.left_eye[1] - self.right_eye[1], self.left_eye[0] - self.right_eye[0]))

    @property
    def turn(self) -> float:
        """How far the nose is from the middle of the eyes, along their line, in parts of the distance between them."""
        apart = math.dist(self.right_eye, self.left_eye)
        along = [(left - right) / apart for left, right in zip(self.left_eye, self.right_eye, strict=True)]
        return sum((nose - eye) * way for nose, eye, way in zip(self.nose, self.eyes, along, strict=True)) / apart

    @property
    def length(self) -> float:
        """From the middle between the eyes to that of the mouth, which turning the head aside leaves as it is."""
        return math.dist(self.eyes, _middle(self.mouth_right, self.mouth_left))


def _middle(first: Point, second: Point) -> Point:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


# ---- detection ------------------------------------------------------------------------------------------------------

Points = NDArray[np.float64]
"""5×2: right eye, left eye, nose, right and left corner of the mouth, as columns and rows."""

_detecting = threading.Lock()
_found: WeakKeyDictionary[Photo, tuple[Face, ...]] = WeakKeyDictionary()


def faces_of(photo: Photo) -> tuple[Face, ...]:
    """The faces of `photo`, the largest first. They are looked for once, and forgotten with the photo."""
    with _detecting:  # the detector holds the size of its picture
        if photo not in _found:
            _found[photo] = _detect(photo.rgb)
        return _found[photo]


def _detect(rgb: Pixels) -> tuple[Face, ...]:
    height, width = rgb.shape[:2]
    scale = LONG_SIDE / max(height, width)
    small = resize(rgb, (max(1, round(width * scale)), max(1, round(height * scale))))
    # Each axis has its own scale, for the sides of the small picture are whole.
    scales = np.array([width / small.shape[1], height / small.shape[0]])
    rows = sorted(_rows(small), key=lambda row: -row[2] * row[3])
    return tuple(
        _face(rgb, row[:4].reshape(2, 2) * scales, row[4:14].reshape(5, 2) * scales, row[14], number < MOST_LOOKED_AT)
        for number, row in enumerate(rows)
    )


def _face(rgb: Pixels, box: NDArray[np.float64], points: Points, score: float, closer: bool) -> Face:
    for views in LOOKS if closer else ():
        points = _looked_at(rgb, box, points, views)
    left, top, width, height = (float(value) for value in box.ravel())
    right_eye, left_eye, nose, mouth_right, mouth_left = ((float(x), float(y)) for x, y in points)
    return Face((left, top, width, height), right_eye, left_eye, nose, mouth_right, mouth_left, float(score))


MOST_LOOKED_AT = 3
"""How many faces are looked at closer: those that may be framed, and no crowd."""

LOOKS = ((120,), (120,), (110, 150, 190, 230))
"""How high a face is, in pixels, in the pictures by which it is looked at closer, again and again.

A face that is not level is said to be a third less tilted than it is, so it is levelled as well as is known, and
looked at again. Of one view alone the line of the eyes is off by some 4°; of all of these by 0.7°.
"""

MIRRORED = [1, 0, 2, 4, 3]
"""Which point is which in a mirror."""


def _looked_at(rgb: Pixels, box: NDArray[np.float64], points: Points, views: tuple[int, ...]) -> Points:
    """The mean of what the detector says of several views of one face, each also mirrored, for it prefers a side."""
    across, down = points[1] - points[0]
    cosine, sine = np.array([across, down]) / math.hypot(across, down)
    seen = []
    for high in views:
        side = 2 * high
        linear = np.array([[cosine, -sine], [sine, cosine]]) * box[1, 1] / high
        corner = box[0] + box[1] / 2 - linear @ (high, high)
        view = turn(rgb, np.column_stack([linear, corner]), (side, side), cv2.BORDER_REPLICATE)
        for mirrored in (False, True):
            rows = _rows(np.ascontiguousarray(view[:, ::-1]) if mirrored else view)
            if rows:
                row = min(rows, key=lambda row: math.dist(row[:2] + row[2:4] / 2, (high, high)))
                found = row[4:14].reshape(5, 2)
                if mirrored:
                    found = ((side, 0) + found * (-1, 1))[MIRRORED]
                seen.append(found @ linear.T + corner)
    return np.mean(seen, axis=0) if seen else points


def _rows(rgb: Pixels) -> list[NDArray[np.float64]]:
    """OpenCV's fifteen numbers of each face: its box, five points, and the score."""
    detector = _detector()
    detector.setInputSize(rgb.shape[1::-1])
    rows = detector.detect(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1]
    return [] if rows is None else list(rows.astype(np.float64))


@lru_cache(maxsize=1)
def _detector() -> Any:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of what nobody asked for
    try:
        return cv2.FaceDetectorYN.create(str(DETECTOR), "", (LONG_SIDE, LONG_SIDE), LEAST_SCORE)
    finally:
        cv2.utils.logging.setLogLevel(level)


def subject_faces(photo: Photo, alpha: Pixels) -> tuple[Face, ...]:
    """The faces of `photo` that are on its subject, the largest first; `alpha` is the subject's, uint8 H×W."""
    return tuple(face for face in faces_of(photo) if _mean_under(face, alpha) > 127)


def _mean_under(face: Face, alpha: Pixels) -> float:
    left, top, width, height = face.box
    rows = slice(max(0, round(top)), max(0, round(top + height)))
    columns = slice(max(0, round(left)), max(0, round(left + width)))
    part = alpha[rows, columns]
    return float(part.mean()) if part.size else 0.0


# ---- the head -------------------------------------------------------------------------------------------------------

CHIN = 1.7
"""Eyes to chin, in parts of eyes to mouth: 1.69 is the median of 30 portraits, to the foot of the detector's box."""

CROWN = (1.6, 2.2)
"""Eyes to crown, least and most, in the same parts.

The eyes are in the middle of the head's height (vertex to endocanthion is 121 mm, endocanthion to gnathion 118 mm:
Farkas, Hreczko, Kolar and Munro 1985), so a bald head has 1.75; hair adds to it. What rises above the most is a hat.
"""

MOST_TURN = 0.2
"""The most that `Face.turn` is of a head that faces the camera."""

MOST_TILT = 15.0
"""How far a picture is turned to make the eyes level, in degrees."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head that `face` is of, as its frame needs it; `crown` is how far it is above the eyes, in pixels."""

    face: Face
    crown: float

    @property
    def eyes(self) -> Point:
        """The middle between the eyes."""
        return self.face.eyes

    @property
    def chin(self) -> float:
        """How far the chin is below the eyes, in pixels."""
        return CHIN * self.face.length

    @property
    def top(self) -> Point:
        """The crown, above the eyes."""
        return self.at(-self.crown)

    @property
    def bottom(self) -> Point:
        """The chin, below the eyes."""
        return self.at(self.chin)

    @property
    def height(self) -> float:
        """From chin to crown, in pixels."""
        return self.crown + self.chin

    @property
    def angle(self) -> float:
        """How far a frame is to be turned clockwise for the eyes to be level in it, in degrees."""
        return max(-MOST_TILT, min(MOST_TILT, self.face.tilt))

    def at(self, below: float, aside: float = 0.0) -> Point:
        """The point of the photo that is `below` the eyes, and `aside` of them to the right, in a level picture."""
        angle = math.radians(self.angle)
        return (
            self.eyes[0] - below * math.sin(angle) + aside * math.cos(angle),
            self.eyes[1] + below * math.cos(angle) + aside * math.sin(angle),
        )


def head_of(face: Face, alpha: Pixels) -> Head:
    """The head that `face` is of. Its crown is where the subject ends above the face: `alpha` is uint8 H×W."""
    return Head(face, max(CROWN[0] * face.length, _top(Head(face, 0.0), alpha)))


def _top(head: Head, alpha: Pixels) -> float:
    """How far above the eyes the subject ends, in pixels; no further than a crown can be.

    Looked for in a band as wide as the face is long from the eyes to the mouth. It is drawn level, forty rows to that
    length.
    """
    step = head.face.length / 40
    rows, columns = round(CROWN[1] * 40), 40
    left, top = head.at((0.5 - rows) * step, (0.5 - columns / 2) * step)
    angle = math.radians(head.angle)
    turned = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * step
    way = np.column_stack([turned, (left - 0.5, top - 0.5)])
    band = cv2.warpAffine(alpha, way, (columns, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    # Single hairs are no crown.
    subject = np.flatnonzero((band > 127).mean(axis=1) > 0.3)
    return (rows - int(subject[0])) * step if subject.size else 0.0
