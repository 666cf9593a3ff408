"""A portrait for tests that need no network: a photo with a face, and a rough matte of who is in it."""

from pathlib import Path

import cv2
import numpy as np

from bgdemo.decode import decode
from bgdemo.images import Cutout, Metadata, Photo

EXAMPLES = Path(__file__).parents[2] / "bgdemo" / "examples"

SIDE = 512
TOP_OF_HAIR = 15


def portrait(degrees: float = 0.0, scale: float = 1.0, mirrored: bool = False) -> tuple[Photo, Cutout]:
    """The astronaut, clockwise turned about the middle by `degrees`, and then scaled."""
    rgb = decode(EXAMPLES / "astronaut.jpg").rgb
    assert rgb.shape == (SIDE, SIDE, 3)
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(alpha, (224, 98), (68, 98 - TOP_OF_HAIR), 0, 0, 360, 255, -1)
    cv2.fillPoly(alpha, [np.array([(200, 150), (260, 150), (420, 260), (420, SIDE), (20, SIDE), (20, 260)])], 255)
    way = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), -degrees, 1.0)
    rgb, alpha = (cv2.warpAffine(plane, way, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE) for plane in (rgb, alpha))
    size = (round(SIDE * scale), round(SIDE * scale))
    rgb, alpha = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (rgb, alpha))
    if mirrored:
        rgb, alpha = (np.ascontiguousarray(plane[:, ::-1]) for plane in (rgb, alpha))
    return pair(rgb, alpha)


def couple(left: float = 1.0) -> tuple[Photo, Cutout]:
    """The astronaut beside herself, enlarged; the one on the left is `left` times as large as the other."""
    photo, cutout = portrait(scale=2)
    planes = [plane[:, 250:650] for plane in (photo.rgb, cutout.rgba[..., 3])]
    height, width = planes[1].shape
    size = (round(width * left), round(height * left))
    small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes]
    padded = [cv2.copyMakeBorder(plane, height - size[1], 0, 0, 0, cv2.BORDER_CONSTANT) for plane in small]
    rgb, alpha = (np.ascontiguousarray(np.hstack(both)) for both in zip(padded, planes, strict=True))
    return pair(rgb, alpha)


def pair(rgb: np.ndarray, alpha: np.ndarray) -> tuple[Photo, Cutout]:
    """A photo and the cutout that `alpha` makes of it."""
    rgba = np.dstack([rgb, alpha])
    rgba[alpha == 0] = 0
    return Photo(np.ascontiguousarray(rgb)), Cutout(rgba, Metadata(), "")
