"""bgdemo.matte.matting: what must hold for every photo, and what must be seen in a few."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgdemo.matte import foreground, matting, planes
from bgdemo.matte.foreground import estimate_foreground
from bgdemo.matte.matting import alpha_matting, refine
from bgdemo.matte.trimap import TrimapSettings, trimap
from tests.matte.pictures import composite, disc, noise

MODES = (refine, alpha_matting)
SIZES = [(1, 1), (1, 2), (2, 1), (3, 5), (1, 20000), (20000, 1), (7, 600), (40000, 3)]

# ---- any size, any prediction ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("run", MODES)
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
    run=st.sampled_from(MODES),
)
def test_any_small_size(height, width, side, seed, run):
    prediction = np.random.default_rng(seed).random((side, side), dtype=np.float32)
    alpha = run(noise(height, width, seed), prediction)
    assert alpha.shape == (height, width)


@pytest.mark.parametrize("value", [0.0, 0.004, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("run", MODES)
def test_a_flat_prediction_stays_flat(run, value):
    for rgb in (noise(90, 130), np.zeros((90, 130, 3), np.uint8)):
        alpha = run(rgb, np.full((320, 320), value, np.float32))
        assert np.ptp(alpha) <= 1
        if value in (0.0, 1.0):
            assert (alpha == 255 * value).all()


@pytest.mark.parametrize("run", MODES)
def test_flat_and_grey_colours_are_no_singularity(run):
    """Windows of one colour, or of greys only, make the covariance of colours singular."""
    ramp = np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[None], 200, axis=0)
    for rgb in (np.full((200, 300, 3), 255, np.uint8), np.dstack([ramp] * 3)):
        alpha = run(rgb, disc())
        difference = np.abs(alpha / 255 - cv2.resize(disc(), (300, 200)))
        assert difference.mean() < 0.05


@pytest.mark.parametrize("run", MODES)
def test_the_same_twice(run):
    rgb, prediction = noise(300, 400), disc()
    assert np.array_equal(run(rgb, prediction), run(rgb, prediction))


def test_inputs_are_left_alone():
    rgb, prediction = noise(120, 160), disc()
    before = rgb.copy(), prediction.copy()
    estimate_foreground(rgb, alpha_matting(rgb, prediction))
    assert np.array_equal(rgb, before[0]) and np.array_equal(prediction, before[1])


# ---- tiles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", MODES)
def test_tiles_leave_no_seams(run, monkeypatch):
    """Small tiles, one whole-picture tile: the same matte and the same colours to a level of rounding."""
    for module in (matting, foreground):
        monkeypatch.setattr(module, "WORK_PIXELS", 150 * 200)
    truth = disc(400, blur=12)[:300]
    rgb = composite(truth, (220, 180, 90), (20, 60, 130))
    rgb = np.clip(rgb + noise(300, 400) // 8, 0, 255).astype(np.uint8)
    results = []
    for side in (10**6, 37):
        monkeypatch.setattr(matting, "tiles", lambda height, width, _side, s=side: planes.tiles(height, width, s))
        for module in (matting, foreground):
            monkeypatch.setattr(module, "tiles_of", lambda mask, _side, s=side: planes.tiles_of(mask, s))
        alpha = run(rgb, disc())
        results.append((alpha, estimate_foreground(rgb, np.rint(truth * 255).astype(np.uint8))))
    (alpha, colours), (tiled_alpha, tiled_colours) = results
    assert np.abs(alpha.astype(int) - tiled_alpha).max() <= 1
    assert np.abs(colours.astype(int) - tiled_colours).max() <= 1


@pytest.mark.parametrize("side", [1, 7, 64, 10**6])
def test_tiles_of_a_mask_hold_all_of_it_once_and_end_where_it_ends(side):
    mask = np.random.default_rng(7).random((90, 130)) > 0.995
    times = np.zeros(mask.shape, int)
    for box in planes.tiles_of(mask, side):
        times[box] += 1
        assert mask[box].any(axis=1)[[0, -1]].all() and mask[box].any(axis=0)[[0, -1]].all()
        assert max(mask[box].shape) <= side
    assert (times[mask] == 1).all() and times.max() == 1
    assert list(planes.tiles_of(np.zeros((5, 5), bool), side)) == []


# ---- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", MODES)
def test_the_edge_moves_to_where_the_photo_has_it(run):
    """A blurred, slightly misplaced prediction of a sharp disc becomes much better than it was."""
    truth = disc(512, radius=0.3, blur=0.5)
    rgb = composite(truth, (210, 120, 60), (40, 80, 160))
    guess = cv2.GaussianBlur(disc(256, radius=0.305, blur=3), (0, 0), 1.5)
    before = np.abs(cv2.resize(guess, (512, 512)) - truth).mean()
    after = np.abs(run(rgb, guess) / 255 - truth).mean()
    assert after < 0.35 * before


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("run", MODES)
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


@pytest.mark.parametrize("run", MODES)
def test_no_haze_far_from_the_subject(run):
    prediction = np.maximum(disc(), 0.02)
    alpha = run(noise(400, 400) // 4 + 60, prediction)
    assert alpha[:30].max() == 0


@pytest.mark.parametrize("run", MODES)
def test_a_half_seen_part_is_no_ghost(run):
    """The network is sure of the left half of a square, and in two minds about the right half."""
    prediction = np.zeros((300, 300), np.float32)
    prediction[60:240, 60:150], prediction[60:240, 150:240] = 1, 0.65
    alpha = run(composite(np.ceil(prediction), (200, 150, 90), (30, 40, 60)), prediction)
    assert alpha[90:210, 180:210].min() > 240


@pytest.mark.parametrize("run", MODES)
def test_a_crisp_edge_stays_where_it_is_when_colours_do_not_show_it(run):
    grain = np.random.default_rng(3).normal(128, 120, (480, 640, 3))
    rgb = cv2.GaussianBlur(grain, (0, 0), 2).clip(0, 255).astype(np.uint8)
    start = cv2.resize(disc(1024, blur=1.5), (640, 480), interpolation=cv2.INTER_AREA)
    square = np.ones((9, 9), np.uint8)
    beside = (cv2.dilate(start, square) < 0.01) | (cv2.erode(start, square) > 0.99)
    assert np.abs(run(rgb, start) / 255 - start)[beside].max() < 0.02


# ---- a trimap of one's own -------------------------------------------------------------------------------------------


def test_thresholds_of_one_s_own_bound_what_may_change():
    rgb, prediction = noise(200, 200), disc(200, blur=10)
    custom = TrimapSettings(200, 50, 1)
    alpha = alpha_matting(rgb, prediction, custom)
    known = trimap(prediction, custom)
    assert alpha[known == 255].min() >= 200 and alpha[known == 0].max() <= 50
