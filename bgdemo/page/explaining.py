"""“How it works”: the steps to a cutout as pictures for the page, and those of an example for who has no photo yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bgdemo.decode import decode
from bgdemo.images import Matte, Metadata, Photo, Picture, Pixels
from bgdemo.pipeline import segment
from bgdemo.recipes import Recipe
from bgdemo.steps import Step, StepName, most_changed, steps

PHOTO = Path(__file__).parents[1] / "examples" / "kucing.jpg"
"""The example's photo."""

EXAMPLE = Path(__file__).parent / "panels" / "steps" / "example"
"""The folder of its other pictures, and of what there is to say about them, `steps.json`."""

EXAMPLE_SIDE = 400
"""Pixels of the longer side of the example's pictures at most, but for those that a loupe shows."""

ENLARGED: Collection[StepName] = ("matting", "foreground")
"""The steps that a loupe shows."""

Save = Callable[[Mapping[str, Picture]], Mapping[str, Path]]
"""Writes pictures by the stems of their files."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure of a step (see `steps.Figure`) in a file, its `size` (width, height), and its network's milliseconds."""

    file: Path
    size: tuple[int, int]
    model: str
    mirrored: bool
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """A step, and its milliseconds where they are known."""

    name: StepName
    figures: tuple[Drawn, ...]
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The steps to a cutout of `size` (width, height).

    `place` is where a loupe begins, in fractions of its sides; on a `dark` ground its edge shows what the old
    background has left there, else on a light one.
    """

    size: tuple[int, int]
    place: tuple[float, float]
    dark: bool
    steps: tuple[DrawnStep, ...]

    def files(self) -> set[Path]:
        """Of all figures."""
        return {figure.file for step in self.steps for figure in step.figures}


def explained(photo: Photo, found: Sequence[Step], save: Save, there: Mapping[int, Path]) -> Explained:
    """The steps `found` to a cutout of `photo`, in files, of which some are `there` by the `id` of their arrays."""
    pictures: dict[str, Picture] = {}
    stems: dict[int, str] = {}  # an array that is shown twice is saved once
    for step in found:
        for number, figure in enumerate(step.figures):
            if id(figure.pixels) not in {*stems, *there}:
                stem = stems[id(figure.pixels)] = f"{step.name}-{number}"
                colours = figure.pixels.ndim == 3
                pictures[stem] = Picture(_rgba(figure.pixels), photo.metadata if colours else Metadata(), "")
    saved = save(pictures)
    files = {**there, **{array: saved[stem] for array, stem in stems.items()}}
    drawn = tuple(
        DrawnStep(
            step.name,
            tuple(
                Drawn(
                    files[id(figure.pixels)],
                    (figure.pixels.shape[1], figure.pixels.shape[0]),
                    figure.model,
                    figure.mirrored,
                    _milliseconds(figure.seconds),
                )
                for figure in step.figures
            ),
            _milliseconds(step.seconds),
        )
        for step in found
    )
    cutout = found[-1].figures[0].pixels
    behind = photo.rgb[::4, ::4][cutout[::4, ::4, 3] == 0]
    dark = bool(behind.size) and float(behind.mean()) > 127
    return Explained(photo.size, most_changed(photo.rgb, cutout), dark, drawn)


def _rgba(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        pixels = np.dstack([pixels] * 3)
    if pixels.shape[2] == 3:
        return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    return pixels * (pixels[..., 3:] > 0)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)


# ---- the example ----------------------------------------------------------------------------------------------------


def example(of: Callable[[Path], Any] = str) -> dict[str, Any]:
    """The steps of the example, as those of a photo are sent to the page; a file is what `of` makes of its path."""
    said: dict[str, Any] = json.loads((EXAMPLE / "steps.json").read_text("utf-8"))
    for step in said["steps"]:
        for figure in step["figures"]:
            name = figure["file"]
            figure["file"] = of(PHOTO if name == PHOTO.name else EXAMPLE / name)
    return said


def explain_example(folder: Path) -> None:
    """Write the steps of the example into `folder`, without times, which are those of one machine."""
    photo = decode(PHOTO)
    known: dict[str, Matte] = {}
    segment(photo, Recipe(), known=known)

    def save(pictures: Mapping[str, Picture]) -> dict[str, Path]:
        files = {stem: folder / f"{stem}.webp" for stem in pictures}
        for stem, picture in pictures.items():
            image = Image.fromarray(picture.pixels)
            if not stem.startswith(tuple(ENLARGED)):
                image.thumbnail((EXAMPLE_SIDE, EXAMPLE_SIDE))
            image.save(files[stem], quality=82, method=6)
        return files

    said = asdict(explained(photo, steps(photo, known, Recipe()), save, {id(photo.rgb): PHOTO}))
    for step in said["steps"]:
        del step["milliseconds"]
        for figure in step["figures"]:
            del figure["milliseconds"]
            figure["file"] = figure["file"].name
    (folder / "steps.json").write_text(json.dumps(said, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    explain_example(EXAMPLE)
