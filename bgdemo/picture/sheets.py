"""Prints of a picture, or of several, on one sheet of the paper that photo shops print on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture, Pixels, Printed
from bgdemo.picture.compositing import Layer, stack
from bgdemo.picture.looks import check_pixels
from bgdemo.picture.papers import Lengths, Paper, arrange, at_least, capacity

MARK_MM = 1.2
"""Length of a mark to cut along: it ends before the next print."""

GREY = (150, 150, 150, 255)


class Print(NamedTuple):
    """A picture and how often it is on a sheet: None is as often as fits.

    `size` is its width and height in mm; without one it is what its pixels are.
    """

    picture: Picture
    times: int | None = None
    size: Lengths | None = None


def print_sheet(pictures: Sequence[Print], paper: Paper, dpi: float) -> Picture:
    """The pictures on `paper`, with marks to cut along.

    The sheet has `dpi` pixels per inch, and so have the pictures, none of which is scaled; what a scanner wrote into
    the photo says nothing about prints. Raises UserError if they do not fit, or if the sheet has too many pixels.
    """
    per_mm = dpi / 25.4
    prints = []
    for picture, times, size in pictures:
        height, width = picture.pixels.shape[:2]
        size = size or at_least(width, height, dpi)
        prints.append((size, capacity(paper, size) if times is None else times))
    if not all(count for _, count in prints):
        raise UserError("error.sheet_too_small", paper=paper.name)
    arrangement = arrange(paper, prints)
    width, height = round(arrangement.width * per_mm), round(arrangement.height * per_mm)
    check_pixels(width, height)
    sheet = np.full((height, width, 4), 255, np.uint8)
    drawn = [_on_paper(each.picture.pixels) for each in pictures]
    for place in arrangement.places:
        pixels = drawn[place.size]
        left, top = round(place.left * per_mm), round(place.top * per_mm)
        right, bottom = left + pixels.shape[1], top + pixels.shape[0]
        sheet[top:bottom, left:right] = pixels
        _cut_marks(sheet, (left, top, right, bottom), round(MARK_MM * per_mm))
    first = pictures[0].picture
    printed = Printed(paper.name, (arrangement.width, arrangement.height), len(arrangement.places))
    return Picture(sheet, Metadata(first.metadata.icc_profile, (dpi, dpi)), first.model, printed)


def _cut_marks(sheet: Pixels, box: tuple[int, int, int, int], length: int) -> None:
    """Short lines outside the print in `box` (left, top, right, bottom), in line with its edges."""
    left, top, right, bottom = box
    for x in (left, right - 1):
        sheet[max(0, top - length) : top, x] = GREY
        sheet[bottom : bottom + length, x] = GREY
    for y in (top, bottom - 1):
        sheet[y, max(0, left - length) : left] = GREY
        sheet[y, right : right + length] = GREY


def _on_paper(pixels: Pixels) -> Pixels:
    white = np.full((1, 1, 3), 255, np.uint8)
    return stack([Layer(white), Layer(pixels[..., :3], pixels[..., 3])])
