"""How a cutout comes about, one picture after another: what the pipeline itself works with, for those who learn it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from bgdemo.images import Alpha, Matte, Photo, Pixels
from bgdemo.matte.matting import solved_trimap
from bgdemo.matte.models import MODELS, ModelSpec, in_mirror
from bgdemo.matte.segmentation import squeezed
from bgdemo.matte.strokes import UNTOUCHED
from bgdemo.matte.trimap import RECOMMENDED
from bgdemo.pipeline import Rendering, predictions, rendering, segment
from bgdemo.recipes import Recipe

StepName = Literal[
    "photo",
    "plate",
    "subtraction",
    "input",
    "segmentation",
    "fusion",
    "strokes",
    "trimap",
    "matting",
    "foreground",
    "cutout",
]

LOUPE = 0.06
"""Side of what a loupe shows, in longer sides of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A picture of a step: uint8 levels h×w, colours h×w×3, or colours and straight alpha h×w×4.

    `model` is the id of the network that it belongs to, if it does, `mirrored` whether that saw the photo's mirror
    image, and `seconds` what the network took, where that is known.
    """

    pixels: Pixels
    model: str = ""
    mirrored: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step, its figures, and what it took, where that is known.

    Of "matting" and "foreground" the figures are two: before, the prediction and the photo, and after.
    """

    name: StepName
    figures: tuple[Figure, ...]
    seconds: float | None = None


def steps(
    photo: Photo, known: Mapping[str, Matte], recipe: Recipe, rendered: Rendering | None = None
) -> tuple[Step, ...]:
    """The steps from `photo` to its cutout as `recipe` has it, which is the last of them.

    `known` are the mattes of the photo by the names under which `pipeline.segment` knows them: no network runs here,
    and one that is missing raises ValueError. `rendered` is what the pipeline made of them, if it has been made.
    """
    if missing := predictions(recipe.subject, recipe.touch_up) - known.keys():
        raise ValueError(f"not predicted yet: {', '.join(sorted(missing))}")
    matte = segment(photo, recipe, known=dict(known))
    made = rendered or rendering(photo, matte, recipe)
    correcting, matting, estimating = made.seconds

    colours = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    found = [Step("photo", (Figure(colours),))]
    if recipe.plate:
        found.append(Step("plate", (Figure(recipe.plate.rgb),)))
        found.append(Step("subtraction", (Figure(_levels(matte.alpha)),)))
    else:
        found += _of_networks(photo, known, MODELS[recipe.model], matte)
    if recipe.touch_up != UNTOUCHED:
        found.append(Step("strokes", (Figure(_levels(made.prediction)),), correcting))
    begun = time.perf_counter()
    trimap = solved_trimap(photo.rgb, made.prediction, recipe.trimap if recipe.alpha_matting else RECOMMENDED)
    found.append(Step("trimap", (Figure(trimap),), time.perf_counter() - begun))
    found.append(Step("matting", (Figure(_levels(made.prediction)), Figure(made.alpha)), matting))
    cutout = made.cutout.rgba
    found.append(Step("foreground", (Figure(colours), Figure(cutout)), estimating))
    found.append(Step("cutout", (Figure(cutout),)))
    return tuple(found)


def _of_networks(photo: Photo, known: Mapping[str, Matte], spec: ModelSpec, matte: Matte) -> list[Step]:
    """What the networks of `spec` see and say, and the `matte` that is made of it."""
    networks = [MODELS[part] for part in spec.parts] or [spec]
    answers = [
        (part, mirrored)
        for part in (network.id for network in networks)
        for mirrored in ((False, True) if part in spec.twice else (False,))
    ]
    seen = Step("input", tuple(Figure(squeezed(photo, network), network.id) for network in networks))
    said = Step("segmentation", tuple(_answer(known, part, mirrored) for part, mirrored in answers))
    return [seen, said, *([Step("fusion", (Figure(_levels(matte.alpha)),), matte.seconds)] if spec.parts else [])]


def most_changed(photo: Pixels, cutout: Pixels) -> tuple[float, float]:
    """Where foreground estimation changes most of what is seen: the middle of a loupe there, in fractions of the sides.

    `photo` is uint8 H×W×3, `cutout` H×W×4. A loupe shows a square of `LOUPE` of the longer side.
    """
    height, width = cutout.shape[:2]
    red, green, blue = cv2.split(cv2.absdiff(photo, np.ascontiguousarray(cutout[..., :3])))
    change = cv2.max(cv2.max(red, green), blue).astype(np.float32) * cutout[..., 3]
    side = max(1, round(LOUPE * max(height, width)))
    nearby = cv2.boxFilter(change, -1, (side, side), borderType=cv2.BORDER_CONSTANT)
    row, column = divmod(int(nearby.argmax()), width)
    return (column + 0.5) / width, (row + 0.5) / height


def _answer(known: Mapping[str, Matte], model: str, mirrored: bool) -> Figure:
    matte = known[in_mirror(model) if mirrored else model]
    return Figure(_levels(matte.alpha), model, mirrored, matte.seconds)


def _levels(alpha: Alpha) -> Pixels:
    levels: Pixels = np.rint(alpha * np.float32(255)).astype(np.uint8)
    return levels
