"""Cutout → PNG: pixels, colour profile and resolution survive, camera data does not."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from bgdemo.encoding import encode_mask, encode_png, file_name, to_pil
from bgdemo.images import Cutout, Metadata

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4))))
def test_round_trip(rgba: np.ndarray) -> None:
    cutout = Cutout(rgba, Metadata(), "u2netp")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(cutout)))), rgba)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_mask(cutout)))), rgba[..., 3])
    assert np.array_equal(np.asarray(to_pil(cutout)), rgba)


def test_metadata() -> None:
    cutout = Cutout(np.zeros((2, 3, 4), np.uint8), Metadata(PROFILE, (300, 150)), "u2netp")
    image = Image.open(io.BytesIO(encode_png(cutout)))
    image.load()
    assert image.info["icc_profile"] == PROFILE
    assert [round(value) for value in image.info["dpi"]] == [300, 150]
    assert image.info["Model"] == "u2netp"
    assert set(image.info) == {"icc_profile", "dpi", "Model"}
    assert to_pil(cutout).info == {"icc_profile": PROFILE, "dpi": (300, 150), "Model": "u2netp"}
    mask = Image.open(io.BytesIO(encode_mask(cutout)))
    assert mask.mode == "L"
    assert "icc_profile" not in mask.info  # a profile of RGB has no place in a greyscale file


def test_names() -> None:
    assert file_name("kucing.jpg", "removedbg") == "kucing-removedbg.png"
    assert file_name("/tmp/foto liburan.tar.HEIC", "mask") == "foto liburan.tar-mask.png"
    assert file_name("", "removedbg") == "photo-removedbg.png"
    assert file_name(None, "removedbg") == "photo-removedbg.png"
