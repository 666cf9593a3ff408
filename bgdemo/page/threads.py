"""Blocking work in threads, by lanes, and no longer than the settings allow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from bgdemo.errors import UserError
from bgdemo.matte.segmentation import Stop
from bgdemo.memory import release_memory
from bgdemo.page.stages import Lane
from bgdemo.settings import JOB_SECONDS

Result = TypeVar("Result")


class Run(Protocol):
    """How blocking work of a lane is run."""

    def __call__(self, work: Callable[[], Result], lane: Lane) -> Awaitable[Result]:
        """The result of `work`."""


COUNTS: dict[Lane, int] = {"screen": 4, "networks": 2, "full_size": 16, "downloads": 32}


class Threads:
    """Blocking work in threads: what is shown on a screen never waits for a thread that does long work."""

    def __init__(self) -> None:
        self._pools = {lane: ThreadPoolExecutor(count, lane) for lane, count in COUNTS.items()}

    async def __call__(self, work: Callable[[], Result], lane: Lane) -> Result:
        """Run `work`; full-size pictures leave nothing behind."""

        def tidily() -> Result:
            try:
                return work()
            finally:
                release_memory()

        pool = self._pools[lane]
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, tidily if lane == "full_size" else work)
        except asyncio.CancelledError:
            if pool is self._pools[lane]:  # a thread that hangs takes nobody's place
                self._pools[lane] = ThreadPoolExecutor(COUNTS[lane], lane)
                pool.shutdown(wait=False)
            raise


async def in_time(
    run: Callable[[Callable[[], Result]], Awaitable[Result]], work: Callable[[], Result], stop: Stop
) -> Result:
    """The result of `work`, which `run` runs in a thread; `stop` ends a network in it.

    What takes longer than the settings allow is stopped, or, where that cannot be, no longer waited for. Raises
    UserError("error.took_too_long") then.
    """

    def stoppable() -> Result:
        with stop:
            return work()

    try:
        async with asyncio.timeout(JOB_SECONDS) as limit:
            return await run(stoppable)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise UserError("error.took_too_long") from error
    finally:
        stop.set()  # nobody waits for it any more
