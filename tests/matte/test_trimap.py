"""bgdemo.matte.trimap: rembg's meaning, and what a greater number may do."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bgdemo.matte.trimap import TrimapSettings, trimap
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
