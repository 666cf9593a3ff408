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

from bgdemo.images import Photo, Pixels
from bgdemo.picture.resampling import resize

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
    detector = _detector()
    detector.setInputSize(small.shape[1::-1])
    rows = detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1]
    # Each axis has its own scale, for the sides of the small picture are whole.
    across, down = width / small.shape[1], height / small.shape[0]
    found = [_face(row, across, down) for row in (() if rows is None else rows.astype(float))]
    return tuple(sorted(found, key=lambda face: -face.box[2] * face.box[3]))


def _face(row: Any, across: float, down: float) -> Face:
    """OpenCV's row of fifteen: the box, five points and the score."""
    left, top, width, height = row[:4]
    points: list[Point] = [(float(x * across), float(y * down)) for x, y in row[4:14].reshape(5, 2)]
    box = (float(left * across), float(top * down), float(width * across), float(height * down))
    return Face(box, *points, score=float(row[14]))


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
    """A head as its frame needs it, in pixels of the photo: `down` is its own way from the eyes to the chin.

    `crown` and `chin` are distances from `eyes`, `angle` is how far the frame is to be turned clockwise, in degrees.
    """

    eyes: Point
    crown: float
    chin: float
    angle: float

    @property
    def height(self) -> float:
        """From chin to crown."""
        return self.crown + self.chin

    def at(self, below: float, aside: float = 0.0) -> Point:
        """The point that is `below` the eyes and `aside` of them to the right, once the frame is turned."""
        angle = math.radians(self.angle)
        return (
            self.eyes[0] - below * math.sin(angle) + aside * math.cos(angle),
            self.eyes[1] + below * math.cos(angle) + aside * math.sin(angle),
        )


def head_of(face: Face, alpha: Pixels) -> Head:
    """The head that `face` is of. Its crown is where the subject ends above the face: `alpha` is uint8 H×W."""
    angle = max(-MOST_TILT, min(MOST_TILT, face.tilt))
    level = Head(face.eyes, 0.0, CHIN * face.length, angle)
    return Head(level.eyes, _crown(level, face, alpha), level.chin, angle)


def _crown(level: Head, face: Face, alpha: Pixels) -> float:
    """From the eyes to the top of the subject, in a band as wide as the eyes are apart from end to end.

    The band is drawn level, with rows of a fortieth of the length, from the most that a crown can be down to the eyes.
    """
    step = face.length / 40
    rows, half = round(CROWN[1] * 40), 20
    angle = math.radians(level.angle)
    across, down = (math.cos(angle) * step, math.sin(angle) * step), (-math.sin(angle) * step, math.cos(angle) * step)
    left, top = level.at((0.5 - rows) * step, (0.5 - half) * step)
    way = np.array([[across[0], down[0], left - 0.5], [across[1], down[1], top - 0.5]])
    band = cv2.warpAffine(alpha, way, (2 * half, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    # Single hairs are no crown.
    subject = np.flatnonzero((band > 127).mean(axis=1) > 0.3)
    highest = rows - int(subject[0]) if subject.size else 0
    return max(CROWN[0] * face.length, highest * step)
