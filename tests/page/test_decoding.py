"""Photos decoded in helper processes: the same photos, whatever happens to a helper."""

import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from bgdemo.decode import decode, measure
from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.page.decoding import MEGABYTES, Decoders
from tests.server import EXAMPLES, ROOT

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RAMP = np.tile(np.arange(48, dtype=np.uint8) * 5, (32, 1))
COLORS = Image.fromarray(np.dstack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 90)]))
TRANSPARENT = Image.fromarray(np.dstack([np.asarray(COLORS), RAMP]))
ON_ITS_SIDE = Image.Exif()
ON_ITS_SIDE[0x0112] = 6


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    decoders = Decoders(1)
    yield decoders
    decoders.end()


def saved(folder: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    path = folder / f"photo.{kind.lower()}"
    image.save(path, kind, **options)
    return path


def said(call: Any, path: Path) -> object:
    """What `call` answers, in a form to compare."""
    try:
        answer = call(path)
    except UserError as error:
        return str(error)
    if not isinstance(answer, Photo):
        return answer
    rgb, alpha, metadata = answer.rgb, answer.alpha, answer.metadata
    pixels = [(plane.tobytes(), plane.shape, plane.flags.writeable) for plane in (rgb, alpha) if plane is not None]
    return pixels, metadata.icc_profile, metadata.dpi, answer.notes


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.jpg")), ids=lambda path: path.stem)
def test_every_example_is_the_same_photo_as_without_a_helper(decoders: Decoders, path: Path) -> None:
    assert said(decoders.decode, path) == said(decode, path)
    assert decoders.measure(path) == measure(path)


PHOTOS: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
    "a profile, dots per inch and its side down": (
        COLORS,
        "JPEG",
        {"icc_profile": SRGB, "dpi": (300, 150.5), "exif": ON_ITS_SIDE},
    ),
    "transparent": (TRANSPARENT, "PNG", {"icc_profile": SRGB}),
    "transparent and lossy": (TRANSPARENT, "WEBP", {}),
    "16 bits": (Image.fromarray(RAMP.astype(np.uint16) * 257), "PNG", {"dpi": (72, 72)}),
    "floats": (Image.fromarray(RAMP.astype(np.float32) / 255), "TIFF", {}),
    "CMYK": (COLORS.convert("CMYK"), "JPEG", {}),
    "animated": (COLORS, "GIF", {"save_all": True, "append_images": [COLORS.rotate(180)]}),
    "HEIF": (COLORS, "HEIF", {"exif": ON_ITS_SIDE}),
    "AVIF": (TRANSPARENT, "AVIF", {}),
    "one pixel": (Image.new("RGB", (1, 1)), "PNG", {}),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_everything_of_a_photo_comes_over(decoders: Decoders, tmp_path: Path, name: str) -> None:
    image, kind, options = PHOTOS[name]
    path = saved(tmp_path, image, kind, **options)
    assert isinstance(decoders.decode(path), Photo)
    assert said(decoders.decode, path) == said(decode, path)
    assert said(decoders.measure, path) == said(measure, path)


@pytest.mark.parametrize("content", [b"", b"no photo", (EXAMPLES / "kucing.jpg").read_bytes()[:9000], None])
def test_a_bad_file_is_answered_with_the_same_sentence(
    decoders: Decoders, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "a name\nof “two” lines.jpg"
    if content is not None:
        path.write_bytes(content)
    for helped, call in ((decoders.decode, decode), (decoders.measure, measure)):
        assert said(helped, path) == said(call, path)


# ---- what may happen to a helper ------------------------------------------------------------------------------------

LONG_ENOUGH = 10.0
"""Seconds in which a helper starts and decodes a small photo, however busy the machine is."""


@pytest.fixture
def two() -> Iterator[Decoders]:
    decoders = Decoders(2, LONG_ENOUGH)
    decoders.start()
    yield decoders
    decoders.end()


def processes(decoders: Decoders) -> list[int]:
    """Of the helpers that wait for a photo."""
    return [helper.process.pid for helper in decoders._idle.queue if helper]


def endless(folder: Path, name: str = "endless.jpg") -> Path:
    """A photo that keeps whoever reads it waiting."""
    path = folder / name
    os.mkfifo(path)
    return path


def assert_answers(decoders: Decoders) -> None:
    for _ in range(decoders.count):
        assert decoders.decode(EXAMPLES / "kucing.jpg").size == measure(EXAMPLES / "kucing.jpg")


def test_a_helper_that_is_killed_costs_its_photo_and_no_other(two: Decoders, tmp_path: Path) -> None:
    first, second = (endless(tmp_path, name) for name in ("first.jpg", "second.jpg"))
    with ThreadPoolExecutor() as pool:
        idle = set(processes(two))
        lost = pool.submit(two.decode, first)
        with first.open("wb"):  # once it is being read
            [at_first] = idle - set(processes(two))
            kept: Future[Photo] = pool.submit(two.decode, second)
            with second.open("wb") as file:
                os.kill(at_first, signal.SIGKILL)
                assert isinstance(error := lost.exception(), UserError)
                assert error.key == "error.not_opened"
                file.write((EXAMPLES / "kucing.jpg").read_bytes())
            assert said(lambda _: kept.result(), second) == said(decode, EXAMPLES / "kucing.jpg")
    assert at_first not in processes(two)
    assert_answers(two)


def test_a_helper_that_crashes_while_it_rests_costs_no_photo(two: Decoders) -> None:
    assert_answers(two)
    for helper in list(two._idle.queue):
        assert helper
        helper.process.send_signal(signal.SIGSEGV)
        helper.process.wait()
    assert_answers(two)


def test_what_takes_too_long_is_ended(two: Decoders, tmp_path: Path) -> None:
    """One that waits for what never comes, and one that does not even notice the time."""
    [stopped, _] = processes(two)
    os.kill(stopped, signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        for call in [pool.submit(two.decode, endless(tmp_path, name)) for name in ("first.jpg", "second.jpg")]:
            assert isinstance(error := call.exception(), UserError)
            assert error.key == "error.not_opened"
    assert_answers(two)


SERVER = """
import sys, threading
from pathlib import Path
from bgdemo.page.decoding import Decoders
decoders = Decoders(2, 10)
decoders.start()
threading.Thread(target=decoders.decode, args=[sys.argv[1]]).start()
"""


def test_helpers_end_when_the_server_is_killed_and_leave_nothing(tmp_path: Path) -> None:
    """One that rests, and one that hangs."""
    photo, temporary = endless(tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", SERVER, photo]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as server:
        assert server.stderr
        with photo.open("wb") as file:
            server.kill()
            broken = select.poll()
            broken.register(file, select.POLLERR)
            assert broken.poll()  # its only reader is gone
        assert server.stderr.read() == b"", "which ends with the last process that could write there"
    assert list(temporary.iterdir()) == []


# ---- memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode", "options"), [("WEBP", "RGBA", {"method": 0}), ("TIFF", "F", {"compression": "tiff_lzw"})]
)
def test_the_largest_photo_fits_into_a_helper_s_memory(
    decoders: Decoders, tmp_path: Path, kind: str, mode: str, options: dict[str, Any]
) -> None:
    """In the two formats that take most."""
    path = saved(tmp_path, Image.new(mode, (10_000, 5_000)), kind, **options)
    assert decoders.decode(path).size == (10_000, 5_000)


def test_a_photo_that_takes_too_much_memory_is_refused(decoders: Decoders, tmp_path: Path) -> None:
    decoders.start()
    [helper] = processes(decoders)
    limit = MEGABYTES * 1_000_000
    assert resource.prlimit(helper, resource.RLIMIT_DATA) == (limit, limit)
    path = saved(tmp_path, Image.new("RGB", (6_000, 5_000)), "PNG", compress_level=1)
    resource.prlimit(helper, resource.RLIMIT_DATA, (300_000_000, limit))
    with pytest.raises(UserError) as caught:
        decoders.decode(path)
    assert caught.value.key == "error.not_opened"
    assert_answers(decoders)
