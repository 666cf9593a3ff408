"""Several prints of one picture on the paper that photo shops print on."""

from __future__ import annotations

import math

import numpy as np

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture, Pixels
from bgdemo.picture.compositing import Layer, stack
from bgdemo.picture.looks import check_pixels

SHEET_CM = (10.0, 15.0)
"""The paper that photo shops print on."""

SHEET_DPI = 300.0
"""What they print with."""


def print_sheet(picture: Picture, dpi: float | None = None) -> Picture:
    """As many prints of `picture` as fit on one sheet of `dpi` pixels per inch, with marks to cut along.

    `dpi` is that of the size that was asked for, or None for `SHEET_DPI`; what a scanner wrote into the photo says
    nothing about prints. Raises UserError if not even one print fits, or if the sheet would have too many pixels.
    """
    dpi = dpi or SHEET_DPI
    height, width = picture.pixels.shape[:2]
    per_cm = dpi / 2.54
    gap = round(0.2 * per_cm)
    sheets = [SHEET_CM, SHEET_CM[::-1]]
    counts = [
        [math.floor((side * per_cm - gap) / (own + gap)) for side, own in zip(sheet, (width, height), strict=True)]
        for sheet in sheets
    ]
    (columns, rows), sheet = max(zip(counts, sheets, strict=True), key=lambda entry: entry[0][0] * entry[0][1])
    if columns * rows == 0:
        raise UserError("error.sheet_too_small")
    paper_width, paper_height = (round(side * per_cm) for side in sheet)
    check_pixels(paper_width, paper_height)
    paper = np.full((paper_height, paper_width, 4), 255, np.uint8)
    left = (paper_width - columns * width - (columns - 1) * gap) // 2
    top = (paper_height - rows * height - (rows - 1) * gap) // 2
    xs = [left + column * (width + gap) for column in range(columns)]
    ys = [top + row * (height + gap) for row in range(rows)]
    prints = _on_paper(picture.pixels)
    for x in xs:
        for y in ys:
            paper[y : y + height, x : x + width] = prints
    _cut_marks(paper, [(x, x + width) for x in xs], [(y, y + height) for y in ys], round(0.12 * per_cm))
    return Picture(paper, Metadata(picture.metadata.icc_profile, (dpi, dpi)), picture.model)


def _cut_marks(paper: Pixels, columns: list[tuple[int, int]], rows: list[tuple[int, int]], length: int) -> None:
    """Short grey lines in the gaps, in line with the edges of every print."""
    grey = (150, 150, 150, 255)
    for x in (edge for pair in columns for edge in (pair[0], pair[1] - 1)):
        for top, bottom in rows:
            paper[max(0, top - length) : top, x] = grey
            paper[bottom : bottom + length, x] = grey
    for y in (edge for pair in rows for edge in (pair[0], pair[1] - 1)):
        for left, right in columns:
            paper[y, max(0, left - length) : left] = grey
            paper[y, right : right + length] = grey


def _on_paper(pixels: Pixels) -> Pixels:
    white = np.full((1, 1, 3), 255, np.uint8)
    return stack([Layer(white), Layer(pixels[..., :3], pixels[..., 3])])
