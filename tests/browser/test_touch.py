"""Touch up: what is drawn on the stage is what every door makes of the same strokes."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bgdemo import Stroke, remove_to_png
from bgdemo.matte.strokes import MAX_STROKES, strokes_of
from bgdemo.messages import say
from tests.browser.hands import VIEWPORT, Fingers, drag, place
from tests.browser.page_actions import (
    PHONE,
    Visit,
    download,
    give,
    model,
    open_tool,
    pick_example,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES

SAID = "#touch-said"
SERVER = "**/component_server/"


def begin(page: Page, photo: Path) -> None:
    give(page, photo)
    wait_for_result(page, "612×612")
    open_tool(page, "touch")


@pytest.fixture
def page(visit: Visit, kucing: Path) -> Page:
    """The cat, about to be touched up."""
    page = visit()
    begin(page, kucing)
    return page


def touch(page: Page) -> dict[str, Any]:
    """What the page sends of the strokes."""
    return dict(page.evaluate("visit.wanted('touch')"))


def strokes(page: Page) -> tuple[Stroke, ...]:
    return strokes_of(touch(page)["strokes"])


def stroke(page: Page, *points: tuple[float, float]) -> None:
    drag(page, *(place(page, *point) for point in points))


def test_a_stroke_of_the_mouse_gives_the_file_that_python_gives(page: Page, kucing: Path, kucing_png: bytes) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wait_for_change(page, lambda: stroke(page, (0.1, 0.2), (0.2, 0.3), (0.2, 0.5)))
    [kept] = strokes(page)
    assert kept.keep
    assert kept.points[0] == pytest.approx((0.1, 0.2), abs=0.003)
    assert kept.points[-1] == pytest.approx((0.2, 0.5), abs=0.003)
    assert len(kept.points) == 3  # of which the middle one cannot be left out
    assert kept.width == pytest.approx(32 / page.evaluate("visit.stage.rect().width"), rel=0.001)

    page.get_by_role("radio", name="Erase").check(force=True)
    wait_for_change(page, lambda: stroke(page, (0.5, 0.6), (0.55, 0.65)))
    assert [each.keep for each in strokes(page)] == [True, False]
    expect(page.locator(SAID)).to_have_text("Strokes: 2")

    page.get_by_role("button", name="Copy strokes").click()
    expect(page.locator(SAID)).to_have_text(say("ui.touch.copied", "en"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert strokes_of(copied) == strokes(page)
    png = download(page)[1]
    assert png != kucing_png
    assert png == remove_to_png(kucing, strokes=copied)


def test_a_stroke_is_seen_and_the_file_under_way_until_there_is_an_answer(page: Page) -> None:
    drawn = """() => { const canvas = document.querySelector('#strokes'), { width, height } = canvas;
               const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
               copy.drawImage(canvas, 0, 0);
               return copy.getImageData(0, 0, width, height).data.some(Boolean) }"""
    waiting: list[Route] = []
    held = [True]
    page.route(SERVER, lambda route: waiting.append(route) if held else route.continue_())
    drag(page, place(page, 0.2, 0.3), place(page, 0.3, 0.4), release=False)
    page.wait_for_function(drawn)
    expect(page.locator("#download")).to_be_enabled()
    page.mouse.up()
    expect(page.locator("#download")).to_have_text(say("ui.preparing", "en"))
    page.locator("#download").hover(force=True)  # and with it the brush has left
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate(drawn)
    held.clear()
    for route in waiting:
        route.continue_()
    page.wait_for_function(f"() => !({drawn})()")
    expect(page.locator("#download")).to_be_enabled()


def is_inked(page: Page, x: float, y: float) -> bool:
    """Whether anything is drawn over the point (x, y) of the photo."""
    read = """(canvas, [x, y]) => {
        const { left, top } = canvas.getBoundingClientRect();
        const pen = new OffscreenCanvas(1, 1).getContext("2d");
        pen.drawImage(canvas, (left - x) * devicePixelRatio, (top - y) * devicePixelRatio);
        return pen.getImageData(0, 0, 1, 1).data[3] > 0;
    }"""
    page.evaluate("new Promise(requestAnimationFrame)")
    return bool(page.locator("#strokes").evaluate(read, place(page, x, y)))


def test_a_stroke_is_seen_until_the_mask_that_knows_it_has_come(page: Page) -> None:
    """The mask with the first of two strokes comes once the second is wanted, too, and knows nothing of that."""
    before = page.get_attribute("#mask img", "data-path")
    held: list[tuple[Route, dict[str, Any]]] = []
    going_on = []

    def hold(route: Route) -> None:
        if going_on or route.request.post_data_json["fn_name"] != "follow":
            route.continue_()
        elif held or (news := route.fetch().json())["view"]["pictures"]["mask"] != before:
            held.append((route, {} if held else news))
            page.evaluate("window.held = true")
        else:
            route.fulfill(json=news)

    page.route(SERVER, hold)
    stroke(page, (0.2, 0.3), (0.3, 0.3))
    page.wait_for_function("window.held")
    with page.expect_request(lambda request: '"want"' in (request.post_data or "")) as second:
        stroke(page, (0.2, 0.8), (0.3, 0.8))
    page.mouse.move(5, 5)
    assert is_inked(page, 0.25, 0.3)
    [(route, news)] = held
    news["view"] |= {"number": second.value.post_data_json["data"]["number"], "settled": False}
    route.fulfill(json=news)
    page.wait_for_function(
        "path => document.querySelector('.kept.shown').style.maskImage.includes(visit.address(path))",
        arg=news["view"]["pictures"]["mask"],
    )
    assert (is_inked(page, 0.25, 0.3), is_inked(page, 0.25, 0.8)) == (False, True)
    going_on.append(True)
    for route, _ in held[1:]:
        route.continue_()
    expect(page.locator("#download")).to_be_enabled()
    assert not is_inked(page, 0.25, 0.8)


def test_undo_redo_and_clear(page: Page, kucing: Path, kucing_png: bytes) -> None:
    undo, redo, clear = (page.locator(f"#touch-{name}") for name in ("undo", "redo", "clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    wait_for_change(page, lambda: stroke(page, (0.2, 0.3), (0.3, 0.4)))
    touched = download(page)[1]
    wait_for_change(page, undo.click)
    expect(redo).to_be_focused()  # the way back has come to its end
    assert touch(page)["strokes"] == []
    assert download(page)[1] == kucing_png
    wait_for_change(page, lambda: page.keyboard.press("Control+Shift+z"))
    assert download(page)[1] == touched

    wait_for_change(page, page.get_by_role("switch", name="Fill holes").check)
    page.get_by_role("switch", name="Largest piece only").check()
    assert touch(page) | {"strokes": []} == {"strokes": [], "largest_piece": True, "fill_holes": True}
    page.keyboard.press("Control+z")
    expect(page.get_by_role("switch", name="Largest piece only")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Fill holes")).to_be_checked()
    expect(page.locator("#download")).to_be_enabled()
    assert download(page)[1] == remove_to_png(kucing, strokes=strokes(page), fill_holes=True)

    clear.click()
    assert touch(page) == {"strokes": [], "largest_piece": False, "fill_holes": True}
    undo.click()
    assert len(strokes(page)) == 1


def test_strokes_outlive_another_model_and_a_reload_but_not_another_photo(page: Page, kucing: Path) -> None:
    wait_for_change(page, lambda: stroke(page, (0.2, 0.3), (0.3, 0.4)))
    wait_for_change(page, lambda: stroke(page, (0.7, 0.2)))
    drawn = strokes(page)
    open_tool(page, "subject")
    model(page, "Fast").check()
    expect(page.locator("#facts")).to_contain_text("Fast")
    expect(page.locator("#download")).to_be_enabled()
    assert strokes(page) == drawn
    expected = remove_to_png(kucing, model="u2netp", strokes=drawn)
    assert download(page)[1] == expected

    page.reload()
    expect(page.locator("#download")).to_be_enabled()
    assert download(page)[1] == expected
    open_tool(page, "touch")
    expect(page.locator(SAID)).to_have_text("Strokes: 2")
    wait_for_change(page, page.locator("#touch-undo").click)
    assert strokes(page) == drawn[:1]

    give(page, EXAMPLES / "cup.jpg")
    wait_for_result(page, "960×640")
    assert touch(page)["strokes"] == []
    expect(page.locator("#touch-undo")).to_be_disabled()
    assert download(page)[1] == remove_to_png(EXAMPLES / "cup.jpg", model="u2netp")


def test_a_finger_paints_and_two_zoom(visit: Visit, kucing: Path) -> None:
    page = visit(**PHONE)
    begin(page, kucing)
    fingers = Fingers(page)
    middle = place(page, 0.5, 0.5)
    before = page.evaluate("scrollY")
    wait_for_change(page, lambda: fingers.swipe(place(page, 0.2, 0.3), place(page, 0.25, 0.7)))
    assert page.evaluate("scrollY") == before
    [down] = strokes(page)
    assert down.points[0] == pytest.approx((0.2, 0.3), abs=0.005)
    assert down.points[-1] == pytest.approx((0.25, 0.7), abs=0.005)
    page.get_by_role("radio", name="Erase").check(force=True)
    wait_for_change(page, lambda: page.touchscreen.tap(*middle))
    tap = strokes(page)[1]
    assert tap.points == (pytest.approx((0.5, 0.5), abs=0.005),)
    assert download(page)[1] == remove_to_png(kucing, strokes=strokes(page))

    # The first finger had begun a stroke, which the second takes back.
    fingers.put(middle)
    fingers.move((middle, (middle[0] - 30, middle[1])))
    fingers.lift()
    expect(page.locator(SAID)).to_have_text("Strokes: 3")
    fingers.pinch(middle, 30, 90)
    assert page.evaluate("visit.stage.zoomed()")
    expect(page.locator(SAID)).to_have_text("Strokes: 3")
    fingers.put(middle)
    fingers.lift()
    expect(page.locator(SAID)).to_have_text("Strokes: 4")
    near = strokes(page)[3]
    assert near.width < 0.5 * tap.width  # the brush is as large on the screen, and so smaller on the photo
    assert near.points == (pytest.approx((0.5, 0.5), abs=0.01),)


def test_strokes_end_at_the_edges_of_the_photo_and_begin_inside(page: Page) -> None:
    stroke(page, (-0.1, 0.5), (0.5, 0.5))
    assert touch(page)["strokes"] == []
    wait_for_change(page, lambda: stroke(page, (0.9, 0.5), (1.2, 0.5)))
    [clamped] = strokes(page)
    assert clamped.points[-1][0] == 1


def test_a_stroke_by_keys_alone(page: Page, kucing: Path) -> None:
    page.locator(VIEWPORT).focus()
    expect(page.locator(VIEWPORT)).to_have_attribute("role", "application")
    for key in ("e", "ArrowUp", "Shift+ArrowLeft", " "):
        page.keyboard.press(key)
    expect(page.locator(SAID)).to_have_text(say("ui.touch.drawing", "en"))
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    wait_for_change(page, lambda: page.keyboard.press("Enter"))
    [drawn] = strokes(page)
    side = page.evaluate("visit.stage.rect().width")
    corners = [(-48, -8), (-144, -8), (-144, 40)]
    assert drawn.points == tuple(pytest.approx((0.5 + x / side, 0.5 + y / side), abs=0.001) for x, y in corners)
    assert not drawn.keep
    assert download(page)[1] == remove_to_png(kucing, strokes=[drawn])

    page.locator(VIEWPORT).focus()
    size = page.locator("#brush-size").input_value()
    page.keyboard.press("]")
    assert int(page.locator("#brush-size").input_value()) > int(size)
    for key in ("k", " ", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    assert len(strokes(page)) == 1
    expect(page.locator(SAID)).to_have_text("Strokes: 1")
    page.keyboard.press("Control+z")
    assert strokes(page) == ()
    page.keyboard.press("Control+y")
    assert strokes(page) == (drawn,)


def test_of_more_strokes_than_there_can_be_one_is_told(page: Page) -> None:
    dots = json.dumps([{"keep": True, "width": 0.001, "points": [[0.5, 0.5]]}] * MAX_STROKES)
    page.evaluate(f"{dots}.forEach(visit.touch.add)")
    expect(page.locator(SAID)).to_have_text(f"Strokes: {MAX_STROKES}")
    stroke(page, (0.5, 0.6))
    expect(page.locator(SAID)).to_have_text(say("ui.touch.full", "en"))
    assert len(strokes(page)) == MAX_STROKES
    page.locator("#touch-undo").click()
    stroke(page, (0.5, 0.6))
    assert strokes(page)[-1].points == (pytest.approx((0.5, 0.6), abs=0.005),)


def test_an_example_that_was_touched_up_shows_its_strokes(visit: Visit) -> None:
    page = visit()
    drawn = (EXAMPLES / "butterfly-strokes.json").read_text("utf-8")
    expect(page.locator("#examples li", has_text="Butterfly")).to_contain_text("touched up by hand")
    pick_example(page, "Butterfly")
    wait_for_result(page, "800×473")
    assert download(page)[1] == remove_to_png(EXAMPLES / "butterfly.jpg", strokes=drawn)
    open_tool(page, "touch")
    count = len(strokes_of(drawn))
    expect(page.locator(SAID)).to_have_text(f"Strokes: {count}")
    wait_for_change(page, lambda: page.click("#touch-undo"))
    expect(page.locator(SAID)).to_have_text(f"Strokes: {count - 1}")

    pick_example(page, "Cat")
    wait_for_result(page, "612×612")
    assert strokes(page) == ()
