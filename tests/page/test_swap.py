"""What a visit has done is the same after a time on disk, and nothing of it stays in memory meanwhile."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bgdemo.images import Matte
from bgdemo.matte import segmentation
from bgdemo.page.plan import plan
from bgdemo.page.results import Done
from bgdemo.page.screen import view
from bgdemo.page.swap import swap_out
from bgdemo.page.wanted import Wanted
from tests.page.driver import Driver, disc, wants
from tests.server import EXAMPLES


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(segmentation, "predict", lambda photo, spec, *_, mirrored=False: disc(photo, spec))
    return Driver()


LOOKS = [
    {},
    {"background": "blur", "shadow": "contact"},
    {"crop": "id:3x4", "background": "color", "color": "#cc0000"},
    {"background": "picture"},
]


def wanted_of_all(look: dict[str, str]) -> Wanted:
    own = EXAMPLES / "kucing.jpg" if look.get("background") == "picture" else None
    return wants(EXAMPLES / "astronaut.jpg", look, own, detail=True)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_was_done_is_the_same_afterwards(driver: Driver, look: dict[str, str]) -> None:
    wanted = wanted_of_all(look)
    done = driver.drive(wanted)
    swapped = swap_out(done, driver.tools.folder)
    back = swapped.read()
    assert back and back is not done
    assert view(wanted, back) == view(wanted, done)
    assert not done.failures and done.detail and done.written
    assert plan(wanted, back) is None
    assert (back.nbytes, back.files()) == (done.nbytes, done.files())
    assert swapped.files == done.files() | {swapped.path}
    driver.done = back
    driver.drive(replace(wanted, format="jpeg"))
    assert driver.passed == ["write"]


def test_a_file_that_is_gone_or_was_written_by_another_is_not_read(driver: Driver) -> None:
    swapped = swap_out(driver.drive(wanted_of_all({})), driver.tools.folder)
    data = swapped.path.read_bytes()
    swapped.path.write_bytes(data[:-1] + b"!")
    assert swapped.read() is None
    swapped.delete()
    assert swapped.read() is None
    assert not swapped.path.exists()


def test_what_is_held_twice_counts_once(driver: Driver) -> None:
    done = driver.drive(wanted_of_all({}))
    assert done.photo and done.preview and done.thumbs and done.thumbs[0] is done.preview
    mattes = sum(matte.alpha.nbytes for matte in done.mattes.values())
    assert done.preview.rendered
    shown = done.preview.cutout.rgba.nbytes + done.preview.rendered.alpha.nbytes
    assert done.nbytes == done.photo.shown.rgb.nbytes + shown + mattes
    assert Done().nbytes == 0


def test_over_the_limit_the_largest_mattes_go_that_nobody_needs() -> None:
    def matte(side: int) -> Matte:
        return Matte(np.zeros((side, side), np.float32), "u2netp")

    done = Done(mattes={"small": matte(10), "large": matte(100), "wanted": matte(200), "middle": matte(50)})
    assert done.within(done.nbytes, {"wanted"}) is done
    assert done.within(done.nbytes - 1, {"wanted"}).mattes.keys() == {"small", "wanted", "middle"}
    assert done.within(0, {"wanted"}).mattes.keys() == {"wanted"}
