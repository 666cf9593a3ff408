"""Few colours in place of many, for small PNG files."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from bgdemo.images import Pixels

SAMPLE = 2**16
"""Pixels that the colours are chosen from."""

REFINEMENTS = 2
"""Rounds of k-means that move the colours of the median cut to the middle of what they stand for."""


def with_palette(pixels: Pixels, count: int) -> Image.Image:
    """`pixels`, uint8 H×W×4, in 4 ≤ `count` ≤ 256 colours with their opacities at most, as a Pillow image of mode P.

    What is opaque takes its colours from the median cut (Heckbert, 1982), which knows no opacity; what is soft takes a
    quarter of the palette, from an octree (Gervautz and Purgathofer, 1988); what is transparent stays so.
    """
    alpha = pixels[..., 3]
    numbers, entries = np.zeros(alpha.shape, np.uint8), np.zeros((0, 4), np.uint8)
    if not alpha.all():
        entries = np.zeros((1, 4), np.uint8)
    soft = (alpha > 0) & (alpha < 255)
    if soft.any():
        few = Image.fromarray(pixels[soft][None]).quantize(count // 4, Image.Quantize.FASTOCTREE)
        numbers[soft] = np.asarray(few)[0] + len(entries)
        entries = np.vstack([entries, _entries(few)])
    opaque = alpha == 255
    if opaque.any():
        few = _median_cut(pixels, opaque, count - len(entries))
        numbers[opaque] = np.asarray(few)[opaque] + len(entries)
        entries = np.vstack([entries, _entries(few)])
    image = Image.fromarray(numbers)
    if (entries[:, 3] < 255).any():
        image.putpalette(entries.tobytes(), "RGBA")
    else:
        image.putpalette(entries[:, :3].tobytes())
    return image


def _median_cut(pixels: Pixels, among: Pixels, count: int) -> Image.Image:
    """All `pixels` in `count` colours of those `among` them."""
    step = math.ceil(math.sqrt(among.size / SAMPLE))
    chosen = among[::step, ::step]
    sample = pixels[::step, ::step][chosen] if chosen.any() else pixels[among]
    sample, rgb = (np.ascontiguousarray(part[..., :3]) for part in (sample[None], pixels))
    palette = Image.fromarray(sample).quantize(count, Image.Quantize.MEDIANCUT, REFINEMENTS)
    return Image.fromarray(rgb).quantize(palette=palette, dither=Image.Dither.NONE)


def _entries(image: Image.Image) -> Pixels:
    """The palette of a Pillow image: uint8 n×4."""
    assert image.palette
    entries = np.frombuffer(bytes(image.palette.palette), np.uint8).reshape(-1, len(image.palette.mode))
    return entries if entries.shape[1] == 4 else np.pad(entries, ((0, 0), (0, 1)), constant_values=255)
