"""The line between page and server: slow, broken or with a page that was reloaded, it loses and mixes up nothing."""

import base64
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from bgdemo.matte.models import MODELS
from bgdemo.messages import say
from tests.browser.page_actions import (
    CHOOSER,
    Visit,
    choose,
    corner,
    download,
    downloaded,
    error,
    fine_hair,
    give,
    model,
    no_errors,
    open_tool,
    slide,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES, App, serve

WHITE = (255, 255, 255)
SERVER = "**/component_server/"


@pytest.fixture
def page(visit: Visit, kucing: Path) -> Page:
    """The cat, cut out, in Indonesian, on a line that may break."""
    page = visit(breaking=True, locale="id-ID")
    give(page, kucing)
    wait_for_result(page, "612×612")
    open_tool(page, "background")
    return page


def hold_answers(page: Page, milliseconds: int) -> None:
    """Whatever the server answers from now on takes so much longer."""

    def answer(route: Route) -> None:
        response = route.fetch()
        page.wait_for_timeout(milliseconds)
        route.fulfill(response=response)

    page.route(SERVER, answer)


def test_the_button_is_off_from_the_moment_of_a_change(page: Page) -> None:
    """In the browser, before the server has even heard of it."""
    hold_answers(page, 800)
    states = page.evaluate(
        """() => {
             const download = document.querySelector('#download');
             const before = download.disabled;
             document.querySelector('[name=background][value=white]').click();
             return [before, download.disabled, download.textContent];
           }"""
    )
    assert states == [False, True, say("ui.preparing", "id")]
    expect(page.locator("#download")).to_be_enabled()
    assert corner(downloaded(page)[1]) == WHITE


def test_of_changes_on_a_slow_line_the_last_one_counts(page: Page) -> None:
    hold_answers(page, 800)
    for kind in ("jpeg", "webp", "png", "avif"):
        page.locator("#format").select_option(kind)
    page.evaluate(
        """document.querySelector('[name=outline][value=white]').click();
           setTimeout(() => document.querySelector('[name=background][value=white]').click(), 50)"""
    )
    page.wait_for_timeout(100)
    expect(page.locator("#download")).to_be_enabled()
    name, image = downloaded(page)
    assert (name, image.format, corner(image)) == ("kucing-white.avif", "AVIF", WHITE)


def test_what_is_chosen_offline_is_made_when_the_line_is_back(page: Page) -> None:
    page.context.set_offline(True)
    choose(page, "background", "white")
    fine_hair(page).check()
    expect(page.locator("#offline")).to_have_text(say("ui.offline", "id"))
    expect(page.locator("#download")).to_be_disabled()
    expect(page.get_by_test_id("toast-body")).to_have_count(0)
    choose(page, "background", "sea")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#download")).to_be_enabled()
    assert downloaded(page)[0] == "kucing-sea.png"
    assert fine_hair(page).is_checked()
    no_errors(page)


def test_a_photo_given_offline_arrives_later(page: Page) -> None:
    page.context.set_offline(True)
    give(page, EXAMPLES / "cup.jpg")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#download")).to_be_disabled()
    page.context.set_offline(False)
    wait_for_result(page, "960×640")
    assert downloaded(page)[0] == "cup-removedbg.png"
    no_errors(page)


def test_a_reload_brings_the_work_back(page: Page, tmp_path: Path) -> None:
    own = tmp_path / "langit.png"
    Image.new("RGB", (300, 200), (10, 120, 230)).save(own)
    wait_for_change(page, lambda: page.set_input_files("#own-picture", own))
    wait_for_change(page, fine_hair(page).check)
    model(page, "Cepat").check()
    expect(page.locator("#facts")).to_contain_text("Cepat")
    wait_for_change(page, lambda: choose(page, "crop", "16:9"))
    page.click("#position summary")
    wait_for_change(page, lambda: slide(page, "crop_x", "10"))
    page.locator("#format").select_option("webp-lossless")
    expect(page.locator("#download")).to_contain_text(say("ui.kind_lossless", "id"))
    before = download(page)

    page.reload()
    expect(page.locator("#download")).to_be_enabled()
    assert download(page) == before
    assert fine_hair(page).is_checked()
    expect(model(page, "Cepat")).to_be_checked()
    expect(page.locator("[name=crop][value='16:9']")).to_be_checked()
    expect(page.locator("[name=crop_x]")).to_have_value("10")
    expect(page.locator("#format")).to_have_value("webp-lossless")
    wait_for_change(page, lambda: choose(page, "background", "white"))  # and the work goes on
    name, image = downloaded(page)
    assert name == "kucing-white.webp"
    assert corner(image) == WHITE


def test_a_reload_in_another_language_says_everything_in_it(page: Page) -> None:
    english = {"userAgent": page.evaluate("navigator.userAgent"), "acceptLanguage": "en"}
    page.context.new_cdp_session(page).send("Emulation.setUserAgentOverride", english)
    page.reload()
    expect(page.locator("#download")).to_contain_text("Download")
    expect(page.locator("#facts")).to_contain_text("subject pixels unchanged")


def test_a_reload_in_the_middle_of_the_work_waits_for_the_rest(visit: Visit) -> None:
    page = visit(breaking=True)
    give(page, EXAMPLES / "butterfly.jpg")
    expect(page.locator(".your-photo")).to_be_visible()
    page.reload()
    expect(page.locator("#download")).to_be_enabled()
    assert downloaded(page)[0] == "butterfly-removedbg.png"


def test_the_key_of_a_tab_is_nowhere_to_be_found_while_it_is_open(page: Page, app: App) -> None:
    """So another tab, or a copy of this one, never shares it."""
    assert page.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))") == []
    other = page.context.new_page()
    other.goto(app.url)
    other.wait_for_selector(CHOOSER, state="attached")
    other.wait_for_timeout(500)
    assert other.locator(".your-photo").get_attribute("src") is None


def test_a_server_started_anew_is_told_everything_again(visit: Visit, kucing: Path, tmp_path: Path) -> None:
    with serve(tmp_path) as first:
        page = visit(breaking=True, url=first.url)
        give(page, kucing)
        wait_for_result(page, "612×612")
    choose(page, "background", "white")
    expect(page.locator("#offline")).to_be_visible()
    with serve(tmp_path, GRADIO_SERVER_PORT=first.url.rpartition(":")[2]):
        expect(page.locator("#offline")).to_be_hidden()
        expect(page.locator("#download")).to_be_enabled()
        assert corner(downloaded(page)[1]) == WHITE


def test_a_server_that_is_restarted_in_the_middle_of_the_work_says_so_and_goes_on(
    visit: Visit, kucing: Path, tmp_path: Path
) -> None:
    with serve(tmp_path) as first:
        page = visit(breaking=True, url=first.url)
        give(page, kucing)
        expect(page.locator("#status .busy")).to_be_visible()
        first.process.terminate()
        expect(page.locator("#status")).to_contain_text("The server is being restarted")
    expect(page.locator("#offline")).to_be_visible()
    with serve(tmp_path, GRADIO_SERVER_PORT=first.url.rpartition(":")[2]):
        wait_for_result(page, "612×612")
        no_errors(page)


def test_of_those_who_left_nothing_is_kept(visit: Visit, kucing: Path, tmp_path: Path) -> None:
    def files() -> set[Path]:
        return {path for path in app.files.rglob("*") if path.is_file()}

    with serve(tmp_path, BGDEMO_KEEP_SECONDS="12") as app:
        at_first = files()
        page = visit(url=app.url)
        give(page, kucing)
        wait_for_result(page, "612×612")
        assert len(files() - at_first) >= 4
        page.close()
        for _ in range(600):
            if files() <= at_first:
                break
            time.sleep(0.1)
        assert files() <= at_first


def test_a_model_that_cannot_be_had_is_told_with_another_try(visit: Visit, kucing: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the networks should be kept")
    with serve(tmp_path, REMBG_HOME=str(tmp_path / "file")) as app:
        page = visit(url=app.url)
        give(page, kucing)
        wait_for_result(page, "612×612")
        model(page, "More models").check()
        page.locator("#other-model input").click()
        page.get_by_role("option").filter(has_text=MODELS["silueta"].name("en")).click()
        sentence = say("note.fallback", "en", model=MODELS["silueta"].name("en"), used=MODELS["best"].name("en"))
        expect(error(page, "model")).to_have_text(sentence)
        expect(page.locator("#download")).to_be_enabled()
        expect(page.locator("#facts")).to_contain_text(MODELS["best"].name("en"))
        page.click("#try-again")
        expect(error(page, "model")).to_have_text(sentence)
        model(page, "Fast").check()
        expect(page.locator("#facts")).to_contain_text("Fast")
        no_errors(page)


# ---- what is dropped and pasted -------------------------------------------------------------------------------------

DRAG = """([event, kind, data]) => {
  const transfer = new DataTransfer();
  if (kind === "files") {
    for (const name of data) transfer.items.add(new File(["no photo"], name, { type: "image/jpeg" }));
  } else transfer.setData(kind, data);
  const drag = new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector("header").dispatchEvent(drag);
  return drag.defaultPrevented;
}"""


@pytest.mark.parametrize("address", ["https://example.com/cat.jpg", "file:///cat.jpg"])
def test_a_dropped_address_is_no_photo_and_the_page_stays(visit: Visit, address: str) -> None:
    page = visit()
    zone = page.locator(".invitation")
    plain = zone.evaluate("zone => getComputedStyle(zone).borderTopColor")
    assert page.evaluate(DRAG, ["dragover", "text/uri-list", address])
    expect(zone).not_to_have_css("border-top-color", plain)
    assert page.evaluate(DRAG, ["drop", "text/uri-list", address])  # else the browser would leave the page
    expect(zone).to_have_css("border-top-color", plain)
    expect(error(page, "")).to_have_text(say("error.link", "en"))


def test_a_pasted_picture_that_is_its_own_address_is_a_photo(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    red = "data:image/png;base64," + base64.b64encode((tmp_path / "red.png").read_bytes()).decode()
    page.evaluate(
        """address => {
             const data = new DataTransfer();
             data.setData("text/plain", address);
             document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
           }""",
        red,
    )
    wait_for_result(page, "8×8")


def test_of_own_backgrounds_in_quick_succession_the_last_one_stays(visit: Visit, kucing: Path, tmp_path: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    choose(page, "background", "picture")
    colors = {"merah": (200, 30, 40), "biru": (10, 120, 230)}
    for name, color in colors.items():
        Image.new("RGB", (2000, 1500), color).save(tmp_path / f"{name}.png", compress_level=0)
    for name in colors:
        page.set_input_files("#own-picture", tmp_path / f"{name}.png")
    expect(page.locator("#download")).to_be_enabled()
    assert corner(downloaded(page)[1]) == colors["biru"]

    wait_for_change(page, partial(choose, page, "background", "white"))
    broken = tmp_path / "rusak.png"
    broken.write_bytes(b"not a picture")
    page.set_input_files("#own-picture", broken)
    expect(error(page, "picture")).to_have_text(say("error.unreadable", "en"))
    expect(page.locator("[name=background][value=white]")).to_be_checked()
    wait_for_change(page, page.locator("#undo").click)  # the step before, and no other
    assert (np.asarray(downloaded(page)[1].convert("RGB"))[3, 3] == colors["biru"]).all()
