"""What all visitors share is lent first come, first served, and never twice."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.errors import UserError
from bgdemo.page import budgets
from bgdemo.page.budgets import Budget, Ticket


def on_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def whole() -> None:
            await test(*args, **kwargs)

        asyncio.run(whole())

    return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The seconds that the budgets read; a test sets them."""
    clock = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
    return clock


def granted(*tickets: Ticket) -> list[bool]:
    return [ticket.granted.done() and not ticket.granted.cancelled() for ticket in tickets]


@on_a_loop
async def test_who_came_first_is_served_first() -> None:
    budget = Budget(1)
    first, second, third = (budget.request() for _ in range(3))
    assert granted(first, second, third) == [True, False, False]
    first.release()
    assert granted(second, third) == [True, False]
    second.release()
    assert granted(third) == [True]


@on_a_loop
async def test_as_many_are_served_at_once_as_there_is_enough_for() -> None:
    budget = Budget(100)
    tickets = [budget.request(amount) for amount in (40, 12, 48, 1)]
    assert granted(*tickets) == [True, True, True, False]
    tickets[1].release()
    assert granted(*tickets) == [True, True, True, True]


@on_a_loop
async def test_who_needs_much_is_not_overtaken_by_those_who_need_little() -> None:
    budget = Budget(100)
    held, much, little = (budget.request(amount) for amount in (50, 60, 1))
    assert granted(much, little) == [False, False]
    held.release()
    assert granted(much, little) == [True, True]


@on_a_loop
async def test_more_than_there_is_in_all_is_granted_to_one_who_is_alone() -> None:
    budget = Budget(100)
    little, too_much, next_one = (budget.request(amount) for amount in (1, 250, 1))
    assert granted(too_much) == [False]
    little.release()
    assert granted(too_much, next_one) == [True, False]
    too_much.release()
    assert granted(next_one) == [True]


@on_a_loop
async def test_giving_back_twice_gives_back_once() -> None:
    budget = Budget(1)
    first, second, third = (budget.request() for _ in range(3))
    first.release()
    first.release()
    assert granted(second, third) == [True, False]


@on_a_loop
async def test_who_leaves_the_line_is_not_waited_for() -> None:
    budget = Budget(100)
    held, much, little = (budget.request(amount) for amount in (50, 60, 1))
    much.release()
    assert granted(little) == [True]
    assert much.granted.cancelled()
    held.release()
    little.release()
    assert granted(budget.request(100)) == [True]


@on_a_loop
async def test_a_block_holds_what_it_asked_for_and_gives_it_back_even_after_an_error() -> None:
    budget = Budget(1)
    with pytest.raises(ZeroDivisionError):
        async with budget.held():
            waiting = budget.request()
            assert granted(waiting) == [False]
            raise ZeroDivisionError
    assert granted(waiting) == [True]


@pytest.mark.parametrize("freed_first", [False, True])
def test_a_task_that_is_cancelled_in_line_holds_nothing(freed_first: bool) -> None:
    """Even if its turn came in the same moment, before it could notice."""

    @on_a_loop
    async def scenario() -> None:
        budget = Budget(1)
        entered = []

        async def visitor() -> None:
            async with budget.held():
                entered.append("cancelled visitor")

        holder = budget.request()
        waiting = asyncio.create_task(visitor())
        await asyncio.sleep(0)
        behind = budget.request()
        if freed_first:
            holder.release()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert not entered
        holder.release()
        assert granted(behind) == [True]

    scenario()


@on_a_loop
async def test_who_waits_is_told_how_many_come_first_and_for_how_long() -> None:
    line = Budget(1, seconds=2.0)
    tickets = [line.request() for _ in range(4)]
    assert [line.before(ticket) for ticket in tickets] == [(0, 0.0), (1, 2.0), (2, 4.0), (3, 6.0)]
    tickets[1].release()
    assert [line.before(ticket) for ticket in tickets[2:]] == [(1, 2.0), (2, 4.0)]
    assert line.before(tickets[1]) == (0, 0.0)


@on_a_loop
async def test_what_is_done_side_by_side_is_waited_for_once() -> None:
    memory = Budget(100, seconds=1.0)
    tickets = [memory.request(25) for _ in range(9)]
    assert memory.before(tickets[4]) == (4, 1.0)
    assert memory.before(tickets[8]) == (8, 2.0)


@on_a_loop
async def test_the_seconds_are_learned_from_those_that_were_served(clock: SimpleNamespace) -> None:
    budget = Budget(1, seconds=2.0)
    first, second, third = (budget.request() for _ in range(3))
    clock.seconds = 12.0
    first.release()
    _, seconds = budget.before(third)
    assert 2.0 < seconds < 12.0
    clock.seconds = 13.0
    second.release()
    _, later = budget.before(budget.request())
    assert 1.0 < later < seconds


# ---- a line with an end --------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_line_that_is_full_refuses_with_the_seconds_after_which_there_is_room() -> None:
    line = Budget(1, seconds=8.0, longest=4)
    holder = line.request()
    waiting = [line.request() for _ in range(4)]
    with pytest.raises(UserError) as refused:
        line.request()
    assert (refused.value.key, refused.value.params) == ("error.busy", {"seconds": 16})
    holder.release()
    assert granted(line.request(), *waiting) == [False, True, False, False, False]


@on_a_loop
async def test_where_nobody_waits_nobody_is_refused() -> None:
    memory = Budget(100, longest=1)
    assert granted(*(memory.request(10) for _ in range(10))) == [True] * 10


@on_a_loop
async def test_many_requests_of_one_owner_shut_nobody_out() -> None:
    line = Budget(1, longest=2)
    batch = [line.request(owner="batch") for _ in range(50)]
    newcomer = line.request()
    with pytest.raises(UserError):
        line.request()
    batch.append(line.request(owner="batch"))
    batch[0].release()
    assert granted(newcomer) == [True]


# ---- in turn -------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_batch_keeps_a_newcomer_waiting_for_the_photo_under_way_alone() -> None:
    line = Budget(1)
    batch = [line.request(owner="batch") for _ in range(200)]
    batch[0].release()
    newcomer, other = line.request(owner="newcomer"), line.request()
    assert (line.before(newcomer)[0], line.before(other)[0]) == (1, 2)
    batch[1].release()
    assert granted(newcomer, batch[2]) == [True, False]
    newcomer.release()
    assert granted(other) == [True]
    other.release()
    assert granted(batch[2]) == [True]


@on_a_loop
async def test_a_batch_that_always_has_the_next_photo_in_line_takes_turns_with_another() -> None:
    line = Budget(1)
    served: list[str] = []
    waiting = [line.request(owner="first"), line.request(owner="first")]
    waiting += [line.request(owner="second"), line.request(owner="second")]
    for _ in range(10):
        [ticket] = [ticket for ticket in waiting if ticket.granted.done()]
        waiting.remove(ticket)
        waiting.append(line.request(owner=ticket.owner))
        served.append(str(ticket.owner))
        ticket.release()
    assert served == ["first", "second"] * 5


@on_a_loop
async def test_a_stream_of_newcomers_keeps_nobody_waiting_for_ever() -> None:
    line = Budget(1)
    first, second = line.request(owner="visitor"), line.request(owner="visitor")
    newcomers = [line.request() for _ in range(3)]
    first.release()
    while not second.granted.done() and len(newcomers) < 100:
        newcomers.append(line.request())
        next(ticket for ticket in newcomers if ticket.granted.done() and ticket in line._held).release()
    assert len(newcomers) <= 10


@on_a_loop
async def test_who_left_the_line_has_lost_no_turn() -> None:
    line = Budget(1)
    holder = line.request(owner="another")
    for _ in range(5):
        line.request(owner="visitor").release()
    back, later = line.request(owner="visitor"), line.request()
    holder.release()
    assert granted(back, later) == [True, False]


@on_a_loop
async def test_nothing_is_kept_of_owners_who_are_gone() -> None:
    line = Budget(1)
    for name in range(100):
        line.request(owner=name).release()
    assert not line._served
    batch = [line.request(owner="batch") for _ in range(20)]
    others = [line.request(owner=name) for name in range(20)]
    for ticket in (*batch, *others):
        ticket.release()
    assert not line._served and not line._line and not line._held


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 120), st.booleans()), max_size=60))
def test_every_ticket_is_granted_after_so_many_others_at_most(steps: list[tuple[int, int, bool]]) -> None:
    """Each step is a request of an owner, 0 being nobody's, and perhaps the end of what was granted first."""

    @on_a_loop
    async def scenario() -> None:
        budget = Budget(100)
        others_first: dict[Ticket, int] = {}
        own_first: dict[Ticket, int] = {}
        seen: set[Ticket] = set()
        most = 0

        def take_down() -> None:
            nonlocal most
            fresh = [ticket for ticket in budget._held if ticket not in seen]
            seen.update(fresh)
            for ticket in budget._line:
                others_first[ticket] += len(fresh)
            most = max(most, len(budget._line) + len(budget._held))

        for owner, amount, ends in steps:
            own = sum(one.owner == owner for one in (*budget._line, *budget._held)) if owner else 0
            ticket = budget.request(amount, owner or None)
            others_first[ticket], own_first[ticket] = 0, own
            take_down()
            if ends and budget._held:
                budget._held[0].release()
                take_down()
        while budget._held:
            budget._held[0].release()
            take_down()
        assert seen == others_first.keys()
        for ticket, count in others_first.items():
            assert count <= most * (2 * own_first[ticket] + 3)

    scenario()


@given(st.lists(st.integers(1, 150).map(float) | st.integers(-20, -1), max_size=40))
def test_whatever_happens_nobody_overtakes_and_no_more_is_lent_than_there_is(steps: list[float]) -> None:
    """A number above zero asks for that much; one below has the holder or waiter of that number from the end leave."""

    @on_a_loop
    async def scenario() -> None:
        budget = Budget(100)
        asked: list[tuple[float, Ticket]] = []
        left: list[Ticket] = []

        def check() -> None:
            here = [(amount, ticket) for amount, ticket in asked if ticket not in left]
            served = [amount for amount, ticket in here if ticket.granted.done()]
            waiting = [amount for amount, ticket in here if not ticket.granted.done()]
            assert sum(served) <= 100 or len(served) == 1
            assert [ticket.granted.done() for _, ticket in here] == [True] * len(served) + [False] * len(waiting)
            if waiting:
                assert served, "somebody waits for nothing"
                assert sum(served) + waiting[0] > 100, "somebody waits for what there is"

        for step in steps:
            if step > 0:
                asked.append((step, budget.request(step)))
            elif -step <= len(asked):
                ticket = asked[int(step)][1]
                ticket.release()
                left.append(ticket)
            check()
        for _, ticket in asked:  # in the end everybody who stays has had their turn
            assert ticket in left or ticket.granted.done()
            ticket.release()
            left.append(ticket)
            check()

    scenario()
