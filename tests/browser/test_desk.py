"""The layout of the page with a photo and without, on screens of every kind, and its keys."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from bgdemo.messages import say
from tests.browser.page_actions import PHONE, Visit, give, model, open_tool, pick_example, wait_for_result
from tests.server import EXAMPLES

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
NARROW = {"phone": PHONE, "tablet": TABLET}
TOOLS = ("subject", "touch", "background", "crop")
PANELS = {tool: f"#panel-{tool}" for tool in TOOLS}
CONTROLS = ":is(input, button, select, summary):visible"


@pytest.fixture
def half_a_butterfly(tmp_path: Path) -> Path:
    """A photo about whose subject the two networks disagree."""
    path = tmp_path / "sayap.png"
    with Image.open(EXAMPLES / "butterfly.jpg") as image:
        image.crop((0, 0, image.width // 2, image.height)).save(path)
    return path


def with_photo(visit: Visit, photo: Path, size: str, **options: Any) -> Page:
    page = visit(**options)
    give(page, photo)
    wait_for_result(page, size)
    return page


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found, selector
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


def is_seen_whole(page: Page, selector: str) -> bool:
    size = page.viewport_size
    assert size
    seen = box(page, selector)
    return seen["x"] >= 0 and seen["y"] >= 0 and seen["right"] <= size["width"] and seen["bottom"] <= size["height"]


# ---- what is seen ---------------------------------------------------------------------------------------------------


def test_before_the_first_photo_the_drop_zone_is_the_page(visit: Visit) -> None:
    page = visit()
    expect(page.locator("#photo .invitation")).to_be_in_viewport(ratio=1)
    expect(page.locator("#examples li")).to_have_count(5)
    for part in ("#stage", "#tools", "#facts", "#download", "#photo .name", "#examples .unfold"):
        expect(page.locator(part)).to_be_hidden()
    pick_example(page, "Cup")
    wait_for_result(page, "960×640")
    expect(page.locator("body")).to_have_attribute("data-state", "photo")
    expect(page.locator("#photo .invitation strong")).to_be_hidden()
    expect(page.locator("#photo .name")).to_have_text("cup.jpg")
    expect(page.locator("#examples li").first).to_be_hidden()


@pytest.mark.parametrize("photo", ["cup.jpg", "astronaut.jpg"])
def test_on_a_desktop_stage_tool_and_download_are_seen_together(visit: Visit, photo: str) -> None:
    with Image.open(EXAMPLES / photo) as image:
        size = f"{image.width}×{image.height}"
    page = with_photo(visit, EXAMPLES / photo, size, **DESKTOP)
    for tool in TOOLS:
        open_tool(page, tool)
        for part in ("#bar", "#stage", "#tool-tabs", "#tool-room", "#take-away"):
            assert is_seen_whole(page, part), (tool, part)
        assert box(page, "#stage")["right"] <= box(page, "#tools")["x"]
        assert box(page, "#tool-room")["bottom"] <= box(page, "#take-away")["y"]
        assert box(page, "#stage")["height"] > 600
        assert page.evaluate("scrollY") == 0


def test_a_tool_longer_than_its_room_scrolls_inside_it_and_looks_like_it(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612", **DESKTOP)
    expect(page.locator("#desk.tool-goes-on")).to_have_count(0)
    page.click("#expert > button")
    expect(page.locator("#desk.tool-goes-on")).to_have_count(1)
    assert page.eval_on_selector("#tool-room", "room => getComputedStyle(room).maskImage") != "none"
    last = page.locator("#erode-size [type=range]")
    last.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") == 0
    expect(last).to_be_in_viewport(ratio=1)
    assert is_seen_whole(page, "#download")
    page.eval_on_selector("#tool-room", "room => room.scrollTo(0, room.scrollHeight)")
    expect(page.locator("#desk.tool-goes-on")).to_have_count(0)


@pytest.mark.parametrize("device", NARROW)
def test_on_a_narrow_screen_the_picture_stays_in_view_above_what_is_used(
    visit: Visit, kucing: Path, device: str
) -> None:
    page = with_photo(visit, kucing, "612×612", **NARROW[device])
    assert box(page, "#stage")["y"] <= 120
    assert is_seen_whole(page, "#stage")
    height = NARROW[device]["viewport"]["height"]
    for tool in TOOLS:
        open_tool(page, tool)
        for control in page.locator(f"{PANELS[tool]} {CONTROLS}").all():
            control.focus()
            control.evaluate("control => control.scrollIntoView({ block: 'nearest' })")
            name, top, bottom = control.evaluate(
                """control => {
                     const { top, bottom } = (control.closest('label') ?? control).getBoundingClientRect();
                     return [control.outerHTML.slice(0, 80), top, bottom];
                   }"""
            )
            assert top >= box(page, "#tool-tabs")["bottom"] - 1, name
            assert bottom <= box(page, "#take-away")["y"] + 1, name
            stage = box(page, "#stage")
            assert stage["y"] >= 0 and stage["height"] > height / 3
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert box(page, "#foot")["bottom"] <= box(page, "#take-away")["y"]
    assert is_seen_whole(page, "#download")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[device]["viewport"]["width"]


def test_the_photo_stays_in_view_dimmed_while_its_subject_is_found(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612", **DESKTOP)
    give(page, EXAMPLES / "butterfly.jpg")
    expect(page.locator("#status")).to_contain_text(say("ui.finding", "en"))
    expect(page.locator("#working img")).to_be_in_viewport(ratio=1)
    expect(page.locator("#stage")).to_be_hidden()
    expect(page.locator("#tools")).to_be_visible()
    expect(page.locator("#photo .name")).to_have_text("butterfly.jpg")
    wait_for_result(page, "800×473")
    expect(page.locator("#working img")).to_be_hidden()


def test_the_bar_names_the_photo_that_is_shown(visit: Visit, kucing: Path, tmp_path: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    expect(page.locator("#photo .name")).to_have_text("kucing.jpg")
    broken = tmp_path / "rusak.jpg"
    broken.write_bytes(b"not a photo")
    give(page, broken)
    expect(page.locator("#failure p")).to_have_count(1)
    expect(page.locator("#photo .name")).to_have_text("kucing.jpg")
    page.reload()
    expect(page.locator("#photo .name")).to_have_text("kucing.jpg")


def test_in_forced_colours_what_is_chosen_is_seen(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612", forced_colors="active", reduced_motion="reduce")
    outlined = "element => getComputedStyle(element).outlineStyle !== 'none'"
    open_tool(page, "background")
    page.locator("#download").focus()
    assert page.eval_on_selector("#tool-background", outlined)
    assert not page.eval_on_selector("#tool-crop", outlined)
    assert page.eval_on_selector("[name=background]:checked + i", outlined)
    assert not page.eval_on_selector("[name=background]:not(:checked) + i", outlined)
    open_tool(page, "crop")
    page.locator("#download").focus()
    assert page.eval_on_selector(".frames label:has(:checked)", outlined)
    moving = "document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity).length"
    assert page.evaluate(moving) == 0


# ---- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en-US", "id-ID"])
@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_all_tools_are_seen(visit: Visit, kucing: Path, width: int, locale: str) -> None:
    page = with_photo(
        visit, kucing, "612×612", **{**PHONE, "viewport": {"width": width, "height": 800}, "locale": locale}
    )
    tabs = page.get_by_role("tab")
    assert tabs.count() == len(TOOLS)
    for tab in tabs.all():
        tab.click()
        group = box(page, "#tool-tabs")
        for each in tabs.all():
            seen = each.bounding_box()
            assert seen
            assert group["x"] <= seen["x"] and seen["x"] + seen["width"] <= group["right"] <= width
            assert seen["height"] >= 44
            assert each.evaluate("tab => tab.scrollWidth <= tab.clientWidth")
    open_tool(page, "subject")
    assert box(page, ".bar .tabs label:last-of-type")["right"] <= box(page, ".bar .zooms")["x"]


def tab_stops(group: Locator) -> int:
    return int(group.evaluate("group => [...group.querySelectorAll('button')].filter(b => b.tabIndex === 0).length"))


def test_the_tools_are_one_tab_stop_and_move_with_the_arrow_keys(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    page.evaluate("document.addEventListener('tool', ({ detail }) => (window.heard ??= []).push(detail))")
    tabs = page.locator("#tool-tabs")
    page.locator("#tool-subject").focus()
    steps = {"ArrowRight": "touch", "End": "crop", "ArrowLeft": "background", "Home": "subject"}
    for key, tool in steps.items():
        page.keyboard.press(key)
        expect(page.locator(f"#tool-{tool}")).to_be_focused()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        expect(page.locator(PANELS[tool])).to_be_visible()
        assert tab_stops(tabs) == 1
        assert page.evaluate("document.documentElement.dataset.tool") == tool
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tool-crop")).to_be_focused()
    assert page.evaluate("window.heard") == [*steps.values(), "crop"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#tool-crop")).to_be_focused()


def test_the_models_are_one_group(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    page.locator("#model input:checked").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(model(page, "Best, twice")).to_be_checked()
    expect(page.locator("#facts")).to_contain_text("Best, twice")
    page.locator("#model input:checked").focus()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('#model input')")


def test_colours_are_one_tab_stop(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    open_tool(page, "background")
    page.locator("[name=background][value=color]").check()
    colours = page.locator("#background").get_by_role("radiogroup")
    red, blue = (colours.get_by_role("radio", name=name) for name in ("Red", "Blue"))
    expect(red).to_be_checked()
    red.focus()
    page.keyboard.press("ArrowRight")
    expect(blue).to_be_focused()
    expect(blue).to_be_checked()
    expect(page.locator("[name=color]")).to_have_value(str(blue.get_attribute("data-color")))
    assert tab_stops(colours) == 1


def test_the_examples_unfold_from_the_bar_and_fold_again(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    unfold, first = page.locator("#examples .unfold"), page.locator("#examples li button").first
    unfold.click()
    expect(unfold).to_have_attribute("aria-expanded", "true")
    first.focus()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(unfold).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.locator("#facts").click()
    expect(first).to_be_hidden()


def test_nothing_shines_through_the_menu_of_the_examples(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612", **DESKTOP)
    page.locator("#examples .unfold").click()
    seen_at = """menu => {
      const { left, top, right, bottom } = menu.getBoundingClientRect();
      const through = new Set();
      for (let x = left + 12; x < right - 12; x += 8)
        for (let y = top + 12; y < bottom - 12; y += 8) {
          const seen = document.elementFromPoint(x, y);
          if (!menu.contains(seen)) through.add(seen.outerHTML);
        }
      return [...through];
    }"""
    assert page.locator("#examples-list").evaluate(seen_at) == []


# ---- other readings of the photo ------------------------------------------------------------------------------------


def test_where_the_networks_disagree_one_click_takes_another_reading(visit: Visit, half_a_butterfly: Path) -> None:
    page = with_photo(visit, half_a_butterfly, "400×473", **DESKTOP)
    group = page.get_by_role("radiogroup", name=say("ui.did_you_mean", "en"))
    expect(group).to_be_in_viewport(ratio=1)
    candidates = group.get_by_role("radio")
    expect(candidates).not_to_have_count(0)
    expect(group.get_by_role("radio", name="Best", exact=True)).to_be_checked()
    assert tab_stops(group) == 1
    other = group.get_by_role("radio", checked=False).last
    name = other.inner_text()
    other.click()
    expect(page.locator("#facts")).to_contain_text(f"· {name} ·")
    expect(group.get_by_role("radio", name=name, exact=True)).to_be_checked()
    expect(model(page, name)).to_be_checked()


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_that_a_result_may_be_incomplete_is_said_beside_it_whatever_tool_is_open(
    visit: Visit, kucing: Path, device: dict[str, Any]
) -> None:
    page = visit(**device)
    doubtful = [True]

    def doubt(route: Route) -> None:
        """The cat is whole: the doubt is put into what the server says of it."""
        answer = route.fetch()
        news = answer.json()
        if (news.get("view") or {}).get("pictures"):
            news["view"]["incomplete"] = bool(doubtful)
        route.fulfill(json=news)

    page.route("**/component_server/", doubt)
    give(page, kucing)
    wait_for_result(page, "612×612")
    said = page.get_by_text(say("ui.incomplete", "en"))
    lead = page.get_by_role("button", name=say("ui.incomplete_touch", "en"))
    for tool in TOOLS:
        open_tool(page, tool)
        expect(said).to_be_in_viewport(ratio=1)
        assert box(page, "#incomplete")["y"] >= box(page, "#stage")["bottom"]
        expect(lead).to_be_visible(visible=tool != "touch")
    lead.click()
    expect(page.locator("#tool-touch")).to_be_focused()
    expect(page.locator("#panel-touch")).to_be_visible()

    # It goes while one paints: the picture may not move under the brush.
    stage = box(page, "#stage")
    doubtful.clear()
    page.evaluate("visit.touch.add({ keep: true, width: 0.02, points: [[0.5, 0.5]] })")
    expect(said).to_be_hidden()
    assert box(page, "#stage") == stage
    page.unroute_all(behavior="ignoreErrors")


def test_where_they_agree_nothing_is_asked(visit: Visit, kucing: Path) -> None:
    page = with_photo(visit, kucing, "612×612")
    expect(page.locator("#did-you-mean")).to_be_hidden()
    expect(page.locator("#incomplete")).to_be_hidden()
