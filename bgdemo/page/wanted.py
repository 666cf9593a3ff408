"""What a visitor wants: the page's message → one frozen value."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import UNTOUCHED, TouchUp, strokes_of
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.messages import FALLBACK, LANGUAGES, Language
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.limits import UNLIMITED, Limit
from bgdemo.picture.looks import Backdrop, Look
from bgdemo.recipes import PLAIN, Recipe
from bgdemo.words import Options, limit_of, look_of, size_of

CROPS = {
    "photo": "photo",
    "tight": "subject 4%",
    "1:1": "subject 1:1 15%",
    "4:5": "subject 4:5 15%",
    "16:9": "subject 16:9 15%",
    "9:16": "subject 9:16 15%",
    "market": "subject 1:1 10%",
}
"""What the choices of the panel mean in a recipe's words."""


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A background of the visitor's own: its file, and how it lies behind the subject (see `Backdrop`)."""

    path: Path
    fill: bool = True
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """What is done to the cutout: `look`, and behind it a picture of one's `own`, which takes time to decode.

    The same words give the same object, so that what was made with it is known to be up to date.
    """

    look: Look = PLAIN
    own: OwnPicture | None = None

    def with_picture(self, own: Any) -> Look:
        """The whole look, with the decoded photo `own` of one's own picture."""
        if not self.own:
            return self.look
        return replace(self.look, background=Backdrop(own, self.own.fill, self.own.zoom, self.own.shift))


UNFINISHED = Finish()

ANY_PICTURE = Photo(np.zeros((1, 1, 3), np.uint8))
"""Stands for a picture that nobody looks at."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Everything that a visitor asks for, as of `revision`; `number` is the browser's own count of its messages.

    `photo` is the visit's own copy of the photo's file, `plate` that of the photo of the empty scene. A slider that is
    still moving (`live`) wants no file yet; a stage that is zoomed into (`detail`) wants the photo's own pixels; who
    looks how it works (`explain`) wants the steps. `attempt` counts how often a download is to be tried. `mistakes` are
    the choices that cannot be, by the place on the page that they were made at; for each of them the last one that
    could be stands in. `message` is what the page sent, to be given back to it when it was reloaded.
    """

    revision: int = 0
    number: int = 0
    language: Language = FALLBACK
    photo: Path | None = None
    model: str = DEFAULT_MODEL
    alpha_matting: bool = False
    trimap: TrimapSettings = RECOMMENDED
    touch_up: TouchUp = UNTOUCHED
    finish: Finish = UNFINISHED
    format: str = "png"
    limit: Limit = UNLIMITED
    live: bool = False
    detail: bool = False
    explain: bool = False
    attempt: int = 0
    mistakes: Mapping[str, UserError] = field(default_factory=dict)
    message: Mapping[str, Any] = field(default_factory=dict)
    plate: Path | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def recipe(self) -> Recipe:
        """All of it that decides the file; of pictures of one's own only that there are any, and how they lie."""
        trimap = self.trimap if self.alpha_matting else RECOMMENDED
        look = self.finish.with_picture(ANY_PICTURE)
        empty = ANY_PICTURE if self.plate else None
        return Recipe(self.model, self.alpha_matting, trimap, self.touch_up, look, self.format, self.limit, empty)


def wanted_of(
    message: Mapping[str, Any], before: Wanted, photo: Path | None, own: Path | None, plate: Path | None = None
) -> Wanted:
    """What `message` asks for, following `before`; `photo`, `own` and `plate` are this visit's copies of its files."""
    mistakes: dict[str, UserError] = {}
    settings, panel = _fields(message, "settings"), _fields(message, "look")

    asked = (settings.get("model"), settings.get("other_model"))
    model = next((name for name in asked if isinstance(name, str) and name in MODELS), before.model)

    trimap = before.trimap
    try:
        trimap = replace(RECOMMENDED, **_only(_fields(settings, "thresholds"), TrimapSettings.__dataclass_fields__))
    except UserError as error:
        mistakes["thresholds"] = error

    # What was drawn on the photo before says nothing of another one.
    touch_up = before.touch_up if photo == before.photo else UNTOUCHED
    touch = _fields(message, "touch")
    if touch != _fields(before.message, "touch") or "touch" in before.mistakes:
        try:
            touch_up = touch_up_of(touch)
        except UserError as error:
            mistakes["touch"] = error

    finish = before.finish
    behind = own if panel.get("background") == "picture" else None
    if (
        panel != _fields(before.message, "look")
        or (finish.own and finish.own.path) != behind
        or before.mistakes.keys() & LOOK_PLACES
    ):
        try:
            finish = finish_of(panel, own)
        except UserError as error:
            mistakes[place_of(error)] = error

    language = message.get("language")
    kind, attempt = str(message.get("format")), message.get("attempt")
    limit = before.limit
    try:
        office = None if finish.look.sheet else finish.look.crop.standard
        limit = limit_of({"max_kb": str(message.get("max_kb") or "")}, kind, office)
    except UserError as error:
        mistakes["limit"] = error

    return Wanted(
        revision=before.revision + 1,
        number=message["number"],
        language=language if language in LANGUAGES else FALLBACK,
        photo=photo,
        model=model,
        alpha_matting=bool(settings.get("alpha_matting")),
        trimap=trimap,
        touch_up=touch_up,
        finish=finish,
        format=kind if kind in FORMATS else "png",
        limit=limit,
        live=bool(message.get("live")),
        detail=bool(message.get("detail")),
        explain=bool(message.get("explain")),
        attempt=attempt if isinstance(attempt, int) else 0,
        mistakes=mistakes,
        message=message,
        plate=plate,
    )


PLACES: Mapping[str, str] = {
    "error.size_range": "size",
    "error.not_a_side": "size",
    "error.pixel_fraction": "size",
    "error.not_a_number": "size",
    "error.dpi_range": "size",
    "error.crop_outside": "crop",
    "error.aspect_range": "crop",
    "error.picture_too_large": "crop",
    "error.no_head": "crop",
    "error.sheet_too_small": "sheet",
    "error.sheet_full": "sheet",
    "error.sheet_count": "sheet",
    "error.unknown_sheet": "sheet",
    "error.unknown_paper": "sheet",
    "error.file_sides": "format",
    "error.limit_range": "limit",
    "error.file_over_most": "limit",
    "error.file_under_least": "limit",
}
"""Where on the page one chooses what an error is about."""

ELSEWHERE = "result"
"""The place of what was chosen at none of them."""

LOOK_PLACES = {*PLACES.values(), ELSEWHERE} - {"limit"}
"""Where the mistakes of a look are told."""


def place_of(error: UserError) -> str:
    """The place on the page where something about `error` was chosen; `ELSEWHERE` if it has none of its own."""
    return PLACES.get(error.key, ELSEWHERE)


def touch_up_of(fields: Mapping[str, Any]) -> TouchUp:
    """What the fields of Touch up say of the subject by hand. Raises UserError for strokes that cannot be."""
    strokes = strokes_of(fields.get("strokes", []))
    return TouchUp(strokes, bool(fields.get("largest_piece")), bool(fields.get("fill_holes")))


def finish_of(panel: Mapping[str, Any], own: Path | None = None) -> Finish:
    """What the panel's fields (all of them words) ask for. Raises UserError for what cannot be."""

    def number(name: str, default: float) -> float:
        try:
            value = float(str(panel.get(name)))
        except ValueError:
            return default
        return min(max(value, -100.0), 400.0) / 100 if math.isfinite(value) else default

    def word(name: str, default: str) -> str:
        return str(panel.get(name) or default)

    options: Options = {"shadow": word("shadow", "none")}
    picture = None
    background = word("background", "transparent")
    if background == "color":
        options["background"] = word("color", "white")
    elif background == "blur":
        options["background"] = f"blur {number('blur', 0.5):.0%}"
    elif background != "picture":
        options["background"] = background
    elif own:
        shift = (number("picture_x", 0.0), number("picture_y", 0.0))
        picture = OwnPicture(own, word("picture_fit", "fill") == "fill", max(number("picture_zoom", 1.0), 0.1), shift)

    outline = word("outline", "none")
    if outline != "none":
        color = "white" if outline == "white" else word("outline_color", "white")
        options["outline"] = f"{word('outline_width', '12')} {color}"

    crop = word("crop", "photo")
    if crop.startswith("id:"):
        options["id_photo"] = crop.removeprefix("id:")
        options["sheet"] = _sheet_of(word("sheet", "none"), word("prints", ""), panel)
        if face := panel.get("crop_face"):
            options["crop"] = f"head at {face}"
    elif crop.startswith("for:"):
        options["preset"] = crop.removeprefix("for:")
    else:
        options["crop"] = CROPS.get(crop, crop)
        width, height = word("width", "").strip(), word("height", "").strip()
        if width or height:
            unit, dpi = ("cm", word("dpi", "300")) if panel.get("unit") == "cm" else ("px", "")
            options["size"] = size_of(width, height, unit, dpi)

    look = look_of(options)
    if crop == "photo":
        return Finish(look, picture)
    # The sliders move the subject; a frame that goes left shows it further to the right.
    shift = (-number("crop_x", 0.0), -number("crop_y", 0.0))
    crop_ = replace(look.crop, zoom=max(number("crop_zoom", 1.0), 0.1), shift=shift)
    return Finish(replace(look, crop=crop_), picture)


def photo_name(message: Mapping[str, Any], of_many: Mapping[str, Any]) -> str:
    """What the visitor calls the photo of `message`, else the first `of_many`; without any, an example."""
    files = of_many.get("files")
    first = files[0] if isinstance(files, list) and files else None
    photo = _fields(message, "photo") or _fields({"photo": first}, "photo")
    return _last(photo.get("name") or photo.get("example") or "kucing.jpg")


def picture_name(message: Mapping[str, Any]) -> str:
    """What the picture behind the subject is called."""
    return _last(_fields(_fields(message, "look"), "picture").get("path") or "")


def plate_name(message: Mapping[str, Any]) -> str:
    """What the photo of the empty scene is called."""
    plate = _fields(message, "plate")
    return _last(plate.get("name") or plate.get("path") or "")


def _last(name: object) -> str:
    """Without its folders."""
    return re.split(r"[/\\]", str(name))[-1]


MIXED = {"2x3": 4, "3x4": 4, "4x6": 0}
"""The ID photos of which one may choose how many there are on a sheet, and how many the panel begins with."""


def _sheet_of(paper: str, prints: str, panel: Mapping[str, Any]) -> str:
    """A sheet in a recipe's words: filled with the ID photo or with `prints`, of which "own" are counted one by one."""
    if paper == "none":
        return paper
    if prints == "own":
        counts = {kind: str(panel.get(f"prints_{kind}") or "0").strip() for kind in MIXED}
        # Where none at all is asked for, the answer says how many there may be.
        some = [f"{count} {kind}" for kind, count in counts.items() if count.strip("0")]
        prints = ", ".join(some or ["0 3x4"])
    return f"{paper}: {prints}"


def _only(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _fields(message: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A group of fields of a message, whatever a stranger may have sent in its place."""
    group = message.get(name)
    return group if isinstance(group, dict) else {}
