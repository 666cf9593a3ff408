"""Checks: what an office would say of a head in its frame, and what is said of it to people."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bgdemo.decode import decode
from bgdemo.images import Cutout, Photo
from bgdemo.messages import say
from bgdemo.picture import faces
from bgdemo.picture.checks import Check, FileCheck, checks, inspect
from bgdemo.picture.faces import Face, Head, faces_of
from bgdemo.picture.frames import Frame, frame_of, heads_of
from bgdemo.picture.looks import Crop, Look, Size
from bgdemo.picture.standards import STANDARDS
from tests.picture.portraits import EXAMPLES, couple, pair, portrait

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


SMALL = Check("head", 28.96, (31.0, 36.0))


@pytest.mark.parametrize(
    ("check", "en", "id_"),
    [
        (Check("head", 33.04, (31.0, 36.0)), "Head 33 mm", "Kepala 33 mm"),
        (SMALL, "Head 29 mm, needs 31–36 mm", "Kepala 29 mm, harus 31–36 mm"),
        (replace(SMALL, customary=True), "Head 29 mm, usually 31–36 mm", "Kepala 29 mm, biasanya 31–36 mm"),
        (Check("head", 31.5, (31.5, 36.0)), "Head 31.5 mm", "Kepala 31,5 mm"),
        (Check("eyes", 27.9, (28, 35)), "Eye line 27.9 mm, needs 28–35 mm", "Garis mata 27,9 mm, harus 28–35 mm"),
        (Check("above", -2, (0, 9)), "Room above −2 mm, needs 0–9 mm", "Ruang di atas kepala −2 mm, harus 0–9 mm"),
        (Check("above", -0.04, (0, 9)), "Room above 0 mm", "Ruang di atas kepala 0 mm"),
        (
            Check("middle", -2, (-1, 1)),
            "Head 2 mm off the middle, at most 1 mm",
            "Kepala 2 mm dari tengah, paling banyak 1 mm",
        ),
        (Check("tilt", -3, (-1.5, 1.5)), "Eyes tilted by 3°, at most 1.5°", "Mata miring 3°, paling banyak 1,5°"),
        (Check("turn", 0.1, (-0.2, 0.2)), "Faces the camera", "Menghadap kamera"),
        (Check("turn", 0.21, (-0.2, 0.2)), "Face turned to the side", "Wajah menoleh ke samping"),
        (Check("enlarged", 1.8, (0, 1.3)), "Enlarged 1.8×, at most 1.3×", "Diperbesar 1,8×, paling banyak 1,3×"),
    ],
)
def test_a_figure_is_said_and_if_it_is_off_what_it_has_to_be(check: Check, en: str, id_: str) -> None:
    assert (check.text("en"), check.text("id")) == (en, id_)


@pytest.mark.parametrize(
    ("standard", "kind", "size", "ok", "text"),
    [
        ("us", "jpeg", 240_000, True, "File JPEG 240 kB"),
        ("us", "jpeg", 240_600, False, "File JPEG 240.6 kB, needs JPEG 0–240 kB"),
        ("us", "png", 90_000, False, "File PNG 90 kB, needs JPEG 0–240 kB"),
        ("snpmb", "jpeg", 39_000, False, "File JPEG 39 kB, needs JPEG 40–100 kB"),
        ("3x4", "png", 5_000_000, True, "File PNG 5000 kB"),
    ],
)
def test_a_file_is_held_against_what_its_office_takes(standard: str, kind: str, size: int, ok: bool, text: str) -> None:
    check = FileCheck(STANDARDS[standard], kind, size)
    assert (check.ok, check.text("en")) == (ok, text)


def test_a_head_without_a_standard_has_no_lengths() -> None:
    assert [check.key for check in checks(None, HEAD, Frame(0, 0, 250, 255), 1.0)] == ["tilt", "turn", "enlarged"]


def test_what_nobody_has_published_is_called_customary() -> None:
    for kind, customary in (("3x4", True), ("us", False)):
        rows = checks(STANDARDS[kind], HEAD, Frame(0, 0, 250, 255), 1.0)
        assert {check.key: check.customary for check in rows}["head"] == customary


def test_all_that_is_off_is_said_once() -> None:
    photo, cutout = portrait()
    look = Look(crop=Crop("head", standard=US, zoom=1.5), size=Size.of_standard(US))
    seen = inspect(photo, cutout.rgba[..., 3], look)
    assert seen
    said = seen.said("en")
    assert len(said) == len(set(said)) == len([check for check in seen.checks if not check.ok])
    assert said[0] == say("note.head_enlarged", "en")
    assert said[1].endswith("needs 25–35 mm")


def notes_of(photo: Photo, cutout: Cutout, kind: str = "3x4", shrunk: float = 1.0) -> tuple[str, ...]:
    standard = STANDARDS[kind]
    look = Look(crop=Crop("head", standard=standard), size=Size.of_standard(standard))
    seen = inspect(photo, cutout.rgba[..., 3], look, shrunk)
    assert seen
    return seen.notes


def test_a_good_portrait_needs_no_note() -> None:
    assert notes_of(*portrait(scale=2)) == ()


def test_a_small_head_is_told_to_be_enlarged() -> None:
    assert notes_of(*portrait()) == ("note.head_enlarged",)
    assert notes_of(*portrait(), shrunk=0.5) == ()  # of a photo twice as large


def test_what_frames_no_head_is_told_nothing_of_heads() -> None:
    photo, cutout = portrait()
    assert inspect(photo, cutout.rgba[..., 3], Look(crop=Crop("subject"))) is None
    assert inspect(photo, cutout.rgba[..., 3], Look(crop=Crop("head", box=(0, 0, 1, 1)))) is None


def test_an_animal_has_no_face_and_is_told_so() -> None:
    rgb = decode(EXAMPLES / "kucing.jpg").rgb
    assert notes_of(*pair(rgb, np.full(rgb.shape[:2], 255, np.uint8))) == ("note.no_face",)


def test_a_head_that_the_photo_cuts_is_told_so() -> None:
    photo, cutout = portrait(scale=2)
    for part in (np.s_[60:], np.s_[:, 400:]):
        cut = pair(photo.rgb[part], np.ascontiguousarray(cutout.rgba[part][..., 3]))
        assert "note.face_cut" in notes_of(*cut)


def test_two_heads_in_the_frame_are_told() -> None:
    photo, cutout = couple()
    alpha = np.ascontiguousarray(cutout.rgba[..., 3])
    look = Look(crop=Crop("head", 2.0), size=None)
    frame = frame_of(alpha, look.crop, None, photo)
    assert len(heads_of(photo, alpha)) == 2
    assert frame.width > 700
    wide, narrow = inspect(photo, alpha, look), inspect(photo, alpha, Look(crop=Crop("head", 0.5)))
    assert wide and "note.two_heads" in wide.notes
    assert narrow and "note.two_heads" not in narrow.notes


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_said_is_said_of_the_chosen_head(first: int) -> None:
    photo, cutout = couple()
    heads = heads_of(photo, cutout.rgba[..., 3])
    width, height = photo.size
    face = (heads[first].eyes[0] / width, heads[first].eyes[1] / height)
    seen = inspect(
        photo, cutout.rgba[..., 3], Look(crop=Crop("head", standard=US, face=face), size=Size.of_standard(US))
    )
    assert seen
    assert seen.heads[0] == heads[first]
    assert {check.key: check.ok for check in seen.checks}.items() >= {
        "head": True,
        "eyes": True,
        "middle": True,
    }.items()


def test_a_head_that_looks_aside_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, cutout = portrait(scale=2)
    [face] = faces_of(photo)
    aside = replace(face, nose=(face.nose[0] + 0.4 * (face.left_eye[0] - face.right_eye[0]), face.nose[1]))
    monkeypatch.setitem(faces._found, photo, (aside,))
    assert notes_of(photo, cutout) == ("note.head_turned",)


def test_a_real_head_that_looks_aside_is_told_so() -> None:
    rgb = cv2.resize(decode(EXAMPLES / "dog.jpg").rgb, None, fx=2, fy=2)
    assert "note.head_turned" in notes_of(*pair(rgb, np.full(rgb.shape[:2], 255, np.uint8)))
