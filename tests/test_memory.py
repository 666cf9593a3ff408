import ctypes
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bgdemo.memory import release_memory, share_heaps

ONLY_GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")


def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@ONLY_GLIBC
def test_freed_memory_goes_back_to_the_system_though_younger_memory_is_in_use() -> None:
    blocks = [bytes([n % 256]) * 100_000 for n in range(3000)]
    del blocks[:-1]
    before = resident()
    release_memory()
    assert resident() < before - 200


HEAPS_OF_TWELVE_THREADS = """
import ctypes, sys, threading
from bgdemo.memory import share_heaps
if sys.argv[1:]:
    share_heaps()
together = threading.Barrier(12)
def work():
    block = ctypes.create_string_buffer(50_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, out := ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(out)
"""


def heaps_of_twelve_threads(*words: str) -> int:
    command = [sys.executable, "-c", HEAPS_OF_TWELVE_THREADS, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.count("<heap nr=")


@ONLY_GLIBC
def test_many_threads_share_two_heaps() -> None:
    assert heaps_of_twelve_threads() > 4
    assert heaps_of_twelve_threads("shared") <= 2


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_system_without_glibc_keeps_its_memory(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(_: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", raising)
    release_memory()
    share_heaps()
