"""bgdemo.matte.matting: what must hold for every photo, and what must be seen in a few."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bgdemo.matte import foreground, matting, planes
from bgdemo.matte.foreground import estimate_foreground
from bgdemo.matte.fusion import fuse
from bgdemo.matte.matting import refine, refine_hair
from bgdemo.matte.trimap import TrimapSettings, trimap

REFINERS = (refine, refine_hair)
SIZES = [(1, 1), (1, 2), (2, 1), (3, 5), (1, 20000), (20000, 1), (7, 600), (40000, 3)]


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def disc(size: int = 256, radius: float = 0.3, blur: float = 2.0) -> np.ndarray:
    """A soft disc: float32 size×size in [0, 1]."""
    y, x = np.mgrid[:size, :size]
    distance = np.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) - radius * size
    return np.clip(0.5 - distance / (2 * blur), 0, 1).astype(np.float32)


def composite(alpha: np.ndarray, subject: tuple[int, ...], ground: tuple[int, ...]) -> np.ndarray:
    share = alpha[..., None]
    return np.rint(share * np.array(subject) + (1 - share) * np.array(ground)).astype(np.uint8)


# ---- any size, any prediction ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("run", REFINERS)
def test_any_size_and_aspect(run, size):
    rgb = noise(*size)
    for prediction in (disc(), np.random.default_rng(1).random((1024, 1024), dtype=np.float32)):
        alpha = run(rgb, prediction)
        assert alpha.shape == size and alpha.dtype == np.uint8
        foreground = estimate_foreground(rgb, alpha)
        assert foreground.shape == rgb.shape and foreground.dtype == np.uint8


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    side=st.integers(1, 90),
    seed=st.integers(0, 1000),
    run=st.sampled_from(REFINERS),
)
def test_any_small_size(height, width, side, seed, run):
    prediction = np.random.default_rng(seed).random((side, side), dtype=np.float32)
    alpha = run(noise(height, width, seed), prediction)
    assert alpha.shape == (height, width)


@pytest.mark.parametrize("value", [0.0, 0.004, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("run", REFINERS)
def test_a_flat_prediction_stays_flat(run, value):
    for rgb in (noise(90, 130), np.zeros((90, 130, 3), np.uint8)):
        alpha = run(rgb, np.full((320, 320), value, np.float32))
        assert np.ptp(alpha) <= 1
        if value in (0.0, 1.0):
            assert (alpha == 255 * value).all()


@pytest.mark.parametrize("run", REFINERS)
def test_flat_and_grey_colours_are_no_singularity(run):
    """Windows of one colour, or of greys only, make the covariance of colours singular."""
    ramp = np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[None], 200, axis=0)
    for rgb in (np.full((200, 300, 3), 255, np.uint8), np.dstack([ramp] * 3)):
        alpha = run(rgb, disc())
        difference = np.abs(alpha / 255 - cv2.resize(disc(), (300, 200)))
        assert difference.mean() < 0.05


@pytest.mark.parametrize("run", REFINERS)
def test_the_same_twice(run):
    rgb, prediction = noise(300, 400), disc()
    assert np.array_equal(run(rgb, prediction), run(rgb, prediction))


def test_inputs_are_left_alone():
    rgb, prediction = noise(120, 160), disc()
    before = rgb.copy(), prediction.copy()
    estimate_foreground(rgb, refine_hair(rgb, prediction))
    assert np.array_equal(rgb, before[0]) and np.array_equal(prediction, before[1])


# ---- tiles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", REFINERS)
def test_tiles_leave_no_seams(run, monkeypatch):
    """Small tiles, one whole-picture tile: the same matte and the same colours to a level of rounding."""
    for module in (matting, foreground):
        monkeypatch.setattr(module, "WORK_PIXELS", 150 * 200)
    truth = disc(400, blur=12)[:300]
    rgb = composite(truth, (220, 180, 90), (20, 60, 130))
    rgb = np.clip(rgb + noise(300, 400) // 8, 0, 255).astype(np.uint8)
    results = []
    for side in (10**6, 37):
        for module in (matting, foreground):
            monkeypatch.setattr(module, "tiles", lambda height, width, _side, s=side: planes.tiles(height, width, s))
        alpha = run(rgb, disc())
        results.append((alpha, estimate_foreground(rgb, np.rint(truth * 255).astype(np.uint8))))
    (alpha, colours), (tiled_alpha, tiled_colours) = results
    assert np.abs(alpha.astype(int) - tiled_alpha).max() <= 1
    assert np.abs(colours.astype(int) - tiled_colours).max() <= 1


# ---- edges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", REFINERS)
def test_the_edge_moves_to_where_the_photo_has_it(run):
    """A blurred, slightly misplaced prediction of a sharp disc becomes much better than it was."""
    truth = disc(512, radius=0.3, blur=0.5)
    rgb = composite(truth, (210, 120, 60), (40, 80, 160))
    guess = cv2.GaussianBlur(disc(256, radius=0.305, blur=3), (0, 0), 1.5)
    before = np.abs(cv2.resize(guess, (512, 512)) - truth).mean()
    after = np.abs(run(rgb, guess) / 255 - truth).mean()
    assert after < 0.35 * before


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("run", REFINERS)
def test_a_thin_line_survives(run, scale):
    """A whisker that the network found, over a plain background of little contrast."""
    size = 400 * scale
    truth = np.zeros((size, size), np.float32)
    cv2.circle(truth, (size // 3, size // 2), size // 5, 1, -1)
    cv2.line(truth, (size // 3, size // 2), (size - 20, size // 4), 1, 2 * scale)
    rgb = composite(truth, (150, 140, 130), (110, 120, 100))
    prediction = cv2.resize(cv2.GaussianBlur(truth, (0, 0), scale), (1024, 1024), interpolation=cv2.INTER_AREA)
    alpha = run(rgb, np.clip(prediction, 0, 1)) / 255
    line = (truth > 0) & (np.arange(size) > 0.7 * size)
    assert alpha[line].mean() > 0.6
    assert alpha[truth == 0].mean() < 0.02


@pytest.mark.parametrize("run", REFINERS)
def test_no_haze_far_from_the_subject(run):
    prediction = np.maximum(disc(), 0.02)
    alpha = run(noise(400, 400) // 4 + 60, prediction)
    assert alpha[:30].max() == 0


@pytest.mark.parametrize("run", REFINERS)
def test_a_half_seen_part_is_no_ghost(run):
    """The network is sure of the left half of a square, and in two minds about the right half."""
    prediction = np.zeros((300, 300), np.float32)
    prediction[60:240, 60:150], prediction[60:240, 150:240] = 1, 0.65
    alpha = run(composite(np.ceil(prediction), (200, 150, 90), (30, 40, 60)), prediction)
    assert alpha[90:210, 180:210].min() > 240


# ---- trimap ---------------------------------------------------------------------------------------------------------


def test_trimap_has_three_values_and_rembg_s_meaning():
    result = trimap(disc(200, blur=20), TrimapSettings(240, 10, 0))
    assert set(np.unique(result)) == {0, 128, 255}
    level = np.rint(disc(200, blur=20) * 255)
    assert (level[result == 255] > 240).all() and (level[result == 0] < 10).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 254), st.integers(1, 255), st.integers(1, 254), st.integers(1, 14), st.integers(1, 14))
def test_thresholds_and_erosion_are_monotone(low, high, other, size, more):
    assume(low < high)
    mask = disc(80, blur=25)
    base = trimap(mask, TrimapSettings(high, low, size))
    stricter = trimap(mask, TrimapSettings(max(high, other), min(low, other), size))
    eroded = trimap(mask, TrimapSettings(high, low, size + more))
    for result in (stricter, eroded):
        assert ((result == 255) <= (base == 255)).all() and ((result == 0) <= (base == 0)).all()


def test_thresholds_of_one_s_own_bound_what_may_change():
    rgb, prediction = noise(200, 200), disc(200, blur=10)
    custom = TrimapSettings(200, 50, 1)
    alpha = refine_hair(rgb, prediction, custom)
    known = trimap(prediction, custom)
    assert alpha[known == 255].min() >= 200 and alpha[known == 0].max() <= 50


# ---- colours --------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 1000))
def test_opaque_pixels_are_the_photo_s_and_transparent_ones_black(height, width, seed):
    rgb = noise(height, width, seed)
    alpha = np.random.default_rng(seed + 1).choice(np.array([0, 1, 128, 254, 255], np.uint8), (height, width))
    result = estimate_foreground(rgb, alpha)
    assert np.array_equal(result[alpha == 255], rgb[alpha == 255])
    assert not result[alpha == 0].any()


@pytest.mark.parametrize("alpha", [0, 1, 128, 254, 255])
def test_uniform_alpha(alpha):
    result = estimate_foreground(noise(50, 60), np.full((50, 60), alpha, np.uint8))
    assert result.any() == (alpha > 0)


@pytest.mark.parametrize("work", [matting.WORK_PIXELS, 128 * 128])
def test_no_halo_on_a_composite_of_known_colours(work, monkeypatch):
    monkeypatch.setattr(matting, "WORK_PIXELS", work)
    truth = disc(256, blur=8)
    subject = (210, 120, 60)
    alpha = np.rint(truth * 255).astype(np.uint8)
    rgb = composite(truth, subject, (20, 200, 40))
    soft = (alpha > 5) & (alpha < 250)
    weight = truth[soft, None]
    naive = (weight * np.abs(rgb[soft].astype(float) - subject)).mean()
    ours = (weight * np.abs(estimate_foreground(rgb, alpha)[soft].astype(float) - subject)).mean()
    assert ours < 0.1 * naive


@pytest.mark.parametrize("run", REFINERS)
def test_a_crisp_edge_stays_where_it_is_when_colours_do_not_show_it(run):
    grain = np.random.default_rng(3).normal(128, 120, (480, 640, 3))
    rgb = cv2.GaussianBlur(grain, (0, 0), 2).clip(0, 255).astype(np.uint8)
    start = cv2.resize(disc(1024, blur=1.5), (640, 480), interpolation=cv2.INTER_AREA)
    square = np.ones((9, 9), np.uint8)
    beside = (cv2.dilate(start, square) < 0.01) | (cv2.erode(start, square) > 0.99)
    assert np.abs(run(rgb, start) / 255 - start)[beside].max() < 0.02


# ---- two networks ---------------------------------------------------------------------------------------------------


def test_what_both_see_stays_as_the_fine_one_sees_it():
    fine = disc(1024, radius=0.3, blur=6)
    coarse = cv2.resize(cv2.GaussianBlur(fine, (0, 0), 8), (320, 320), interpolation=cv2.INTER_AREA)
    fused = fuse(fine, coarse)
    assert fused.shape == fine.shape and fused.dtype == np.float32
    assert np.abs(fused - fine).max() < 0.15


def test_a_whole_part_that_only_the_coarse_one_sees_is_added():
    fine, coarse = np.zeros((1024, 1024), np.float32), np.zeros((320, 320), np.float32)
    fine[200:400, 300:700] = 1
    coarse[60:300, 95:220] = 1
    fused = fuse(fine, coarse)
    assert fused[420:900, 340:660].min() > 0.9
    assert fused[:150].max() < 0.05


def test_another_object_is_not_added_unless_it_is_the_only_one():
    fine, coarse = np.zeros((1024, 1024), np.float32), np.zeros((320, 320), np.float32)
    coarse[200:300, 200:300] = 1
    assert fuse(fine, coarse)[700:900, 700:900].min() > 0.9
    fine[100:400, 100:400] = 1
    assert (fuse(fine, coarse) == fine).all()


def test_the_gaps_that_the_fine_one_sees_stay_open():
    fine = np.zeros((1024, 1024), np.float32)
    fine[200:800, 200:800] = 1
    gaps = [np.s_[300 + 60 * n : 330 + 60 * n, 300:360] for n in range(5)]
    for gap in gaps:
        fine[gap] = 0
    fused = fuse(fine, cv2.resize(np.pad(np.ones((600, 600), np.float32), ((200, 224), (200, 224))), (320, 320)))
    assert all(fused[gap].max() < 0.05 for gap in gaps)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_fusion_stays_in_range_and_never_takes_away(seed):
    random = np.random.default_rng(seed)
    fine, coarse = random.random((64, 64), dtype=np.float32), random.random((20, 20), dtype=np.float32)
    fused = fuse(fine, coarse)
    assert fused.min() >= 0 and fused.max() <= 1
    assert (fused >= fine - 1e-6).all()
