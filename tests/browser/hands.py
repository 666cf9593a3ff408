"""What a visitor's mouse and fingers do on the stage."""

from typing import Any

from playwright.sync_api import Page

Point = tuple[float, float]
VIEWPORT = "#viewport"


def place(page: Page, x: float, y: float) -> Point:
    """Where the point (x, y) of the photo, in fractions of its sides, is seen."""
    rect = page.evaluate("visit.stage.rect()")
    return rect["left"] + x * rect["width"], rect["top"] + y * rect["height"]


def width_shown(page: Page) -> float:
    return float(page.evaluate("visit.stage.rect().width"))


def drag(page: Page, *points: Point, release: bool = True) -> None:
    """The mouse goes down at the first of `points`, over the others, and up at the last."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    if release:
        page.mouse.up()


class Fingers:
    """Fingers on a phone's screen: each call says where all of them are now."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)

    def _send(self, kind: str, points: tuple[Point, ...]) -> None:
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        message: dict[str, Any] = {"type": kind, "touchPoints": fingers}
        self.devtools.send("Input.dispatchTouchEvent", message)

    def put(self, *points: Point) -> None:
        self._send("touchStart", points)

    def lift(self) -> None:
        self._send("touchEnd", ())

    def move(self, *ends: tuple[Point, Point], steps: int = 8) -> None:
        """Every finger from one point to another, a frame of the screen at a time."""
        for step in range(1, steps + 1):
            share = step / steps
            self._send("touchMove", tuple((a + (c - a) * share, b + (d - b) * share) for (a, b), (c, d) in ends))
            self.page.evaluate("new Promise(requestAnimationFrame)")

    def swipe(self, start: Point, end: Point) -> None:
        """One finger goes from `start` to `end`, and rests before it is lifted: nothing goes on by itself."""
        self.put(start)
        self.move((start, end))
        self.move((end, end))
        self.lift()

    def pinch(self, middle: Point, before: float, after: float) -> None:
        """Two fingers go from `before` to `after` pixels on either side of `middle`."""
        x, y = middle
        self.put((x - before, y))
        self.put((x - before, y), (x + before, y))
        self.move(((x - before, y), (x - after, y)), ((x + before, y), (x + after, y)))
        self.lift()
