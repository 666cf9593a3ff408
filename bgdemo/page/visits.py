"""What is kept of one visitor while the page is open, and the files that their browser fetches."""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gradio.context import LocalContext
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder, is_in_or_equal
from PIL import Image

from bgdemo.images import Cutout, Matte, Photo, Picture
from bgdemo.recipes import Recipe

PATIENCE = 3.0
"""Seconds that one event waits for the screens of another to be sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """A cutout at display size, and what it was made with.

    `shown` are the files that stay the same however the cutout is finished.
    """

    recipe: Recipe
    matte: Matte
    cutout: Cutout
    shown: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Work:
    """One visitor's photo: where its file lies, its picture for the screen, and every matte made of it so far.

    `photo` is at full size, until the first cutting takes it: 36 MB for 12 megapixels are too much to keep, so who has
    to wait opens the file again.
    `panel` and `format` are what was last chosen for finishing (the `number`th choice), `edges` the last cutout.
    `failure` is the sentence (HTML) about what went wrong that stands above the result, or empty; of all choices the
    `judged`th is the last that it speaks, or is silent, about.
    `turns` counts the renderings begun; whoever finds a later turn than its own has been overtaken and shows nothing
    more; `begun` is set when a place in line was found; `cutting` is the turn that is making a cutout just now, or 0,
    and `promised` the one whose file the screen promises, or 0; `closed` says that another photo was opened.

    `network` is held while a network runs, so that two renderings never run the same one twice; `screen` is held from
    yielding a screen until Gradio, which has sent it by then, asks for the next, so that they arrive in order; `state`
    while anything here changes; `full` while something of full size is made.
    """

    path: Path
    name: str
    preview: Photo
    photo: Photo | None = None
    panel: Mapping[str, Any] = field(default_factory=dict)
    format: str = "png"
    edges: Edges | None = None
    mattes: dict[str, Matte] = field(default_factory=dict)
    number: int = -1
    failure: str = ""
    judged: int = -1
    turns: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    cutting: int = 0
    promised: int = 0
    closed: bool = False
    network: threading.Lock = field(default_factory=threading.Lock)
    screen: threading.Lock = field(default_factory=threading.Lock)
    state: threading.Lock = field(default_factory=threading.Lock)
    full: threading.Lock = field(default_factory=threading.Lock)
    _full: tuple[Recipe, Path, Path] | None = None
    _backdrop: tuple[Path, Photo] | None = None

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Hold `screen`, but do not wait for ever: a visitor who left may never have asked for the next one."""
        held = self.screen.acquire(timeout=PATIENCE)
        try:
            yield
        finally:
            if held:
                self.screen.release()

    def take_photo(self) -> Photo | None:
        """The photo at full size, if nobody took it before."""
        photo, self.photo = self.photo, None
        return photo

    def begin(self, cutting: bool = False) -> int:
        """A new turn, which overtakes all earlier ones. What went wrong before a cutting is no longer told."""
        with self.state:
            self.turns += 1
            if cutting:
                self.cutting, self.failure = self.turns, ""
            return self.turns

    def overtaken(self, turn: int) -> bool:
        """Whether a later turn than `turn` has begun, or another photo was opened."""
        return self.closed or self.turns > turn

    def judge(self, panel: Mapping[str, Any], failure: str) -> bool:
        """Tell `failure`, or that there is none, of a choice; False if a later choice has been judged.

        Choices arrive in any order: the server begins two that are asked for at once side by side.
        """
        number = _number(panel)
        with self.state:
            if number < self.judged:
                return False
            self.judged, self.failure = number, failure
            return True

    def choose(self, panel: Mapping[str, Any], kind: str, turn: int = 0) -> int:
        """Note how to finish; a new turn, or 0 if the cutout under way will be finished so.

        What the cutting `turn` brings along was read when it was asked for; what was chosen since then stands.
        """
        number = _number(panel)
        with self.state:
            if number > self.number or (not turn and number == self.number):
                self.panel, self.format, self.number = panel, kind, number
            if turn or self.cutting or not self.edges:
                return 0
            self.turns += 1
            return self.turns

    def has_cut(self, turn: int, edges: Edges | None) -> None:
        """The end of `turn`'s cutting, with `edges` or, if it failed, without."""
        with self.state:
            if self.cutting == turn:
                self.cutting = 0
                self.edges = edges or self.edges

    def close(self) -> None:
        """Another photo takes this one's place: nothing of this one is shown any more."""
        self.closed = True
        self.begin()
        with self.in_order():  # what it still had to show is sent, and no more of it will follow
            self.forget_full_size()

    def full_size(self, edges: Edges) -> tuple[Cutout, Path] | None:
        """The full-size cutout of `edges` and the file of its mask, if it is the last one that was kept.

        It lies in a file: 48 MB for a photo of 12 megapixels are too much to hold in memory for every visitor.
        """
        if self._full and self._full[0] is edges.recipe:
            _, pixels, mask = self._full
            with suppress(OSError):
                return Cutout(np.load(pixels), edges.cutout.metadata, edges.cutout.model), mask
        return None

    def keep_full_size(self, edges: Edges, cutout: Cutout, mask: Path) -> None:
        """Keep `cutout` for later finishes, instead of the one before."""
        self.forget_full_size()
        pixels = store(b"", "cutout.npy")
        np.save(pixels, cutout.rgba)
        self._full = (edges.recipe, pixels, mask)

    def forget_full_size(self) -> None:
        """Delete the kept full-size cutout."""
        if self._full:
            self._full[1].unlink(missing_ok=True)
            self._full = None

    def backdrop(self, path: Path) -> Photo | None:
        """The display-size picture of one's own that was last used, if it came from `path`."""
        return self._backdrop[1] if self._backdrop and self._backdrop[0] == path else None

    def keep_backdrop(self, path: Path, photo: Photo) -> None:
        """Keep a display-size picture of one's own, instead of the one before."""
        self._backdrop = (path, photo)


class Line:
    """Those who wait for one of the server's `places`, in order of arrival, and how long one is held."""

    def __init__(self, places: int, seconds: float) -> None:
        self.places = places
        self._seconds = seconds
        self._held = 0
        self._waiting: list[object] = []
        self._guard = threading.Lock()

    @contextmanager
    def waiting(self, who: object) -> Iterator[None]:
        """`who` waits in line."""
        with self._guard:
            self._waiting.append(who)
        try:
            yield
        finally:
            with self._guard:
                self._waiting.remove(who)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A place is held."""
        started = time.perf_counter()
        with self._guard:
            self._held += 1
        try:
            yield
        finally:
            with self._guard:
                self._held -= 1
                self._seconds += 0.3 * (time.perf_counter() - started - self._seconds)

    @property
    def free(self) -> bool:
        """Whether someone who came now would find a place."""
        return self._held < self.places and not self._waiting

    def before(self, who: object) -> tuple[int, float]:
        """How many come before `who`, and about how many seconds they will take."""
        with self._guard:
            count = self._held + self._waiting.index(who)
            return count, max(1, count // self.places) * self._seconds


def _number(panel: Mapping[str, Any]) -> int:
    number = panel.get("number")
    return number if isinstance(number, int) else 0


# ---- files ----------------------------------------------------------------------------------------------------------


def uploaded(file: object) -> Path:
    """The path of an uploaded file. Raises PermissionError for any other file of this server."""
    path = Path(str(file["path"] if isinstance(file, dict) else file)).resolve()
    if not is_in_or_equal(str(path), get_upload_folder()):
        raise PermissionError("not an uploaded file")
    return path


def store(data: bytes, name: str) -> Path:
    """A new file in a folder that nobody can guess, deleted on the schedule of the uploaded ones."""
    folder = Path(get_upload_folder()).resolve() / secrets.token_urlsafe(16)
    folder.mkdir(parents=True)
    path = folder / name
    path.write_bytes(data)
    if blocks := LocalContext.blocks.get(None):
        blocks.upload_file_set.add(str(path))
    return path


def photo_file(photo: Photo) -> Path:
    """`photo` for the browser, in its own colour profile."""
    alpha = np.full(photo.rgb.shape[:2], 255, np.uint8) if photo.alpha is None else photo.alpha
    return screen_file(Picture(np.dstack([photo.rgb, alpha]), photo.metadata, ""), "photo")


def screen_file(picture: Picture, stem: str) -> Path:
    """`picture` for the browser, in its own colour profile."""
    [path] = screen_files({stem: picture})
    return path


def screen_files(pictures: Mapping[str, Picture]) -> list[Path]:
    """The files of several pictures, by their stems, encoded side by side."""
    with ThreadPoolExecutor(len(pictures)) as pool:
        encoded = list(pool.map(_encoded, pictures.values()))
    return [store(data, f"{stem}.{suffix}") for stem, (data, suffix) in zip(pictures, encoded, strict=True)]


def _encoded(picture: Picture) -> tuple[bytes, str]:
    """Made fast, and small enough for a slow connection."""
    file = io.BytesIO()
    profile = picture.metadata.icc_profile
    if picture.pixels[..., 3].min() == 255:
        image = Image.fromarray(np.ascontiguousarray(picture.pixels[..., :3]))
        image.save(file, "JPEG", quality=92, icc_profile=profile)
        return file.getvalue(), "jpg"
    Image.fromarray(picture.pixels).save(file, "WEBP", quality=90, method=0, icc_profile=profile)
    return file.getvalue(), "webp"


def picture(path: Path) -> dict[str, Any]:
    """A file for an HTML component: Gradio adds the address under which the browser finds it."""
    return FileData(path=str(path)).model_dump()
