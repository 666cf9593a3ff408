"""The stage: zoom and pan, comparing, and the crop by hand."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bgdemo.images import Pixels
from tests.browser.hands import VIEWPORT, Fingers, Point, drag, place, width_shown
from tests.browser.page_actions import (
    PHONE,
    Visit,
    choose,
    downloaded,
    give,
    open_tool,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES

LEVEL = "#zoom-level"
SLIDER = "#compare input"


@pytest.fixture
def page(visit: Visit, kucing: Path) -> Page:
    """The cat, cut out."""
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    return page


@pytest.fixture
def phone(visit: Visit, kucing: Path) -> Page:
    """The same on a phone."""
    page = visit(**PHONE)
    give(page, kucing)
    wait_for_result(page, "612×612")
    return page


def middle(page: Page) -> Point:
    box = page.locator(VIEWPORT).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def compared(page: Page) -> float:
    return float(page.locator(SLIDER).input_value())


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).check(force=True)


def part(pixels: Pixels, row: int, column: int, size: int) -> Pixels:
    return pixels[row : row + size, column : column + size]


@pytest.mark.parametrize("pixels_a_point", [1, 2])
def test_at_100_percent_a_pixel_of_the_photo_is_one_of_the_screen(
    visit: Visit, kucing: Path, tmp_path: Path, pixels_a_point: int
) -> None:
    """Also where the preview is smaller: a grid of single pixels is seen as it is."""
    with Image.open(kucing) as photo:
        large = np.array(photo.convert("RGB").resize((1836, 1836)))
    large[::2, ::2] //= 2
    Image.fromarray(large).save(tmp_path / "large.png")
    page = visit(device_scale_factor=pixels_a_point)
    give(page, tmp_path / "large.png")
    wait_for_result(page, "1836×1836")
    page.locator(SLIDER).fill("100")
    page.locator(LEVEL).click()
    expect(page.locator(LEVEL)).to_have_text("100 %")
    assert width_shown(page) == pytest.approx(1836 / pixels_a_point)
    for picture in ("#compare .before", "#compare .after", "#cutout img", "#mask img"):
        page.wait_for_function("s => document.querySelector(s).naturalWidth === 1836", arg=picture)

    view(page, "Mask")
    view(page, "Compare")
    seen = np.array(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    left, top = (round(value * pixels_a_point) for value in place(page, 0, 0))
    x, y = (int(value * pixels_a_point) for value in middle(page))
    row, column = y - 150, x - 350  # away from the line
    difference = part(seen, row, column, 200).astype(int) - part(large, row - top, column - left, 200)
    assert np.abs(difference).mean() < 8  # and some 50 were it moved by a pixel

    page.locator(LEVEL).click()
    assert not page.evaluate("visit.stage.zoomed()")


def test_wheel_buttons_and_keys_zoom_and_a_drag_moves(page: Page) -> None:
    at = place(page, 0.4, 0.3)
    fit = width_shown(page)
    page.mouse.move(*at)
    for _ in range(2):
        page.mouse.wheel(0, -200)
    page.wait_for_function("fit => visit.stage.rect().width > 2 * fit", arg=fit)
    assert place(page, 0.4, 0.3) == pytest.approx(at, abs=1)  # what is under the pointer stays there

    before = place(page, 0.4, 0.3)
    drag(page, (at[0] - 60, at[1]), (at[0] - 30, at[1] + 20))
    assert place(page, 0.4, 0.3) == pytest.approx((before[0] + 30, before[1] + 20), abs=1)
    page.locator(VIEWPORT).focus()
    page.keyboard.press("ArrowRight")
    assert place(page, 0.4, 0.3) == pytest.approx((before[0] - 10, before[1] + 20), abs=1)

    page.keyboard.press("0")
    assert width_shown(page) == pytest.approx(fit)
    page.keyboard.press("+")
    assert width_shown(page) > fit
    page.keyboard.press("-")
    assert width_shown(page) == pytest.approx(fit)
    page.keyboard.press("1")
    expect(page.locator(LEVEL)).to_have_text("100 %")
    for _ in range(4):
        page.locator("#zoom-in").click()
    assert page.eval_on_selector("#cutout img", "image => getComputedStyle(image).imageRendering") == "pixelated"
    for _ in range(8):
        page.locator("#zoom-out").click()
    assert width_shown(page) == pytest.approx(min(fit, 612))
    assert page.eval_on_selector("#cutout img", "image => getComputedStyle(image).imageRendering") == "auto"


def test_another_view_keeps_the_place_and_another_photo_does_not(page: Page) -> None:
    choose(page, "crop", "4:5")
    expect(page.locator("#facts")).not_to_contain_text("612×612")
    expect(page.locator("#download")).to_be_enabled()
    open_tool(page, "subject")
    frame = page.evaluate("visit.stage.frame")
    page.mouse.move(*middle(page))
    page.mouse.wheel(0, -600)
    page.wait_for_function("visit.stage.zoomed()")
    x, y = 0.45, 0.4
    seen = place(page, (x - frame[0]) / frame[2], (y - frame[1]) / frame[3])
    view(page, "Mask")
    assert place(page, x, y) == pytest.approx(seen, abs=1.5)
    open_tool(page, "touch")
    assert place(page, x, y) == pytest.approx(seen, abs=1.5)
    give(page, EXAMPLES / "cup.jpg")
    expect(page.locator("#facts")).to_contain_text("×")
    assert not page.evaluate("visit.stage.zoomed()")


def test_the_line_is_moved_by_mouse_and_by_keys(page: Page) -> None:
    drag(page, place(page, 0.3, 0.5), place(page, 0.7, 0.5))
    assert compared(page) == pytest.approx(70, abs=0.5)
    expect(page.locator(SLIDER)).to_be_focused()
    steps = (("ArrowRight", 2), ("ArrowLeft", -2), ("PageUp", 10), ("PageDown", -10), ("ArrowUp", 2), ("ArrowDown", -2))
    for key, step in steps:
        before = compared(page)
        page.keyboard.press(key)
        assert compared(page) == pytest.approx(before + step)

    page.mouse.move(*middle(page))
    page.mouse.wheel(0, -800)
    page.wait_for_function("visit.stage.zoomed()")
    seen = page.locator("#compare .seen").bounding_box()
    assert seen
    line = (seen["x"] + seen["width"] * compared(page) / 100, seen["y"] + 60)
    before, at = compared(page), place(page, 0.5, 0.5)
    drag(page, line, (line[0] - seen["width"] / 4, line[1]))
    assert compared(page) == pytest.approx(before - 25, abs=1)
    assert place(page, 0.5, 0.5) == at
    drag(page, (seen["x"] + 30, line[1]), (seen["x"] + 60, line[1]))
    assert compared(page) == pytest.approx(before - 25, abs=1)
    assert place(page, 0.5, 0.5) != at


def test_a_finger_down_the_picture_scrolls_and_one_across_it_compares(phone: Page) -> None:
    fingers = Fingers(phone)
    x, y = middle(phone)
    fingers.swipe((x - 60, y), (x - 60, y - 120))
    phone.wait_for_function("scrollY > 20")
    assert compared(phone) == 50
    x, y = middle(phone)
    scrolled = phone.evaluate("scrollY")
    fingers.swipe((x - 60, y), (x + 90, y))
    assert compared(phone) > 60
    assert phone.evaluate("scrollY") == scrolled


def test_two_fingers_zoom_one_moves_and_a_double_tap_shows_all(phone: Page) -> None:
    fingers = Fingers(phone)
    at = place(phone, 0.5, 0.5)
    fit = width_shown(phone)
    fingers.pinch(at, 30, 90)
    assert width_shown(phone) == pytest.approx(3 * fit, rel=0.1)
    assert place(phone, 0.5, 0.5) == pytest.approx(at, abs=4)
    assert phone.evaluate("visualViewport.scale") == 1
    view(phone, "Cutout")
    before = place(phone, 0.5, 0.5)
    fingers.swipe(at, (at[0] + 20, at[1] + 40))
    assert place(phone, 0.5, 0.5) == pytest.approx((before[0] + 20, before[1] + 40), abs=1)
    assert phone.evaluate("scrollY") == 0
    for _ in range(2):
        fingers.put(at)
        fingers.lift()
    assert width_shown(phone) == pytest.approx(fit)


def crop_values(page: Page) -> list[float]:
    return [float(page.locator(f"[name=crop_{name}]").input_value()) for name in ("zoom", "x", "y")]


def center(image: Image.Image) -> tuple[float, float]:
    """Of the subject, in fractions of the picture."""
    alpha = np.asarray(image.getchannel("A"), np.float64)
    rows, columns = np.indices(alpha.shape)
    total = alpha.sum() * np.array(alpha.shape)
    return float((columns * alpha).sum() / total[1]), float((rows * alpha).sum() / total[0])


def test_the_picture_is_dragged_in_its_frame(page: Page) -> None:
    open_tool(page, "crop")
    expect(page.locator("#framing")).to_be_hidden()  # a whole photo has no frame to be moved in
    wait_for_change(page, lambda: choose(page, "crop", "1:1"))
    before, alone = center(downloaded(page)[1]), crop_values(page)
    assert alone == [100, 0, 0]
    expect(page.locator("#framing")).to_be_visible()
    frame = page.locator("#framing .frame").bounding_box()
    inside = page.locator("#framing .inside").bounding_box()
    assert frame and inside

    x, y = middle(page)
    step = frame["width"] / 8
    address = page.eval_on_selector("#compare .after", "image => image.src")
    drag(page, (x, y), (x + step, y - step / 2), release=False)
    moved = page.locator("#framing .whole").bounding_box()
    expect(page.locator("#download")).to_be_disabled()
    assert crop_values(page) == pytest.approx([100, 12.5, -6.25], abs=0.1)
    assert page.locator("#framing .frame").bounding_box() == frame
    page.mouse.up()
    page.wait_for_function("before => document.querySelector('#compare .after').src !== before", arg=address)
    expect(page.locator("#download")).to_be_enabled()
    after = center(downloaded(page)[1])
    assert after == pytest.approx((before[0] + 0.125, before[1] - 0.0625), abs=0.01)
    settled = page.locator("#framing .whole").bounding_box()
    assert settled and moved
    assert all(abs(settled[side] - moved[side]) < 2 for side in ("x", "y", "width", "height"))

    page.click("#undo")
    assert crop_values(page) == alone
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_function("document.querySelector('[name=crop_zoom]').value > 140")
    page.locator(VIEWPORT).focus()
    page.keyboard.press("ArrowLeft")
    assert crop_values(page)[1] > 0
    open_tool(page, "subject")
    expect(page.locator("#framing")).to_be_hidden()


def test_fingers_move_and_zoom_the_picture_in_its_frame(phone: Page) -> None:
    choose(phone, "crop", "4:5")
    expect(phone.locator("#framing")).to_be_visible()
    expect(phone.locator("#download")).to_be_enabled()
    fingers = Fingers(phone)
    x, y = middle(phone)
    before = phone.evaluate("scrollY")
    fingers.swipe((x, y), (x + 30, y + 20))
    _, right, down = crop_values(phone)
    assert right > 5
    assert down > 3
    fingers.pinch((x, y), 40, 80)
    assert crop_values(phone)[0] == pytest.approx(200, rel=0.1)
    assert phone.evaluate("scrollY") == before
    expect(phone.locator("#download")).to_be_enabled()
