"""The page as it is built: its words, and that what it offers is what the server understands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import strokes_of
from bgdemo.matte.trimap import MAX_ERODE_SIZE, RECOMMENDED
from bgdemo.messages import LANGUAGES, Language, say, texts
from bgdemo.page import layout, screen, wanted
from bgdemo.page.compat import SpeaksTheVisitorsLanguage, translate
from bgdemo.page.stages import THUMB, THUMBS
from bgdemo.page.wanted import finish_of
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import SCENES
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import STANDARDS
from bgdemo.settings import MAX_MEGABYTES
from bgdemo.words import limit_of, recipe_of
from tests.page.markers import components, config
from tests.server import EXAMPLES

HTML = {path.parent.name: path.read_text("utf-8") for path in layout.PANELS.glob("*/panel.html")}


# ---- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marker_of_the_page_becomes_words(language: Language) -> None:
    page = translate('<html lang="en">' + json.dumps(config(), default=str), layout.CATALOGUES[language], language)
    assert f'<html lang="{language}" data-language="{language}">' in page
    assert "__i18n__" not in page
    sent = json.loads(page.partition(">")[2])
    assert sent["title"] == say("ui.title", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_with_quotes_and_lines_do_not_break_the_page(language: Language) -> None:
    awkward = 'He said "no" \\ and\nleft </script>'
    page = translate(json.dumps({"label": layout.text("title")}), {"ui.title": awkward}, language)
    assert json.loads(page) == {"label": awkward}


def test_both_languages_say_the_same_things() -> None:
    assert layout.CATALOGUES["en"].keys() == layout.CATALOGUES["id"].keys()


@pytest.fixture(scope="module")
def site() -> TestClient:
    """A page and something else, behind what speaks the visitor's language."""

    async def page(request: Any) -> HTMLResponse:
        return HTMLResponse(f'<html lang="en"><h1>{layout.text("choose")}</h1>')

    async def other(request: Any) -> PlainTextResponse:
        return PlainTextResponse(layout.text("choose"))

    speaks = Middleware(SpeaksTheVisitorsLanguage, catalogues=layout.CATALOGUES)
    return TestClient(Starlette(routes=[Route("/", page), Route("/other", other)], middleware=[speaks]))


@pytest.mark.parametrize(("asked", "language"), [("id-ID,en;q=0.5", "id"), ("en-GB", "en"), ("fr", "en")])
def test_the_first_bytes_of_the_page_are_in_the_visitor_s_language(
    site: TestClient, asked: str, language: Language
) -> None:
    answer = site.get("/", headers={"accept-language": asked})
    html = f'<html lang="{language}" data-language="{language}">'
    assert answer.text == f"{html}<h1>{say('ui.choose', language)}</h1>"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["vary"] == "accept-language, cookie"


@pytest.mark.parametrize(
    ("address", "cookie", "language"),
    [
        ("/", "language=id", "id"),
        ("/", "theme=dark; language=id", "id"),
        ("/?language=id", "", "id"),
        ("/?language=id", "language=en", "id"),
        ("/", "language=klingon", "en"),
        ("/?language=", "language=id", "id"),
    ],
)
def test_what_the_visitor_chose_counts_before_what_the_browser_asks_for(
    site: TestClient, address: str, cookie: str, language: Language
) -> None:
    answer = site.get(address, headers={"accept-language": "en", "cookie": cookie})
    assert say("ui.choose", language) in answer.text


def test_nothing_but_the_page_is_translated(site: TestClient) -> None:
    assert site.get("/other", headers={"accept-language": "id"}).text == layout.text("choose")


# ---- choices --------------------------------------------------------------------------------------------------------


def test_models_are_offered_in_the_order_of_the_table() -> None:
    bundled = [spec.id for spec in MODELS.values() if spec.bundled]
    others = [spec.id for spec in MODELS.values() if not spec.bundled]
    radio, dropdown = components()["model"], components()["other-model"]
    assert [value for _, value in radio["choices"]] == [*bundled, layout.MORE_MODELS]
    assert radio["value"] == DEFAULT_MODEL
    assert [value for _, value in dropdown["choices"]] == others
    assert layout.MORE_MODELS not in MODELS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("spec", [spec for spec in MODELS.values() if not spec.bundled], ids=lambda spec: spec.id)
def test_who_downloads_a_model_is_told_its_size_and_licence_first(spec: Any, language: Language) -> None:
    label = layout.CATALOGUES[language][f"model.{spec.id}.details"]
    assert f"{spec.download_mb} MB · {spec.licence}" in label
    assert (say("ui.non_commercial", language) in label) == (not spec.commercial_use)


def test_every_format_is_offered_under_a_name_of_its_own() -> None:
    kinds = components()["take-away"]["props"]["kinds"]
    assert [kind["id"] for kind in kinds] == list(FORMATS)
    assert len({kind["label"] for kind in kinds}) == len(FORMATS)


def test_the_numbers_of_the_trimap_begin_as_recommended_and_end_where_the_server_does() -> None:
    numbers = {number["name"]: number for number in layout._numbers()}
    assert {name: number["plain"] for name, number in numbers.items()} == {
        name: getattr(RECOMMENDED, name) for name in RECOMMENDED.__dataclass_fields__
    }
    assert numbers["erode_size"]["maximum"] == MAX_ERODE_SIZE
    assert numbers["foreground_threshold"]["maximum"] == numbers["background_threshold"]["maximum"] == 255


class Recorder(dict[str, str]):
    """Fields of a panel that remember which of them were asked for."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def test_the_finishing_panel_has_the_fields_that_the_server_reads() -> None:
    asked = set()
    for fields in (
        {"background": "color", "outline": "color", "crop": "id:3x4"},
        {"background": "blur", "crop": "1:1", "width": "3", "height": "4", "unit": "cm"},
        {"background": "picture"},
    ):
        panel = Recorder(fields)
        finish_of(panel, EXAMPLES / "cup.jpg")
        asked |= panel.asked
    assert set(re.findall(r' name="(\w+)"', HTML["finishing"])) == asked


def offered() -> list[tuple[str, str]]:
    """Every choice of the finishing panel: the name of its field, and its value."""
    props = components()["finishing"]["props"]
    written = re.findall(r'name="(\w+)" value="([^"{]+)"', HTML["finishing"])
    drawn = [("background", scene["id"]) for scene in props["scenes"]]
    drawn += [("crop", aspect["id"]) for aspect in props["aspects"]]
    drawn += [("crop", f"for:{preset['id']}") for preset in props["presets"]]
    drawn += [("crop", f"id:{kind['id']}") for kind in props["id_photos"]]
    drawn += [("color", color["color"]) for color in (*props["swatches"], *props["id_colors"])]
    return written + drawn


def test_every_choice_of_the_finishing_panel_can_be() -> None:
    assert {scene for name, scene in offered() if name == "background"} >= set(SCENES)
    assert {crop for name, crop in offered() if name == "crop"} == {
        *wanted.CROPS,
        *(f"for:{preset}" for preset in PRESETS),
        *(f"id:{kind}" for kind in STANDARDS),
    }
    for name, value in offered():
        about = {"color": {"background": "color"}, "outline_color": {"outline": "color"}}.get(name, {})
        finish_of({**about, name: value})


def test_a_preset_s_fields_in_the_panel_mean_what_its_name_means() -> None:
    for preset in components()["finishing"]["props"]["presets"]:
        panel = finish_of({**preset["look"], "crop": f"for:{preset['id']}"}).look
        named = recipe_of({"preset": preset["id"]})
        parts = named.look.__dataclass_fields__
        assert [getattr(panel, part) for part in parts] == [getattr(named.look, part) for part in parts]
        limit = limit_of({"max_kb": preset["file"]["max_kb"]})
        assert (preset["file"]["format"], limit) == (named.format, named.limit)


def test_the_plain_panel_is_the_plain_cutout() -> None:
    fields = {"background": "transparent", "shadow": "none", "outline": "none", "crop": "photo", "unit": "px"}
    for name, value in fields.items():
        pattern = rf'name="{name}" value="{value}"[^>]*checked|name="{name}"[^>]*><option value="{value}"'
        assert re.search(pattern, HTML["finishing"]), name
    look = finish_of(fields).look
    plain = finish_of({}).look
    assert [getattr(look, part) for part in plain.__dataclass_fields__] == [
        getattr(plain, part) for part in plain.__dataclass_fields__
    ]


def test_every_place_of_an_error_is_on_the_page() -> None:
    """But those of the photo and the result as a whole, which are told above the result."""
    places = {*wanted.PLACES.values(), *screen.PLACES.values(), "thresholds", "touch", "handing"} - {"photo"}
    assert set(re.findall(r'data-error="(\w+)"', "".join(HTML.values()))) == places
    assert set(wanted.PLACES) <= texts("en").keys()
    marked = set(re.findall(r'data-checked="(\w+)"', "".join(HTML.values())))
    assert marked <= places


# ---- examples and limits --------------------------------------------------------------------------------------------


def test_the_examples_are_small_and_credited() -> None:
    notices = (EXAMPLES / "CREDITS.md").read_text("utf-8")
    files = {path.name for path in EXAMPLES.glob("*.jpg")}
    assert files == {f"{name}.jpg" for name in layout.EXAMPLE_NAMES}
    for file in files:
        assert f"`{file}`" in notices
        assert (EXAMPLES / file).stat().st_size < 200_000


def test_the_examples_are_offered_with_their_own_pictures() -> None:
    shown = components()["examples"]["value"]
    assert [example["name"] for example in shown] == [f"{name}.jpg" for name in layout.EXAMPLE_NAMES]
    assert shown[0]["name"] == "kucing.jpg"
    for example in shown:
        assert example["picture"]["path"].endswith(example["name"])
        assert bool(strokes_of(example["strokes"])) == bool(example["touched"])
    touched = {f"{Path(example['name']).stem}-strokes.json" for example in shown if example["strokes"]}
    assert touched == {path.name for path in EXAMPLES.glob("*.json")}


def test_what_the_page_refuses_by_itself_is_what_the_server_would() -> None:
    assert components()["photo"]["props"]["limit"] == MAX_MEGABYTES * 1_000_000
    for language in LANGUAGES:
        assert f"{MAX_MEGABYTES} MB" in layout.CATALOGUES[language]["error.file_too_large"]
        assert f"{MAX_MEGABYTES} MB" in layout.CATALOGUES[language]["ui.formats"]


def test_the_thumbnails_beside_many_photos_are_as_those_of_one() -> None:
    with Image.open(layout.PANELS / "finishing" / "thumbs.webp") as strip:
        assert strip.size == (THUMB * len(THUMBS), THUMB)
