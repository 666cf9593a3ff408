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
from collections.abc import Awaitable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from weakref import WeakSet

from bgdemo.errors import UserError
from bgdemo.matte.models import PLATE
from bgdemo.matte.segmentation import Stop
from bgdemo.messages import say
from bgdemo.page.batch import Batch
from bgdemo.page.budgets import Budget, Ticket
from bgdemo.page.files import Disk, Folder, delete_older, of_a_full_disk, uploaded
from bgdemo.page.mattes import MatteStore
from bgdemo.page.plan import COMPARED, plan
from bgdemo.page.results import Done, Results, Task
from bgdemo.page.screen import IDLE, Progress, ViewState, view
from bgdemo.page.stages import STAGES, Job, SupersededError, Tools, megapixels
from bgdemo.page.swap import Swapped, swap_out
from bgdemo.page.threads import Result, Run, Threads, in_time
from bgdemo.page.wanted import Wanted, photo_name, picture_name, plate_name, wanted_of
from bgdemo.pipeline import predictions
from bgdemo.settings import MAX_WORK_MEGAPIXELS, VISITOR_MEGABYTES, VISITORS_MEGABYTES
from bgdemo.snippets import snippets

log = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parents[1] / "examples"

POLL = 8.0
"""Seconds that someone who follows a visit waits for news before asking again."""

LONGEST_TURN = 15.0
"""Seconds that one keeps the networks between two of them."""

ABSENCE = 10.0
"""Seconds after which one who follows no more has left: their work rests until they are back."""

REST = 20.0
"""Seconds that a visit which nobody follows keeps its pictures in memory; later they lie on disk."""

BUSY = 10
"""Seconds after which one for whose photo there is no memory asks again."""

LAST_WORDS = 2.0
"""Seconds that those who wait have to be told that the server stops."""

VISIT_BYTES = 100_000
"""What a visit takes at least, about, and so the measure of how many there may be."""

OF_THE_MOMENT = frozenset({"error.took_too_long", "error.disk_full"})
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
    run: Run = field(default_factory=Threads)
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK_MEGAPIXELS / 2, seconds=3.0))
    disk: Disk = field(default_factory=Disk)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0
    visits: WeakSet[Visit] = field(default_factory=WeakSet)

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


class Visits:
    """Every tab's visit, by the tab's token, for as long as the settings allow."""

    def __init__(self, keep_seconds: float, shared: Shared | None = None) -> None:
        self.shared = shared or Shared()
        self._keep_seconds = keep_seconds
        self._visits: dict[str, Visit] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._files: frozenset[Path] = frozenset()
        self.loop: asyncio.AbstractEventLoop

    def start(self, files: Collection[Path] = ()) -> None:
        """Keep swept from now on what earlier runs left, and those who leave; `files` are the page's own."""
        self._files = frozenset(files)
        self.loop = asyncio.get_running_loop()
        self._sweeper = asyncio.create_task(self._keep_swept())

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

    async def snippets(self, message: dict[str, Any]) -> dict[str, Any]:
        """How to make what the tab `message["tab"]` wants without the page, which is at `message["address"]`."""
        visit = self._of(message["tab"])
        wanted, address = visit.wanted, str(message.get("address"))
        if Task("subtract", visit.done.photo, (wanted.plate,)) in visit.done.failures:  # and a model stepped in
            wanted = replace(wanted, plate=None)
        photo, names = photo_name(wanted.message, visit.batch.message), (picture_name, plate_name)
        behind, empty = (name(wanted.message) for name in names)
        return asdict(await asyncio.to_thread(snippets, photo, wanted.recipe, address, behind, empty))

    def _of(self, token: object) -> Visit:
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise PermissionError("not a tab's token")
        if token not in self._visits:
            self._make_room()
            self._visits[token] = Visit(self.shared)
        return self._visits[token]

    async def shut_down(self) -> None:
        """End what runs, tell those who wait for it, and delete all visits' files."""
        self.shared.stopping.set()
        visits = list(self._visits.values())
        for visit in visits:
            visit.halt()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                while self.shared.calls:
                    await asyncio.sleep(0.05)
        await asyncio.sleep(LAST_WORDS / 4)  # until the answers have gone out
        self.stop()
        for visit in visits:
            visit.close()

    @property
    def present(self) -> int:
        """How many visits somebody looks at."""
        return sum(visit.present for visit in self._visits.values())

    def sweep(self) -> None:
        """Forget the visits that nobody has touched for the time that the settings state."""
        for token, visit in list(self._visits.items()):
            if visit.idle_for > self._keep_seconds * 5 / 6:
                del self._visits[token]
                visit.close()

    def _make_room(self) -> None:
        """For one more visit: who has been away longest is forgotten first. Raises UserError if all are here."""
        while len(self._visits) * VISIT_BYTES >= VISITORS_MEGABYTES * 1_000_000:
            absent = self._absent()
            if not absent:
                raise UserError("error.busy", seconds=BUSY)
            self._visits.pop(absent).close()

    async def rest(self) -> None:
        """Have those rest whom nobody has followed for a while; the others too, if all hold too much in memory."""
        for visit in sorted(self._visits.values(), key=lambda visit: -visit.idle_for):
            if visit.idle_for > REST or self.shared.nbytes > VISITORS_MEGABYTES * 1_000_000:
                await visit.rest()

    def stop(self) -> None:
        """Sweep no more."""
        if self._sweeper:
            self._sweeper.cancel()

    async def spare_disk(self) -> None:
        """While the disk is full, forget who has been away longest."""
        await asyncio.to_thread(self.shared.disk.measure)
        while self.shared.disk.full and (absent := self._absent()):
            self._visits.pop(absent).close()
            await asyncio.to_thread(self.shared.disk.measure)

    def _absent(self) -> str | None:
        """The tab of who has been away longest."""
        absent = [token for token, visit in self._visits.items() if not visit.present]
        return max(absent, key=lambda token: self._visits[token].idle_for, default=None)

    async def _keep_swept(self) -> None:
        while True:
            try:
                await self._tidy_up()
            except Exception:  # what is left behind must not stay for ever
                log.exception("tidying up failed")
            await asyncio.sleep(min(5.0, self._keep_seconds / 6))

    async def _tidy_up(self) -> None:
        self.sweep()
        await self.rest()
        for visit in list(self._visits.values()):
            if not visit.present:
                visit.batch.rest()
            await asyncio.to_thread(visit.clean)
        await asyncio.to_thread(delete_older, self._keep_seconds, self._files)
        await self.spare_disk()
