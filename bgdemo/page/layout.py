"""The layout of the page, one function a panel, its wiring, and how it is launched."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_args

import gradio as gr
from gradio.events import api
from starlette.middleware import Middleware

from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.trimap import MAX_ERODE_SIZE, RECOMMENDED
from bgdemo.messages import FALLBACK, LANGUAGES, Language, say, texts
from bgdemo.page.api import Api
from bgdemo.page.compat import RefusesUploads, SpeaksTheVisitorsLanguage, fetch_no_addresses, file_value, files_of
from bgdemo.page.explaining import ENLARGED, example
from bgdemo.page.health import health_route
from bgdemo.page.visit import EXAMPLES
from bgdemo.page.visits import Visits
from bgdemo.page.wanted import MIXED
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import SCENES, Color, Gradient
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.presets import PRESETS, Preset
from bgdemo.picture.standards import BACKGROUNDS, STANDARDS
from bgdemo.recipes import ID_BLUE, ID_RED
from bgdemo.settings import KEEP_SECONDS, MAX_FILES, MAX_MEGABYTES, MAX_MEGAPIXELS, MAX_UPLOAD_MEGABYTES
from bgdemo.steps import LOUPE, StepName

PANELS = Path(__file__).parent / "panels"
EXAMPLE_NAMES = ("kucing", "dog", "astronaut", "cup", "butterfly")
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

OF_THE_PAGE = ("ui.", "facts.", "model.", "standard.", "preset.")
"""How the keys of labels begin."""

GAPS = {
    **{"megabytes": MAX_MEGABYTES, "megapixels": MAX_MEGAPIXELS},
    **{name: f"{{{name}}}" for name in ("percent", "count", "size")},
}
"""What fills the gaps of a label; some are filled by the page's script."""

MORE_MODELS = "more"
"""The choice of the model radio that reveals the models to download."""

SAID_BY_THE_SERVER = (
    *("ui.download_size", "ui.fetching", "ui.waiting_one", "ui.waiting_many", "ui.busy", "facts.seconds"),
    *("ui.download_zip", "ui.so_far", "ui.all_done", "ui.all_done_but", "ui.seconds_left", "ui.minutes_left"),
)
"""Words that come with figures."""

REFUSALS = {
    "too_large": "error.file_too_large",
    "failed": "error.upload_failed",
    "disk_full": "error.disk_full",
    "no_camera": "error.no_camera",
    "link": "error.link",
    "empty_folder": "error.empty_folder",
}
"""What the page itself says of a file that it does not even send."""

# Extensions beside the types, because not every system knows the type of the newer ones.
ACCEPT = "image/*,.heic,.heif,.avif,.tif,.tiff,.webp"
ACCEPT_MANY = f"{ACCEPT},.zip"

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
    labels = [key for key in texts(FALLBACK) if key.startswith(OF_THE_PAGE) and key not in SAID_BY_THE_SERVER]
    words = {key: say(key, language, **GAPS) for key in labels}
    words |= {key: say(key, language, limit=MAX_MEGABYTES) for key in REFUSALS.values()}
    words["error.too_many_files"] = say("error.too_many_files", language, limit=MAX_FILES)
    for spec in MODELS.values():
        name, suits = spec.name(language), say(f"model.{spec.id}.suits", language)
        terms = "" if spec.commercial_use else f" · {say('ui.non_commercial', language)}"
        words[f"model.{spec.id}"] = name if not spec.bundled else f"{name} — {suits[0].lower()}{suits[1:]}"
        words[f"model.{spec.id}.details"] = f"{name} — {suits} · {spec.download_mb} MB · {spec.licence}{terms}"
    return words


CATALOGUES = {language: catalogue(language) for language in LANGUAGES}

TEXTS = gr.I18n(**CATALOGUES)


def build(visits: Visits) -> gr.Blocks:
    """The whole page, ready to launch."""

    async def want(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.want(message)

    async def follow(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.follow(message)

    # What is older than five sixths of the time is looked for every sixth of it, so nothing lives longer.
    cleaning = (KEEP_SECONDS // 6, KEEP_SECONDS * 5 // 6)
    page = gr.Blocks(title=text("title"), analytics_enabled=False, fill_width=True, delete_cache=cleaning)
    with page:
        # Plain calls and answers: nothing that Gradio would have to keep open for a tab.
        line = html("line", script=True, value={}, server_functions=[want, follow])
        with gr.Column(elem_id="desk"):
            bar_panel()
            with gr.Column(elem_id="result"):
                html("status", script=True)
                many_panel(visits)
                html("notices", script=True)
                html("views", elem_id="stage", script=True)
                html("facts", script=True, elem_id="facts-line")
            tools_panel(line)
        html("footer", elem_id="foot")
        steps_panel()
        snippets_panel(visits)
        published = Api(visits.shared)
        api(published.remove, api_name="remove", concurrency_limit=None)
        api(published.remove_many, api_name="remove_many", concurrency_limit=None)
    page.queue(max_size=60)
    return page


def launch(page: gr.Blocks, visits: Visits) -> None:
    """Serve `page`, in a thread of its own."""
    fetch_no_addresses()

    @asynccontextmanager
    async def swept(_: object) -> AsyncIterator[None]:
        visits.start(files_of(page))
        yield
        visits.stop()

    speaks = Middleware(partial(SpeaksTheVisitorsLanguage, catalogues=CATALOGUES))
    refuses = Middleware(partial(RefusesUploads, is_full=lambda: visits.shared.disk.full))
    page.launch(
        theme=THEME,
        css_paths=[PANELS / "page.css", *sorted(PANELS.glob("*/panel.css"))],
        i18n=TEXTS,
        footer_links=["api"],
        max_file_size=f"{MAX_UPLOAD_MEGABYTES}mb",
        ssr_mode=False,
        run_history=False,
        prevent_thread_lock=True,
        app_kwargs={"middleware": [speaks, refuses], "routes": [health_route(visits)], "lifespan": swept},
    )


def bar_panel() -> None:
    """The drop zone with the camera, and the examples; with a photo, a slim bar of both."""
    words = {name: marker(key) for name, key in REFUSALS.items()}
    words |= {"sending": text("sending")}
    with gr.Column(elem_id="bar"):
        html("header")
        html("languages", elem_id="languages", script=True, value=_languages())
        html("photo", elem_id="photo", script=True, accept=ACCEPT_MANY, limit=MAX_MEGABYTES * 1_000_000, words=words)
        html("examples", elem_id="examples", script=True, value=[_example(name) for name in EXAMPLE_NAMES])


def steps_panel() -> None:
    """How it works: the steps to the result, or to an example's, in a dialog."""
    names = {spec.id: text(f"model.{spec.id}.name") for spec in MODELS.values()}
    words = {name: text(f"steps.{name}") for name in ("mirrored", "timed", "making", "none", "example")}
    steps = [
        {
            "name": name,
            "title": text(f"steps.{name}"),
            "term": text(f"steps.{name}.term"),
            "says": text(f"steps.{name}.says"),
            "enlarged": name in ENLARGED,
        }
        for name in get_args(StepName)
    ]
    shown = {"names": names, "words": words, "steps": steps, "loupe": LOUPE}
    html("steps", value=example(file_value), elem_id="how-it-works", script=True, **shown)


def many_panel(visits: Visits) -> None:
    """Many photos at a time, in place of the stage."""

    async def want_many(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.want_many(message)

    async def watch_many(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.watch_many(message)

    async def pack(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.pack(message)

    said = ("count", "pause", "go_on", "cancel", "clear", "really", "waits", "working", "sending", "done", "touched")
    acts = ("open", "save", "retry", "remove", "back", "keep", "to_check")
    words = {name: text(f"many.{name}") for name in said + acts} | {name: marker(key) for name, key in REFUSALS.items()}
    words |= {"too_many": marker("error.too_many_files"), "packing": text("packing"), "no_zip": text("no_zip_yet")}
    limits = {"files": MAX_FILES, "photo": MAX_MEGABYTES * 1_000_000, "zip": MAX_UPLOAD_MEGABYTES * 1_000_000}
    calls = [want_many, watch_many, pack]
    thumbs = file_value(PANELS / "finishing" / "thumbs.webp")
    html("many", value=thumbs, elem_id="many", script=True, server_functions=calls, words=words, limits=limits)


def snippets_panel(visits: Visits) -> None:
    """How to make the same picture in Python, on the command line and over HTTP."""

    async def snippets(message: dict[str, Any]) -> dict[str, Any]:
        return await visits.snippets(message)

    html("snippets", elem_id="snippets", script=True, server_functions=[snippets])


def tools_panel(line: gr.HTML) -> None:
    """The tools under their tabs, one open at a time, and the downloads; `line` tells of the subject's changes."""
    with gr.Column(elem_id="tools"):
        html("tools", script=True)
        with gr.Column(elem_id="tool-room"):
            subject_panel(line)
            html("touch", elem_id="panel-touch", script=True)
            finishing_panel()
        html("limit", elem_id="file-limit", script=True)
        said = ("preparing", "download", "copied", "copy_failed", "share_again", "share_failed")
        words = {name: text(name) for name in said}
        html("downloads", elem_id="take-away", script=True, kinds=_kinds(), words=words)


def finishing_panel() -> None:
    """Background, shadow, outline, crop and size: native controls, read as one; see `wanted.finish_of`."""
    html(
        "finishing",
        elem_id="finishing",
        script=True,
        limit=MAX_MEGABYTES * 1_000_000,
        accept=ACCEPT,
        words={name: marker(key) for name, key in REFUSALS.items()} | {"sending": text("sending")},
        scenes=[{"id": name, "label": text(f"scene.{name}"), "css": _css(scene)} for name, scene in SCENES.items()],
        swatches=[{"color": _hex(color), "label": text(f"color.{name}")} for name, color in SWATCHES.items()],
        aspects=[{"id": name, "css": name.replace(":", "/")} for name in ("1:1", "4:5", "16:9", "9:16")],
        presets=[
            {
                "id": row.id,
                "label": text(f"preset.{row.id}"),
                "css": f"{row.width}/{row.height}",
                "look": _fields(row),
                "file": {"format": row.format, "max_kb": str(row.max_kb or "")},
            }
            for row in PRESETS.values()
        ],
        id_photos=[
            {
                "id": row.id,
                "label": text(f"standard.{row.id}"),
                "css": f"{row.width_mm:g}/{row.height_mm:g}",
                "colors": [_hex(BACKGROUNDS[name]) for name in row.backgrounds],
                "file": {"format": row.format, "max_kb": str(row.kb[1])} if row.format and row.kb else None,
            }
            for row in STANDARDS.values()
        ],
        papers=[{"id": row.id, "label": row.name} for row in PAPERS.values()],
        mixed=[{"id": kind, "label": kind.replace("x", "×"), "count": count} for kind, count in MIXED.items()],
        id_colors=[{"color": _hex(color), "label": text(f"color.{name}")} for name, color in BACKGROUNDS.items()],
    )


def subject_panel(line: gr.HTML) -> None:
    """Other readings of the photo, the model, the fine-hair mode and, in a closed drawer, what experts may turn."""
    bundled = [(text(f"model.{spec.id}"), spec.id) for spec in MODELS.values() if spec.bundled]
    others = [(text(f"model.{spec.id}.details"), spec.id) for spec in MODELS.values() if not spec.bundled]
    with gr.Column(elem_id="panel-subject"):
        html("candidates", elem_id="candidates", script=True, names=_names())
        model = gr.Radio(
            [*bundled, (text("more_models"), MORE_MODELS)], value=DEFAULT_MODEL, label=text("model"), elem_id="model"
        )
        other_model = gr.Dropdown(
            others, value=None, label=text("other_model"), info=text("other_model_info"), elem_id="other-model"
        )
        html("missing", script=True)
        html(
            "plate",
            elem_id="plate",
            script=True,
            limit=MAX_MEGABYTES * 1_000_000,
            accept=ACCEPT,
            words={name: marker(key) for name, key in REFUSALS.items()} | {"sending": text("sending")},
        )
        alpha_matting = gr.Checkbox(label=text("fine_hair"), info=text("fine_hair_info"), elem_id="fine-hair")
        with gr.Accordion(text("expert"), open=False, elem_id="expert"):
            html("thresholds", script=True, numbers=_numbers())

    controls: list[Any] = [model, other_model, alpha_matting]
    in_browser: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    gr.on(
        [control.input for control in controls],
        inputs=controls,
        outputs=line,
        js="(model, other_model, alpha_matting) => ({ model, other_model, alpha_matting })",
        **in_browser,
    )
    back = "({ model, other_model, alpha_matting }) => [model, other_model, alpha_matting]"
    line.restore(None, line, controls, js=back, **in_browser)


def marker(key: str) -> str:
    """A marker for the words `key`; filled in as the page is sent."""
    return str(TEXTS(key))


def text(key: str) -> str:
    """A marker for the words of `ui.<key>`, or of `key` itself if it names a model, a standard or a preset."""
    return marker(key if key.startswith(("model.", "standard.", "preset.")) else f"ui.{key}")


def html(name: str, *, value: Any = None, script: bool = False, elem_id: str | None = None, **props: Any) -> gr.HTML:
    """A component of `panels/<name>`: `panel.html`, whose `[ui.…]` are replaced by words, and its scripts.

    Each script has a scope of its own; `panel.js` comes first.
    """
    source = (PANELS / name / "panel.html").read_text("utf-8")
    scripts = sorted((PANELS / name).glob("*.js"), key=lambda path: (path.name != "panel.js", path.name))
    template = re.sub(r"\[ui\.([\w.]+)\]", lambda found: text(found[1]), source)
    return gr.HTML(
        value,
        html_template=template,
        js_on_load="\n".join(f"{{\n{path.read_text('utf-8')}}}" for path in scripts) if script else None,
        elem_id=elem_id,
        apply_default_css=False,
        **props,
    )


def _languages() -> list[dict[str, str]]:
    """The languages to choose from, each under its own name."""
    return [
        {"code": code, "name": say("language.name", code), "short": say("language.short", code)} for code in LANGUAGES
    ]


def _names() -> dict[str, str]:
    """The names of the bundled models."""
    return {spec.id: text(f"model.{spec.id}.name") for spec in MODELS.values() if spec.bundled}


def _kinds() -> list[dict[str, str]]:
    """The file formats to choose from."""
    names = {
        "webp-lossless": text("kind_lossless"),
        "mask": text("kind_mask"),
        "trimap": text("kind_trimap"),
    }
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
            "plain": getattr(RECOMMENDED, name),
            "maximum": maximum.get(name, 255),
        }
        for name in ("foreground_threshold", "background_threshold", "erode_size")
    ]


def _example(name: str) -> dict[str, Any]:
    """A photo to try, with the strokes that were drawn on it beforehand, if any."""
    file, drawn = f"{name}.jpg", EXAMPLES / f"{name}-strokes.json"
    strokes = json.loads(drawn.read_text("utf-8")) if drawn.exists() else []
    return {
        "name": file,
        "label": text(f"example.{name}"),
        "picture": file_value(EXAMPLES / file),
        "strokes": strokes,
        "touched": text("example_touched") if strokes else "",
    }


def _fields(preset: Preset) -> dict[str, str]:
    """What the finishing panel's fields say where a preset was chosen; the rest follows from its name."""
    rim = {"outline": "white", "outline_width": f"{preset.outline:g}"} if preset.outline else {"outline": "none"}
    return {"background": preset.background, "shadow": "none", **rim}


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _css(scene: Gradient) -> str:
    colors = f"{_hex(scene.first)}, {_hex(scene.second)}"
    return f"radial-gradient(at 50% 42%, {colors} 75%)" if scene.radial else f"linear-gradient({colors})"
