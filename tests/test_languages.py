"""Every file of `bgdemo/languages` says all of it, and one more file is one more language."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from string import Formatter

import pytest

import bgdemo
from bgdemo import messages
from bgdemo.matte.models import MODELS
from bgdemo.messages import FALLBACK, FOLDER, LANGUAGES, Language, decimal, say, texts
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import STANDARDS

ROOT = Path(__file__).parent.parent
every_language = pytest.mark.parametrize("language", LANGUAGES)


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def own(language: Language) -> dict[str, str]:
    """What the language's file says by itself, without English standing in."""
    return dict(messages._flat(tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))))


@every_language
def test_a_language_says_everything_and_nothing_else(language: Language) -> None:
    assert own(FALLBACK).keys() - own(language).keys() == set(), "missing"
    assert own(language).keys() - own(FALLBACK).keys() == set(), "superfluous"


@every_language
def test_nothing_is_said_without_words(language: Language) -> None:
    assert [key for key, text in own(language).items() if not text.strip()] == []


@every_language
def test_the_gaps_are_the_same_in_every_language(language: Language) -> None:
    assert {key: gaps(text) for key, text in texts(language).items()} == {
        key: gaps(text) for key, text in texts(FALLBACK).items()
    }


@every_language
def test_every_row_of_the_tables_has_a_name_and_every_name_a_row(language: Language) -> None:
    rows = {f"model.{id_}.{part}" for id_ in MODELS for part in ("name", "suits")}
    rows |= {f"standard.{id_}" for id_ in STANDARDS} | {f"preset.{id_}" for id_ in PRESETS}
    assert {key for key in own(language) if key.startswith(("model.", "standard.", "preset."))} == rows


def test_what_a_model_suits_is_a_sentence_of_each_language() -> None:
    """Names may be the same in two of them; sentences never are."""
    for id_ in MODELS:
        said = [say(f"model.{id_}.suits", language) for language in LANGUAGES]
        assert len(set(said)) == len(LANGUAGES)


def test_english_comes_first_and_the_languages_are_told_apart_by_their_own_names() -> None:
    assert LANGUAGES[:2] == ("en", "id")
    assert [say("language.name", language) for language in LANGUAGES[:2]] == ["English", "Bahasa Indonesia"]
    for part in ("name", "short"):
        assert len({say(f"language.{part}", language) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(("language", "said"), [("en", "−31.5"), ("id", "−31,5")])
def test_decimals_are_written_as_the_language_writes_them(language: Language, said: str) -> None:
    assert decimal(-31.46, language) == said


THIRD = """
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from bgdemo.errors import UserError
from bgdemo.page import layout
from bgdemo.page.compat import SpeaksTheVisitorsLanguage

async def page(request):
    return HTMLResponse(f'<html lang="en"><h1>{layout.text("choose")}</h1><p>{layout.text("drop")}</p>')

speaks = Middleware(SpeaksTheVisitorsLanguage, catalogues=layout.CATALOGUES)
site = TestClient(Starlette(routes=[Route("/", page)], middleware=[speaks]))
print(site.get("/", headers={"accept-language": "xx-XX, id;q=0.5"}).text)
print(UserError("error.empty").text("xx"))
"""


def test_one_more_file_is_one_more_language(tmp_path: Path) -> None:
    """A copy of the English file with every sentence marked but one, for which English stands in."""
    code = shutil.ignore_patterns("__pycache__", "*.onnx")
    shutil.copytree(Path(bgdemo.__file__).parent, tmp_path / "bgdemo", ignore=code)
    lines = (FOLDER / "en.toml").read_text("utf-8").replace('= "', '= "xx ').splitlines(keepends=True)
    (tmp_path / "bgdemo" / "languages" / "xx.toml").write_text(
        "".join(line for line in lines if not line.startswith("drop = ")), "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-c", THIRD],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f'<html lang="xx" data-language="xx"><h1>xx {say("ui.choose", "en")}</h1><p>{say("ui.drop", "en")}</p>',
        f"xx {say('error.empty', 'en')}",
    ]
