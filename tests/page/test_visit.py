"""One visit, one writer: whatever a visitor does, in whatever order it arrives, and whatever fails meanwhile.

A state machine drives real visits on an event loop of its own. The stages are stand-ins that end when the machine lets
them, well or badly; the clock is the machine's too.
"""

import asyncio
import errno
import logging
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Metadata, Photo
from bgdemo.matte import segmentation
from bgdemo.matte.models import MODELS
from bgdemo.matte.strokes import UNTOUCHED
from bgdemo.messages import say
from bgdemo.page import stages, threads, visit, visits
from bgdemo.page.budgets import Budget
from bgdemo.page.files import Folder
from bgdemo.page.results import Composed, Edges, FullSize, Opened, Preview, Results, StageName, Written
from bgdemo.page.shared import Shared
from bgdemo.page.stages import STAGES, Job, Lane, Stage
from bgdemo.page.visit import ABSENCE, POLL, Visit
from bgdemo.page.visits import Visits
from bgdemo.pipeline import predictions

KEEP = 600.0
TAB = "t" * 22
CLOSED = Path("closed")

LOOKS: list[dict[str, Any]] = [
    {},
    {"background": "white"},
    {"background": "blur"},
    {"crop": "16:9", "crop_zoom": "300", "crop_x": "-50"},  # in full size outside the photo, as it turns out
    {"width": "nothing"},  # no size
]


STROKES: list[Any] = [
    {},
    {"strokes": [{"keep": True, "width": 0.1, "points": [[0.5, 0.5]]}]},
    {"strokes": [{"keep": False, "width": 0.1, "points": [[0.5, 0.5], [0.9, 0.9]]}], "fill_holes": True},
    {"strokes": [{"keep": True, "width": 0.1, "points": [[1.5, 0.5]]}]},  # outside
    "nonsense",
]


# ---- stages that end when they are told to --------------------------------------------------------------------------


class Desk:
    """The blocking work of all visits, done when and as the test decides."""

    def __init__(self) -> None:
        self.pending: list[tuple[Callable[[], Results], Lane, asyncio.Future[Results]]] = []

    def __call__(self, work: Callable[[], Results], lane: Lane) -> Awaitable[Results]:
        future: asyncio.Future[Results] = asyncio.get_running_loop().create_future()
        self.pending.append((work, lane, future))
        return future

    def finish(self, index: int, failure: Exception | None = None) -> None:
        work, _, future = self.pending.pop(index % len(self.pending))
        if future.done():
            return
        try:
            if failure:
                raise failure
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)


ran: Counter[tuple[Opened, str]] = Counter()


def opened(job: Job) -> Results:
    [path] = job.task.of
    if "broken" in path.name:
        raise UserError("error.unreadable")
    photo = Opened(path, (40, 30), Photo(np.zeros((3, 4, 3), np.uint8)), path)
    fresh = ("mattes", "preview", "picture", "candidates", "thumbs", "full", "detail", "written")
    return {name: getattr(stages.Done(), name) for name in fresh} | {"photo": photo}


def segmented(job: Job) -> Results:
    model, _ = job.task.of
    if not MODELS[model].bundled:
        raise UserError("error.download_failed", model=model)
    missing = predictions(model, job.wanted.touch_up) - job.done.mattes.keys()
    ran.update((job.photo, network) for network in missing)
    flat = np.zeros((1, 1), np.float32)
    return {"mattes": {**job.done.mattes, **{network: Matte(flat, network) for network in missing}}}


def previewed(job: Job) -> Results:
    edges = Edges(*job.task.of) if job.task.stage == "render" else None
    model = edges.model if edges else job.task.of[0]
    needed = predictions(model, edges.touch_up if edges else UNTOUCHED)
    assert needed <= job.done.mattes.keys(), "nothing on the screen waits for a network"
    cutout = Cutout(np.zeros((3, 4, 4), np.uint8), Metadata(), model)
    return {"preview": Preview(edges, cutout, Path("mask"))}


def composed(job: Job) -> Results:
    job.check()
    shown, finish = job.task.of
    return {"picture": Composed(shown, finish, Path("picture"), None, 1.0, None)}


def written(job: Job) -> Results:
    current, kind, limit = job.task.of
    full = job.done.full
    if not full or full.edges != current.preview.edges:
        full = FullSize(current.preview.edges, Path("pixels"), Path("mask"))
    try:
        job.check()
    except stages.SupersededError:
        return {"full": full}
    if current.finish.look.crop.zoom > 2:
        raise UserError("error.crop_outside")
    size, plain = (40, 30), Metadata()
    file = Written(current, kind, Path(kind), Path("mask"), 9, size, plain, True, 1.0, limit)
    return {"full": full, "written": file}


STAND_INS = {
    "open": opened,
    "read": lambda job: {"own": (job.task.of[0], Photo(np.zeros((3, 4, 3), np.uint8)))},
    "compose": composed,
    "fetch": lambda job: {"here": job.done.here | {job.task.of[0]}},
    "segment": segmented,
    "draft": previewed,
    "render": previewed,
    "compare": lambda job: {"candidates": ()},
    "thumbnail": lambda job: {"thumbs": (job.task.of[0], Path("thumbs"))},
    "write": written,
    "enlarge": lambda job: {"detail": Path("detail")},
}


# ---- the machine ----------------------------------------------------------------------------------------------------


class VisitMachine(RuleBasedStateMachine):
    """One tab of one visitor, and another one whose work shares the budgets."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = mock.patch.dict(
            STAGES, {n: Stage(r, STAGES[n].lane, STAGES[n].says) for n, r in STAND_INS.items()}
        )
        self.patches.start()
        self.folder = tempfile.TemporaryDirectory()
        uploads = Path(self.folder.name).resolve()
        self.clock = mock.patch.object(visit, "monotonic", lambda: self.now)
        self.adopt = mock.patch.object(Folder, "adopt", lambda _, path: path)
        self.uploads = mock.patch("bgdemo.page.files.upload_folder", lambda: uploads)
        self.now = 1000.0
        for patch in (self.clock, self.adopt, self.uploads):
            patch.start()
        for name in ("first", "second", "broken"):
            Image.new("RGB", (40, 30)).save(uploads / name, "PNG")
        self.photos = {name: {"path": str(uploads / name)} for name in ("first", "second", "broken")}
        ran.clear()
        self.desk = Desk()
        self.loop = asyncio.new_event_loop()
        self.shared = self.in_loop(self.make_shared)
        self.visits = self.in_loop(lambda: Visits(KEEP, self.shared))
        self.page: dict[str, Any] = {"photo": None, "settings": {}, "look": {}, "format": "png", "live": False}
        self.page |= {"touch": {}, "detail": False}
        self.number = self.delivered = 0
        self.last_touch = self.now
        self.under_way: list[dict[str, Any]] = []
        self.shown: tuple[Visit | None, int, int] = (None, -1, -1)
        self.departures = 0
        self.reader: asyncio.Task[Any] | None = None

    def make_shared(self) -> Shared:
        return Shared(Budget(1, 1.0), Budget(100, 1.0), self.desk)

    def in_loop(self, work: Callable[[], Any]) -> Any:
        """Do something on the event loop, and let everything that follows from it happen."""

        async def run() -> Any:
            result = work()
            if asyncio.iscoroutine(result):
                result = await result
            for _ in range(12):
                await asyncio.sleep(0)
            return result

        return self.loop.run_until_complete(run())

    def send(self, **change: Any) -> None:
        """The page wants something else; the message is on its way."""
        self.page |= {"live": False} | change
        self.number += 1
        self.under_way.append({**self.page, "tab": TAB, "language": "en", "number": self.number})

    @property
    def visit(self) -> Visit | None:
        return self.visits._visits.get(TAB)

    # ---- what the visitor does ----

    @rule(name=st.sampled_from(["first", "second", "broken"]))
    def choose_photo(self, name: str) -> None:
        self.send(photo={**self.photos[name]}, touch={})

    @rule(touch=st.sampled_from(STROKES), live=st.booleans())
    def draw(self, touch: Any, live: bool) -> None:
        self.send(touch=touch, live=live)

    @rule(detail=st.booleans())
    def zoom(self, detail: bool) -> None:
        self.send(detail=detail)

    @rule(model=st.sampled_from(["best", "u2netp", "u2net"]), alpha_matting=st.booleans(), erode=st.integers(0, 60))
    def choose_settings(self, model: str, alpha_matting: bool, erode: int) -> None:
        settings_ = {"model": model, "alpha_matting": alpha_matting, "thresholds": {"erode_size": erode}}
        self.send(settings=settings_)

    @rule(look=st.sampled_from(LOOKS), live=st.booleans())
    def choose_look(self, look: dict[str, Any], live: bool) -> None:
        self.send(look=look, live=live)

    @rule(kind=st.sampled_from(["png", "jpeg", "mask"]))
    def choose_format(self, kind: str) -> None:
        self.send(format=kind)

    @rule(most=st.sampled_from(["", "200", "40 kB", "few"]))
    def choose_limit(self, most: str) -> None:
        self.send(max_kb=most)

    @precondition(lambda self: self.under_way)
    @rule(index=st.integers(0, 9), again=st.booleans())
    def deliver(self, index: int, again: bool) -> None:
        """A message arrives, before or after others, perhaps not for the last time."""
        message = self.under_way[index % len(self.under_way)]
        if not again:
            self.under_way.remove(message)

        async def arrive() -> None:
            before = None if not self.visit or self.visit._swapped else self.visit.done
            await self.visits.want(message)
            assert before is None or (self.visit and self.visit.done is before)  # the worker alone writes what is done

        self.in_loop(arrive)
        self.delivered = max(self.delivered, message["number"])
        self.last_touch = self.now

    @rule()
    def look(self) -> None:
        """The page asks for news: a request hangs until there are any, or the page is gone."""
        if not self.reader or self.reader.done():
            known, revision, _ = self.shown
            asked = {"tab": TAB, "visit": known and known.id, "revision": revision}
            self.reader = self.in_loop(lambda: asyncio.ensure_future(self.visits.follow(asked)))
            self.last_touch = self.now
        if self.reader.done() and (news := self.reader.result()):
            assert self.visit
            known, revision, number = self.shown
            if known is self.visit:
                assert news["revision"] >= revision
                assert news["view"]["number"] >= number
            self.shown = (self.visit, news["revision"], news["view"]["number"])

    # ---- what the server does, and what may go wrong ----

    @precondition(lambda self: self.desk.pending)
    @rule(index=st.integers(0, 9))
    def work_ends(self, index: int) -> None:
        self.in_loop(lambda: self.desk.finish(index))

    @precondition(lambda self: self.desk.pending)
    @rule(index=st.integers(0, 9), bug=st.booleans())
    def work_fails(self, index: int, bug: bool) -> None:
        failure = ZeroDivisionError("a bug") if bug else UserError("error.unreadable")
        self.in_loop(lambda: self.desk.finish(index, failure))

    @rule(seconds=st.sampled_from([1.0, ABSENCE + 1, KEEP / 3]))
    def time_passes(self, seconds: float) -> None:
        """Nobody asks meanwhile, as when the page is gone, or its browser stands still."""
        if self.reader:
            self.in_loop(self.reader.cancel)
            self.reader = None
        self.now += seconds
        if seconds > ABSENCE and any(lane == "networks" for _, lane, _ in self.desk.pending):
            self.departures += 1  # who left while a network ran may find it running again
        touched = self.visit
        self.in_loop(self.visits.sweep)
        if touched and self.now - self.last_touch < KEEP / 2:
            assert self.visit is touched and not touched.closed

    @rule()
    def room_is_made(self) -> None:
        """What is at rest goes to disk; to the page nothing of it is different."""
        if self.visit:
            self.in_loop(self.visit.rest)

    # ---- what must hold at all times ----

    @invariant()
    def nothing_is_written_to_the_past(self) -> None:
        if self.visit:
            assert self.visit.wanted.number <= self.delivered
            known, revision, _ = self.shown
            assert known is not self.visit or self.visit.revision >= revision

    @invariant()
    def the_button_gives_what_is_on_the_screen(self) -> None:
        if not self.visit or not self.visit.view.download:
            return
        wanted, done = self.visit.wanted, self.visit.done
        if self.visit._swapped:
            done = self.visit._swapped.read()
        assert done.picture and done.written and done.written.picture is done.picture
        assert (done.written.format, done.written.limit) == (wanted.format, wanted.limit)
        if not self.visit.view.errors:
            assert done.picture.finish is wanted.finish
            assert done.picture.preview.edges and done.picture.preview.edges.touch_up == wanted.touch_up
            assert done.photo and done.photo.path == wanted.photo

    @invariant()
    def a_network_runs_once_for_a_photo(self) -> None:
        if self.visit and self.visit.done.photo:
            counts = [count for (photo, _), count in ran.items() if photo is self.visit.done.photo]
            assert max(counts, default=0) <= 1 + self.departures

    @invariant()
    def budgets_hold(self) -> None:
        assert len(self.shared.networks._held) <= 1
        assert sum(ticket.amount for ticket in self.shared.full_size._held) <= 100

    def everything_ends(self) -> None:
        """Every message arrives, every task ends well: then there is a file, or a sentence on why there is none."""
        self.under_way.sort(key=lambda message: message["number"])
        while self.under_way:
            self.deliver(0, again=False)
        for _ in range(200):
            self.in_loop(lambda: None)
            assert self.visit
            if not self.desk.pending and self.visit.view.settled:
                break
            if self.desk.pending:
                self.in_loop(lambda: self.desk.finish(0))
        assert self.visit
        view = self.visit.view
        assert view.number == self.delivered
        assert view.settled and not view.status
        assert view.download or view.errors
        if self.visit.done.photo and self.page["look"] in ({}, LOOKS[3]):
            assert bool(view.download) is (self.page["look"] == {})

    def teardown(self) -> None:
        """In the end everybody gets what they wanted; and when all have left, nothing of them is."""
        try:
            if self.page["photo"]:
                for change in ({"attempt": 1}, {"look": LOOKS[3]}, {"look": {}, "touch": STROKES[1]}):
                    self.send(**change)
                    self.everything_ends()
            while self.desk.pending:
                self.in_loop(lambda: self.desk.finish(0))
            left = self.visit
            if self.reader:
                self.in_loop(self.reader.cancel)
            self.now += 2 * KEEP
            self.in_loop(self.visits.sweep)
            self.in_loop(lambda: asyncio.sleep(0))
            assert not self.visits._visits
            assert not self.shared.networks._held + self.shared.full_size._held
            assert not self.shared.networks._line + self.shared.full_size._line
            assert not left or (left.closed and not left._worker)
        finally:
            self.in_loop(self.visits.stop)
            for patch in (self.patches, self.clock, self.adopt, self.uploads):
                patch.stop()
            self.loop.close()
            self.folder.cleanup()


@pytest.fixture(autouse=True)
def bugs_are_expected_here(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "bgdemo.page.visit")


@pytest.fixture
def machine() -> Iterator[VisitMachine]:
    """A visit to take through chosen steps."""
    machine = VisitMachine()
    yield machine
    machine.teardown()


def all_ends(machine: VisitMachine) -> None:
    """Every message arrives, and all the work that is under way or follows from it ends."""
    while machine.under_way:
        machine.deliver(0, again=False)
    while machine.desk.pending:
        machine.work_ends(0)


def test_a_change_that_needs_no_network_never_waits_for_one(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    machine.choose_settings("u2netp", False, 10)
    all_ends(machine)
    others = machine.in_loop(machine.shared.networks.request)
    machine.choose_settings("best", False, 10)
    all_ends(machine)
    assert machine.visit
    assert machine.visit.view.status and not machine.visit.view.download  # one that needs it waits
    before = machine.visit.done.picture
    machine.choose_look({"background": "white"}, live=False)
    all_ends(machine)
    assert machine.visit.done.picture is not before  # what is there shows the new background all the same
    machine.choose_settings("u2netp", False, 10)
    all_ends(machine)
    assert machine.visit.view.download
    assert not machine.shared.networks._line
    others.release()


def test_a_stroke_waits_neither_for_a_network_nor_for_a_full_size_picture(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    all_ends(machine)
    networks = machine.in_loop(machine.shared.networks.request)
    full_size = machine.in_loop(lambda: machine.shared.full_size.request(100))
    machine.draw(STROKES[1], live=False)
    all_ends(machine)
    visit = machine.visit
    assert visit and visit.done.preview and visit.done.preview.edges
    assert visit.done.preview.edges.touch_up == visit.wanted.touch_up != UNTOUCHED
    assert visit.done.picture and visit.done.picture.preview is visit.done.preview
    assert not visit.view.download

    machine.choose_settings("u2net", False, 10)  # which has to be fetched, and to run
    all_ends(machine)
    machine.draw(STROKES[2], live=False)
    all_ends(machine)
    assert visit.done.preview.edges.touch_up == visit.wanted.touch_up
    assert visit.done.picture and visit.done.picture.preview is visit.done.preview
    networks.release()
    full_size.release()


def test_the_photo_s_own_pixels_come_after_the_file_and_keep_nobody_from_it(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    machine.zoom(True)
    while not machine.visit or not machine.visit.view.download:
        machine.deliver(0, again=False) if machine.under_way else machine.work_ends(0)
    view = machine.visit.view
    assert (view.settled, view.status) == (False, "")
    assert view.pictures and not view.pictures.detail
    assert [lane for _, lane, _ in machine.desk.pending] == ["full_size"]
    machine.draw(STROKES[1], live=False)
    machine.deliver(0, again=False)
    machine.in_loop(lambda: asyncio.sleep(0.6))  # the worker looks up twice a second
    assert [lane for _, lane, _ in machine.desk.pending] == ["full_size", "screen"]
    all_ends(machine)
    view = machine.visit.view
    assert view.settled and view.download
    assert view.pictures and view.pictures.detail


def test_who_left_gives_up_the_place_in_line_and_has_it_again_when_back(machine: VisitMachine) -> None:
    assert POLL + ABSENCE <= 20
    others = machine.in_loop(machine.shared.networks.request)
    machine.choose_photo("first")
    all_ends(machine)
    assert len(machine.shared.networks._line) == 1
    machine.now += ABSENCE + 1
    machine.in_loop(lambda: asyncio.sleep(0.6))  # the worker looks up twice a second
    assert not machine.shared.networks._line
    machine.look()
    assert len(machine.shared.networks._line) == 1
    others.release()


def test_who_finds_the_line_too_long_is_told_so_and_asks_again_without_losing_anything(
    machine: VisitMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[tuple[float, asyncio.Event]] = []

    async def sleep(seconds: float) -> None:
        slept.append((seconds, asyncio.Event()))
        await slept[-1][1].wait()

    machine.shared.networks.longest = 1
    others = [machine.in_loop(machine.shared.networks.request) for _ in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr(visit, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
        machine.choose_photo("first")
        all_ends(machine)
        machine.in_loop(lambda: asyncio.sleep(0.6))  # the worker looks up twice a second
        visit_ = machine.visit
        assert visit_ and slept[-1][0] == 5
        assert visit_.view.status == "There is a long line here just now. We try again by ourselves in 5 s…"
        assert (visit_.view.settled, visit_.view.errors) == (False, {})
        for ticket in others:
            ticket.release()
        machine.in_loop(slept[-1][1].set)
    all_ends(machine)
    assert visit_.view.download


@pytest.mark.parametrize("stage", ["open", "segment", "write"])
def test_a_step_that_hangs_fails_for_its_visitor_and_holds_up_nobody_else(
    machine: VisitMachine, monkeypatch: pytest.MonkeyPatch, stage: StageName
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(threads, "JOB_SECONDS", 0.5)
        machine.choose_photo("first")
        machine.deliver(0, again=False)
        assert machine.visit
        while not machine.visit.progress.task or machine.visit.progress.task.stage != stage:
            machine.work_ends(0)
        while not machine.visit.view.settled:
            machine.in_loop(lambda: asyncio.sleep(0.01))
    assert say("error.took_too_long", "en") in machine.visit.view.errors.values()
    assert not machine.shared.networks._held + machine.shared.full_size._held


def test_a_network_of_one_who_left_is_stopped(machine: VisitMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []

    def run(job: Job) -> Results:
        stopped.append(segmentation._stop.get().is_set)
        return segmented(job)

    monkeypatch.setitem(STAGES, "segment", Stage(run, "networks"))
    machine.choose_photo("first")
    while not any(lane == "networks" for _, lane, _ in machine.desk.pending):
        machine.deliver(0, again=False) if machine.under_way else machine.work_ends(0)
    machine.now += ABSENCE + 1
    machine.in_loop(lambda: asyncio.sleep(0.6))  # the worker looks up twice a second
    machine.work_ends(0)
    assert stopped == [True]
    assert not machine.shared.networks._held
    monkeypatch.undo()


def test_who_is_not_followed_for_a_while_holds_no_memory_and_loses_nothing(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    all_ends(machine)
    machine.look()
    machine.look()
    visit_ = machine.visit
    assert visit_ and visit_.view.download
    known, revision, networks = visit_.view, visit_.revision, ran.total()
    machine.in_loop(machine.visits.rest)
    assert visit_.done.nbytes, "who was here a moment ago may want something else"
    machine.time_passes(visits.REST + 1)
    machine.in_loop(machine.visits.rest)
    assert (visit_.done.nbytes, visit_.nbytes) == (0, visit.VISIT_BYTES)
    reload = {"tab": TAB}
    news = machine.in_loop(lambda: machine.visits.follow(reload))
    assert (news["view"], news["revision"]) == (known.as_json(), revision)
    assert not machine.desk.pending
    machine.choose_look({"background": "white"}, live=False)
    all_ends(machine)
    assert visit_.view.download
    assert ran.total() == networks, "no network ran again"


def test_what_was_lost_on_disk_is_made_anew(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    all_ends(machine)
    assert machine.visit
    machine.in_loop(machine.visit.rest)
    assert machine.visit._swapped
    machine.visit._swapped.delete()
    machine.look()
    all_ends(machine)
    assert machine.visit.view.download


def test_where_memory_is_short_those_at_rest_give_theirs_and_newcomers_wait(
    machine: VisitMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.choose_photo("first")
    all_ends(machine)
    visit_ = machine.visit
    assert visit_
    with monkeypatch.context() as patch:
        for module in (visit, visits):
            patch.setattr(module, "VISITORS_MEGABYTES", 50e-6)
            patch.setattr(module, "VISIT_BYTES", 0)
        other = {**machine.page, "tab": "o" * 22, "number": 1, "photo": machine.photos["second"]}
        machine.in_loop(lambda: machine.visits.want(other))
        machine.in_loop(lambda: asyncio.sleep(0.6))  # the worker looks up twice a second
        newcomer = machine.visits._visits["o" * 22]
        assert "long line" in newcomer.view.status
        assert not machine.desk.pending
        machine.in_loop(machine.visits.rest)
        assert visit_.done.nbytes == 0
        machine.in_loop(newcomer._worker.cancel)
        newcomer.close()
        del machine.visits._visits["o" * 22]


def test_there_are_as_many_visits_as_memory_allows_and_who_left_first_is_forgotten_first(
    machine: VisitMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "VISITORS_MEGABYTES", 3)
    monkeypatch.setattr(visits, "VISIT_BYTES", 1_000_000)
    tabs = [name * 22 for name in "abcd"]

    def come(tab: str) -> None:
        machine.in_loop(lambda: machine.visits.want({"tab": tab, "number": 1}))

    for tab in tabs[:3]:
        come(tab)
    with pytest.raises(UserError, match="long line"):
        come(tabs[3])
    machine.now += ABSENCE + 1
    come(tabs[0])
    come(tabs[3])
    assert machine.visits._visits.keys() == {tabs[0], tabs[2], tabs[3]}


def test_a_visit_s_own_files_are_no_leftovers_however_long_it_works(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    machine.deliver(0, again=False)
    assert machine.visit and machine.desk.pending
    folder = machine.visit._tools.folder.path
    os.utime(folder, (0, 0))
    machine.look()
    machine.in_loop(machine.visits._tidy_up)
    assert folder.exists()


def test_when_the_disk_is_full_who_left_first_is_forgotten_first_and_new_files_are_refused(
    machine: VisitMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, tabs = machine.shared.disk, [name * 22 for name in "abc"]
    for tab in tabs:
        machine.in_loop(lambda tab=tab: machine.visits.want({"tab": tab, "number": 1}))
        machine.now += 1
    machine.now += ABSENCE
    machine.in_loop(lambda: machine.visits.want({"tab": tabs[0], "number": 2}))

    def measure() -> None:
        disk.full = len(machine.visits._visits) > 2

    monkeypatch.setattr(disk, "measure", measure)
    machine.in_loop(machine.visits.spare_disk)
    assert machine.visits._visits.keys() == {tabs[0], tabs[2]}
    monkeypatch.setattr(disk, "measure", lambda: setattr(disk, "full", True))
    machine.in_loop(machine.visits.spare_disk)
    assert machine.visits._visits.keys() == {tabs[0]}, "nobody who is here is forgotten"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), UserError("error.disk_full")])
def test_a_full_disk_is_told_and_the_next_change_tries_again(machine: VisitMachine, error: Exception) -> None:
    machine.choose_photo("first")
    machine.deliver(0, again=False)
    machine.in_loop(lambda: machine.desk.finish(0, error))
    assert machine.visit
    assert machine.visit.view.errors == {"photo": say("error.disk_full", "en")}
    machine.choose_look({"background": "white"}, live=False)
    all_ends(machine)
    assert machine.visit.view.download and not machine.visit.view.errors


def test_a_server_that_is_being_stopped_says_so_and_works_no_more(machine: VisitMachine) -> None:
    machine.choose_photo("first")
    while not any(lane == "networks" for _, lane, _ in machine.desk.pending):
        machine.deliver(0, again=False) if machine.under_way else machine.work_ends(0)
    machine.look()
    machine.look()
    visit_, reader = machine.visit, machine.reader
    assert visit_ and reader and not reader.done()
    with mock.patch.object(visits, "LAST_WORDS", 0.0):
        machine.in_loop(machine.visits.shut_down)
    assert reader.result()["view"]["status"].startswith("The server is being restarted.")
    assert not reader.result()["view"]["settled"]
    machine.work_ends(0)
    assert not machine.desk.pending
    assert not visit_._tools.folder.path.exists()
    machine.shared.stopping.clear()  # for the end of the test, which has another visit
    machine.visits._visits.clear()


def test_idle_tabs_hold_no_thread_and_no_place() -> None:
    async def crowd() -> None:
        desk = Desk()
        visits = Visits(KEEP, Shared(Budget(1), Budget(100), desk))
        threads = threading.active_count()
        for tab in range(200):
            await visits.want({"tab": f"{tab:022}", "number": 1})
        await asyncio.sleep(0)
        assert threading.active_count() == threads
        assert len(asyncio.all_tasks()) == 1
        assert not desk.pending
        visits.stop()

    asyncio.run(crowd())


def test_a_visit_through_random_changes_failures_stalls_and_departures() -> None:
    run_state_machine_as_test(VisitMachine, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))
