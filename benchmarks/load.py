"""What a crowd and a great many photos do to it, as a Markdown table beside what was to be reached.

    python benchmarks/load.py [PHOTO.jpg] [--only batch,visitors,beside,hostile,mixed,killed] [--photos 40]
        [--visitors 16] [--minutes 30] [--hostile DIR]

    batch     many copies of a photo of 12 megapixels through `remove_many`: seconds beside the bare networks', memory
    visitors  many visitors of the page at once, some photos each: whether all are right, and how fair the line is
    beside    a visitor's single photo alone, and while a batch five times as long is under way
    hostile   every file of a folder through Python and over HTTP: a cutout or a sentence, seconds, memory
    mixed     half an hour of whatever visitors do, seeded: memory, what is left on disk, errors
    killed    a server that is killed under load, and another in its place

Only the program itself is asked, on this machine, by as many clients and for as long as the arguments say. Every part
has servers, processes and folders of its own, which end with it, also by Ctrl-C. Memory is what is resident in a
process and all that it started, read from /proc; on other systems it is left out. The exit status is 1 if something
was wrong: a file with other bytes than it should have, an error that nobody expected. A figure that misses its reach
is none of that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import mean, median
from time import monotonic
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from benchmarks.processes import MEASURABLE, Memory, alive, family  # noqa: E402
from benchmarks.speed import bare, print_table, resized  # noqa: E402
from benchmarks.visitors import Program, RefusedError, Visitor  # noqa: E402
from bgdemo.matte.models import DEFAULT_MODEL  # noqa: E402
from bgdemo.messages import say  # noqa: E402
from tests.server import EXAMPLES, App, serve  # noqa: E402

PHOTOS = sorted(EXAMPLES.glob("*.jpg"))
MEGAPIXELS = 12
PHOTOS_EACH = 5
SINGLES = 5
TIMES_LONGER = 5
"""How many times as long as `--photos` the batch is that a visitor's photo is made beside."""

QUICKEST = "u2netp"
"""Enough where decoding and finishing are on trial, and not the networks."""

FILE_SECONDS = 120
"""The longest that one hostile file is waited for."""

KEEP_SECONDS = 60
"""How long a server of these tests keeps what visitors leave."""

LATE = 15
"""Seconds within which that is looked for and deleted."""

FAILURES = (RefusedError, TimeoutError, httpx.HTTPError)
"""In place of a file."""

Child = Callable[[str], Any]


@dataclass
class Report:
    """The figures, and what was wrong."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def figure(self, name: str, measured: str, reach: str) -> None:
        """Take down a figure, and say it at once: the table comes much later."""
        print(f"{name}: {measured} (reach: {reach})", flush=True)
        self.rows.append((name, measured, reach))

    def memory(self, name: str, measured: str, reach: str) -> None:
        """The same of memory, where it can be measured."""
        self.figure(name, measured if MEASURABLE else "left out on this system", reach)

    def fault(self, sentence: str) -> None:
        """Take down something that was wrong."""
        print(f"WRONG: {sentence}", flush=True)
        self.wrong.append(sentence)

    def same(self, data: bytes, expected: bytes, what: str) -> bool:
        """Whether a file has the bytes that it should have."""
        if data != expected:
            self.fault(f"{what}: {len(data)} bytes that are not the {len(expected)} expected ones")
        return data == expected

    def print(self) -> None:
        """The table."""
        print()
        print_table(("figure", "measured", "reach"), self.rows)
        for sentence in self.wrong:
            print(f"\nWRONG: {sentence}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photo", type=Path, nargs="?", default=EXAMPLES / "kucing.jpg", help="for the batch")
    options.add_argument("--only", type=parts, default=list(PARTS), metavar="PART,PART")
    options.add_argument("--photos", type=int, default=40)
    options.add_argument("--visitors", type=int, default=16)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--hostile", type=Path, help="a folder of files that are hard to read, or none at all")
    options.add_argument("--child", choices=list(CHILDREN), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        answer_lines(CHILDREN[given.child]())
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that everything is cleaned up
    report = Report()
    try:
        for name in given.only:
            print(f"\n### {name}\n", flush=True)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                os.environ["TMPDIR"] = folder  # what is killed cannot delete its own temporary files
                try:
                    PARTS[name](given, Path(folder), report)
                except Exception as error:
                    traceback.print_exc()
                    report.fault(f"{name} ended with {error!r}")
    except KeyboardInterrupt:
        report.fault("stopped before its end")
    finally:
        report.print()
    return bool(report.wrong)


def parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - PARTS.keys():
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}")
    return names


# ---- processes of its own -------------------------------------------------------------------------------------------


class Worker:
    """This file in a process of its own, as one of `CHILDREN`: a line goes in, an answer comes back."""

    def __init__(self, child: str) -> None:
        command = [sys.executable, __file__, "--child", child]
        pipe = subprocess.PIPE
        # In a session of its own Ctrl-C does not reach it: it is ended by who started it.
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)

    def ask(self, line: object, seconds: float) -> Any:
        """The answer. Raises ChildProcessError if there is none after so many seconds, or never will be."""
        assert self.process.stdin and self.process.stdout
        too_late = threading.Timer(seconds, self.process.kill)
        too_late.start()
        try:
            print(line, file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            too_late.cancel()
        if not answer:
            status = self.process.wait()
            raise ChildProcessError("no answer in time" if status == -signal.SIGKILL else f"ended with {status}")
        return json.loads(answer)

    def end(self) -> None:
        """End the process, with all that it started."""
        kill(family(self.process.pid))
        self.process.communicate()


@contextmanager
def worker(child: str) -> Iterator[Worker]:
    started = Worker(child)
    try:
        yield started
    finally:
        started.end()


def kill(processes: Sequence[int]) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def answer_lines(job: Child) -> None:
    """Answer every line of standard input; nothing else may write to standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(job(line.strip())), file=answers, flush=True)


def bare_child() -> Child:
    """Seconds of the bare networks, three times: in onnxruntime's plain sessions, and in the program's."""
    both = bare(DEFAULT_MODEL, plain=True), bare(DEFAULT_MODEL)
    for networks in both:
        networks(b"")

    def run(line: str) -> list[list[float]]:
        times: list[list[float]] = []
        for _ in range(3):
            times.append([])
            for networks in both:
                start = monotonic()
                networks(b"")
                times[-1].append(monotonic() - start)
        return times

    return run


def batch_child() -> Child:
    """Of a photo, its file is made and kept; of a folder of copies of it, how long it takes and which are wrong."""
    from bgdemo import remove_many, remove_to_file

    expected = b""

    def run(line: str) -> Any:
        nonlocal expected
        path = Path(line)
        if path.is_file():
            expected = remove_to_file(path)
            return None
        start = monotonic()
        photos = sorted(path.iterdir())
        wrong, count = [], 0
        for result in remove_many(photos):
            count += 1
            if result.error or result.data != expected:
                wrong.append(f"{result.source!r}: {result.error or 'other bytes'}")
        if count != len(photos):
            wrong.append(f"{count} results of {len(photos)} photos")
        return {"seconds": monotonic() - start, "wrong": wrong}

    return run


def hostile_child() -> Child:
    """What becomes of a file: nothing to be said against it, or what nobody expected."""
    from bgdemo import UserError, remove_to_png

    def run(line: str) -> str:
        try:
            remove_to_png(Path(json.loads(line)), model=QUICKEST)
        except UserError:
            return ""
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    return run


CHILDREN: dict[str, Callable[[], Child]] = {"bare": bare_child, "batch": batch_child, "hostile": hostile_child}


# ---- many photos ----------------------------------------------------------------------------------------------------


def batch(given: argparse.Namespace, folder: Path, report: Report) -> None:
    """In two halves, between which, before and after which the bare networks are timed on the same machine."""
    photo = resized(given.photo, MEGAPIXELS, folder)
    halves = [folder / "first", folder / "second"]
    for number in range(given.photos):
        half = halves[number * 2 // given.photos]
        half.mkdir(exist_ok=True)
        shutil.copyfile(photo, half / f"{number:03}.jpg")
    with worker("bare") as networks, worker("batch") as child, Memory(child.process.pid) as memory:
        child.ask(photo, 300)
        alone = networks.ask("", 300)
        start, seconds = monotonic(), 0.0
        for half in filter(Path.exists, halves):
            done = child.ask(half, 60 * given.photos)
            seconds += done["seconds"]
            for sentence in done["wrong"]:
                report.fault(f"in the batch, {sentence}")
            end = monotonic()
            alone += networks.ask("", 300)
        third = (end - start) / 3
        first, last = memory.peak(start, start + third), memory.peak(end - third, end)
        peak = memory.peak(start, end)
    each = seconds / given.photos
    name = f"batch of {given.photos} photos of {MEGAPIXELS} MP, “{DEFAULT_MODEL}”: seconds a photo ÷ the bare networks'"
    sessions = (("in onnxruntime's plain sessions", "≤ 1.45"), ("in the program's sessions", "–"))
    for (kind, reach), times in zip(sessions, zip(*alone, strict=True), strict=True):
        floor, spread = median(times), f"{min(times):.2f}–{max(times):.2f}"
        said = f"{each / floor:.2f} ({each:.2f} s ÷ {floor:.2f} s, which took {spread} s)"
        report.figure(f"{name} {kind}", said, reach)
    report.memory("memory during it", f"{peak / 1000:.2f} GB", "≤ 2 GB in all")
    report.memory("its peak in the last third ÷ in the first", f"{last / (first or 1):.2f}", "flat")


# ---- many visitors --------------------------------------------------------------------------------------------------


@cache
def cutouts() -> dict[Path, bytes]:
    """The files that the examples have to end in, by another door."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bgdemo", *map(str, PHOTOS), "-o", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return {photo: (Path(folder) / f"{photo.stem}-removedbg.png").read_bytes() for photo in PHOTOS}


async def warm_up(app: App) -> None:
    async with Visitor(app.url) as visitor:
        await visitor.file_of(PHOTOS[0])


def check_log(app: App, report: Report) -> None:
    """What the server logged of errors that nobody expected."""
    log = app.log.read_text("utf-8")
    raised = Counter(re.findall(r"^Traceback .*\n(?:[ \t].*\n|\n)+(\S.*)", log, re.MULTILINE))
    raised.update(re.findall(r"^\S+ \S+ ((?:ERROR|CRITICAL) .*)", log, re.MULTILINE))
    for line, count in raised.items():
        report.fault(f"in the server's log, {count} ×: {line[:200]}")


def visitors(given: argparse.Namespace, folder: Path, report: Report) -> None:
    expected = cutouts()
    each = min(PHOTOS_EACH, given.photos)
    times: dict[int, list[float]] = {number: [] for number in range(given.visitors)}
    right = 0

    async def visit(url: str, number: int) -> None:
        nonlocal right
        async with Visitor(url) as visitor:
            for turn in range(each):
                photo = PHOTOS[(number + turn) % len(PHOTOS)]
                start = monotonic()
                try:
                    data = await visitor.file_of(photo)
                except FAILURES as error:
                    report.fault(f"visitor {number}'s {photo.name}: {type(error).__name__}: {error}")
                    continue
                finally:
                    times[number].append(monotonic() - start)
                right += report.same(data, expected[photo], f"visitor {number}'s {photo.name}")

    async def crowd(app: App) -> None:
        await warm_up(app)
        async with asyncio.TaskGroup() as group:
            for number in range(given.visitors):
                group.create_task(visit(app.url, number))

    with serve(folder) as app:
        asyncio.run(crowd(app))
        check_log(app, report)
    name = f"{given.visitors} visitors at once, {each} photos each"
    report.figure(f"{name}: right", f"{right} of {given.visitors * each}", "all")
    sums = [sum(seconds) for seconds in times.values()]
    photos = [one for seconds in times.values() for one in seconds]
    for what, all_ in (("visitor", sums), ("photo", photos)):
        measured = f"{max(all_) / mean(all_):.2f} (mean {mean(all_):.1f} s)"
        report.figure(f"slowest {what} ÷ the mean", measured, "≤ 1.3" if what == "visitor" else "–")


@asynccontextmanager
async def batch_under_way(url: str, count: int) -> AsyncIterator[asyncio.Task[bytes]]:
    """A batch of so many photos at the HTTP API, given up when the block ends."""
    async with Program(url) as program:
        sent = [await program.send(PHOTOS[number % len(PHOTOS)], f"{number}.jpg") for number in range(count)]
        call = asyncio.create_task(program.remove_many(sent))
        try:
            yield call
        finally:
            call.cancel()
            await asyncio.wait([call])


def beside(given: argparse.Namespace, folder: Path, report: Report) -> None:
    expected = cutouts()
    count = given.photos * TIMES_LONGER

    async def singles(app: App) -> list[float]:
        times = []
        for number in range(SINGLES):
            photo = PHOTOS[number % len(PHOTOS)]
            async with Visitor(app.url) as visitor:
                start = monotonic()
                data = await visitor.file_of(photo)
                times.append(monotonic() - start)
            report.same(data, expected[photo], f"a single visitor's {photo.name}")
        return times

    async def both(app: App) -> tuple[list[float], list[float]]:
        await warm_up(app)
        alone = await singles(app)
        async with batch_under_way(app.url, count) as call:
            await asyncio.sleep(2 * mean(alone))
            crowded = await singles(app)
            if call.done():
                report.fault(f"the batch of {count} ended before the visitors' photos were there: {call.exception()!r}")
        return alone, crowded

    with serve(folder) as app:
        alone, crowded = asyncio.run(both(app))
        check_log(app, report)
    more = [(one - median(alone)) / median(alone) for one in (median(crowded), max(crowded))]
    measured = f"{more[0]:.2f}, at most {more[1]:.2f} photo's times (alone {median(alone):.2f} s)"
    report.figure(f"a single photo beside a batch of {count}: longer by", measured, "≤ 1 photo's time")


# ---- bad files ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """What became of a hostile file: `fault` is empty, or says what nobody expected; `megabytes` more were in use."""

    file: str
    fault: str
    seconds: float
    megabytes: float


def hostile(given: argparse.Namespace, folder: Path, report: Report) -> None:
    if not given.hostile:
        print("Left out: no --hostile DIR.")
        return
    files = sorted(path for path in given.hostile.rglob("*") if path.is_file())
    for door, trials in (("Python", through_python(files)), ("the server", through_server(files, folder, report))):
        for trial in trials:
            if trial.fault:
                report.fault(f"{trial.file} through {door}: {trial.fault}")
            if trial.seconds > 20 or trial.megabytes > 500:
                print(f"{trial.file} through {door}: {trial.seconds:.1f} s, {trial.megabytes:.0f} MB more")
        good = sum(not trial.fault for trial in trials)
        name = f"hostile files through {door}"
        report.figure(f"{name}: a cutout or a sentence", f"{good} of {len(trials)}", "all")
        report.figure(f"{name}: slowest", f"{max(trial.seconds for trial in trials):.1f} s", "≤ 20 s")
        report.memory(f"{name}: memory above", f"{max(trial.megabytes for trial in trials):.0f} MB", "≤ 500 MB")


def through_python(files: Sequence[Path]) -> list[Trial]:
    """Each file in a process that has made a good one already; in a new one after a crash."""
    trials: list[Trial] = []
    while len(trials) < len(files):
        with worker("hostile") as child, Memory(child.process.pid) as memory:
            child.ask(json.dumps(str(PHOTOS[0])), FILE_SECONDS)
            for file in files[len(trials) :]:
                before, start = memory.now(), monotonic()
                try:
                    fault = child.ask(json.dumps(str(file)), FILE_SECONDS)
                except ChildProcessError as error:
                    fault = f"the process: {error}"
                end = monotonic()
                trials.append(Trial(file.name, fault, end - start, memory.peak(start, end) - before))
                if child.process.poll() is not None:
                    break
    return trials


def through_server(files: Sequence[Path], folder: Path, report: Report) -> list[Trial]:
    """Each file over HTTP, and after them all a good photo, in the server that has seen them."""
    expected = cutouts()[PHOTOS[0]]

    async def run(app: App) -> list[Trial]:
        trials = []
        async with Program(app.url) as program:
            with Memory(app.process.pid) as memory:
                await program.remove(PHOTOS[0])
                first = memory.now()
                for file in files:
                    before, start = memory.now(), monotonic()
                    fault = await attempt(program, file)
                    end = monotonic()
                    trials.append(Trial(file.name, fault, end - start, memory.peak(start, end) - before))
                report.memory("the server's memory after all of them, above", f"{memory.now() - first:.0f} MB", "flat")
            report.same(await program.remove(PHOTOS[0]), expected, "the good photo after the hostile files")
        return trials

    with serve(folder) as app:
        trials = asyncio.run(run(app))
        check_log(app, report)
    return trials


async def attempt(program: Program, file: Path) -> str:
    """What is wrong with the answer to a hostile file, if anything."""
    try:
        async with asyncio.timeout(FILE_SECONDS):
            await program.remove(file, model=QUICKEST)
    except RefusedError as refusal:
        return "" if refusal.said else str(refusal)
    except TimeoutError:
        return "no answer in time"
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    return ""


# ---- whatever visitors do -------------------------------------------------------------------------------------------

LOOKS: tuple[dict[str, Any], ...] = (
    {"look": {"background": "studio"}},
    {"look": {"background": "blur", "blur": "60"}},
    {"look": {"background": "white", "shadow": "contact"}},
    {"look": {"outline": "white"}},
    {"look": {"crop": "1:1"}, "format": "webp"},
    {"look": {"background": "color", "color": "#2563eb"}, "format": "jpeg"},
    {"look": {}, "detail": True},
)


@dataclass
class Stock:
    """What the visitors of the mixed load have, and what became of it; `left` is who closed a tab, and when."""

    random: random.Random
    cutouts: dict[Path, bytes]
    bad: list[Path]
    report: Report
    done: Counter[str] = field(default_factory=Counter)
    left: dict[str, float] = field(default_factory=dict)


async def open_any(visitor: Visitor, stock: Stock) -> Path:
    """A photo, under a name that tells whose it is."""
    photo = stock.random.choice(PHOTOS)
    await visitor.open(photo, f"{visitor.tab}-{photo.name}")
    return photo


async def another_photo(visitor: Visitor, stock: Stock) -> None:
    photo = await open_any(visitor, stock)
    stock.report.same(await visitor.file(), stock.cutouts[photo], f"in the mixed load, {photo.name}")


async def something_unfinished(visitor: Visitor, stock: Stock) -> None:
    await open_any(visitor, stock)
    await visitor.follow()


async def another_in_the_middle(visitor: Visitor, stock: Stock) -> None:
    await something_unfinished(visitor, stock)
    await asyncio.sleep(stock.random.uniform(0, 2))
    await another_photo(visitor, stock)


async def another_look(visitor: Visitor, stock: Stock) -> None:
    await visitor.want(**stock.random.choice(LOOKS))
    await visitor.file()


async def a_stroke(visitor: Visitor, stock: Stock) -> None:
    points = [[stock.random.random(), stock.random.random()] for _ in range(4)]
    await visitor.want(touch={"strokes": [{"keep": stock.random.random() < 0.5, "width": 0.03, "points": points}]})
    await visitor.file()


async def a_bad_file(visitor: Visitor, stock: Stock) -> None:
    bad = stock.random.choice(stock.bad)
    await visitor.open(bad, f"{visitor.tab}-{bad.name}")
    errors = (await visitor.settled())["errors"]
    if "photo" not in errors or say("error.unexpected", "en") in errors.values():
        stock.report.fault(f"in the mixed load, {bad.name} was answered with {errors}")
    await another_photo(visitor, stock)


ACTIONS = {another_photo: 4, another_look: 5, a_stroke: 3, another_in_the_middle: 2, a_bad_file: 2}
"""What visitors do, and how often of 16 times."""


async def wander(url: str, stock: Stock, until: float) -> None:
    """One visitor after another, of whom each does a few things at random and leaves in the middle of something."""
    while monotonic() < until:
        async with Visitor(url) as visitor:
            await attempted(another_photo, visitor, stock)
            for action in stock.random.choices(list(ACTIONS), list(ACTIONS.values()), k=stock.random.randint(0, 8)):
                if monotonic() < until:
                    await asyncio.sleep(stock.random.uniform(0, 2))
                    await attempted(action, visitor, stock)
            await attempted(something_unfinished, visitor, stock)
        stock.left[visitor.tab] = monotonic()


async def attempted(action: Callable[[Visitor, Stock], Any], visitor: Visitor, stock: Stock) -> None:
    """What cannot be had is a fault, and not the end."""
    stock.done[action.__name__] += 1
    try:
        await action(visitor, stock)
    except FAILURES as error:
        stock.report.fault(f"in the mixed load, {action.__name__}: {type(error).__name__}: {error}")


def bad_files(folder: Path) -> list[Path]:
    good = PHOTOS[0].read_bytes()
    # A PNG that says that it has 60,000 × 60,000 pixels.
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + bytes(4)
    contents = {"empty": b"", "text": b"no photo", "half": good[: len(good) // 2], "bomb": bomb, "page": b"<html>" * 99}
    paths = []
    for stem, content in contents.items():
        path = folder / f"{stem}.jpg"
        path.write_bytes(content)
        paths.append(path)
    return paths


def files_in(app: App) -> set[Path]:
    return {path for path in app.files.rglob("*") if path.is_file()}


def mixed(given: argparse.Namespace, folder: Path, report: Report) -> None:
    stock = Stock(random.Random(11), cutouts(), bad_files(folder), report)
    spell = min(300.0, given.minutes * 60 / 3)
    wrong_before = len(report.wrong)

    async def crowd(app: App, until: float) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(given.visitors):
                group.create_task(wander(app.url, stock, until))

    with serve(folder, BGDEMO_KEEP_SECONDS=str(KEEP_SECONDS)) as app, Memory(app.process.pid) as memory:
        at_first = files_in(app)
        asyncio.run(warm_up(app))
        start = monotonic()
        asyncio.run(crowd(app, start + given.minutes * 60))
        end = monotonic()
        gone = {tab for tab, time in stock.left.items() if time < end - KEEP_SECONDS - LATE}
        kept = [path for path in files_in(app) if path.name.partition("-")[0] in gone]
        threading.Event().wait(KEEP_SECONDS + LATE)
        left = files_in(app) - at_first
        check_log(app, report)
        first, last = memory.peak(start, start + spell), memory.peak(end - spell, end)
        at_last = memory.now()
    count = sum(stock.done.values())
    print(", ".join(f"{name} {times} ×" for name, times in stock.done.most_common()))
    name = f"{given.minutes:g} minutes of mixed load, {given.visitors} visitors at once, {len(stock.left)} in all"
    report.figure(f"{name}, {count} acts: what was wrong", str(len(report.wrong) - wrong_before), "0")
    measured = f"{last / (first or 1):.2f} ({last:.0f} MB ÷ {first:.0f} MB; {at_last:.0f} MB after all had left)"
    report.memory(f"its memory's peak in the last {spell:.0f} s ÷ in the first", measured, "≤ 1.1")
    seen = f"{len(kept)} files of {len(gone)} during it"
    report.figure("left of those who left", f"{seen}; {len(left)} files of all after it", "0")


# ---- killed ---------------------------------------------------------------------------------------------------------


def killed(given: argparse.Namespace, folder: Path, report: Report) -> None:
    """The same visitors before and after, whose photos were sent before."""
    expected = cutouts()
    keep = {"BGDEMO_KEEP_SECONDS": str(KEEP_SECONDS)}
    with serve(folder, **keep) as app:
        at_first = files_in(app)
        tabs = {Visitor(app.url): PHOTOS[number % len(PHOTOS)] for number in range(given.visitors)}
        asyncio.run(warm_up(app))
        processes = asyncio.run(kill_under_load(app, tabs))
        before = files_in(app) - at_first
        check_log(app, report)
    start = monotonic()
    times = []

    async def go_on(visitor: Visitor, photo: Path) -> None:
        async with visitor:
            data = await visitor.file()
        times.append(monotonic() - start)
        report.same(data, expected[photo], f"after it was killed, {photo.name}")

    async def crowd() -> None:
        async with asyncio.TaskGroup() as group:
            for visitor, photo in tabs.items():
                group.create_task(go_on(visitor, photo))

    with serve(folder, GRADIO_SERVER_PORT=app.url.rpartition(":")[2], **keep) as app:
        serves = monotonic() - start
        orphans = alive(processes)
        kill(orphans)
        asyncio.run(crowd())
        threading.Event().wait(KEEP_SECONDS + LATE)
        left = files_in(app) - at_first
        for path in sorted(left)[:20]:
            print(f"left: {path.relative_to(app.files)}")
        check_log(app, report)
    name = f"killed with {given.visitors} visitors at work, and started again: until it serves"
    report.figure(name, f"{serves:.1f} s", "≤ 5 s")
    measured = f"{min(times):.1f} s, the last {max(times):.1f} s"
    report.figure("and until the first of their files, of photos sent before, is there", measured, "–")
    measured = f"{len(orphans)} processes; {len(left & before)} files, and {len(left - before)} of after it"
    report.figure(f"left of before, after {KEEP_SECONDS} s", measured, "0")


async def kill_under_load(app: App, tabs: dict[Visitor, Path]) -> list[int]:
    """Kill the server while it works for all of them; the other processes that it had."""
    opened = asyncio.Barrier(len(tabs) + 1)

    async def visit(visitor: Visitor, photo: Path) -> None:
        async with visitor:
            await visitor.open(photo)
            await opened.wait()
            await visitor.settled()

    async with asyncio.TaskGroup() as group:
        visits = [group.create_task(visit(visitor, photo)) for visitor, photo in tabs.items()]
        await opened.wait()
        await asyncio.sleep(1)
        processes = family(app.process.pid)[1:]
        app.process.kill()
        app.process.wait()
        for one in visits:
            one.cancel()
    return processes


PARTS: dict[str, Callable[[argparse.Namespace, Path, Report], None]] = {
    "batch": batch,
    "visitors": visitors,
    "beside": beside,
    "hostile": hostile,
    "mixed": mixed,
    "killed": killed,
}

if __name__ == "__main__":
    sys.exit(main())
