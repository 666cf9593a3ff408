"""An ID photo on the screen: its lines, its rules, where its sliders stop, and whose it is."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from bgdemo.messages import say
from tests.browser.hands import drag
from tests.browser.page_actions import (
    PHONE,
    UNNAMED_CONTROLS,
    Visit,
    choose,
    download,
    give,
    open_tool,
    slide,
    wait_for_change,
    wait_for_result,
)
from tests.picture.portraits import couple
from tests.server import EXAMPLES

AXE = AXE_FILE_PATH.read_text("utf-8")


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, of whom the right one is the larger."""
    path = tmp_path_factory.mktemp("photos") / "two.png"
    Image.fromarray(couple(left=0.8)[0].rgb).save(path)
    return path


def framed(page: Page, photo: Path, size: str, standard: str = "us") -> None:
    """`photo` as an ID photo, with the crop open."""
    give(page, photo)
    wait_for_result(page, size)
    wait_for_change(page, lambda: choose(page, "crop", f"id:{standard}"))


def lines(page: Page, view: str = "#framing") -> dict[str, float]:
    """How far from the upper edge of the picture its lines are, in fractions of its height."""
    return page.evaluate(
        """view => {
             const lines = document.querySelector(`${view} .guides`);
             const box = lines.getBoundingClientRect();
             const parts = [...lines.querySelectorAll("[data-guide] > :is(.rule, .band)")];
             const seen = parts.filter((line) => line.checkVisibility());
             return Object.fromEntries(seen.map((line) => {
               const { top, height } = line.getBoundingClientRect();
               const at = top + (line.className === "rule" ? height / 2 : 0);
               return [`${line.parentElement.dataset.guide} ${line.className}`, (at - box.top) / box.height];
             }));
           }""",
        view,
    )


def rules(page: Page, kept: bool) -> Locator:
    return page.locator(f"#rules li[data-kept={str(kept).lower()}]")


@pytest.mark.parametrize("language", ["en", "id"])
def test_lines_lie_over_the_picture_and_are_those_of_the_chosen_standard(visit: Visit, language: str) -> None:
    page = visit(locale=language)
    framed(page, EXAMPLES / "astronaut.jpg", "512×512")
    us = lines(page)
    assert set(us) == {"crown rule", "eyes rule", "eyes band", "chin rule", "chin band"}
    assert 0 < us["crown rule"] < us["eyes rule"] < us["chin rule"] < 1
    assert us["eyes band"] == pytest.approx(1 - 35 / 51, abs=0.01)
    labels = [say(f"ui.guide.{key}", "id" if language == "id" else "en") for key in ("crown", "eyes", "chin")]
    assert page.locator("#framing .guides span").all_inner_texts() == labels
    expect(page.locator("#framing .guides")).to_have_attribute("aria-hidden", "true")

    wait_for_change(page, lambda: choose(page, "crop", "id:china"))
    china = lines(page)
    assert china["crown band"] == pytest.approx(3 / 48, abs=0.01)
    assert abs(china["chin rule"] - us["chin rule"]) > 0.02
    open_tool(page, "background")
    assert lines(page, "#compare") == pytest.approx(china, abs=0.01)

    wait_for_change(page, lambda: choose(page, "crop", "1:1"))
    assert lines(page) == {}


def test_a_head_that_is_dragged_out_of_its_place_is_told_with_what_it_needs(visit: Visit) -> None:
    page = visit()
    framed(page, EXAMPLES / "astronaut.jpg", "512×512")
    expect(rules(page, True).filter(has_text="Head 30 mm")).to_have_count(1)
    expect(page.locator("#rules li[data-key=file]")).to_have_text(re.compile(r"File JPEG [\d.]+ kB"))
    expect(page.locator("#framing .guides .off")).to_have_count(0)
    box = page.locator("#framing .frame").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = lines(page)
    drag(page, (x, y), (x, y + box["height"] / 5), release=False)
    assert lines(page)["eyes rule"] == pytest.approx(before["eyes rule"] + 0.2, abs=0.01)
    assert lines(page)["eyes band"] == before["eyes band"]
    page.mouse.up()
    off = rules(page, False).filter(has_text="Eye line")
    expect(off).to_have_text(re.compile(r"Eye line \d+(\.\d)? mm, needs 28–35 mm"))
    expect(off.locator("i")).to_have_text("!")
    expect(page.locator("#framing [data-guide=eyes]")).to_have_class("off")
    expect(page.locator("#rules [role=status]")).to_contain_text("needs 28–35 mm")


def test_sliders_stop_where_the_rules_do_and_a_choice_before_comes_back_whole(visit: Visit) -> None:
    page = visit()
    framed(page, EXAMPLES / "astronaut.jpg", "512×512")
    zoom = page.locator("[name=crop_zoom]")
    for end in ("max", "min"):
        wait_for_change(page, lambda: slide(page, "crop_zoom", str(zoom.get_attribute(end))))  # noqa: B023
        expect(rules(page, False).filter(has_text="mm")).to_have_count(0)
    assert 30 < float(zoom.get_attribute("min") or 0) < 100 < float(zoom.get_attribute("max") or 0) < 300
    page.locator("#viewport").hover()
    wait_for_change(page, lambda: page.mouse.wheel(0, -400))  # a hand may go further
    expect(rules(page, False).filter(has_text="needs 25–35 mm")).to_have_count(1)
    far = float(zoom.input_value())
    assert far > 120
    wait_for_change(page, lambda: choose(page, "crop", "1:1"))
    assert [zoom.get_attribute(end) for end in ("min", "max")] == ["30", "300"]
    wait_for_change(page, lambda: page.click("#undo"))
    assert float(zoom.input_value()) == far


def test_another_person_is_chosen_by_a_tap_and_by_keyboard(visit: Visit, two: Path) -> None:
    page = visit(**PHONE, locale="id-ID")
    framed(page, two, "720×1024")
    people = page.locator("#people").get_by_role("button", name=say("ui.choose_person", "id"))
    expect(people).to_have_count(2)
    assert people.evaluate_all("all => all.map((one) => one.ariaPressed)") == ["false", "true"]
    assert re.findall(UNNAMED_CONTROLS, page.locator("#people").aria_snapshot(), re.MULTILINE) == []
    first = download(page)[1]
    wait_for_change(page, lambda: slide(page, "crop_y", "2"))
    wait_for_change(page, lambda: people.first.tap())
    expect(people.first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[name=crop_y]")).to_have_value("0")  # it was moved for another head
    other = download(page)[1]
    assert other != first
    people.last.focus()
    wait_for_change(page, lambda: page.keyboard.press("Enter"))
    expect(people.last).to_be_focused()
    assert download(page)[1] == first
    wait_for_change(page, lambda: page.click("#undo"))
    assert download(page)[1] == other

    give(page, EXAMPLES / "astronaut.jpg")
    expect(page.locator("#people")).to_be_hidden()
    expect(page.locator("[name=crop_face]")).to_have_value("")


def test_a_tilted_photo_is_turned_around_its_frame(visit: Visit) -> None:
    page = visit()
    framed(page, EXAMPLES / "astronaut.jpg", "512×512")
    angle = page.evaluate("visit.stage.frame[4]")
    assert 3 < abs(angle) < 8
    assert page.eval_on_selector("#framing .whole", "image => parseFloat(image.style.rotate)") == pytest.approx(-angle)
    # What is framed lies where the photo around it has it: the same point of both is at the same place.
    seen = page.evaluate(
        """() => {
             const [left, top, wide, high] = visit.stage.frame;
             const [whole, frame] = ["#framing .whole", "#framing .frame"].map((part) => document.querySelector(part));
             const { offsetWidth, offsetHeight } = whole;
             const middle = { x: (left + wide / 2 - 0.5) * offsetWidth, y: (top + high / 2 - 0.5) * offsetHeight };
             const turned = new DOMMatrix().rotate(-visit.stage.frame[4]).transformPoint(middle);
             const [a, b] = [whole, frame].map((part) => part.getBoundingClientRect());
             const apart = (start, side) => a[start] + a[side] / 2 - b[start] - b[side] / 2;
             return [apart("x", "width") + turned.x, apart("y", "height") + turned.y];
           }"""
    )
    assert seen == pytest.approx([0, 0], abs=1.5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_an_id_photo(visit: Visit, two: Path, scheme: str) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    framed(page, two, "720×1024", "3x4")
    page.evaluate(AXE)
    found = page.evaluate("axe.run('.gradio-container').then(({ violations }) => violations)")
    assert [
        (finding["id"], node["html"])
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ] == []
