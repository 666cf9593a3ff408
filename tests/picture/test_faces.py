"""Faces: found where they are, level or not, and the head that follows from them."""

import gc
import weakref
from dataclasses import replace

import cv2
import numpy as np
import pytest

from bgdemo.decode import decode
from bgdemo.picture.faces import CHIN, CROWN, MOST_TILT, MOST_TURN, Face, Head, faces_of, head_of, subject_faces
from tests.picture.portraits import EXAMPLES, SIDE, TOP_OF_HAIR, portrait

STRAIGHT = Face((40, 30, 60, 80), (55, 60), (85, 60), (70, 80), (58, 100), (82, 100), 0.9)
"""Eyes 30 apart, and 40 above the mouth."""


def test_a_face_and_its_points_are_found() -> None:
    [face] = faces_of(portrait()[0])
    points = (face.right_eye, face.left_eye, face.nose, face.mouth_right, face.mouth_left)
    expected = ((204, 96), (246, 100), (223, 126), (202, 141), (240, 145))
    assert np.abs(np.subtract(points, expected)).max() < 6
    assert abs(face.turn) < MOST_TURN


@pytest.mark.parametrize("name", ["kucing", "cup", "butterfly"])
def test_animals_and_things_have_no_face(name: str) -> None:
    assert faces_of(decode(EXAMPLES / f"{name}.jpg")) == ()


def test_a_face_is_mirrored_with_its_photo() -> None:
    [face], [mirrored] = (faces_of(portrait(mirrored=mirror)[0]) for mirror in (False, True))
    assert np.abs(np.subtract(mirrored.right_eye, (SIDE - face.left_eye[0], face.left_eye[1]))).max() < 2
    assert abs(mirrored.tilt + face.tilt) < 2


@pytest.mark.parametrize("degrees", [-10, -5, 5, 8])
def test_the_tilt_follows_the_photo(degrees: float) -> None:
    [straight], [face] = faces_of(portrait()[0]), faces_of(portrait(degrees)[0])
    assert abs(face.tilt - straight.tilt - degrees) < 2


def test_faces_are_measured_in_pixels_of_the_photo() -> None:
    [face], [large] = faces_of(portrait()[0]), faces_of(portrait(scale=2.5)[0])
    assert np.abs(np.array(large.eyes) / 2.5 - face.eyes).max() < 2
    assert abs(large.length / 2.5 / face.length - 1) < 0.05


def test_only_a_face_on_the_subject_counts() -> None:
    photo, cutout = portrait()
    alpha = cutout.rgba[..., 3].copy()
    assert len(subject_faces(photo, alpha)) == 1
    alpha[:200] = 0
    assert subject_faces(photo, alpha) == ()


def test_the_largest_of_several_comes_first() -> None:
    large, small = (portrait(scale=scale)[0].rgb for scale in (1.0, 0.6))
    both = np.full((SIDE, 2 * SIDE, 3), 90, np.uint8)
    both[: len(small), : len(small)] = small
    both[:, SIDE:] = large
    first, second = faces_of(replace(portrait()[0], rgb=both))
    assert first.eyes[0] > SIDE > second.eyes[0]


def test_faces_are_forgotten_with_their_photo() -> None:
    photo = portrait()[0]
    assert faces_of(photo) is faces_of(photo)
    gone = weakref.ref(photo)
    del photo
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (700, 2)])
def test_photos_too_small_for_a_face_have_none(size: tuple[int, int]) -> None:
    assert faces_of(replace(portrait()[0], rgb=np.full((*size, 3), 200, np.uint8))) == ()


# ---- the head -------------------------------------------------------------------------------------------------------


def alpha_from(top: int, left: int = 40, right: int = 100) -> np.ndarray:
    alpha = np.zeros((200, 140), np.uint8)
    alpha[top:, left:right] = 255
    return alpha


def test_the_crown_is_where_the_subject_ends_above_the_face() -> None:
    head = head_of(STRAIGHT, alpha_from(0))  # of a photo that ends 60 above the eyes
    assert abs(head.crown - 1.6 * 40) < 1
    lower = replace(STRAIGHT, right_eye=(55, 100), left_eye=(85, 100), mouth_right=(58, 140), mouth_left=(82, 140))
    assert abs(head_of(lower, alpha_from(25)).crown - 75) <= 1.5
    assert head_of(lower, alpha_from(0)).crown == pytest.approx(CROWN[1] * 40)  # a hat
    assert head_of(lower, alpha_from(90)).crown == CROWN[0] * 40  # a matte that lost the hair
    assert head_of(lower, np.zeros((200, 140), np.uint8)).crown == CROWN[0] * 40
    hair = alpha_from(30)
    hair[10:30, 68:72] = 255
    assert abs(head_of(lower, hair).crown - 70) <= 1.5


@pytest.mark.parametrize("degrees", [0, 7, -12])
def test_a_head_is_measured_along_its_own_way(degrees: float) -> None:
    photo, cutout = portrait(degrees, scale=2)
    head = head_of(faces_of(photo)[0], cutout.rgba[..., 3])
    way = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), -degrees, 1.0)
    hair = 2 * way @ (224, TOP_OF_HAIR, 1)
    assert np.hypot(*np.subtract(head.at(-head.crown), hair)) < 25
    assert abs(head.height / (CHIN * head.face.length + head.crown) - 1) < 1e-9


def test_a_head_is_levelled_by_no_more_than_the_limit() -> None:
    steep = replace(STRAIGHT, left_eye=(85, 90))
    assert steep.tilt == pytest.approx(45)
    assert Head(steep, 70).angle == MOST_TILT


def test_a_nose_aside_of_the_eyes_tells_a_turned_head() -> None:
    assert STRAIGHT.turn == 0
    assert replace(STRAIGHT, nose=(79, 80)).turn == pytest.approx(0.3)
    assert replace(STRAIGHT, nose=(61, 80)).turn == pytest.approx(-0.3)
