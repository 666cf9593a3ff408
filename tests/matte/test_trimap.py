"""bgdemo.matte.trimap: rembg's meaning, and what a greater number may do."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion

from bgdemo.matte.trimap import MAX_ERODE_SIZE, TrimapSettings, trimap
from tests.matte.pictures import disc


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


@settings(max_examples=60, deadline=None)
@given(st.integers(0, MAX_ERODE_SIZE), st.integers(0, MAX_ERODE_SIZE), st.sampled_from([0.3, 1, 2, 12, 48]))
def test_a_greater_erosion_never_leaves_more_that_is_sure(one, other, megapixels):
    """On the working picture of a photo of so many megapixels, where the sizes are scaled and rounded."""
    less, more = sorted((one, other))
    mask = disc(160, blur=25)
    scale = min(1, (1 / megapixels) ** 0.5)
    eroded_less, eroded_more = (trimap(mask, TrimapSettings(erode_size=size), scale) for size in (less, more))
    for sure in (0, 255):
        assert ((eroded_more == sure) <= (eroded_less == sure)).all()


def test_no_erosion_leaves_what_the_thresholds_say():
    mask = disc(80, blur=25)
    level = np.rint(mask * 255)
    for size in (0, 1):
        result = trimap(mask, TrimapSettings(200, 50, size))
        assert np.array_equal(result == 255, level > 200)
        assert np.array_equal(result == 0, level < 50)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11])
def test_a_square_erodes_as_in_rembg(size):
    """rembg's own two lines; its 0 is a cross, which erodes more than its 2."""
    mask = disc(80, radius=0.5, blur=25)  # reaches the border
    level, square = np.rint(mask * 255), np.ones((size, size), bool)
    result = trimap(mask, TrimapSettings(200, 50, size))
    assert np.array_equal(result == 255, binary_erosion(level > 200, square))
    assert np.array_equal(result == 0, binary_erosion(level < 50, square, border_value=1))
