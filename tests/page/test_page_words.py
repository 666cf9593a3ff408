"""The page's own words: every one of them is said somewhere."""

import re
from string import Formatter

import pytest

from bgdemo.messages import LANGUAGES, say, texts
from bgdemo.page import layout
from tests.page.markers import markers_of_the_page
from tests.server import ROOT


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


WORDS = {key for key in texts("en") if key.startswith(("ui.", "facts."))}


@pytest.fixture(scope="module")
def code() -> str:
    """The room's Python."""
    room = ROOT / "bgdemo" / "page"
    return "\n".join(path.read_text("utf-8") for path in room.glob("*.py"))


def test_every_word_of_the_page_is_said_and_every_word_that_is_said_is_there(code: str) -> None:
    """By the page as it is built, or by the server as it answers."""
    on_the_page = markers_of_the_page()
    by_the_server = set(re.findall(r"[\"']((?:ui|facts)\.[\w.]+)[\"']", code))
    said = on_the_page | by_the_server
    assert WORDS - said == set(), "said nowhere"
    assert said - WORDS - set(layout.CATALOGUES["en"]) == set(), "in no file"


def test_what_only_the_server_says_is_not_sent_along_with_the_page(code: str) -> None:
    """It has gaps that the page could not fill."""
    assert set(layout.SAID_BY_THE_SERVER) <= WORDS
    assert not markers_of_the_page() & set(layout.SAID_BY_THE_SERVER)
    for language in LANGUAGES:
        left = {key: gaps(text) for key, text in layout.CATALOGUES[language].items() if gaps(text)}
        of_the_script = {"ui.sending": {"percent"}, "ui.many.sending": {"percent"}, "ui.many.count": {"count"}}
    of_the_script["ui.steps.timed"] = {"size"}
    assert left == of_the_script, "the page's scripts fill these"


def test_words_are_filled_in() -> None:
    assert say("ui.waiting_many", "id", count=3, seconds=5) == "Menunggu: 3 foto sebelum foto Anda, sekitar 5 detik…"
    with pytest.raises(KeyError):
        say("ui.waiting_many", "en", count=3)
