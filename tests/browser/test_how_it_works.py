"""How it works, on the visitor's own photo, in a real browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page, expect

from bgdemo.messages import say, texts
from tests.browser.page_actions import (
    PHONE,
    UNNAMED_CONTROLS,
    Visit,
    fine_hair,
    give,
    model,
    wait_for_result,
)
from tests.server import App

DEVICES = [{"viewport": {"width": 1280, "height": 800}}, {**PHONE, "locale": "id-ID"}]
STEPS = ["photo", "input", "segmentation", "fusion", "trimap", "matting", "foreground", "cutout"]
ALL_LOADED = """() => {
  const pictures = [...document.querySelectorAll('#steps li:not([hidden]) img')];
  return pictures.length && pictures.every((image) => image.complete && image.naturalWidth);
}"""


def look(page: Page, where: str) -> None:
    """Open it from "#foot" or "#facts-line"; until all of its pictures are there."""
    page.locator(f"{where} [data-how]").click()
    expect(page.locator("#steps ol")).to_be_visible()
    page.wait_for_function(ALL_LOADED)


def names(page: Page) -> list[str]:
    return [item.get_attribute("data-step") or "" for item in page.locator("#steps li:visible").all()]


def language_of(options: dict[str, Any]) -> Any:
    return "id" if options.get("locale") == "id-ID" else "en"


@pytest.mark.parametrize("options", DEVICES, ids=["desktop", "phone"])
def test_without_a_photo_it_shows_an_example(visit: Visit, app: App, options: dict[str, Any]) -> None:
    page = visit(**options)
    before = app.networks_run()
    look(page, "#foot")
    assert names(page) == STEPS
    expect(page.locator("#steps .about")).to_have_text(say("ui.steps.example", language_of(options)))
    expect(page.locator("#steps .timed")).to_be_hidden()
    assert " ms" not in page.inner_text("#steps")
    assert app.networks_run() == before
    page.keyboard.press("Escape")
    expect(page.locator("#steps")).to_be_hidden()
    expect(page.locator("#foot [data-how]")).to_be_focused()


@pytest.mark.parametrize("options", DEVICES, ids=["desktop", "phone"])
def test_with_a_result_it_shows_its_own_steps_and_no_network_runs_again(
    visit: Visit, app: App, kucing: Path, options: dict[str, Any]
) -> None:
    page = visit(**options)
    give(page, kucing)
    wait_for_result(page, "612×612")
    before = app.networks_run()
    look(page, "#facts-line")
    assert names(page) == STEPS
    expect(page.locator("#steps .about")).to_have_text(say("ui.steps.of_yours", language_of(options)))
    answers = page.locator("#steps [data-step=segmentation] figcaption")
    expect(answers).to_have_count(3)
    for answer in answers.all():
        assert re.search(r"· \d+ ms$", answer.inner_text())
    expect(page.locator("#steps .timed")).to_contain_text("612×612")
    assert page.evaluate("steps.scrollWidth <= steps.clientWidth && document.documentElement.scrollWidth <= innerWidth")
    assert re.findall(UNNAMED_CONTROLS, page.locator("#steps").aria_snapshot(), re.MULTILINE) == []
    said = page.inner_text("#steps")
    if options.get("locale") == "id-ID":
        english = set(texts("en").values()) - set(texts("id").values())
        words = {line.strip() for line in re.split(r"[\n:·—,]", said)}
        assert {one for one in english if one in words or (len(one) > 20 and one in said)} == set()
    page.keyboard.press("Escape")
    expect(page.locator("#facts-line [data-how]")).to_be_focused()
    look(page, "#facts-line")
    page.locator("#steps .close").click()
    expect(page.locator("#steps")).to_be_hidden()
    assert app.networks_run() == before


def test_what_differs_by_choice_differs_in_the_steps(visit: Visit, app: App, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    model(page, "Fast").check()
    expect(page.locator("#facts")).to_contain_text("· Fast ·")
    before = app.networks_run()
    look(page, "#facts-line")
    assert names(page) == [name for name in STEPS if name != "fusion"]
    expect(page.locator("#steps [data-step=segmentation] img")).to_have_count(1)
    unknown = page.get_attribute("#steps [data-step=trimap] img", "src")
    page.keyboard.press("Escape")
    fine_hair(page).check()
    page.evaluate("visit.touch.add({ keep: true, width: 0.05, points: [[0.5, 0.5]] })")
    page.locator("#facts-line [data-how]").click()  # before it is done
    expect(page.locator("#steps [data-step=strokes] img")).to_be_visible()
    page.wait_for_function(ALL_LOADED)
    assert page.get_attribute("#steps [data-step=trimap] img", "src") != unknown
    assert app.networks_run() == before


def test_the_loupe_moves_by_hand_and_by_keys_and_compares(visit: Visit) -> None:
    page = visit()
    look(page, "#foot")
    place = page.locator("#steps [data-step=foreground] .place")
    pictures = page.locator("#steps .loupe img")

    def shown() -> list[str]:
        return [str(image.evaluate("image => image.style.left + image.style.top")) for image in pictures.all()]

    begun = shown()
    assert len(set(begun)) == 1  # all at the same place
    place.focus()
    page.keyboard.press("ArrowLeft")
    moved = shown()
    assert len(set(moved)) == 1 and moved != begun
    place.scroll_into_view_if_needed()
    box = page.locator("#steps [data-step=foreground] .overview").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.up()
    assert shown() != moved
    expect(place).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Shift+ArrowLeft")
    assert float(place.evaluate("place => parseFloat(place.style.left)")) == pytest.approx(0, abs=0.01)
    slider = page.locator("#steps [data-step=foreground] [type=range]")
    slider.fill("100")
    assert slider.evaluate("slider => getComputedStyle(slider.parentElement).getPropertyValue('--at')") == "1"


@pytest.mark.parametrize(
    "options", [{}, {**PHONE, "locale": "id-ID", "color_scheme": "dark"}], ids=["desktop", "phone"]
)
def test_it_prints_on_one_page_of_a4(visit: Visit, kucing: Path, options: dict[str, Any]) -> None:
    """With every step that there is, and nothing of the page around it."""
    page = visit(**options)
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.evaluate("visit.touch.add({ keep: true, width: 0.05, points: [[0.5, 0.5]] })")
    look(page, "#facts-line")
    expect(page.locator("#steps [data-step=strokes] img")).to_be_visible()
    page.wait_for_function(ALL_LOADED)
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    [(width, height)] = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert (round(float(width)), round(float(height))) == (595, 842)
    page.emulate_media(media="print")
    for part in ("#desk", "#foot", "footer", "#steps header button"):
        expect(page.locator(part).first).to_be_hidden()
    assert page.evaluate("steps.getBoundingClientRect().height < 275 * 96 / 25.4")
    page.emulate_media(media="screen")
    page.evaluate("window.print = () => (window.printed = true)")
    page.locator("#steps .print").click()
    assert page.evaluate("window.printed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_steps(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    look(page, "#foot")
    page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    found = page.evaluate("axe.run('#steps').then(({ violations }) => violations)")
    serious = [
        (finding["id"], node["html"], node["failureSummary"])
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
    assert serious == []
