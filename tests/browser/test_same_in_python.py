"""What the page says to make its picture in Python and elsewhere: copied, run, and compared with the download."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Page, expect

from bgdemo.messages import Language, say
from tests.browser.hands import drag, place
from tests.browser.page_actions import (
    PHONE,
    UNNAMED_CONTROLS,
    Visit,
    choose,
    download,
    fine_hair,
    give,
    open_tool,
    slide,
    wait_for_change,
    wait_for_result,
)
from tests.server import EXAMPLES, ROOT


def open_snippets(page: Page) -> None:
    page.click("#open-snippets")
    expect(page.locator("#snippets dialog")).to_be_visible()


def copied(page: Page, kind: str, language: Language = "en") -> str:
    """What is on the clipboard after a press of the button."""
    page.click(f"#snippet-{kind}")
    page.locator("#snippets .copy").click()
    expect(page.locator("#snippets [role=status]")).to_have_text(say("ui.snippets_copied", language))
    return str(page.evaluate("navigator.clipboard.readText()"))


def run(folder: Path, *command: str) -> None:
    environment = {"PATH": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def gives_the_download(page: Page, folder: Path, kinds: tuple[str, ...] = ("python", "command", "http")) -> None:
    """Each snippet, in a folder with the visitor's files."""
    name, data = download(page)
    open_snippets(page)
    for kind in kinds:
        said = copied(page, kind)
        command = ["-c", said] if kind != "command" else shlex.split(said)[1:]
        run(folder, sys.executable, *command)
        assert (folder / name).read_bytes() == data, kind
        (folder / name).unlink()
    page.keyboard.press("Escape")
    expect(page.locator("#snippets dialog")).to_be_hidden()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Image.open(EXAMPLES / "kucing.jpg") as photo:
        photo.save(tmp_path / "kucing saya.jpg", quality=95)
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "langit.png")
    return tmp_path


@pytest.fixture
def page(visit: Visit, home: Path) -> Page:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    give(page, home / "kucing saya.jpg")
    wait_for_result(page, "612×612")
    return page


def test_the_plain_cutout(page: Page, home: Path) -> None:
    gives_the_download(page, home)


def test_what_was_moved_by_hand_on_a_picture_of_one_s_own(page: Page, home: Path) -> None:
    wait_for_change(page, fine_hair(page).check)
    open_tool(page, "background")
    wait_for_change(page, lambda: page.set_input_files("#own-picture", home / "langit.png"))
    wait_for_change(page, lambda: slide(page, "picture_zoom", "130"))
    wait_for_change(page, lambda: choose(page, "crop", "4:5"))
    page.click("#position summary")
    wait_for_change(page, lambda: slide(page, "crop_x", "12"))
    page.locator("#format").select_option("jpeg")
    expect(page.locator("#download")).to_contain_text("JPEG")
    gives_the_download(page, home)


def test_strokes_are_a_file_beside_the_photo(page: Page, home: Path) -> None:
    open_tool(page, "touch")
    start, end = place(page, 0.3, 0.8), place(page, 0.6, 0.8)
    wait_for_change(page, lambda: drag(page, start, end))
    open_snippets(page)
    with page.expect_download() as started:
        page.locator("#snippets .strokes").click()
    assert started.value.suggested_filename == "kucing saya-strokes.json"
    started.value.save_as(home / started.value.suggested_filename)
    page.locator("#snippets .shut").click()
    gives_the_download(page, home, ("python", "http"))


def test_rembg_s_three_lines_stand_beside(page: Page) -> None:
    open_snippets(page)
    assert copied(page, "tutorial").splitlines() == [
        "from PIL import Image",
        "from rembg import remove",
        'remove(Image.open("kucing saya.jpg")).save("kucing saya-removedbg.png")',
    ]
    expect(page.locator("#snippets .about")).to_have_text(say("ui.snippets_tutorial_info", "en"))


def test_the_dialog_on_a_phone_in_indonesian_for_keys_and_readers(visit: Visit, kucing: Path) -> None:
    page = visit(**PHONE, locale="id-ID")
    give(page, kucing)
    wait_for_result(page, "612×612")
    open_snippets(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    dialog = page.get_by_role("dialog", name=say("ui.snippets", "id"))
    box = dialog.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator("#snippet-python").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#snippet-command")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#snippets pre")).to_contain_text("python -m bgdemo kucing.jpg")
    assert re.findall(UNNAMED_CONTROLS, dialog.aria_snapshot(), re.MULTILINE) == []
    page.add_script_tag(path=AXE_FILE_PATH)
    found = page.evaluate("axe.run('#snippets dialog').then(({ violations }) => violations.map(({ id }) => id))")
    assert found == []
