"""Pictures of which the true opacity is known, and for composites the subject's own colours too.

A composite is a subject that was photographed before a known screen, put before another photo: out of focus or not,
with sensor noise or without, through JPEG. The same numbers always give the same picture.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bgdemo.decode import decode
from bgdemo.images import Alpha, Photo, Pixels

BACKGROUNDS = 20
"""How many photos of a folder serve as backgrounds."""

ENLARGED_PIXELS = 12_000_000

BLURS = (0, 0, 3, 8)
"""Radii in pixels of the lens's disc of confusion, of which each composite gets one."""

NOISES = (0.0, 0.0, 3.0, 7.0)
"""Standard deviations of sensor noise in levels of 255, alike."""

QUALITIES = (75, 95)
"""The least and the greatest quality of the JPEG."""

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Example:
    """A picture with its true matte: `truth` is float32 H×W in [0, 1], `unknown` bool H×W, the trimap's middle."""

    name: str
    photo: Photo
    truth: Alpha
    unknown: Array

    @cached_property
    def slope(self) -> Array:
        return gradient(self.truth)


@dataclass(frozen=True, eq=False)
class Composite(Example):
    """An example of which `foreground` (uint8 H×W×3) is known too; `name` is that of the subject's matte."""

    foreground: Pixels


@cache
def examples(folder: Path) -> Sequence[Example]:
    """Those in images/, alpha/ and trimap/ of `folder`, by equal file names."""
    found = []
    for path in sorted((folder / "images").iterdir()):
        truth = np.asarray(Image.open(folder / "alpha" / path.name).convert("L"), np.float32) / 255
        trimap = np.asarray(Image.open(folder / "trimap" / path.name).convert("L"))
        found.append(Example(path.stem, decode(path), truth, (trimap > 0) & (trimap < 255)))
    return found


def gradient(alpha: Alpha) -> Array:
    """The magnitude of the gradient of a Gaussian, σ = 1.4 (Rhemann et al. 2009)."""
    from scipy.ndimage import gaussian_gradient_magnitude

    return np.asarray(gaussian_gradient_magnitude(alpha, 1.4))


@cache
def true_foreground(example: Example) -> Pixels:
    """The subject's own colours, by closed-form estimation with the true alpha: uint8 H×W×3."""
    from pymatting import estimate_foreground_cf

    colours = estimate_foreground_cf(example.photo.rgb / 255.0, example.truth.astype(np.float64))
    return np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)


def composites(mattes: Path, photos: Path, number: int, enlarged: int = 0) -> Iterator[Composite]:
    """Each subject in `mattes` before `number` of the backgrounds in `photos`.

    Or, if `enlarged`, so many of the subjects before one each, at `ENLARGED_PIXELS`. The subjects take the backgrounds
    in turn, so that few composites see many of them.
    """
    data, paths = examples(mattes), backgrounds(photos)
    places = [number * len(data) // enlarged for number in range(enlarged)] if enlarged else range(len(data))
    number = 1 if enlarged else number
    for place in places:
        for turn in range(number):
            background = decode(paths[(place * number + turn) % len(paths)]).rgb
            pixels = ENLARGED_PIXELS if enlarged else 0
            yield compose(data[place], true_foreground(data[place]), background, (place, turn), pixels)


def backgrounds(folder: Path) -> Sequence[Path]:
    """At most `BACKGROUNDS` photos from anywhere in `folder`, spread evenly over their names."""
    known = Image.registered_extensions()
    paths = sorted(path for path in folder.rglob("*.*") if path.suffix.lower() in known)
    count = min(BACKGROUNDS, len(paths))
    return [paths[number * len(paths) // count] for number in range(count)]


def compose(
    example: Example, foreground: Pixels, background: Pixels, seed: Sequence[int], pixels: int = 0
) -> Composite:
    """The subject of `example`, with its own colours `foreground`, before the middle of `background`.

    All choices follow from the numbers in `seed`. With `pixels`, everything is enlarged to so many first.
    """
    chance = np.random.default_rng(seed)
    radius, noise = chance.choice(BLURS), chance.choice(NOISES)
    quality = int(chance.integers(*QUALITIES, endpoint=True))
    size = example.photo.size
    fitted = np.asarray(ImageOps.fit(Image.fromarray(background), size, Image.Resampling.LANCZOS))
    behind = out_of_focus(fitted, radius)
    truth, unknown = example.truth, example.unknown
    if pixels:
        factor = (pixels / (size[0] * size[1])) ** 0.5
        size = round(size[0] * factor), round(size[1] * factor)
        truth, foreground, behind = (_enlarged(plane, size) for plane in (truth, foreground, behind))
        unknown = cv2.resize(unknown.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    share = truth[..., None]
    picture = share * foreground + (1 - share) * behind
    picture += chance.normal(0, noise, picture.shape).astype(np.float32)
    file = io.BytesIO()
    Image.fromarray(_levels(picture)).save(file, "JPEG", quality=quality)
    return Composite(example.name, decode(file.getvalue()), truth, unknown, foreground)


def out_of_focus(rgb: Pixels, radius: float) -> Pixels:
    """`rgb` as a lens blurs it: by a disc, and in linear light, so that what is bright stays bright."""
    if not radius:
        return rgb
    reach = np.arange(-int(radius) - 1, int(radius) + 2)
    disc = np.clip(radius + 0.5 - np.hypot(*np.meshgrid(reach, reach)), 0, 1).astype(np.float32)
    light = (rgb / np.float32(255)) ** np.float32(2.2)
    light = cv2.filter2D(light, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return _levels(255 * np.maximum(light, 0) ** np.float32(1 / 2.2))


def _enlarged(plane: Array, size: tuple[int, int]) -> Array:
    larger = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC)
    return larger if larger.dtype == np.uint8 else np.clip(larger, 0, 1)


def _levels(colours: Array) -> Pixels:
    return np.rint(np.clip(colours, 0, 255)).astype(np.uint8)
