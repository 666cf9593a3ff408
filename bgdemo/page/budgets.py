"""What all visitors share, lent in turn: the networks, and memory for full-size pictures."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from bisect import insort
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bgdemo.errors import UserError
from bgdemo.settings import MAX_LINE


@dataclass(eq=False, slots=True)
class Ticket:
    """A request for `amount` of a budget, granted in its turn; `release` gives it back, or leaves the line."""

    budget: Budget
    amount: float
    owner: Hashable
    place: tuple[float, int]
    granted: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)

    def release(self) -> None:
        """Give back what was granted, or leave the line. Doing it twice changes nothing."""
        self.budget._release(self)


class Budget:
    """So much of something at once, for everybody together, lent to its owners in turn.

    Who asks for more than there is in all gets it when nobody else has any. It belongs to one event loop, and whoever
    waits takes no thread. `seconds` is how long a grant is held, about, until that was measured; `longest` is how many
    owners may wait, so that the many requests of one shut nobody out.

    Start-time fair queuing (Goyal, Vin and Cheng 1996): an owner's requests have turns one after another, which begin
    with the one that is being served. So many of one owner wait behind one of another, and who comes next waits for
    what is under way alone. Whenever somebody is overtaken the turn that newcomers begin with moves on by half a one,
    up to that of the overtaken, so that a stream of newcomers keeps nobody waiting for ever.
    """

    def __init__(self, capacity: float, seconds: float = 1.0, longest: int = MAX_LINE) -> None:
        self.capacity = capacity
        self.longest = longest
        self._seconds = seconds
        self._held: list[Ticket] = []
        self._line: list[Ticket] = []
        self._turn = 0.0
        self._served: dict[Hashable, float] = {}
        self._numbers = itertools.count()

    def request(self, amount: float = 1, owner: Hashable = None) -> Ticket:
        """Join the line, as one of several requests of `owner` if there is one.

        Raises UserError("error.busy") if it is as long as it may be, with the seconds until half of it will be served.
        """
        waiting = {one.owner or one for one in self._line}
        if len(waiting) >= self.longest and owner not in waiting:
            raise UserError("error.busy", seconds=math.ceil(max(5.0, self._seconds_of(self._line) / 2)))
        place = self._next_turn(owner), next(self._numbers)
        ticket = Ticket(self, min(amount, self.capacity), owner, place, asyncio.get_running_loop().create_future())
        insort(self._line, ticket, key=_place)
        self._grant()
        return ticket

    @asynccontextmanager
    async def held(
        self, amount: float = 1, owner: Hashable = None, waits: Callable[[Ticket], None] = lambda ticket: None
    ) -> AsyncIterator[None]:
        """Wait for `amount`, and hold it for the block; `waits` is given the ticket.

        Raises UserError("error.busy") as `request` does.
        """
        ticket = self.request(amount, owner)
        waits(ticket)
        try:
            await ticket.granted
            yield
        finally:
            ticket.release()

    @property
    def waiting(self) -> tuple[int, float]:
        """How many wait, and about how many seconds whoever came now would."""
        return len(self._line), self._seconds_of([*self._held, *self._line])

    def before(self, ticket: Ticket) -> tuple[int, float]:
        """How many come before `ticket`, and about how many seconds they will take."""
        if ticket not in self._line:
            return 0, 0.0
        ahead = [*self._held, *self._line[: self._line.index(ticket)]]
        return len(ahead), self._seconds_of(ahead)

    def _seconds_of(self, tickets: list[Ticket]) -> float:
        """About how long it takes to serve them."""
        if not tickets:
            return 0.0
        at_once = max(1.0, self.capacity * len(tickets) / max(sum(one.amount for one in tickets), 1e-9))
        return max(1.0, len(tickets) / at_once) * self._seconds

    def _next_turn(self, owner: Hashable) -> float:
        if owner is None:
            return self._turn
        own = [ticket.place[0] for ticket in self._line if ticket.owner == owner]
        last = max([*own, self._served.get(owner, -math.inf)])
        return max(self._turn, last + 1)

    def _grant(self) -> None:
        """Serve the line in order: who needs much is not overtaken by those who need little."""
        while self._line and self._line[0].amount <= self.capacity - sum(one.amount for one in self._held) + 1e-6:
            ticket = self._line.pop(0)
            turn, number = ticket.place
            self._turn = max(self._turn, turn)
            if earliest := min((one.place for one in self._line if one.place[1] < number), key=_number, default=None):
                self._turn = max(self._turn, min(self._turn + 0.5, earliest[0]))
            self._serve(ticket)

    def _serve(self, ticket: Ticket) -> None:
        ticket.since = time.monotonic()
        self._held.append(ticket)
        if ticket.owner is not None:
            self._served[ticket.owner] = ticket.place[0]
        # Whose last turn is over for long is nobody to remember.
        self._served = {owner: turn for owner, turn in self._served.items() if turn + 1 > self._turn}
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
        if not self._held and not self._line:
            self._served.clear()


def _place(ticket: Ticket) -> tuple[float, int]:
    return ticket.place


def _number(place: tuple[float, int]) -> int:
    return place[1]
