"""One visit, one writer: the page's messages say what is wanted, and one worker makes the newest of it true.

Latest-wins reconciliation: the worker compares what is wanted with what is done, does the next task, and looks again.
Messages only replace what is wanted, and return at once. Who follows the visit is given the newest `ViewState`, whole.
Everything here runs on the event loop; only the tasks themselves run in threads.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from bgdemo.errors import UserError
from bgdemo.matte.models import PLATE
from bgdemo.matte.segmentation import Stop
from bgdemo.messages import say
from bgdemo.page.batch import Batch
from bgdemo.page.budgets import Ticket
from bgdemo.page.files import Folder, of_a_full_disk, uploaded
from bgdemo.page.mattes import MatteStore
from bgdemo.page.plan import COMPARED, plan
from bgdemo.page.results import Done, Results, Task
from bgdemo.page.screen import IDLE, Progress, ViewState, view
from bgdemo.page.shared import BUSY, Shared
from bgdemo.page.stages import STAGES, Job, SupersededError, Tools, megapixels
from bgdemo.page.swap import Swapped, swap_out
from bgdemo.page.threads import in_time
from bgdemo.page.wanted import Wanted, wanted_of
from bgdemo.pipeline import predictions
from bgdemo.settings import VISITOR_MEGABYTES, VISITORS_MEGABYTES

log = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parents[1] / "examples"

POLL = 8.0
"""Seconds that someone who follows a visit waits for news before asking again."""

LONGEST_TURN = 15.0
"""Seconds that one keeps the networks between two of them."""

ABSENCE = 10.0
"""Seconds after which one who follows no more has left: their work rests until they are back."""

VISIT_BYTES = 100_000
"""What a visit takes at least, about, and so the measure of how many there may be."""

OF_THE_MOMENT = frozenset({"error.took_too_long", "error.disk_full"})
"""Errors of the server's that may be over when the visitor wants something else."""


@dataclass(eq=False)
class LongTask:
    """A task that others may come between: it may be waiting for its `ticket`, or be `running`.

    Where the line is too long to join it asks for a ticket again at the time `again`.
    """

    task: Task
    ticket: Ticket | None = None
    again: float | None = None
    running: bool = False
    abandoned: bool = False
    stop: Stop = field(default_factory=Stop)
    future: asyncio.Task[Results] = field(init=False)

    def abandon(self) -> None:
        """Leave the line, or end: a network at once, and at its next step, unwatched, what cannot be stopped."""
        self.abandoned = True
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
        self._tools = Tools(Folder(shared.disk), MatteStore(Folder(shared.disk)))
        self.batch = Batch(shared, self._tools.mattes, lambda: self.present)
        self._own_copies: dict[str, Path] = {}
        self._named: set[Path] = set()
        self._turn: Ticket | None = None
        self._worker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._news = asyncio.Event()
        self._followers = 0
        self._swapped: Swapped | None = None
        shared.visits.add(self)

    # ---- what the page calls ----

    def want(self, message: Mapping[str, Any]) -> None:
        """Replace what is wanted, unless a later message has already been here."""
        self.seen = monotonic()
        self._be_back()
        if message["number"] <= self.wanted.number:
            self._wake()
            return
        before = self.wanted
        mistakes: dict[str, UserError] = {}
        photo = self._own_copy(message.get("photo"), "photo", before.photo, mistakes)
        own = self._own_picture(message, mistakes)
        plate = self._own_copy(message.get("plate"), "plate", None, mistakes)
        self._named = {path for path in (photo, own, plate) if path}
        wanted = wanted_of(message, before, photo, own, plate)
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
        self._be_back()
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
        return not self.closed and not self._shared.stopping.is_set() and self.idle_for < ABSENCE

    def halt(self) -> None:
        """Work no more, and say so: the server is being stopped."""
        self.batch.rest()
        self._changed.set()
        self._tell()

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
        self._tools.folder.touch()
        if self._at_work:
            return
        files = self._swapped.files if self._swapped else self.done.files()
        self._tools.folder.clean(files | self._named)

    @property
    def nbytes(self) -> int:
        """About what it holds in memory."""
        return VISIT_BYTES + self.done.nbytes

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits for anything of it."""
        return not self._at_work and not self._followers

    async def rest(self) -> None:
        """Keep what is done on disk until somebody asks for anything."""
        done = self.done
        if not self.at_rest or not done.nbytes:
            return
        try:
            swapped = await asyncio.to_thread(swap_out, done, self._tools.folder)
        except (OSError, UserError):  # closed meanwhile, or there is no room
            return
        if self.at_rest and self.done is done:
            self._swapped, self.done = swapped, Done()
        else:
            swapped.delete()

    def _be_back(self) -> None:
        if self._swapped:
            swapped, self._swapped = self._swapped, None
            self.done = swapped.read() or Done()
            swapped.delete()

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
                self._end_turn_before(task)
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
            self._end_turn_before(None)
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
        except Exception as problem:
            error = of_a_full_disk(problem) or problem
            if not isinstance(error, UserError):
                log.error("%s failed for a visitor", task.stage, exc_info=error)
            self.done = self.done.with_failure(task, error)
        else:
            if task.photo is self.done.photo or (task.stage == "open" and task.of == (self.wanted.photo,)):
                done = self.done.with_results(results)
                self.done = done.within(VISITOR_MEGABYTES * 1_000_000, self._needed(done))
        self._tell()

    def _needed(self, done: Done) -> set[str]:
        """The mattes without which what is on the screen, and what is wanted, would have to be made anew."""
        shown = {done.preview.cutout.model} if done.preview else set()
        models = {self.wanted.model, *shown, *(COMPARED if self.wanted.model in COMPARED else ())}
        models |= {PLATE} if self.wanted.plate else set()
        return set[str]().union(*(predictions(model, self.wanted.touch_up) for model in models))

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
            goes_on = aside.task.stage == "segment" and aside.task.of[0] != self.wanted.model
            if aside.ticket and goes_on and aside.running and not aside.abandoned:
                self._turn = aside.ticket
            elif aside.ticket:
                aside.ticket.release()

    async def _ticket(self, aside: LongTask) -> Ticket | None:
        """A place in the line of the task's lane; where that is full, as soon as there is one again."""
        task, shared = aside.task, self._shared
        budget = {"networks": shared.networks, "full_size": shared.full_size}.get(STAGES[task.stage].lane)
        if not budget:
            return None
        if budget is shared.networks and self._turn:
            turn, self._turn = self._turn, None
            return turn
        while True:
            try:
                if task.stage == "open" and not self.done.photo and shared.nbytes > VISITORS_MEGABYTES * 1_000_000:
                    raise UserError("error.busy", seconds=BUSY)
                amount = await self._megapixels(task) if budget is shared.full_size else 1
                return budget.request(amount, self)
            except UserError as busy:
                if busy.key != "error.busy":
                    raise
                self._tools.photo = None
                aside.again = monotonic() + busy.params["seconds"]
                await asyncio.sleep(busy.params["seconds"])

    def _end_turn_before(self, task: Task | None) -> None:
        """Lend the networks to others, unless the photo that they have just seen comes back in a moment.

        A turn is a photo's: between the first network's answer and the next one's work there is a draft to be shown.
        """
        if not self._turn:
            return
        back = task and STAGES[task.stage].lane in ("screen", "networks")
        if not back or monotonic() - self._turn.since > LONGEST_TURN:
            self._turn.release()
            self._turn = None

    async def _megapixels(self, task: Task) -> float:
        return await in_time(partial(self._shared.run, lane="full_size"), lambda: megapixels(task), Stop())

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
        newest = self.view if self._swapped else view(self.wanted, self.done, self.progress)
        if self._shared.stopping.is_set():
            newest = replace(newest, status=say("ui.restarting", self.wanted.language), settled=False)
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
        if found := self.batch.path_of(str(named.get("item"))):
            return found
        given = str(named.get("path"))
        if (own := self._own_copies.get(given)) and self._tools.folder.renew(own):
            return own
        try:
            own = self._own_copies[given] = self._tools.folder.adopt(uploaded(given))
        except (FileNotFoundError, PermissionError):
            mistakes[place] = UserError("error.expired")
            return before
        except (OSError, UserError) as problem:
            error = of_a_full_disk(problem) or problem
            if not isinstance(error, UserError):
                raise
            mistakes[place] = error
            return before
        return own
