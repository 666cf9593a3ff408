"""What all visitors share, lent first come, first served: the networks, and memory for full-size pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Ticket:
    """A request for `amount` of a budget, granted in its turn; `release` gives it back, or leaves the line."""

    budget: Budget
    amount: float
    granted: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)

    def release(self) -> None:
        """Give back what was granted, or leave the line. Doing it twice changes nothing."""
        self.budget._release(self)


class Budget:
    """So much of something at once, for everybody together.

    Who asks for more than there is in all gets it when nobody else has any. It belongs to one event loop, and whoever
    waits takes no thread. `seconds` is how long a grant is held, about, until that was measured.
    """

    def __init__(self, capacity: float, seconds: float = 1.0) -> None:
        self.capacity = capacity
        self._seconds = seconds
        self._held: list[Ticket] = []
        self._line: list[Ticket] = []

    def request(self, amount: float = 1, owner: Hashable = None) -> Ticket:
        """Join the line."""
        ticket = Ticket(self, min(amount, self.capacity), asyncio.get_running_loop().create_future())
        self._line.append(ticket)
        self._grant()
        return ticket

    @asynccontextmanager
    async def held(
        self, amount: float = 1, owner: Hashable = None, waits: Callable[[Ticket], None] = lambda ticket: None
    ) -> AsyncIterator[None]:
        """Wait for `amount`, and hold it for the block; `waits` is given the ticket."""
        ticket = self.request(amount, owner)
        waits(ticket)
        try:
            await ticket.granted
            yield
        finally:
            ticket.release()

    def before(self, ticket: Ticket) -> tuple[int, float]:
        """How many come before `ticket`, and about how many seconds they will take."""
        if ticket not in self._line:
            return 0, 0.0
        ahead = [*self._held, *self._line[: self._line.index(ticket)]]
        at_once = max(1.0, self.capacity * len(ahead) / max(sum(one.amount for one in ahead), 1e-9))
        return len(ahead), max(1.0, len(ahead) / at_once) * self._seconds

    def _grant(self) -> None:
        """Serve the line in order: who needs much is not overtaken by those who need little."""
        while self._line and self._line[0].amount <= self.capacity - sum(one.amount for one in self._held) + 1e-6:
            ticket = self._line.pop(0)
            ticket.since = time.monotonic()
            self._held.append(ticket)
            if not ticket.granted.done():  # else its task was cancelled, and will release it
                ticket.granted.set_result(None)

    def _release(self, ticket: Ticket) -> None:
        if ticket in self._held:
            self._held.remove(ticket)
            self._seconds += 0.3 * (time.monotonic() - ticket.since - self._seconds)
        elif ticket in self._line:
            self._line.remove(ticket)
            ticket.granted.cancel()
        self._grant()
