"""Checks: what an office would say of a head in its frame, and what is said of it to people."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bgdemo.decode import decode
from bgdemo.images import Cutout, Photo
from bgdemo.picture import faces
from bgdemo.picture.checks import Check, checks, head_notes
from bgdemo.picture.faces import Face, Head, faces_of
from bgdemo.picture.frames import Frame, frame_of, heads_of
from bgdemo.picture.looks import Crop, Look, Size
from bgdemo.picture.standards import STANDARDS
from tests.picture.portraits import EXAMPLES, pair, portrait

US = STANDARDS["us"]
HEAD = Head(Face((80, 70, 90, 130), (105, 110), (145, 110), (125, 130), (110, 150), (140, 150), 0.9), 72.0)
"""Eyes at (125, 110), 72 below the crown and 68 above the chin."""


def found(frame: Frame, enlarged: float = 1.0) -> dict[str, Check]:
    return {check.key: check for check in checks(US, HEAD, frame, enlarged)}


def test_figures_are_in_millimetres_of_the_print() -> None:
    rows = found(Frame(0, 0, 250, 255))
    measured = {key: check.measured for key, check in rows.items()}
    expected = {"head": 28.0, "eyes": 29.0, "above": 7.6, "middle": 0.0, "tilt": 0.0, "turn": 0.0, "enlarged": 1.0}
    assert measured == pytest.approx(expected, abs=1e-9)
    assert all(check.ok for check in rows.values())
    assert rows["head"].range == pytest.approx((25, 35))


@pytest.mark.parametrize(
    ("frame", "enlarged", "wrong"),
    [
        (Frame(0, 0, 290, 300), 1.0, {"head"}),  # as large as 23.8 mm
        (Frame(0, 36, 250, 255), 1.0, {"eyes"}),
        (Frame(20, 0, 250, 255), 1.0, {"middle"}),
        (Frame(0, 45, 250, 255), 1.0, {"above", "eyes"}),
        (Frame(0, 0, 250, 255, angle=2.0), 1.0, {"tilt"}),
        (Frame(0, 0, 250, 255), 1.4, {"enlarged"}),
    ],
)
def test_what_is_off_is_told(frame: Frame, enlarged: float, wrong: set[str]) -> None:
    rows = found(frame, enlarged)
    assert wrong <= {key for key, check in rows.items() if not check.ok}
    assert all(check.ok for key, check in rows.items() if key in ("turn", "enlarged") and key not in wrong)


def notes_of(photo: Photo, cutout: Cutout, kind: str = "3x4", shrunk: float = 1.0) -> tuple[str, ...]:
    standard = STANDARDS[kind]
    look = Look(crop=Crop("head", standard=standard), size=Size.of_standard(standard))
    return head_notes(photo, cutout.rgba[..., 3], look, shrunk)


def test_a_good_portrait_needs_no_note() -> None:
    assert notes_of(*portrait(scale=2)) == ()


def test_a_small_head_is_told_to_be_enlarged() -> None:
    assert notes_of(*portrait()) == ("note.head_enlarged",)
    assert notes_of(*portrait(), shrunk=0.5) == ()  # of a photo twice as large


def test_what_frames_no_head_is_told_nothing_of_heads() -> None:
    photo, cutout = portrait()
    assert head_notes(photo, cutout.rgba[..., 3], Look(crop=Crop("subject"))) == ()


def test_an_animal_has_no_face_and_is_told_so() -> None:
    rgb = decode(EXAMPLES / "kucing.jpg").rgb
    assert notes_of(*pair(rgb, np.full(rgb.shape[:2], 255, np.uint8))) == ("note.no_face",)


def test_a_head_that_the_photo_cuts_is_told_so() -> None:
    photo, cutout = portrait(scale=2)
    for part in (np.s_[60:], np.s_[:, 400:]):
        cut = pair(photo.rgb[part], np.ascontiguousarray(cutout.rgba[part][..., 3]))
        assert "note.face_cut" in notes_of(*cut)


def test_two_heads_in_the_frame_are_told() -> None:
    photo, cutout = portrait(scale=2)
    twice = [np.ascontiguousarray(np.hstack([plane[:, 250:650]] * 2)) for plane in (photo.rgb, cutout.rgba[..., 3])]
    both = pair(twice[0], twice[1])
    look = Look(crop=Crop("head", 2.0), size=None)
    frame = frame_of(twice[1], look.crop, None, both[0])
    assert len(heads_of(both[0], twice[1])) == 2
    assert frame.width > 700
    assert "note.two_heads" in head_notes(both[0], twice[1], look)
    narrow = Look(crop=Crop("head", 0.5))
    assert "note.two_heads" not in head_notes(both[0], twice[1], narrow)


def test_a_head_that_looks_aside_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, cutout = portrait(scale=2)
    [face] = faces_of(photo)
    aside = replace(face, nose=(face.nose[0] + 0.4 * (face.left_eye[0] - face.right_eye[0]), face.nose[1]))
    monkeypatch.setitem(faces._found, photo, (aside,))
    assert notes_of(photo, cutout) == ("note.head_turned",)


def test_a_real_head_that_looks_aside_is_told_so() -> None:
    rgb = cv2.resize(decode(EXAMPLES / "dog.jpg").rgb, None, fx=2, fy=2)
    assert "note.head_turned" in notes_of(*pair(rgb, np.full(rgb.shape[:2], 255, np.uint8)))
