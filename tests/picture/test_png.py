"""PNG: what is written is what other programs read, and it does not depend on the machine's cores."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from bgdemo.picture import png
from bgdemo.picture.png import STRIP_BYTES, write_png

PIXELS = st.sampled_from([(), (3,), (4,)])
SIDES = st.integers(1, 40)
PICTURES = st.tuples(SIDES, SIDES, PIXELS).flatmap(lambda shape: hnp.arrays(np.uint8, (*shape[:2], *shape[2])))


@pytest.fixture(params=[STRIP_BYTES, 1, 300], ids="strips of {} bytes".format)
def strip_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips so small that small pictures have many."""
    monkeypatch.setattr(png, "STRIP_BYTES", request.param)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and contents of all chunks, with their checksums checked."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    start = 8
    while start < len(data):
        (size,) = struct.unpack_from(">I", data, start)
        kind, content = data[start + 4 : start + 8], data[start + 8 : start + 8 + size]
        assert struct.unpack_from(">I", data, start + 8 + size) == (zlib.crc32(kind + content),)
        yield kind, content
        start += 12 + size


def check(data: bytes, pixels: np.ndarray) -> None:
    """Pillow and OpenCV's libpng read the very pixels; the chunks and the one zlib stream in them are to the letter."""
    image = Image.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(image), pixels)
    assert image.mode == {(): "L", (3,): "RGB", (4,): "RGBA"}[pixels.shape[2:]]
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    order = {(): slice(None), (3,): [2, 1, 0], (4,): [2, 1, 0, 3]}[pixels.shape[2:]]
    assert np.array_equal(read if pixels.ndim == 2 else read[..., order], pixels)
    kinds, contents = zip(*chunks(data), strict=True)
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    stream = zlib.decompressobj()
    rows = stream.decompress(b"".join(content for kind, content in chunks(data) if kind == b"IDAT"))
    assert stream.eof  # which zlib says after the Adler-32 only
    assert not stream.unused_data
    assert len(rows) == len(pixels) * (1 + pixels[0].size)
    assert contents[-1] == b""


@pytest.mark.usefixtures("strip_bytes")
@settings(deadline=None)
@given(PICTURES, st.integers(1, 5))
def test_other_programs_read_the_same_pixels(pixels: np.ndarray, threads: int) -> None:
    check(write_png(pixels, threads=threads), pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1)])
@pytest.mark.parametrize("pixel", [(), (3,), (4,)])
@pytest.mark.parametrize("level", [0, 255, None])
def test_the_shapes_at_the_ends(shape: tuple[int, int], pixel: tuple[int, ...], level: int | None) -> None:
    pixels = noise(*shape, *pixel) if level is None else np.full((*shape, *pixel), level, np.uint8)
    check(write_png(pixels), pixels)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_picture_of_several_strips(threads: int) -> None:
    """As large strips as photos have, one row more than a whole number of them, and a row larger than a strip."""
    for pixels in (noise(769, 1024, 4), noise(3, STRIP_BYTES + 1), np.zeros((2000, 1000, 3), np.uint8)):
        check(write_png(pixels, threads=threads), pixels)


@pytest.mark.usefixtures("strip_bytes")
def test_the_same_bytes_whatever_the_number_of_threads() -> None:
    pixels = np.cumsum(noise(900, 700, 3), axis=0, dtype=np.uint8)
    assert len({write_png(pixels, threads=threads) for threads in (1, 2, 5)}) == 1


def test_the_strips_cost_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradient with a little noise, in eight strips and in one."""
    pixels = (np.linspace(0, 200, 1024)[:, None, None] + noise(1024, 1024, 4) % 8).astype(np.uint8)
    several = write_png(pixels)
    monkeypatch.setattr(png, "STRIP_BYTES", pixels.size)
    assert len(several) < 1.005 * len(write_png(pixels))


def test_parts_and_turned_pictures_are_written_as_they_are_seen() -> None:
    pixels = noise(50, 70, 4)
    for view in (pixels[..., 3], pixels[..., :3], pixels[::-2, 3:50:3], pixels.swapaxes(0, 1), pixels[:, ::-1, ::-1]):
        check(write_png(view), view)


@pytest.mark.parametrize("kind", ["GRAY", "RGB"])
def test_profile_resolution_and_text_come_before_the_pixels(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = write_png(
        noise(2, 3, 3) if kind == "RGB" else noise(2, 3),
        icc_profile=profile,
        dpi=(300, 72.5),
        text={"Model": "u2netp", "Author": "Café"},
    )
    image = Image.open(io.BytesIO(data))
    assert image.info["icc_profile"] == profile
    assert image.info["dpi"] == pytest.approx((300, 72.5), abs=0.02)
    assert image.text == {"Model": "u2netp", "Author": "Café"}
    assert [kind for kind, _ in chunks(data)] == [
        *(b"IHDR", b"iCCP", b"pHYs", b"tEXt", b"tEXt", b"IDAT", b"IDAT", b"IEND")
    ]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert {kind for kind, _ in chunks(write_png(noise(2, 3)))} == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2), np.uint16),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2, 3, 4), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 0), np.uint8),
    ],
    ids=lambda pixels: f"{pixels.dtype} {pixels.shape}",
)
def test_what_is_no_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8 H×W"):
        write_png(pixels)


def test_strips_are_all_that_it_takes_beside_the_file(peak: Callable[[], int]) -> None:
    pixels = noise(1500, 4000, 4)
    data = write_png(pixels, threads=2)
    assert peak() < pixels.nbytes + 1.2 * len(data) + 8 * STRIP_BYTES
