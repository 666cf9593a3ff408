"""The one path that every door uses: decode → segment (once) → render → finish (as often as wanted) → encode."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from bgdemo.decode import Source, decode
from bgdemo.errors import UserError
from bgdemo.images import Alpha, Cutout, Matte, Photo, Picture, Pixels, Printed
from bgdemo.matte import foreground, fusion, matting, planes, plate, segmentation, strokes
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE, WITH_FEATURES, ModelSpec, in_mirror
from bgdemo.matte.strokes import TouchUp
from bgdemo.memory import release_memory
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

Told = Callable[[Language], list[str]]
"""What the user should be told, in the language that it is asked in."""

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
    picture, told = picture_of(photo, matte, recipe)
    return picture, told("en")


def picture_of(photo: Photo, matte: Matte, recipe: Recipe) -> tuple[Picture, Told]:
    """What is made of the networks' work: the finished picture, and what the user should be told about it."""
    cutout = render(photo, matte, recipe)
    return finish(cutout, photo, recipe), notes(photo, matte, cutout, recipe)


def make_file(
    source: Source, recipe: Recipe, turn: AbstractContextManager[Any] = ALONE
) -> tuple[bytes, list[str], Printed | None]:
    """As `make`, and its file: the bytes, what the user should be told, and what it is if it is a sheet to print."""
    picture, told = make(source, recipe, turn)
    data = encode(picture, recipe.format, recipe.limit)
    return data, told + [say(key, "en") for key in file_notes(data)], picture.printed


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
    is new is added; what is there by `PLATE` has to be of the recipe's plate. When a model has to be downloaded and
    cannot be, the default one steps in; `Matte.model` says which it was, and `notes` puts it into words. Raises
    UserError for a plate that does not match.
    """
    known = {} if known is None else known
    before = len(known)
    empty = recipe.plate
    matte = _subtracted(photo, empty, known) if empty else _modelled(photo, recipe.model, report, known)
    if recipe.touch_up.strokes and not matte.features:
        matte = replace(matte, features=_segment(photo, MODELS[WITH_FEATURES], None, known).features)
    if len(known) > before:
        release_memory()
    return matte


def _modelled(photo: Photo, model: str, report: segmentation.Report | None, known: MutableMapping[str, Matte]) -> Matte:
    try:
        return _segment(photo, MODELS[model], report, known)
    except UserError as error:
        log.warning("%s Using %s instead.", error, DEFAULT_MODEL)
        return _segment(photo, MODELS[DEFAULT_MODEL], None, known)


def predictions(subject: str, touch_up: TouchUp) -> set[str]:
    """The names of what has to be made of the photo: what the model takes, or the plate's, and what strokes need."""
    made = {PLATE} if subject == PLATE else MODELS[subject].predictions
    return made | ({WITH_FEATURES} if touch_up.strokes else set())


def _subtracted(photo: Photo, empty: Photo, known: MutableMapping[str, Matte]) -> Matte:
    if PLATE not in known:
        known[PLATE] = plate.subtract(photo, empty)
    return known[PLATE]


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
    begun = time.perf_counter()
    fused = fusion.fuse(fine, coarse)
    return Matte(fused, spec.id, clear, agreed, mattes[0].features, time.perf_counter() - begun)


def render(photo: Photo, matte: Matte, recipe: Recipe) -> Cutout:
    """The finishing: refine the matte with the photo as guide, estimate the subject's own colours, stack both."""
    return rendering(photo, matte, recipe).cutout


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """A cutout, and what was made on the way to it.

    `prediction` is the networks' as a person corrected it: float32 h×w in [0, 1], at their resolution; `alpha` is the
    matte: uint8 H×W. `seconds` are what it took to correct the prediction, to solve the matte, and to estimate the
    subject's own colours.
    """

    prediction: Alpha
    alpha: Pixels
    cutout: Cutout
    seconds: tuple[float, float, float]


def rendering(photo: Photo, matte: Matte, recipe: Recipe) -> Rendering:
    """As `render`, with what was made on the way.

    Strokes are advice to the prediction, so that they grow to the real edges, and paint on what was made of it, so that
    what they cover does what they say.
    """
    begun = time.perf_counter()
    prediction = strokes.touch_up(photo.rgb, matte.alpha, matte.features, recipe.touch_up)
    corrected = time.perf_counter()
    if recipe.alpha_matting:
        alpha = matting.alpha_matting(photo.rgb, prediction, recipe.trimap)
    else:
        alpha = matting.refine(photo.rgb, prediction)
    alpha = strokes.paint(alpha, recipe.touch_up.strokes)
    solved = time.perf_counter()
    rgba = cv2.cvtColor(foreground.estimate_foreground(photo.rgb, alpha), cv2.COLOR_RGB2RGBA)
    rgba[..., 3] = alpha
    if photo.alpha is not None:
        # Where the file was the more transparent of the two, its own colours are straight already.
        own = photo.alpha <= alpha
        rgba[own, :3], rgba[own, 3] = photo.rgb[own], photo.alpha[own]
        rgba[rgba[..., 3] == 0] = 0
    seconds = (corrected - begun, solved - corrected, time.perf_counter() - solved)
    return Rendering(prediction, alpha, Cutout(rgba, photo.metadata, matte.model), seconds)


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


def notes(photo: Photo, matte: Matte, cutout: Cutout, recipe: Recipe) -> Told:
    """What the user should be told about this result beside the result itself."""
    of_photo, doubted, models = photo.notes, doubts(matte, recipe), (recipe.subject, matte.model)
    inspections = [inspect(photo, cutout.rgba[..., 3], single) for single, _ in recipe.look.prints]

    def told(language: Language) -> list[str]:
        said = [say(key, language) for key in of_photo]
        if len(set(models)) > 1:
            wanted, used = (MODELS[model].name(language) for model in models)
            said.append(say("note.fallback", language, model=wanted, used=used))
        said += [say(key, language) for key in doubted]
        said += [sentence for inspection in inspections if inspection for sentence in inspection.said(language)]
        return list(dict.fromkeys(said))

    return told


def say_printed(printed: Printed, language: Language) -> str:
    """How many prints there are on which paper: "8 prints on 10×15 cm"."""
    key = "note.print" if printed.count == 1 else "note.prints"
    return say(key, language, count=printed.count, paper=printed.paper)


def file_notes(data: bytes) -> list[str]:
    """Keys of notes on the file that was made of a result."""
    return ["note.palette"] if has_palette(data) else []


def doubts(matte: Matte, recipe: Recipe) -> list[str]:
    """Keys of notes on whether `matte` shows a subject, and all of it: none once it was said by hand what that is."""
    if any(stroke.keep for stroke in recipe.touch_up.strokes):
        return []
    if not matte.clear:
        return ["note.no_subject"]
    return [] if matte.whole else ["note.incomplete"]
