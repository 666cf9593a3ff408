"""From what is wanted to what the screen shows: stages that remember what they made, and which of them comes next.

`plan` compares what is wanted with what is done and names the next task; doing it adds to what is done; and so on,
until nothing is left. Both are frozen, and every result says what it was made of: it is used for as long as that stays
the same, and nothing has to be told that it is out of date.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from bgdemo.decode import decode, measure
from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Metadata, Photo, Picture, Pixels
from bgdemo.matte import segmentation
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.fusion import disagreement
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import UNTOUCHED, TouchUp
from bgdemo.matte.trimap import TrimapSettings
from bgdemo.page.files import Folder, picture_of
from bgdemo.page.wanted import UNFINISHED, Finish, Wanted
from bgdemo.picture.checks import head_notes
from bgdemo.picture.compositing import compose, framed
from bgdemo.picture.encoding import encode, encode_mask, file_name, has_palette
from bgdemo.picture.frames import frame_of
from bgdemo.picture.limits import UNLIMITED, Limit
from bgdemo.picture.looks import WHITE, Blur, Crop, Look, Outline, Shadow, Size
from bgdemo.picture.resampling import resize_rgba
from bgdemo.picture.sheets import SHEET_CM
from bgdemo.pipeline import doubts, draft, finish, keeps_pixels, predictions, preview, render, segment
from bgdemo.recipes import Recipe

log = logging.getLogger(__name__)

SCREEN_SIDE = 1280
"""Pixels of the longer side of what the page shows: sharp there, and ready at once."""

THUMB = 128
"""Pixels of the side of a thumbnail."""

CANDIDATE = 160
"""Pixels of the longer side of a result to choose from."""

SAME = 0.05
"""Disagreement up to which two results look the same."""

DETAIL_QUALITY = 90
"""Of the JPEG that shows the photo's own pixels."""

THUMBS = (
    Look(),
    Look(shadow=Shadow("drop", 0.7)),
    Look(shadow=Shadow("contact", 0.7)),
    Look(outline=Outline(30.0, WHITE)),
    Look(background=Blur()),
)
"""What the strip of thumbnails shows, from left to right."""


Box = tuple[float, float, float, float]
"""Left, top, width and height in fractions of the photo's width and height."""


# ---- what is done ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """The photo of the file `path`: its `size` (width, height), and what the screen shows of it, as pixels and file."""

    path: Path
    size: tuple[int, int]
    shown: Photo
    file: Path


class Edges(NamedTuple):
    """All that decides a cutout's alpha, beside the photo. Without alpha matting there is no trimap."""

    model: str
    alpha_matting: bool
    trimap: TrimapSettings | None
    touch_up: TouchUp = UNTOUCHED


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A cutout at display size, of `edges`, or a draft of none, and its mask's file.

    `doubts` are keys of notes on whether its subject is one, and whole. `number` is that of the page's message that
    asked for the edges; a draft has no doubts yet, and answers none.
    """

    edges: Edges | None
    cutout: Cutout
    mask: Path
    doubts: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """The picture on the screen: `preview` finished as `finish` says. `photo` is what it is compared with, if anything.

    `ratio` is its width / height; `frame` is where it lies over the photo, unless it is a sheet. `notes` are keys of
    what there is to say about it.
    """

    preview: Preview
    finish: Finish
    file: Path
    photo: Path | None
    ratio: float
    frame: Box | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A result to choose from: a small picture of what `models` make of the photo, all of them the same."""

    models: tuple[str, ...]
    file: Path


@dataclass(frozen=True, slots=True, eq=False)
class FullSize:
    """The cutout at the photo's own size. Its pixels lie in a file: too much to hold in memory for every visitor."""

    edges: Edges
    pixels: Path
    mask: Path


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """The file to take away: `picture` at its full size, in `format` within `limit`, and what there is to say about it.

    It is `unchanged` if it has the photo's own values, `reduced` if only few colours fit into the limit.
    """

    picture: Composed
    format: str
    path: Path
    mask: Path
    bytes: int
    size: tuple[int, int]
    metadata: Metadata
    unchanged: bool
    seconds: float
    limit: Limit = UNLIMITED
    reduced: bool = False


Results = dict[str, Any]
"""New values of fields of `Done`."""


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """The newest result of each stage, all of the open photo, and the tasks that failed.

    `mattes` are what the models see, by their ids, and what networks see in the mirror; `own` is the background of
    one's own at display size with the path that it was read from, `candidates` the results to choose from (none where
    the networks agree), `thumbs` a strip of thumbnails with the preview that it shows, `detail` a file of the photo's
    own pixels, `here` the models that need no download any more.
    """

    photo: Opened | None = None
    mattes: Mapping[str, Matte] = field(default_factory=dict)
    preview: Preview | None = None
    own: tuple[Path, Photo] | None = None
    picture: Composed | None = None
    candidates: tuple[Candidate, ...] | None = None
    thumbs: tuple[Preview, Path] | None = None
    full: FullSize | None = None
    detail: Path | None = None
    written: Written | None = None
    here: frozenset[str] = frozenset(spec.id for spec in MODELS.values() if spec.bundled)
    failures: Mapping[Task, Exception] = field(default_factory=dict)

    def with_results(self, results: Results) -> Done:
        """With new values of its fields; failures are added to those that there are."""
        return replace(self, **results | {"failures": {**self.failures, **results.get("failures", {})}})

    def with_failure(self, task: Task, error: Exception) -> Done:
        """With `task` as one that failed."""
        return self.with_results({"failures": {task: error}})

    def files(self) -> set[Path]:
        """Every file that is still of use."""
        found: set[Path | None] = {self.detail, *(candidate.file for candidate in self.candidates or ())}
        if self.photo:
            found |= {self.photo.path, self.photo.file}
        if self.preview:
            found.add(self.preview.mask)
        if self.own:
            found.add(self.own[0])
        if self.picture:
            own = self.picture.finish.own
            found |= {self.picture.file, self.picture.photo, own.path if own else None}
        if self.thumbs:
            found.add(self.thumbs[1])
        if self.full:
            found |= {self.full.pixels, self.full.mask}
        if self.written:
            found |= {self.written.path, self.written.mask}
        return {path for path in found if path}


# ---- what comes next ------------------------------------------------------------------------------------------------

StageName = Literal[
    "open", "read", "compose", "fetch", "segment", "draft", "render", "compare", "thumbnail", "write", "enlarge"
]


@dataclass(frozen=True, slots=True)
class Task:
    """One stage for the open `photo`, and what its result depends on beside it (`of`)."""

    stage: StageName
    photo: Opened | None
    of: tuple[Any, ...] = ()


def plan(wanted: Wanted, done: Done) -> Task | None:
    """The next task on the way to what is `wanted`, or None when all is done that can be."""
    return next((task for task in _missing(wanted, done) if task not in done.failures), None)


def obstacles(wanted: Wanted, done: Done) -> dict[Task, Exception]:
    """The failed tasks that keep anything from being as it is `wanted`."""
    return {task: done.failures[task] for task in _missing(wanted, done) if task in done.failures}


def _missing(wanted: Wanted, done: Done) -> Iterator[Task]:
    """The tasks whose results are missing, in order; after each, how to go on if it failed."""
    if wanted.photo and (not done.photo or done.photo.path != wanted.photo):
        yield Task("open", None, (wanted.photo,))
    photo, shown = done.photo, done.preview
    if not photo:
        return

    # What there is shows every change of look at once, even while a network or a download is waited for.
    own = wanted.finish.own
    if own and not (done.own and done.own[0] == own.path):
        yield Task("read", photo, (own.path,))
        if Task("read", photo, (own.path,)) in done.failures:
            own = None
    current = None
    if shown:
        for look in _finishes(wanted, done, readable=bool(own) or not wanted.finish.own):
            if done.picture and done.picture.preview is shown and done.picture.finish is look:
                current = done.picture
                break
            yield Task("compose", photo, (shown, look))

    def here(model: str) -> bool:
        return _at_hand(model, done, wanted.touch_up)

    if (
        shown
        and shown.edges
        and shown.edges.touch_up != wanted.touch_up
        and not here(wanted.model)
        and here(shown.edges.model)
    ):
        # So does it every stroke, on what the model before makes of it.
        yield Task("render", photo, shown.edges._replace(touch_up=wanted.touch_up))

    for model in (wanted.model, DEFAULT_MODEL):  # which steps in for one that cannot be had
        if model not in done.here:
            yield (task := Task("fetch", photo, (model, wanted.attempt)))
            if task in done.failures:
                continue
        first = MODELS[model].first
        if not shown and not here(first):
            yield Task("segment", photo, (first, wanted.attempt))
        if not shown and here(first):
            yield Task("draft", photo, (first,))
        if not here(model):
            yield (task := Task("segment", photo, (model, wanted.attempt)))
            if task in done.failures:
                continue
        break
    edges = Edges(model, wanted.alpha_matting, wanted.trimap if wanted.alpha_matting else None, wanted.touch_up)
    if (not shown or shown.edges != edges) and here(model):
        yield Task("render", photo, edges)
    if not shown or not current or not shown.edges:
        return
    if to_compare(wanted, done) and done.candidates is None:
        yield Task("compare", photo)
    if not done.thumbs or done.thumbs[0] is not shown:
        yield Task("thumbnail", photo, (shown,))
    asked = (current, wanted.format, wanted.limit)
    written = done.written and (done.written.picture, done.written.format, done.written.limit)
    if not wanted.live and written != asked:
        yield Task("write", photo, asked)
    if wanted.detail and not wanted.live and not done.detail:
        yield Task("enlarge", photo)


def _at_hand(model: str, done: Done, touch_up: TouchUp = UNTOUCHED) -> bool:
    """Whether all that `model` and the strokes need of networks is there."""
    return predictions(model, touch_up) <= done.mattes.keys()


COMPARED = (DEFAULT_MODEL, *MODELS[DEFAULT_MODEL].parts)
"""The models that one may choose between by their results: two networks, and before them what is fused from both."""


def to_compare(wanted: Wanted, done: Done) -> bool:
    """Whether the results to choose from can be shown to one who chose one of their models."""
    return wanted.model in COMPARED and _at_hand(DEFAULT_MODEL, done)


def _finishes(wanted: Wanted, done: Done, readable: bool) -> Iterator[Finish]:
    """What is wanted, and what stands in for it where it cannot be: the last that could, and nothing at all."""
    if readable:
        yield wanted.finish
    if done.picture:
        yield done.picture.finish
    yield UNFINISHED


# ---- the stages -----------------------------------------------------------------------------------------------------


class SupersededError(Exception):
    """Nobody wants any more what a task was about to make."""


@dataclass(slots=True, eq=False)
class Tools:
    """What the stages of one visit work with.

    `photo` is the photo at full size with its path, while it is at work: too much to keep for everybody.
    """

    folder: Folder
    photo: tuple[Path, Photo] | None = None

    def full_size(self, path: Path) -> Photo:
        """The photo of `path` at full size."""
        held = self.photo
        if not held or held[0] != path:
            self.photo = held = (path, decode(path))
        return held[1]


class Job(NamedTuple):
    """One task under way: what it works from; `check` raises SupersededError once it is in vain."""

    task: Task
    wanted: Wanted
    done: Done
    tools: Tools
    check: Callable[[], None]
    report: segmentation.Report

    @property
    def photo(self) -> Opened:
        """The open photo."""
        assert self.task.photo
        return self.task.photo


def _open(job: Job) -> Results:
    [path] = job.task.of
    photo = job.tools.full_size(path)
    shown = preview(photo, SCREEN_SIDE)
    file = job.tools.folder.add_pictures({"photo": picture_of(shown)})["photo"]
    fresh = Done(photo=Opened(path, photo.size, shown, file))
    kept = ("own", "here", "failures")
    return {name: getattr(fresh, name) for name in Done.__dataclass_fields__ if name not in kept}


def _read(job: Job) -> Results:
    [path] = job.task.of
    return {"own": _read_picture(path)}


def _read_picture(path: Path) -> tuple[Path, Photo]:
    return path, preview(decode(path), SCREEN_SIDE)


def _compose(job: Job) -> Results:
    shown, finish_ = job.task.of
    own, read = finish_.own, job.done.own
    if own and not (read and read[0] == own.path):  # the look before one that failed
        read = _read_picture(own.path)
    look = _for_screen(finish_.with_picture(read and read[1]))
    pictures = {"cutout": finish(shown.cutout, job.photo.shown, Recipe(look=look))}
    if (look.size or look.crop != Crop()) and not look.sheet:
        pictures["photo"] = framed(job.photo.shown, shown.cutout, look)
    job.check()
    height, width = pictures["cutout"].pixels.shape[:2]
    files = job.tools.folder.add_pictures(pictures)
    photo = None if look.sheet else files.get("photo", job.photo.file)
    frame = None if look.sheet else _frame(job.photo.shown, shown.cutout, look)
    shrunk = job.photo.shown.size[0] / job.photo.size[0]
    told = head_notes(job.photo.shown, shown.cutout.rgba[..., 3], finish_.look, shrunk)
    return {"picture": Composed(shown, finish_, files["cutout"], photo, width / height, frame, told)}


def _frame(photo: Photo, cutout: Cutout, look: Look) -> Box:
    alpha = cutout.rgba[..., 3]
    height, width = alpha.shape
    frame = frame_of(alpha, look.crop, look.size, photo)
    return frame.left / width, frame.top / height, frame.width / width, frame.height / height


def _fetch(job: Job) -> Results:
    model, _ = job.task.of

    def report(fraction: float) -> None:
        job.check()  # who wants something else by now waits no longer; the download goes on
        job.report(fraction)

    segmentation.fetch(MODELS[model], report)
    return {"here": job.done.here | {model}}


def _segment(job: Job) -> Results:
    model, _ = job.task.of
    mattes = dict(job.done.mattes)
    matte = segment(job.tools.full_size(job.photo.path), Recipe(model, touch_up=job.wanted.touch_up), known=mattes)
    for new in mattes.keys() - job.done.mattes.keys():
        if new not in MODELS or not MODELS[new].parts:
            log.info("%s ran on one visitor's photo", new)
    if matte.model == model:
        return {"mattes": mattes}
    # Its file was there, and could not be loaded; what stood in for it need not run again.
    error = UserError("error.download_failed", model=MODELS[model].name.en)
    return {"mattes": mattes, "failures": {job.task: error}}


def _draft(job: Job) -> Results:
    [model] = job.task.of
    cutout = draft(job.photo.shown, segment(job.photo.shown, Recipe(model), known=dict(job.done.mattes)))
    return {"preview": Preview(None, cutout, _mask_file(job, cutout))}


def _render(job: Job) -> Results:
    edges = Edges(*job.task.of)
    recipe = _recipe_of(edges)
    matte = segment(job.photo.shown, recipe, known=dict(job.done.mattes))
    cutout = render(job.photo.shown, matte, recipe)
    told = tuple(doubts(matte, recipe))
    return {"preview": Preview(edges, cutout, _mask_file(job, cutout), told, job.wanted.number)}


def _mask_file(job: Job, cutout: Cutout) -> Path:
    return job.tools.folder.add(encode_mask(cutout.rgba[..., 3], cutout.metadata), "mask.png")


def _compare(job: Job) -> Results:
    photo, known = preview(job.photo.shown, CANDIDATE), dict(job.done.mattes)
    mattes = [segment(photo, Recipe(model), known=known) for model in COMPARED]
    if disagreement(mattes[1].alpha, mattes[2].alpha) <= CONSTANTS.doubt_disagreement:
        return {"candidates": ()}
    alike: list[list[Matte]] = []
    for matte in mattes:
        group = next((group for group in alike if disagreement(group[0].alpha, matte.alpha) < SAME), None)
        if group:
            group.append(matte)
        else:
            alike.append([matte])
    pictures = {group[0].model: finish(draft(photo, group[0]), photo, Recipe()) for group in alike}
    files = job.tools.folder.add_pictures(pictures)
    return {
        "candidates": tuple(
            Candidate(tuple(matte.model for matte in group), file)
            for group, file in zip(alike, files.values(), strict=True)
        )
    }


def _thumbnail(job: Job) -> Results:
    [shown] = job.task.of
    picture = _thumbnails(shown.cutout, job.photo.shown)
    return {"thumbs": (shown, job.tools.folder.add_pictures({"thumbs": picture})["thumbs"])}


def _write(job: Job) -> Results:
    current, kind, limit = job.task.of
    path, tools = job.photo.path, job.tools
    edges, own = current.preview.edges, current.finish.own
    results: Results = {}
    full = job.done.full
    cutout = _kept(full, edges, current.preview.cutout) if full else None
    if not full or not cutout:
        photo = tools.full_size(path)
        recipe = _recipe_of(edges)
        cutout = render(photo, segment(photo, recipe, known=dict(job.done.mattes)), recipe)
        full = FullSize(edges, tools.folder.new("cutout.npy"), tools.folder.new(file_name(path, "mask")))
        np.save(full.pixels, cutout.rgba)
        full.mask.write_bytes(encode_mask(cutout.rgba[..., 3], cutout.metadata))
        results["full"] = full
        try:
            job.check()
        except SupersededError:  # whatever comes instead begins with this cutout
            return results
    look = current.finish.with_picture(decode(own.path) if own else None)
    recipe = replace(_recipe_of(edges), look=look, format=kind)
    # The photo's own pixels show a blurred background and where a face is; else any photo will do.
    seen = isinstance(look.background, Blur) or look.crop.around == "head"
    done = finish(cutout, tools.full_size(path) if seen else job.photo.shown, recipe)
    job.check()
    try:
        data = encode(done, kind, limit)
    except UserError as error:  # another limit or format begins with this cutout
        return results | {"failures": {job.task: error}}
    height, width = done.pixels.shape[:2]
    return results | {
        "written": Written(
            picture=current,
            format=kind,
            path=tools.folder.add(data, file_name(path, recipe.suffix, kind)),
            mask=full.mask,
            bytes=len(data),
            size=(width, height),
            metadata=done.metadata,
            unchanged=keeps_pixels(job.photo.shown, recipe) and not has_palette(data),
            seconds=time.monotonic() - job.wanted.since,
            limit=limit,
            reduced=has_palette(data),
        )
    }


def _kept(full: FullSize, edges: Edges, shown: Cutout) -> Cutout | None:
    if full.edges != edges:
        return None
    try:
        return Cutout(np.load(full.pixels), shown.metadata, shown.model)
    except OSError:  # deleted meanwhile
        return None


def _enlarge(job: Job) -> Results:
    photo = job.tools.full_size(job.photo.path)
    job.check()
    if photo.alpha is not None:
        return {"detail": job.tools.folder.add(encode(picture_of(photo)), "photo.png")}
    path = job.tools.folder.new("photo.jpg")
    Image.fromarray(photo.rgb).save(path, quality=DETAIL_QUALITY, icc_profile=photo.metadata.icc_profile)
    return {"detail": path}


def _recipe_of(edges: Edges) -> Recipe:
    plain = Recipe(edges.model, edges.alpha_matting, touch_up=edges.touch_up)
    return replace(plain, trimap=edges.trimap) if edges.trimap else plain


def megapixels(task: Task) -> float:
    """Of the full-size work that `task` does."""
    width, height = task.photo.size if task.photo else measure(task.of[0])
    return width * height / 1e6


Lane = Literal["screen", "networks", "full_size", "downloads"]
"""Where a task is done. What is for the screen is short and comes first; all else is long, and may have to wait."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How a task is done, and in which lane; `says` is the page's word for what happens meanwhile."""

    run: Callable[[Job], Results]
    lane: Lane = "screen"
    says: str = "ui.finding"


STAGES: Mapping[StageName, Stage] = {
    "open": Stage(_open, "full_size", "ui.reading"),
    "read": Stage(_read, says="ui.reading"),
    "compose": Stage(_compose, says="ui.composing"),
    "fetch": Stage(_fetch, "downloads", "ui.fetching"),
    "segment": Stage(_segment, "networks"),
    "draft": Stage(_draft),
    "render": Stage(_render, says="ui.refining"),
    "compare": Stage(_compare, says="ui.refining"),
    "thumbnail": Stage(_thumbnail, says="ui.full_size"),
    "write": Stage(_write, "full_size", "ui.full_size"),
    "enlarge": Stage(_enlarge, "full_size", "ui.full_size"),
}


# ---- on the screen --------------------------------------------------------------------------------------------------


def _for_screen(look: Look) -> Look:
    """`look` with a size that is no more than a screen can show."""
    if not look.size:
        return look
    sides: tuple[float | None, ...] = (look.size.width, look.size.height)
    if look.sheet:
        sides = tuple(side / 2.54 * (look.size.dpi or 300) for side in SHEET_CM)
    scale = min(1.0, SCREEN_SIDE / max(side for side in sides if side))
    width, height = (side and max(1, round(side * scale)) for side in (look.size.width, look.size.height))
    return replace(look, size=Size(width, height, look.size.dpi and look.size.dpi * scale))


def _thumbnails(cutout: Cutout, photo: Photo) -> Picture:
    """The visitor's own subject in every way of `THUMBS`, side by side."""
    photo = preview(photo, 3 * THUMB)  # no larger than thumbnails need, which are there the sooner
    cutout = replace(cutout, rgba=resize_rgba(cutout.rgba, photo.size))
    frame = Look(crop=Crop("subject", 1.0, 0.12), size=Size(THUMB, THUMB))
    strip: list[Pixels] = [
        compose(cutout, photo, replace(look, crop=frame.crop, size=frame.size)).pixels for look in THUMBS
    ]
    return Picture(np.hstack(strip), cutout.metadata, cutout.model)
