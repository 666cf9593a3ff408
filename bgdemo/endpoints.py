"""Gradio values ↔ core: the events of the page, errors in the visitor's language, and the HTTP API."""

from __future__ import annotations

import io
import logging
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from gradio.context import LocalContext
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder, is_in_or_equal
from PIL import Image

from bgdemo.decode import MAX_MEGABYTES, MAX_MEGAPIXELS, decode, profile_name
from bgdemo.encoding import FORMATS, encode, encode_mask, file_name
from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo, Picture
from bgdemo.messages import Language, preferred_language, say
from bgdemo.models import DEFAULT_MODEL, MODELS, ModelSpec
from bgdemo.pipeline import finish, make, notes, preview, render, segment
from bgdemo.recipes import Options, Recipe, recipe_of
from bgdemo.segmentation import Report

log = logging.getLogger(__name__)

PREVIEW_SIDE = 1600
"""Pixels of the longer side of what the page shows."""

PATIENCE = 3.0
"""Seconds that one event waits for the screens of another to be sent."""

LIMITS = {"megabytes": MAX_MEGABYTES, "megapixels": MAX_MEGAPIXELS}
"""How large a file and a photo may be."""

EXAMPLES = Path(__file__).parent / "examples"

Update = Any  # what Gradio takes as the news of one component


# ---- the page's events ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One visitor's photo: where its file lies, its picture for the screen, and every matte made of it so far.

    `turns` counts the renderings begun; whoever finds a later turn than its own has been overtaken and shows nothing
    more. `network` is held while a network runs, so that two renderings never run the same one twice; `screen` is held
    from yielding a screen until Gradio, which has sent it by then, asks for the next, so that they arrive in order.
    """

    path: Path
    name: str
    preview: Photo
    mattes: dict[str, Matte] = field(default_factory=dict)
    turns: list[None] = field(default_factory=list)
    network: threading.Lock = field(default_factory=threading.Lock)
    screen: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Hold `screen`, but do not wait for ever: a visitor who left may never have asked for the next one."""
        held = self.screen.acquire(timeout=PATIENCE)
        try:
            yield
        finally:
            if held:
                self.screen.release()

    def begin(self) -> int:
        """A new turn, which overtakes all earlier ones."""
        self.turns.append(None)
        return len(self.turns)

    def overtaken(self, turn: int) -> bool:
        """Whether a later turn than `turn` has begun."""
        return len(self.turns) > turn


class Screen(NamedTuple):
    """News for every output of the page, in the order in which `ui` wires them; what is not named stays as it is.

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


def open_upload(value: dict[str, Any], work: Work | None, request: gr.Request) -> Iterator[Screen]:
    """A photo that was chosen, dropped, pasted or taken, or the word that there is none."""
    yield from _open(lambda: _received(value), work, _language(request))


def open_example(event: gr.EventData, work: Work | None, request: gr.Request) -> Iterator[Screen]:
    """One of the example photos, named by its button."""
    path = EXAMPLES / Path(str(event._data["name"])).name  # `_data` is how a custom event's payload is documented
    yield from _open(lambda: path, work, _language(request))


def cut_out(
    work: Work | None,
    model: str,
    other_model: str | None,
    fine_hair: bool,
    foreground_threshold: float,
    background_threshold: float,
    erode_size: float,
    request: gr.Request,
) -> Iterator[Screen]:
    """The result for the open photo: at display size first, then the files at full size."""
    language = _language(request)
    if work is None:
        yield from _told(UserError("error.expired"), language)
        return
    chosen = model if model in MODELS else other_model
    if not chosen:  # "More models…", and none of them yet
        yield Screen()
        return
    turn, started = work.begin(), time.perf_counter()
    try:
        recipe = Recipe(
            chosen,
            fine_hair,
            int(foreground_threshold),
            int(background_threshold),
            int(erode_size),
        )
        for screen in _cut_out(work, recipe, language, started):
            with work.in_order():
                if work.overtaken(turn):
                    break
                yield screen
    except Exception as error:
        if not work.overtaken(turn):
            yield from _told(error, language)
    yield Screen()


def _open(locate: Callable[[], Path], work: Work | None, language: Language) -> Iterator[Screen]:
    yield Screen(status=_busy("ui.reading", language), failure="")
    try:
        path = locate()
        shown = preview(decode(path), PREVIEW_SIDE)
    except Exception as error:
        yield from _told(error, language)
        return
    if work:
        work.begin()
        with work.in_order():  # what the former photo still had to show is sent, and no more of it will follow
            pass
    yield Screen(
        work=Work(path, path.name, shown),
        photo=picture(_photo_file(shown)),
        status=_busy("ui.finding", language),
        views=None,
    )
    yield Screen()


def _cut_out(work: Work, recipe: Recipe, language: Language, started: float) -> Iterator[Screen]:
    yield Screen(status=_busy("ui.finding", language), failure="")
    photo = None
    with work.network:
        if MODELS[recipe.model].networks <= work.mattes.keys():
            matte = segment(work.preview, recipe, known=work.mattes)
        else:
            photo = decode(work.path)
            for fraction in (job := _Reported(partial(segment, photo, recipe, known=work.mattes))):
                yield Screen(status=_fetching(MODELS[recipe.model], fraction, language))
            matte = job.result()
            log.info("%s ran on one visitor's photo", matte.model)
    yield _preview_screen(work, matte, recipe, language)
    photo = photo or decode(work.path)
    done = finish(render(photo, matte, recipe), photo, recipe)
    yield _final_screen(work, done, recipe, language, started)


def _preview_screen(work: Work, matte: Matte, recipe: Recipe, language: Language) -> Screen:
    cutout = render(work.preview, matte, recipe)
    shown = finish(cutout, work.preview, recipe)
    kind = "clear" if matte.clear else "unclear"
    said = [f'<p class="{kind}">{escape(note)}</p>' for note in notes(work.preview, matte, recipe, language)]
    preparing = gr.update(value=None, label=say("ui.preparing", language), interactive=False)
    return Screen(
        status=_busy("ui.full_size", language),
        notice="".join(said),
        views={
            "photo": picture(_photo_file(work.preview)),
            "cutout": picture(_store(encode(shown), "cutout.png")),
            "mask": picture(_store(encode_mask(cutout.rgba[..., 3], cutout.metadata), "mask.png")),
            "ratio": work.preview.size[0] / work.preview.size[1],
        },
        download=preparing,
        download_mask=gr.update(value=None, interactive=False),
        facts="",
    )


def _final_screen(work: Work, done: Picture, recipe: Recipe, language: Language, started: float) -> Screen:
    data, mask = encode(done, recipe.format), encode_mask(done.pixels[..., 3], done.metadata)
    return Screen(
        status="",
        download=gr.update(
            value=str(_store(data, file_name(work.name, recipe.suffix, recipe.format))),
            label=say("ui.download_size", language, size=_megabytes(len(data), language)),
            interactive=True,
        ),
        download_mask=gr.update(value=str(_store(mask, file_name(work.name, "mask"))), interactive=True),
        facts=escape(facts(done, time.perf_counter() - started, language)),
    )


def facts(done: Picture, seconds: float, language: Language) -> str:
    """The line under the result: size, what was kept, which network ran, how long it took."""
    height, width = done.pixels.shape[:2]
    profile = profile_name(done.metadata.icc_profile)
    said = [f"{width}×{height}", "sRGB" if profile.startswith("sRGB") else profile]
    if done.metadata.dpi:
        x, y = (round(value) for value in done.metadata.dpi)
        said.append(f"{x} dpi" if x == y else f"{x}×{y} dpi")
    said.append(say("facts.unchanged", language))
    said.append(getattr(MODELS[done.model].name, language))
    said.append(say("facts.seconds", language, seconds=_decimal(seconds, language)))
    return " · ".join(said)


class _Reported:
    """Runs a job on a thread of its own; iterating yields the fractions it reports until it is done."""

    def __init__(self, job: Callable[[Report], Matte]) -> None:
        self._last: float | None = None
        self._pool = ThreadPoolExecutor(1)
        self._future: Future[Matte] = self._pool.submit(job, self._hear)
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

    def result(self) -> Matte:
        """What the job returned, or raised."""
        return self._future.result()


# ---- errors, words and files ----------------------------------------------------------------------------------------


def _language(request: gr.Request) -> Language:
    return preferred_language(request.headers.get("accept-language"))


def _told(error: Exception, language: Language) -> Iterator[Screen]:
    """The sentence for `error` above the last good result, which stays, and as a toast."""
    if isinstance(error, UserError):
        sentence = escape(error.text(language))
    else:
        log.error("a visitor's request failed", exc_info=error)
        sentence = escape(say("error.unexpected", language))
    yield Screen(status="", failure=f"<p>{sentence}</p>")
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
    return _uploaded(value["file"])


def _uploaded(file: object) -> Path:
    """The path of an uploaded file. Raises PermissionError for any other file of this server."""
    path = Path(str(file["path"] if isinstance(file, dict) else file)).resolve()
    if not is_in_or_equal(str(path), get_upload_folder()):
        raise PermissionError("not an uploaded file")
    return path


def _store(data: bytes, name: str) -> Path:
    """A new file in a folder that nobody can guess, deleted on the schedule of the uploaded ones."""
    folder = Path(get_upload_folder()).resolve() / secrets.token_urlsafe(16)
    folder.mkdir(parents=True)
    path = folder / name
    path.write_bytes(data)
    if blocks := LocalContext.blocks.get(None):
        blocks.upload_file_set.add(str(path))
    return path


def _photo_file(photo: Photo) -> Path:
    """`photo` for the browser, in its own colour profile."""
    file = io.BytesIO()
    profile = photo.metadata.icc_profile
    if photo.alpha is None:
        Image.fromarray(photo.rgb).save(file, "JPEG", quality=92, icc_profile=profile)
        return _store(file.getvalue(), "photo.jpg")
    image = Image.fromarray(photo.rgb)
    image.putalpha(Image.fromarray(photo.alpha))
    image.save(file, "PNG", compress_level=1, icc_profile=profile)
    return _store(file.getvalue(), "photo.png")


def picture(path: Path) -> dict[str, Any]:
    """A file for an HTML component: Gradio adds the address under which the browser finds it."""
    return FileData(path=str(path)).model_dump()


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
        "background": _uploaded(background_picture) if background_picture else background,
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
        path = _uploaded(photo)
        done, said = make(path, recipe)
    except UserError as error:
        raise gr.Error(f"{error.key}: {error}", print_exception=False) from error
    for note in said:
        gr.Warning(note)
    data = encode(done, recipe.format)
    stored = _store(data, file_name(path, recipe.suffix, recipe.format))
    return FileData(
        path=str(stored), orig_name=stored.name, size=len(data), mime_type=Image.MIME[FORMATS[recipe.format].pillow]
    )
