"""What a visitor does on the page, and what the page shows of it: the one module of the tests that knows its ids."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
UNNAMED_CONTROLS = r"^\s*- (button|radio|checkbox|slider|spinbutton|textbox|combobox|tab)\b(?! \")"
CHOOSER = "#photo input[type=file]"
AFTER = "#compare .after"


def give(page: Page, *photos: Path) -> None:
    """Choose photos, one after another."""
    for photo in photos:
        page.set_input_files(CHOOSER, photo)


def choose_plate(page: Page, plate: Path) -> None:
    """Choose a photo of the empty scene."""
    if not page.locator("#plate details").get_attribute("open"):
        page.click("#plate summary")
    page.set_input_files("#plate-file", plate)


def wait_for_result(page: Page, size: str) -> None:
    """Until the files of a photo of `size` are ready."""
    expect(page.locator("#facts")).to_contain_text(size)
    expect(page.locator("#download")).to_be_enabled()


def wait_for_change(page: Page, change: Callable[[], Any]) -> None:
    """Make the change; until its file is ready. From the change on the button is off until that very moment."""
    before = address(page)
    change()
    page.wait_for_function("before => document.querySelector('#compare .after').src !== before", arg=before)
    expect(page.locator("#download")).to_be_enabled()


def address(page: Page) -> str:
    return str(page.eval_on_selector(AFTER, "image => image.src"))


def download(page: Page, button: str = "#download") -> tuple[str, bytes]:
    with page.expect_download() as started:
        page.click(button)
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def downloaded(page: Page) -> tuple[str, Image.Image]:
    name, data = download(page)
    return name, Image.open(io.BytesIO(data))


def corner(image: Image.Image) -> tuple[int, ...]:
    return tuple(np.asarray(image.convert("RGB"))[3, 3].tolist())


def shown_size(page: Page, selector: str) -> list[int]:
    """The size in pixels of the picture that `selector` shows, once it is there."""
    page.wait_for_function("s => document.querySelector(s)?.naturalWidth", arg=selector)
    return list(page.eval_on_selector(selector, "image => [image.naturalWidth, image.naturalHeight]"))


def open_tool(page: Page, tool: str) -> None:
    """Of "subject", "touch", "background" and "crop" one is open."""
    page.click(f"#tool-{tool}")


def _tool_of(name: str) -> str:
    return "crop" if name.partition("_")[0] in ("crop", "width", "height", "unit") else "background"


def choose(page: Page, name: str, value: str) -> None:
    open_tool(page, _tool_of(name))
    page.locator(f'#finishing [name="{name}"][value="{value}"]').check()


def slide(page: Page, name: str, value: str) -> None:
    open_tool(page, _tool_of(name))
    page.locator(f"#finishing [name={name}]").fill(value)


def model(page: Page, name: str) -> Locator:
    open_tool(page, "subject")
    return page.locator("#model").get_by_role("radio", name=re.compile(f"^{name}"))


def fine_hair(page: Page) -> Locator:
    open_tool(page, "subject")
    return page.locator("#fine-hair input")


def pick_example(page: Page, name: str) -> None:
    """From the row below the drop zone, or from the bar once there is a photo."""
    if page.locator("#examples .unfold").is_visible():
        page.click("#examples .unfold")
    page.locator("#examples").get_by_role("button", name=name).click()


def error(page: Page, place: str) -> Locator:
    """The sentence about what is wrong at `place`; "" is the place above the result."""
    return page.locator(f'[data-error="{place}"] p' if place else "#failure p")


def no_errors(page: Page) -> None:
    expect(page.locator("#failure p, [data-error] p")).to_have_count(0)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


# ---- many photos


def give_many(page: Page, *photos: Path) -> None:
    """Choose several at once."""
    page.set_input_files(CHOOSER, list(photos))


def drop(page: Page, *paths: Path) -> None:
    """Files and folders of the visitor's disk, dropped on the page."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for event in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": event, "x": 180, "y": 300, "data": data})


def tile(page: Page, name: str, number: int = 0) -> Locator:
    """The tile of the photo of that name, or one of several of that name."""
    return page.locator("#tiles li").filter(has=page.get_by_text(name, exact=True)).nth(number)


def act(tile: Locator, what: str) -> Locator:
    """What one can do with a photo: "open", "retry", "save" or "remove"."""
    return tile.locator({"open": ".opener", "remove": ".drop"}.get(what, f".{what}"))


def states(page: Page) -> list[str]:
    return [str(state) for state in page.eval_on_selector_all("#tiles li", "tiles => tiles.map(t => t.dataset.state)")]


def wait_for_all(page: Page) -> None:
    """Until none of the photos waits any more."""
    busy = ".tile:not([data-state=done], [data-state=failed])"
    expect(page.locator(busy)).to_have_count(0, timeout=240_000)
