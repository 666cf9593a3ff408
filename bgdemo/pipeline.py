"""Recipe, and the one path that every door uses: decode → segment (once) → render (as often as wanted) → encode."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import cv2
import numpy as np

from bgdemo import matting, segmentation
from bgdemo.decode import Source, decode
from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Photo, Pixels
from bgdemo.messages import Language, say
from bgdemo.models import DEFAULT_MODEL, MODELS

log = logging.getLogger(__name__)

MAX_ERODE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything one can ask for.

    `model` is an id of `MODELS`. `alpha_matting` turns the fine-hair mode on; its trimap calls sure foreground what the
    network rates above `foreground_threshold` and sure background what it rates below `background_threshold` (both
    0..255), each shrunk by `erode_size` pixels (0..50). Raises UserError for values out of range.
    """

    model: str = DEFAULT_MODEL
    alpha_matting: bool = False
    foreground_threshold: int = 240
    background_threshold: int = 10
    erode_size: int = 10

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UserError("error.unknown_model", model=self.model, models=", ".join(MODELS))
        thresholds = (self.background_threshold, self.foreground_threshold)
        if not all(_is_whole(value) for value in thresholds) or not 0 <= thresholds[0] < thresholds[1] <= 255:
            raise UserError("error.threshold_range")
        if not _is_whole(self.erode_size) or not 0 <= self.erode_size <= MAX_ERODE_SIZE:
            raise UserError("error.erode_range", limit=MAX_ERODE_SIZE)


def cut_out(source: Source, recipe: Recipe) -> tuple[Cutout, list[str]]:
    """The whole way at once: the cutout of a photo, and in English what the user should be told about it."""
    photo = decode(source)
    matte = segment(photo, recipe)
    return render(photo, matte, recipe), notes(photo, matte, recipe, "en")


def segment(photo: Photo, recipe: Recipe, report: segmentation.Report | None = None) -> Matte:
    """The network's work: costly, and the same for every recipe with the same model.

    When the model has to be downloaded and cannot be, the default one steps in; `Matte.model` says which it was, and
    `notes` puts it into words.
    """
    try:
        return segmentation.predict(photo, MODELS[recipe.model], report)
    except UserError as error:
        log.warning("%s Using %s instead.", error, DEFAULT_MODEL)
        return segmentation.predict(photo, MODELS[DEFAULT_MODEL])


def render(photo: Photo, matte: Matte, recipe: Recipe) -> Cutout:
    """The finishing: refine the matte with the photo as guide, estimate the subject's own colours, stack both."""
    if recipe.alpha_matting:
        settings = matting.TrimapSettings(recipe.foreground_threshold, recipe.background_threshold, recipe.erode_size)
        alpha = matting.refine_hair(photo.rgb, matte.alpha, settings)
    else:
        alpha = matting.refine(photo.rgb, matte.alpha)
    foreground = matting.estimate_foreground(photo.rgb, alpha)
    opacity = alpha if alpha.dtype == np.uint8 else np.rint(alpha * 255).astype(np.uint8)
    if photo.alpha is not None:
        # Where the file was the more transparent of the two, its own colours are straight already.
        own = photo.alpha <= opacity
        opacity = np.minimum(photo.alpha, opacity)
        foreground = np.where(own[..., np.newaxis], photo.rgb, foreground)
        foreground[opacity == 0] = 0
    return Cutout(np.dstack([foreground, opacity]), photo.metadata, matte.model)


def preview(photo: Photo, long_side: int) -> Photo:
    """`photo` small enough for a screen: no side longer than `long_side` pixels."""
    scale = long_side / max(photo.size)
    if scale >= 1:
        return photo
    width, height = (max(1, round(side * scale)) for side in photo.size)

    def shrink(pixels: Pixels) -> Pixels:
        return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)

    alpha = None if photo.alpha is None else shrink(photo.alpha)
    return Photo(shrink(photo.rgb), alpha, photo.metadata, photo.notes)


def notes(photo: Photo, matte: Matte, recipe: Recipe, language: Language) -> list[str]:
    """What the user should be told about this result beside the result itself."""
    said = [say(key, language) for key in photo.notes]
    if matte.model != recipe.model:
        wanted, used = (MODELS[model].name.in_(language) for model in (recipe.model, matte.model))
        said.append(say("note.fallback", language, model=wanted, used=used))
    if not matte.clear:
        said.append(say("note.no_subject", language))
    return said


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
