"""Gradio values ↔ core: the events of the page, errors in the visitor's language, and the HTTP API."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import gradio as gr
from gradio.data_classes import FileData
from PIL import Image

from bgdemo.decode import MAX_MEGABYTES, MAX_MEGAPIXELS, decode, profile_name
from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Photo, Picture
from bgdemo.matte import segmentation
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, ModelSpec
from bgdemo.matte.segmentation import Report
from bgdemo.messages import Language, preferred_language, say
from bgdemo.page import finishing
from bgdemo.page.visits import Edges, Line, Work, photo_file, picture, screen_file, screen_files, store, uploaded
from bgdemo.picture.compositing import framed
from bgdemo.picture.encoding import FORMATS, encode, encode_mask, file_name
from bgdemo.picture.looks import Blur, Look
from bgdemo.pipeline import draft, finish, make, notes, preview, render, segment
from bgdemo.recipes import Recipe, Thresholds
from bgdemo.words import Options, recipe_of

log = logging.getLogger(__name__)

LIMITS = {"megabytes": MAX_MEGABYTES, "megapixels": MAX_MEGAPIXELS}
"""How large a file and a photo may be."""

LINE = Line(places=2, seconds=3.0)
"""For the networks: two at once keep every core busy, and the memory within bounds."""

PATIENCE = 300
"""Seconds that someone in line is told about it."""

STAY = 20
"""Seconds that the way for answers is kept open when someone does something."""

EXAMPLES = Path(__file__).parents[1] / "examples"

T = TypeVar("T")

Update = Any  # what Gradio takes as the news of one component

NO_FILE: Update = gr.update(value=None, interactive=False)


# ---- the page's events ----------------------------------------------------------------------------------------------


class Screen(NamedTuple):
    """News for every output of the page, in the order in which `layout` wires them; what is not named stays as it is.

    Gradio sends the last of an event's screens a second time when the event is over. An empty one at the end keeps
    that from putting old news over newer ones.
    """

    work: Work | Update = gr.skip()
    photo: Update = gr.skip()
    status: Update = gr.skip()
    failure: Update = gr.skip()
    notice: Update = gr.skip()
    views: Update = gr.skip()
    download: Update = gr.skip()
    download_mask: Update = gr.skip()
    facts: Update = gr.skip()
    panel: Update = gr.skip()


IDLE = Screen(status="")
"""Nothing is under way any more."""


async def stay() -> None:
    """Nothing, for a while: as long as an answer is due, Gradio keeps the stream open by which answers come."""
    await asyncio.sleep(STAY)


def open_upload(value: dict[str, Any], work: Work | None, request: gr.Request) -> Iterator[Screen]:
    """A photo that was chosen, dropped, pasted or taken, or the word that there is none."""
    yield from _open(lambda: _received(value), work, _language(request))


def open_example(event: gr.EventData, work: Work | None, request: gr.Request) -> Iterator[Screen]:
    """One of the example photos, named by its button."""
    path = EXAMPLES / Path(str(event._data["name"])).name  # `_data` is how a custom event's payload is documented
    yield from _open(lambda: path, work, _language(request))


def wait_for_turn(work: Work | None, request: gr.Request) -> Iterator[Screen]:
    """While the networks are busy with other photos: how many come before this one, and how long that takes."""
    if work:
        language = _language(request)
        with LINE.waiting(work):
            for _ in range(2 * PATIENCE):
                if work.begun.wait(0.5) or work.closed:
                    break
                count, seconds = LINE.before(work)
                key = "ui.waiting_one" if count == 1 else "ui.waiting_many"
                with work.in_order():
                    if count and not work.begun.is_set():
                        yield Screen(status=_busy(key, language, count=count, seconds=math.ceil(seconds)))
    yield Screen()


def fetch(work: Work | None, other_model: str | None, request: gr.Request) -> Iterator[Screen]:
    """Download the chosen model, if it is not here yet, before anyone has to wait for a network because of it."""
    language = _language(request)
    if work and other_model:
        try:
            for screen in _fetched(MODELS[other_model], language):
                with work.in_order():
                    if work.closed or work.cutting:  # another photo or model: the download goes on, unwatched
                        break
                    yield screen
        except Exception as error:
            _log(error)
            yield from _failed(error, language, work)
    yield Screen()


def cut_out(
    work: Work | None,
    model: str,
    other_model: str | None,
    fine_hair: bool,
    thresholds: Thresholds,
    panel: dict[str, Any] | None,
    kind: str,
    request: gr.Request,
) -> Iterator[Screen]:
    """The result for the open photo: at display size first, then the files at full size."""
    language = _language(request)
    if work is None:
        yield from _told(UserError("error.expired"), language)
        return
    work.begun.set()
    chosen = model if model in MODELS else other_model
    if not chosen and work.edges:  # "More models…", and none of them yet
        yield Screen()
        return
    try:
        recipe = Recipe(chosen or DEFAULT_MODEL, fine_hair, **thresholds)
    except Exception as error:  # nothing begins, and what is under way goes on
        _log(error)
        yield from _failed(error, language, work, Screen() if work.edges else IDLE)
    turn, started = work.begin(cutting=True), time.perf_counter()
    mistake: UserError | None = None
    try:
        try:
            _choose(work, panel or {}, kind, turn)
        except UserError as error:  # what cannot be done to the cutout does not keep anyone from the cutout
            mistake = error
        with LINE.holding():
            yield from _in_turn(work, turn, _cut_out(work, turn, recipe, language, started))
        if mistake:
            raise mistake
    except Exception as error:
        _log(error)
        if not work.overtaken(turn):
            yield from _failed(error, language, work, _given_up(work, turn, language))
    finally:
        work.has_cut(turn, None)
    yield Screen()


def change_look(work: Work | None, panel: dict[str, Any] | None, kind: str, request: gr.Request) -> Iterator[Screen]:
    """The same cutout finished in another way: on the screen at once, as a file soon after."""
    language, started = _language(request), time.perf_counter()
    if work is None:
        yield from _told(UserError("error.expired"), language)
        return
    panel = panel or {}
    turn = 0
    try:
        turn = _choose(work, panel, kind)
        work.judge(panel, "")
        if turn:
            yield from _in_turn(work, turn, _finished(work, turn, language, started))
    except Exception as error:
        _log(error)
        if not turn or not work.overtaken(turn):
            if isinstance(error, _PictureError):
                yield Screen(panel={**panel, "refused": started})
            if work.judge(panel, _sentence(error, language)) or turn:
                yield from _told(error, language, work, _given_up(work, turn, language) if turn else Screen())
    yield Screen()


class _PictureError(UserError):
    """A background of one's own that cannot be used."""


def _choose(work: Work, panel: dict[str, Any], kind: str, turn: int = 0) -> int:
    """Note what was chosen, if it can be done; a new turn, or 0 while a cutout is under way."""
    Recipe(look=_look(work, panel), format=kind)
    return work.choose(panel, kind, turn)


def _in_turn(work: Work, turn: int, screens: Iterator[Screen]) -> Iterator[Screen]:
    """`screens`, with what there is to tell, until a later turn than `turn` has begun."""
    for screen in screens:
        with work.in_order():
            if work.overtaken(turn):
                return
            if screen.download != gr.skip():
                work.promised = 0 if screen.download["value"] else turn
            yield screen._replace(failure=_failure(work.failure))


def _given_up(work: Work, turn: int, language: Language) -> Screen:
    """The screen when `turn` has failed: a file that will not come is no longer promised."""
    return IDLE._replace(download=gr.update(label=say("ui.download", language))) if work.promised == turn else IDLE


def _open(locate: Callable[[], Path], work: Work | None, language: Language) -> Iterator[Screen]:
    if work:
        work.failure = ""
    yield Screen(status=_busy("ui.reading", language), failure="")
    try:
        path = locate()
        photo = decode(path)
        shown = preview(photo, finishing.SCREEN_SIDE)
    except Exception as error:
        _log(error)
        yield from _failed(error, language, work)
        return
    if work:
        work.close()
    yield Screen(
        work=Work(path, path.name, shown, photo if LINE.free else None),
        photo=picture(photo_file(shown)),
        status=_busy("ui.finding", language),
        views=None,
    )
    yield Screen()


def _cut_out(work: Work, turn: int, recipe: Recipe, language: Language, started: float) -> Iterator[Screen]:
    yield Screen(status=_busy("ui.finding", language))
    photo = work.take_photo()
    with work.network:
        if MODELS[recipe.model].networks <= work.mattes.keys():
            matte = segment(work.preview, recipe, known=work.mattes)
        else:
            photo = photo or decode(work.path)
            for fraction in (job := _Reported(partial(segment, photo, recipe, known=work.mattes))):
                yield Screen(status=_fetching(MODELS[recipe.model], fraction, language))
            matte = job.result()
            log.info("%s ran on one visitor's photo", matte.model)
    said = [
        f'<p class="{"clear" if matte.clear else "unclear"}">{escape(note)}</p>'
        for note in notes(work.preview, matte, recipe, language)
    ]
    news = Screen(notice="".join(said), download=_preparing(language), download_mask=NO_FILE, facts="")
    if not work.edges:  # the first result is on the screen at once, and sharpens
        rough = _edges(work, matte, recipe, draft(work.preview, matte))
        news = news._replace(views=_views(work, rough, _look(work, work.panel)))
    yield news
    edges = _edges(work, matte, recipe, render(work.preview, matte, recipe))
    thumbs = picture(screen_file(finishing.thumbnails(edges.cutout, work.preview), "thumbs"))
    work.has_cut(turn, replace(edges, shown={**edges.shown, "thumbs": thumbs}))
    yield from _finished(work, turn, language, started, photo)


def _fetched(spec: ModelSpec, language: Language) -> Iterator[Screen]:
    job = _Reported(partial(segmentation.fetch, spec))
    for fraction in job:
        yield Screen(status=_fetching(spec, fraction, language))
    with suppress(UserError):  # whoever then runs the network tells of it, and has another to step in
        job.result()


def _edges(work: Work, matte: Matte, recipe: Recipe, cutout: Cutout) -> Edges:
    width, height = work.preview.size
    mask = store(encode_mask(cutout.rgba[..., 3], cutout.metadata), "mask.png")
    shown = {"photo": picture(photo_file(work.preview)), "mask": picture(mask), "photo_ratio": width / height}
    return Edges(recipe, matte, cutout, shown)


def _preparing(language: Language) -> Update:
    return gr.update(value=None, label=say("ui.preparing", language), interactive=False)


def _finished(
    work: Work, turn: int, language: Language, started: float, photo: Photo | None = None
) -> Iterator[Screen]:
    """The last cutout, finished as was last chosen: on the screen, and unless a slider is still moving as a file."""
    edges, kind = work.edges, work.format
    assert edges  # there is a cutout before it is finished
    panel = work.panel
    look = _look(work, panel)
    yield Screen(
        status=_busy("ui.full_size", language),
        views=_views(work, edges, look),
        download=_preparing(language),
    )
    if panel.get("live"):
        return
    with work.full:
        if work.overtaken(turn):
            return
        if (kept := work.full_size(edges)) is None:
            photo = photo or decode(work.path)
            full = render(photo, edges.matte, edges.recipe)
            kept = full, _mask_file(work, full)
            work.keep_full_size(edges, *kept)
        cutout, mask = kept
        look = _look(work, panel, full_size=True)
        if photo is None and isinstance(look.background, Blur):
            photo = decode(work.path)
        # Of the photo's own pixels only a blurred background is made; else any photo will do.
        recipe = replace(edges.recipe, look=look, format=kind)
        screen = _final_screen(work, finish(cutout, photo or work.preview, recipe), recipe, mask, started, language)
        del kept, cutout  # 48 MB for a photo of 12 megapixels, while Gradio sends the screen
    yield screen


def _views(work: Work, edges: Edges, look: Look) -> dict[str, Any]:
    """What the views show. When the picture is framed, so is the photo that it is compared with."""
    look = finishing.for_screen(look)
    pictures = {"cutout": finish(edges.cutout, work.preview, Recipe(look=look))}
    if finishing.is_framed(look) and not look.sheet:
        pictures["photo"] = framed(work.preview, edges.cutout, look)
    files = dict(zip(pictures, map(picture, screen_files(pictures)), strict=True))
    height, width = pictures["cutout"].pixels.shape[:2]
    return {**edges.shown, **({"photo": None} if look.sheet else {}), **files, "ratio": width / height}


def _look(work: Work, panel: Mapping[str, Any], full_size: bool = False) -> Look:
    """The look that the panel asks for, with the visitor's own background in display size or in full."""

    def own_picture(file: Any) -> Photo:
        try:
            path = _received(file if "refused" in file else {"file": file})
            if not full_size and (known := work.backdrop(path)):
                return known
            photo = decode(path)
        except UserError as error:
            raise _PictureError(error.key, **error.params) from error
        if full_size:
            return photo
        work.keep_backdrop(path, preview(photo, finishing.SCREEN_SIDE))
        return work.backdrop(path) or photo

    return finishing.chosen_look(panel, own_picture)


def _mask_file(work: Work, cutout: Cutout) -> Path:
    return store(encode_mask(cutout.rgba[..., 3], cutout.metadata), file_name(work.name, "mask"))


def _final_screen(work: Work, done: Picture, recipe: Recipe, mask: Path, started: float, language: Language) -> Screen:
    data = encode(done, recipe.format)
    size = _megabytes(len(data), language)
    name = FORMATS[recipe.format].pillow.replace("WEBP", "WebP")
    return Screen(
        status="",
        download=gr.update(
            value=str(store(data, file_name(work.name, recipe.suffix, recipe.format))),
            label=say("ui.download_size", language, kind=name, size=size),
            interactive=True,
        ),
        download_mask=gr.update(value=str(mask), interactive=True),
        facts=escape(facts(done, recipe.look, time.perf_counter() - started, language)),
    )


def facts(done: Picture, look: Look, seconds: float, language: Language) -> str:
    """The line under the result: size, what was kept, which network ran, how long it took."""
    height, width = done.pixels.shape[:2]
    profile = profile_name(done.metadata.icc_profile)
    said = [f"{width}×{height}", "sRGB" if profile.startswith("sRGB") else profile]
    if done.metadata.dpi:
        x, y = (round(value) for value in done.metadata.dpi)
        said.append(f"{x} dpi" if x == y else f"{x}×{y} dpi")
    if not (look.size or look.sheet):
        said.append(say("facts.unchanged", language))
    said.append(getattr(MODELS[done.model].name, language))
    said.append(say("facts.seconds", language, seconds=_decimal(seconds, language)))
    return " · ".join(said)


class _Reported(Generic[T]):
    """Runs a job on a thread of its own; iterating yields the fractions it reports until it is done."""

    def __init__(self, job: Callable[[Report], T]) -> None:
        self._last: float | None = None
        self._pool = ThreadPoolExecutor(1)
        self._future: Future[T] = self._pool.submit(job, self._hear)
        self._pool.shutdown(wait=False)

    def _hear(self, fraction: float) -> None:
        self._last = fraction

    def __iter__(self) -> Generator[float]:
        while True:
            try:
                self._future.exception(timeout=0.5)
                return
            except StillRunning:
                if self._last is not None:
                    yield self._last

    def result(self) -> T:
        """What the job returned, or raised."""
        return self._future.result()


# ---- errors and words  ----------------------------------------------------------------------------------------


def _language(request: gr.Request) -> Language:
    return preferred_language(request.headers.get("accept-language"))


def _sentence(error: Exception, language: Language) -> str:
    """What the visitor reads of `error`, as HTML."""
    return escape(error.text(language) if isinstance(error, UserError) else say("error.unexpected", language))


def _failure(sentence: str) -> str:
    return sentence and f"<p>{sentence}</p>"


def _log(error: Exception) -> None:
    """A bug is logged, even when nobody waits any more for what it spoilt."""
    if not isinstance(error, UserError):
        log.error("a visitor's request failed", exc_info=error)


def _failed(error: Exception, language: Language, work: Work | None, news: Screen = IDLE) -> Iterator[Screen]:
    """`error` is told, and goes on standing above the last good result of `work` until something else begins."""
    if work:
        work.failure = _sentence(error, language)
    yield from _told(error, language, work, news)


def _told(error: Exception, language: Language, work: Work | None = None, news: Screen = IDLE) -> Iterator[Screen]:
    """The sentence for `error`, with `news`, above the last good result of `work`, which stays, and as a toast."""
    sentence = _sentence(error, language)
    with work.in_order() if work else nullcontext():
        yield news._replace(failure=_failure(work.failure if work else sentence))
    raise gr.Error(sentence, print_exception=False)


def _busy(key: str, language: Language, **params: object) -> str:
    return f'<p class="busy" role="status">{escape(say(key, language, **params))}</p>'


def _fetching(spec: ModelSpec, fraction: float, language: Language) -> str:
    name = getattr(spec.name, language)
    return _busy("ui.fetching", language, model=name, size=spec.download_mb, percent=round(100 * fraction))


def _decimal(value: float, language: Language) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if language == "id" else text


def _megabytes(size: int, language: Language) -> str:
    return f"{_decimal(max(size / 1_000_000, 0.1), language)} MB"


def _received(value: dict[str, Any]) -> Path:
    refused = value.get("refused")
    if refused in ("error.file_too_large", "error.upload_failed", "error.no_camera"):
        raise UserError(refused, limit=MAX_MEGABYTES)
    return uploaded(value["file"])


# ---- the HTTP API ---------------------------------------------------------------------------------------------------


def remove(
    photo: FileData,
    model: str = DEFAULT_MODEL,
    alpha_matting: bool = False,
    foreground_threshold: int = 240,
    background_threshold: int = 10,
    erode_size: int = 10,
    background: str = "transparent",
    background_picture: FileData | None = None,
    shadow: str = "none",
    outline: str = "none",
    crop: str = "photo",
    size: str = "",
    id_photo: str = "",
    sheet: bool = False,
    format: str = "png",  # noqa: A002  # the name that it has everywhere
) -> FileData:
    """Remove the background of a photo.

    `photo` is an uploaded file, and so is `background_picture`; the other arguments are the words of `bgdemo.remove`;
    the answer is an image file. What can be mended is told as "key: sentence".
    """
    options: Options = {
        "model": model,
        "alpha_matting": alpha_matting,
        "foreground_threshold": foreground_threshold,
        "background_threshold": background_threshold,
        "erode_size": erode_size,
        "background": uploaded(background_picture) if background_picture else background,
        "shadow": shadow,
        "outline": outline,
        "size": size or None,
        "id_photo": id_photo or None,
        "sheet": sheet,
        "format": format,
    }
    if not id_photo or crop != "photo":
        options["crop"] = crop
    try:
        recipe = recipe_of(options)
        path = uploaded(photo)
        with LINE.holding():
            done, said = make(path, recipe)
    except UserError as error:
        raise gr.Error(f"{error.key}: {error}", print_exception=False) from error
    for note in said:
        gr.Warning(note)
    data = encode(done, recipe.format)
    stored = store(data, file_name(path, recipe.suffix, recipe.format))
    return FileData(
        path=str(stored), orig_name=stored.name, size=len(data), mime_type=Image.MIME[FORMATS[recipe.format].pillow]
    )
