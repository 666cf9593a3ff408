"""Every sentence is said, and the visitor's own language is found."""

import pickle
import re
from pathlib import Path

import pytest

import bgdemo
from bgdemo.errors import UserError
from bgdemo.messages import preferred_language, say, texts


def test_every_key_in_the_code_is_in_the_catalogue_and_the_other_way_round() -> None:
    folder = Path(bgdemo.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".js", ".html"))
    used = set(re.findall(r"\"((?:error|note)\.\w+)\"", code))
    said = texts("en")
    assert used - set(said) == set()
    assert {key for key in said if key.startswith(("error.", "note."))} - used == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("id", "id"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("en-GB,en;q=0.9,id;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,id;q=0.5,en;q=0.4", "id"),
        ("en;q=0.2, ID;q=0.8", "id"),
        ("in-ID", "id"),
        ("id;q=0, en;q=0.1", "en"),
        ("de, ja", "en"),
        ("id;q=much, en", "en"),
        ("id; q=0.9", "id"),
        ("en ;\tq=0.5 , id ; Q=0.9", "id"),
        ("id;q=nan, en;q=0.1", "en"),
        ("id;q = 0.9, en;q=0.1", "en"),
        ("*, id;q=0.5", "id"),
        ("en;q=0.5,,id;q=0.5", "en"),
    ],
)
def test_preferred_language(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


def test_errors_speak_both_languages() -> None:
    error = UserError("error.too_many_pixels", limit=50)
    assert str(error) == say("error.too_many_pixels", "en", limit=50)
    assert "50 juta" in error.text("id")


def test_an_error_is_the_same_in_another_process() -> None:
    error = UserError("error.too_many_pixels", limit=50)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.text("id")) == (str(error), error.text("id"))
