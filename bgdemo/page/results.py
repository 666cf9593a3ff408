"""What a visit has done: the result of each stage, frozen, each saying what it was made of.

A result is used for as long as what it was made of stays what is wanted; nothing has to be told that it is out of date.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from bgdemo.images import Cutout, Matte, Metadata, Photo, Printed
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE
from bgdemo.matte.strokes import UNTOUCHED, TouchUp
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.page.explaining import Explained
from bgdemo.page.wanted import Finish, Wanted
from bgdemo.picture.checks import Inspection
from bgdemo.picture.faces import Head, Point
from bgdemo.picture.limits import UNLIMITED, Limit
from bgdemo.pipeline import Rendering
from bgdemo.recipes import Recipe

Place = tuple[float, float, float, float, float]
"""Left, top, width and height in fractions of the photo's width and height; and how far it is turned clockwise about
its middle, in degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """The photo of the file `path`: its `size` (width, height), and what the screen shows of it, as pixels and file."""

    path: Path
    size: tuple[int, int]
    shown: Photo
    file: Path

    def place_of(self, head: Head) -> Point:
        """Where the eyes of a head of `shown` are, in fractions of its width and height; of a cut one at its edge."""
        right, down = (at / side for at, side in zip(head.eyes, self.shown.size, strict=True))
        return min(1.0, max(0.001, right)), min(1.0, max(0.001, down))


class Edges(NamedTuple):
    """All that decides a cutout's alpha, beside the photo. Without alpha matting there is no trimap.

    With a `plate` no model is asked, and the default one stands for all.
    """

    model: str
    alpha_matting: bool
    trimap: TrimapSettings | None
    touch_up: TouchUp = UNTOUCHED
    plate: Photo | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe of such a cutout, with nothing done to it."""
        trimap = self.trimap or RECOMMENDED
        return Recipe(self.model, self.alpha_matting, trimap, self.touch_up, plate=self.plate)


def edges_of(wanted: Wanted, model: str, plate: Photo | None = None) -> Edges:
    """The edges that are wanted, by `model` or by a `plate`."""
    trimap = wanted.trimap if wanted.alpha_matting else None
    return Edges(DEFAULT_MODEL if plate else model, wanted.alpha_matting, trimap, wanted.touch_up, plate)


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A cutout at display size, of `edges`, or a draft of none, and its mask's file.

    `doubts` are keys of notes on whether its subject is one, and whole. `number` is that of the page's message that
    asked for the edges; a draft has no doubts yet, and answers none. `rendered` is what was made on the way to it.
    """

    edges: Edges | None
    cutout: Cutout
    mask: Path
    doubts: tuple[str, ...] = ()
    number: int = 0
    rendered: Rendering | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """The picture on the screen: `preview` finished as `finish` says. `photo` is what it is compared with, if anything.

    `ratio` is its width / height; `frame` is where it lies over the photo, unless it is a sheet. `inspection` is of the
    head that it frames, if it is an ID photo.
    """

    preview: Preview
    finish: Finish
    file: Path
    photo: Path | None
    ratio: float
    frame: Place | None
    inspection: Inspection | None = None


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

    It is `unchanged` if it has the photo's own values, `reduced` if only few colours fit into the limit; `printed` says
    what it is if it is a sheet.
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
    printed: Printed | None = None


StageName = Literal[
    "open",
    "read",
    "compose",
    "subtract",
    "fetch",
    "segment",
    "draft",
    "render",
    "explain",
    "compare",
    "thumbnail",
    "write",
    "enlarge",
]


@dataclass(frozen=True, slots=True)
class Task:
    """One stage for the open `photo`, and what its result depends on beside it (`of`)."""

    stage: StageName
    photo: Opened | None
    of: tuple[Any, ...] = ()


Results = dict[str, Any]
"""New values of fields of `Done`."""


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """The newest result of each stage, all of the open photo, and the tasks that failed.

    `mattes` are what the models see, by their ids, what networks see in the mirror, and by `PLATE` what is not in
    `plate`, a photo of the empty scene with the path that it was read from; `own` is the background of
    one's own at display size with the path that it was read from, `candidates` the results to choose from (none where
    the networks agree), `explained` the steps to a preview, `thumbs` a strip of thumbnails with the preview that it
    shows, `detail` a file of the photo's own pixels, `here` the models that need no download any more.
    """

    photo: Opened | None = None
    mattes: Mapping[str, Matte] = field(default_factory=dict)
    plate: tuple[Path, Photo] | None = None
    preview: Preview | None = None
    own: tuple[Path, Photo] | None = None
    picture: Composed | None = None
    candidates: tuple[Candidate, ...] | None = None
    explained: tuple[Preview, Explained] | None = None
    thumbs: tuple[Preview, Path] | None = None
    full: FullSize | None = None
    detail: Path | None = None
    written: Written | None = None
    here: frozenset[str] = frozenset(spec.id for spec in MODELS.values() if spec.bundled)
    failures: Mapping[Task, Exception] = field(default_factory=dict)

    def plate_of(self, wanted: Wanted) -> Photo | None:
        """The plate that is wanted, if what it tells of the photo is known."""
        return self.plate[1] if self.plate and self.plate[0] == wanted.plate and PLATE in self.mattes else None

    def with_results(self, results: Results) -> Done:
        """With new values of its fields; failures are added to those that there are."""
        return replace(self, **results | {"failures": {**self.failures, **results.get("failures", {})}})

    def with_failure(self, task: Task, error: Exception) -> Done:
        """With `task` as one that failed."""
        return self.with_results({"failures": {task: error}})

    @property
    def nbytes(self) -> int:
        """Of the pictures and mattes that it holds in memory."""
        previews = (
            self.preview,
            self.picture and self.picture.preview,
            self.written and self.written.picture.preview,
            self.thumbs and self.thumbs[0],
            self.explained and self.explained[0],
        )
        photos = (self.photo and self.photo.shown, self.own and self.own[1], self.plate and self.plate[1])
        arrays: list[NDArray[Any] | None] = []
        for preview in previews:
            made = preview and preview.rendered
            arrays += [preview.cutout.rgba] if preview else []
            arrays += [made.prediction, made.alpha] if made else []
        for photo in photos:
            arrays += [photo.rgb, photo.alpha] if photo else []
        for matte in self.mattes.values():
            arrays += [matte.alpha, *matte.features]
        return sum({id(array): array.nbytes for array in arrays if array is not None}.values())

    def within(self, nbytes: int, needed: Collection[str]) -> Done:
        """The same in `nbytes`, if it can be without mattes that are not `needed`: the largest go first."""
        done = self
        others = [name for name in self.mattes if name not in needed]
        for name in sorted(others, key=lambda name: -_bytes_of(self.mattes[name])):
            if done.nbytes <= nbytes:
                break
            done = replace(done, mattes={kept: matte for kept, matte in done.mattes.items() if kept != name})
        return done

    def files(self) -> set[Path]:
        """Every file that is still of use."""
        found: set[Path | None] = {self.detail, *(candidate.file for candidate in self.candidates or ())}
        if self.photo:
            found |= {self.photo.path, self.photo.file}
        if self.preview:
            found.add(self.preview.mask)
        found |= {read[0] for read in (self.own, self.plate) if read}
        if self.picture:
            own = self.picture.finish.own
            found |= {self.picture.file, self.picture.photo, own.path if own else None}
        if self.thumbs:
            found.add(self.thumbs[1])
        if self.explained:
            found |= self.explained[1].files()
        if self.full:
            found |= {self.full.pixels, self.full.mask}
        if self.written:
            found |= {self.written.path, self.written.mask}
        return {path for path in found if path}


def _bytes_of(matte: Matte) -> int:
    return matte.alpha.nbytes + sum(layer.nbytes for layer in matte.features)
