"""Sheets of prints."""

from pathlib import Path

import numpy as np
import pytest

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture
from bgdemo.picture.compositing import compose
from bgdemo.picture.looks import Crop, Look, Size, Solid
from bgdemo.picture.sheets import print_sheet
from bgdemo.pipeline import render, segment
from bgdemo.recipes import Recipe

EXAMPLES = Path(__file__).parents[2] / "bgdemo" / "examples"
RED = (200, 30, 40)


def test_head_and_shoulders_and_the_sheet() -> None:
    photo = decode(EXAMPLES / "astronaut.jpg")
    cutout = render(photo, segment(photo, Recipe()), Recipe())
    look = Look(Solid(RED), crop=Crop("head"), size=Size.of_paper(3, 4))
    picture = compose(cutout, photo, look)
    assert picture.pixels.shape == (472, 354, 4)
    assert picture.metadata.dpi == (300, 300)
    backdrop = np.abs(picture.pixels[..., :3].astype(int) - RED).max(axis=2) <= 2
    assert backdrop[:20].all()  # headroom
    crown = np.flatnonzero(~backdrop.all(axis=1))[0]
    assert 0.06 < crown / 472 < 0.2
    # The face is in the middle, and shoulders fill the foot of the picture.
    head = np.flatnonzero(~backdrop[crown : crown + 150].all(axis=0))
    assert abs((head[0] + head[-1]) / 2 - 177) < 40
    assert (~backdrop[-1]).mean() > 0.6

    sheet = print_sheet(picture)
    assert sorted(sheet.pixels.shape[:2]) == [1181, 1772]
    count = sum(
        np.array_equal(sheet.pixels[y : y + 472, x : x + 354], picture.pixels)
        for y, x in zip(*np.nonzero((sheet.pixels[:-471, :-353, :3] == RED).all(axis=2)), strict=True)
        if not (sheet.pixels[y - 1, x, :3] == RED).all() and not (sheet.pixels[y, x - 1, :3] == RED).all()
    )
    assert count == 9
    assert ((sheet.pixels == (150, 150, 150, 255)).all(axis=2)).any()  # marks to cut along
    with pytest.raises(UserError) as caught:
        print_sheet(compose(cutout, photo, Look(size=Size.of_paper(20, 20))))
    assert caught.value.key == "error.sheet_too_small"


def scan(dpi: float) -> Picture:
    return Picture(np.full((40, 30, 4), 255, np.uint8), Metadata(dpi=(dpi, dpi)), "u2netp")


@pytest.mark.parametrize("scanned", [72, 4800, 30_000])
def test_a_scan_does_not_decide_how_fine_its_sheet_is(scanned: float) -> None:
    sheet = print_sheet(scan(scanned))
    assert sorted(sheet.pixels.shape[:2]) == [1181, 1772]
    assert sheet.metadata.dpi == (300, 300)


def test_a_size_that_was_asked_for_does() -> None:
    sheet = print_sheet(scan(4800), 150)
    assert sorted(sheet.pixels.shape[:2]) == [591, 886]
    assert sheet.metadata.dpi == (150, 150)


def test_a_sheet_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        print_sheet(scan(300), 30_000)
    assert caught.value.key == "error.picture_too_large"
