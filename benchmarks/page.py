"""How soon a change shows on the page and its file is ready, in a real Chromium, as a Markdown table.

    python benchmarks/page.py PHOTO.jpg [--rounds 7]

The clock starts when the photo is chosen, or at the click, and stops when the browser has decoded and painted the new
picture; the file counts as ready when the download button says its size. The first picture is a draft of the quickest
network, which sharpens when all have answered; beside it stands the time of the bare networks. The last line is what
one visitor who does nothing keeps in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from benchmarks.speed import bare, best_of  # noqa: E402
from bgdemo.matte.models import DEFAULT_MODEL  # noqa: E402
from bgdemo.page.visit import Visit  # noqa: E402
from bgdemo.page.visits import Visits  # noqa: E402
from tests.browser.conftest import ARGUMENTS, find_chromium  # noqa: E402
from tests.server import serve  # noqa: E402

CHANGES = {
    "background, a colour": ("background", ["white", "color"]),
    "background, a scene": ("background", ["studio", "sea"]),
    "background, blurred": ("background", ["white", "blur"]),
    "background, transparent": ("background", ["white", "transparent"]),
    "shadow": ("shadow", ["drop", "contact"]),
    "outline": ("outline", ["white", "color"]),
    "crop": ("crop", ["1:1", "market"]),
    "ID photo": ("crop", ["id:3x4", "id:2x3"]),
}

FIRST = """() => {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  window.first = new Promise((resolve) => addEventListener("change", async () => {
    const start = performance.now();
    const other = async (before) => {
      let after = null;
      while (!after?.src || after.src === before) {
        await painted();
        after = document.querySelector("#compare .after");
      }
      await after.decode();
      return [after.src, (await painted()) - start];
    };
    const [draft, shown] = await other("");
    resolve([shown, (await other(draft))[1]]);
  }, { capture: true, once: true }));
}"""

TIMED = """async ([name, value]) => {
  const after = document.querySelector("#compare .after");
  const download = document.querySelector("#download");
  const before = after.src;
  const until = (done) => new Promise((resolve) => {
    const look = () => (done() ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });
  const start = performance.now();
  document.querySelector(`[name="${name}"][value="${value}"]`).click();
  await until(() => after.src !== before);
  await after.decode();
  const shown = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  const ready = await until(() => !download.disabled);
  return [shown - start, ready - start];
}"""

STROKED = """() => {
  const layer = () => document.querySelector("#touch-up .kept.shown");
  const download = document.querySelector("#download");
  const before = layer();
  const until = (done) => new Promise((resolve) => {
    const look = () => (done() ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });
  window.stroked = new Promise((resolve) => addEventListener("pointerup", async () => {
    const start = performance.now();
    const shown = await until(() => layer() !== before);
    resolve([shown - start, (await until(() => !download.disabled)) - start]);
  }, { capture: true, once: true }));
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photo", type=Path)
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=ARGUMENTS)
        first: list[list[float]] = []
        framed: list[float] = []
        for _ in range(given.rounds):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(app.url)
            page.wait_for_selector("#photo input[type=file]", state="attached")
            page.evaluate(FIRST)
            page.set_input_files("#photo input[type=file]", given.photo)
            first.append([milliseconds / 1000 for milliseconds in page.evaluate("window.first")])
            settle(page)
            framed.append(measure(page, "crop", "id:3x4")[0])
            settle(page)
            page.evaluate("document.querySelector('#reset-look').click()")
            settle(page)
        networks = bare(DEFAULT_MODEL)
        alone = best_of(given.rounds, lambda: networks(b""))
        drafted, refined = zip(*first, strict=True)
        print(f"\nFirst picture after the upload: {median(drafted):.2f} s, slowest {max(drafted):.2f} s;", end=" ")
        print(f"refined: {median(refined):.2f} s, slowest {max(refined):.2f} s;", end=" ")
        print(f"the bare networks of “{DEFAULT_MODEL}”: {alone:.2f} s.", flush=True)
        print(f"First ID photo of it: {median(framed):.2f} s, slowest {max(framed):.2f} s.", flush=True)
        print(f"\n{page.inner_text('#facts')}\n\n| change | on the screen, median | slowest | file ready, median |")
        print("|---|---|---|---|", flush=True)
        for label, (name, values) in CHANGES.items():
            times = [measure(page, name, value) for _ in range(given.rounds) for value in values][len(values) :]
            if label.endswith(("blurred", "transparent")):  # the first one is only there to change from
                times = times[1::2]
            shown, ready = zip(*times, strict=True)
            print(f"| {label} | {median(shown):.2f} s | {max(shown):.2f} s | {median(ready):.2f} s |", flush=True)
            page.evaluate("document.querySelector('#reset-look').click()")
            settle(page)
        shown, ready = zip(*strokes(page, given.rounds), strict=True)
        print(f"| a stroke | {median(shown):.2f} s | {max(shown):.2f} s | {median(ready):.2f} s |", flush=True)
        browser.close()
    print(f"\nKept in memory of a visitor who does nothing: {kept_megabytes(given.photo):.0f} MB.")


def settle(page: Page) -> None:
    page.wait_for_timeout(500)
    page.wait_for_function(
        "!document.querySelector('#download').disabled",
        timeout=120_000,
    )


def measure(page: Page, name: str, value: str) -> tuple[float, float]:
    shown, ready = page.evaluate(TIMED, [name, value])
    page.wait_for_timeout(100)
    return shown / 1000, ready / 1000


def strokes(page: Page, rounds: int) -> list[tuple[float, float]]:
    """From letting go of the brush until the new edges are seen, and until their file is ready."""
    page.click("#tool-touch")
    picture = page.locator("#touch-up .removed").bounding_box()
    assert picture
    times = []
    for number in range(rounds):
        page.evaluate(STROKED)
        x, y = picture["x"] + picture["width"] * 0.5, picture["y"] + picture["height"] * (0.3 + 0.4 * number / rounds)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y, steps=5)
        page.mouse.up()
        shown, ready = page.evaluate("window.stroked")
        times.append((shown / 1000, ready / 1000))
        settle(page)
    return times


def kept_megabytes(photo: Path) -> float:
    """The arrays that one visit holds on to, after a result and a change of its look."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        upload = Path(folder) / "upload" / photo.name
        upload.parent.mkdir()
        upload.write_bytes(photo.read_bytes())
        visit = asyncio.run(settled(upload))
    done = visit.done
    assert done.photo and done.preview
    mattes = [array for matte in done.mattes.values() for array in (matte.alpha, *matte.features)]
    arrays = [done.photo.shown.rgb, done.preview.cutout.rgba, *mattes]
    owners = {id(owner): owner for owner in map(owned, arrays)}
    return sum(np.asarray(owner).nbytes for owner in owners.values()) / 1e6


async def settled(upload: Path) -> Visit:
    """The visit of someone who chose a photo, and then another background."""
    visits, tab = Visits(3600), "benchmark" * 3
    for number, look in enumerate(({}, {"background": "blur"}), 1):
        await visits.want({"tab": tab, "number": number, "photo": {"path": str(upload)}, "look": look})
        news = await visits.follow({"tab": tab})
        while not news["view"]["settled"]:
            news = await visits.follow({"tab": tab, "visit": news["visit"], "revision": news["revision"]})
    visits.stop()
    return visits._visits[tab]


def owned(array: object) -> object:
    """The array whose memory `array` is a view of."""
    while getattr(array, "base", None) is not None:
        array = array.base  # type: ignore[attr-defined]
    return array


if __name__ == "__main__":
    main()
