"""Where prints lie on paper."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.errors import UserError
from bgdemo.picture.papers import GAP, PAPERS, Paper, Sheet, arrange, at_least, capacity, size_of

papers = st.sampled_from(list(PAPERS.values()))
lengths = st.integers(15, 70).map(float)
some_prints = st.lists(st.tuples(st.tuples(lengths, lengths), st.integers(1, 12)), min_size=1, max_size=3)


@given(papers, some_prints)
def test_prints_stay_on_the_paper_and_apart_and_are_as_many_as_were_asked_for(
    paper: Paper, prints: list[tuple[tuple[float, float], int]]
) -> None:
    try:
        sheet = arrange(paper, prints)
    except UserError as error:
        assert error.key in ("error.sheet_full", "error.sheet_too_small")
        return
    assert sorted((sheet.width, sheet.height)) == [paper.width, paper.height]
    assert Counter(place.size for place in sheet.places) == {at: count for at, (_, count) in enumerate(prints)}
    boxes = [(place.left, place.top, *prints[place.size][0]) for place in sheet.places]
    near = GAP - 1e-6
    for left, top, width, height in boxes:
        assert left >= near <= sheet.width - left - width
        assert top >= near <= sheet.height - top - height
    for one, other in combinations(boxes, 2):
        beside = max(one[0] - other[0] - other[2], other[0] - one[0] - one[2])
        below = max(one[1] - other[1] - other[3], other[1] - one[1] - one[3])
        assert max(beside, below) >= near


@given(papers, st.tuples(lengths, lengths))
def test_as_many_prints_as_fit_are_all_that_do(paper: Paper, size: tuple[float, float]) -> None:
    count = capacity(paper, size)
    assert len(arrange(paper, [(size, count)]).places) == count if count else True
    with pytest.raises(UserError) as caught:
        arrange(paper, [(size, count + 1)])
    assert caught.value.key == ("error.sheet_full" if count else "error.sheet_too_small")
    assert count == 0 or caught.value.params["room"].endswith(f": {count}")


@given(papers, some_prints)
def test_what_there_is_room_for_really_fits(paper: Paper, prints: list[tuple[tuple[float, float], int]]) -> None:
    """And one print more of the first size that is short of them does not."""
    try:
        arrange(paper, prints)
    except UserError as error:
        if error.key == "error.sheet_too_small":
            return
        room = [int(part.rsplit(" ", 1)[1]) for part in error.params["room"].split(", ")]
        kept = [(size, count) for (size, _), count in zip(prints, room, strict=True) if count]
        assert len(arrange(paper, kept).places) == sum(room) < sum(count for _, count in prints)
        short = next(at for at, (_, count) in enumerate(prints) if room[at] < count)
        with pytest.raises(UserError):
            arrange(paper, [*prints[:short], (prints[short][0], room[short] + 1)])


@pytest.mark.parametrize(
    ("paper", "kind", "count"),
    [
        ("10x15", "2x3", 18),
        ("10x15", "3x4", 9),
        ("10x15", "4x6", 4),
        ("10x15", "us", 2),
        ("a4", "2x3", 81),
        ("a4", "3x4", 42),
        ("a4", "4x6", 21),
        ("3r", "3x4", 6),
        ("4r", "3x4", 9),
    ],
)
def test_how_many_fit(paper: str, kind: str, count: int) -> None:
    assert capacity(PAPERS[paper], size_of(kind)) == count


@pytest.mark.parametrize(("dpi", "size"), [(300, (413, 531)), (600, (827, 1063)), (96, (132, 170))])
def test_whole_pixels_change_no_number_of_prints(dpi: int, size: tuple[int, int]) -> None:
    """Four prints of 35 mm with their gaps are exactly as wide as 15 cm, and rounded up to pixels they are wider."""
    assert capacity(PAPERS["10x15"], (35, 45)) == capacity(PAPERS["10x15"], at_least(*size, dpi)) == 8


def test_the_paper_lies_so_that_there_are_fewer_rows() -> None:
    sheet = arrange(PAPERS["10x15"], [((30, 40), 4), ((20, 30), 4)])
    assert (sheet.width, sheet.height) == (150, 100)
    assert len({place.top for place in sheet.places}) == 2


@pytest.mark.parametrize(
    ("paper", "prints", "key", "room"),
    [
        ("10x15", (("3x4", 20),), "error.sheet_full", "3×4 cm: 9"),
        ("10x15", (("3x4", 4), ("2x3", 40)), "error.sheet_full", "3×4 cm: 4, 2×3 cm: 8"),
        ("3r", (("us", 3),), "error.sheet_full", "51×51 mm: 2"),
        ("4r", (("2x3", 4), ("3x4", 4), ("4x6", 2)), "error.sheet_full", "2×3 cm: 4, 3×4 cm: 4, 4×6 cm: 0"),
        ("a4", (("3x4", 0),), "error.sheet_count", "3×4 cm: 42"),
        ("10x15", (("2x3", 4), ("4x6", -1)), "error.sheet_count", "4×6 cm: 4"),
    ],
)
def test_what_does_not_fit_is_refused_with_how_many_do(
    paper: str, prints: tuple[tuple[str, int], ...], key: str, room: str
) -> None:
    with pytest.raises(UserError) as caught:
        Sheet(paper, prints)
    assert (caught.value.key, caught.value.params["room"]) == (key, room)
    for language in ("en", "id"):
        assert room in caught.value.text(language)
        assert PAPERS[paper].name in caught.value.text(language)


def test_papers_and_id_photos_that_there_are_not_are_refused() -> None:
    with pytest.raises(UserError, match=r"There is no paper “b5”. Choose one of: 10x15, a4, 3r, 4r"):
        Sheet("b5")
    with pytest.raises(UserError, match="There is no ID photo “9x9”"):
        Sheet("a4", (("9x9", 1),))
