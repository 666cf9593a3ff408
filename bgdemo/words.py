"""Recipe from the words of a person: those of the command line, of the HTTP API and of Python's named arguments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any, TypedDict, cast

from PIL import Image, ImageColor

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.matte.models import DEFAULT_MODEL
from bgdemo.matte.plate import empty_scene
from bgdemo.matte.strokes import Stroke, TouchUp, strokes_of
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.picture.limits import MAX_KB, Limit
from bgdemo.picture.looks import (
    MAX_DPI,
    MAX_SIDE,
    SCENES,
    Backdrop,
    Background,
    Blur,
    Color,
    Crop,
    Gradient,
    Look,
    Outline,
    Shadow,
    Size,
    Solid,
)
from bgdemo.picture.papers import Sheet
from bgdemo.picture.presets import PRESETS, Preset
from bgdemo.picture.standards import BACKGROUNDS, STANDARDS, Standard
from bgdemo.recipes import Recipe


class Options(TypedDict, total=False):
    """A recipe in named arguments; strokes and those of the look may be typed values or words.

    - `plate`: a photo of the empty scene, taken from the same spot (path, bytes, Pillow image or `Photo`); the subject
      is what is not in it, and no model is asked.
    - `strokes`: what is the subject and what is not, said by hand: `Stroke`s, or a JSON list of
      {"keep": true, "width": 0.02, "points": [[x, y], …]}. `largest_piece` keeps nothing but the largest connected
      piece of the subject, `fill_holes` closes what is enclosed by it.
    - `background`: a `Background`; a picture (path, bytes or Pillow image); or "transparent", any CSS colour, "blur",
      "blur 80%", "gradient #fff #ccc", or the name of a scene (`SCENES`). `background_fit`: how a picture lies there,
      "fill" or "fit", enlarged and moved right and down by parts of the frame if wanted: "fit zoom 120% moved 5% -10%".
    - `shadow`: "none", "drop" or "contact". `outline`: "none", "white", or a width in thousandths of the longer side
      with a colour, "12 red".
    - `crop`: "photo", "subject" or "head", with an aspect and a margin if wanted: "subject 1:1 10%". Of several heads,
      "head at 70% 30%" frames the one nearest to that point of the photo, from its left and its upper edge. "afloat"
      keeps the margin where the photo ends, too; "zoom 120% moved 5% -10%" enlarges the subject, and moves the frame
      right and down by parts of itself.
    - `size`: "1080x1080" pixels, "1080x" (as high as that needs), "3x4cm", "35x45mm at 300".
    - `id_photo`: an id of `STANDARDS` ("3x4", "sscasn", "us" …); head and shoulders as it asks for, on its own colour
      unless `background` says otherwise. It decides the size, and what an office asks of the file unless `format`,
      `max_kb` or `min_kb` do.
    - `sheet`: True fills a 10×15 cm sheet with prints of the picture; so does "a4", "3r" or "4r" with such a paper
      (`PAPERS`). "a4: 4 of 3x4, 4 of 2x3" (or "a4 4 3x4 4 2x3"; without a paper it is 10×15 cm) has so many ID photos
      of each kind, all on the background of `id_photo` or else of the first of them. A sheet is for a printer: what an
      office asks of a file does not count for it.
    - `preset`: an id of `PRESETS` ("shopee", "whatsapp-sticker" …): the background, outline, crop, size, format and
      most kB that a shop or an app asks for, unless these options say otherwise; the kB are those of that format.
      Never together with `id_photo`.
    - `max_kb`, `min_kb`: how many thousand bytes the file has at most and at least, as a number or in words, "200".

    In words, a decimal comma counts as a decimal point.
    """

    model: str
    plate: str | os.PathLike[str] | bytes | Image.Image | Photo | None
    alpha_matting: bool
    foreground_threshold: int
    background_threshold: int
    erode_size: int
    strokes: str | Sequence[Stroke]
    largest_piece: bool
    fill_holes: bool
    background: str | os.PathLike[str] | bytes | Image.Image | Background
    background_fit: str
    shadow: str | Shadow | None
    outline: str | Outline | None
    crop: str | Crop
    size: str | Size | None
    id_photo: str | None
    sheet: bool | str | Sheet | None
    preset: str | None
    format: str
    max_kb: float | str | None
    min_kb: float | str | None


def recipe_of(options: Options) -> Recipe:
    """The recipe that `options` describe.

    Raises UserError for words that mean nothing, and TypeError for a name that is not one of `Options`.
    """
    _check_names(options)
    options = _with_preset(options)
    look = look_of(options)
    standard = None if look.sheet else look.crop.standard  # whose rules are those of a file for an office
    kind = options.get("format") or (standard and standard.format) or "png"
    return Recipe(
        model=options.get("model", DEFAULT_MODEL),
        alpha_matting=options.get("alpha_matting", False),
        trimap=TrimapSettings(
            options.get("foreground_threshold", RECOMMENDED.foreground_threshold),
            options.get("background_threshold", RECOMMENDED.background_threshold),
            options.get("erode_size", RECOMMENDED.erode_size),
        ),
        touch_up=_touch_up(options),
        look=look,
        format=kind,
        limit=limit_of(options, kind, standard),
        plate=_plate(options.get("plate")),
    )


OFFICE_KB = 1.024
"""An office that asks for at least 40 kB may count 1024 bytes to each; one that asks for at most that is content."""


def _check_names(names: Iterable[str]) -> None:
    known = Options.__annotations__
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
            raise TypeError(f"there is no option '{name}': {advice}")


def _touch_up(options: Options) -> TouchUp:
    asked = options.get("strokes", ())
    strokes = strokes_of(asked) if isinstance(asked, str | bytes) else tuple(asked)
    return TouchUp(strokes, options.get("largest_piece", False), options.get("fill_holes", False))


def _plate(asked: Any) -> Photo | None:
    if asked is None or asked == "":
        return None
    return empty_scene(asked if isinstance(asked, Photo) else decode(Path(asked) if isinstance(asked, str) else asked))


def look_of(options: Options) -> Look:
    """The look that `options` describe. Raises UserError for words that mean nothing."""
    options = _with_preset(options)
    look = Look(
        background=_placed(_background(options.get("background")), options.get("background_fit", "")),
        shadow=_shadow(options.get("shadow")),
        outline=_outline(options.get("outline")),
        crop=_crop(options.get("crop", "photo")),
        size=_size(options.get("size")),
        sheet=_sheet(options.get("sheet")),
        preset=PRESETS[name] if (name := options.get("preset")) else None,
    )
    first = look.sheet.prints[0][0] if look.sheet and look.sheet.prints else None
    if kind := options.get("id_photo") or first:
        if kind not in STANDARDS:
            raise UserError("error.unknown_id_photo", kind=kind, kinds=", ".join(STANDARDS))
        standard = STANDARDS[kind]
        size = Size.of_standard(standard)
        if look.size not in (None, size):
            raise UserError("error.id_photo_size", kind=kind)
        crop = replace(look.crop if "crop" in options else Crop("head"), standard=standard)
        behind = look.background or Solid(BACKGROUNDS[standard.backgrounds[0]])
        look = replace(look, background=behind, crop=crop, size=size)
    return look


def _with_preset(options: Options) -> Options:
    """`options`, with what their preset decides where they say nothing."""
    name = options.get("preset")
    if not name:
        return options
    if name not in PRESETS:
        raise UserError("error.unknown_preset", preset=name, presets=", ".join(PRESETS))
    preset = PRESETS[name]
    if options.get("id_photo"):
        raise UserError("error.preset_and_id_photo", preset=name)
    decided: Options = {
        "background": preset.background,
        "outline": Outline(preset.outline) if preset.outline else None,
        # A sticker is whole on every side; what stands on a background is cut off where the photo was.
        "crop": Crop("subject", margin=preset.margin, afloat=bool(preset.outline)),
        "size": Size(preset.width, preset.height),
        "format": preset.format,
        "max_kb": preset.max_kb if options.get("format") in (None, "", preset.format) else None,
    }
    said = {option: value for option, value in options.items() if value not in (None, "")}
    return cast(Options, {**decided, **said})


def _background(asked: Any) -> Background:
    if isinstance(asked, os.PathLike | bytes | Image.Image):
        return Backdrop(decode(Path(asked) if isinstance(asked, os.PathLike) else asked))
    if not isinstance(asked, str):
        return asked  # type: ignore[no-any-return]  # a Background, or None
    match asked.strip().lower().split():
        case ["transparent" | "none"]:
            return None
        case ["blur"]:
            return Blur()
        case ["blur", strength]:
            return Blur(_percent(strength))
        case ["gradient", first, second]:
            return Gradient(_color(first), _color(second))
        case [scene] if scene in SCENES:
            return SCENES[scene]
    return Solid(_color(asked))


def _placed(background: Background, asked: str) -> Background:
    """`background` where `asked` says; other backgrounds than pictures lie everywhere."""
    rest, moved = _motion(asked)
    if rest not in ([], ["fill"], ["fit"]):
        raise UserError("error.unknown_fit", fit=asked)
    if not isinstance(background, Backdrop) or not asked.strip():
        return background
    return replace(background, fill=rest != ["fit"], **moved)


def _motion(asked: str) -> tuple[list[str], dict[str, Any]]:
    """What is left of the words that say how something is enlarged ("zoom 120%") and moved ("moved 5% -10%"); that."""
    words = asked.strip().lower()
    found: dict[str, Any] = {}
    if zoom := re.search(r"\bzoom ([\d.,]+)%(?!\S)", words):
        found["zoom"] = _number(zoom[1], MAX_ZOOM) / 100
        words = words.replace(zoom[0], "")
    if moved := re.search(r"\bmoved ([+-]?[\d.,]+)% ([+-]?[\d.,]+)%(?!\S)", words):
        found["shift"] = tuple(_way(way) for way in moved.groups())
        words = words.replace(moved[0], "")
    return words.split(), found


MAX_ZOOM = 10_000
"""In per cent; so is how far anything can be moved."""


def _way(word: str) -> float:
    """As `_number`, but it may go either way, or nowhere."""
    size = word.lstrip("+-")
    way = 0.0 if re.fullmatch(r"0*[.,]?0*", size) else _number(size, MAX_ZOOM) / 100
    return -way if word.startswith("-") else way


def _shadow(asked: str | Shadow | None) -> Shadow | None:
    if not isinstance(asked, str):
        return asked
    match asked.strip().lower():
        case "none" | "":
            return None
        case "drop":
            return Shadow("drop")
        case "contact":
            return Shadow("contact")
    raise UserError("error.unknown_shadow", shadow=asked)


def _outline(asked: str | Outline | None) -> Outline | None:
    if not isinstance(asked, str):
        return asked
    match asked.strip().lower().split():
        case [] | ["none"]:
            return None
        case [width] if re.fullmatch(r"[\d.,]+", width):
            return Outline(_number(width, 100))
        case [color]:
            return Outline(color=_color(color))
        case [width, color]:
            return Outline(_number(width, 100), _color(color))
    raise UserError("error.unknown_outline", outline=asked)


def _crop(asked: str | Crop) -> Crop:
    if isinstance(asked, Crop):
        return asked
    rest, moved = _motion(asked)
    crop = Crop(**moved)
    words = " ".join(rest)
    if found := re.search(r"\bat ([\d.,]+%) ([\d.,]+%)(?!\S)", words):
        crop = replace(crop, face=(_percent(found[1]), _percent(found[2])))
        words = words.replace(found[0], "")
    for word in words.split():
        if word in ("photo", "subject", "head"):
            crop = replace(crop, around=word)  # type: ignore[arg-type]  # one of its three words
        elif sides := re.fullmatch(r"([\d.,]+):([\d.,]+)", word):
            width, height = (_number(side, 100) for side in sides.groups())
            crop = replace(crop, aspect=width / height)
        elif word == "afloat":
            crop = replace(crop, afloat=True)
        elif word.endswith("%"):
            crop = replace(crop, margin=_percent(word))
        else:
            raise UserError("error.unknown_crop", crop=asked)
    return crop


def _size(asked: str | Size | None) -> Size | None:
    if not isinstance(asked, str):
        return asked
    found = re.fullmatch(
        r"([\d.,]*)\s*[x×]\s*([\d.,]*)\s*(px|cm|mm)?\s*(?:(?:@|at)\s*(\S+?)\s*(?:dpi)?)?", asked.strip().lower()
    )
    if not found or not (found[1] or found[2]):
        raise UserError("error.unknown_size", size=asked)
    width, height, unit, dpi = found.groups()
    return size_of(width, height, unit or "px", dpi or "")


CENTIMETRES = {"cm": 1.0, "mm": 0.1}


def size_of(width: str, height: str, unit: str = "px", dpi: str = "") -> Size:
    """The size of two sides as a person typed them, in "px", "cm" or "mm"; one of them may be blank.

    `dpi` is pixels per inch; for paper, blank means 300. Raises UserError, naming what was typed, for a side that is
    not a number or has a fraction of a pixel, and for whatever `Size` refuses.
    """
    wide, high = (_side(side) if side.strip() else None for side in (width, height))
    resolution = _number(dpi, MAX_DPI) if dpi.strip() else None
    if unit != "px":
        scale = CENTIMETRES[unit]
        return Size.of_paper(wide and wide * scale, high and high * scale, resolution or 300)
    for typed, side in ((width, wide), (height, high)):
        if side is not None and not side.is_integer():
            raise UserError("error.pixel_fraction", side=typed.strip())
    return Size(None if wide is None else int(wide), None if high is None else int(high), resolution)


def _sheet(asked: bool | str | Sheet | None) -> Sheet | None:
    if not isinstance(asked, str):
        return Sheet() if asked is True else asked or None
    words = re.sub(r"[:,;+]|\bof\b", " ", asked.lower().replace("×", "x")).split()
    if words in ([], ["none"]):
        return None
    paper = Sheet().paper if words[0].isdecimal() else words.pop(0)
    counts, kinds = words[::2], words[1::2]
    if len(counts) != len(kinds) or not all(re.fullmatch(r"\d{1,4}", count, re.ASCII) for count in counts):
        raise UserError("error.unknown_sheet", sheet=asked)
    return Sheet(paper, tuple(zip(kinds, map(int, counts), strict=True)))


def _side(word: str) -> float:
    if not re.fullmatch(r"\d+([.,]\d+)?", word.strip()):
        raise UserError("error.not_a_side", side=word.strip())
    side = _decimal(word)
    if side > MAX_SIDE:
        raise UserError("error.size_range", limit=MAX_SIDE)
    return side


def limit_of(options: Options, kind: str = "png", standard: Standard | None = None) -> Limit:
    """How many bytes a file may have, as `options` say.

    Where they say nothing, a file of the `kind` that the `standard` of an ID photo asks for is as large as that asks,
    too. Raises UserError for what is not a number of kB.
    """
    most, least = _kilobytes(options.get("max_kb")), _kilobytes(options.get("min_kb"))
    if standard and standard.kb and kind == standard.format:
        most = standard.kb[1] if most is None else most
        least = standard.kb[0] * OFFICE_KB or None if least is None else least
    return Limit(most, least)


def _kilobytes(asked: float | str | None) -> float | None:
    if not isinstance(asked, str):
        return asked
    if not asked.strip():
        return None
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(?:kb)?", asked.strip().lower(), re.ASCII)
    if not found:
        raise UserError("error.limit_range", limit=MAX_KB)
    return _decimal(found[1])


def _color(word: str) -> Color:
    try:
        color = ImageColor.getrgb(word.strip())[:3]
    except ValueError as error:
        raise UserError("error.unknown_color", color=word) from error
    if max(color) > 255:  # which Pillow lets through
        raise UserError("error.unknown_color", color=word)
    return color


def _percent(word: str) -> float:
    return _number(word.removesuffix("%"), 100) / 100


def _number(word: str, limit: float) -> float:
    try:
        value = _decimal(word)
    except ValueError as error:
        raise UserError("error.not_a_number", word=word, limit=limit) from error
    if not 0 < value <= limit:
        raise UserError("error.not_a_number", word=word, limit=limit)
    return value


def _decimal(word: str) -> float:
    return float(word.replace(",", "."))


# ---- back to words


def options_of(recipe: Recipe) -> Options:
    """The fewest options of which `recipe_of` makes `recipe`, in words wherever there are any.

    What words cannot say stays a typed value: strokes, pictures, what only Python can ask for. A
    preset is spelled out, and no longer named, where the picture lacks a part of it: no words take that away again.
    """
    look, trimap = recipe.look, recipe.trimap
    options: Options = {
        "background": _in_words(look.background, _background_words, _background),
        "shadow": _in_words(look.shadow, _shadow_words, _shadow),
        "outline": _in_words(look.outline, _outline_words, _outline),
        "crop": _in_words(replace(look.crop, standard=None), _crop_words, _crop),
        "size": _in_words(look.size, _size_words, _size),
        "sheet": _in_words(look.sheet, _sheet_words, _sheet),
        "format": recipe.format,
        "max_kb": _whole(recipe.limit.max_kb),
        "min_kb": _whole(recipe.limit.min_kb),
        "strokes": recipe.touch_up.strokes,
        "largest_piece": recipe.touch_up.largest_piece,
        "fill_holes": recipe.touch_up.fill_holes,
        "model": recipe.model,
        "plate": recipe.plate,
        "alpha_matting": recipe.alpha_matting,
        "foreground_threshold": trimap.foreground_threshold,
        "background_threshold": trimap.background_threshold,
        "erode_size": trimap.erode_size,
        "id_photo": look.crop.standard.id if look.crop.standard else None,
        "preset": look.preset.id if look.preset else None,
    }
    if look.preset and not (_has_parts(look, look.preset) and _is_same(_try(options), recipe)):
        return options_of(replace(recipe, look=replace(look, preset=None)))
    for name in list(options):
        fewer = cast(Options, {other: value for other, value in options.items() if other != name})
        if _is_same(_try(fewer), recipe):
            options = fewer
    return options


def _has_parts(look: Look, preset: Preset) -> bool:
    rim = bool(look.outline) or not preset.outline
    return rim and (look.background is not None or preset.background == "transparent")


def _try(options: Options) -> Recipe | None:
    """The recipe, if the options go together: what makes them so may be the one that was left out."""
    try:
        return recipe_of(options)
    except UserError:
        return None


def _is_same(one: Recipe | None, other: Recipe) -> bool:
    """Looks are told apart by what they are; else they are told apart by which they are."""
    if not one or replace(one, look=other.look) != other:
        return False
    return all(getattr(one.look, part) == getattr(other.look, part) for part in Look.__dataclass_fields__)


def _in_words(value: Any, words_of: Callable[[Any], str], parse: Callable[[Any], Any]) -> Any:
    """`value` in words, if they mean it."""
    try:
        words = words_of(value)
        return words if parse(words) == value else value
    except (UserError, TypeError, AttributeError):
        return value


COLOR_WORDS: dict[Color, str] = {ImageColor.getrgb(name)[:3]: name for name in reversed(ImageColor.colormap)}


def _color_words(color: Color) -> str:
    return COLOR_WORDS.get(color, f"#{bytes(color).hex()}")


def _background_words(background: Background) -> str:
    if background is None:
        return "transparent"
    if isinstance(background, Blur):
        return f"blur {_percents(background.strength)}" if background != Blur() else "blur"
    if isinstance(background, Solid):
        return _color_words(background.color)
    if isinstance(background, Gradient):
        own = f"gradient {_color_words(background.first)} {_color_words(background.second)}"
        return next((name for name, scene in SCENES.items() if scene == background), own)
    raise TypeError("a picture has no words")


def fit_words(picture: Backdrop) -> str:
    """How a picture of one's own lies behind the subject; nothing, if it fills the frame."""
    said = [*([] if picture.fill else ["fit"]), *_motion_words(picture.zoom, picture.shift)]
    return " ".join(said)


def _shadow_words(shadow: Shadow | None) -> str:
    return shadow.kind if shadow else "none"


def _outline_words(outline: Outline | None) -> str:
    if not outline:
        return "none"
    color = _color_words(outline.color)
    return color if outline.width == Outline().width else f"{_short(outline.width)} {color}"


def _crop_words(crop: Crop) -> str:
    said: list[str] = [crop.around]
    if crop.aspect:
        ratio = Fraction(crop.aspect).limit_denominator(100)
        exact = ratio.numerator / ratio.denominator == crop.aspect
        said.append(f"{ratio.numerator}:{ratio.denominator}" if exact else f"{crop.aspect!r}:1")
    if crop.margin != Crop().margin:
        said.append(_percents(crop.margin))
    if crop.afloat:
        said.append("afloat")
    if crop.face:
        said.append(f"at {_percents(crop.face[0])} {_percents(crop.face[1])}")
    return " ".join([*said, *_motion_words(crop.zoom, crop.shift)])


def _motion_words(zoom: float, shift: tuple[float, float]) -> list[str]:
    said = [] if zoom == 1 else [f"zoom {_percents(zoom)}"]
    return said if shift == (0, 0) else [*said, "moved", *map(_percents, shift)]


def _size_words(size: Size | None) -> str:
    if not size:
        return ""
    sides = [size.width, size.height]
    if not size.dpi:
        return "x".join("" if side is None else str(side) for side in sides)
    at = "" if size.dpi == 300 else f" at {_short(size.dpi)}"
    paper = ["" if side is None else _short(round(side / size.dpi * 2.54, 1)) for side in sides]
    if _size(f"{'x'.join(paper)}cm{at}") == size:
        return f"{'x'.join(paper)}cm{at}"
    return f"{'x'.join('' if side is None else str(side) for side in sides)} at {_short(size.dpi)}"


def _sheet_words(sheet: Sheet | None) -> str:
    if not sheet:
        return "none"
    prints = ", ".join(f"{count} of {kind}" for kind, count in sheet.prints)
    return ": ".join([sheet.paper, *([prints] if prints else [])])


def _percents(share: float) -> str:
    """A fraction in per cent, with as many digits as it takes to read the same fraction again."""
    said = (f"{100 * share:.{digits}f}" for digits in range(18))
    return next((text for text in said if float(text) / 100 == share), f"{100 * share!r}") + "%"


def _short(number: float) -> str:
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _whole(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number
