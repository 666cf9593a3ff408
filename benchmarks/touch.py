"""What strokes mend, as Markdown tables: strokes that a person might draw, made up from the ground truth.

    python benchmarks/touch.py --saliency DIR --matting DIR --photo PHOTO.jpg [--half 0|1]

Each option is optional; the folders are those of quality.py. One stroke at a time is drawn straight through the
thickest part of the largest error, half as wide as that is thick, but 1 to 3 % of the photo; it is held against mere
paint, where strokes change what they cover and nothing else. `--half` takes every second photo, to choose constants on
one half and judge them on the other. `--photo` is enlarged to 12 megapixels and timed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.quality import examples, iou, masks, print_table
from bgdemo.decode import decode
from bgdemo.images import Matte, Photo, Pixels
from bgdemo.matte import matting
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import Stroke, TouchUp, paint, touch_up
from bgdemo.page.stages import SCREEN_SIDE
from bgdemo.pipeline import preview, render, segment
from bgdemo.recipes import Recipe

DIFFICULT = 0.85
"""IoU of the best model below which a photo is worth a stroke."""

STROKES = 6
LONGEST = 0.25
"""Of a stroke, in longer sides of the photo."""

Array = NDArray[Any]
Method = Callable[[Photo, Matte, Sequence[Stroke]], Pixels]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("matting", "saliency", "photo"):
        options.add_argument(f"--{name}", type=Path)
    options.add_argument("--half", type=int, choices=(0, 1))
    given = options.parse_args()
    if given.saliency:
        report_strokes(given.saliency, given.half)
    if given.matting:
        report_right_subjects(given.matting)
    if given.photo:
        report_time(given.photo)


def touched(photo: Photo, matte: Matte, strokes: Sequence[Stroke]) -> Pixels:
    """The matte that every door gives for these strokes."""
    prediction = touch_up(photo.rgb, matte.alpha, matte.features, TouchUp(tuple(strokes)))
    return paint(matting.refine(photo.rgb, prediction), strokes)


def painted(photo: Photo, matte: Matte, strokes: Sequence[Stroke]) -> Pixels:
    """Mere paint."""
    return paint(matting.refine(photo.rgb, matte.alpha), strokes)


def next_stroke(alpha: Pixels, truth: Array) -> Stroke | None:
    """A stroke through the thickest part of the largest error of `alpha` against `truth` (bool h×w), if any."""
    found = alpha > 127
    area, error, keep = 20, None, False  # pixels: smaller errors are those of the ground truth
    for kind, wrong in ((True, truth & ~found), (False, found & ~truth)):
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=4)
        sizes = statistics[1:, cv2.CC_STAT_AREA]
        if sizes.size and sizes.max() > area:
            area, error, keep = int(sizes.max()), labels == 1 + int(sizes.argmax()), kind
    if error is None:
        return None
    height, width = error.shape
    longer = max(height, width)
    depth = cv2.distanceTransform(np.pad(error.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    thickness = float(np.clip(depth[y, x] / longer, 0.01, 0.03))
    inner = depth >= min(0.6 * depth[y, x], thickness * longer / 2 + 1)

    def reach(angle: float) -> tuple[float, float]:
        step, at = 0, (float(x), float(y))
        while step < LONGEST / 2 * longer:
            step += 1
            column, row = round(x + step * np.cos(angle)), round(y + step * np.sin(angle))
            if not (0 <= column < width and 0 <= row < height and inner[row, column]):
                break
            at = column, row
        return at

    lines = [(reach(angle), reach(angle + np.pi)) for angle in np.linspace(0, np.pi, 36, endpoint=False)]
    line = max(lines, key=lambda ends: np.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]))
    return Stroke(keep, thickness, [((column + 0.5) / width, (row + 0.5) / height) for column, row in line])


def report_strokes(folder: Path, half: int | None) -> None:
    """Mean IoU after so many strokes, and how often a stroke did harm; and what choosing between candidates brings."""
    methods: dict[str, Method] = {"mere paint": painted, "ours": touched}
    overlaps: dict[str, list[list[float]]] = {name: [] for name in methods}
    candidates = []
    pairs = masks(folder)
    for image, mask in pairs if half is None else pairs[half::2]:
        photo, truth = decode(image), np.asarray(Image.open(mask).convert("L")) > 127
        known: dict[str, Matte] = {}
        matte = segment(photo, Recipe(), known=known)
        models = (DEFAULT_MODEL, *MODELS[DEFAULT_MODEL].parts)
        candidates.append([iou(matting.refine(photo.rgb, known[model].alpha), truth) for model in models])
        if candidates[-1][0] >= DIFFICULT:
            continue
        for name, method in methods.items():
            overlaps[name].append(after_strokes(method, photo, matte, truth))
    difficult = len(overlaps["ours"])
    print(f"\n### Strokes, {difficult} photos on which {DEFAULT_MODEL} is below {DIFFICULT} (of {len(candidates)})\n")
    rows = []
    for name, figures in overlaps.items():
        means = np.mean(figures, axis=0)
        harm = float(np.mean(np.diff(figures, axis=1) < -0.02))
        rows.append([name, *(f"{mean:.3f}" for mean in means), f"{harm:.1%}"])
    print_table(("mean IoU after", *(str(count) for count in range(STROKES + 1)), "strokes that harm"), rows)
    print(f"\n### Did you mean …, {len(candidates)} photos\n")
    print_table(
        ("chosen", "mean IoU"),
        [
            [DEFAULT_MODEL, f"{np.mean(candidates, axis=0)[0]:.3f}"],
            ["the best of three", f"{np.mean(np.max(candidates, 1)):.3f}"],
        ],
    )


def after_strokes(method: Method, photo: Photo, matte: Matte, truth: Array) -> list[float]:
    """IoU before the first stroke, and after each."""
    strokes: list[Stroke] = []
    alpha = method(photo, matte, strokes)
    overlaps = [iou(alpha, truth)]
    for _ in range(STROKES):
        stroke = next_stroke(alpha, truth)
        if stroke:
            strokes.append(stroke)
            alpha = method(photo, matte, strokes)
        overlaps.append(iou(alpha, truth))
    return overlaps


def report_right_subjects(folder: Path) -> None:
    """What a stroke in the middle of a subject that was right already does to its soft edges."""
    rows = []
    for example in examples(folder):
        photo, truth = example.photo, example.truth
        matte = segment(photo, Recipe())
        before = matting.refine(photo.rgb, matte.alpha)
        if iou(before, truth) < DIFFICULT:
            continue
        sure = np.pad(((before == 255) & (truth == 1)).astype(np.uint8), 1)
        depth = cv2.distanceTransform(sure, cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        height, width = depth.shape
        ends = [((x + 0.5 + side * depth[y, x] / 2) / width, (y + 0.5) / height) for side in (-1, 1)]
        after = touched(photo, matte, [Stroke(True, 0.02, ends)])
        errors = [float(np.mean((alpha / 255 - truth) ** 2)) for alpha in (before, after)]
        rows.append([example.name, *(f"{error:.5f}" for error in errors), f"{errors[1] / errors[0] - 1:+.2%}"])
    print(f"\n### One stroke in the middle of a subject that is right, {len(rows)} mattes\n")
    print_table(("photo", "MSE before", "after", "change"), rows)


def report_time(path: Path) -> None:
    """How long a stroke takes until the preview is refined, and the file's matte."""
    photo = decode(path)
    scale = (12e6 / (photo.size[0] * photo.size[1])) ** 0.5
    size = round(photo.size[0] * scale), round(photo.size[1] * scale)
    photo = replace(
        photo, rgb=np.asarray(Image.fromarray(photo.rgb).resize(size, Image.Resampling.LANCZOS)), alpha=None
    )
    shown, matte = preview(photo, SCREEN_SIDE), segment(photo, Recipe())
    rows = []
    for name, picture in (("preview", shown), ("full size", photo)):
        seconds: list[list[float]] = [[], []]
        for count in range(7):
            strokes = (Stroke(True, 0.02, [(0.3 + 0.05 * count, 0.5), (0.5, 0.4)]),)
            for index, touch in enumerate((TouchUp(), TouchUp(strokes))):
                start = time.perf_counter()
                render(picture, matte, Recipe(touch_up=touch))
                seconds[index].append(time.perf_counter() - start)
        rows.append([name, *(f"{median(times):.2f}" for times in seconds)])
    print("\n### 12 megapixels, seconds from the prediction to the cutout, median of 7\n")
    print_table(("", "without strokes", "with one"), rows)


if __name__ == "__main__":
    main()
