"""“How it works”: the steps of a visitor's own photo, without a network, and those of the example."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bgdemo.matte import segmentation
from bgdemo.matte.models import MODELS
from bgdemo.matte.strokes import Stroke, TouchUp
from bgdemo.page.explaining import EXAMPLE, PHOTO, Explained, example, explain_example
from bgdemo.page.plan import plan
from bgdemo.page.results import Task
from bgdemo.page.screen import Progress, view
from bgdemo.page.wanted import Wanted
from tests.page.driver import Driver, disc, wants

DOT = TouchUp((Stroke(keep=True, width=0.1, points=[(0.05, 0.05)]),))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """In whose photos all networks find a disc, each in so many milliseconds."""
    monkeypatch.setattr(
        segmentation,
        "predict",
        lambda photo, spec, report=None, mirrored=False: replace(
            disc(photo, spec), seconds=spec.input_size / 1000 + mirrored
        ),
    )
    return Driver()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "kucing.png"
    with Image.open(PHOTO) as image:
        image.resize((120, 90)).save(path)
    return path


def explained(driver: Driver, wanted: Wanted) -> Explained:
    done = driver.drive(replace(wanted, explain=True))
    assert done.failures == {}
    assert done.explained and done.explained[0] is done.preview
    return done.explained[1]


def test_who_does_not_look_has_nothing_drawn(driver: Driver, photo: Path) -> None:
    assert driver.drive(wants(photo)).explained is None


def test_the_steps_of_a_result_take_no_network_and_only_once(driver: Driver, photo: Path) -> None:
    driver.drive(wanted := wants(photo))
    seen = explained(driver, wanted)
    assert driver.passed == ["explain"]
    assert [step.name for step in seen.steps] == [
        *("photo", "input", "segmentation", "fusion", "trimap", "matting", "foreground", "cutout")
    ]
    answers = seen.steps[2].figures
    assert [(one.model, one.mirrored, one.milliseconds) for one in answers] == [
        ("isnet-general-use", False, 1024),
        ("u2netp", False, 320),
        ("u2netp", True, 1320),
    ]
    assert all(one.milliseconds is not None for one in seen.steps if one.name in ("fusion", "trimap", "matting"))
    explained(driver, wanted)
    assert driver.passed == []


def test_what_is_there_already_is_not_written_again(driver: Driver, photo: Path) -> None:
    done = driver.drive(wanted := wants(photo))
    assert done.photo and done.picture
    seen = {step.name: [figure.file for figure in step.figures] for step in explained(driver, wanted).steps}
    assert seen["photo"] == [done.photo.file]
    assert seen["foreground"] == [done.photo.file, done.picture.file]
    assert seen["cutout"] == [done.picture.file]


def test_the_cutout_is_shown_without_what_is_done_to_it(driver: Driver, photo: Path) -> None:
    plain = explained(driver, wants(photo)).steps[-1].figures[0].file
    driver.done = replace(driver.done, explained=None)
    finished = explained(driver, wants(photo, {"background": "white"})).steps[-1].figures[0].file
    assert driver.done.picture and finished != driver.done.picture.file
    with Image.open(plain) as one, Image.open(finished) as other:
        assert np.array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize(
    ("choice", "left_out"), [({"model": "u2netp"}, {"fusion", "strokes"}), ({"touch_up": DOT}, set())]
)
def test_only_what_was_done_is_a_step(
    driver: Driver, photo: Path, choice: dict[str, object], left_out: set[str]
) -> None:
    names = {step.name for step in explained(driver, wants(photo, **choice)).steps}
    assert {"fusion", "strokes"} - names == left_out


def test_another_result_has_other_steps(driver: Driver, photo: Path) -> None:
    first = explained(driver, wants(photo))
    second = explained(driver, wants(photo, alpha_matting=True))
    assert driver.passed.count("explain") == 1
    assert first.steps[5].figures[1].file != second.steps[5].figures[1].file


def test_the_pictures_stay_for_as_long_as_they_are_shown(driver: Driver, photo: Path) -> None:
    files = explained(driver, wants(photo)).files()
    assert files and all(file.is_file() for file in files)
    assert files <= driver.done.files()


def test_the_screen_shows_them_only_beside_their_result(driver: Driver, photo: Path) -> None:
    wanted = wants(photo, explain=True)
    done = driver.drive(wanted)
    shown = view(wanted, done)
    assert shown.explained and shown.explained == done.explained[1]  # type: ignore[index]
    assert json.loads(json.dumps(shown.as_json()))["explained"]["steps"][0]["figures"][0]["file"]
    assert done.preview
    assert view(wanted, replace(done, preview=replace(done.preview))).explained is None


def test_who_looks_how_it_works_may_take_the_file_away_meanwhile(driver: Driver, photo: Path) -> None:
    wanted = wants(photo)
    done = driver.drive(wanted)
    wanted = replace(wanted, explain=True)
    task = plan(wanted, done)
    assert task == Task("explain", done.photo, (done.preview,))
    shown = view(wanted, done, Progress(task))
    assert shown.download and not shown.status and not shown.settled


def test_the_steps_are_drawn_before_the_file_is_written(driver: Driver, photo: Path) -> None:
    explained(driver, wants(photo))
    assert driver.passed.index("explain") < driver.passed.index("write")


# ---- the example ----------------------------------------------------------------------------------------------------


def test_the_example_is_what_the_program_makes(tmp_path: Path) -> None:
    """If not: `python -m bgdemo.page.explaining`."""
    explain_example(tmp_path)
    kept, made = (json.loads((folder / "steps.json").read_text()) for folder in (EXAMPLE, tmp_path))
    assert np.abs(np.subtract(kept.pop("place"), made.pop("place"))).max() < 0.02
    assert kept == made
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in EXAMPLE.iterdir()}
    for name in names - {"steps.json"}:
        with Image.open(EXAMPLE / name) as one, Image.open(tmp_path / name) as other:
            assert one.size == other.size and one.mode == other.mode
            assert np.abs(np.asarray(one, float) - np.asarray(other, float)).mean() < 2, name


def test_the_example_is_small_and_tells_no_times() -> None:
    said = example()
    assert {step["name"] for step in said["steps"]} >= {"photo", "trimap", "cutout"}
    assert "milliseconds" not in json.dumps(said)
    for step in said["steps"]:
        for figure in step["figures"]:
            assert Path(figure["file"]).is_file()
            assert not figure["model"] or figure["model"] in MODELS
    assert all(path.stat().st_size < 60_000 for path in EXAMPLE.iterdir())
