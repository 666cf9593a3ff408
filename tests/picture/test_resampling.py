"""Resampling: no aliasing along either axis, no colours from under transparency."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bgdemo.picture.resampling import resize, resize_rgba


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(30, 60), (30, 240), (240, 30), (30, 120), (120, 30)])
def test_shrinking_takes_the_mean_along_each_axis(size: tuple[int, int], dtype: type) -> None:
    """Stripes of one pixel, black and white, along every axis that shrinks: their mean is grey, wherever one looks."""
    y, x = np.mgrid[:120, :120]
    stripes = (x * (size[0] < 120) + y * (size[1] < 120)) % 2 * 200
    resized = resize(stripes.astype(dtype), size)
    assert resized.dtype == dtype
    assert resized.shape == (size[1], size[0])
    assert np.abs(resized.astype(float) - 100).max() <= 1


def test_the_same_size_is_the_same_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4), np.uint8)
    assert resize(pixels, (7, 9)) is pixels
    assert resize_rgba(pixels, (7, 9)) is pixels


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_channels_stay(channels: tuple[int, ...]) -> None:
    assert resize(np.zeros((9, 7, *channels), np.uint8), (3, 20)).shape == (20, 3, *channels)


@settings(deadline=None)
@given(
    hnp.arrays(np.uint8, st.tuples(st.sampled_from([4, 600]), st.sampled_from([4, 6]), st.just(4))),
    st.sampled_from([1, 2]),
)
def test_straight_alpha_is_resampled_premultiplied(rgba: np.ndarray, step: int) -> None:
    """Against the mean of blocks of 2 × `step` pixels in floats."""
    height, width = rgba.shape[0] // step, rgba.shape[1] // 2
    resized = resize_rgba(rgba, (width, height)).astype(float)
    alpha = rgba[..., 3:].astype(float)

    def mean(values: np.ndarray) -> np.ndarray:
        return values.reshape(height, step, width, 2, -1).mean(axis=(1, 3))

    assert np.abs(resized[..., 3:] - mean(alpha)).max() <= 0.52
    seen = resized[..., 3] > 0
    colors = mean(rgba[..., :3] * alpha)[seen] / mean(alpha)[seen]
    # Of nearly nothing visible, the colour is known to nearly nothing; but it never matters in a composite.
    assert (np.abs(resized[seen, :3] - colors) * mean(alpha)[seen] / 255).max(initial=0) <= 0.6
    assert not resized[~seen].any()


@pytest.mark.parametrize("size", [(20, 300), (80, 1200), (20, 1200)])
def test_what_is_hidden_bleeds_nowhere(size: tuple[int, int]) -> None:
    rgba = np.zeros((600, 40, 4), np.uint8)
    rgba[..., :3] = (255, 0, 255)
    rgba[150:450, 10:30] = (20, 200, 60, 255)
    resized = resize_rgba(rgba, size)
    assert np.abs(resized[resized[..., 3] > 0][:, :3].astype(int) - (20, 200, 60)).max() <= 1
    assert not resized[resized[..., 3] == 0].any()
    assert resized[..., 3].max() == 255
