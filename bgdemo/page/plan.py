"""From what is wanted and what is done to what comes next.

`plan` compares both and names the next task; doing it adds to what is done; and so on, until nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator

from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE, WITH_FEATURES
from bgdemo.matte.strokes import UNTOUCHED, TouchUp
from bgdemo.page.results import Done, Task, edges_of
from bgdemo.page.wanted import UNFINISHED, Finish, Wanted
from bgdemo.pipeline import predictions


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
    if not photo or not wanted.photo:
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

    def here(subject: str) -> bool:
        return _at_hand(subject, done, wanted.touch_up)

    plate = done.plate_of(wanted)
    if wanted.plate and not plate:  # what a model sees stands in for a plate that does not match
        yield Task("subtract", photo, (wanted.plate,))

    if (
        shown
        and shown.edges
        and shown.edges.touch_up != wanted.touch_up
        and not here(PLATE if plate else wanted.model)
        and here(shown.edges.recipe.subject)
    ):
        # So does it every stroke, on what the model before makes of it.
        yield Task("render", photo, shown.edges._replace(touch_up=wanted.touch_up))

    if plate and not here(PLATE):
        yield Task("segment", photo, (WITH_FEATURES, wanted.attempt))
    subject = PLATE if plate else wanted.model
    for model in () if plate else (wanted.model, DEFAULT_MODEL):  # which steps in for one that cannot be had
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
        subject = model
        break
    edges = edges_of(wanted, subject, plate)
    if (not shown or shown.edges != edges) and here(subject):
        yield Task("render", photo, edges)
    if not shown or not current or not shown.edges:
        return
    if wanted.explain and (not done.explained or done.explained[0] is not shown):
        yield Task("explain", photo, (shown,))
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


def _at_hand(subject: str, done: Done, touch_up: TouchUp = UNTOUCHED) -> bool:
    """Whether all that `subject`, a model or `PLATE`, and the strokes need is there."""
    return predictions(subject, touch_up) <= done.mattes.keys()


COMPARED = (DEFAULT_MODEL, *MODELS[DEFAULT_MODEL].parts)
"""The models that one may choose between by their results: two networks, and before them what is fused from both."""


def to_compare(wanted: Wanted, done: Done) -> bool:
    """Whether the results to choose from can be shown to one who chose one of their models."""
    return wanted.model in COMPARED and _at_hand(DEFAULT_MODEL, done) and not done.plate_of(wanted)


def _finishes(wanted: Wanted, done: Done, readable: bool) -> Iterator[Finish]:
    """What is wanted, and what stands in for it where it cannot be: the last that could, and nothing at all."""
    if readable:
        yield wanted.finish
    if done.picture:
        yield done.picture.finish
    yield UNFINISHED
