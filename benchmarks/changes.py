"""Many changes from several browsers side by side: does every one of them end in the right file?

    python benchmarks/changes.py [--browsers 4] [--changes 500] [--held 0.8]

Every browser works on a photo of its own. A change is a background colour, at times several in quick succession; it
ends when the button is on again, and then the file behind it must have the last colour in its corner. The first
browser's answers are all held back by `--held` seconds; the second goes offline before every tenth change, and comes
back after it. It talks to a server of its own on this machine alone, and stops by itself.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, Route, sync_playwright  # noqa: E402

from tests.browser.conftest import ARGUMENTS, find_chromium  # noqa: E402
from tests.server import EXAMPLES, serve  # noqa: E402

CORNER = """async () => {
  const [button] = [document.querySelector("#download")];
  const file = await new Promise((found) => {
    HTMLAnchorElement.prototype.click = function () { found(this.href); };
    button.click();
  });
  const picture = await createImageBitmap(await (await fetch(file)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const [r, g, b] = context.getImageData(3, 3, 1, 1).data;
  return "#" + [r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("");
}"""

CHOOSE = """(color) => {
  const { elements } = document.querySelector("#finishing form");
  elements.background.value = "color";
  elements.color.value = color;
  elements.color.dispatchEvent(new Event("change", { bubbles: true }));
  return document.querySelector("#download").disabled;
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--browsers", type=int, default=4)
    options.add_argument("--changes", type=int, default=500)
    options.add_argument("--held", type=float, default=0.8)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as app:
        jobs = [(app.url, number, given.changes, given.held) for number in range(given.browsers)]
        with multiprocessing.get_context("spawn").Pool(given.browsers) as pool:
            results = pool.starmap(visit, jobs)
    print("| browser | changes | wrong files | button left on | slowest change |\n|---|---|---|---|---|")
    kinds = {0: f"1, answers held back {given.held} s", 1: "2, offline at every tenth"}
    for number, (wrong, left_on, slowest) in enumerate(results):
        print(f"| {kinds.get(number, number + 1)} | {given.changes} | {wrong} | {left_on} | {slowest:.1f} s |")


def visit(url: str, number: int, changes: int, held: float) -> tuple[int, int, float]:
    """One browser's work: how many files were wrong, how often the button stayed on, and the longest wait."""
    chance = random.Random(number)
    wrong = left_on = 0
    slowest = 0.0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        page.set_input_files("#photo input[type=file]", EXAMPLES / ("kucing.jpg", "astronaut.jpg")[number % 2])
        ready(page)
        if number == 0:
            page.route("**/component_server/", lambda route: answer_late(page, route, held))
        for change in range(changes):
            offline = number == 1 and change % 10 == 9
            page.context.set_offline(offline)
            began = time.perf_counter()
            for _ in range(chance.choice((1, 1, 2, 4))):
                color = f"#{chance.randrange(1 << 24):06x}"
                left_on += not page.evaluate(CHOOSE, color)
            if offline:
                page.wait_for_timeout(300)
                page.context.set_offline(False)
            ready(page)
            slowest = max(slowest, time.perf_counter() - began)
            wrong += distance(page.evaluate(CORNER), color) > 2
        browser.close()
    return wrong, left_on, slowest


def distance(found: str, color: str) -> int:
    """In levels; a photo's own colour profile may round by one."""
    return max(abs(one - other) for one, other in zip(bytes.fromhex(found[1:]), bytes.fromhex(color[1:]), strict=True))


def answer_late(page: Page, route: Route, seconds: float) -> None:
    response = route.fetch()
    page.wait_for_timeout(1000 * seconds)
    route.fulfill(response=response)


def ready(page: Page) -> None:
    page.wait_for_function("!document.querySelector('#download').disabled")


if __name__ == "__main__":
    main()
