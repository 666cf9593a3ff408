"""The layout of the page and its wiring: one function a panel."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.events import api
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.messages import LANGUAGES, MESSAGES, Language, preferred_language, say
from bgdemo.page import endpoints
from bgdemo.page.visits import picture
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import ID_PHOTOS, SCENES, Color, Gradient
from bgdemo.recipes import ID_BLUE, ID_RED, MAX_ERODE_SIZE, Recipe

PANELS = Path(__file__).parent / "panels"
CSS = PANELS / "page.css"
EXAMPLES = ("kucing", "dog", "astronaut", "cup", "butterfly")
KEEP_SECONDS = int(os.environ.get("BGDEMO_KEEP_SECONDS", "3600"))
"""The longest that anything of a visitor is kept."""

SWATCHES: dict[str, Color] = {
    "red": ID_RED,
    "blue": ID_BLUE,
    "black": (24, 24, 27),
    "grey": (212, 212, 216),
    "sand": (238, 226, 205),
    "yellow": (250, 204, 21),
    "green": (74, 160, 112),
    "pink": (244, 182, 196),
}
"""Background colours to pick without a picker."""

NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": endpoints.LINE.places}
"""What runs a network shares a few places."""

MORE_MODELS = "more"
"""The choice of the model radio that reveals the models to download."""

SAID_WITH_FIGURES = ("ui.download_size", "ui.fetching", "ui.waiting_one", "ui.waiting_many")
"""Words of the page that the server alone can complete."""

# Extensions beside the types, because not every system knows the type of the newer ones.
ACCEPT = "image/*,.heic,.heif,.avif,.tif,.tiff,.webp"

THEME = gr.themes.Base(
    primary_hue="teal",
    secondary_hue="teal",
    neutral_hue="stone",
    radius_size="lg",
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"],
    font_mono=["ui-monospace", "Consolas", "monospace"],
)


def catalogue(language: Language) -> dict[str, str]:
    """Every label of the page in `language`."""
    words = {
        key: say(key, language, **endpoints.LIMITS)
        for key in MESSAGES
        if key.startswith("ui.") and key not in SAID_WITH_FIGURES
    }
    for spec in MODELS.values():
        name, suits = getattr(spec.name, language), getattr(spec.suits, language)
        terms = "" if spec.commercial_use else f" · {say('ui.non_commercial', language)}"
        words[f"model.{spec.id}"] = name if not spec.bundled else f"{name} — {suits[0].lower()}{suits[1:]}"
        words[f"model.{spec.id}.details"] = f"{name} — {suits} · {spec.download_mb} MB · {spec.licence}{terms}"
    return words


CATALOGUES = {language: catalogue(language) for language in LANGUAGES}

# A marker as `gr.I18n` writes it, whatever the escapes of the text that it stands in.
_MARKER = re.compile(r"__i18n__\{[^{}]*?((?:ui|model)\.[\w.-]+)[^{}]*\}")

TEXTS = gr.I18n(**CATALOGUES)


@dataclass(frozen=True, slots=True)
class PhotoPanel:
    """Where photos come in."""

    zone: gr.HTML
    preview: gr.HTML
    examples: gr.HTML


@dataclass(frozen=True, slots=True)
class ResultPanel:
    """What came out, and the files to take away."""

    status: gr.HTML
    failure: gr.HTML
    notice: gr.HTML
    other_model: gr.Button
    views: gr.HTML
    finishing: gr.HTML
    facts: gr.HTML
    kind: gr.HTML
    download: gr.DownloadButton
    download_mask: gr.DownloadButton


@dataclass(frozen=True, slots=True)
class OptionsPanel:
    """The settings of a recipe."""

    model: gr.Radio
    other_model: gr.Dropdown
    fine_hair: gr.Checkbox
    thresholds: gr.HTML

    @property
    def settings(self) -> list[gr.components.Component]:
        """The inputs of `endpoints.cut_out` after the photo, in its order."""
        return [self.model, self.other_model, self.fine_hair, self.thresholds]


class Page(gr.Blocks):
    """Blocks that send each screen of an event whole.

    Gradio sends how a screen differs from the one before, and its script in the browser makes that change in place,
    even if the one before still waits to be shown: of two that arrive together, what the second leaves out is lost.
    """

    def handle_streaming_diffs(
        self,
        block_fn: BlockFunction,
        data: list[Any],
        session_hash: str | None,
        run: str | None,
        final: bool,
        simple_format: bool = False,
    ) -> list[Any]:
        """The values of one screen as edits of the one before: of each value that it is another one."""
        whole = list(data)
        sent = super().handle_streaming_diffs(block_fn, data, session_hash, run, final, simple_format)
        if final:
            return sent
        return [
            change if change is value else [["replace", [], value]] for change, value in zip(sent, whole, strict=True)
        ]


def build() -> Page:
    """The whole page, ready to launch."""
    # What is older than five sixths of the time is looked for every sixth of it, so nothing lives longer.
    cleaning = (KEEP_SECONDS // 6, KEEP_SECONDS * 5 // 6)
    page = Page(title=text("title"), analytics_enabled=False, fill_width=True, delete_cache=cleaning)
    with page:
        work = gr.State(time_to_live=KEEP_SECONDS // 2)
        header = html("header", script=True)
        with gr.Row(elem_id="desk", equal_height=False):
            photo = photo_panel()
            result = result_panel()
            options = options_panel()
        html("footer", elem_id="foot")
        wire(header, work, photo, result, options)
        api(endpoints.remove, api_name="remove", **NETWORK)
    page.queue(max_size=60)
    return page


def photo_panel() -> PhotoPanel:
    """The drop zone with the camera, and the examples."""
    with gr.Column(elem_id="photo-panel"):
        with gr.Column(elem_id="photo"):
            preview = html("preview", script=True)
            zone = html("photo", script=True, accept=ACCEPT, limit=endpoints.LIMITS["megabytes"] * 1_000_000)
        examples = html("examples", elem_id="examples", script=True, value=[_example(name) for name in EXAMPLES])
    return PhotoPanel(zone, preview, examples)


def result_panel() -> ResultPanel:
    """What happens and what went wrong; then the views of the result, the facts and the downloads."""
    with gr.Column(elem_id="result-panel"):
        status = gr.HTML(elem_id="status")
        failure = gr.HTML(elem_id="failure")
        with gr.Column(elem_id="result"):
            notice = gr.HTML(elem_id="notice")
            with gr.Row(elem_id="advice"):
                gr.HTML(f"<p>{text('advice')}</p>")
                other_model = gr.Button(text("try_other_model"), size="sm")
                gr.Button(text("choose_other"), size="sm", elem_id="choose-other")
            views = html("views", elem_id="views", script=True)
            finishing = finishing_panel()
            facts = gr.HTML(elem_id="facts")
            with gr.Row(elem_id="downloads"):
                download = gr.DownloadButton(text("download"), variant="primary", elem_id="download")
                kind = html("format", elem_id="kind", script=True, value="png", kinds=_kinds())
                download_mask = gr.DownloadButton(text("download_mask"), elem_id="download-mask")
    return ResultPanel(status, failure, notice, other_model, views, finishing, facts, kind, download, download_mask)


def finishing_panel() -> gr.HTML:
    """Background, shadow, outline, crop and size: native controls, read as one by `endpoints.change_look`."""
    return html(
        "finishing",
        elem_id="finishing",
        script=True,
        value={},
        limit=endpoints.LIMITS["megabytes"] * 1_000_000,
        accept=ACCEPT,
        scenes=[{"id": name, "label": text(f"scene.{name}"), "css": _css(scene)} for name, scene in SCENES.items()],
        swatches=[{"color": _hex(color), "label": text(f"color.{name}")} for name, color in SWATCHES.items()],
        aspects=[{"id": name, "css": name.replace(":", "/")} for name in ("1:1", "4:5", "16:9", "9:16")],
        id_photos=[
            {"id": name, "label": _paper(*paper), "css": f"{paper[0]}/{paper[1]}"} for name, paper in ID_PHOTOS.items()
        ],
        id_colors=[{"color": _hex(SWATCHES[name]), "label": text(f"color.{name}")} for name in ("red", "blue")],
    )


def options_panel() -> OptionsPanel:
    """The model, the fine-hair mode and, in a closed drawer, what experts may turn."""
    bundled = [(text(f"model.{spec.id}"), spec.id) for spec in MODELS.values() if spec.bundled]
    others = [(text(f"model.{spec.id}.details"), spec.id) for spec in MODELS.values() if not spec.bundled]
    with gr.Column(elem_id="options"):
        model = gr.Radio(
            [*bundled, (text("more_models"), MORE_MODELS)], value=DEFAULT_MODEL, label=text("model"), elem_id="model"
        )
        other_model = gr.Dropdown(
            others,
            value=None,
            label=text("other_model"),
            info=text("other_model_info"),
            visible=False,
            elem_id="other-model",
        )
        fine_hair = gr.Checkbox(label=text("fine_hair"), info=text("fine_hair_info"), elem_id="fine-hair")
        with gr.Accordion(text("expert"), open=False, elem_id="expert"):
            gr.HTML(f"<p>{text('expert_info')}</p>")
            thresholds = html("thresholds", script=True, value=Recipe().thresholds, numbers=_numbers())
    return OptionsPanel(model, other_model, fine_hair, thresholds)


def wire(header: gr.HTML, work: gr.State, photo: PhotoPanel, result: ResultPanel, options: OptionsPanel) -> None:
    """Say what happens when."""
    screen = [
        work,
        photo.preview,
        result.status,
        result.failure,
        result.notice,
        result.views,
        result.download,
        result.download_mask,
        result.facts,
        result.finishing,
    ]
    look = [result.finishing, result.kind]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # The last photo wins: while one is being opened, of all that arrive meanwhile only the last is opened after it.
    opening: dict[str, Any] = {**quiet, "outputs": screen, "trigger_mode": "always_last", "concurrency_limit": 4}
    network: dict[str, Any] = {**quiet, **NETWORK, "outputs": screen}
    cutting: dict[str, Any] = {**network, "inputs": [work, *options.settings, *look], "trigger_mode": "multiple"}

    header.input(endpoints.stay, concurrency_limit=None, **quiet)

    opened = [
        photo.zone.upload(endpoints.open_upload, [photo.zone, work], **opening),
        photo.examples.click(endpoints.open_example, [work], **opening),
    ]
    for event in opened:
        event.success(endpoints.cut_out, **cutting)
        event.success(endpoints.wait_for_turn, [work], **{**quiet, "outputs": screen, "concurrency_limit": 10})

    for change in (options.model.input, options.fine_hair.input, options.thresholds.input):
        change(endpoints.cut_out, **cutting)
    download: dict[str, Any] = {**quiet, "outputs": screen, "trigger_mode": "multiple", "concurrency_limit": 8}
    options.other_model.input(endpoints.fetch, [work, options.other_model], **download).success(
        endpoints.cut_out, **cutting
    )

    for part in look:
        part.input(
            endpoints.change_look,
            [work, *look],
            **{**quiet, "outputs": screen, "trigger_mode": "multiple", "concurrency_limit": 8},
        )

    options.model.change(_reveal, options.model, options.other_model, queue=False, **quiet)
    result.other_model.click(_next_model, options.model, options.model, queue=False, **quiet).then(
        endpoints.cut_out, **cutting
    )


def text(key: str) -> str:
    """A marker for the words of `ui.<key>`, or of `key` itself if it names a model; filled in as the page is sent."""
    return str(TEXTS(key if key.startswith("model.") else f"ui.{key}"))


def html(name: str, *, value: Any = None, script: bool = False, elem_id: str | None = None, **props: Any) -> gr.HTML:
    """A component of `panels/<name>`: `panel.html`, whose `[ui.…]` are replaced by words, and `panel.js`."""
    source = (PANELS / name / "panel.html").read_text("utf-8")
    template = re.sub(r"\[ui\.([\w.]+)\]", lambda found: text(found[1]), source)
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=(PANELS / name / "panel.js").read_text("utf-8") if script else None,
        elem_id=elem_id,
        apply_default_css=False,
        **props,
    )


def _kinds() -> list[dict[str, str]]:
    """The file formats to choose from."""
    names = {"webp": "WebP", "webp-lossless": "WebP lossless", "mask": text("kind_mask"), "trimap": text("kind_trimap")}
    return [{"id": kind, "label": names.get(kind, form.pillow)} for kind, form in FORMATS.items()]


def _numbers() -> list[dict[str, Any]]:
    """The numbers of a trimap, as `panels/thresholds` shows them."""
    maximum = {"erode_size": MAX_ERODE_SIZE}
    return [
        {
            "name": name,
            "id": name.replace("_", "-"),
            "label": text(name),
            "info": text(f"{name}_info"),
            "reset": text("reset_number"),
            "plain": plain,
            "maximum": maximum.get(name, 255),
        }
        for name, plain in Recipe().thresholds.items()
    ]


def _example(name: str) -> dict[str, Any]:
    file = f"{name}.jpg"
    return {"name": file, "label": text(f"example.{name}"), "picture": picture(endpoints.EXAMPLES / file)}


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _css(scene: Gradient) -> str:
    colors = f"{_hex(scene.first)}, {_hex(scene.second)}"
    return f"radial-gradient(at 50% 42%, {colors} 75%)" if scene.radial else f"linear-gradient({colors})"


def _paper(width: float, height: float) -> str:
    whole = width == round(width) and height == round(height)
    return f"{width:g}×{height:g} cm" if whole else f"{10 * width:g}×{10 * height:g} mm"


def _reveal(model: str) -> gr.Dropdown:
    return gr.Dropdown(visible=model == MORE_MODELS)


def _next_model(model: str) -> str:
    """Another bundled model: the row above in the table, so that after the first comes the last."""
    bundled = [spec.id for spec in MODELS.values() if spec.bundled]
    return bundled[bundled.index(model) - 1] if model in bundled else bundled[0]


class SpeaksTheVisitorsLanguage:
    """ASGI middleware: fills the labels into the page in the language that the browser asks for.

    Gradio translates some properties of components once its scripts run, but not the choices of a radio nor the
    page's `lang`. Here the first bytes are right already, so that no other language flashes by.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] not in ("/", "/config"):
            await self.app(scope, receive, send)
            return
        language = preferred_language(Headers(scope=scope).get("accept-language"))
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                page = translate(body.decode(), language).encode()
                kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
                start["headers"] = [*kept, (b"content-length", str(len(page)).encode()), (b"vary", b"accept-language")]
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, hold)


def translate(page: str, language: Language) -> str:
    """`page` with its `lang` set and every marker of `gr.I18n` replaced by the words it stands for."""
    words = CATALOGUES[language]
    page = _MARKER.sub(lambda found: json.dumps(words[found[1]], ensure_ascii=False)[1:-1], page)
    return page.replace('lang="en"', f'lang="{language}"', 1)
