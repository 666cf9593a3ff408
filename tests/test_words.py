"""Words → Recipe, and what words that mean nothing are answered."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import bgdemo
from bgdemo.errors import UserError
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.strokes import UNTOUCHED, Stroke, TouchUp
from bgdemo.picture.limits import Limit
from bgdemo.picture.looks import SCENES, Backdrop, Blur, Crop, Gradient, Outline, Shadow, Size, Solid
from bgdemo.picture.papers import Sheet
from bgdemo.picture.presets import PRESETS, Preset
from bgdemo.picture.standards import STANDARDS
from bgdemo.recipes import ID_RED, Recipe
from bgdemo.words import Options, recipe_of, size_of

CAT = Path(__file__).parent.parent / "bgdemo" / "examples" / "kucing.jpg"


def test_no_words_are_the_recipe_s_defaults() -> None:
    assert recipe_of({}).suffix == Recipe().suffix
    assert (recipe_of({}).model, recipe_of({}).trimap) == (Recipe().model, Recipe().trimap)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_decides_what_its_row_says(preset: Preset) -> None:
    recipe = recipe_of({"preset": preset.id})
    look = recipe.look
    assert (look.size, look.crop.around, look.crop.margin) == (
        Size(preset.width, preset.height),
        "subject",
        preset.margin,
    )
    assert look.background == recipe_of({"background": preset.background}).look.background
    assert look.outline == (Outline(preset.outline) if preset.outline else None)
    assert (look.shadow, look.preset, recipe.suffix) == (None, preset, preset.id)
    assert (recipe.format, recipe.limit) == (preset.format, Limit(preset.max_kb))


def test_what_is_said_beside_a_preset_counts_and_nothing_is_not_said() -> None:
    said: Options = {"background": "red", "outline": "20 blue", "crop": "photo", "size": "300x", "shadow": "drop"}
    recipe = recipe_of({"preset": "whatsapp-sticker", **said, "format": "avif", "max_kb": 7})
    alone = recipe_of({**said})
    for part in ("background", "outline", "crop", "size", "shadow"):
        assert getattr(recipe.look, part) == getattr(alone.look, part)
    assert (recipe.format, recipe.limit, recipe.suffix) == ("avif", Limit(7), "whatsapp-sticker")
    unsaid = recipe_of({"preset": "amazon", "background": None, "size": None, "format": "", "max_kb": None})
    assert unsaid.look.background == Solid((255, 255, 255))
    assert (unsaid.look.size, unsaid.format) == (Size(2000, 2000), "jpeg")
    assert recipe_of({"preset": "amazon", "background": "transparent"}).look.background is None
    assert recipe_of({"preset": "whatsapp-sticker", "format": "mask"}).limit == Limit()


def test_an_unknown_preset_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UserError, match="ebay.*" + ", ".join(PRESETS)):
        recipe_of({"preset": "ebay"})


STROKE = Stroke(keep=True, width=0.02, points=[(0.25, 0.5), (0.75, 0.5)])
TEXT = '[{"keep": true, "width": 0.02, "points": [[0.25, 0.5], [0.75, 0.5]]}]'


@pytest.mark.parametrize("strokes", [[STROKE], (STROKE,), iter([STROKE]), TEXT, TEXT.encode()])
def test_strokes_are_values_or_json_text(strokes: Any) -> None:
    recipe = recipe_of({"strokes": strokes, "fill_holes": True})
    assert recipe.touch_up == TouchUp((STROKE,), fill_holes=True)


def test_a_recipe_without_strokes_touches_nothing_up() -> None:
    assert recipe_of({}).touch_up == recipe_of({"strokes": []}).touch_up == UNTOUCHED
    assert recipe_of({"largest_piece": True}).touch_up == TouchUp(largest_piece=True)


@pytest.mark.parametrize("strokes", ["", "nonsense", "{}", [1], [{"keep": True}], [STROKE, "x"]])
def test_strokes_that_mean_nothing_are_told(strokes: Any) -> None:
    with pytest.raises(UserError) as caught:
        recipe_of({"strokes": strokes})
    assert caught.value.key == "error.strokes_unreadable"


@pytest.mark.parametrize(
    ("name", "words", "meaning"),
    [
        ("background", "transparent", None),
        ("background", "white", Solid((255, 255, 255))),
        ("background", " #FF8800 ", Solid((255, 136, 0))),
        ("background", "rgb(1, 2, 3)", Solid((1, 2, 3))),
        ("background", "blur", Blur()),
        ("background", "blur 80%", Blur(0.8)),
        ("background", "blur 12,5%", Blur(0.125)),
        ("background", "gradient #fff black", Gradient((255, 255, 255), (0, 0, 0))),
        ("background", "studio", SCENES["studio"]),
        ("background", Blur(0.1), Blur(0.1)),
        ("shadow", "none", None),
        ("shadow", "drop", Shadow("drop")),
        ("shadow", "contact", Shadow("contact")),
        ("outline", "white", Outline()),
        ("outline", "20", Outline(20)),
        ("outline", "12,5", Outline(12.5)),
        ("outline", "20 red", Outline(20, (255, 0, 0))),
        ("outline", "none", None),
        ("crop", "photo", Crop()),
        ("crop", "subject", Crop("subject")),
        ("crop", "head 3:4", Crop("head", 0.75)),
        ("crop", "head at 70% 30%", Crop("head", face=(0.7, 0.3))),
        ("crop", "head 3:4 at 12,5% 100.0% 9%", Crop("head", 0.75, 0.09, face=(0.125, 1.0))),
        ("crop", "subject 1:1 10%", Crop("subject", 1.0, 0.1)),
        ("crop", "subject 1,5:1", Crop("subject", 1.5)),
        ("crop", "subject 5,5% afloat", Crop("subject", margin=0.055, afloat=True)),
        ("crop", "1:1 zoom 120% moved 5% -12.5%", Crop(aspect=1.0, zoom=1.2, shift=(0.05, -0.125))),
        ("crop", "head moved 0% +3% at 70% 30% zoom 90%", Crop("head", face=(0.7, 0.3), zoom=0.9, shift=(0.0, 0.03))),
        ("size", "1080x1080", Size(1080, 1080)),
        ("size", "1080 × 720 px", Size(1080, 720)),
        ("size", "1080.0x720", Size(1080, 720)),
        ("size", "1080x", Size(1080, None)),
        ("size", "x4cm", Size(None, 472, 300)),
        ("size", "3x4cm", Size(354, 472, 300)),
        ("size", "3,5 x 4,5 cm", Size(413, 531, 300)),
        ("size", "35x45mm at 600", Size(827, 1063, 600)),
        ("size", "100x100 @ 72dpi", Size(100, 100, 72)),
    ],
)
def test_words(name: str, words: object, meaning: object) -> None:
    assert getattr(recipe_of({name: words}).look, name) == meaning  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"background": "rgb(999, 0, 0)"}, "error.unknown_color"),
        ({"background": "nocolour"}, "error.unknown_color"),
        ({"background": ""}, "error.unknown_color"),
        ({"background": "blur much"}, "error.not_a_number"),
        ({"background": "blur nan%"}, "error.not_a_number"),
        ({"background": b"no picture"}, "error.unreadable"),
        ({"background": Path("nowhere.jpg")}, "error.file_not_found"),
        ({"shadow": "long"}, "error.unknown_shadow"),
        ({"outline": "1 2 3"}, "error.unknown_outline"),
        ({"outline": "0"}, "error.not_a_number"),
        ({"outline": "12 nocolour"}, "error.unknown_color"),
        ({"crop": "somewhere"}, "error.unknown_crop"),
        ({"crop": "0:1"}, "error.not_a_number"),
        ({"size": "large"}, "error.unknown_size"),
        ({"size": "abcxpx"}, "error.unknown_size"),
        ({"size": "x"}, "error.unknown_size"),
        ({"size": "0x10"}, "error.size_range"),
        ({"size": "100000x10"}, "error.size_range"),
        ({"size": "9" * 400 + "x10"}, "error.size_range"),
        ({"size": "1.2.3x4"}, "error.not_a_side"),
        ({"size": "12,5x10"}, "error.pixel_fraction"),
        ({"size": "1.080x720px"}, "error.pixel_fraction"),
        ({"size": "3x4cm at 0"}, "error.not_a_number"),
        ({"size": "3x4cm at full"}, "error.not_a_number"),
        ({"id_photo": "9x9"}, "error.unknown_id_photo"),
        ({"id_photo": "3x4", "size": "1080x1080"}, "error.id_photo_size"),
        ({"id_photo": "3x4", "size": Size(354, None)}, "error.id_photo_size"),
        ({"preset": "ebay"}, "error.unknown_preset"),
        ({"preset": "shopee", "id_photo": "3x4"}, "error.preset_and_id_photo"),
        ({"format": "docx"}, "error.unknown_format"),
        ({"model": "sam"}, "error.unknown_model"),
        ({"foreground_threshold": 256}, "error.threshold_range"),
        ({"background_threshold": 240}, "error.threshold_range"),
        ({"erode_size": -1}, "error.erode_range"),
    ],
)
def test_words_that_mean_nothing(options: dict[str, object], key: str) -> None:
    with pytest.raises(UserError) as caught:
        recipe_of(options)  # type: ignore[arg-type]
    assert caught.value.key == key
    assert caught.value.text("id")


@pytest.mark.parametrize(
    ("sides", "typed", "key"),
    [
        (("abc", "", "px"), "“abc”", "error.not_a_side"),
        (("1080", " zwölf ", "px"), "“zwölf”", "error.not_a_side"),
        (("-5", "", "cm"), "“-5”", "error.not_a_side"),
        (("1e3", "", "px"), "“1e3”", "error.not_a_side"),
        (("inf", "", "px"), "“inf”", "error.not_a_side"),
        (("100", "12,5", "px"), "“12,5”", "error.pixel_fraction"),
        (("1.080", "", "px"), "“1.080”", "error.pixel_fraction"),
        (("3", "4", "cm", "sharp"), "“sharp”", "error.not_a_number"),
    ],
)
def test_a_side_typed_wrongly_is_named_as_it_was_typed(sides: tuple[str, ...], typed: str, key: str) -> None:
    with pytest.raises(UserError) as caught:
        size_of(*sides)  # type: ignore[arg-type]
    assert caught.value.key == key
    assert typed in str(caught.value) and typed in caught.value.text("id")


def test_sides_as_a_person_types_them() -> None:
    assert size_of(" 1080 ", "") == Size(1080, None)
    assert size_of("3,5", "4.5", "cm") == Size.of_paper(3.5, 4.5)
    assert size_of("35", "45", "mm", "600") == Size.of_paper(3.5, 4.5, 600)
    assert size_of("100", "200", "px", "72") == Size(100, 200, 72)


def test_an_option_that_does_not_exist_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(TypeError, match="no option 'backgroud': did you mean 'background'"):
        bgdemo.remove(CAT, backgroud="white")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="did you mean 'foreground_threshold'"):
        bgdemo.remove_to_png(CAT, foreground_treshold=200)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"no option 'q': there are model, .*, format"):
        bgdemo.remove_to_file(CAT, q=1)  # type: ignore[call-arg]


def test_every_field_of_a_recipe_can_be_said_in_words() -> None:
    options: Options = {
        "model": "u2netp",
        "alpha_matting": True,
        "foreground_threshold": 200,
        "background_threshold": 20,
        "erode_size": 3,
        "format": "webp",
        "sheet": True,
    }
    recipe = recipe_of(options)
    numbers = (recipe.trimap.foreground_threshold, recipe.trimap.background_threshold, recipe.trimap.erode_size)
    assert numbers == (200, 20, 3)
    assert (recipe.model, recipe.alpha_matting, recipe.format, recipe.look.sheet) == ("u2netp", True, "webp", Sheet())


def test_a_picture_of_ones_own() -> None:
    for picture in (CAT, CAT.read_bytes()):
        background = recipe_of({"background": picture}).look.background
        assert isinstance(background, Backdrop)
        assert background.photo.size[0] > 100


def test_a_text_never_opens_a_file() -> None:
    """The HTTP API takes words from strangers."""
    with pytest.raises(UserError):
        recipe_of({"background": str(CAT)})


def test_id_photos() -> None:
    look = recipe_of({"id_photo": "3x4"}).look
    assert isinstance(look.background, Solid)
    assert (look.crop, look.size) == (Crop("head", standard=STANDARDS["3x4"]), Size(354, 472, 300))
    assert recipe_of({"id_photo": "3x4", "size": "3x4cm"}).look.size == look.size
    blue = recipe_of({"id_photo": "2x3", "background": "blue", "crop": "head 2:3", "sheet": True})
    assert blue.look.background == Solid((0, 0, 255))
    assert blue.look.crop == Crop("head", 2 / 3, standard=STANDARDS["2x3"])
    assert blue.suffix == "2x3-sheet"


@pytest.mark.parametrize(
    ("words", "sheet"),
    [
        (False, None),
        (None, None),
        ("", None),
        ("none", None),
        (True, Sheet()),
        (Sheet("a4"), Sheet("a4")),
        ("10x15", Sheet()),
        ("10×15", Sheet()),
        (" A4 ", Sheet("a4")),
        ("a4 4 3x4 4 2x3", Sheet("a4", (("3x4", 4), ("2x3", 4)))),
        ("4R: 4 of 3×4, 2 of 2×3", Sheet("4r", (("3x4", 4), ("2x3", 2)))),
        ("1 us", Sheet("10x15", (("us", 1),))),
    ],
)
def test_sheets(words: Any, sheet: Sheet | None) -> None:
    assert recipe_of({"id_photo": "3x4", "sheet": words}).look.sheet == sheet


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("b5", "error.unknown_paper"),
        ("yes", "error.unknown_paper"),
        ("a4 3x4", "error.unknown_sheet"),
        ("a4 four of 3x4", "error.unknown_sheet"),
        ("a4 -4 3x4", "error.unknown_sheet"),
        ("4", "error.unknown_sheet"),
        ("a4 99999 3x4", "error.unknown_sheet"),
        ("a4 4 9x9", "error.unknown_id_photo"),
        ("a4 0 3x4", "error.sheet_count"),
        ("3r 7 3x4", "error.sheet_full"),
    ],
)
def test_words_that_are_no_sheet(words: str, key: str) -> None:
    with pytest.raises(UserError) as caught:
        recipe_of({"sheet": words})
    assert caught.value.key == key


def test_a_sheet_of_id_photos_has_the_background_of_the_first_unless_another_is_said() -> None:
    prints = "4 4x6"
    look = recipe_of({"sheet": f"a4: 2 us, {prints}"}).look
    assert (look.background, look.crop.standard) == (Solid((255, 255, 255)), STANDARDS["us"])
    assert recipe_of({"id_photo": "4x6", "sheet": f"a4: 2 us, {prints}"}).look.background == Solid(ID_RED)
    assert recipe_of({"background": "blue", "sheet": "1 3x4"}).look.background == Solid((0, 0, 255))
    with pytest.raises(UserError) as caught:
        recipe_of({"size": "100x100", "sheet": prints})
    assert caught.value.key == "error.id_photo_size"


@pytest.mark.parametrize("sheet", [True, "4 snpmb"])
def test_a_sheet_is_for_a_printer_and_not_for_an_office(sheet: Any) -> None:
    recipe = recipe_of({"id_photo": "snpmb", "sheet": sheet})
    assert (recipe.format, recipe.limit) == ("png", Limit())


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ({}, Limit()),
        ({"max_kb": 200, "min_kb": 40}, Limit(200, 40)),
        ({"max_kb": "200"}, Limit(200)),
        ({"max_kb": " 40,5 kB ", "min_kb": "40.25kb"}, Limit(40.5, 40.25)),
        ({"max_kb": " ", "min_kb": None}, Limit()),
    ],
)
def test_limits(words: Options, limit: Limit) -> None:
    assert recipe_of(words).limit == limit


@pytest.mark.parametrize("word", ["0", "-5", "nan", "inf", "1e3", "200 MB", "1_000", "٤٠", "abc", "100001"])
def test_words_that_are_no_limit(word: str) -> None:
    for name in ("max_kb", "min_kb"):
        with pytest.raises(UserError) as caught:
            recipe_of({name: word})  # type: ignore[misc]
        assert caught.value.key == "error.limit_range"


@pytest.mark.parametrize(
    ("options", "kind", "limit"),
    [
        ({"id_photo": "sscasn"}, "jpeg", Limit(200)),
        ({"id_photo": "snpmb"}, "jpeg", Limit(100, 40.96)),
        ({"id_photo": "snpmb", "max_kb": 80, "min_kb": 50}, "jpeg", Limit(80, 50)),
        ({"id_photo": "snpmb", "format": "png"}, "png", Limit()),
        ({"id_photo": "3x4"}, "png", Limit()),
    ],
)
def test_an_id_photo_s_file_is_what_the_office_asks_for_unless_something_else_is_said(
    options: Any, kind: str, limit: Limit
) -> None:
    """Who asks for at least 40 kB may count 1024 bytes to each."""
    recipe = recipe_of(options)
    assert (recipe.format, recipe.limit) == (kind, limit)


def test_a_plate_is_a_path_bytes_or_a_picture_and_kept_small() -> None:
    plate = recipe_of({"plate": CAT}).plate
    assert plate is not None
    assert plate.rgb.size <= 3 * CONSTANTS.plate_pixels * 1.01
    for same in (str(CAT), CAT.read_bytes(), Image.open(CAT), plate):
        assert np.array_equal(recipe_of({"plate": same}).plate.rgb, plate.rgb)  # type: ignore[union-attr]
    assert recipe_of({"plate": None}).plate is recipe_of({"plate": ""}).plate is recipe_of({}).plate is None


@pytest.mark.parametrize(("plate", "key"), [(b"none", "error.unreadable"), (Path("none.jpg"), "error.file_not_found")])
def test_a_plate_that_cannot_be_read_is_told(plate: Any, key: str) -> None:
    with pytest.raises(UserError) as caught:
        recipe_of({"plate": plate})
    assert caught.value.key == key
