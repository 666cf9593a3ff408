"""What all visitors share is lent first come, first served, and never twice."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
