"""Compositing is right where it is easily wrong: soft edges, resampling, shadows, frames."""

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Metadata, Photo
from bgdemo.picture.compositing import Layer, compose, framed, in_profile, stack
from bgdemo.picture.looks import (
    SCENES,
    Backdrop,
    Blur,
    Crop,
    Gradient,
    Look,
    Outline,
    Shadow,
    Size,
    Solid,
)

EXAMPLES = Path(__file__).parents[2] / "bgdemo" / "examples"
RED = (200, 30, 40)


def disc(height: int = 120, width: int = 160, radius: float = 40, softness: float = 4) -> tuple[Cutout, Photo]:
    """A green disc cut from a blue photo, its edge `softness` pixels soft."""
    y, x = np.mgrid[:height, :width]
    ramp = (radius - np.hypot(y - height / 2, x - width / 2)) / softness + 0.5
    alpha = np.rint(np.clip(ramp, 0, 1) * 255).astype(np.uint8)
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[alpha > 0, :3] = (20, 200, 60)
    rgba[..., 3] = alpha
    share = alpha[..., None] / 255
    photo = np.rint(np.array((20, 200, 60)) * share + np.array((10, 20, 230)) * (1 - share)).astype(np.uint8)
    return Cutout(rgba, Metadata(), "u2netp"), Photo(photo)


layers = hnp.arrays(np.uint8, (9, 7, 4))


@settings(deadline=None)
@given(layers, layers, layers)
def test_stacking_is_over(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> None:
    """Against Porter and Duff's formula in floats."""
    color, opacity = np.zeros((9, 7, 3)), np.zeros((9, 7, 1))
    for layer in (first, second, third):
        own = layer[..., 3:] / 255
        color, opacity = layer[..., :3] * own + color * (1 - own), own + opacity * (1 - own)
    stacked = stack([Layer(layer[..., :3], layer[..., 3]) for layer in (first, second, third)]).astype(float)
    assert np.abs(stacked[..., 3:] - opacity * 255).max() <= 0.51
    assert np.abs(stacked[..., :3] * opacity - color)[opacity[..., 0] > 0].max(initial=0) <= 1
    assert not stacked[stacked[..., 3] == 0].any()
    opaque = third[..., 3] == 255
    assert np.array_equal(stacked[opaque], third[opaque])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**32 - 1))
def test_tiles_leave_no_seams(height: int, width: int, seed: int) -> None:
    top = np.random.default_rng(seed).integers(0, 256, (1, 1, 4), np.uint8)
    whole = stack(
        [Layer(np.full((1, 1, 3), 99, np.uint8)), Layer(top[..., :3], np.full((height, width), top[0, 0, 3]))]
    )
    assert whole.shape == (height, width, 4)
    assert (whole == whole[0, 0]).all()


def test_nothing_asked_is_the_cutout_itself() -> None:
    cutout, photo = disc()
    assert np.array_equal(compose(cutout, photo, Look()).pixels, cutout.rgba)


@pytest.mark.parametrize("background", [Solid((255, 255, 255)), Solid((0, 0, 0)), SCENES["studio"], SCENES["dawn"]])
def test_soft_edges_have_no_rim(background: Solid) -> None:
    cutout, photo = disc()
    plain = compose(Cutout(np.zeros_like(cutout.rgba), Metadata(), ""), photo, Look(background)).pixels[..., :3]
    pixels = compose(cutout, photo, Look(background)).pixels
    share = cutout.rgba[..., 3:] / 255
    expected = np.array((20, 200, 60)) * share + plain * (1 - share)
    assert np.abs(pixels[..., :3] - expected).max() <= 1
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("size", [Size(40, 30), Size(53, 40), Size(320, 240), Size(481, 361)])
def test_resampling_keeps_the_subjects_colour(size: Size) -> None:
    """Colours under transparency (black here) must not darken the edge."""
    cutout, photo = disc()
    pixels = compose(cutout, photo, Look(size=size)).pixels
    assert pixels.shape == (size.height, size.width, 4)
    visible = pixels[pixels[..., 3] > 16][:, :3].astype(int)
    assert np.abs(visible - (20, 200, 60)).max() <= 6


def test_shadow_darkens_only_around_and_under_soft_alpha() -> None:
    cutout, photo = disc()
    for kind in ("drop", "contact"):
        shadow = Shadow(kind, 0.5)
        bare = compose(cutout, photo, Look(shadow=shadow)).pixels
        opaque = cutout.rgba[..., 3] == 255
        assert np.array_equal(bare[opaque], cutout.rgba[opaque])
        assert (bare[..., 3] >= cutout.rgba[..., 3]).all()
        outside = cutout.rgba[..., 3] == 0
        assert 20 < bare[outside][:, 3].max() <= 128
        assert not bare[outside][:, :3].any()  # pure black, so it darkens any background alike
        # On white the shadow is the same as laying the transparent picture on white afterwards.
        white = compose(cutout, photo, Look(Solid((255, 255, 255)), shadow)).pixels
        later = Image.alpha_composite(Image.new("RGBA", white.shape[1::-1], "white"), Image.fromarray(bare))
        assert np.abs(white.astype(int) - np.asarray(later, int)).max() <= 2


def test_outline_is_even_and_lets_the_subject_through() -> None:
    cutout, photo = disc()
    pixels = compose(cutout, photo, Look(outline=Outline(50, RED))).pixels
    opaque = cutout.rgba[..., 3] == 255
    assert np.array_equal(pixels[opaque], cutout.rgba[opaque])
    row = pixels[60]
    reach = np.flatnonzero(row[:, 3] > 127)
    assert abs((reach[-1] - reach[0] + 1) / 2 - (40 + 0.05 * 160)) <= 1
    rim = row[reach[0] + 2 : reach[0] + 5]
    assert np.abs(rim[:, :3].astype(int) - RED).max() <= 1
    assert pixels[0, 0, 3] == 0


def crossings(coverage: np.ndarray) -> np.ndarray:
    """N×2: where `coverage`, which is nothing around the picture, is a half between two neighbours, in pixels."""
    points = []
    for axis in (0, 1):
        level = np.moveaxis(np.pad(coverage, 1) - 0.5, axis, 0)
        here = np.argwhere((level[:-1] < 0) != (level[1:] < 0))
        before, after = level[:-1][tuple(here.T)], level[1:][tuple(here.T)]
        here = here + np.column_stack([before / (before - after), np.zeros(len(here))])
        points.append(here if axis == 0 else here[:, ::-1])
    return np.concatenate(points)


ellipses = st.tuples(*[st.floats(-0.1, 1.1)] * 2, *[st.floats(0.06, 0.5)] * 2, st.floats(0, math.pi))


@settings(max_examples=25)
@given(st.lists(ellipses, min_size=1, max_size=3), st.sampled_from([16, 25, 12]), st.booleans())
@example([(0.5, 0.5, 0.4, 0.4, 0.0)], 16, False)
@example([(0.5, 0.9, 0.3, 0.5, 0.0)], 16, False)  # cut by the frame
@example([(0.5, 0.9, 0.3, 0.5, 0.0)], 16, True)
def test_a_sticker_s_rim_is_as_wide_as_asked_everywhere_whatever_cuts_the_subject(
    shapes: list[tuple[float, float, float, float, float]], width: int, zoomed: bool
) -> None:
    side = 512
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    ramps = []
    for across, down, wide, high, angle in shapes:
        right, below = x - across, y - down
        along = right * math.cos(angle) + below * math.sin(angle)
        aside = below * math.cos(angle) - right * math.sin(angle)
        ramps.append((1 - np.hypot(along / wide, aside / high)) * min(wide, high) * side + 0.5)
    alpha = np.rint(np.clip(np.max(ramps, axis=0), 0, 1) * 255).astype(np.uint8)
    assume(alpha[40:-40, 40:-40].max() == 255)
    rgba = np.dstack([np.where(alpha[..., None] > 0, np.uint8([0, 255, 0]), np.uint8(0)), alpha])
    crop = Crop("subject", 1.0, zoom=1.6) if zoomed else Crop()
    look = Look(outline=Outline(width, (255, 0, 0)), crop=crop, size=Size(400, 400))
    pixels = compose(Cutout(rgba, Metadata(), "u2netp"), Photo(rgba[..., :3].copy()), look).pixels / 255
    subject = pixels[..., 1] * pixels[..., 3]
    inner, outer = crossings(subject), crossings(pixels[..., 3])
    assume(len(inner))
    distances = np.array([np.hypot(*(inner - point).T).min() for point in outer])
    assert np.abs(distances - width / 1000 * 400).max() < 1


def test_blur_does_not_let_the_subject_glow() -> None:
    cutout, photo = disc(300, 400, 90, 6)
    pixels = compose(cutout, photo, Look(Blur(1.0))).pixels
    outside = cutout.rgba[..., 3] == 0
    assert np.abs(pixels[outside][:, :3].astype(int) - (10, 20, 230)).max() <= 3


def halves(width: int, height: int) -> Photo:
    """Red on the left, black on the right."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[:, : width // 2] = RED
    return Photo(rgb)


NOBODY = Cutout(np.zeros((120, 160, 4), np.uint8), Metadata(), "u2netp")
BLACK_PHOTO = Photo(np.zeros((120, 160, 3), np.uint8))


def background(look: Look) -> np.ndarray:
    """What `look` puts behind a subject that is not there."""
    return compose(NOBODY, BLACK_PHOTO, look).pixels[..., :3]


def test_own_picture_fills_or_fits() -> None:
    wide = Photo(np.full((50, 200, 3), RED, np.uint8))
    assert (background(Look(Backdrop(wide))) == RED).all()
    fitted = background(Look(Backdrop(wide, fill=False)))
    assert (fitted[40:80] == RED).all()
    assert (fitted[:40] == 255).all()
    assert (fitted[80:] == 255).all()


@pytest.mark.parametrize("scale", [0.5, 1, 3, 10])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.25, 0.0), (-0.25, 0.5), (1.0, 0.0), (-2.0, 0.0)])
def test_own_picture_moves(scale: float, shift: tuple[float, float]) -> None:
    """Where red meets black, and where the picture ends, is where it was moved to; beyond it is white."""
    moved = background(Look(Backdrop(halves(round(160 / scale), round(120 / scale)), shift=shift)))
    right, down = round(shift[0] * 160), round(shift[1] * 120)
    expected = np.full((120, 160, 3), 255)
    for x in range(max(right, 0), min(right + 160, 160)):
        expected[max(down, 0) : max(down + 120, 0), x] = RED if x - right < 80 else 0
    soft = np.zeros(160, bool)
    soft[max(80 + right - 2 * math.ceil(scale), 0) : max(80 + right + 2 * math.ceil(scale), 0)] = True
    assert np.array_equal(moved[:, ~soft], expected[:, ~soft])


def test_own_picture_as_large_as_the_frame_is_not_touched() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    assert np.array_equal(background(Look(Backdrop(Photo(noise)))), noise)


@pytest.mark.parametrize("size", [(20_000, 1), (1, 1), (1, 20_000)])
def test_own_picture_of_any_shape_takes_no_more_memory_than_the_frame(
    size: tuple[int, int], peak: Callable[[], int]
) -> None:
    """Enlarged as a whole to fill the frame, the first of these would have 480 million pixels."""
    odd = Photo(np.full((size[1], size[0], 3), RED, np.uint8))
    assert (background(Look(Backdrop(odd, zoom=4))) == RED).all()
    assert peak() < 20_000_000


def test_own_picture_shows_nothing_of_what_it_hides() -> None:
    alpha = np.full((120, 160), 255, np.uint8)
    alpha[:, 80:] = 0
    pixels = background(Look(Backdrop(Photo(np.full((120, 160, 3), RED, np.uint8), alpha))))
    assert (pixels[:, :80] == RED).all()
    assert (pixels[:, 80:] == 255).all()


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GBR = SRGB.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"bXYZ", b"gXYZ").replace(b"....", b"bXYZ")
"""An RGB profile that is truly another one: its three numbers are green, blue and red."""
USELESS = SRGB.replace(b"rTRC", b"....")
"""A profile that opens, and says that it is one of RGB, but lacks the curve of red."""


def test_colours_stay_the_same_in_another_profile() -> None:
    red, in_gbr = np.array([[RED]], np.uint8), np.array([[RED[1:] + RED[:1]]], np.uint8)
    assert np.abs(in_profile(red, None, GBR).astype(int) - in_gbr).max() <= 2
    assert np.abs(in_profile(in_gbr, GBR, None).astype(int) - red).max() <= 2
    cutout, photo = disc()
    tagged = Cutout(cutout.rgba, Metadata(GBR), "u2netp")
    own = Photo(np.full((120, 160, 3), RED, np.uint8))
    for look in (Look(Solid(RED)), Look(Backdrop(own)), Look(Gradient(RED, RED)), Look(outline=Outline(100, RED))):
        picture = compose(tagged, photo, look)
        assert picture.metadata.icc_profile == GBR
        assert np.abs(picture.pixels[60, 30, :3].astype(int) - in_gbr).max() <= 3
        assert tuple(picture.pixels[60, 80]) == (20, 200, 60, 255)  # the subject's own numbers are those of the profile


@pytest.mark.parametrize("profile", [USELESS, b"nonsense"])
def test_a_profile_of_no_use_is_no_reason_to_fail(profile: bytes, caplog: pytest.LogCaptureFixture) -> None:
    cutout, photo = disc()
    tagged = Cutout(cutout.rgba, Metadata(profile), "u2netp")
    own = Photo(np.full((120, 160, 3), RED, np.uint8), metadata=Metadata(profile))
    for background in (Solid(RED), SCENES["sea"], Backdrop(own)):
        plain = compose(cutout, photo, Look(background)).pixels
        assert np.array_equal(compose(tagged, photo, Look(background)).pixels, plain)
        assert "unusable colour profile" in caplog.text
        caplog.clear()


def test_nothing_shows_what_the_photo_itself_hides() -> None:
    """A photo that was transparent already, with a loud colour under its transparency."""
    cutout, photo = disc()
    hidden = np.zeros(cutout.rgba.shape[:2], bool)
    hidden[:, :50] = True
    loud = Photo(
        np.where(hidden[..., None], np.uint8((255, 0, 255)), photo.rgb), np.where(hidden, 0, 255).astype(np.uint8)
    )
    for size in (None, Size(80, 60), Size(320, 240)):
        blurred = compose(cutout, loud, Look(Blur(1.0), size=size)).pixels
        outside = compose(cutout, loud, Look(size=size)).pixels[..., 3] == 0
        assert np.abs(blurred[outside][:, :3].astype(int) - (10, 20, 230)).max() <= 3
        before = framed(loud, cutout, Look(size=size)).pixels
        assert not before[before[..., 3] == 0].any()
        assert before[..., :3][before[..., 3] > 0][:, 0].max() <= 40  # no pink at the edge either


def test_blur_behind_a_subject_that_is_all_there_is_has_its_colours() -> None:
    cutout, photo = disc()
    alone = Photo(np.full_like(photo.rgb, (20, 200, 60)), cutout.rgba[..., 3])
    assert (compose(cutout, alone, Look(Blur())).pixels[..., 1] > 150).all()


@pytest.mark.parametrize(("size", "pixels"), [(Size(60, None), (60, 30)), (Size(None, 60), (120, 60))])
def test_one_side_follows_from_the_other(size: Size, pixels: tuple[int, int]) -> None:
    cutout, photo = disc(100, 200)
    assert compose(cutout, photo, Look(size=size)).pixels.shape[1::-1] == pixels
    square = Look(crop=Crop("subject", 1.0), size=size)
    assert len(set(compose(cutout, photo, square).pixels.shape[:2])) == 1


def test_a_side_that_would_be_too_long_is_refused() -> None:
    cutout, photo = disc(10, 400)
    with pytest.raises(UserError) as caught:
        compose(cutout, photo, Look(size=Size(None, 12_000)))
    assert caught.value.key == "error.size_range"


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["photo", "subject", "head"]),
    st.sampled_from([None, 0.5, 1.0, 1.78]),
    st.sampled_from([None, Solid(RED), Blur(), SCENES["night"]]),
    st.integers(0, 2**32 - 1),
)
def test_any_photo_any_look(height, width, around, aspect, background, seed) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(seed)
    rgba = random.integers(0, 256, (height, width, 4), np.uint8)
    rgba[..., 3] = random.choice(np.array([0, 128, 255], np.uint8), (height, width))
    rgba[0, 0, 3] = 255  # head and shoulders need somebody
    rgba[rgba[..., 3] == 0] = 0
    cutout, photo = Cutout(rgba, Metadata(), ""), Photo(np.ascontiguousarray(rgba[..., :3]))
    look = Look(background, Shadow("contact"), Outline(), Crop(around, aspect))
    pixels = compose(cutout, photo, look).pixels
    assert (background is None) or (pixels[..., 3] == 255).all()


def test_files_of_pictures_keep_resolution() -> None:
    from bgdemo.picture.encoding import encode

    cutout, photo = disc()
    picture = compose(cutout, photo, Look(Solid(RED), size=Size.of_paper(2, 3)))
    image = Image.open(io.BytesIO(encode(picture, "jpeg")))
    assert image.size == (236, 354)
    assert [round(value) for value in image.info["dpi"]] == [300, 300]
