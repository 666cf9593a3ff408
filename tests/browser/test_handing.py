"""The picture handed on from the page: to the clipboard, and to a phone's other apps."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bgdemo.messages import say
from tests.browser.page_actions import (
    PHONE,
    Visit,
    choose,
    download,
    downloaded,
    error,
    give,
    wait_for_change,
    wait_for_result,
)

COPIED = """async () => {
  const [item] = await navigator.clipboard.read();
  const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}"""

SHARED = """
  window.shared = [];
  navigator.canShare = ({ files }) => files.every(({ type }) => type !== "image/avif");
  navigator.share = async ({ files: [file] }) => {
    if (window.refusal) throw new DOMException("", window.refusal);
    shared.push({ name: file.name, type: file.type, size: file.size });
  };
"""


def copied(page: Page) -> Image.Image:
    page.get_by_role("button", name="Copy the picture").click()
    expect(page.locator("#copied")).to_have_text(say("ui.copied", "en"))
    return Image.open(io.BytesIO(base64.b64decode(page.evaluate(COPIED))))


def premultiplied(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image.convert("RGBA")).astype(int)
    return np.dstack([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3]])


def test_the_picture_is_copied_whatever_its_file_is(visit: Visit, kucing: Path) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    give(page, kucing)
    wait_for_result(page, "612×612")
    expect(page.get_by_role("button", name="Share the picture")).to_be_hidden()
    _, image = downloaded(page)
    assert np.abs(premultiplied(copied(page)) - premultiplied(image)).max() <= 1
    wait_for_change(page, lambda: choose(page, "crop", "for:shopee"))
    expect(page.locator("#copied")).to_be_empty()
    _, image = downloaded(page)
    assert image.format == "JPEG"
    assert np.abs(premultiplied(copied(page)) - premultiplied(image)).max() <= 2


def test_a_clipboard_that_takes_nothing_is_told(visit: Visit, kucing: Path) -> None:
    page = visit()
    page.add_init_script("navigator.clipboard.write = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    page.reload()
    give(page, kucing)
    wait_for_result(page, "612×612")
    page.get_by_role("button", name="Copy the picture").click()
    expect(error(page, "handing")).to_have_text(say("ui.copy_failed", "en"))
    expect(page.locator("#copied")).to_be_empty()


@pytest.fixture
def phone(visit: Visit, kucing: Path) -> Page:
    """With a share sheet that keeps a list of what it was given, and a photo that is cut out."""
    page = visit(**PHONE)
    page.add_init_script(SHARED)
    page.reload()
    give(page, kucing)
    wait_for_result(page, "612×612")
    return page


def test_on_a_phone_the_file_is_shared_under_its_name(phone: Page) -> None:
    expect(phone.get_by_role("button", name="Copy the picture")).to_be_hidden()
    share = phone.get_by_role("button", name="Share the picture")
    wait_for_change(phone, lambda: choose(phone, "crop", "for:whatsapp-sticker"))
    share.click()
    phone.wait_for_function("shared.length")
    name, data = download(phone)
    assert phone.evaluate("shared") == [{"name": name, "type": "image/webp", "size": len(data)}]
    assert name == "kucing-whatsapp-sticker.webp"
    phone.locator("#format").select_option("avif")
    expect(phone.locator("#download")).to_contain_text("AVIF")
    expect(share).to_be_disabled()


def test_a_pdf_is_shared_as_one(phone: Page) -> None:
    phone.locator("#format").select_option("pdf")
    expect(phone.locator("#download")).to_contain_text("PDF · ")
    phone.get_by_role("button", name="Share the picture").click()
    phone.wait_for_function("shared.length")
    assert phone.evaluate("[shared[0].name, shared[0].type]") == ["kucing-removedbg.pdf", "application/pdf"]


def test_no_clipboard_takes_a_pdf(visit: Visit, kucing: Path) -> None:
    page = visit()
    give(page, kucing)
    wait_for_result(page, "612×612")
    copy = page.get_by_role("button", name="Copy the picture")
    expect(copy).to_be_enabled()
    page.locator("#format").select_option("pdf")
    expect(page.locator("#download")).to_contain_text("PDF · ")
    expect(copy).to_be_disabled()


def test_what_the_share_sheet_refuses_is_told_and_who_closes_it_is_told_nothing(phone: Page) -> None:
    share = phone.get_by_role("button", name="Share the picture")
    told = {"NotAllowedError": "ui.share_again", "DataError": "ui.share_failed"}
    for refusal, key in told.items():
        phone.evaluate("refusal => (window.refusal = refusal)", refusal)
        share.click()
        expect(error(phone, "handing")).to_have_text(say(key, "en"))
    phone.evaluate("window.refusal = 'AbortError'")
    share.click()
    expect(error(phone, "handing")).to_have_count(0)
    phone.evaluate("window.refusal = null")
    share.click()
    phone.wait_for_function("shared.length")
    assert phone.evaluate("shared[0].name") == "kucing-removedbg.png"


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_a_phone_the_files_are_in_one_bar_that_fits(visit: Visit, kucing: Path, width: int) -> None:
    page = visit(**{**PHONE, "viewport": {"width": width, "height": 800}, "locale": "id-ID"})
    give(page, kucing)
    wait_for_result(page, "612×612")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("#downloads :is(button, select):visible").all():
        seen = control.bounding_box()
        assert seen
        assert min(seen["width"], seen["height"]) >= 44
        assert seen["x"] >= 0 and seen["x"] + seen["width"] <= width
        assert control.evaluate("control => control.scrollWidth <= control.clientWidth")
