"""What all visits share: the networks, the threads, memory and disk."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from bgdemo.errors import UserError
from bgdemo.page.budgets import Budget
from bgdemo.page.files import Disk
from bgdemo.page.threads import Result, Run, Threads
from bgdemo.settings import MAX_WORK_MEGAPIXELS

BUSY = 10
"""Seconds after which one for whose photo there is no memory asks again."""


class Holder(Protocol):
    """Who holds something in memory."""

    @property
    def nbytes(self) -> int:
        """How much that is."""


@dataclass(eq=False)
class Shared:
    """What all visits share: one network at a time (two at once are slower), and memory for full-size pictures.

    `work` are megapixels of photos that go their whole way at once, see `work.make`.
    """

    networks: Budget = field(default_factory=lambda: Budget(1, seconds=2.0))
    full_size: Budget = field(default_factory=lambda: Budget(100, seconds=1.0))
    run: Run = field(default_factory=Threads)
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK_MEGAPIXELS / 2, seconds=3.0))
    disk: Disk = field(default_factory=Disk)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0
    visits: WeakSet[Holder] = field(default_factory=WeakSet)

    @property
    def nbytes(self) -> int:
        """What all visits hold in memory."""
        return sum(visit.nbytes for visit in self.visits)

    async def until_stopped(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What `work` gives. Raises UserError("error.stopping") once the server is being stopped."""
        call, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self.stopping.wait())
        self.calls += 1
        try:
            await asyncio.wait({call, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise UserError("error.stopping")
            return call.result()
        finally:
            call.cancel()
            stopping.cancel()
            self.calls -= 1
