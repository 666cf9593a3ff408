"""The one path that every door uses: decode → segment (once) → render → finish (as often as wanted) → encode."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from bgdemo.decode import Source, decode
from bgdemo.errors import UserError
from bgdemo.images import Cutout, Matte, Photo, Picture, Printed
from bgdemo.matte import foreground, fusion, matting, planes, segmentation, strokes
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, WITH_FEATURES, ModelSpec, in_mirror
from bgdemo.matte.strokes import TouchUp
from bgdemo.messages import Language, say
from bgdemo.picture.checks import inspect
from bgdemo.picture.compositing import compose
from bgdemo.picture.encoding import FORMATS, encode, has_palette
from bgdemo.picture.frames import frame_of
from bgdemo.picture.looks import Look, check_pixels
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.resampling import resize_rgba
from bgdemo.picture.sheets import Print, print_sheet
from bgdemo.recipes import Recipe

log = logging.getLogger(__name__)

ALONE: AbstractContextManager[Any] = nullcontext()
"""The turn of those who share the networks with nobody."""


def make(source: Source, recipe: Recipe, turn: AbstractContextManager[Any] = ALONE) -> tuple[Picture, list[str]]:
    """The whole way at once: the finished picture, and in English what the user should be told about it.

    `turn` is held while the networks work, by those who share them.
    """
    photo = decode(source)
    check_size(photo.size, recipe.look)
    with turn:
        matte = segment(photo, recipe)
    return picture_of(photo, matte, recipe, "en")


def picture_of(photo: Photo, matte: Matte, recipe: Recipe, language: Language) -> tuple[Picture, list[str]]:
    """What is made of the networks' work: the finished picture, and what the user should be told about it."""
    cutout = render(photo, matte, recipe)
    return finish(cutout, photo, recipe), notes(photo, matte, cutout, recipe, language)


def make_file(
    source: Source, recipe: Recipe, turn: AbstractContextManager[Any] = ALONE
) -> tuple[bytes, list[str], Printed | None]:
    """As `make`, and its file: the bytes, what the user should be told, and what it is if it is a sheet to print."""
    picture, told = make(source, recipe, turn)
    data = encode(picture, recipe.format, recipe.limit)
    return data, told + file_notes(data, "en"), picture.printed


def check_size(size: tuple[int, int], look: Look) -> None:
    """Raises UserError if the picture of a photo of `size` (width, height) would be too large.

    That is known before anything is made of the photo, unless the frame depends on the subject.
    """
    if look.crop.around != "photo" and not look.crop.box:
        return
    anything = np.broadcast_to(np.uint8(0), size[::-1])
    frame = frame_of(anything, look.crop, look.size)
    check_pixels(*(look.size.of_frame(frame.width, frame.height) if look.size else (frame.width, frame.height)))


def segment(
    photo: Photo,
    recipe: Recipe,
    report: segmentation.Report | None = None,
    known: MutableMapping[str, Matte] | None = None,
) -> Matte:
    """The networks' work: costly, and the same for every recipe with the same model.

    `known` are the mattes of this photo so far, by the ids of their models; what is in it is not made again, and what
    is new is added. When a model has to be downloaded and cannot be, the default one steps in; `Matte.model` says
    which it was, and `notes` puts it into words.
    """
    known = {} if known is None else known
    try:
        matte = _segment(photo, MODELS[recipe.model], report, known)
    except UserError as error:
        log.warning("%s Using %s instead.", error, DEFAULT_MODEL)
        matte = _segment(photo, MODELS[DEFAULT_MODEL], None, known)
    if recipe.touch_up.strokes and not matte.features:
        matte = replace(matte, features=_segment(photo, MODELS[WITH_FEATURES], None, known).features)
    return matte


def predictions(model: str, touch_up: TouchUp) -> set[str]:
    """The names of what networks have to make of the photo: what the model takes, and what strokes need."""
    return MODELS[model].predictions | ({WITH_FEATURES} if touch_up.strokes else set())


def _segment(
    photo: Photo, spec: ModelSpec, report: segmentation.Report | None, known: MutableMapping[str, Matte]
) -> Matte:
    if spec.id not in known:
        matte = _fused(photo, spec, report, known) if spec.parts else segmentation.predict(photo, spec, report)
        sure = fusion.hesitation(matte.alpha) <= CONSTANTS.doubt_hesitation
        known[spec.id] = replace(matte, whole=matte.whole and sure)
    return known[spec.id]


def _fused(
    photo: Photo, spec: ModelSpec, report: segmentation.Report | None, known: MutableMapping[str, Matte]
) -> Matte:
    mattes = [_segment(photo, MODELS[part], report, known) for part in spec.parts]
    for part in spec.twice:
        if in_mirror(part) not in known:
            known[in_mirror(part)] = segmentation.predict(photo, MODELS[part], report, mirrored=True)
    fine, coarse = (
        (matte.alpha + known[in_mirror(matte.model)].alpha) / np.float32(2)
        if matte.model in spec.twice
        else matte.alpha
        for matte in mattes
    )
    agreed = fusion.disagreement(fine, coarse) <= CONSTANTS.doubt_disagreement
    clear = fusion.failure(fine) <= CONSTANTS.doubt_failure
    return Matte(fusion.fuse(fine, coarse), spec.id, clear, agreed, mattes[0].features)


def render(photo: Photo, matte: Matte, recipe: Recipe) -> Cutout:
    """The finishing: refine the matte with the photo as guide, estimate the subject's own colours, stack both.

    Strokes are advice to the prediction, so that they grow to the real edges, and paint on what was made of it, so that
    what they cover does what they say.
    """
    prediction = strokes.touch_up(photo.rgb, matte.alpha, matte.features, recipe.touch_up)
    if recipe.alpha_matting:
        alpha = matting.alpha_matting(photo.rgb, prediction, recipe.trimap)
    else:
        alpha = matting.refine(photo.rgb, prediction)
    alpha = strokes.paint(alpha, recipe.touch_up.strokes)
    rgba = cv2.cvtColor(foreground.estimate_foreground(photo.rgb, alpha), cv2.COLOR_RGB2RGBA)
    rgba[..., 3] = alpha
    if photo.alpha is not None:
        # Where the file was the more transparent of the two, its own colours are straight already.
        own = photo.alpha <= alpha
        rgba[own, :3], rgba[own, 3] = photo.rgb[own], photo.alpha[own]
        rgba[rgba[..., 3] == 0] = 0
    return Cutout(rgba, photo.metadata, matte.model)


def draft(photo: Photo, matte: Matte) -> Cutout:
    """The network's matte, only stretched, over the photo's own colours: to look at until `render` has made better."""
    alpha = np.rint(planes.resize(matte.alpha, *photo.size) * 255).astype(np.uint8)
    if photo.alpha is not None:
        alpha = np.minimum(alpha, photo.alpha)
    rgba = np.dstack([photo.rgb, alpha])
    rgba[alpha == 0] = 0
    return Cutout(rgba, photo.metadata, matte.model)


def finish(cutout: Cutout, photo: Photo, recipe: Recipe) -> Picture:
    """The cutout on its background, with its effects, cropped, sized and on its sheet: cheap, and pure.

    A mask has no background, and no sheet.
    """
    look = recipe.look
    if FORMATS[recipe.format].only:
        look = replace(look, background=None, shadow=None, outline=None, sheet=None)
    if not look.sheet:
        return compose(cutout, photo, look)
    pictures = [Print(compose(cutout, photo, single), count, single.print_mm) for single, count in look.prints]
    return print_sheet(pictures, PAPERS[look.sheet.paper], look.print_dpi)


LOSSLESS = ("png", "webp-lossless")


def keeps_pixels(photo: Photo, recipe: Recipe) -> bool:
    """Whether the file of `recipe` has the photo's own values at every opaque pixel of the subject.

    It has not if decoding converted the colours or reduced them to 8 bits, if the picture is resampled to a size,
    turned so that a head is level or repeated on a sheet, if it is a sticker, whose rim lies on what the frame cuts, or
    if the file is compressed with loss or holds no colours at all. (A PNG that a limit put into few colours tells so
    itself, see `has_palette`.)
    """
    look = recipe.look
    changed = {"note.converted", "note.reduced"} & set(photo.notes)
    resampled = look.size or look.sheet or look.crop.around == "head"
    sticker = look.outline and not look.background
    return recipe.format in LOSSLESS and not (changed or resampled or sticker)


def preview(photo: Photo, long_side: int) -> Photo:
    """`photo` small enough for a screen: no side longer than `long_side` pixels."""
    scale = long_side / max(photo.size)
    if scale >= 1:
        return photo
    size = (max(1, round(photo.size[0] * scale)), max(1, round(photo.size[1] * scale)))
    if photo.alpha is None:
        return replace(photo, rgb=planes.resize(photo.rgb, *size))
    rgba = resize_rgba(np.dstack([photo.rgb, photo.alpha]), size)
    return replace(photo, rgb=np.ascontiguousarray(rgba[..., :3]), alpha=np.ascontiguousarray(rgba[..., 3]))


def notes(photo: Photo, matte: Matte, cutout: Cutout, recipe: Recipe, language: Language) -> list[str]:
    """What the user should be told about this result beside the result itself."""
    said = [say(key, language) for key in photo.notes]
    if matte.model != recipe.model:
        wanted, used = (MODELS[model].name.in_(language) for model in (recipe.model, matte.model))
        said.append(say("note.fallback", language, model=wanted, used=used))
    said += [say(key, language) for key in doubts(matte, recipe)]
    inspections = [inspect(photo, cutout.rgba[..., 3], single) for single, _ in recipe.look.prints]
    said += [sentence for inspection in inspections if inspection for sentence in inspection.said(language)]
    return list(dict.fromkeys(said))


def say_printed(printed: Printed, language: Language) -> str:
    """How many prints there are on which paper: "8 prints on 10×15 cm"."""
    key = "note.print" if printed.count == 1 else "note.prints"
    return say(key, language, count=printed.count, paper=printed.paper)


def file_notes(data: bytes, language: Language) -> list[str]:
    """What the user should be told about the file that was made of a result."""
    return [say("note.palette", language)] if has_palette(data) else []


def doubts(matte: Matte, recipe: Recipe) -> list[str]:
    """Keys of notes on whether `matte` shows a subject, and all of it: none once it was said by hand what that is."""
    if any(stroke.keep for stroke in recipe.touch_up.strokes):
        return []
    if not matte.clear:
        return ["note.no_subject"]
    return [] if matte.whole else ["note.incomplete"]
