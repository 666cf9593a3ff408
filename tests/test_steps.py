"""How a cutout comes about: the steps are what the pipeline itself makes, whatever model, photo and choices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bgdemo import Stroke
from bgdemo.images import Matte, Photo
from bgdemo.matte import fusion, matting, segmentation
from bgdemo.matte.models import MODELS, in_mirror
from bgdemo.matte.strokes import TouchUp
from bgdemo.matte.trimap import TrimapSettings
from bgdemo.pipeline import predictions, render, rendering, segment
from bgdemo.recipes import Recipe
from bgdemo.steps import Step, most_changed, steps
from tests.matte.pictures import composite, disc, noise

EDGE = disc(96, blur=6)
PHOTO = Photo(composite(EDGE, (210, 120, 40), (30, 60, 160)))
GREY = Photo(np.repeat(PHOTO.rgb[..., :1], 3, axis=2))
DOWNLOADED = next(spec.id for spec in MODELS.values() if not spec.bundled)
STROKES = TouchUp((Stroke(keep=True, width=0.1, points=[(0.05, 0.05)]),))
EVERY_NETWORK = ["photo", "input", "segmentation", "fusion", "trimap", "matting", "foreground", "cutout"]
ONE_NETWORK = [name for name in EVERY_NETWORK if name != "fusion"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def predict(*_: Any, **__: Any) -> Matte:
        pytest.fail("a network ran")

    monkeypatch.setattr(segmentation, "predict", predict)


def known_to(recipe: Recipe) -> dict[str, Matte]:
    """What each network predicted, each a little else."""
    names = sorted(predictions(recipe.subject, recipe.touch_up))
    return {
        name: Matte(disc(64, 0.3 - number / 100, blur=3), name.partition(",")[0], seconds=number / 10)
        for number, name in enumerate(names)
    }


def by_name(found: tuple[Step, ...]) -> Mapping[str, Step]:
    return {step.name: step for step in found}


@pytest.mark.parametrize("model", ["best", "best-twice", "u2netp", DOWNLOADED])
@pytest.mark.parametrize("alpha_matting", [False, True])
@pytest.mark.parametrize("touch_up", [TouchUp(), STROKES, TouchUp(fill_holes=True)])
@pytest.mark.parametrize(
    "photo", [PHOTO, GREY, Photo(PHOTO.rgb, noise(96, 96)[..., 0])], ids=["colours", "grey", "transparent"]
)
def test_the_last_step_is_the_cutout_of_the_pipeline(
    photo: Photo, touch_up: TouchUp, alpha_matting: bool, model: str
) -> None:
    recipe = Recipe(model, alpha_matting, TrimapSettings(erode_size=4), touch_up)
    known = known_to(recipe)
    found = steps(photo, known, recipe)
    [cutout] = found[-1].figures
    assert cutout.pixels.tobytes() == render(photo, segment(photo, recipe, known=dict(known)), recipe).rgba.tobytes()
    named = by_name(found)
    assert ("fusion" in named) == bool(MODELS[model].parts)
    assert ("strokes" in named) == (touch_up != TouchUp())
    expected = EVERY_NETWORK if MODELS[model].parts else ONE_NETWORK
    assert [name for name in named if name != "strokes"] == expected


def test_each_step_is_what_the_pipeline_s_own_functions_make() -> None:
    recipe = Recipe(alpha_matting=True)
    known = known_to(recipe)
    named = by_name(steps(PHOTO, known, recipe))
    fine, coarse = (MODELS[part] for part in MODELS["best"].parts)
    seen = [figure.pixels for figure in named["input"].figures]
    assert [square.shape for square in seen] == [(1024, 1024, 3), (320, 320, 3)]
    assert np.array_equal(seen[1], segmentation.squeezed(PHOTO, coarse))
    answers = named["segmentation"].figures
    assert [(figure.model, figure.mirrored) for figure in answers] == [
        (fine.id, False),
        (coarse.id, False),
        (coarse.id, True),
    ]
    names = (fine.id, coarse.id, in_mirror(coarse.id))
    assert [figure.seconds for figure in answers] == [known[name].seconds for name in names]
    both = (known[coarse.id].alpha + known[in_mirror(coarse.id)].alpha) / 2
    fused = fusion.fuse(known[fine.id].alpha, both)
    assert np.array_equal(named["fusion"].figures[0].pixels, np.rint(fused * 255))
    assert np.array_equal(named["matting"].figures[1].pixels, matting.alpha_matting(PHOTO.rgb, fused))
    before, after = (figure.pixels for figure in named["foreground"].figures)
    soft = (after[..., 3] > 0) & (after[..., 3] < 255)
    assert np.array_equal(before, PHOTO.rgb)
    assert np.array_equal(after[..., 3], named["matting"].figures[1].pixels)
    assert not np.array_equal(before[soft], after[soft][:, :3])


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(trimap=TrimapSettings(200, 50, 20)),  # which count with alpha matting only
        Recipe(alpha_matting=True),
        Recipe(alpha_matting=True, trimap=TrimapSettings(200, 50, 20)),
    ],
)
def test_the_trimap_shown_is_the_one_that_is_solved(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []
    laplacian = matting._MattingLaplacian

    class Recorder(laplacian):  # type: ignore[misc, valid-type]
        def __init__(self, guide: np.ndarray, unknown: np.ndarray) -> None:
            solved.append(unknown)
            super().__init__(guide, unknown)

    monkeypatch.setattr(matting, "_MattingLaplacian", Recorder)
    [shown] = by_name(steps(PHOTO, known_to(recipe), recipe))["trimap"].figures
    [unknown] = solved
    assert np.array_equal(shown.pixels == 128, unknown)
    assert set(np.unique(shown.pixels)) == {0, 128, 255}
    assert shown.pixels[48, 48] == 255 and shown.pixels[0, 0] == 0


def test_what_was_rendered_already_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe()
    known = known_to(recipe)
    made = rendering(PHOTO, segment(PHOTO, recipe, known=dict(known)), recipe)
    monkeypatch.setattr("bgdemo.steps.rendering", None)
    named = by_name(steps(PHOTO, known, recipe, made))
    assert named["cutout"].figures[0].pixels is made.cutout.rgba
    assert named["matting"].seconds == made.seconds[1]
    assert named["foreground"].seconds == made.seconds[2]


def test_a_network_that_did_not_run_is_named_and_does_not_run() -> None:
    with pytest.raises(ValueError, match="u2netp, mirrored"):
        steps(PHOTO, {name: one for name, one in known_to(Recipe()).items() if "mirrored" not in name}, Recipe())


def test_what_a_network_took_is_told_only_where_it_is_known() -> None:
    recipe = Recipe("u2netp")
    [figure] = by_name(steps(PHOTO, {"u2netp": Matte(disc(64), "u2netp")}, recipe))["segmentation"].figures
    assert figure.seconds is None


def test_the_loupe_begins_where_the_colours_change_most() -> None:
    photo = np.full((300, 300, 3), 100, np.uint8)
    cutout = np.dstack([photo, np.full((300, 300), 200, np.uint8)])
    cutout[200:, 10:20, :3] = 250
    cutout[200:, 10:20, 3] = 1  # which is hardly seen
    cutout[40:50, 200:210, 1] = 180
    x, y = most_changed(photo, cutout)
    assert abs(x * 300 - 205) < 10 and abs(y * 300 - 45) < 10


def test_where_nothing_changes_there_is_a_place_for_the_loupe_too() -> None:
    x, y = most_changed(np.zeros((1, 5, 3), np.uint8), np.zeros((1, 5, 4), np.uint8))
    assert 0 < x < 1 and 0 < y < 1


@pytest.mark.parametrize("touch_up", [TouchUp(), STROKES])
def test_with_an_empty_scene_no_network_is_among_the_steps(touch_up: TouchUp) -> None:
    empty = Photo(np.full_like(PHOTO.rgb, (30, 60, 160)))
    recipe = Recipe(touch_up=touch_up, plate=empty)
    known = {name: replace(matte, model=name) for name, matte in known_to(recipe).items()}
    found = steps(PHOTO, known, recipe)
    expected = ["photo", "plate", "subtraction", *(["strokes"] if touch_up.strokes else [])]
    assert [step.name for step in found] == [*expected, "trimap", "matting", "foreground", "cutout"]
    assert found[1].figures[0].pixels is empty.rgb
    [cutout] = found[-1].figures
    assert cutout.pixels.tobytes() == render(PHOTO, segment(PHOTO, recipe, known=known), recipe).rgba.tobytes()
