"""Work in threads ends in time, or is waited for no longer."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bgdemo.errors import UserError
from bgdemo.matte.segmentation import Stop
from bgdemo.page import threads
from bgdemo.page.threads import COUNTS, Threads, in_time


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What work that hangs waits for: the test's end."""
    event = threading.Event()
    yield event
    event.set()


def test_what_hangs_fails_with_a_sentence_and_takes_nobody_s_thread(
    never: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, stops = Threads(), [Stop() for _ in range(COUNTS["screen"])]

    async def hang(stop: Stop) -> None:
        with pytest.raises(UserError, match="took too long"):
            await in_time(lambda work: run(work, "screen"), never.wait, stop)

    async def scenario() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(threads, "JOB_SECONDS", 0.05)
            await asyncio.gather(*map(hang, stops))
        assert all(stop.is_set for stop in stops)
        assert await in_time(lambda work: run(work, "screen"), lambda: 7, Stop()) == 7

    asyncio.run(scenario())


def test_an_error_of_the_work_s_own_stays_what_it_is() -> None:
    def fail() -> None:
        raise TimeoutError("of a socket")

    with pytest.raises(TimeoutError, match="of a socket"):
        asyncio.run(in_time(asyncio.to_thread, fail, Stop()))


def test_who_waits_no_longer_stops_the_work(never: threading.Event) -> None:
    async def scenario() -> None:
        stop = Stop()
        waiting = asyncio.create_task(in_time(lambda work: Threads()(work, "networks"), never.wait, stop))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled() and stop.is_set

    asyncio.run(scenario())
