"""Resampling: no aliasing along either axis, no colours from under transparency."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bgdemo.picture.resampling import resize, resize_rgba, turn


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


# ---- turning --------------------------------------------------------------------------------------------------------


def way(degrees: float, scale: float, corner: tuple[float, float]) -> np.ndarray:
    """The matrix of a picture whose pixels are `scale` of the photo's, turned clockwise, its first corner there."""
    angle = np.radians(degrees)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    return np.column_stack([turned, corner])


@pytest.mark.parametrize("scale", [0.4, 1.0, 1.5, 3.7])
@pytest.mark.parametrize("degrees", [-12.0, 0.0, 8.0])
def test_what_is_turned_is_where_it_belongs(degrees: float, scale: float) -> None:
    """A ramp tells the place of every pixel, up to the rounding of values of which one is a pixel of the photo."""
    y, x = np.mgrid[:250, :250] + 0.5
    matrix = way(degrees, scale, (60, 70))
    size = (round(120 / scale), round(90 / scale))
    centres = np.stack([*np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5), np.ones(size[::-1])])
    places = np.einsum("ij,jyx->iyx", matrix, centres)
    for plane, place in zip((x, y), places, strict=True):
        got = turn(np.floor(plane).astype(np.uint8), matrix, size)
        assert got.shape == size[::-1]
        assert np.abs(got + 0.5 - place).max() < 1.3
        assert np.abs(got + 0.5 - place).mean() < 0.6


def test_turning_takes_the_mean_where_it_shrinks() -> None:
    y, x = np.mgrid[:600, :600]
    stripes = ((x + y) % 2 * 200).astype(np.uint8)
    for scale in (2.0, 3.5, 7.0):
        turned = turn(stripes, way(9, scale, (200, 100)), (40, 40))
        assert np.abs(turned.astype(float) - 100).max() <= 12


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_what_is_hidden_bleeds_nowhere_when_turned(scale: float) -> None:
    rgba = np.zeros((300, 300, 4), np.uint8)
    rgba[..., :3] = (255, 0, 255)
    rgba[75:225, 75:225] = (20, 200, 60, 255)
    turned = turn(rgba, way(11, scale, (60, 10)), (round(280 / scale), round(280 / scale)))
    solid = turned[..., 3] > 8
    assert np.abs(turned[solid][:, :3].astype(int) - (20, 200, 60)).max() <= 8
    assert not turned[turned[..., 3] == 0].any()
    assert turned[..., 3].max() == 255


def test_beyond_the_photo_there_is_nothing_or_its_edge() -> None:
    white = np.full((50, 50), 255, np.uint8)
    far = way(10, 1.0, (-500, -500))
    assert not turn(white, far, (60, 60)).any()
    assert (turn(white, far, (60, 60), cv2.BORDER_REPLICATE) == 255).all()
