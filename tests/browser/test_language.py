"""The switch of the page's language: in the middle of whatever is done it loses nothing, and it is remembered."""

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from bgdemo.messages import LANGUAGES, Language, say, texts
from tests.browser.hands import drag, place
from tests.browser.page_actions import (
    CHOOSER,
    PHONE,
    Visit,
    choose,
    corner,
    download,
    downloaded,
    fine_hair,
    give,
    give_many,
    model,
    open_tool,
    tile,
    wait_for_all,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES, App

FOOTER = {"en": "Use via API", "id": "Gunakan melalui API"}
"""Gradio's own words."""


def switch(page: Page, language: Language) -> Locator:
    return page.locator(f"#languages a[lang={language}]")


def speaks(page: Page, language: Language) -> None:
    """Until the page was loaded in the language."""
    expect(page.locator(f"html[data-language={language}] #languages a[aria-current]")).to_have_attribute(
        "lang", language
    )
    page.wait_for_selector(CHOOSER, state="attached")


def turn(page: Page, language: Language) -> None:
    switch(page, language).click()
    speaks(page, language)


def left_over(page: Page, language: Language, other: Language) -> set[str]:
    """Sentences and labels of the other language that are on the page."""
    said = page.locator("body").aria_snapshot() + page.inner_text("body")
    words = {line.strip() for line in re.split(r"[\n\":·—]", said)}
    ours = {*texts(language).values(), say("language.short", other)}  # which the switch says in every language
    foreign = set(texts(other).values()) - ours
    return {text for text in foreign if text in words or (len(text) > 20 and text in said)}


@pytest.mark.parametrize(("language", "locale", "other"), [("en", "id-ID", "id"), ("id", "en-US", "en")])
def test_everything_is_said_in_the_language_that_was_chosen(
    visit: Visit, kucing: Path, language: Language, locale: str, other: Language
) -> None:
    """Against the language of the browser; in Gradio's own words, too."""
    page = visit(locale=locale)
    speaks(page, other)
    turn(page, language)
    assert left_over(page, language, other) == set()
    give(page, kucing)
    wait_for_result(page, "612×612")
    for tool in ("touch", "background", "crop", "subject"):
        open_tool(page, tool)
        assert left_over(page, language, other) == set()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("footer")).to_contain_text(FOOTER[language])
    assert page.title() == say("ui.title", language)


def test_the_choice_is_remembered_and_told_to_nobody_else(visit: Visit, app: App) -> None:
    page = visit()
    turn(page, "id")
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["value"], cookie["sameSite"], cookie["path"]) == ("language", "id", "Lax", "/")
    other = page.context.new_page()
    other.goto(app.url)
    speaks(other, "id")
    assert "language" not in other.url


def test_where_the_browser_keeps_no_cookie_the_choice_is_in_the_address(visit: Visit, kucing: Path) -> None:
    """As in a frame of another site."""
    page = visit()
    page.add_init_script("Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} })")
    page.reload()
    give(page, kucing)
    wait_for_result(page, "612×612")
    turn(page, "id")
    assert page.url.endswith("?language=id")
    expect(page.locator("#facts")).to_contain_text(say("facts.unchanged", "id"))


def test_while_a_network_works(visit: Visit) -> None:
    page = visit()
    give(page, EXAMPLES / "butterfly.jpg")
    expect(page.locator(".your-photo")).to_have_attribute("src", re.compile("."))
    turn(page, "id")
    expect(page.locator("#download")).to_be_enabled()
    assert downloaded(page)[0] == "butterfly-removedbg.png"
    assert left_over(page, "id", "en") == set()


def test_a_photo_on_its_way_arrives_first(visit: Visit, kucing: Path) -> None:
    page = visit()
    held: list[Route] = []
    page.route("**/upload**", lambda route: held.append(route))
    give(page, kucing)
    switch(page, "id").click()
    expect(page.locator("#language-waits")).to_have_text(say("ui.language_waits", "en"))
    assert page.locator("html").get_attribute("lang") == "en"
    held.pop().continue_()
    speaks(page, "id")
    wait_for_result(page, "612×612")


def test_strokes_their_way_back_and_the_place_on_the_page_stay(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    open_tool(page, "touch")
    for left in (0.3, 0.5):
        start, end = place(page, left, 0.5), place(page, left + 0.1, 0.5)
        wait_for_change(page, partial(drag, page, start, end))
    wait_for_change(page, lambda: page.click("#touch-undo"))
    page.locator("#brush-size").fill("12")
    page.click("#zoom-in")
    page.click("#zoom-in")
    zoom, before = page.inner_text("#zoom-level"), download(page)

    turn(page, "id")
    wait_for_result(page, "612×612")
    expect(page.locator("#tool-touch")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#zoom-level")).to_have_text(zoom)
    expect(page.locator("#brush-size")).to_have_value("12")
    expect(page.locator("#touch-said")).to_have_text(f"{say('ui.touch.strokes', 'id')}: 1")
    assert download(page) == before
    wait_for_change(page, lambda: page.click("#touch-redo"))
    expect(page.locator("#touch-said")).to_have_text(f"{say('ui.touch.strokes', 'id')}: 2")
    open_tool(page, "subject")
    expect(page.locator("#erode-size")).to_be_visible()


def test_the_numbers_of_experts_stay_though_their_drawer_is_closed(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    wait_for_change(page, fine_hair(page).check)
    page.click("#expert > button")
    wait_for_change(page, lambda: page.locator("#erode-size [type=number]").fill("14") or page.keyboard.press("Enter"))
    page.click("#expert > button")
    turn(page, "id")
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    expect(page.locator("#erode-size [type=number]")).to_have_value("14")


def test_a_finished_picture_stays_as_it_is_with_its_way_back(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.locator("[name=backdrop][value=black]").check(force=True)
    wait_for_change(page, fine_hair(page).check)
    wait_for_change(page, lambda: choose(page, "background", "sea"))
    wait_for_change(page, lambda: choose(page, "background", "white"))
    page.get_by_role("radio", name="Cutout").check(force=True)
    before = download(page)

    turn(page, "id")
    wait_for_result(page, "612×612")
    assert download(page) == before
    expect(page.locator("#cutout")).to_be_visible()
    expect(page.locator("[name=backdrop][value=black]")).to_be_checked()
    wait_for_change(page, lambda: page.click("#undo"))
    assert downloaded(page)[0] == "kucing-sea.png"
    expect(model(page, "Terbaik —")).to_be_checked()


def test_what_is_typed_counts_though_the_switch_comes_at_once(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.locator("#max-kb").fill("90")
    turn(page, "id")
    wait_for_result(page, "612×612")
    expect(page.locator("#max-kb")).to_have_value("90")
    assert len(download(page)[1]) <= 90_000


def test_many_photos_go_on_and_say_it_in_the_other_language(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    damaged = tmp_path / "rusak.jpg"
    damaged.write_bytes((EXAMPLES / "cup.jpg").read_bytes()[:40_000])
    give_many(page, EXAMPLES / "cup.jpg", EXAMPLES / "dog.jpg", damaged)
    choose(page, "background", "white")
    expect(tile(page, "cup.jpg")).to_be_visible()
    turn(page, "id")
    wait_for_all(page)
    expect(page.locator("#many-status")).to_have_text(say("ui.all_done_but", "id", done=2, failed=1))
    expect(tile(page, "rusak.jpg").locator(".said")).to_have_text(say("error.truncated", "id"))
    assert left_over(page, "id", "en") == set()
    with page.expect_download() as started:
        tile(page, "cup.jpg").locator(".save").click()
    assert started.value.suggested_filename == "cup-white.png"


def test_the_last_choice_counts_and_the_present_language_calls_it_off(visit: Visit, kucing: Path) -> None:
    page = visit()
    held: list[Route] = []
    page.route("**/upload**", lambda route: held.append(route))
    give(page, kucing)
    switch(page, "id").click()
    expect(page.locator("#language-waits")).not_to_be_empty()
    switch(page, "en").click()
    expect(page.locator("#language-waits")).to_be_empty()
    held.pop().continue_()
    wait_for_result(page, "612×612")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_the_switch_is_in_sight_and_large_enough_for_a_thumb(
    visit: Visit, kucing: Path, options: dict[str, object]
) -> None:
    page = visit(**options)
    for language in LANGUAGES:
        expect(switch(page, language)).to_be_in_viewport(ratio=1)
    give(page, kucing)
    wait_for_result(page, "612×612")
    for language in LANGUAGES:
        expect(switch(page, language)).to_be_in_viewport(ratio=1)
    box = switch(page, "id").bounding_box()
    assert box and box["width"] >= 44 and box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= (page.viewport_size or {})["width"]


def test_the_keyboard_reaches_the_switch(visit: Visit) -> None:
    page = visit()
    switch(page, "id").focus()
    page.keyboard.press("Enter")
    speaks(page, "id")


def test_white_is_white_in_every_language(visit: Visit, kucing: Path) -> None:
    """A whole round trip, to be sure that both ways end where they began."""
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    wait_for_change(page, lambda: choose(page, "background", "white"))
    for language in ("id", "en"):
        turn(page, language)
        wait_for_result(page, "612×612")
    assert corner(downloaded(page)[1]) == (255, 255, 255)
