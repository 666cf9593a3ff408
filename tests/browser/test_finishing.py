"""From a cutout to a finished picture, in a real browser."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from bgdemo import remove_to_file
from bgdemo.decode import decode
from bgdemo.messages import say
from bgdemo.picture.checks import checks
from bgdemo.picture.frames import Frame, heads_of
from bgdemo.picture.standards import STANDARDS
from bgdemo.recipes import ID_BLUE, ID_RED
from tests.browser.page_actions import (
    PHONE,
    UNNAMED_CONTROLS,
    Visit,
    address,
    choose,
    corner,
    download,
    downloaded,
    error,
    give,
    no_errors,
    open_tool,
    shown_size,
    slide,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES, App

WHITE = (255, 255, 255)
AXE = AXE_FILE_PATH.read_text("utf-8")


@pytest.fixture
def page(visit: Visit, kucing: Path) -> Page:
    """The cat, cut out, with the first panel open."""
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    open_tool(page, "background")
    return page


def test_a_profile_picture_on_blur(page: Page, kucing: Path, app: App) -> None:
    before = app.networks_run()
    wait_for_change(page, lambda: choose(page, "background", "blur"))
    wait_for_change(page, lambda: choose(page, "crop", "1:1"))
    name, image = downloaded(page)
    assert name == "kucing-blur.png"
    assert image.width == image.height
    assert image.mode == "RGB"  # an opaque picture carries no transparency
    before_and_after = [shown_size(page, f"#compare .{side}") for side in ("before", "after")]
    assert before_and_after[0] == before_and_after[1] == list(image.size)
    assert app.networks_run() == before

    photo = np.asarray(Image.open(kucing).convert("L"), np.float32)
    wait_for_change(page, lambda: choose(page, "crop", "photo"))
    blurred = np.asarray(downloaded(page)[1].convert("L"), np.float32)
    assert np.abs(np.diff(blurred[:60])).mean() < np.abs(np.diff(photo[:60])).mean() / 3


def test_a_product_on_white_with_a_shadow_in_a_square(visit: Visit) -> None:
    page = visit()
    give(page, EXAMPLES / "cup.jpg")
    wait_for_result(page, "960×640")
    wait_for_change(page, lambda: choose(page, "background", "white"))
    _, bare = downloaded(page)
    wait_for_change(page, lambda: choose(page, "shadow", "contact"))
    assert np.asarray(downloaded(page)[1]).astype(int).sum() < np.asarray(bare).astype(int).sum()
    wait_for_change(page, lambda: choose(page, "crop", "market"))
    page.locator("#format").select_option("jpeg")
    expect(page.locator("#download")).to_have_text(re.compile(r"Download JPEG · \d+(\.\d MB| kB)"))
    name, image = downloaded(page)
    assert name == "cup-white.jpg"
    assert image.format == "JPEG"
    assert image.width == image.height
    assert corner(image) == WHITE


def test_a_sticker_with_an_outline_as_webp(page: Page) -> None:
    wait_for_change(page, lambda: choose(page, "outline", "color"))
    slide(page, "outline_color", "#ff0000")
    wait_for_change(page, lambda: slide(page, "outline_width", "30"))
    page.locator("#format").select_option("webp-lossless")
    expect(page.locator("#download")).to_have_text(re.compile("Download WebP, lossless · "))
    name, image = downloaded(page)
    assert name == "kucing-sticker.webp"
    assert image.format == "WEBP"
    pixels = np.asarray(image)
    assert pixels[..., 3].min() == 0
    assert (pixels == (255, 0, 0, 255)).all(axis=2).mean() > 0.01
    page.locator("#format").select_option("avif")
    expect(page.locator("#download")).to_have_text(re.compile("Download AVIF · "))
    assert downloaded(page)[1].format == "AVIF"


def test_an_id_photo_and_its_sheet(visit: Visit) -> None:
    page = visit()
    give(page, EXAMPLES / "astronaut.jpg")
    wait_for_result(page, "512×512")
    wait_for_change(page, lambda: choose(page, "crop", "id:3x4"))
    name, image = downloaded(page)
    assert name == "astronaut-3x4.png"
    assert image.size == (354, 472)
    assert [round(dpi) for dpi in image.info["dpi"]] == [300, 300]
    assert corner(image) == ID_RED

    wait_for_change(page, lambda: page.locator("#id-photo").get_by_role("radio", name="Blue").click())
    assert corner(downloaded(page)[1]) == ID_BLUE
    before = downloaded(page)[1].tobytes()
    wait_for_change(page, lambda: slide(page, "crop_zoom", "130"))
    assert downloaded(page)[1].tobytes() != before

    expect(page.locator("#prints")).to_be_hidden()
    wait_for_change(page, lambda: page.locator("#sheet").select_option("10x15"))
    expect(page.locator("#compare input")).to_be_hidden()  # a sheet has nothing to be compared with
    name, sheet = downloaded(page)
    assert name == "astronaut-3x4-sheet.png"
    assert sheet.size in ((1181, 1772), (1772, 1181))
    assert corner(sheet) == WHITE
    assert (np.asarray(sheet.convert("RGB")) == ID_BLUE).all(axis=2).mean() > 0.1
    expect(page.locator("#facts")).to_contain_text("9 prints on 10×15 cm · ")


def test_a_sheet_of_several_sizes_as_pdf(visit: Visit) -> None:
    page = visit(locale="id-ID")
    give(page, EXAMPLES / "astronaut.jpg")
    wait_for_result(page, "512×512")
    wait_for_change(page, lambda: choose(page, "crop", "id:sscasn"))
    paper, prints, mix = (page.locator(f"#{name}") for name in ("sheet", "prints", "mix"))
    expect(page.locator("#max-kb")).to_have_value("200")
    wait_for_change(page, lambda: paper.select_option("4r"))
    expect(page.locator("#max-kb")).to_have_value("")  # which is what an office asks for, and no printer
    wait_for_change(page, lambda: prints.select_option("4 3x4, 4 2x3"))
    expect(page.locator("#facts")).to_contain_text("8 foto di kertas 4R (102×152 mm) · ")
    expect(mix).to_be_hidden()

    prints.select_option("own")
    mix.get_by_label("4×6").fill("2")
    mix.get_by_label("4×6").press("Tab")
    room = say("error.sheet_full", "id", paper="4R (102×152 mm)", room="2×3 cm: 4, 3×4 cm: 4, 4×6 cm: 0")
    expect(error(page, "sheet")).to_have_text(room)
    mix.get_by_label("2×3").fill("")
    wait_for_change(page, lambda: mix.get_by_label("2×3").press("Tab"))
    no_errors(page)
    expect(page.locator("#facts")).to_contain_text("6 foto di kertas 4R (102×152 mm) · ")
    page.locator("#format").select_option("pdf")
    expect(page.locator("#download")).to_have_text(re.compile(r"^Unduh PDF · "))
    name, data = download(page)
    assert name == "astronaut-3x4-4x6-sheet-4r.pdf"
    assert data.startswith(b"%PDF")


def framed_wrongly(standard: str, data: bytes, behind: tuple[int, int, int]) -> list[str]:
    """What is off of the head that the detector finds in the file itself, on a ground of the colour `behind`."""
    photo = decode(data)
    alpha = (np.abs(photo.rgb.astype(int) - behind).max(axis=2) > 40).astype(np.uint8) * 255
    [head] = heads_of(photo, alpha)
    width, height = photo.size
    found = checks(STANDARDS[standard], head, Frame(0, 0, width, height), 1.0)
    assert {"head", "above", "middle", "tilt"} <= {check.key for check in found}
    return [check.text("en") for check in found if not check.ok]


def test_an_office_s_id_photo_is_the_file_that_the_office_asks_for(visit: Visit) -> None:
    page = visit(locale="id-ID")
    give(page, EXAMPLES / "astronaut.jpg")
    wait_for_result(page, "512×512")
    wait_for_change(page, lambda: choose(page, "crop", "id:sscasn"))
    name, data = download(page)
    assert name == "astronaut-sscasn.jpg"
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", (472, 709))
    assert corner(image) == pytest.approx(ID_RED, abs=3)
    assert len(data) <= 200_000
    assert framed_wrongly("sscasn", data, ID_RED) == []

    wait_for_change(page, lambda: choose(page, "crop", "id:us"))
    offered = page.locator("#id-photo [data-color]:visible")
    assert offered.evaluate_all("all => all.map((one) => one.title)") == ["Putih"]
    name, data = download(page)
    assert name == "astronaut-us.jpg"
    assert corner(Image.open(io.BytesIO(data))) == pytest.approx(WHITE, abs=3)
    assert framed_wrongly("us", data, WHITE) == []

    wait_for_change(page, lambda: choose(page, "crop", "photo"))
    assert page.locator("#format").input_value() == "png"
    assert page.get_by_label(say("ui.limit_name", "id")).input_value() == ""


def test_a_preset_is_the_file_that_the_shop_or_app_asks_for_and_takes_its_rim_along(page: Page, kucing: Path) -> None:
    wait_for_change(page, lambda: choose(page, "crop", "for:whatsapp-sticker"))
    name, data = download(page)
    assert name == "kucing-whatsapp-sticker.webp"
    assert data == remove_to_file(kucing, preset="whatsapp-sticker")
    expect(page.locator("#size")).to_be_hidden()
    expect(page.locator("#max-kb")).to_have_value("100")

    wait_for_change(page, lambda: page.get_by_role("radio", name="Amazon").check())
    name, data = download(page)
    assert name == "kucing-amazon.jpg"
    assert data == remove_to_file(kucing, preset="amazon")

    wait_for_change(page, lambda: choose(page, "background", "sea"))
    assert download(page)[1] == remove_to_file(kucing, preset="amazon", background="sea")

    wait_for_change(page, lambda: choose(page, "crop", "photo"))
    name, image = downloaded(page)
    assert (name, image.format) == ("kucing-sea.png", "PNG")
    wait_for_change(page, lambda: choose(page, "crop", "for:whatsapp-sticker"))
    wait_for_change(page, lambda: choose(page, "crop", "id:3x4"))
    name, image = downloaded(page)
    assert (name, image.format) == ("kucing-3x4.png", "PNG")
    assert corner(image) == ID_RED
    expect(page.locator("[name=outline][value=none]")).to_be_checked()
    expect(page.locator("#max-kb")).to_have_value("")
    no_errors(page)


def test_a_background_of_ones_own(page: Page, tmp_path: Path) -> None:
    own = tmp_path / "langit.png"
    pixels = np.full((300, 600, 3), (10, 120, 230), np.uint8)
    pixels[:, 300:] = (240, 200, 20)
    Image.fromarray(pixels).save(own)
    wait_for_change(page, lambda: choose(page, "background", "picture"))
    wait_for_change(page, lambda: page.set_input_files("#own-picture", own))
    image = np.asarray(downloaded(page)[1].convert("RGB"))
    assert tuple(image[5, 5]) == (10, 120, 230) and tuple(image[5, -5]) == (240, 200, 20)
    wait_for_change(page, lambda: slide(page, "picture_x", "50"))
    assert tuple(np.asarray(downloaded(page)[1])[5, -5, :3]) == (10, 120, 230)
    wait_for_change(page, lambda: choose(page, "picture_fit", "fit"))
    assert corner(downloaded(page)[1]) == WHITE

    good = address(page)
    bad = tmp_path / "rusak.png"
    bad.write_bytes(b"not a picture")
    page.set_input_files("#own-picture", bad)
    expect(error(page, "picture")).to_have_text(say("error.unreadable", "en"))
    assert address(page) == good
    huge = tmp_path / "besar.png"
    huge.write_bytes(bytes(40_000_001))
    page.set_input_files("#own-picture", huge)
    expect(error(page, "picture")).to_have_text(say("error.file_too_large", "en", limit=40))
    wait_for_change(page, lambda: choose(page, "picture_fit", "fill"))  # the good one is still in use
    no_errors(page)
    assert tuple(np.asarray(downloaded(page)[1])[5, -5, :3]) == (10, 120, 230)


def test_undo_and_reset(page: Page, kucing_png: bytes) -> None:
    undo, reset = page.locator("#undo"), page.locator("#reset-look")
    expect(undo).to_be_hidden()
    expect(reset).to_be_hidden()
    wait_for_change(page, lambda: choose(page, "background", "white"))
    white = download(page)[1]
    wait_for_change(page, lambda: choose(page, "shadow", "drop"))
    wait_for_change(page, lambda: undo.click())
    assert download(page)[1] == white
    expect(page.locator("[name=shadow][value=none]")).to_be_checked()
    wait_for_change(page, lambda: reset.click())
    assert download(page)[1] == kucing_png
    expect(reset).to_be_hidden()
    wait_for_change(page, lambda: undo.click())
    assert download(page)[1] == white
    wait_for_change(page, lambda: undo.click())
    assert download(page)[1] == kucing_png
    expect(undo).to_be_hidden()


def test_sizes_that_cannot_be_are_told_and_nothing_is_lost(page: Page) -> None:
    open_tool(page, "crop")
    width, height = page.locator("#size-width"), page.locator("#size-height")
    width.fill("0")
    height.fill("100000")
    height.blur()
    expect(error(page, "size")).to_have_text(say("error.size_range", "en", limit=12_000))
    expect(width).to_have_attribute("aria-invalid", "true")
    assert shown_size(page, "#compare .after") == [612, 612]
    assert downloaded(page)[1].size == (612, 612)  # what is on the screen can be had
    width.fill("many")
    width.blur()
    expect(error(page, "size")).to_have_text(say("error.not_a_side", "en", side="many"))
    width.fill("12,5")
    width.blur()
    height.fill("")
    height.blur()
    expect(error(page, "size")).to_have_text(say("error.pixel_fraction", "en", side="12,5"))

    wait_for_change(page, lambda: (width.fill("300"), width.blur()))
    no_errors(page)
    assert downloaded(page)[1].size == (300, 300)
    wait_for_change(page, lambda: (height.fill("200"), height.blur()))
    assert downloaded(page)[1].size == (300, 200)
    page.locator("[name=unit]").select_option("cm")
    expect(error(page, "size")).to_have_text(say("error.size_range", "en", limit=12_000))


def test_a_frame_moved_to_its_end_ends_in_a_file_or_a_sentence(page: Page) -> None:
    wait_for_change(page, lambda: choose(page, "crop", "16:9"))
    page.click("#position summary")
    for name, value in (("crop_zoom", "300"), ("crop_x", "-50"), ("crop_y", "50")):
        slide(page, name, value)
    page.wait_for_function(
        "!document.querySelector('#download').disabled || document.querySelector('[data-error=crop] p')"
    )
    expect(page.locator("#download")).not_to_have_text(say("ui.preparing", "en"))


def test_another_photo_is_finished_in_the_same_way(page: Page) -> None:
    wait_for_change(page, lambda: choose(page, "background", "sea"))
    wait_for_change(page, lambda: choose(page, "crop", "16:9"))
    page.click("#position summary")
    wait_for_change(page, lambda: slide(page, "crop_x", "30"))
    give(page, EXAMPLES / "cup.jpg")
    expect(page.locator("#facts")).to_have_text(re.compile(r"^9\d\d×5\d\d "))
    expect(page.locator("[name=crop_x]")).to_have_value("0")
    name, image = downloaded(page)
    assert name == "cup-sea.png"
    assert image.width / image.height == pytest.approx(16 / 9, abs=0.01)
    assert image.mode == "RGB"


def test_what_is_chosen_while_the_subject_is_found_counts(visit: Visit) -> None:
    page = visit()
    give(page, EXAMPLES / "butterfly.jpg")
    expect(page.locator("#status")).to_contain_text(say("ui.finding", "en"))
    page.evaluate("document.querySelector('[name=background][value=white]').click()")
    expect(page.locator("#download")).to_have_text(re.compile("MB"))
    expect(page.locator("#status p")).to_have_count(0)
    assert corner(downloaded(page)[1]) == WHITE


# ---- for everyone ---------------------------------------------------------------------------------------------------


def panels(page: Page) -> list[Callable[[], Any]]:
    """Steps that open every panel and every drawer in turn."""
    tile: Callable[[str, str], Locator] = lambda name, value: page.locator(f'[name="{name}"][value="{value}"]')  # noqa: E731
    return [
        lambda: None,
        lambda: open_tool(page, "background"),
        lambda: (tile("background", "color").check(), tile("outline", "color").check()),
        lambda: tile("background", "blur").check(),
        lambda: tile("background", "picture").check(),
        lambda: open_tool(page, "crop"),
        lambda: tile("crop", "id:35x45").check(),
        lambda: (tile("crop", "tight").check(), page.locator("[name=unit]").select_option("cm")),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, kucing: Path, scheme: str) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.evaluate(AXE)
    for step in panels(page):
        step()
        expect(page.locator("#download")).to_be_enabled()
        found = page.evaluate("axe.run('.gradio-container').then(({ violations }) => violations)")
        serious = [
            (finding["id"], node["html"], node["failureSummary"])
            for finding in found
            if finding["impact"] in ("serious", "critical")
            for node in finding["nodes"]
        ]
        assert serious == []


def test_every_control_is_named_large_enough_and_on_the_screen(visit: Visit, kucing: Path) -> None:
    page = visit(**PHONE, locale="id-ID")
    give(page, kucing)
    wait_for_result(page, "612×612")
    for step in panels(page):
        step()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert re.findall(UNNAMED_CONTROLS, page.locator("#finishing").aria_snapshot(), re.MULTILINE) == []
        small = page.evaluate(
            """[...document.querySelectorAll('#finishing :is(button, summary, label, select, input:not(label input))')]
                 .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height])
                 .filter(([, height]) => height && height < 44)"""
        )
        assert small == []
        expect(page.locator("#download")).to_be_in_viewport()


def test_the_panels_work_by_keyboard(page: Page) -> None:
    page.locator("#tool-background").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-crop")).to_be_visible()
    expect(page.locator("#panel-background")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#panel-background")).to_be_visible()
    reached = set()
    while "download" not in reached and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.id"))
    assert reached >= {"background", "shadow", "outline", "download"}
    page.locator("[name=background]:checked").focus()
    wait_for_change(page, lambda: page.keyboard.press("ArrowRight"))
    assert corner(downloaded(page)[1]) == WHITE


@pytest.mark.parametrize("options", [{}, {**PHONE, "locale": "id-ID"}], ids=["desktop", "phone"])
def test_a_file_under_a_limit(visit: Visit, kucing: Path, options: dict[str, Any]) -> None:
    """And one that cannot be: its sentence is seen beside the field, and all else stays as it was."""
    page = visit(**options)
    language = "id" if options else "en"
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.locator("#format").select_option("jpeg")
    field = page.get_by_label(say("ui.limit_name", language))
    field.fill("25")
    field.press("Enter")
    expect(page.locator("#download")).to_have_text(re.compile(r"JPEG · 2[0-5] kB"))
    name, data = download(page)
    assert name == "kucing-removedbg.jpg"
    assert 20_000 < len(data) <= 25_000
    picture = address(page)

    field.fill("1")
    field.press("Enter")
    expect(error(page, "limit")).to_be_visible()
    page.wait_for_function(
        """() => document.querySelector('#file-limit .error').getBoundingClientRect().bottom
                 <= document.querySelector('#take-away').getBoundingClientRect().top"""
    )
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#download")).to_be_disabled()
    expect(page.locator("#download-mask")).to_be_enabled()
    assert address(page) == picture

    field.fill("")
    field.press("Enter")
    expect(page.locator("#download")).to_have_text(re.compile(r"JPEG · [4-9]\d kB"))
    no_errors(page)
