"""What a visit has done: the result of each stage, frozen, each saying what it was made of.

A result is used for as long as what it was made of stays what is wanted; nothing has to be told that it is out of date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from bgdemo.images import Cutout, Matte, Metadata, Photo, Printed
from bgdemo.matte.models import MODELS
from bgdemo.matte.strokes import UNTOUCHED, TouchUp
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.page.wanted import Finish, Wanted
from bgdemo.picture.checks import Inspection
from bgdemo.picture.faces import Head, Point
from bgdemo.picture.limits import UNLIMITED, Limit
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
    """All that decides a cutout's alpha, beside the photo. Without alpha matting there is no trimap."""

    model: str
    alpha_matting: bool
    trimap: TrimapSettings | None
    touch_up: TouchUp = UNTOUCHED

    @property
    def recipe(self) -> Recipe:
        """The recipe of such a cutout, with nothing done to it."""
        return Recipe(self.model, self.alpha_matting, self.trimap or RECOMMENDED, self.touch_up)


def edges_of(wanted: Wanted, model: str) -> Edges:
    """The edges that are wanted, by `model`."""
    return Edges(model, wanted.alpha_matting, wanted.trimap if wanted.alpha_matting else None, wanted.touch_up)


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
    "open", "read", "compose", "fetch", "segment", "draft", "render", "compare", "thumbnail", "write", "enlarge"
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
