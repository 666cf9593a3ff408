"""The stages: each makes one task's results, and adds them to what is done."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Photo, Picture, Pixels
from bgdemo.matte import segmentation
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.fusion import disagreement
from bgdemo.matte.models import MODELS, PLATE
from bgdemo.matte.plate import empty_scene
from bgdemo.page.decoding import decode, measure
from bgdemo.page.explaining import explained
from bgdemo.page.files import Folder, picture_of
from bgdemo.page.mattes import MatteStore
from bgdemo.page.plan import COMPARED
from bgdemo.page.results import (
    Candidate,
    Composed,
    Done,
    Edges,
    FullSize,
    Opened,
    Place,
    Preview,
    Results,
    StageName,
    Task,
    Written,
)
from bgdemo.page.wanted import Wanted
from bgdemo.picture.checks import inspect
from bgdemo.picture.compositing import compose, framed
from bgdemo.picture.encoding import encode, encode_mask, file_name, has_palette
from bgdemo.picture.faces import faces_of
from bgdemo.picture.frames import frame_of
from bgdemo.picture.looks import WHITE, Blur, Crop, Look, Outline, Shadow, Size
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.resampling import resize_rgba
from bgdemo.pipeline import doubts, draft, finish, keeps_pixels, preview, render, rendering, segment
from bgdemo.recipes import Recipe
from bgdemo.steps import steps

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


class SupersededError(Exception):
    """Nobody wants any more what a task was about to make."""


@dataclass(slots=True, eq=False)
class Tools:
    """What the stages of one visit work with: its files, and what networks made of its photos so far.

    `photo` is the photo at full size with its path, while it is at work: too much to keep for everybody.
    """

    folder: Folder
    mattes: MatteStore
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
    fresh = Done(photo=Opened(path, photo.size, shown, file), mattes=job.tools.mattes.load(path))
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
    inspection = inspect(job.photo.shown, shown.cutout.rgba[..., 3], finish_.look, shrunk)
    return {"picture": Composed(shown, finish_, files["cutout"], photo, width / height, frame, inspection)}


def _frame(photo: Photo, cutout: Cutout, look: Look) -> Place:
    alpha = cutout.rgba[..., 3]
    height, width = alpha.shape
    frame = frame_of(alpha, look.crop, look.size, photo)
    return frame.left / width, frame.top / height, frame.width / width, frame.height / height, frame.angle


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
    if job.photo.path in job.tools.mattes:  # one of many photos
        job.tools.mattes.save(job.photo.path, mattes)
    if matte.model == model:
        return {"mattes": mattes}
    # Its file was there, and could not be loaded; what stood in for it need not run again.
    error = UserError("error.download_failed", model=MODELS[model].name("en"))
    return {"mattes": mattes, "failures": {job.task: error}}


def _subtract(job: Job) -> Results:
    [path] = job.task.of
    empty = empty_scene(decode(path))
    job.check()
    matte = segment(job.tools.full_size(job.photo.path), Recipe(plate=empty))
    return {"plate": (path, empty), "mattes": {**job.done.mattes, PLATE: matte}}


def _draft(job: Job) -> Results:
    [model] = job.task.of
    cutout = draft(job.photo.shown, segment(job.photo.shown, Recipe(model), known=dict(job.done.mattes)))
    return {"preview": Preview(None, cutout, _mask_file(job, cutout))}


def _render(job: Job) -> Results:
    edges = Edges(*job.task.of)
    recipe = edges.recipe
    matte = segment(job.photo.shown, recipe, known=dict(job.done.mattes))
    made = rendering(job.photo.shown, matte, recipe)
    told = tuple(doubts(matte, recipe))
    return {"preview": Preview(edges, made.cutout, _mask_file(job, made.cutout), told, job.wanted.number, made)}


def _mask_file(job: Job, cutout: Cutout) -> Path:
    return job.tools.folder.add(encode_mask(cutout.rgba[..., 3], cutout.metadata), "mask.png")


def _explain(job: Job) -> Results:
    [shown] = job.task.of
    found = steps(job.photo.shown, job.done.mattes, shown.edges.recipe, shown.rendered)
    job.check()
    there = {} if job.photo.shown.alpha is not None else {id(job.photo.shown.rgb): job.photo.file}
    picture = job.done.picture
    if picture and picture.preview is shown and not picture.finish.own and picture.finish.look.leaves_all:
        there[id(shown.cutout.rgba)] = picture.file
    return {"explained": (shown, explained(job.photo.shown, found, job.tools.folder.add_pictures, there))}


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
    faces_of(job.photo.shown)  # so that whoever chooses an ID photo next need not wait until they are found
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
        recipe = edges.recipe
        cutout = render(photo, segment(photo, recipe, known=dict(job.done.mattes)), recipe)
        full = FullSize(edges, tools.folder.new("cutout.npy"), tools.folder.new(file_name(path, "mask")))
        np.save(full.pixels, cutout.rgba)
        full.mask.write_bytes(encode_mask(cutout.rgba[..., 3], cutout.metadata))
        results["full"] = full
        try:
            job.check()
        except SupersededError:  # whatever comes instead begins with this cutout
            return results
    look = _of_the_same_head(current.finish.with_picture(decode(own.path) if own else None), current, job.photo)
    recipe = replace(edges.recipe, look=look, format=kind)
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
            printed=done.printed,
        )
    }


def _of_the_same_head(look: Look, picture: Composed, photo: Opened) -> Look:
    """`look` around the head that is on the screen: of two that are about as large, the larger may be another one."""
    if not picture.inspection or not picture.inspection.heads:
        return look
    return replace(look, crop=replace(look.crop, face=photo.place_of(picture.inspection.heads[0])))


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
    "subtract": Stage(_subtract, "full_size"),
    "fetch": Stage(_fetch, "downloads", "ui.fetching"),
    "segment": Stage(_segment, "networks"),
    "draft": Stage(_draft),
    "render": Stage(_render, says="ui.refining"),
    "explain": Stage(_explain, says="ui.steps.making"),
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
        paper = PAPERS[look.sheet.paper]
        sides = tuple(side / 25.4 * look.print_dpi for side in (paper.width, paper.height))
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
