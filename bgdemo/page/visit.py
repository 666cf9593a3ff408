"""One visit, one writer: the page's messages say what is wanted, and one worker makes the newest of it true.

Latest-wins reconciliation: the worker compares what is wanted with what is done, does the next task, and looks again.
Messages only replace what is wanted, and return at once. Who follows the visit is given the newest `ViewState`, whole.
Everything here runs on the event loop; only the tasks themselves run in threads.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

from bgdemo.errors import UserError
from bgdemo.matte.segmentation import Stop
from bgdemo.page.batch import Batch
from bgdemo.page.budgets import Budget, Ticket
from bgdemo.page.files import Folder, delete_older, uploaded
from bgdemo.page.plan import plan
from bgdemo.page.results import Done, Results, Task
from bgdemo.page.screen import IDLE, Progress, ViewState, view
from bgdemo.page.stages import STAGES, Job, SupersededError, Tools, megapixels
from bgdemo.page.threads import Run, Threads, in_time
from bgdemo.page.wanted import Wanted, wanted_of
from bgdemo.settings import MAX_WORK_MEGAPIXELS

log = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parents[1] / "examples"

POLL = 8.0
"""Seconds that someone who follows a visit waits for news before asking again."""

ABSENCE = 10.0
"""Seconds after which one who follows no more has left: their work rests until they are back."""

OF_THE_MOMENT = frozenset({"error.took_too_long"})
"""Errors of the server's that may be over when the visitor wants something else."""

TOKEN = re.compile(r"[\w-]{22,64}")
"""A tab's token: 128 random bits and more."""


@dataclass(eq=False)
class Shared:
    """What all visits share: one network at a time (two at once are slower), and memory for full-size pictures.

    `work` are megapixels of photos that go their whole way at once, see `work.make`.
    """

    networks: Budget = field(default_factory=lambda: Budget(1, seconds=2.0))
    full_size: Budget = field(default_factory=lambda: Budget(100, seconds=1.0))
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK_MEGAPIXELS / 2, seconds=3.0))
    run: Run = field(default_factory=Threads)


@dataclass(eq=False)
class LongTask:
    """A task that others may come between: it may be waiting for its `ticket`, or be `running`.

    Where the line is too long to join it asks for a ticket again at the time `again`.
    """

    task: Task
    ticket: Ticket | None = None
    again: float | None = None
    running: bool = False
    stop: Stop = field(default_factory=Stop)
    future: asyncio.Task[Results] = field(init=False)

    def abandon(self) -> None:
        """Leave the line, or end: a network at once, and at its next step, unwatched, what cannot be stopped."""
        if self.running:
            self.stop.set()
            self.future.add_done_callback(lambda future: future.exception())
        else:
            self.future.cancel()


class Visit:
    """One tab's photo and choices: the page's messages replace `wanted`, the worker alone `done` and `progress`."""

    def __init__(self, shared: Shared) -> None:
        self.id = secrets.token_urlsafe(9)
        self.wanted = Wanted()
        self.done = Done()
        self.progress = IDLE
        self.revision = 0
        self.view = ViewState()
        self.seen = monotonic()
        self.closed = False
        self._shared = shared
        self._tools = Tools(Folder())
        self.batch = Batch(shared, self._tools.mattes, lambda: self.present)
        self._own_copies: dict[str, Path] = {}
        self._named: set[Path] = set()
        self._worker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._news = asyncio.Event()
        self._followers = 0

    # ---- what the page calls ----

    def want(self, message: Mapping[str, Any]) -> None:
        """Replace what is wanted, unless a later message has already been here."""
        self.seen = monotonic()
        if message["number"] <= self.wanted.number:
            self._wake()
            return
        before = self.wanted
        mistakes: dict[str, UserError] = {}
        photo = self._own_copy(message.get("photo"), "photo", before.photo, mistakes)
        own = self._own_picture(message, mistakes)
        self._named = {path for path in (photo, own) if path}
        wanted = wanted_of(message, before, photo, own)
        self.wanted = replace(wanted, mistakes={**mistakes, **wanted.mistakes})
        self._wake()
        self._tell()

    def want_many(self, message: Mapping[str, Any]) -> None:
        """Replace what is wanted of many photos."""
        self.seen = monotonic()
        self.batch.want(message, self._own_picture(message, {}))

    async def watch_many(self, revision: int) -> dict[str, Any]:
        """What is new of many photos since `revision`, once there is something, or after a while."""
        self._followers += 1
        try:
            return await self.batch.watch(revision)
        finally:
            self._followers -= 1
            self.seen = monotonic()

    async def follow(self, revision: int) -> None:
        """Return when there is news since `revision`, or after a while."""
        self._followers += 1
        self._wake()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    while self.revision <= revision and not self.closed:
                        await self._news.wait()
        finally:
            self._followers -= 1
            self.seen = monotonic()

    @property
    def idle_for(self) -> float:
        """Seconds since the page was last heard of; 0 while somebody follows."""
        return 0.0 if self._followers else monotonic() - self.seen

    @property
    def present(self) -> bool:
        """Whether anybody looks."""
        return not self.closed and self.idle_for < ABSENCE

    def close(self) -> None:
        """Forget everything."""
        self.closed = True
        self._changed.set()
        self._tell()
        self.batch.close()
        self._tools.mattes.delete()
        self._tools.folder.delete()

    def clean(self) -> None:
        """Delete the files that are of no use any more, unless some are just being made."""
        self.batch.clean()
        if self._at_work:
            return
        self._tools.folder.clean(self.done.files() | self._named)
        self._tools.mattes.keep_only(self.batch.photos | self._named)

    # ---- the worker ----

    def _wake(self) -> None:
        """Have the worker look at what is wanted."""
        self._changed.set()
        if not self._at_work and self.present and plan(self.wanted, self._to_try_again()):
            self._worker = asyncio.create_task(self._work())
            self._worker.add_done_callback(self._rest)

    @property
    def _at_work(self) -> bool:
        return bool(self._worker and not self._worker.done())

    def _rest(self, worker: asyncio.Task[None]) -> None:
        if not worker.cancelled() and isinstance(error := worker.exception(), Exception):
            log.error("a visit's worker failed", exc_info=error)
            if task := plan(self.wanted, self.done):  # which it would stumble over again
                self.done = self.done.with_failure(task, error)
                self._tell()
        if self._at_work:  # something else was wanted the moment it had ended
            return
        self._worker = None
        self._tools.photo = None
        if self.closed:
            self._tools.folder.delete()

    async def _work(self) -> None:
        aside: LongTask | None = None
        revision = -1
        try:
            while self.present:
                self._changed.clear()
                if revision != self.wanted.revision:
                    revision = self.wanted.revision
                    self.done = self._to_try_again()
                task = plan(self.wanted, self.done)
                if task and STAGES[task.stage].lane == "screen":
                    self._show(Progress(task))
                    await self._attempt(task, self._perform(task, Stop()))
                    continue
                if aside and aside.future.done():
                    await self._attempt(aside.task, aside.future)
                    aside = None
                    continue
                if aside and aside.task != task and (not aside.running or aside.task.stage == "fetch"):
                    aside.abandon()  # nobody wants any more what it waits for
                    aside = None
                if not aside and not task:
                    break
                if not aside and task:
                    aside = LongTask(task)
                    aside.future = asyncio.create_task(self._perform_in_turn(aside))
                assert aside
                self._show(self._progress_of(aside))
                await self._change_or(aside.future)
        finally:
            if aside:
                aside.abandon()
            self._show(IDLE)

    async def _change_or(self, future: asyncio.Future[Any]) -> None:
        """Wait until something else is wanted or `future` is there, but no longer than the next word about progress."""
        change = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait({change, future}, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
        change.cancel()

    async def _attempt(self, task: Task, work: Awaitable[Results]) -> None:
        """Take the results of `task` into what is done, or the error that it raised."""
        try:
            results = await work
        except SupersededError:
            return
        except Exception as error:
            if not isinstance(error, UserError):
                log.error("%s failed for a visitor", task.stage, exc_info=error)
            self.done = self.done.with_failure(task, error)
        else:
            if task.photo is self.done.photo or (task.stage == "open" and task.of == (self.wanted.photo,)):
                self.done = self.done.with_results(results)
        self._tell()

    async def _perform_in_turn(self, aside: LongTask) -> Results:
        """Do a task when its budget allows."""
        aside.ticket = await self._ticket(aside)
        try:
            if aside.ticket:
                if not aside.ticket.granted.done():
                    self._tools.photo = None  # who waits in line does so without a full-size photo in memory
                await aside.ticket.granted
            aside.running = True
            return await self._perform(aside.task, aside.stop)
        finally:
            if aside.ticket:
                aside.ticket.release()

    async def _ticket(self, aside: LongTask) -> Ticket | None:
        """A place in the line of the task's lane; where that is full, as soon as there is one again."""
        task, shared = aside.task, self._shared
        budget = {"networks": shared.networks, "full_size": shared.full_size}.get(STAGES[task.stage].lane)
        if not budget:
            return None
        amount = megapixels(task) if budget is shared.full_size else 1
        while True:
            try:
                return budget.request(amount, self)
            except UserError as busy:
                self._tools.photo = None
                aside.again = monotonic() + busy.params["seconds"]
                await asyncio.sleep(busy.params["seconds"])

    async def _perform(self, task: Task, stop: Stop) -> Results:
        loop = asyncio.get_running_loop()

        def report(fraction: float) -> None:
            loop.call_soon_threadsafe(show, fraction)

        def show(fraction: float) -> None:
            if self.progress.task == task:
                self._show(self.progress._replace(fraction=fraction))

        def check() -> None:
            moving = self.wanted.live and task.stage == "compose"  # while a slider moves, every picture is shown
            if stop.is_set or self.closed or (plan(self.wanted, self.done) != task and not moving):
                raise SupersededError

        stage, job = STAGES[task.stage], Job(task, self.wanted, self.done, self._tools, check, report)
        if stage.lane == "downloads":
            return await self._shared.run(lambda: stage.run(job), stage.lane)
        return await in_time(lambda work: self._shared.run(work, stage.lane), lambda: stage.run(job), stop)

    def _progress_of(self, aside: LongTask) -> Progress:
        if not aside.ticket and aside.again:
            return Progress(aside.task, seconds=max(0.0, aside.again - monotonic()), refused=True)
        if aside.running or not aside.ticket:
            fraction = self.progress.fraction if self.progress.task == aside.task else None
            return Progress(aside.task, fraction=fraction)
        count, seconds = aside.ticket.budget.before(aside.ticket)
        return Progress(aside.task, count, seconds)

    def _show(self, progress: Progress) -> None:
        self.progress = progress
        self._tell()

    def _tell(self) -> None:
        """Give those who follow the newest view, if it is another one."""
        newest = view(self.wanted, self.done, self.progress)
        if newest != self.view or self.closed:
            self.view = newest
            self.revision += 1
            news, self._news = self._news, asyncio.Event()
            news.set()

    def _to_try_again(self) -> Done:
        """What is done, without the failures that may not happen again: those of the moment, and the unexpected."""
        failures = {
            task: error
            for task, error in self.done.failures.items()
            if isinstance(error, UserError) and error.key not in OF_THE_MOMENT
        }
        return replace(self.done, failures=failures)

    # ---- its files ----

    def _own_picture(self, message: Mapping[str, Any], mistakes: dict[str, UserError]) -> Path | None:
        """This visit's own copy of the picture that `message` wants behind the subject."""
        panel = message.get("look")
        return self._own_copy(panel.get("picture") if isinstance(panel, dict) else None, "picture", None, mistakes)

    def _own_copy(self, named: object, place: str, before: Path | None, mistakes: dict[str, UserError]) -> Path | None:
        """This visit's own copy of the file that the page names; `before` stands in for one that is gone."""
        if not isinstance(named, dict):
            return None
        if example := named.get("example"):
            path = EXAMPLES / Path(str(example)).name
            return path if path.is_file() else before
        if item := named.get("item"):
            return self.batch.path_of(str(item)) or before
        given = str(named.get("path"))
        if (own := self._own_copies.get(given)) and own.exists():
            return own
        try:
            own = self._own_copies[given] = self._tools.folder.adopt(uploaded(given))
        except (FileNotFoundError, PermissionError):
            mistakes[place] = UserError("error.expired")
            return before
        return own


class Visits:
    """Every tab's visit, by the tab's token, for as long as the settings allow."""

    def __init__(self, keep_seconds: float, shared: Shared | None = None) -> None:
        self.shared = shared or Shared()
        self._keep_seconds = keep_seconds
        self._visits: dict[str, Visit] = {}
        self._sweeper: asyncio.Task[None] | None = None
        delete_older(keep_seconds)

    async def want(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the visitor of the tab `message["tab"]` wants from now on; see `wanted_of` for its fields."""
        if not isinstance(message.get("number"), int):
            raise ValueError("a message without its number")
        visit = self._of(message["tab"])
        visit.want(message)
        return {"number": visit.wanted.number}

    async def follow(self, message: dict[str, Any]) -> dict[str, Any]:
        """The view of the tab `message["tab"]` when it is newer than the one that the page has shown.

        The page names that by the id and the revision that came with it. A page that was just loaded, and has shown
        none, is given what it wanted before, too; nothing, if nothing is known of it.
        """
        known = message.get("visit")
        if not known and message.get("tab") not in self._visits:
            return {}
        visit = self._of(message["tab"])
        revision = message.get("revision")
        await visit.follow(revision if known == visit.id and isinstance(revision, int) else -1)
        news = {"visit": visit.id, "revision": visit.revision, "view": visit.view.as_json()}
        return news if known else {**news, "wanted": dict(visit.wanted.message)}

    async def want_many(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the tab `message["tab"]` wants of many photos from now on; see `Batch`."""
        visit = self._of(message["tab"])
        visit.want_many(message)
        return {"number": visit.batch.number}

    async def watch_many(self, message: dict[str, Any]) -> dict[str, Any]:
        """What is new of the tab's many photos; a page that was just loaded is told what was wanted, as by `follow`."""
        known = message.get("batch")
        if not known and message.get("tab") not in self._visits:
            return {}
        visit = self._of(message["tab"])
        revision = message.get("revision")
        news = await visit.watch_many(revision if known == visit.batch.id and isinstance(revision, int) else -1)
        return news if known else {**news, "wanted": dict(visit.batch.message)}

    async def pack(self, message: dict[str, Any]) -> dict[str, Any]:
        """The path of a ZIP with the results of the tab's many photos."""
        return {"file": str(await self._of(message["tab"]).batch.pack())}

    def _of(self, token: object) -> Visit:
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise PermissionError("not a tab's token")
        if token not in self._visits:
            self._visits[token] = Visit(self.shared)
        if not self._sweeper:
            self._sweeper = asyncio.create_task(self._keep_swept())
        return self._visits[token]

    def sweep(self) -> None:
        """Forget the visits that nobody has touched for the time that the settings state."""
        for token, visit in list(self._visits.items()):
            if visit.idle_for > self._keep_seconds * 5 / 6:
                del self._visits[token]
                visit.close()

    def stop(self) -> None:
        """Sweep no more."""
        if self._sweeper:
            self._sweeper.cancel()

    async def _keep_swept(self) -> None:
        while True:
            await asyncio.sleep(min(10.0, self._keep_seconds / 6))
            self.sweep()
            for visit in list(self._visits.values()):
                await asyncio.to_thread(visit.clean)
