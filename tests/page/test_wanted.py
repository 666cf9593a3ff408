"""A page's message becomes what is wanted; whatever a stranger sends in its place does no harm."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import UNTOUCHED, Stroke, TouchUp
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.page.plan import plan
from bgdemo.page.results import Done
from bgdemo.page.wanted import MIXED, Finish, OwnPicture, Wanted, finish_of, wanted_of
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.limits import Limit
from bgdemo.picture.looks import SCENES, Blur, Crop, Look, Outline, Shadow, Size, Solid
from bgdemo.picture.papers import PAPERS, Sheet
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import BACKGROUNDS, STANDARDS
from bgdemo.recipes import ID_RED

OTHER = next(spec.id for spec in MODELS.values() if not spec.bundled)
OWN = Path("beach.jpg")


def want(before: Wanted | None = None, photo: Path | None = None, own: Path | None = None, **fields: Any) -> Wanted:
    return wanted_of({"number": 1, **fields}, before or Wanted(), photo, own)


def mistakes(wanted: Wanted) -> dict[str, str]:
    return {place: error.key for place, error in wanted.mistakes.items()}


# ---- what the fields mean -------------------------------------------------------------------------------------------


def test_a_message_is_all_that_is_wanted() -> None:
    message = {
        "number": 7,
        "language": "id",
        "settings": {
            "model": "u2netp",
            "alpha_matting": True,
            "thresholds": {"foreground_threshold": 250, "background_threshold": 5, "erode_size": 3},
        },
        "look": {"background": "white"},
        "format": "jpeg",
        "live": True,
        "attempt": 2,
    }
    wanted = wanted_of(message, Wanted(revision=4), Path("cat.jpg"), None)
    assert (wanted.revision, wanted.number, wanted.language, wanted.photo) == (5, 7, "id", Path("cat.jpg"))
    assert (wanted.model, wanted.alpha_matting, wanted.trimap) == ("u2netp", True, TrimapSettings(250, 5, 3))
    assert (wanted.finish.look.background, wanted.finish.own) == (Solid((255, 255, 255)), None)
    assert (wanted.format, wanted.live, wanted.attempt) == ("jpeg", True, 2)
    assert (wanted.mistakes, wanted.message) == ({}, message)


def test_an_empty_message_wants_the_defaults() -> None:
    wanted = want()
    assert (wanted.language, wanted.photo, wanted.model, wanted.alpha_matting) == ("en", None, DEFAULT_MODEL, False)
    assert (wanted.trimap, wanted.format, wanted.live, wanted.attempt) == (RECOMMENDED, "png", False, 0)
    assert wanted.finish is Wanted().finish


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({"model": "u2netp"}, "u2netp"),
        ({"model": "more", "other_model": OTHER}, OTHER),
        ({"model": "u2netp", "other_model": OTHER}, "u2netp"),
        ({"model": "more"}, "isnet-general-use"),
        ({"model": "more", "other_model": None}, "isnet-general-use"),
        ({"model": "more", "other_model": "no such model"}, "isnet-general-use"),
        ({}, "isnet-general-use"),
    ],
)
def test_the_model_is_the_chosen_one_and_stays_while_more_are_only_looked_at(settings: Any, model: str) -> None:
    assert want(Wanted(model="isnet-general-use"), settings=settings).model == model


def test_thresholds_that_are_not_given_are_the_recommended_ones() -> None:
    before = Wanted(trimap=TrimapSettings(200, 100, 1))
    assert want(before, settings={"thresholds": {"erode_size": 3}}).trimap == TrimapSettings(erode_size=3)
    assert want(before).trimap == RECOMMENDED


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_can_be_wanted(kind: str) -> None:
    assert want(format=kind).format == kind


@pytest.mark.parametrize(
    ("panel", "meant"),
    [
        ({}, Look()),
        ({"background": "transparent", "color": "#123456", "blur": "80"}, Look()),
        ({"background": "color", "color": "#cc181e"}, Look(background=Solid(ID_RED))),
        ({"background": "studio"}, Look(background=SCENES["studio"])),
        ({"background": "blur"}, Look(background=Blur(0.5))),
        ({"background": "blur", "blur": "80"}, Look(background=Blur(0.8))),
        ({"shadow": "contact"}, Look(shadow=Shadow("contact"))),
        ({"outline": "none", "outline_width": "30"}, Look()),
        ({"outline": "white", "outline_width": "30", "outline_color": "red"}, Look(outline=Outline(30))),
        ({"outline": "color", "outline_color": "#ff0000"}, Look(outline=Outline(12, (255, 0, 0)))),
        ({"crop": "tight"}, Look(crop=Crop("subject", margin=0.04))),
        ({"crop": "16:9"}, Look(crop=Crop("subject", 16 / 9, 0.15))),
        ({"crop": "market"}, Look(crop=Crop("subject", 1.0, 0.1))),
        ({"crop": "photo", "crop_zoom": "300", "crop_x": "50"}, Look()),
        ({"crop": "tight", "crop_zoom": "250"}, Look(crop=Crop("subject", margin=0.04, zoom=2.5))),
        ({"crop": "tight", "crop_x": "50"}, Look(crop=Crop("subject", margin=0.04, shift=(-0.5, 0)))),
        ({"crop": "tight", "crop_y": "-20"}, Look(crop=Crop("subject", margin=0.04, shift=(0, 0.2)))),
        ({"width": "300", "height": " 200 "}, Look(size=Size(300, 200))),
        ({"width": "300", "dpi": "96"}, Look(size=Size(300, None))),
        ({"height": "4", "unit": "cm"}, Look(size=Size.of_paper(None, 4))),
        ({"width": "3,5", "height": "4.5", "unit": "cm", "dpi": "600"}, Look(size=Size.of_paper(3.5, 4.5, 600))),
        ({"width": " ", "height": ""}, Look()),
        ({"sheet": "10x15"}, Look()),
    ],
)
def test_the_words_of_the_panel(panel: dict[str, str], meant: Look) -> None:
    """A frame that goes left shows the subject further to the right; a resolution belongs to centimetres alone."""
    made = finish_of(panel)
    assert made.own is None
    for part in ("background", "shadow", "outline", "crop", "size", "sheet"):
        assert getattr(made.look, part) == getattr(meant, part)


@pytest.mark.parametrize("kind", STANDARDS)
def test_an_id_photo_decides_its_size_and_its_colour(kind: str) -> None:
    look = finish_of({"crop": f"id:{kind}", "sheet": "10x15", "width": "7", "height": "7"}).look
    standard = STANDARDS[kind]
    assert (look.size, look.crop.standard) == (Size.of_standard(standard), standard)
    usual = Solid(BACKGROUNDS[standard.backgrounds[0]])
    assert (look.crop.around, look.background, look.sheet) == ("head", usual, Sheet())
    white = finish_of({"crop": f"id:{kind}", "background": "white", "crop_zoom": "120"}).look
    assert (white.crop.zoom, white.background, white.sheet) == (1.2, Solid((255, 255, 255)), None)


@pytest.mark.parametrize(
    ("panel", "sheet"),
    [
        ({}, None),
        ({"sheet": "none", "prints": "own"}, None),
        ({"sheet": "a4"}, Sheet("a4")),
        ({"sheet": "4r", "prints": "4 3x4, 4 2x3"}, Sheet("4r", (("3x4", 4), ("2x3", 4)))),
        ({"sheet": "a4", "prints": "own", "prints_2x3": " 6 ", "prints_4x6": "0"}, Sheet("a4", (("2x3", 6),))),
        ({"sheet": "a4", "prints": "", "prints_2x3": "6"}, Sheet("a4")),
    ],
)
def test_sheets_of_the_panel(panel: dict[str, str], sheet: Sheet | None) -> None:
    assert finish_of({"crop": "id:3x4", **panel}).look.sheet == sheet


@pytest.mark.parametrize(
    ("panel", "key"),
    [
        ({"sheet": "10x15", "prints": "own", "prints_2x3": "99"}, "error.sheet_full"),
        ({"sheet": "10x15", "prints": "own", "prints_2x3": "", "prints_3x4": "0"}, "error.sheet_count"),
        ({"sheet": "10x15", "prints": "own", "prints_2x3": "few"}, "error.unknown_sheet"),
        ({"sheet": "b5"}, "error.unknown_paper"),
    ],
)
def test_a_sheet_that_cannot_be_is_told_beside_its_choice_and_leaves_the_last_one(
    panel: dict[str, str], key: str
) -> None:
    first = want(look={"crop": "id:3x4", "sheet": "a4"})
    wrong = want(first, look={"crop": "id:3x4", **panel})
    assert {place: error.key for place, error in wrong.mistakes.items()} == {"sheet": key}
    assert wrong.finish is first.finish


def test_what_an_office_asks_of_a_file_does_not_count_for_a_sheet() -> None:
    assert want(look={"crop": "id:snpmb"}, format="jpeg").limit == Limit(100, 40.96)
    assert want(look={"crop": "id:snpmb", "sheet": "a4"}, format="jpeg").limit == Limit()


def test_a_preset_decides_its_size_and_frame_and_the_panel_the_rest() -> None:
    panel = {"crop": "for:whatsapp-sticker", "background": "sea", "width": "7", "crop_zoom": "150"}
    look = finish_of(panel).look
    assert (look.preset, look.size) == (PRESETS["whatsapp-sticker"], Size(512, 512))
    assert (look.crop.around, look.crop.afloat, look.crop.zoom) == ("subject", True, 1.5)
    assert look.background == SCENES["sea"]


def test_an_id_photo_is_of_the_chosen_person_and_no_other_crop_is() -> None:
    chosen = {"crop_face": "12.5% 40.0%"}
    crop = finish_of({"crop": "id:us", "crop_zoom": "110", **chosen}).look.crop
    assert (crop.around, crop.face, crop.zoom) == ("head", (0.125, 0.4), 1.1)
    assert finish_of({"crop": "tight", **chosen}).look.crop.face is None
    wanted = wanted_of({"number": 1, "look": {"crop": "id:us", "crop_face": "left"}}, Wanted(), None, None)
    assert {error.key for error in wanted.mistakes.values()} == {"error.unknown_crop"}


def test_a_picture_of_one_s_own_and_how_it_lies() -> None:
    assert finish_of({"background": "picture"}, OWN).own == OwnPicture(OWN)
    moved = {"picture_fit": "fit", "picture_zoom": "150", "picture_x": "-25", "picture_y": "10"}
    own = finish_of({"background": "picture", **moved}, OWN).own
    assert own == OwnPicture(OWN, fill=False, zoom=1.5, shift=(-0.25, 0.1))


def test_a_picture_of_one_s_own_counts_only_where_it_is_chosen() -> None:
    assert finish_of({"background": "white"}, OWN).own is None
    nothing_yet = finish_of({"background": "picture"}, None)
    assert (nothing_yet.own, nothing_yet.look.background) == (None, None)


@pytest.mark.parametrize(
    ("panel", "zoom", "shift"),
    [
        ({"crop_zoom": "0"}, 0.1, (0, 0)),
        ({"crop_zoom": "-1e9"}, 0.1, (0, 0)),
        ({"crop_zoom": "1e9"}, 4.0, (0, 0)),
        ({"crop_zoom": "nan", "crop_x": "inf", "crop_y": "-inf"}, 1.0, (0, 0)),
        ({"crop_zoom": "wide", "crop_x": ["far"], "crop_y": None}, 1.0, (0, 0)),
        ({"crop_x": "9000", "crop_y": "-9000"}, 1.0, (-4, 1)),
    ],
)
def test_sliders_beyond_their_ends_stand_at_them(panel: Any, zoom: float, shift: tuple[float, float]) -> None:
    crop = finish_of({"crop": "1:1", **panel}).look.crop
    assert (crop.zoom, crop.shift) == (zoom, shift)


# ---- the same words, and wrong ones ---------------------------------------------------------------------------------


def test_the_same_words_give_the_same_finish() -> None:
    """So that what was made with it is known to be up to date."""
    first = want(look={"background": "white"})
    again = want(first, look={"background": "white"}, format="jpeg", settings={"alpha_matting": True})
    other = want(again, look={"background": "black"})
    assert again.finish is first.finish
    assert other.finish is not first.finish


def test_another_picture_of_one_s_own_is_another_finish() -> None:
    panel = {"background": "picture", "picture": {"path": "x"}}
    first = want(own=OWN, look=panel)
    assert want(first, own=OWN, look=panel).finish is first.finish
    assert want(first, own=Path("forest.jpg"), look=panel).finish.own == OwnPicture(Path("forest.jpg"))
    assert want(first, own=None, look=panel).finish.own is None


@pytest.mark.parametrize(
    ("panel", "place", "key"),
    [
        ({"width": "abc"}, "size", "error.not_a_side"),
        ({"width": "12,5"}, "size", "error.pixel_fraction"),
        ({"width": "0", "height": "9"}, "size", "error.size_range"),
        ({"width": "100000"}, "size", "error.size_range"),
        ({"width": 10**400}, "size", "error.size_range"),
        ({"width": "3", "unit": "cm", "dpi": "100000"}, "size", "error.not_a_number"),
        ({"width": "3", "unit": "cm", "dpi": "many"}, "size", "error.not_a_number"),
        ({"width": "12000", "height": "12000"}, "crop", "error.picture_too_large"),
        ({"crop": "subject 100:0.01"}, "crop", "error.aspect_range"),
        ({"crop": "id:9x9"}, "result", "error.unknown_id_photo"),
        ({"crop": "for:nobody"}, "result", "error.unknown_preset"),
        ({"crop": ["nonsense"]}, "result", "error.unknown_crop"),
        ({"background": "nonsense"}, "result", "error.unknown_color"),
        ({"background": "color", "color": "no colour"}, "result", "error.unknown_color"),
        ({"shadow": "long"}, "result", "error.unknown_shadow"),
    ],
)
def test_a_look_that_cannot_be_is_told_where_it_was_chosen_and_the_last_one_stays(
    panel: dict[str, Any], place: str, key: str
) -> None:
    good = want(look={"background": "white"})
    wrong = want(good, look=panel)
    assert mistakes(wrong) == {place: key}
    assert wrong.finish is good.finish
    still = want(wrong, look=panel, format="webp")
    assert mistakes(still) == {place: key}
    assert still.finish is good.finish
    mended = want(still, look={"background": "black"})
    assert mistakes(mended) == {}
    assert mended.finish.look.background == Solid((0, 0, 0))


def test_going_back_to_the_words_before_a_mistake_is_none() -> None:
    good = want(look={"background": "white"})
    back = want(want(good, look={"width": "x"}), look={"background": "white"})
    assert mistakes(back) == {}
    assert back.finish.look.background == Solid((255, 255, 255))


@pytest.mark.parametrize(
    ("thresholds", "key"),
    [
        ({"foreground_threshold": 300}, "error.threshold_range"),
        ({"foreground_threshold": 10, "background_threshold": 10}, "error.threshold_range"),
        ({"foreground_threshold": "240"}, "error.threshold_range"),
        ({"foreground_threshold": 240.5}, "error.threshold_range"),
        ({"foreground_threshold": None}, "error.threshold_range"),
        ({"background_threshold": [0]}, "error.threshold_range"),
        ({"background_threshold": True}, "error.threshold_range"),
        ({"erode_size": 10**30}, "error.erode_range"),
        ({"erode_size": -1}, "error.erode_range"),
    ],
)
def test_thresholds_that_cannot_be_are_told_beside_them_and_the_last_ones_stay(thresholds: Any, key: str) -> None:
    good = want(settings={"thresholds": {"erode_size": 3}}, look={"background": "white"})
    wrong = want(good, settings={"thresholds": thresholds}, look={"background": "white"})
    assert mistakes(wrong) == {"thresholds": key}
    assert wrong.trimap == TrimapSettings(erode_size=3)
    assert wrong.finish is good.finish


def test_two_mistakes_are_two() -> None:
    wanted = want(settings={"thresholds": {"erode_size": 99}}, look={"width": "x"})
    assert mistakes(wanted) == {"thresholds": "error.erode_range", "size": "error.not_a_side"}


# ---- strokes --------------------------------------------------------------------------------------------------------

LINE = {"keep": True, "width": 0.02, "points": [[0.1, 0.2], [0.3, 0.4]]}
DOT = {"keep": False, "width": 0.1, "points": [[0.5, 0.5]]}
CAT, DOG = Path("cat.jpg"), Path("dog.jpg")


def test_strokes_are_taken_in_their_order_and_so_are_the_switches() -> None:
    wanted = want(touch={"strokes": [LINE, DOT], "largest_piece": True, "fill_holes": True})
    strokes = (Stroke(True, 0.02, [(0.1, 0.2), (0.3, 0.4)]), Stroke(False, 0.1, [(0.5, 0.5)]))
    assert wanted.touch_up == TouchUp(strokes, largest_piece=True, fill_holes=True)
    assert want(touch={"fill_holes": True}).touch_up == TouchUp(fill_holes=True)
    assert want(touch={}).touch_up == want().touch_up == UNTOUCHED


def test_strokes_stay_through_every_other_change() -> None:
    touch = {"strokes": [LINE]}
    first = want(touch=touch, photo=CAT)
    for fields in ({"settings": {"model": "u2netp"}}, {"look": {"crop": "1:1"}}, {"format": "jpeg"}, {"detail": True}):
        assert want(first, touch=touch, photo=CAT, **fields).touch_up is first.touch_up


@pytest.mark.parametrize(
    ("strokes", "key"),
    [
        ("[", "error.strokes_unreadable"),
        ({}, "error.strokes_unreadable"),
        ([1], "error.strokes_unreadable"),
        ([{**LINE, "points": []}], "error.strokes_unreadable"),
        ([{**LINE, "keep": "yes"}], "error.strokes_unreadable"),
        ([{**LINE, "width": 0}], "error.stroke_width"),
        ([{**LINE, "width": 0.6}], "error.stroke_width"),
        ([{**LINE, "width": float("nan")}], "error.stroke_width"),
        ([{**LINE, "points": [[0.5, 1.01]]}], "error.stroke_outside"),
        ([LINE, {**LINE, "points": [[-0.01, 0.5]]}], "error.stroke_outside"),
        ([DOT] * 501, "error.too_many_strokes"),
        ([{**LINE, "points": [[0.5, 0.5]] * 100_001}], "error.too_many_strokes"),
    ],
)
def test_strokes_that_cannot_be_are_told_and_the_last_ones_stay(strokes: Any, key: str) -> None:
    good = want(touch={"strokes": [DOT], "fill_holes": True}, photo=CAT, look={"background": "white"})
    wrong = want(good, touch={"strokes": strokes}, photo=CAT, look={"background": "white"})
    assert mistakes(wrong) == {"touch": key}
    assert wrong.touch_up is good.touch_up
    assert wrong.finish is good.finish
    still = want(wrong, touch={"strokes": strokes}, photo=CAT, format="webp")
    assert mistakes(still) == {"touch": key}
    assert still.touch_up is good.touch_up
    assert want(still, touch={"strokes": strokes}, photo=DOG).touch_up == UNTOUCHED
    mended = want(still, touch={"strokes": [LINE]}, photo=CAT)
    assert (mistakes(mended), len(mended.touch_up.strokes)) == ({}, 1)


def test_another_photo_begins_without_the_strokes_of_the_one_before() -> None:
    """Even if the page sends them along."""
    touch = {"strokes": [LINE]}
    first = want(touch=touch, photo=CAT)
    other = want(first, touch=touch, photo=DOG)
    assert other.touch_up == UNTOUCHED
    assert want(other, touch=touch, photo=DOG, format="jpeg").touch_up == UNTOUCHED
    assert want(other, touch={"strokes": [DOT]}, photo=DOG).touch_up.strokes
    assert want(touch=touch, photo=DOG).touch_up.strokes, "a page that is there again after the server was away"


def test_a_mistake_elsewhere_leaves_the_look_as_it_was_read() -> None:
    """It takes no time, and what was made with it is known to be up to date."""
    look = {"background": "white"}
    good = want(look=look)
    for wrong in ({"settings": {"thresholds": {"erode_size": 99}}}, {"touch": {"strokes": "["}}):
        mistaken = want(good, look=look, **wrong)
        assert mistakes(mistaken)
        assert want(mistaken, look=look).finish is good.finish


# ---- strangers ------------------------------------------------------------------------------------------------------

nonsense = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        2,
        1e308,
        float("nan"),
        float("-inf"),
        10**300,
        "",
        " ",
        "\0",
        "٣",
        [],
        [[]],
        {},
        {"a": 0},
    ]
)


def group_of(names: set[str], sensible: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nonsense, or a group of fields that hold nonsense, or something near what they should."""
    return nonsense | st.fixed_dictionaries({}, optional=dict.fromkeys(names, nonsense | sensible))


near = st.sampled_from(
    [*MODELS, *FORMATS, *PAPERS, "own", "picture", "color", "blur", "more", "id", "cm", "3x4", "50", "1e9", "head"]
)
near |= st.from_regex(r"(id:|subject |gradient |blur |rgb\()?[\d.,:x%) #a-f]{1,12}", fullmatch=True)
stroke = nonsense | st.fixed_dictionaries(
    {},
    optional={
        "keep": st.booleans() | nonsense,
        "width": st.floats(-0.1, 0.6) | nonsense,
        "points": nonsense | st.lists(st.lists(st.floats(-0.1, 1.1) | nonsense, min_size=1, max_size=3), max_size=3),
    },
)
NUMBERS = set(TrimapSettings.__dataclass_fields__)
PANEL = {"background", "color", "blur", "shadow", "outline", "outline_width", "outline_color", "crop", "crop_zoom"}
PANEL |= {
    "crop_x",
    "crop_y",
    "picture_zoom",
    "picture_x",
    "picture_fit",
    "width",
    "height",
    "unit",
    "dpi",
    "sheet",
    "prints",
}
PANEL |= {f"prints_{kind}" for kind in MIXED}
messages = st.fixed_dictionaries(
    {"number": st.integers()},
    optional={
        "language": nonsense | near,
        "settings": group_of({"model", "other_model", "alpha_matting"}, near)
        | st.fixed_dictionaries({"thresholds": group_of(NUMBERS, st.integers(-1, 256))}),
        "look": group_of(PANEL, near),
        "format": nonsense | near,
        "max_kb": nonsense | near,
        "live": nonsense,
        "detail": nonsense,
        "touch": group_of({"strokes", "largest_piece", "fill_holes"}, nonsense | st.lists(stroke, max_size=3)),
        "attempt": nonsense,
    },
)


@given(messages, messages, st.sampled_from([None, OWN]))
def test_whatever_is_sent_means_something_that_can_be_or_a_mistake(first: Any, second: Any, own: Path | None) -> None:
    wanted = Wanted()
    for message in (first, second):
        wanted = wanted_of(message, wanted, Path("cat.jpg"), own)
        assert wanted.model in MODELS
        assert wanted.format in FORMATS
        assert wanted.language in ("en", "id")
        assert isinstance(wanted.finish, Finish)
        assert isinstance(wanted.trimap, TrimapSettings)
        assert isinstance(wanted.touch_up, TouchUp)
        assert {type(wanted.alpha_matting), type(wanted.live), type(wanted.detail)} == {bool}
        assert isinstance(wanted.attempt, int)
        for error in wanted.mistakes.values():
            assert error.text("id")
        assert plan(wanted, Done()) is not None


# ---- the limit ------------------------------------------------------------------------------------------------------


def test_a_limit_that_is_none_leaves_the_last_one_and_the_look_as_they_were() -> None:
    first = want(max_kb="200", look={"background": "white"})
    assert first.limit == Limit(max_kb=200)
    wrong = want(first, max_kb="few", look={"background": "white"})
    assert (wrong.limit, wrong.finish) == (first.limit, first.finish)
    assert {place: error.key for place, error in wrong.mistakes.items()} == {"limit": "error.limit_range"}
    mended = want(wrong, max_kb="", look={"background": "white"})
    assert (mended.limit, mended.finish, mended.mistakes) == (Limit(), first.finish, {})
