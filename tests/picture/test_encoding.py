"""Cutout → PNG: pixels, colour profile and resolution survive, camera data does not."""

import io
import re
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture
from bgdemo.picture.encoding import FORMATS, encode, encode_mask, file_name, to_pil
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.png import STRIP_BYTES
from bgdemo.picture.sheets import Print, print_sheet
from tests.picture.files import opened

COLOURED = [kind for kind, form in FORMATS.items() if not form.only]
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4))))
def test_round_trip(rgba: np.ndarray) -> None:
    picture = Picture(rgba, Metadata(), "u2netp")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode(picture))).convert("RGBA")), rgba)
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(encode_mask(picture.pixels[..., 3], picture.metadata)))), rgba[..., 3]
    )
    assert to_pil(picture).mode == "RGBA"
    assert np.array_equal(np.asarray(to_pil(picture)), rgba)


def test_metadata() -> None:
    picture = Picture(np.zeros((2, 3, 4), np.uint8), Metadata(PROFILE, (300, 150)), "u2netp")
    image = Image.open(io.BytesIO(encode(picture)))
    image.load()
    assert image.info["icc_profile"] == PROFILE
    assert [round(value) for value in image.info["dpi"]] == [300, 150]
    assert image.info["Model"] == "u2netp"
    assert set(image.info) == {"icc_profile", "dpi", "Model"}
    assert to_pil(picture).info == {"icc_profile": PROFILE, "dpi": (300, 150), "Model": "u2netp"}
    mask = Image.open(io.BytesIO(encode_mask(picture.pixels[..., 3], picture.metadata)))
    assert mask.mode == "L"
    assert "icc_profile" not in mask.info  # a profile of RGB has no place in a greyscale file


def test_mask_and_trimap() -> None:
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[..., 3] = 0, 1, 254, 255
    for kind, levels in (("mask", [0, 1, 254, 255]), ("trimap", [0, 128, 128, 255])):
        image = Image.open(io.BytesIO(encode(Picture(pixels, Metadata(PROFILE), "u2netp"), kind)))
        assert image.mode == "L"
        assert np.asarray(image).ravel().tolist() == levels


@pytest.mark.parametrize("kind", ["mask", "trimap"])
def test_masks_take_no_more_memory_than_two_planes(kind: str, peak: Callable[[], int]) -> None:
    picture = Picture(np.zeros((2000, 2000, 4), np.uint8), Metadata(), "u2netp")
    encode(picture, kind)
    assert peak() < picture.pixels.nbytes + 2 * 2000 * 2000 + 8 * STRIP_BYTES


@pytest.mark.parametrize("kind", COLOURED)
def test_formats(kind: str) -> None:
    """A red square that fades out to the right keeps its colour; a JPEG and a PDF put white behind it."""
    pixels = np.zeros((40, 64, 4), np.uint8)
    pixels[..., 3] = np.arange(64) * 4
    pixels[:, 1:, 0] = 220
    data = encode(Picture(pixels, Metadata(PROFILE, (300, 300)), "u2netp"), kind)
    image = opened(data)
    assert image.info.get("icc_profile") == (None if kind == "pdf" else PROFILE)
    if kind in ("jpeg", "pdf"):
        assert image.mode == "RGB"
        assert min(image.getpixel((0, 20))) >= 250
        return
    decoded = np.asarray(image.convert("RGBA"), float)
    assert np.abs(decoded[..., 3] - pixels[..., 3]).mean() < 2
    assert np.abs(decoded[:, 40:, :3] - pixels[:, 40:, :3]).mean() < (
        0.01 if "lossless" in kind or kind == "png" else 6
    )


@pytest.mark.parametrize("kind", COLOURED)
def test_the_file_of_an_opaque_picture_has_no_alpha(kind: str) -> None:
    pixels = np.full((600, 8, 4), 255, np.uint8)
    pixels[..., 0] = 220
    image = opened(encode(Picture(pixels, Metadata(), "u2netp"), kind))
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image).astype(int) - (220, 255, 255)).max() <= 3
    pixels[599, 7, 3] = 254  # one pixel that is not, in the last corner
    image = opened(encode(Picture(pixels, Metadata(), "u2netp"), kind))
    assert image.mode == ("RGBA" if FORMATS[kind].transparency else "RGB")


@pytest.mark.parametrize("kind", [kind for kind, form in FORMATS.items() if form.max_side])
@pytest.mark.parametrize("turned", [False, True])
def test_sides_that_a_file_cannot_have_are_refused(kind: str, turned: bool) -> None:
    """The longest that it can have is really written and read; of one more pixel, even the attempt is refused."""
    limit = FORMATS[kind].max_side
    assert limit
    for side in (limit, limit + 1):
        pixels = np.full((2, side, 4), 255, np.uint8)
        picture = Picture(pixels.transpose(1, 0, 2) if turned else pixels, Metadata(), "u2netp")
        if side == limit:
            image = opened(encode(picture, kind))
            assert max(image.size) == limit
        else:
            with pytest.raises(UserError) as caught:
                encode(picture, kind)
            assert caught.value.key == "error.file_sides"
            assert caught.value.params == {"format": FORMATS[kind].pillow, "limit": limit}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("dpi", [2e8, 65_536, 0.2, 0, -5, float("nan"), float("inf")])
def test_no_resolution_breaks_saving(kind: str, dpi: float) -> None:
    picture = Picture(np.full((2, 3, 4), 255, np.uint8), Metadata(dpi=(300, dpi)), "u2netp")
    image = opened(encode(picture, kind))
    if kind == "pdf":
        assert page(encode(picture, kind)) == pytest.approx((3 * 72 / 300, 2 * 72 / 300))
    else:
        assert "dpi" not in image.info


def page(data: bytes) -> tuple[float, ...]:
    """Width and height of a PDF's one page in points."""
    [box] = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    return tuple(map(float, box))


@pytest.mark.parametrize(("paper", "points"), [("a4", (595.2756, 841.8898)), ("10x15", (283.4646, 425.1969))])
def test_a_page_is_exactly_as_large_as_its_paper(paper: str, points: tuple[float, float]) -> None:
    """Which at 300 dpi is no whole number of pixels."""
    pixels = np.full((472, 354, 4), 255, np.uint8)
    sheet = print_sheet([Print(Picture(pixels, Metadata(), "u2netp"), 1)], PAPERS[paper], 300)
    data = encode(sheet, "pdf")
    assert page(data) == pytest.approx(points, abs=1e-3)
    assert data.count(b"/Type /Page\n") == 1
    assert [round(value) for value in opened(data).info["dpi"]] == [300, 300]
    for kind in ("png", "jpeg"):
        assert [round(value) for value in opened(encode(sheet, kind)).info["dpi"]] == [300, 300]


def test_a_page_of_an_id_photo_is_as_large_as_its_print() -> None:
    picture = Picture(np.full((472, 354, 4), 255, np.uint8), Metadata(dpi=(300, 300)), "u2netp")
    assert page(encode(picture, "pdf")) == pytest.approx((354 * 72 / 300, 472 * 72 / 300))


def test_the_same_picture_is_the_same_pdf_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(np.full((4, 4, 4), 255, np.uint8), Metadata(), "u2netp")
    data = encode(picture, "pdf")
    monkeypatch.setattr(time, "gmtime", lambda *_: time.struct_time((2001, 2, 3, 4, 5, 6, 0, 1, 0)))
    assert encode(picture, "pdf") == data


def test_a_page_is_in_srgb() -> None:
    """It holds no profile, so colours of another one would change."""
    swapped = PROFILE.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    pixels = np.full((16, 16, 4), 255, np.uint8)
    pixels[..., :3] = 255, 0, 0
    for profile, color in ((swapped, (0, 0, 255)), (PROFILE, (255, 0, 0)), (b"none", (255, 0, 0))):
        image = opened(encode(Picture(pixels, Metadata(profile), "u2netp"), "pdf"))
        assert np.abs(np.asarray(image).astype(int) - color).max() <= 4


def test_names() -> None:
    assert file_name("kucing.jpg", "removedbg") == "kucing-removedbg.png"
    assert file_name("/tmp/foto liburan.tar.HEIC", "mask") == "foto liburan.tar-mask.png"
    assert file_name("", "removedbg") == "photo-removedbg.png"
    assert file_name(None, "removedbg") == "photo-removedbg.png"
    assert file_name("kucing.png", "3x4", "jpeg") == "kucing-3x4.jpg"
