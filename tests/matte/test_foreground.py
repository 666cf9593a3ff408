"""bgdemo.matte.foreground: the subject's own colours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgdemo.matte import foreground
from bgdemo.matte.foreground import estimate_foreground
from tests.matte.pictures import composite, disc, noise


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


@pytest.mark.parametrize("work", [foreground.WORK_PIXELS, 128 * 128])
def test_no_halo_on_a_composite_of_known_colours(work, monkeypatch):
    monkeypatch.setattr(foreground, "WORK_PIXELS", work)
    truth = disc(256, blur=8)
    subject = (210, 120, 60)
    alpha = np.rint(truth * 255).astype(np.uint8)
    rgb = composite(truth, subject, (20, 200, 40))
    soft = (alpha > 5) & (alpha < 250)
    weight = truth[soft, None]
    naive = (weight * np.abs(rgb[soft].astype(float) - subject)).mean()
    ours = (weight * np.abs(estimate_foreground(rgb, alpha)[soft].astype(float) - subject)).mean()
    assert ours < 0.1 * naive
