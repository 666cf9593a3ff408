"""The memory of processes that run, with all that they started."""

from __future__ import annotations

import os
import threading
from itertools import count
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

MEASURABLE = Path("/proc/self/statm").exists()
"""Whether this system tells the memory of other processes; elsewhere every figure is 0."""

INTERVAL = 0.05
"""Seconds between two looks at the memory."""


class Memory:
    """The memory of a process and its descendants, watched in a `with`: resident, what they share counted for each."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._samples: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._samples.append((monotonic(), _resident(family(self._pid))))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def now(self) -> float:
        """Megabytes at the moment."""
        return _resident(family(self._pid)) / 1e6

    def peak(self, since: float, until: float) -> float:
        """The most megabytes between two readings of `monotonic`."""
        return max((size for time, size in self._samples if since <= time <= until), default=0) / 1e6

    def _watch(self) -> None:
        processes: list[int] = []
        for number in count():
            if self._stop.wait(INTERVAL):
                return
            processes = family(self._pid) if number % 10 == 0 else processes  # to look for new ones takes longer
            self._samples.append((monotonic(), _resident(processes)))


def family(pid: int) -> list[int]:
    """The process `pid`, its children, and theirs."""
    parents = _parents()
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def alive(pids: list[int]) -> list[int]:
    """Those that still run."""
    return sorted(set(pids) & _parents().keys())


def _parents() -> dict[int, int]:
    """Of every process that runs, which one started it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    return parents


def _resident(pids: list[int]) -> int:
    pages = 0
    for pid in pids:
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")
