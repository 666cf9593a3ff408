"""Few colours in place of many, for small PNG files."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from bgdemo.images import Pixels

LEVELS = 16
"""Steps of opacity at most, between transparent and opaque."""

SAMPLE = 2**15
"""Pixels that colours are chosen from."""

REFINEMENTS = 2
"""Rounds of k-means that move the colours of the median cut to the middle of what they stand for."""


def with_palette(pixels: Pixels, count: int) -> Image.Image:
    """`pixels`, uint8 H×W×4, in 8 ≤ `count` ≤ 256 colours with their opacities at most, as a Pillow image of mode P.

    The colours are those of the median cut (Heckbert, 1982), which knows no opacity: what is soft is divided by that
    first, and has a quarter of the palette. What is transparent stays so, and what is opaque.
    """
    alpha = pixels[..., 3]
    steps = min(LEVELS, count // 4)
    level = np.where(alpha == 255, steps, alpha.astype(np.uint16) * steps // 255).astype(np.uint8)
    colors = np.full(steps + 1, count // 4 // steps)
    colors[steps] = count - 1 - count // 4  # one is for what is transparent

    numbers = np.zeros(alpha.shape, np.uint8)
    palette = [] if alpha.all() else [np.zeros((1, 4), np.uint8)]
    for step in range(steps + 1):
        here = (level == step) & (alpha > 0)
        if here.any():
            few = _median_cut(pixels[here][:, :3], int(colors[step]))
            numbers[here] = np.asarray(few)[0] + sum(map(len, palette))
            palette.append(_with_opacity(few, round(float(alpha[here].mean()))))
    image = Image.fromarray(numbers)
    entries = np.vstack(palette)
    mode = "RGB" if entries[:, 3].min() == 255 else "RGBA"
    image.putpalette(entries[:, : len(mode)].tobytes(), mode)
    return image


def _median_cut(rgb: Pixels, count: int) -> Image.Image:
    """The colours `rgb`, uint8 n×3, as an image of one row and at most `count` colours."""
    sample = Image.fromarray(rgb[None, :: math.ceil(len(rgb) / SAMPLE)])
    palette = sample.quantize(count, Image.Quantize.MEDIANCUT, REFINEMENTS)
    return Image.fromarray(rgb[None]).quantize(palette=palette, dither=Image.Dither.NONE)


def _with_opacity(image: Image.Image, opacity: int) -> Pixels:
    """The palette of an image of mode P: uint8 n×4."""
    assert image.palette
    colors = np.frombuffer(bytes(image.palette.palette), np.uint8).reshape(-1, 3)
    return np.pad(colors, ((0, 0), (0, 1)), constant_values=opacity)
