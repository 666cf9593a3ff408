"""How well a photo of the empty scene tells the subject, as Markdown tables: scenes composed of photos and true masks.

    python benchmarks/plate.py --saliency DIR --photos DIR [--scenes N] [--half 0|1] [--best N] [--photo PHOTO.jpg]

`--saliency` is as for quality.py; its subjects are put before photos of `--photos`, of which the plate is another
picture: moved and turned by up to three pixels, exposed otherwise, with noise of its own, and without the subject's
shadow. Each table row changes one thing more. `--half` takes every second scene, to choose constants on one half and
judge them on the other; `--best` lets the default model try the first so many of them, without the plate. Plates of
other scenes have to be told. `--photo` is enlarged to 12 megapixels and timed.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.composites import backgrounds
from benchmarks.quality import iou, masks, print_table
from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Photo, Pixels
from bgdemo.matte import matting
from bgdemo.matte.foreground import estimate_foreground
from bgdemo.matte.plate import subtract
from bgdemo.pipeline import render, segment
from bgdemo.recipes import Recipe

MARGIN = 16
"""Pixels around a scene from which the plate may show something."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Conditions:
    """Under which a scene and its plate are taken.

    `shift` is in pixels, `turn` in degrees, `exposure` and `balance` (of each channel) as greatest factor less one,
    `noise` in levels; `shadow` is by how much the darkest one darkens; `quality` is the least of the JPEGs, or 0.
    The scene is `dimmed` by a factor, its `texture` made stronger or, with 0, taken away; the subject's mean colour is
    made `alike` to what is behind it; it takes `share` of the picture if that is not 0. The plate is `scaled`.
    """

    shift: float = 3.0
    turn: float = 0.2
    exposure: float = 0.1
    balance: float = 0.0
    noise: float = 2.0
    shadow: float = 0.4
    quality: int = 0
    dimmed: float = 1.0
    texture: float = 1.0
    alike: bool = False
    share: float = 0.0
    scaled: float = 1.0


USUAL = Conditions()

ROWS: Mapping[str, Conditions] = {
    "moved, exposed otherwise, noise, shadow": USUAL,
    "JPEG 85–95": replace(USUAL, quality=85),
    "JPEG, colour balance ± 5 %": replace(USUAL, quality=85, balance=0.05),
    "JPEG, noise of 5": replace(USUAL, quality=85, noise=5.0),
    "JPEG, dark": replace(USUAL, quality=85, dimmed=0.3),
    "JPEG, flat background": replace(USUAL, quality=85, texture=0.0),
    "JPEG, much texture": replace(USUAL, quality=85, texture=2.5),
    "JPEG, mean colour of what is behind": replace(USUAL, quality=85, alike=True),
    "JPEG, 60 % of the picture": replace(USUAL, quality=85, share=0.6),
    "JPEG, shadow of 60 %": replace(USUAL, quality=85, shadow=0.6),
    "JPEG, plate half as large": replace(USUAL, quality=85, scaled=0.5),
}


@dataclass(frozen=True, eq=False)
class Scene:
    """`photo` of a subject, of which `truth` is the mask (bool H×W), and `plate` of the same place without it."""

    photo: Photo
    plate: Photo
    truth: Array


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("saliency", "photos", "photo"):
        options.add_argument(f"--{name}", type=Path)
    options.add_argument("--scenes", type=int, default=40, metavar="N")
    options.add_argument("--best", type=int, default=0, metavar="N")
    options.add_argument("--half", type=int, choices=(0, 1))
    given = options.parse_args()
    if given.saliency and given.photos:
        numbers = [n for n in range(given.scenes) if given.half is None or n % 2 == given.half]
        report_scenes(given.saliency, given.photos, numbers, given.best)
        report_others(given.saliency, given.photos, numbers)
    if given.photo:
        report_time(given.photo)


# ---- scenes ---------------------------------------------------------------------------------------------------------


def scene(saliency: Path, photos: Path, number: int, conditions: Conditions) -> Scene:
    """The scene of that number: the same subject, background and chances whatever the conditions."""
    chance = np.random.default_rng(number)
    subjects, places = masks(saliency), backgrounds(photos)
    subject, truth = subjects[number * 7 % len(subjects)]
    photo = decode(subject)
    mask = np.asarray(Image.open(truth).convert("L").resize(photo.size)) >= 128
    rgb, mask = enlarged(photo.rgb, mask, conditions.share) if conditions.share else (photo.rgb, mask)
    height, width = mask.shape
    around = decode(places[(number * 3 + number // len(places)) % len(places)]).rgb
    frame = (width + 2 * MARGIN, height + 2 * MARGIN)
    place = np.asarray(ImageOps.fit(Image.fromarray(around), frame, Image.Resampling.LANCZOS)).astype(np.float32)
    smooth = cv2.GaussianBlur(place, (0, 0), width / 12)
    place = np.clip((smooth + conditions.texture * (place - smooth)) * conditions.dimmed, 0, 255)

    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
    own = estimate_foreground(rgb, np.rint(alpha * 255).astype(np.uint8)).astype(np.float32) * conditions.dimmed
    behind = place[MARGIN:-MARGIN, MARGIN:-MARGIN]
    if conditions.alike:
        own = np.clip(own + behind[mask].mean(axis=0) - own[mask].mean(axis=0), 0, 255)
    move = np.float32([[1, 0, chance.uniform(-0.1, 0.1) * width], [0, 1, 0.08 * height]])
    shade = cv2.GaussianBlur(cv2.warpAffine(alpha, move, (width, height)), (0, 0), chance.uniform(0.005, 0.03) * width)
    lit = behind * (1 - conditions.shadow * shade[..., None])
    front = alpha[..., None] * own + (1 - alpha[..., None]) * lit

    angle = chance.uniform(-conditions.turn, conditions.turn)
    turn = cv2.getRotationMatrix2D((frame[0] / 2, frame[1] / 2), angle, 1.0)
    turn[:, 2] += chance.uniform(-conditions.shift, conditions.shift, 2)
    empty = cv2.warpAffine(place, turn, frame, flags=cv2.INTER_CUBIC)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    gain = 1 + chance.uniform(-conditions.exposure, conditions.exposure)
    empty = empty * (gain * (1 + chance.uniform(-conditions.balance, conditions.balance, 3)))
    if conditions.scaled != 1:
        size = round(width * conditions.scaled), round(height * conditions.scaled)
        empty = cv2.resize(empty, size, interpolation=cv2.INTER_AREA)
    return Scene(*(taken(picture, conditions, chance) for picture in (front, empty)), mask)


def enlarged(rgb: Pixels, mask: Array, share: float) -> tuple[Pixels, Array]:
    """Cut out and enlarged, so that the subject takes `share` of the picture, or what it can of that."""
    ys, xs = np.nonzero(mask)
    height, width = mask.shape
    for factor in np.arange(1.0, 4.0, 0.05):
        wide, high = width / factor, height / factor
        left = int(np.clip((xs.min() + xs.max()) / 2 - wide / 2, 0, width - wide))
        top = int(np.clip((ys.min() + ys.max()) / 2 - high / 2, 0, height - high))
        part = slice(top, top + int(high)), slice(left, left + int(wide))
        if mask[part].mean() >= share:
            break
    cut = cv2.resize(rgb[part], (width, height), interpolation=cv2.INTER_CUBIC)
    return cut, cv2.resize(mask[part].astype(np.float32), (width, height)) >= 0.5


def taken(picture: Array, conditions: Conditions, chance: np.random.Generator) -> Photo:
    """`picture` with sensor noise, in levels, and through JPEG."""
    noisy = picture + chance.normal(0, conditions.noise, picture.shape)
    levels = np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)
    if not conditions.quality:
        return Photo(levels)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=int(chance.integers(conditions.quality, 96)))
    return decode(file.getvalue())


# ---- reports --------------------------------------------------------------------------------------------------------


def report_scenes(saliency: Path, photos: Path, numbers: list[int], best: int) -> None:
    print(f"\n{len(numbers)} scenes: IoU of what is left of the photo with the true mask\n")
    print_table(
        ("conditions", "mean IoU", "least", "IoU ≥ 0.9", "refused"),
        (
            row(name, [scored(scene(saliency, photos, number, conditions)) for number in numbers])
            for name, conditions in ROWS.items()
        ),
    )
    if best:
        print(f"\nThe first {best}, usual conditions, mean IoU\n")
        scenes = [scene(saliency, photos, number, USUAL) for number in numbers[:best]]
        without = [iou(render(s.photo, segment(s.photo, Recipe()), Recipe()).rgba[..., 3], s.truth) for s in scenes]
        with_ = [scored(s) or 0.0 for s in scenes]
        print_table(("with the plate", "“best”, without"), [(f"{np.mean(with_):.3f}", f"{np.mean(without):.3f}")])


def row(name: str, scores: list[float | None]) -> tuple[str, ...]:
    told = np.array([score for score in scores if score is not None] or [0.0])
    refused = str(sum(score is None for score in scores))
    return name, f"{told.mean():.3f}", f"{told.min():.3f}", f"{(told >= 0.9).mean():.0%}", refused


def scored(one: Scene) -> float | None:
    """IoU; None where the plate was refused."""
    try:
        matte = subtract(one.photo, one.plate)
    except UserError:
        return None
    return iou(matting.refine(one.photo.rgb, matte.alpha), one.truth)


def others(saliency: Path, photos: Path, numbers: list[int]) -> Iterator[tuple[Photo, Photo]]:
    """Each scene's photo, and the plate of another one, of the same size."""
    conditions = replace(USUAL, quality=85)
    for number in numbers:
        one, other = (scene(saliency, photos, n, conditions) for n in (number, number + 5))
        yield one.photo, Photo(np.asarray(ImageOps.fit(Image.fromarray(other.plate.rgb), one.photo.size)))


def report_others(saliency: Path, photos: Path, numbers: list[int]) -> None:
    told = 0
    for photo, plate in others(saliency, photos, numbers):
        try:
            subtract(photo, plate)
        except UserError:
            told += 1
    print(f"\nPlates of another scene: {told} of {len(numbers)} told\n")


def report_time(path: Path) -> None:
    rgb = decode(path).rgb
    scale = (12e6 / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    photo, plate = Photo(rgb), Photo(cv2.flip(cv2.GaussianBlur(cv2.flip(rgb, 1), (0, 0), 1), 1))
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        subtract(photo, plate)
        seconds.append(time.perf_counter() - begun)
    print(f"\n12 megapixels: {median(seconds):.2f} s\n")


if __name__ == "__main__":
    main()
