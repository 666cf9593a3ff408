"""Many photos with one recipe: each on its own, as many at once as there are hands, the results as they finish."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Unpack

from bgdemo.decode import Source, read
from bgdemo.errors import UserError
from bgdemo.pipeline import make_file, say_printed
from bgdemo.recipes import Recipe
from bgdemo.words import Options, recipe_of

log = logging.getLogger(__name__)

HANDS = 2
"""Threads of this process: while the networks work on one photo, another is decoded, finished or encoded."""

PER_HAND = 2
"""Photos under way for each worker of an executor: one at work, and one more so that none has to wait for the next."""

UNKNOWN_HANDS = 4
"""Workers that an executor is taken to have if it does not say how many there are."""

_turn = threading.Lock()
"""One photo at a time has the networks of a process: they use every core, and two at once take longer than in turn."""

_Done = tuple[bytes | None, UserError | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one photo: the bytes of its file, or the error that tells why there are none.

    `source` is what was given for it. `notes` are English sentences on what one should know of the result. Where the
    program is at fault, the `__cause__` of the error is what was raised, as far as it comes from this process.
    """

    source: Source
    data: bytes | None = field(repr=False)
    error: UserError | None = None
    notes: tuple[str, ...] = ()


def remove_many(
    sources: Iterable[Source], executor: Executor | None = None, **options: Unpack[Options]
) -> Iterator[Result]:
    """As `remove_to_file` for each of `sources`, which may be endless: their results, one by one, as they finish.

    No photo ends the others: what is wrong with one is the `error` of its result, and a fault of the program is logged.
    Only so many photos are under way, or done and not yet fetched, as keep everybody at work, so memory does not grow
    with their number, and whoever fetches slowly is waited for. Closing the generator gives up what did not begin.

    Without an `executor` it is this process that works. Any other gets the bytes of each photo and the recipe, two
    photos for each of its workers at a time (those of a pool of `concurrent.futures`, the threads of a Dask cluster;
    else it is taken to have four). A process loads the networks once and uses them for one photo at a time. The
    executor stays open. A photo whose worker died, and that the executor gave up, has that as its error.

    Raises UserError and TypeError for wrong options at once, and whatever `sources` raise when they are read.
    """
    if isinstance(sources, str | bytes):
        raise TypeError("remove_many needs several photos: [source] for one")
    return _results(iter(sources), executor, recipe_of(options))


def _results(sources: Iterator[Source], executor: Executor | None, recipe: Recipe) -> Iterator[Result]:
    under_way: dict[Future[_Done], Source] = {}
    with ExitStack() as stack:
        local = executor is None
        pool = executor or stack.enter_context(ThreadPoolExecutor(HANDS, "batch"))
        stack.callback(lambda: [future.cancel() for future in under_way])
        while True:
            for source in islice(sources, max(0, PER_HAND * _hands(pool) - len(under_way))):
                under_way[_begun(pool, source, recipe, local)] = source
            if not under_way:
                return
            done = wait(under_way, return_when=FIRST_COMPLETED).done
            first = next(future for future in under_way if future in done)
            yield Result(under_way.pop(first), *_outcome(first))


def _hands(executor: Executor) -> int:
    """How many photos `executor` works on at once, now: workers of a Dask cluster come and go."""
    if client := getattr(executor, "_client", None):
        return int(max(1, sum(client.nthreads().values())))
    return int(getattr(executor, "_max_workers", UNKNOWN_HANDS))


def _begun(executor: Executor, source: Source, recipe: Recipe, local: bool) -> Future[_Done]:
    """The work on one photo. Who may be on another machine gets what is in the file in place of its path."""
    try:
        if not local and isinstance(source, str | os.PathLike):
            source = read(Path(source))
        return executor.submit(_work, source, recipe)
    except Exception as error:
        failed: Future[_Done] = Future()
        failed.set_exception(error)
        return failed


def _work(source: Source, recipe: Recipe) -> _Done:
    """What a worker does, in whatever process. Everything on its way there and back can be pickled."""
    try:
        data, told, printed = make_file(source, recipe, _turn)
    except UserError as error:
        return None, error, ()
    except Exception as fault:
        log.error("a photo met a fault of the program", exc_info=fault)
        return None, _because_of(fault, "error.fault"), ()
    return data, None, (*told, *([say_printed(printed, "en")] if printed else []))


def _outcome(future: Future[_Done]) -> _Done:
    """`_work` itself raises nothing, so what is raised comes from who should have done it, or from the way there."""
    if future.cancelled():
        return None, UserError("error.lost"), ()
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, UserError):
        return None, error, ()
    log.error("a photo was lost", exc_info=error)
    return None, _because_of(error, "error.lost"), ()


def _because_of(cause: BaseException, key: str) -> UserError:
    """The sentence `key`, with what led to it as its `__cause__`; on its way from another process it loses that."""
    error = UserError(key)
    error.__cause__ = cause
    return error
