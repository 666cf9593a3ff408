"""Frames: around what was asked for, never afloat, never larger than their picture needs."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Metadata, Photo, Picture
from bgdemo.picture.checks import checks
from bgdemo.picture.compositing import compose
from bgdemo.picture.faces import Head
from bgdemo.picture.frames import Frame, frame_of, heads_of
from bgdemo.picture.looks import Crop, Look, Size, check_pixels
from bgdemo.picture.standards import STANDARDS, Standard
from bgdemo.settings import MAX_MEGAPIXELS
from tests.picture.portraits import couple, pair, portrait


def disc(height: int = 120, width: int = 160, radius: float = 40) -> np.ndarray:
    """The alpha of a disc in the middle."""
    y, x = np.mgrid[:height, :width]
    return np.where(np.hypot(y + 0.5 - height / 2, x + 0.5 - width / 2) < radius, 255, 0).astype(np.uint8)


def test_tight_crop_with_margin_and_aspect() -> None:
    alpha = disc()
    tight = frame_of(alpha, Crop("subject", margin=0))
    assert (tight.left, tight.top, tight.width, tight.height) == (40, 20, 80, 80)
    roomy = frame_of(alpha, Crop("subject", margin=0.25))
    assert (roomy.left, roomy.top, roomy.width, roomy.height) == (20, 0, 120, 120)
    wide = frame_of(alpha, Crop("subject", aspect=16 / 9, margin=0))
    assert (wide.width, wide.height, wide.top) == (142, 80, 20)
    middle = frame_of(alpha, Crop("photo", aspect=1.0))
    assert (middle.width, middle.height, middle.left) == (120, 120, 20)


@pytest.mark.parametrize("aspect", [None, 0.3, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_a_subject_cut_by_the_photos_edge_does_not_float(side: str, aspect: float | None) -> None:
    """The frame ends where the photo does, on the side where the subject is cut."""
    alpha = np.zeros((100, 80), np.uint8)
    cut = {"left": np.s_[30:60, :20], "top": np.s_[:20, 30:60], "right": np.s_[30:60, 60:], "bottom": np.s_[80:, 30:60]}
    alpha[cut[side]] = 255
    frame = frame_of(alpha, Crop("subject", aspect))
    ends = {"left": frame.left, "top": frame.top, "right": frame.left + frame.width, "bottom": frame.top + frame.height}
    assert ends[side] == {"left": 0, "top": 0, "right": 80, "bottom": 100}[side]


def test_a_subject_cut_on_both_sides_stays_in_the_middle() -> None:
    alpha = np.zeros((100, 80), np.uint8)
    alpha[40:60] = 255
    frame = frame_of(alpha, Crop("subject", 4.0))
    assert abs(frame.left + frame.width / 2 - 40) <= 0.5


def test_a_subject_near_the_photos_edge_but_not_cut_by_it_is_in_the_middle() -> None:
    alpha = np.zeros((100, 80), np.uint8)
    alpha[2:32, 20:50] = 255
    frame = frame_of(alpha, Crop("subject", 0.5, margin=0.2))
    assert abs(frame.top + frame.height / 2 - 17) <= 0.5


def test_head_and_shoulders_stand_on_the_foot_of_the_photo() -> None:
    alpha = np.zeros((100, 80), np.uint8)
    alpha[40:, 20:60] = 255
    for aspect in (None, 2 / 3, 0.4):
        frame = frame_of(alpha, Crop("head", aspect))
        assert frame.top + frame.height == 100


@pytest.mark.parametrize("level", [0, 100])
def test_head_and_shoulders_of_nobody_are_refused(level: int) -> None:
    with pytest.raises(UserError) as caught:
        frame_of(np.full((100, 80), level, np.uint8), Crop("head"))
    assert caught.value.key == "error.no_head"


def test_frames_are_moved_and_zoomed() -> None:
    alpha = np.full((100, 100), 255, np.uint8)
    near = frame_of(alpha, Crop(zoom=2))
    assert (near.left, near.top, near.width, near.height) == (25, 25, 50, 50)
    assert frame_of(alpha, Crop(zoom=2, shift=(0.25, 0))).left == 50
    part = frame_of(alpha, Crop(box=(0.1, 0.2, 0.5, 0.4)))
    assert (part.left, part.top, part.width, part.height) == (10, 20, 50, 40)


@pytest.mark.parametrize("box", [(0, 0, 2, 1), (-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (0.8, 0, 0.5, 0.5)])
def test_a_crop_larger_than_the_photo_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(UserError) as caught:
        frame_of(np.full((10, 10), 255, np.uint8), Crop(box=box))
    assert caught.value.key == "error.crop_outside"


@pytest.mark.parametrize("aspect", [0, -1, 0.049, 20.1, 10_000, float("nan"), float("inf")])
def test_aspects_out_of_bounds_are_refused(aspect: float) -> None:
    with pytest.raises(UserError) as caught:
        Crop(aspect=aspect)
    assert caught.value.key == "error.aspect_range"


@pytest.mark.parametrize(
    "wrong",
    [
        {"face": (0.5, 1.1)},
        {"face": (float("nan"), 0.5)},
        {"zoom": 0},
        {"zoom": float("nan")},
        {"shift": (float("inf"), 0)},
        {"margin": -1},
        {"margin": float("nan")},
    ],
)
def test_crops_that_mean_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Crop(**wrong)  # type: ignore[arg-type]


# ---- around a face --------------------------------------------------------------------------------------------------

US = STANDARDS["us"]


def head_in_picture(standard: Standard, **change: float) -> tuple[Head, Picture]:
    """The head that is found once more in the finished picture of a portrait."""
    photo, cutout = portrait(**change)
    picture = compose(cutout, photo, Look(crop=Crop("head", standard=standard), size=Size.of_standard(standard)))
    pixels = picture.pixels
    white = np.where(pixels[..., 3:] > 0, pixels[..., :3], np.uint8(255))
    return heads_of(Photo(np.ascontiguousarray(white)), np.ascontiguousarray(pixels[..., 3]))[0], picture


@pytest.mark.parametrize("change", [{}, {"degrees": -8}, {"degrees": 6}, {"scale": 0.5}, {"mirrored": True}])
@pytest.mark.parametrize("kind", ["us", "schengen", "china", "3x4"])
def test_the_head_in_the_finished_picture_is_as_the_standard_has_it(kind: str, change: dict[str, float]) -> None:
    standard = STANDARDS[kind]
    head, picture = head_in_picture(standard, **change)
    height, width = picture.pixels.shape[:2]
    found = {check.key: check for check in checks(standard, head, Frame(0, 0, width, height), 1.0)}
    assert [key for key in ("head", "eyes", "above", "middle") if key in found and not found[key].ok] == []
    assert abs(found["tilt"].measured) < 2.5


def test_who_has_no_face_is_framed_by_the_silhouette() -> None:
    alpha = disc()
    crop = Crop("head", standard=US)
    blank = Photo(np.full((*alpha.shape, 3), 90, np.uint8))
    assert frame_of(alpha, crop, None, blank) == frame_of(alpha, Crop("head"))


def test_a_face_that_is_not_on_the_subject_frames_nothing() -> None:
    photo, cutout = portrait()
    alpha = cutout.rgba[..., 3].copy()
    alpha[:220] = 0
    assert frame_of(alpha, Crop("head", standard=US), None, photo) == frame_of(alpha, Crop("head"))


def test_of_several_heads_that_of_the_largest_face_is_framed_or_the_one_nearest_to_a_point() -> None:
    photo, cutout = couple(left=0.8)
    alpha = cutout.rgba[..., 3]
    right, left = heads_of(photo, alpha)
    assert left.eyes[0] < 320 < right.eyes[0]
    frames = [frame_of(alpha, Crop("head", face=face), None, photo) for face in (None, (0.9, 0.1), (0.2, 0.9))]
    assert frames[0] == frames[1]
    for frame, head in ((frames[0], right), (frames[2], left)):
        assert np.abs(np.subtract(frame.place(head.eyes)[0], 0.5)) < 0.02
    assert heads_of(photo, alpha, (0.2, 0.9)) == [left, right]


def test_a_point_means_the_same_head_at_every_size_of_the_photo() -> None:
    photo, cutout = couple()
    half = pair(cv2.resize(photo.rgb, None, fx=0.5, fy=0.5), cv2.resize(cutout.rgba[..., 3], None, fx=0.5, fy=0.5))
    for face in ((0.25, 0.2), (0.75, 0.2)):
        large, small = (
            heads_of(one, np.ascontiguousarray(matte.rgba[..., 3]), face)[0] for one, matte in ((photo, cutout), half)
        )
        assert np.abs(np.subtract(large.eyes, np.multiply(small.eyes, 2))).max() < 8


def test_where_the_body_ends_the_picture_ends() -> None:
    """As far as the standard lets it: the head of a photo that ends below the chin is as large as it may be."""
    photo, cutout = portrait()
    whole = frame_of(cutout.rgba[..., 3], Crop("head", standard=US), None, photo)
    for rows, reached in ((250, True), (215, False)):
        rgb, alpha = photo.rgb[:rows], np.ascontiguousarray(cutout.rgba[:rows, :, 3])
        frame = frame_of(alpha, Crop("head", standard=US), None, Photo(np.ascontiguousarray(rgb)))
        assert frame.height < 0.95 * whole.height
        assert (frame.top + frame.height <= rows) == reached


def test_a_turned_frame_is_moved_along_its_own_sides_and_zoomed_about_its_middle() -> None:
    photo, cutout = portrait(8)
    alpha = cutout.rgba[..., 3]
    plain, moved, near = (
        frame_of(alpha, crop, None, photo)
        for crop in (Crop("head"), Crop("head", shift=(0.2, 0.1)), Crop("head", zoom=2))
    )
    assert plain.angle > 5
    assert (moved.angle, moved.width) == (plain.angle, plain.width)
    middle = (moved.left + moved.width / 2, moved.top + moved.height / 2)
    assert np.abs(np.subtract(plain.place(middle), (0.7, 0.6))).max() < 0.01
    assert abs(near.width - plain.width / 2) <= 1
    middle = (near.left + near.width / 2, near.top + near.height / 2)
    assert np.abs(np.subtract(plain.place(middle), (0.5, 0.5))).max() < 0.01


def test_a_turned_frame_cuts_out_what_it_says() -> None:
    frame = Frame(40, 60, 200, 120, angle=13.0)
    pixels = np.zeros((300, 400), np.uint8)
    cv2.circle(pixels, (100, 100), 6, 255, -1)
    rows, columns = np.nonzero(frame.cut(pixels, (400, 240)) > 127)
    found = (columns.mean() + 0.5) / 400, (rows.mean() + 0.5) / 240
    assert np.abs(np.subtract(found, frame.place((100.5, 100.5)))).max() < 0.003


# ---- memory ---------------------------------------------------------------------------------------------------------


def test_a_picture_of_too_many_pixels_is_refused_before_it_takes_memory(peak: Callable[[], int]) -> None:
    rgba = np.broadcast_to(np.array((1, 2, 3, 255), np.uint8), (6000, 8000, 4))  # as large as it says, and four bytes
    photo = Photo(rgba[..., :3])
    with pytest.raises(UserError) as caught:
        compose(Cutout(rgba, Metadata(), ""), photo, Look(crop=Crop("subject", 16 / 9, zoom=0.3)))
    assert peak() < 1_000_000
    assert caught.value.key == "error.picture_too_large"


def test_a_far_larger_frame_takes_no_more_memory_than_its_picture(peak: Callable[[], int]) -> None:
    """Cut out before it is made smaller, this frame would take 26 gigabytes."""
    rgba = np.dstack([np.full((120, 160, 3), 99, np.uint8), disc()])
    rgba[rgba[..., 3] == 0] = 0
    photo = Photo(np.ascontiguousarray(rgba[..., :3]))
    look = Look(crop=Crop("subject", zoom=0.01), size=Size(2000, 1))
    assert frame_of(rgba[..., 3], look.crop, look.size).width > 10_000_000
    pixels = compose(Cutout(rgba, Metadata(), ""), photo, look).pixels
    assert peak() < 5_000_000
    assert pixels.shape == (1, 2000, 4)


def test_neither_does_a_turned_one(peak: Callable[[], int]) -> None:
    frame = Frame(-(10**6), -(10**6), 2 * 10**6, 2 * 10**6, angle=7.0)
    assert frame.cut(np.full((300, 300, 4), 255, np.uint8), (500, 500)).shape == (500, 500, 4)
    assert peak() < 40_000_000


def test_the_largest_photo_fits_into_a_wide_frame() -> None:
    width, height = round((MAX_MEGAPIXELS * 750_000) ** 0.5), round((MAX_MEGAPIXELS * 1_000_000 / 0.75) ** 0.5)
    frame = frame_of(np.broadcast_to(np.uint8(255), (height, width)), Crop("subject", 16 / 9))
    check_pixels(frame.width, frame.height)


@pytest.mark.parametrize("scale", [0.1, 0.37, 1, 2.6])
def test_a_frame_beyond_the_photo_shows_the_photo_in_its_place(scale: float) -> None:
    """Within a pixel of where it would be if all of the frame were resampled."""
    frame = Frame(-300, -200, 1000, 800)
    size = (round(1000 * scale), round(800 * scale))
    inside = np.argwhere(frame.cut(np.full((150, 400), 255, np.uint8), size) > 0)
    expected = np.array([[200, 300], [350, 700]]) * scale
    assert np.abs(np.array([inside.min(axis=0), inside.max(axis=0) + 1]) - expected).max() <= 1
