"""What the screen shows: a pure function of what is wanted, what is done, and what is under way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from bgdemo.decode import profile_name
from bgdemo.errors import UserError
from bgdemo.matte.models import MODELS, PLATE
from bgdemo.messages import Language, say
from bgdemo.page.explaining import Explained
from bgdemo.page.plan import obstacles, plan, to_compare
from bgdemo.page.results import Composed, Done, Opened, Place, Preview, StageName, Task, Written
from bgdemo.page.stages import STAGES
from bgdemo.page.wanted import Wanted, place_of
from bgdemo.picture.checks import FileCheck, Inspection
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.guides import Guide, guides, leeway
from bgdemo.pipeline import say_printed


class Progress(NamedTuple):
    """What is under way: a task, how many come before it and for how many seconds, and how much of it is done.

    It was `refused` if the line is too long to join; then it is asked for again after `seconds`.
    """

    task: Task | None = None
    before: int = 0
    seconds: float = 0.0
    fraction: float | None = None
    refused: bool = False


IDLE = Progress()

PLACES: Mapping[StageName, str] = {
    "open": "photo",
    "read": "picture",
    "subtract": "plate",
    "fetch": "model",
    "segment": "model",
}
"""Where on the page the failure of a stage is told; of the others, where the error says."""


@dataclass(frozen=True, slots=True)
class Detail:
    """The photo at its own size, and its mask, which is at display size until that of the full size is there."""

    photo: Path
    mask: Path


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another model makes of the photo, as a small picture."""

    model: str
    picture: Path


@dataclass(frozen=True, slots=True)
class Person:
    """One of several people of whom an ID photo could be, `chosen` or not: the words that choose them, and their face.

    `face` is left, top, width and height in fractions of the photo's sides, of a square around it.
    """

    words: str
    face: tuple[float, float, float, float]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an ID photo, and whether it is kept; None is not known yet."""

    key: str
    text: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures on the stage: files, and the finished one's width / height. Without `photo` there is no before.

    `shown` is the whole photo and `mask` its mask, at display size; `detail` are both as sharp as there are, once they
    are wanted and made. `number` is that of the page's message that the mask was made for: it knows the strokes up to
    that one. `size` (width, height) is the photo's in pixels; `picture_size` that of the finished picture in its file,
    once it is known. `frame` is where that lies over the photo, which it may go beyond; a sheet lies nowhere. `guides`
    are the lines of an ID photo in it, `people` those to choose from, from left to right, where there are several.
    """

    cutout: Path
    photo: Path | None
    shown: Path
    mask: Path
    number: int
    detail: Detail | None
    thumbs: Path | None
    ratio: float
    size: tuple[int, int]
    picture_size: tuple[int, int] | None
    frame: Place | None
    guides: tuple[Guide, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take away, under the name of its path, and the words of its button."""

    file: Path
    label: str


@dataclass(frozen=True, slots=True)
class ViewState:
    """All that the screen shows, in the visitor's language.

    `number` is that of the page's message that it answers. `settled` says that nothing more will come until there is
    another. `errors` are sentences by the place on the page that they are about; `notices` stand above the result,
    which is `doubtful` if there is no clear subject. `candidates` are the results to choose from where the networks
    disagree; `incomplete` says that the result may be only a part of the subject, and that there are none. `rules` are
    those of the chosen ID photo, `stops` the least and most values of the crop's sliders with which they are kept.
    `explained` are the steps to the result, once they are wanted and drawn.
    """

    number: int = 0
    settled: bool = True
    status: str = ""
    photo: Path | None = None
    pictures: Pictures | None = None
    notices: tuple[str, ...] = ()
    doubtful: bool = False
    incomplete: bool = False
    candidates: tuple[Alternative, ...] = ()
    rules: tuple[Rule, ...] = ()
    stops: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    facts: str = ""
    download: Download | None = None
    mask: Download | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    explained: Explained | None = None

    def as_json(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self, dict_factory=lambda pairs: {k: str(v) if isinstance(v, Path) else v for k, v in pairs})


def view(wanted: Wanted, done: Done, progress: Progress = IDLE) -> ViewState:
    """What the screen shows."""
    language = wanted.language
    task = plan(wanted, done)
    photo, shown, picture = (done.photo, done.preview, done.picture) if wanted.photo else (None, None, None)
    pictures: Pictures | None = None
    notices: tuple[str, ...] = ()
    doubtful = bool(shown and "note.no_subject" in shown.doubts)
    if photo and shown and picture:
        pictures = _pictures(wanted, done, photo, shown, picture)
        of_head = picture.inspection.notes if picture.inspection else ()
        keys = (*photo.shown.notes, *of_head, *(["note.no_subject"] if doubtful else []))
        notices = tuple(say(key, language) for key in keys)
    # Who zoomed in, or looks how it works, need not wait for that to take the file away.
    ready = plan(replace(wanted, detail=False, explain=False), done) is None
    written = done.written if ready and done.written and done.written.picture is picture else None
    kept = written if written and written.limit == wanted.limit else None
    if kept and kept.reduced:
        notices += (say("note.palette", language),)
    return ViewState(
        number=wanted.number,
        settled=task is None,
        status="" if ready else _status(progress, bool(shown), language),
        photo=photo.file if photo else None,
        pictures=pictures,
        notices=notices,
        doubtful=doubtful,
        incomplete=_is_incomplete(wanted, done),
        candidates=_candidates(wanted, done),
        rules=_rules(picture, kept, bool(task) or wanted.live, language) if picture else (),
        stops=_stops(picture) if picture else {},
        facts=facts(kept, language) if kept else "",
        download=Download(kept.path, _label(kept, language)) if kept else None,
        mask=Download(written.mask, say("ui.download_mask", language)) if written else None,
        errors=_errors(wanted, done, picture),
        explained=done.explained[1] if shown and done.explained and done.explained[0] is shown else None,
    )


def _pictures(wanted: Wanted, done: Done, photo: Opened, shown: Preview, picture: Composed) -> Pictures:
    detail = None
    if wanted.detail and done.detail:
        full = done.full if done.full and done.full.edges == shown.edges else None
        detail = Detail(done.detail, full.mask if full else shown.mask)
    written = done.written if done.written and done.written.picture is picture else None
    return Pictures(
        cutout=picture.file,
        photo=picture.photo,
        shown=photo.file,
        mask=shown.mask,
        number=shown.number,
        detail=detail,
        thumbs=done.thumbs[1] if done.thumbs else None,
        ratio=picture.ratio,
        size=photo.size,
        picture_size=written.size if written else None,
        frame=picture.frame,
        guides=_guides(picture) if picture.frame else (),
        people=_people(photo, picture.inspection) if picture.inspection else (),
    )


def _guides(picture: Composed) -> tuple[Guide, ...]:
    seen, standard = picture.inspection, picture.finish.look.crop.standard
    return guides(standard, seen.frame, next(iter(seen.heads), None)) if seen and standard else ()


def _people(photo: Opened, seen: Inspection) -> tuple[Person, ...]:
    if len(seen.heads) < 2:
        return ()
    width, height = photo.shown.size
    people = []
    for head in sorted(seen.heads, key=lambda head: head.eyes):
        (x, y), half = head.eyes, 1.5 * head.face.length
        right, down = photo.place_of(head)
        face = ((x - half) / width, (y - half) / height, 2 * half / width, 2 * half / height)
        people.append(Person(f"{right:.1%} {down:.1%}", face, head is seen.heads[0]))
    return tuple(people)


def _rules(picture: Composed, file: Written | None, awaited: bool, language: Language) -> tuple[Rule, ...]:
    look = picture.finish.look
    standard = look.crop.standard
    if not standard or not picture.inspection:
        return ()
    rules = [Rule(check.key, check.text(language), check.ok) for check in picture.inspection.checks]
    if look.sheet or not (standard.kb or standard.format):
        return tuple(rules)
    if file:
        check = FileCheck(standard, file.format, file.bytes)
        rules.append(Rule("file", check.text(language), check.ok))
    elif awaited:
        rules.append(Rule("file", say("ui.preparing", language), None))
    return tuple(rules)


def _stops(picture: Composed) -> dict[str, tuple[int, int]]:
    seen, crop = picture.inspection, picture.finish.look.crop
    if not seen or not seen.heads or not crop.standard:
        return {}
    way = leeway(crop.standard, seen.frame, seen.heads[0])
    values = {"crop_zoom": [100 * crop.zoom * factor for factor in way.zoom]}
    for name, moved, ways in (("crop_x", crop.shift[0], way.right), ("crop_y", crop.shift[1], way.down)):
        values[name] = [100 * (by / crop.zoom - moved) for by in ways]
    return {name: (math.ceil(least), math.floor(most)) for name, (least, most) in values.items()}


def _candidates(wanted: Wanted, done: Done) -> tuple[Alternative, ...]:
    """The results to choose from; of models with the same result, the chosen one stands for all."""
    if not to_compare(wanted, done):
        return ()
    return tuple(
        Alternative(wanted.model if wanted.model in candidate.models else candidate.models[0], candidate.file)
        for candidate in done.candidates or ()
    )


def _is_incomplete(wanted: Wanted, done: Done) -> bool:
    """Whether the result may be only a part of the subject, and there is no other to choose instead."""
    others = to_compare(wanted, done) and done.candidates != ()  # or perhaps, while they are being made
    return bool(done.preview and "note.incomplete" in done.preview.doubts and not others)


def _errors(wanted: Wanted, done: Done, picture: Composed | None) -> dict[str, str]:
    language = wanted.language
    errors = {place: error.text(language) for place, error in wanted.mistakes.items()}
    for task, error in obstacles(wanted, done).items():
        if not isinstance(error, UserError):
            errors.setdefault("result", say("error.unexpected", language))
            continue
        place = PLACES.get(task.stage) or place_of(error)
        sentence = error.text(language)
        if place == "model" and picture and picture.preview.cutout.model in MODELS:
            missed, used = (MODELS[model].name(language) for model in (wanted.model, picture.preview.cutout.model))
            sentence = say("note.fallback", language, model=missed, used=used)
        errors.setdefault(place, sentence)
    return errors


def _status(progress: Progress, shown: bool, language: Language) -> str:
    if not progress.task:
        return ""
    if progress.refused:
        return say("ui.busy", language, seconds=math.ceil(progress.seconds))
    if progress.before:
        key = "ui.waiting_one" if progress.before == 1 else "ui.waiting_many"
        return say(key, language, count=progress.before, seconds=math.ceil(progress.seconds))
    key = STAGES[progress.task.stage].says
    if key == "ui.finding" and shown:
        key = "ui.finding_more"
    if key != "ui.fetching":
        return say(key, language)
    spec = MODELS[progress.task.of[0]]
    percent = round(100 * (progress.fraction or 0))
    return say(key, language, model=spec.name(language), size=spec.download_mb, percent=percent)


def facts(written: Written, language: Language) -> str:
    """The line under the result: prints on a sheet, size, what was kept, which network ran, how long it took."""
    width, height = written.size
    embedded = written.metadata.icc_profile if FORMATS[written.format].profile else None
    profile = profile_name(embedded) or say("facts.own_profile", language)
    said = [say_printed(written.printed, language)] if written.printed else []
    said += [f"{width}×{height}", profile]
    if written.metadata.dpi:
        x, y = (round(value) for value in written.metadata.dpi)
        said.append(f"{x} dpi" if x == y else f"{x}×{y} dpi")
    if written.unchanged:
        said.append(say("facts.unchanged", language))
    model = written.picture.preview.cutout.model
    said.append(say("ui.plate_used", language) if model == PLATE else MODELS[model].name(language))
    said.append(say("facts.seconds", language, seconds=_decimal(written.seconds, language)))
    return " · ".join(said)


def _label(written: Written, language: Language) -> str:
    lossless = written.format == "webp-lossless"  # which people cannot tell from the other kind by its name
    kind = say("ui.kind_lossless", language) if lossless else FORMATS[written.format].pillow
    return say("ui.download_size", language, kind=kind, size=size_of_file(written.bytes, language))


def size_of_file(count: int, language: Language) -> str:
    """A number of bytes for people: "4 kB", "8.6 MB"."""
    return f"{max(1, round(count / 1e3))} kB" if count < 99_500 else f"{_decimal(count / 1e6, language)} MB"


def _decimal(value: float, language: Language) -> str:
    return f"{value:.1f}".replace(".", say("language.decimal", language))
