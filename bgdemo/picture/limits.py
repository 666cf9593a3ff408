"""How many bytes a file may have, and must: the search for the best one that keeps to it, and what makes one larger.

Comments make a JPEG (ITU-T T.81, B.2.4.5) and a PNG (ISO/IEC 15948, 11.3.4) larger, and change nothing that is seen.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bgdemo.errors import UserError
from bgdemo.picture.png import chunk

KB = 1000
"""Bytes in a kB."""

MAX_KB = 100_000
"""Nobody asks for a larger file, and the least is really written."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most and the least that a file may have, in thousand bytes (kB); None is no limit.

    Raises UserError for what is not a number above 0 and up to `MAX_KB`, and for a least above the most.
    """

    max_kb: float | None = None
    min_kb: float | None = None

    def __post_init__(self) -> None:
        numbers = [number for number in (self.max_kb, self.min_kb) if number is not None]
        if not all(map(_is_amount, numbers)) or self.least > self.most:
            raise UserError("error.limit_range", limit=MAX_KB)

    @property
    def most(self) -> float:
        """Bytes that the file may have."""
        return math.inf if self.max_kb is None else self.max_kb * KB

    @property
    def least(self) -> float:
        """Bytes that the file must have."""
        return 0 if self.min_kb is None else self.min_kb * KB

    def check(self, data: bytes, name: str) -> None:
        """Raises UserError if `data`, the nearest that there is of the format `name`, is not within the limit."""
        if len(data) > self.most:
            reached = math.ceil(len(data) / KB)
            raise UserError("error.file_over_most", format=name, limit=f"{self.max_kb:g}", reached=reached)
        if len(data) < self.least:
            reached = len(data) // KB
            raise UserError("error.file_under_least", format=name, limit=f"{self.min_kb:g}", reached=reached)


def _is_amount(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 < number <= MAX_KB


UNLIMITED = Limit()


def best_within(limit: Limit, make: Callable[[int], bytes], plain: int, count: int) -> bytes:
    """The best file within `limit` of the `count` that `make` makes, which are numbered from the smallest on.

    That is number `plain` if it fits, and else the largest that does, but no larger than the least asks for. If none of
    them fits, the nearest one. Takes 1 + ⌈log₂ count⌉ files at most.
    """
    made: dict[int, bytes] = {}

    def size(number: int) -> int:
        made[number] = make(number)
        return len(made[number])

    first = size(plain)
    if first > limit.most:
        return made[max(0, bisect_right(range(plain), limit.most, key=size) - 1)]
    larger = range(plain + 1, count)
    if first >= limit.least or not larger:
        return made[plain]
    number = larger[min(bisect_left(larger, limit.least, key=size), len(larger) - 1)]
    return made[number if len(made[number]) <= limit.most else number - 1]


def padded(data: bytes, ending: str, least: float) -> bytes:
    """The file `data` with at least `least` bytes, if it is of a kind (by its `ending`) that holds comments."""
    missing = math.ceil(least - len(data))
    return PADDINGS[ending](data, missing) if missing > 0 and ending in PADDINGS else data


LONGEST_SEGMENT = 2 + 65_535
"""Bytes of a JPEG's comment with its marker."""


def _pad_jpeg(data: bytes, missing: int) -> bytes:
    """Comments behind the segments of applications, of which the first has to come first."""
    at = 2
    while data[at + 1] & 0xF0 == 0xE0:
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    count = -(-missing // LONGEST_SEGMENT)
    sizes = [max(4, (missing + number) // count) for number in range(count)]
    comments = b"".join(b"\xff\xfe" + (size - 2).to_bytes(2) + b" " * (size - 4) for size in sizes)
    return data[:at] + comments + data[at:]


def _pad_png(data: bytes, missing: int) -> bytes:
    """A comment before the last chunk."""
    keyword, end = b"Comment\0", chunk(b"IEND", b"")
    frame = len(chunk(b"tEXt", keyword))
    return data.removesuffix(end) + chunk(b"tEXt", keyword + b" " * max(0, missing - frame)) + end


PADDINGS: Mapping[str, Callable[[bytes, int], bytes]] = MappingProxyType({"jpg": _pad_jpeg, "png": _pad_png})
