"""A recipe said in words again is the same recipe, in as few words as it takes."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bgdemo.errors import UserError
from bgdemo.matte.models import MODELS
from bgdemo.matte.strokes import Stroke
from bgdemo.page.wanted import CROPS, MIXED, Wanted, wanted_of
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.looks import SCENES, Blur, Crop, Gradient, Look, Outline, Shadow, Size
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import STANDARDS
from bgdemo.recipes import Recipe
from bgdemo.words import Options, _is_same, options_of, recipe_of

fractions = some.floats(0, 1, allow_nan=False)


def decimals(least: float, most: float) -> some.SearchStrategy[str]:
    return some.floats(least, most).map(lambda value: f"{value:.3f}")


percents = some.integers(-100, 100).map(str)
colors = some.integers(0, 0xFFFFFF).map("#{:06x}".format)
strokes = some.builds(
    dict,
    keep=some.booleans(),
    width=some.floats(0.001, 0.5),
    points=some.lists(some.tuples(fractions, fractions).map(list), min_size=1, max_size=3),
)
looks = some.fixed_dictionaries(
    {
        "background": some.sampled_from(["transparent", "white", "color", "blur", *SCENES]),
        "color": colors,
        "blur": some.integers(5, 100).map(str),
        "shadow": some.sampled_from(["none", "drop", "contact"]),
        "outline": some.sampled_from(["none", "white", "color"]),
        "outline_color": colors,
        "outline_width": some.integers(1, 60).map(str),
        "crop": some.sampled_from(
            [*CROPS, *(f"id:{kind}" for kind in STANDARDS), *(f"for:{preset}" for preset in PRESETS)]
        ),
        "crop_zoom": some.integers(50, 300).map(str) | decimals(50, 300),
        "crop_x": percents,
        "crop_y": percents | decimals(-60, 60),
        "crop_face": some.just("")
        | some.tuples(some.integers(1, 999), some.integers(1, 999)).map(
            lambda face: f"{face[0] / 10}% {face[1] / 10}%"
        ),
        "width": some.sampled_from(["", "3", "1080", "2.5"]),
        "height": some.sampled_from(["", "4", "720"]),
        "unit": some.sampled_from(["px", "cm"]),
        "dpi": some.sampled_from(["300", "600", "72"]),
        "sheet": some.sampled_from(["none", *PAPERS]),
        "prints": some.sampled_from(["", "4 of 3x4, 4 of 2x3", "own"]),
        **{f"prints_{kind}": some.integers(0, 3).map(str) for kind in MIXED},
    }
)
messages = some.fixed_dictionaries(
    {
        "settings": some.fixed_dictionaries(
            {
                "model": some.sampled_from(list(MODELS)),
                "alpha_matting": some.booleans(),
                "thresholds": some.fixed_dictionaries(
                    {
                        "foreground_threshold": some.integers(120, 255),
                        "background_threshold": some.integers(0, 110),
                        "erode_size": some.integers(0, 30),
                    }
                ),
            }
        ),
        "look": looks,
        "format": some.sampled_from(list(FORMATS)),
        "max_kb": some.sampled_from(["", "200", "99.5"]),
        "touch": some.fixed_dictionaries(
            {
                "strokes": some.lists(strokes, max_size=2),
                "largest_piece": some.booleans(),
                "fill_holes": some.booleans(),
            }
        ),
        "number": some.just(1),
    }
)


def same(one: Recipe, other: Recipe) -> bool:
    return _is_same(one, replace(other, look=replace(other.look, preset=one.look.preset)))


@given(messages)
def test_whatever_the_page_can_ask_for_can_be_said_in_words(message: dict[str, Any]) -> None:
    """In words, but for the strokes, which are a file; a preset may have been spelled out."""
    recipe = wanted_of(message, Wanted(), None, None).recipe
    options = options_of(recipe)
    assert same(recipe_of(options), recipe)
    words = {name: value for name, value in options.items() if name != "strokes"}
    assert all(isinstance(value, str | bool | int | float) for value in words.values()), words


@given(messages)
def test_no_word_is_one_too_many(message: dict[str, Any]) -> None:
    recipe = wanted_of(message, Wanted(), None, None).recipe
    options = options_of(recipe)
    for name in options:
        fewer: Any = {other: value for other, value in options.items() if other != name}
        with contextlib.suppress(UserError):
            assert not _is_same(recipe_of(fewer), recipe), name


@pytest.mark.parametrize(
    ("options", "fewest"),
    [
        ({}, {}),
        ({"model": "best", "format": "png", "crop": "photo"}, {}),
        ({"background": "#ffffff"}, {"background": "white"}),
        ({"background": "blur 50%"}, {"background": "blur"}),
        ({"outline": "12 white"}, {"outline": "white"}),
        ({"size": "30x40mm at 300"}, {"size": "3x4cm"}),
        ({"crop": "SUBJECT 10% 1.0:1"}, {"crop": "subject 1:1 10%"}),
        ({"id_photo": "3x4", "background": "#cc181e", "size": "3x4cm"}, {"id_photo": "3x4"}),
        ({"id_photo": "sscasn", "format": "jpeg", "max_kb": "200"}, {"id_photo": "sscasn"}),
        ({"id_photo": "3x4", "sheet": "a4: 4 of 3x4"}, {"sheet": "a4: 4 of 3x4"}),
        ({"preset": "shopee", "format": "jpeg"}, {"preset": "shopee"}),
        ({"preset": "shopee", "background": "studio"}, {"preset": "shopee", "background": "studio"}),
        ({"max_kb": "200"}, {"max_kb": 200}),
        ({"strokes": "[]", "fill_holes": True}, {"fill_holes": True}),
    ],
)
def test_the_fewest_words(options: Options, fewest: Options) -> None:
    assert options_of(recipe_of(options)) == fewest


@pytest.mark.parametrize(
    "look",
    [
        Look(background=Gradient((1, 2, 3), (4, 5, 6), radial=True)),
        Look(shadow=Shadow("drop", 0.9)),
        Look(crop=Crop(box=(0.1, 0.1, 0.5, 0.5))),
        Look(crop=Crop("subject", margin=0.0)),
        Look(background=Blur(1 / 3), outline=Outline(1 / 3), size=Size(101, 203, 71.5)),
    ],
)
def test_what_only_python_can_ask_for_stays_typed(look: Look) -> None:
    recipe = Recipe(look=look)
    assert _is_same(recipe_of(options_of(recipe)), recipe)


def test_strokes_stay_strokes() -> None:
    stroke = Stroke(keep=True, width=0.02, points=[(0.25, 0.5)])
    assert options_of(recipe_of({"strokes": [stroke]})) == {"strokes": (stroke,)}
