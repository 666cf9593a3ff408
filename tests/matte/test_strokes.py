"""Strokes: what they refuse, how they are read, and what they cover."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.errors import UserError
from bgdemo.matte.strokes import MAX_POINTS, MAX_STROKES, UNTOUCHED, Stroke, TouchUp, paint, strokes_of, touch_up

MIDDLE = (0.5, 0.5)


def key_of(make: Any) -> str:
    with pytest.raises(UserError) as caught:
        make()
    return caught.value.key


# ---- what they are --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"width": 0}, "error.stroke_width"),
        ({"width": -0.1}, "error.stroke_width"),
        ({"width": 0.51}, "error.stroke_width"),
        ({"width": float("nan")}, "error.stroke_width"),
        ({"width": None}, "error.strokes_unreadable"),
        ({"keep": 1}, "error.strokes_unreadable"),
        ({"keep": None}, "error.strokes_unreadable"),
        ({"points": []}, "error.strokes_unreadable"),
        ({"points": [(0.5,)]}, "error.strokes_unreadable"),
        ({"points": [0.5, 0.5]}, "error.strokes_unreadable"),
        ({"points": None}, "error.strokes_unreadable"),
        ({"points": [MIDDLE, (1.001, 0.5)]}, "error.stroke_outside"),
        ({"points": [(0.5, -0.001)]}, "error.stroke_outside"),
        ({"points": [(0.5, float("nan"))]}, "error.stroke_outside"),
        ({"points": [(float("inf"), 0.5)]}, "error.stroke_outside"),
    ],
)
def test_a_stroke_that_cannot_be_is_refused(fields: dict[str, Any], key: str) -> None:
    assert key_of(lambda: Stroke(**{"keep": True, "width": 0.1, "points": [MIDDLE], **fields})) == key


def test_a_stroke_may_touch_every_limit() -> None:
    stroke = Stroke(False, 0.5, [(0, 0), (1, 1)])
    assert (stroke.width, stroke.points) == (0.5, ((0.0, 0.0), (1.0, 1.0)))


def test_strokes_of_the_same_values_are_the_same() -> None:
    one, other = Stroke(True, 0.1, [[0.5, 0.5]]), Stroke(True, 0.1, (MIDDLE,))
    assert one == other
    assert TouchUp([one]) == TouchUp((other,)) != UNTOUCHED  # type: ignore[arg-type]  # a list will do
    assert len({one, other}) == 1


def test_there_are_limits_to_how_many() -> None:
    dot, long = Stroke(True, 0.1, [MIDDLE]), Stroke(True, 0.1, [MIDDLE] * (MAX_POINTS // 2))
    TouchUp((dot,) * MAX_STROKES)
    TouchUp((long, long))
    assert key_of(lambda: TouchUp((dot,) * (MAX_STROKES + 1))) == "error.too_many_strokes"
    assert key_of(lambda: TouchUp((long, long, dot))) == "error.too_many_strokes"
    assert key_of(lambda: TouchUp(("keep",))) == "error.strokes_unreadable"  # type: ignore[arg-type]


# ---- as JSON --------------------------------------------------------------------------------------------------------

fractions = st.floats(0, 1)
strokes = st.builds(
    Stroke,
    st.booleans(),
    st.floats(0, 0.5, exclude_min=True),
    st.lists(st.tuples(fractions, fractions), min_size=1, max_size=9),
)


@given(st.lists(strokes, max_size=5))
def test_strokes_come_back_from_json_as_they_were(drawn: list[Stroke]) -> None:
    text = json.dumps([asdict(stroke) for stroke in drawn])
    assert strokes_of(text) == strokes_of(text.encode()) == strokes_of(json.loads(text)) == tuple(drawn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "null",
        "{}",
        '"[]"',
        "[[]]",
        "[1]",
        "[{}]",
        '[{"keep": true, "width": 0.1}]',
        '[{"keep": true, "width": 0.1, "points": {"0": 0}}]',
        '[{"keep": true, "width": 0.1, "points": "55"}]',
        '[{"keep": true, "width": 0.1, "points": [[0.5, 0.5]], "colour": "red"}]',
        '[{"keep": "true", "width": 0.1, "points": [[0.5, 0.5]]}]',
        "[" * 100_000,
        b"\xff\xfe\x00",
        None,
        7,
    ],
)
def test_what_are_no_strokes_is_told_in_a_sentence(text: Any) -> None:
    assert key_of(lambda: strokes_of(text)) == "error.strokes_unreadable"


# ---- what they cover ------------------------------------------------------------------------------------------------


def test_without_strokes_nothing_changes() -> None:
    alpha = np.random.default_rng(1).integers(0, 256, (40, 60), np.uint8)
    assert np.array_equal(paint(alpha, ()), alpha)
    prediction = (alpha / 255).astype(np.float32)
    assert np.array_equal(touch_up(np.zeros((40, 60, 3), np.uint8), prediction, (), UNTOUCHED), prediction)


@pytest.mark.parametrize("keep", [True, False])
def test_a_dot_is_round_and_as_wide_as_it_says(keep: bool) -> None:
    """`width` is of the longer side, whichever that is; the smooth rim may take a pixel more."""
    alpha = np.full((200, 100), 0 if keep else 255, np.uint8)
    painted = paint(alpha, [Stroke(keep, 0.2, [MIDDLE])]) / 255
    covered = painted if keep else 1 - painted
    y, x = np.mgrid[0.5:200, 0.5:100]
    distance = np.hypot(x - 50, y - 100)
    assert (covered[distance < 19.5] == 1).all()
    assert (covered[distance > 21.5] == 0).all()


def test_a_line_covers_what_lies_within_half_its_width() -> None:
    covered = paint(np.zeros((100, 200), np.uint8), [Stroke(True, 0.1, [(0.25, 0.5), (0.75, 0.5)])])
    y, x = np.mgrid[0.5:100, 0.5:200]
    distance = np.hypot(x - np.clip(x, 50, 150), y - 50)
    assert (covered[distance < 9.5] == 255).all()
    assert (covered[distance > 12.5] == 0).all()


def test_the_later_stroke_wins_where_they_cross_and_only_there() -> None:
    across = Stroke(True, 0.1, [(0.1, 0.5), (0.9, 0.5)])
    down = Stroke(False, 0.1, [(0.5, 0.1), (0.5, 0.9)])
    empty = np.zeros((100, 100), np.uint8)
    for drawn, middle in (((across, down), 0), ((down, across), 255)):
        painted = paint(empty, drawn)
        assert (painted[50, 50], painted[50, 20], painted[20, 50]) == (middle, 255, 0)


@given(st.integers(30, 80), st.integers(30, 80), st.lists(strokes, min_size=1, max_size=4))
def test_paint_stays_in_the_picture_and_the_last_stroke_holds(width: int, height: int, drawn: list[Stroke]) -> None:
    last = Stroke(drawn[-1].keep, 0.1 + drawn[-1].width / 2, drawn[-1].points)
    alpha = np.full((height, width), 128, np.uint8)
    painted = paint(alpha, [*drawn[:-1], last])
    assert (painted.shape, painted.dtype) == ((height, width), np.uint8)
    assert (alpha == 128).all(), "the matte that it was given is as it was"
    for point in last.points:
        x, y = (min(int(share * side), side - 1) for share, side in zip(point, (width, height), strict=True))
        assert painted[y, x] == (255 if last.keep else 0)


def test_the_same_stroke_covers_the_same_part_at_any_size() -> None:
    stroke = Stroke(True, 0.05, [(0.2, 0.3), (0.7, 0.4), (0.6, 0.8)])
    shares = [paint(np.zeros((side * 3, side * 4), np.uint8), [stroke]).mean() for side in (150, 600)]
    assert shares[0] == pytest.approx(shares[1], rel=0.06)


# ---- what becomes of a prediction -----------------------------------------------------------------------------------

GREY, RED, BLUE = (128, 128, 128), (200, 40, 40), (40, 40, 200)
LEFT, RIGHT = np.s_[60:140, 40:120], np.s_[60:140, 180:260]


def scene() -> np.ndarray:
    """Two squares of one colour each, on grey with a little noise."""
    rgb = np.full((200, 300, 3), GREY, np.uint8)
    rgb[LEFT], rgb[RIGHT] = RED, BLUE
    noise = np.random.default_rng(0).integers(-4, 5, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def prediction(*parts: tuple[slice, slice]) -> np.ndarray:
    alpha = np.zeros((200, 300), np.float32)
    for part in parts:
        alpha[part] = 1
    return alpha


def touched(alpha: np.ndarray, *drawn: Stroke, **switches: bool) -> np.ndarray:
    return touch_up(scene(), alpha, (), TouchUp(drawn, **switches)) > 0.5


def share(found: np.ndarray, part: tuple[slice, slice]) -> float:
    return float(found[part].mean())


def at(part: tuple[slice, slice], keep: bool, length: float = 0.1) -> Stroke:
    x, y = (part[1].start + part[1].stop) / 600, (part[0].start + part[0].stop) / 400
    return Stroke(keep, 0.03, [(x - length / 2, y), (x + length / 2, y)] if length else [(x, y)])


def test_a_rough_stroke_to_keep_grows_to_the_real_edge_and_no_further() -> None:
    found = touched(prediction(LEFT), at(RIGHT, keep=True))
    assert share(found, RIGHT) > 0.97
    found[LEFT] = found[50:150, 170:270] = False
    assert not found.any(), "the background and what was right stay as they were"


def test_a_rough_stroke_to_erase_takes_what_it_lies_on_and_no_more() -> None:
    found = touched(prediction(LEFT, RIGHT), at(RIGHT, keep=False))
    assert share(found, RIGHT) < 0.03
    assert share(found, LEFT) == 1


def test_a_stroke_on_what_is_right_already_changes_nothing() -> None:
    alpha = prediction(LEFT)
    assert np.array_equal(touch_up(scene(), alpha, (), TouchUp((at(LEFT, keep=True),))), alpha)


def test_what_a_stroke_covers_does_what_it_says_whatever_lies_there() -> None:
    across = Stroke(True, 0.02, [(0.05, 0.9), (0.95, 0.9)])
    assert touched(prediction(LEFT), across)[180, 20:280].all()
    assert not touched(prediction(LEFT), Stroke(False, 0.02, [(0.27, 0.35), (0.27, 0.6)]))[75:115, 81].any()


def test_a_tap_takes_all_of_a_piece() -> None:
    found = touched(prediction(LEFT, np.s_[60:130, 180:260]), at(RIGHT, keep=False, length=0))
    assert share(found, LEFT) == 1
    assert share(found, RIGHT) == 0


def test_a_tap_fills_all_of_a_hole() -> None:
    alpha = prediction(LEFT)
    alpha[80:120, 60:100] = 0
    assert np.array_equal(touched(alpha, at(LEFT, keep=True, length=0)), prediction(LEFT) > 0.5)


def test_a_finger_that_trembles_still_taps() -> None:
    alpha = prediction(LEFT, np.s_[60:130, 180:260])
    trembled = Stroke(False, 0.03, [(0.7, 0.45), (0.705, 0.455), (0.698, 0.452)])
    assert share(touched(alpha, trembled), RIGHT) == 0


def test_each_of_many_taps_takes_its_piece() -> None:
    spots = [(x, y) for x in range(10, 290, 20) for y in range(10, 50, 20)]
    alpha = prediction(np.s_[60:190, 20:280], *(np.s_[y - 3 : y + 4, x - 3 : x + 4] for x, y in spots))
    taps = [Stroke(False, 0.01, [((x + 0.5) / 300, (y + 0.5) / 200)]) for x, y in spots]
    assert np.array_equal(touched(alpha, *taps), prediction(np.s_[60:190, 20:280]) > 0.5)


def test_far_from_strokes_the_prediction_stays_to_the_last_bit() -> None:
    alpha = prediction(LEFT) * np.float32(0.7001)
    found = touch_up(scene(), alpha, (), TouchUp((at(RIGHT, keep=False),)))
    assert np.array_equal(found[LEFT], alpha[LEFT])


def test_only_the_largest_piece_stays_and_what_a_stroke_keeps() -> None:
    alpha = prediction(LEFT, np.s_[60:130, 180:260], np.s_[10:20, 10:20])
    assert np.array_equal(touched(alpha, largest_piece=True), prediction(LEFT) > 0.5)
    found = touched(alpha, at(RIGHT, keep=True), largest_piece=True)
    assert share(found, np.s_[60:130, 180:260]) == 1
    assert not found[:30, :30].any()


def test_a_soft_rim_goes_with_its_piece() -> None:
    alpha = prediction(LEFT, RIGHT)
    alpha[58:60, 180:260] = 0.4
    alpha[140:150, 180:240] = 0
    alpha[RIGHT][:, -5:] = 0
    assert touch_up(scene(), alpha, (), TouchUp(largest_piece=True))[:, 150:].max() == 0


def test_holes_are_filled_with_their_rims_but_bays_and_erased_ones_are_not() -> None:
    rgb, hole, other, bay = scene(), np.s_[70:85, 60:90], np.s_[100:120, 55:85], np.s_[130:140, 95:110]
    alpha = prediction(LEFT)
    for part in (hole, other, bay):
        rgb[part], alpha[part] = GREY, 0
    alpha[69, 60:90] = 0.6  # a soft rim
    filled = touch_up(rgb, alpha, (), TouchUp(fill_holes=True))
    assert filled[60:125, 40:120].min() == 1
    assert filled[bay].max() == 0
    erased = Stroke(False, 0.02, [(65 / 300, 110 / 200), (75 / 300, 110 / 200)])
    filled = touch_up(rgb, alpha, (), TouchUp((erased,), fill_holes=True))
    assert filled[hole].min() == 1
    assert filled[other].max() < 0.5


@given(st.lists(strokes, max_size=4), st.booleans(), st.booleans())
def test_whatever_is_drawn_gives_a_prediction(drawn: list[Stroke], largest: bool, holes: bool) -> None:
    alpha = prediction(LEFT)
    found = touch_up(scene(), alpha, (), TouchUp(tuple(drawn), largest, holes))
    assert (found.shape, found.dtype) == (alpha.shape, alpha.dtype)
    assert 0 <= found.min() <= found.max() <= 1
