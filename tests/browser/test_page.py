"""The page in a real browser, from a photo to the files."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from bgdemo.messages import say, texts
from tests.browser.page_actions import (
    PHONE,
    UNNAMED_CONTROLS,
    Visit,
    download,
    error,
    fine_hair,
    give,
    model,
    no_errors,
    pick_example,
    shown_size,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES, App


def test_a_photo_becomes_a_cutout_to_download(visit: Visit, kucing: Path, kucing_png: bytes) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    name, png = download(page, "#download")
    assert name == "kucing-removedbg.png"
    assert png == kucing_png

    cutout = np.asarray(Image.open(io.BytesIO(png)))
    photo = np.asarray(Image.open(kucing))
    alpha = cutout[..., 3]
    assert cutout.shape == (612, 612, 4)
    assert alpha.min() == 0 and alpha.max() == 255
    assert (cutout[alpha == 255, :3] == photo[alpha == 255]).all()
    assert (cutout[alpha == 0] == 0).all()

    name, mask = download(page, "#download-mask")
    assert name == "kucing-mask.png"
    assert (np.asarray(Image.open(io.BytesIO(mask))) == alpha).all()


def test_the_views_show_the_result(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    for picture in ("#photo .your-photo", "#compare .before", "#compare .after", "#cutout img", "#mask img"):
        assert shown_size(page, picture) == [612, 612]

    page.locator("#compare input").fill("20")
    assert "80%" in page.eval_on_selector("#compare .left", "part => getComputedStyle(part).clipPath")

    page.locator("#stage").get_by_role("radio", name="Cutout").check(force=True)
    expect(page.locator("#compare")).to_be_hidden()
    behind = "stage => getComputedStyle(stage).background"
    assert "conic-gradient" in page.eval_on_selector("#cutout", behind)
    for name, colour in (("White", "rgb(255, 255, 255)"), ("Black", "rgb(0, 0, 0)")):
        page.locator(".backdrop").get_by_role("radio", name=name, exact=True).check()
        assert colour in page.eval_on_selector("#cutout", behind)
    page.locator(".backdrop").get_by_label("Colour").fill("#123456")
    assert "rgb(18, 52, 86)" in page.eval_on_selector("#cutout", behind)
    page.get_by_role("radio", name="Mask").check(force=True)
    expect(page.locator("#mask img")).to_be_visible()
    expect(page.locator("#cutout")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_indonesian_nothing_is_left_in_english(visit: Visit, kucing: Path, scheme: str) -> None:
    page = visit(locale="id-ID", color_scheme=scheme)
    assert page.locator("html").get_attribute("lang") == "id"
    assert page.title() == say("ui.title", "id")
    empty = page.locator("body").aria_snapshot()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    page.get_by_role("radio", name=say("ui.more_models", "id")).check()
    page.locator("#other-model input").click()
    expect(page.locator("body")).to_contain_text("piksel objek tidak diubah · Terbaik")
    said = empty + page.locator("body").aria_snapshot() + page.inner_text("body")

    of_the_switch = "language."
    english = {
        text for key, text in texts("en").items() if text != texts("id")[key] and not key.startswith(of_the_switch)
    }
    words = {line.strip() for line in re.split(r"[\n\":·—]", said)}
    assert {sentence for sentence in english if sentence in words or (len(sentence) > 20 and sentence in said)} == set()
    assert say("ui.privacy", "id") in said


def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Visit, kucing: Path) -> None:
    page = visit(**PHONE)
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 390
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    assert page.evaluate(width) <= 390
    small = page.evaluate(
        """[...document.querySelectorAll('main :is(button, summary, label)')].map(
             e => [e.innerText || e.ariaLabel, e.getBoundingClientRect().height]).filter(([, h]) => h && h < 44)"""
    )
    assert small == []


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("text.jpg", b"not a photo at all", "error.unreadable"),
        ("empty.png", b"", "error.empty"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "error.unreadable"),
        ("huge.jpg", bytes(40_000_001), "error.file_too_large"),
        ("half.jpg", (EXAMPLES / "cup.jpg").read_bytes()[:40_000], "error.truncated"),
    ],
)
def test_bad_input_is_told_and_the_last_result_stays(
    visit: Visit, kucing: Path, tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    page = visit(locale="id-ID")
    give(page, kucing)
    wait_for_result(page, "612×612")
    bad = tmp_path / name
    bad.write_bytes(content)
    give(page, bad)
    sentence = say(key, "id", limit=40)
    expect(error(page, "")).to_have_text(sentence)
    expect(page.get_by_text(sentence)).to_have_count(1)
    expect(page.locator("#compare .after")).to_be_visible()
    assert download(page, "#download")[0] == "kucing-removedbg.png"
    give(page, EXAMPLES / "cup.jpg")
    wait_for_result(page, "960×640")
    no_errors(page)


def test_the_second_photo_wins(visit: Visit, kucing: Path) -> None:
    page = visit()
    page.evaluate(
        """() => new MutationObserver(() => {
             const [photo, result] = ['.your-photo', '#compare .after'].map(s => document.querySelector(s));
             const size = image => image?.complete && image.naturalWidth && image.offsetParent && image.naturalWidth;
             (window.seen ??= []).push([size(photo), size(result)]);
           }).observe(document.body, { subtree: true, childList: true, attributes: true })"""
    )
    give(page, EXAMPLES / "cup.jpg")
    assert shown_size(page, ".your-photo") == [960, 640]
    give(page, kucing)
    wait_for_result(page, "612×612")
    expect(page.locator("#status p")).to_have_count(0)
    assert download(page, "#download")[0] == "kucing-removedbg.png"
    assert [pair for pair in page.evaluate("window.seen") if all(pair) and pair[0] != pair[1]] == []


def test_two_photos_at_once_leave_only_the_last(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, EXAMPLES / "cup.jpg", EXAMPLES / "dog.jpg", kucing)
    wait_for_result(page, "612×612")
    assert download(page, "#download")[0] == "kucing-removedbg.png"


def test_a_setting_renders_again_without_the_network(visit: Visit, kucing: Path, app: App) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    _, plain = download(page, "#download")
    before = app.networks_run()

    wait_for_change(page, fine_hair(page).check)
    assert download(page, "#download")[1] != plain
    assert app.networks_run() == before

    model(page, "Fast").check()
    expect(page.locator("#facts")).to_contain_text("Fast")
    assert app.networks_run() == before  # "Best" has run it already, as one of its two
    model(page, "Detailed").check()
    fine_hair(page).uncheck()
    expect(page.locator("#facts")).to_contain_text("Detailed")
    expect(page.locator("#download")).to_be_enabled()
    assert app.networks_run() == before

    give(page, EXAMPLES / "cup.jpg")
    wait_for_result(page, "960×640")
    assert app.networks_run() == before + 1


def test_thresholds_are_told_apart_and_can_be_reset(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    number, slider = (page.locator(f"#foreground-threshold [type={kind}]") for kind in ("number", "range"))
    expect(number).to_have_value("240")
    expect(number).to_be_disabled()  # they belong to “Fine hair”, and the drawer says so
    expect(page.locator("#expert")).to_contain_text(say("ui.expert_needs", "en"))
    wait_for_change(page, fine_hair(page).check)
    number.fill("5")
    number.blur()
    expect(error(page, "thresholds")).to_have_text(say("error.threshold_range", "en"))
    expect(page.get_by_text(say("error.threshold_range", "en"))).to_have_count(1)
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#compare .after")).to_be_visible()
    expect(slider).to_have_value("5")
    page.locator("#foreground-threshold button").click()
    expect(number).to_have_value("240")
    no_errors(page)
    for wrong, kept in (("", "240"), ("9999", "255"), ("-3", "0")):
        number.fill(wrong)
        number.press("Enter")
        expect(number).to_have_value(kept)
    expect(error(page, "thresholds")).to_have_text(say("error.threshold_range", "en"))


def test_a_threshold_is_moved_with_the_arrow_keys(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    wait_for_change(page, fine_hair(page).check)
    before = download(page, "#download")[1]
    page.click("#expert > button")
    wait_for_change(page, lambda: page.locator("#erode-size [type=range]").press("End"))
    expect(page.locator("#erode-size [type=number]")).to_have_value("50")
    assert download(page, "#download")[1] != before


def test_no_clear_subject_is_said_with_advice(visit: Visit, tmp_path: Path) -> None:
    noise = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(100, 140, (200, 300, 3), np.uint8)).save(noise)
    page = visit()
    give(page, noise)
    wait_for_result(page, "300×200")
    expect(page.locator("#notice")).to_contain_text(say("note.no_subject", "en"))
    page.get_by_role("button", name="Try another model").click()
    expect(page.locator("#facts")).to_contain_text("Fast")
    expect(page.locator("#download")).to_be_enabled()


@pytest.mark.parametrize("suffix", ["heic", "tif", "avif", "webp", "jpg"])
def test_every_format_is_shown_upright(visit: Visit, tmp_path: Path, suffix: str) -> None:
    """Chromium itself can show neither HEIC nor TIFF; the JPEG lies on its side and says so."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    photo = tmp_path / f"foto.{suffix}"
    with Image.open(EXAMPLES / "cup.jpg") as image:
        lying = image.transpose(Image.Transpose.ROTATE_90) if suffix == "jpg" else image
        exif = Image.Exif()
        exif[0x0112] = 6 if suffix == "jpg" else 1
        lying.save(photo, exif=exif)
    page = visit()
    give(page, photo)
    wait_for_result(page, "960×640")
    assert shown_size(page, ".your-photo") == [960, 640]
    name, png = download(page, "#download")
    assert name == "foto-removedbg.png"
    assert Image.open(io.BytesIO(png)).size == (960, 640)


def test_a_photo_can_be_dropped_pasted_taken_or_picked_from_the_examples(visit: Visit) -> None:
    page = visit(permissions=["camera"])
    file = base64.b64encode((EXAMPLES / "cup.jpg").read_bytes()).decode()
    transfer = page.evaluate_handle(
        """file => {
             const transfer = new DataTransfer();
             const bytes = Uint8Array.from(atob(file), c => c.charCodeAt(0));
             transfer.items.add(new File([bytes], "cangkir kopi.jpg", { type: "image/jpeg" }));
             return transfer;
           }""",
        file,
    )
    page.dispatch_event("header", "drop", {"dataTransfer": transfer})
    wait_for_result(page, "960×640")
    assert download(page, "#download")[0] == "cangkir kopi-removedbg.png"

    pick_example(page, "Astronaut")
    wait_for_result(page, "512×512")
    page.evaluate("data => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }))", transfer)
    wait_for_result(page, "960×640")

    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take this picture").click()
    expect(page.locator("#facts")).not_to_contain_text("960×640")
    expect(page.locator("#download")).to_be_enabled()
    assert download(page, "#download")[0] == "photo-removedbg.png"


def test_every_control_has_a_name_and_is_reached_by_keyboard(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.click("#expert > button")
    fine_hair(page).check()
    page.get_by_role("radio", name="More models…").check()
    expect(page.locator("#other-model")).to_be_visible()
    expect(page.locator("#download")).to_be_enabled()
    assert re.findall(UNNAMED_CONTROLS, page.locator("body").aria_snapshot(), re.MULTILINE) == []

    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached |= set(
            page.evaluate(
                """() => {
                     const ids = [];
                     for (let e = document.activeElement; e && e !== document.body; e = e.parentElement) ids.push(e.id);
                     return ids;
                   }"""
            )
        )
    wanted = "photo examples compare stage tool-subject download download-mask model other-model fine-hair expert foot"
    wanted += " foreground-threshold background-threshold erode-size"
    assert set(wanted.split()) - reached == set()


def test_who_waits_for_others_is_told(visit: Visit) -> None:
    crowd = [visit() for _ in range(5)]
    for page in crowd:
        give(page, EXAMPLES / "cup.jpg")
    expect(crowd[-1].locator("#status")).to_contain_text("photos before yours")
    for page in crowd:
        wait_for_result(page, "960×640")


def test_one_visitor_does_not_see_anothers_photo(visit: Visit, kucing: Path) -> None:
    mine, theirs = visit(), visit()
    give(mine, kucing)
    wait_for_result(mine, "612×612")
    theirs.reload()
    theirs.wait_for_selector("#photo input[type=file]", state="attached")
    assert theirs.locator(".your-photo").get_attribute("src") is None
    expect(theirs.locator("#download")).to_be_hidden()
