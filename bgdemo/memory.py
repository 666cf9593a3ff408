"""What glibc keeps of the memory that a process has freed; on other systems there is nothing to do."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

_M_ARENA_MAX = -8
"""glibc's name, in malloc.h, for how many heaps there may be."""


def release_memory() -> None:
    """Give back to the system what the process has freed, by glibc's `malloc_trim`.

    It takes 10 to 30 ms when there is something to give back, and every photo comes by here.
    """
    if trim := _glibc("malloc_trim"):
        trim(0)


def share_heaps() -> None:
    """Have all threads share two heaps: for a server, before its threads begin.

    Else glibc gives each of many threads one of its own, and in the gaps of each something stays for good: some 100 MB
    more with every few hundred photos. One for each core is no slower.
    """
    if option := _glibc("mallopt"):
        option(_M_ARENA_MAX, 2)


def _glibc(name: str) -> Callable[..., int] | None:
    """A function of glibc; None with musl, on macOS, and on Windows, which knows no library without a name."""
    try:
        return getattr(ctypes.CDLL(None), name)  # type: ignore[no-any-return]
    except (AttributeError, OSError, TypeError):
        return None
