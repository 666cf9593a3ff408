"""The lines of a standard in a frame, and how far a head may go there."""

import math
from dataclasses import replace

import pytest

from bgdemo.picture.checks import checks
from bgdemo.picture.faces import Face, Head
from bgdemo.picture.frames import Frame
from bgdemo.picture.guides import Guide, guides, leeway
from bgdemo.picture.standards import STANDARDS, Standard

US, CHINA = STANDARDS["us"], STANDARDS["china"]
HEAD = Head(
    Face((3200, 2800, 3600, 5200), (4200, 4400), (5800, 4400), (5000, 5200), (4400, 6000), (5600, 6000), 0.9), 2880.0
)
"""Eyes at (5000, 4400), 2880 below the crown and 2720 above the chin: so large that whole pixels do not matter."""
FRAME = Frame(0, 0, 10_000, 10_200)


def lines(standard: Standard, frame: Frame = FRAME, head: Head | None = HEAD) -> dict[str, Guide]:
    return {guide.key: guide for guide in guides(standard, frame, head)}


def test_lines_are_where_the_head_is_and_bands_where_it_may_be() -> None:
    found = lines(US)
    assert [found[key].at for key in ("crown", "eyes", "chin")] == pytest.approx([38 / 255, 110 / 255, 178 / 255])
    assert found["crown"].band is None
    assert found["eyes"].band == pytest.approx((1 - 35 / 51, 1 - 28 / 51))
    assert found["chin"].band == pytest.approx((38 / 255 + 25 / 51, 38 / 255 + 35 / 51))


def test_another_standard_has_other_lines() -> None:
    found = lines(CHINA)
    assert found["crown"].band == pytest.approx((3 / 48, 5 / 48))
    assert found["eyes"].band is None


def test_lines_follow_a_head_that_is_moved() -> None:
    moved = lines(US, replace(FRAME, top=2040))
    for key, guide in lines(US).items():
        assert guide.at and moved[key].at == pytest.approx(guide.at - 0.2)
    assert moved["eyes"].band == lines(US)["eyes"].band


def test_without_a_head_there_is_what_the_standard_alone_knows() -> None:
    assert lines(US, head=None) == {"crown": Guide("crown"), "eyes": replace(lines(US)["eyes"], at=None)}


# ---- how far a head may go ------------------------------------------------------------------------------------------

KEPT = ("head", "eyes", "above", "middle")


def moved(frame: Frame, zoom: float = 1.0, right: float = 0.0, down: float = 0.0) -> Frame:
    """`frame` in which the head is larger by `zoom`, and further to the right and down."""
    wide, high = frame.width / zoom, frame.height / zoom
    left, top = (
        frame.left + (frame.width - wide) / 2 - right * wide,
        frame.top + (frame.height - high) / 2 - down * high,
    )
    return Frame(round(left), round(top), round(wide), round(high))


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
@pytest.mark.parametrize("way", ["zoom", "right", "down"])
def test_at_its_ends_all_is_kept_and_beyond_them_something_is_not(standard: Standard, way: str) -> None:
    frame = framed(standard)
    least, most = getattr(leeway(standard, frame, HEAD), way)
    assert least < most
    step = 0.03 * (most - least)
    for value, kept in ((least + step, True), (most - step, True), (least - step, False), (most + step, False)):
        found = checks(standard, HEAD, moved(frame, **{way: value}), 1.0)
        # What is less than the rounding beyond its range counts as within it.
        wrong = [
            check.key for check in found if check.key in KEPT and not check.range[0] <= check.measured <= check.range[1]
        ]
        assert (wrong == []) == kept, (value, wrong)


def framed(standard: Standard) -> Frame:
    """A frame around `HEAD` in which every rule is kept: its ranges' middles, or as near to them as it goes."""
    share = sum(standard.head) / 2
    height = HEAD.height / share
    if standard.above_mm:
        top = 1520 - height * sum(standard.above) / 2
    elif standard.eyes:
        crown = 1 - sum(standard.eyes) / 2 - share * HEAD.crown / HEAD.height
        top = 1520 - height * max(crown, 0.02)
    else:
        top = 1520 - height * (1 - share) / 2
    width = height * standard.width_mm / standard.height_mm
    return Frame(round(5000 - width / 2), round(top), round(width), round(height))


def test_of_rules_that_cannot_all_be_kept_the_first_counts() -> None:
    low = Frame(0, -2400, 10_000, 10_200)  # the eyes are far below their range, whatever the zoom
    way = leeway(US, low, HEAD)
    share = HEAD.height / 10_200
    assert way.zoom[0] == pytest.approx(25 / 51 / share)
    assert way.zoom[0] < way.zoom[1] <= 35 / 51 / share
    assert way.down[1] < 0


def test_a_point_in_the_middle_of_the_frame_sets_no_limit_to_the_zoom() -> None:
    frame = Frame(0, 4400 - 5120, 10_000, 10_240)
    assert frame.place(HEAD.eyes)[1] == 0.5
    assert all(math.isfinite(end) for end in leeway(US, frame, HEAD).zoom)
