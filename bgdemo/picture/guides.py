"""Where the lines of an ID photo's standard are in its frame, and how far the head in it may go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bgdemo.picture.checks import OFF_MIDDLE
from bgdemo.picture.faces import Head
from bgdemo.picture.frames import Frame
from bgdemo.picture.standards import Range, Standard


@dataclass(frozen=True, slots=True)
class Guide:
    """A line across an ID photo: where it is, and where it may be if the standard says so.

    Both are in fractions of the picture's height below its upper edge. Where the chin may be follows from the crown.
    """

    key: Literal["crown", "eyes", "chin"]
    at: float | None = None
    band: Range | None = None


def guides(standard: Standard, frame: Frame, head: Head | None) -> tuple[Guide, ...]:
    """The lines of `head` in `frame`; without one those that `standard` alone knows."""
    above = standard.above if standard.above_mm else None
    eyes = standard.eyes and (1 - standard.eyes[1], 1 - standard.eyes[0])
    if not head:
        return Guide("crown", band=above), Guide("eyes", band=eyes)
    crown, middle, chin = (frame.place(point)[1] for point in (head.top, head.eyes, head.bottom))
    below = (crown + standard.head[0], crown + standard.head[1])
    return Guide("crown", crown, above), Guide("eyes", middle, eyes), Guide("chin", chin, below)


@dataclass(frozen=True, slots=True)
class Leeway:
    """How far a framed head may go, one way at a time, before it is not as its standard has it.

    `zoom` are the least and the most factor to enlarge it by, about the frame's middle; `right` and `down` the least
    and the most to move it by, in fractions of the frame's sides. A head that is off already has to go at least so far.
    """

    zoom: Range
    right: Range
    down: Range


def leeway(standard: Standard, frame: Frame, head: Head) -> Leeway:
    """The leeway of `head` in `frame`. Of rules that cannot all be kept the first counts: the head, then the eyes."""
    aside = frame.place(head.eyes)[0] - 0.5
    places = list(_places(standard, frame, head))
    share = frame.place(head.bottom)[1] - frame.place(head.top)[1]
    return Leeway(
        zoom=_shared((standard.head[0] / share, standard.head[1] / share), *map(_zooms, places)),
        right=(-OFF_MIDDLE - aside, OFF_MIDDLE - aside),
        down=_shared(*((least - at, most - at) for at, (least, most) in places)),
    )


def _places(standard: Standard, frame: Frame, head: Head) -> Iterator[tuple[float, Range]]:
    """Where eyes, crown and chin are and may be, as in `Guide`: what nothing is published of is within the picture."""
    crown, eyes, chin = (frame.place(point)[1] for point in (head.top, head.eyes, head.bottom))
    if standard.eyes:
        yield eyes, (1 - standard.eyes[1], 1 - standard.eyes[0])
    yield crown, standard.above if standard.above_mm else (0.0, 1.0)
    yield chin, (0.0, 1.0)


def _zooms(place: tuple[float, Range]) -> Range:
    """The factors about the frame's middle that leave a point within its range."""
    at, (least, most) = place
    if abs(at - 0.5) < 1e-6:
        return 0.0, float("inf")
    ends = sorted(((least - 0.5) / (at - 0.5), (most - 0.5) / (at - 0.5)))
    return max(0.0, ends[0]), ends[1]


def _shared(first: Range, *others: Range) -> Range:
    """What ranges have in common; one that has nothing in common with those before it is left out."""
    least, most = first
    for low, high in others:
        if max(low, least) <= min(high, most):
            least, most = max(low, least), min(high, most)
    return least, most
