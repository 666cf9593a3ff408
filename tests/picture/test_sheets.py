"""Sheets of prints."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture, Printed
from bgdemo.picture.compositing import compose
from bgdemo.picture.looks import Crop, Look, Size, Solid
from bgdemo.picture.papers import PAPERS, Paper, Sheet, arrange, at_least
from bgdemo.picture.sheets import GREY, Print, print_sheet
from bgdemo.picture.standards import STANDARDS
from bgdemo.pipeline import finish, render, segment
from bgdemo.recipes import Recipe

EXAMPLES = Path(__file__).parents[2] / "bgdemo" / "examples"
RED = (200, 30, 40)
USUAL = PAPERS["10x15"]


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

    sheet = print_sheet([Print(picture)], USUAL, 300)
    assert sheet.pixels.shape[:2] == (1772, 1181)
    assert sheet.printed == Printed("10×15 cm", (100, 150), 9)
    assert count(sheet, picture) == 9

    # Of several sizes each is framed by its own standard, as its single print is.
    mixed = finish(cutout, photo, Recipe(look=Look(Solid(RED), sheet=Sheet("a4", (("3x4", 4), ("us", 2))))))
    assert sorted(mixed.pixels.shape[:2]) == [2480, 3508]
    assert mixed.printed
    assert mixed.printed.count == 6
    for kind, number in (("3x4", 4), ("us", 2)):
        standard = STANDARDS[kind]
        size = Size.of_paper(standard.width_mm / 10, standard.height_mm / 10)
        single = compose(cutout, photo, Look(Solid(RED), crop=Crop("head", standard=standard), size=size))
        assert count(mixed, single) == number


def count(sheet: Picture, picture: Picture) -> int:
    """How many times all the pixels of `picture`, which begins with a red corner, are on `sheet`."""
    height, width = picture.pixels.shape[:2]
    red = (sheet.pixels[..., :3] == RED).all(axis=2)
    corners = red[1:, 1:] & ~red[:-1, 1:] & ~red[1:, :-1]
    return sum(
        np.array_equal(sheet.pixels[y + 1 : y + 1 + height, x + 1 : x + 1 + width], picture.pixels)
        for y, x in zip(*np.nonzero(corners), strict=True)
    )


def plain(width: int, height: int, color: int) -> Picture:
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = color
    return Picture(pixels, Metadata(), "u2netp")


@given(
    st.sampled_from(list(PAPERS.values())),
    st.lists(st.tuples(st.integers(40, 200), st.integers(40, 200), st.integers(1, 3)), min_size=1, max_size=3),
    st.sampled_from([50.0, 101.6, 127.3]),
)
def test_every_print_is_whole_and_nothing_else_is_on_the_paper_but_marks(
    paper: Paper, prints: list[tuple[int, int, int]], dpi: float
) -> None:
    pictures = [Print(plain(width, height, 10 + at), count) for at, (width, height, count) in enumerate(prints)]
    try:
        sheet = print_sheet(pictures, paper, dpi)
    except UserError:
        return
    grey = (sheet.pixels == GREY).all(axis=2)
    for picture, number, _ in pictures:
        own = (sheet.pixels == picture.pixels[0, 0]).all(axis=2)
        assert own.sum() == number * picture.pixels[..., 0].size
        sheet.pixels[own] = 255
    assert (sheet.pixels[~grey] == 255).all()
    assert sheet.metadata.dpi == (dpi, dpi)


def test_marks_stand_at_all_edges_of_all_prints() -> None:
    picture = plain(354, 472, 10)
    sheet = print_sheet([Print(picture, 5)], USUAL, 300)
    arrangement = arrange(USUAL, [(at_least(354, 472, 300), 5)])
    grey = (sheet.pixels == GREY).all(axis=2)
    for place in arrangement.places:
        left, top = round(place.left / 25.4 * 300), round(place.top / 25.4 * 300)
        right, bottom = left + 353, top + 471
        for x, y in ((left, top - 1), (right, top - 1), (left - 1, top), (right + 1, top), (left - 1, bottom)):
            assert grey[y, x]
        for x, y in ((right + 1, bottom), (left, bottom + 1), (right, bottom + 1)):
            assert grey[y, x]


def scan(dpi: float) -> Picture:
    return Picture(np.full((40, 30, 4), 255, np.uint8), Metadata(dpi=(dpi, dpi)), "u2netp")


@pytest.mark.parametrize("scanned", [72, 4800, 30_000])
def test_a_scan_does_not_decide_how_fine_its_sheet_is(scanned: float) -> None:
    look = Look(sheet=Sheet())
    assert look.print_dpi == 300
    sheet = print_sheet([Print(scan(scanned))], USUAL, look.print_dpi)
    assert sorted(sheet.pixels.shape[:2]) == [1181, 1772]
    assert sheet.metadata.dpi == (300, 300)


def test_a_size_that_was_asked_for_does() -> None:
    look = Look(size=Size(30, 40, 150), sheet=Sheet())
    assert look.print_dpi == 150
    sheet = print_sheet([Print(scan(4800))], USUAL, look.print_dpi)
    assert sorted(sheet.pixels.shape[:2]) == [591, 886]
    assert sheet.metadata.dpi == (150, 150)


@pytest.mark.parametrize(
    ("paper", "sides"), [("10x15", (1181, 1772)), ("a4", (2480, 3508)), ("3r", (1051, 1500)), ("4r", (1205, 1795))]
)
def test_a_sheet_is_as_large_as_its_paper(paper: str, sides: tuple[int, int]) -> None:
    sheet = print_sheet([Print(scan(300))], PAPERS[paper], 300)
    assert tuple(sorted(sheet.pixels.shape[:2])) == sides


def test_a_sheet_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        print_sheet([Print(scan(300))], USUAL, 30_000)
    assert caught.value.key == "error.picture_too_large"


def test_a_picture_that_is_too_large_for_the_paper_is_refused_before_it_is_made() -> None:
    """Where its size is known, that is; else when it is there."""
    for refused in (
        lambda: Look(size=Size.of_paper(20, 20), sheet=Sheet()),
        lambda: print_sheet([Print(plain(1200, 1200, 0))], USUAL, 300),
    ):
        with pytest.raises(UserError, match=r"too large for 10×15 cm paper") as caught:
            refused()
        assert caught.value.key == "error.sheet_too_small"
    assert Look(size=Size.of_paper(20, 20), sheet=Sheet("a4"))
