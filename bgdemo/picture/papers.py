"""Sheets of prints: the papers that photo shops print on, and where on them each print lies. Lengths are in mm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bgdemo.errors import UserError
from bgdemo.picture.standards import STANDARDS

Lengths = tuple[float, float]
"""Width and height."""

GAP = 2.0
"""Between two prints, and at least that between a print and the edge of the paper."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper, upright; its name is the same in every language."""

    id: str
    name: str
    width: float
    height: float


_ROWS = (
    Paper("10x15", "10×15 cm", 100, 150),
    Paper("a4", "A4", 210, 297),  # ISO 216
    # Photo labs' sizes, which are named after the shorter side in inches.
    Paper("3r", "3R (89×127 mm)", 89, 127),
    Paper("4r", "4R (102×152 mm)", 102, 152),
)

PAPERS: dict[str, Paper] = {row.id: row for row in _ROWS}
"""All of them by their ids, the usual one first."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Prints on a `paper`, which is an id of `PAPERS`.

    `prints` are ids of `STANDARDS`, and how many ID photos of each there are; without any, the sheet is filled with the
    picture itself. Raises UserError for a paper or a standard that does not exist, for less than one print of a
    standard, and for prints that do not fit.
    """

    paper: str = "10x15"
    prints: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if self.paper not in PAPERS:
            raise UserError("error.unknown_paper", paper=self.paper, papers=", ".join(PAPERS))
        paper = PAPERS[self.paper]
        for kind, count in self.prints:
            if kind not in STANDARDS:
                raise UserError("error.unknown_id_photo", kind=kind, kinds=", ".join(STANDARDS))
            if count < 1:
                room = _said([(size_of(kind), capacity(paper, size_of(kind)))])
                raise UserError("error.sheet_count", paper=paper.name, room=room)
        if self.prints:
            arrange(paper, [(size_of(kind), count) for kind, count in self.prints])


def size_of(kind: str) -> Lengths:
    """Width and height of the ID photo `kind`, an id of `STANDARDS`."""
    return STANDARDS[kind].width_mm, STANDARDS[kind].height_mm


def at_least(width: int, height: int, dpi: float) -> Lengths:
    """Width and height of a print of so many pixels, of which rounding may have added one."""
    return (width - 1) / dpi * 25.4, (height - 1) / dpi * 25.4


class Place(NamedTuple):
    """Where a print lies: the number of its size, and its upper left corner."""

    size: int
    left: float
    top: float


class Arrangement(NamedTuple):
    """A sheet as it lies, upright or on its side: its width and height, and the places of its prints."""

    width: float
    height: float
    places: tuple[Place, ...]


def arrange(paper: Paper, prints: Sequence[tuple[Lengths, int]]) -> Arrangement:
    """Where `prints` lie on `paper`: of each size (width, height), none of which is turned or scaled, how many.

    Shelf packing: every row holds prints of one size, so a row is cut off first, and then cut up; a size takes no more
    rows than it needs, all of them as full as each other but the last. The paper lies upright or on its side, whichever
    gives fewer rows. Raises UserError, which says how many fit, if all of them do not.
    """
    lies = [(grids, way) for way in _ways(paper) if (grids := _grids(way, prints))]
    if not lies:
        fitting = _fitting(paper, prints)
        if not any(count for _, count in fitting):
            raise UserError("error.sheet_too_small", paper=paper.name)
        raise UserError("error.sheet_full", paper=paper.name, room=_said(fitting))
    grids, (width, height) = min(lies, key=lambda entry: sum(rows for _, rows in entry[0]))
    top = (height - _length(grids, prints)) / 2
    places = []
    for number, ((columns, rows), ((own_width, own_height), count)) in enumerate(zip(grids, prints, strict=True)):
        left = (width - columns * (own_width + GAP) + GAP) / 2
        places += [
            Place(number, left + at % columns * (own_width + GAP), top + at // columns * (own_height + GAP))
            for at in range(count)
        ]
        top += rows * (own_height + GAP)
    return Arrangement(width, height, tuple(places))


def capacity(paper: Paper, size: Lengths) -> int:
    """How many prints of one `size` fit on `paper`, upright or on its side."""
    return max(math.prod(_across(side, own) for side, own in zip(way, size, strict=True)) for way in _ways(paper))


def _ways(paper: Paper) -> tuple[Lengths, Lengths]:
    return (paper.width, paper.height), (paper.height, paper.width)


def _across(side: float, own: float) -> int:
    return math.floor((side - GAP) / (own + GAP))


def _grids(paper: Lengths, prints: Sequence[tuple[Lengths, int]]) -> list[tuple[int, int]] | None:
    """The columns and rows of each size, or None if they do not fit."""
    grids = []
    for (own_width, _), count in prints:
        if not count:
            grids.append((0, 0))
            continue
        columns = _across(paper[0], own_width)
        if columns < 1:
            return None
        rows = math.ceil(count / columns)
        grids.append((math.ceil(count / rows), rows))
    return grids if _length(grids, prints) + 2 * GAP <= paper[1] else None


def _length(grids: Sequence[tuple[int, int]], prints: Sequence[tuple[Lengths, int]]) -> float:
    """From the top of the first row to the foot of the last."""
    return sum(rows * (height + GAP) for (_, rows), ((_, height), _) in zip(grids, prints, strict=True)) - GAP


def _fitting(paper: Paper, prints: Sequence[tuple[Lengths, int]]) -> list[tuple[Lengths, int]]:
    """As many of `prints` as fit, the first ones first."""
    fitting: list[tuple[Lengths, int]] = []
    for size, count in prints:
        asked = range(min(count, capacity(paper, size)), 0, -1)
        fits = (fewer for fewer in asked if any(_grids(way, [*fitting, (size, fewer)]) for way in _ways(paper)))
        fitting.append((size, next(fits, 0)))
    return fitting


def _said(prints: Sequence[tuple[Lengths, int]]) -> str:
    """In figures, which every language reads: "3×4 cm: 9"."""
    return ", ".join(f"{_name(size)}: {count}" for size, count in prints)


def _name(size: Lengths) -> str:
    width, height = size
    return f"{width / 10:g}×{height / 10:g} cm" if width % 10 == height % 10 == 0 else f"{width:g}×{height:g} mm"
