"""Photos decoded in helper processes: what a file does to a C library costs that one photo, and not the server.

Run as a program, this module is such a helper: it reads requests from its standard input, a line of JSON each, until
that ends, and answers on its standard output with a line of JSON and the bytes that it announces. Pixels go through
the pipe, so that nothing is left behind in shared memory or on disk, however either side ends. What the server reads
is data alone, never objects: a helper that a file has taken over cannot have it run anything.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from bgdemo import decode as here
from bgdemo.errors import UserError
from bgdemo.images import Metadata, Photo, Pixels
from bgdemo.settings import MAX_MEGAPIXELS

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]

SECONDS = 20.0
"""The longest that a photo may take to decode."""

MEGABYTES = 500 + 40 * MAX_MEGAPIXELS
"""Of memory that a helper may have: up to 29 bytes a pixel (a WebP with transparency), and some 250 for itself."""

Work = Literal["decode", "measure"]


# ---- the server's side ----------------------------------------------------------------------------------------------


class Helper:
    """A process that decodes one photo after another, each within so many seconds, and ends with its parent."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        command = [sys.executable, "-m", "bgdemo.page.decoding", str(seconds)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, work: Work, path: Path) -> tuple[dict[str, Any], list[Pixels]]:
        """The answer about the file `path`, and the bytes that came with it.

        Raises any error if the helper ended before it had answered, or was ended because it took too long.
        """
        timer = threading.Timer(self._seconds, self.process.kill)
        timer.start()
        try:
            assert self.process.stdin and self.process.stdout
            self.process.stdin.write(json.dumps([work, str(path)]).encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            return answer, [_read(self.process.stdout, count) for count in answer["bytes"]]
        finally:
            timer.cancel()

    def end(self) -> int:
        """End the process, whatever it is at, and return its exit status."""
        self.process.kill()
        self.process.communicate()
        return self.process.returncode


class Decoders:
    """So many helpers, which start when they are first needed, and are replaced when they end."""

    def __init__(self, count: int = 2, seconds: float = SECONDS) -> None:
        self.count = count
        self._seconds = seconds
        # The one that worked last is asked first: the others' memory may rest.
        self._idle: queue.LifoQueue[Helper | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def start(self) -> None:
        """Start all helpers: they are ready within a second."""
        for helper in [self._take() for _ in range(self.count)]:
            self._idle.put(helper)

    def end(self) -> None:
        """End all helpers, once they have done what they are at."""
        for helper in [self._idle.get() for _ in range(self.count)]:
            if helper:
                helper.end()
            self._idle.put(None)

    def decode(self, path: str | os.PathLike[str]) -> Photo:
        """As `bgdemo.decode.decode`; a file that a helper cannot cope with raises UserError, too."""
        answer, (rgb, alpha, profile) = self._ask("decode", path)
        width, height = answer["size"]
        dpi = answer["dpi"]
        return Photo(
            rgb.reshape(height, width, 3),
            alpha.reshape(height, width) if alpha.size else None,
            Metadata(profile.tobytes() or None, dpi and tuple(dpi)),
            tuple(answer["notes"]),
        )

    def measure(self, path: str | os.PathLike[str]) -> tuple[int, int]:
        """As `bgdemo.decode.measure`; a file that a helper cannot cope with raises UserError, too."""
        width, height = self._ask("measure", path)[0]["size"]
        return width, height

    def _ask(self, work: Work, path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[Pixels]]:
        helper = self._take()
        try:
            answer, blocks = helper.ask(work, Path(path).absolute())
        except Exception as error:
            log.warning("a helper that should %s a photo ended with status %d", work, helper.end())
            helper = Helper(self._seconds)
            raise UserError("error.not_opened") from error
        finally:
            self._idle.put(helper)
        if key := answer.get("error"):
            raise UserError(key, **answer["params"])
        return answer, blocks

    def _take(self) -> Helper:
        """A helper that nobody else will ask until it is put back."""
        helper = self._idle.get()
        if helper and helper.process.poll() is not None:
            helper.end()
            helper = None
        return helper or Helper(self._seconds)


def _read(stream: IO[bytes], count: int) -> Pixels:
    block = np.empty(count, np.uint8)
    if stream.readinto(block) != count:  # type: ignore[attr-defined]  # of every buffered stream
        raise EOFError
    block.flags.writeable = False  # as those of a photo that was decoded here
    return block


DECODERS = Decoders()
"""Those of this server."""

atexit.register(DECODERS.end)

decode, measure = DECODERS.decode, DECODERS.measure


# ---- the helper's side ----------------------------------------------------------------------------------------------


def main(seconds: float) -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    _widen(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    _limit()
    for line in sys.stdin.buffer:
        work, path = json.loads(line)
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, seconds)  # its signal ends even what nobody waits for any more
        answer, blocks = _answer(work, Path(path))
        head = {**answer, "bytes": [len(block) for block in blocks]}
        answers.write(json.dumps(head).encode() + b"\n")
        for block in blocks:
            answers.write(block)
        answers.flush()
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)


def _widen(pipe: int) -> None:
    """Let the pipe hold more at once: on a busy machine the two ends seldom run at the same time."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def _limit() -> None:
    """Bound what this process may take from others, and have it end without a word when the server does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server, which ends this process
    if sys.platform == "win32":
        return
    import resource

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Not the address space, which threads and libraries reserve without using it.
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 1_000_000,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # nobody's photo is written into one
    with suppress(OSError):  # where there is such a file, the first to go when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000")


def _answer(work: Work, path: Path) -> tuple[dict[str, Any], Sequence[bytes | memoryview]]:
    """What is said of the photo, and the bytes of it; any other error than a UserError ends this process."""
    try:
        if work == "measure":
            return {"size": here.measure(path)}, ()
        photo = here.decode(path)
    except UserError as error:
        return {"error": error.key, "params": {name: _plain(value) for name, value in error.params.items()}}, ()
    said = {"size": photo.size, "dpi": photo.metadata.dpi, "notes": photo.notes}
    planes = [
        b"" if plane is None else np.ascontiguousarray(plane).data.cast("B") for plane in (photo.rgb, photo.alpha)
    ]
    return said, [*planes, photo.metadata.icc_profile or b""]


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    main(float(sys.argv[1]))
