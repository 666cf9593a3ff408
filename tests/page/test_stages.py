"""What comes next, and what each stage makes of it: real stages on small photos, with a disc in place of a network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import bgdemo
from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo
from bgdemo.matte import fusion, segmentation
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE, WITH_FEATURES, ModelSpec, in_mirror
from bgdemo.matte.strokes import UNTOUCHED, Stroke, TouchUp
from bgdemo.matte.trimap import TrimapSettings
from bgdemo.page import stages
from bgdemo.page.files import Folder, picture_of
from bgdemo.page.mattes import MatteStore
from bgdemo.page.plan import obstacles, plan
from bgdemo.page.results import Done, Task
from bgdemo.page.screen import view
from bgdemo.page.stages import SupersededError, Tools, megapixels
from bgdemo.page.wanted import Wanted
from bgdemo.picture import faces
from bgdemo.picture.faces import Face
from bgdemo.picture.limits import Limit
from bgdemo.picture.looks import Backdrop
from bgdemo.pipeline import preview
from tests import places
from tests.page.driver import Driver, disc, run, wants
from tests.picture.portraits import couple, portrait

OTHER, ANOTHER = [spec.id for spec in MODELS.values() if not spec.bundled][:2]
OUTSIDE = {"crop": "1:1", "crop_x": "300"}
"""A frame beside the photo."""
DOT = TouchUp((Stroke(keep=True, width=0.1, points=[(0.05, 0.05)]),))
"""A stroke in a corner, where no disc is."""

NEW_EDGES = ["render", "compose", "thumbnail", "write"]
FIRST_LOOK = ["open", "segment", "draft", "compose"]
NEW_PHOTO = [*FIRST_LOOK, "segment", "render", "compose", "compare", "thumbnail", "write"]
ONE_NETWORK = [*FIRST_LOOK, *NEW_EDGES]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which networks ran; a disc is found by all of them."""
    names: list[str] = []

    def predict(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
        names.append(in_mirror(spec.id) if mirrored else spec.id)
        return disc(photo, spec)

    monkeypatch.setattr(segmentation, "predict", predict)
    monkeypatch.setattr(segmentation, "fetch", lambda spec, report: Path(spec.id))
    return names


@pytest.fixture
def driver(ran: list[str]) -> Driver:
    return Driver()


@pytest.fixture
def photo(tmp_path: Path, kucing: Path) -> Path:
    path = tmp_path / "kucing.jpg"
    with Image.open(kucing) as image:
        image.resize((120, 90)).save(path)
    return path


def flat(folder: Path, color: str) -> Path:
    path = folder / f"{color}.png"
    Image.new("RGB", (30, 20), color).save(path)
    return path


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


def corner(path: Path) -> tuple[int, ...]:
    return tuple(pixels(path)[0, 0].tolist())


def is_of_the_screen(done: Done, wanted: Wanted) -> bool:
    return bool(
        done.written
        and done.written.picture is done.picture
        and (done.written.format, done.written.limit) == (wanted.format, wanted.limit)
    )


# ---- what comes next ------------------------------------------------------------------------------------------------


def test_nothing_is_wanted_of_no_photo() -> None:
    assert plan(Wanted(format="jpeg", alpha_matting=True), Done()) is None


@pytest.mark.parametrize(
    ("first", "change", "passed"),
    [
        (None, {}, NEW_PHOTO),
        (None, {"panel": {"background": "white"}}, NEW_PHOTO),
        (None, {"live": True}, NEW_PHOTO[:-1]),
        (None, {"model": "u2netp"}, ONE_NETWORK),
        (None, {"model": OTHER}, ["open", "fetch", *ONE_NETWORK[1:]]),
        (None, {"touch_up": DOT}, NEW_PHOTO),
        (None, {"detail": True}, [*NEW_PHOTO, "enlarge"]),
        (None, {"detail": True, "live": True}, NEW_PHOTO[:-1]),
        ({}, {}, []),
        ({}, {"number": 9, "revision": 9, "language": "id", "attempt": 3}, []),
        ({}, {"mistakes": {"size": UserError("error.unknown_size", size="x")}}, []),
        ({}, {"panel": {"background": "white"}}, ["compose", "write"]),
        ({}, {"panel": {"background": "white"}, "live": True}, ["compose"]),
        ({}, {"panel": {"crop": "tight"}, "format": "webp"}, ["compose", "write"]),
        ({}, {"format": "webp"}, ["write"]),
        ({}, {"trimap": TrimapSettings(erode_size=3)}, []),
        ({}, {"alpha_matting": True}, NEW_EDGES),
        ({"alpha_matting": True}, {"alpha_matting": True, "trimap": TrimapSettings(erode_size=3)}, NEW_EDGES),
        ({"alpha_matting": True}, {"trimap": TrimapSettings(erode_size=3)}, NEW_EDGES),
        ({}, {"model": "u2netp"}, NEW_EDGES),
        ({"model": "u2netp"}, {}, ["segment", "render", "compose", "compare", "thumbnail", "write"]),
        ({}, {"touch_up": DOT}, NEW_EDGES),
        ({}, {"touch_up": TouchUp(fill_holes=True)}, NEW_EDGES),
        ({"touch_up": DOT}, {"touch_up": TouchUp(DOT.strokes)}, []),
        ({"touch_up": DOT}, {}, NEW_EDGES),
        ({}, {"touch_up": DOT, "live": True}, NEW_EDGES[:-1]),
        ({}, {"touch_up": DOT, "model": OTHER}, ["render", "compose", "fetch", "segment", *NEW_EDGES]),
        ({}, {"detail": True}, ["enlarge"]),
        ({"detail": True}, {"detail": True, "touch_up": DOT}, NEW_EDGES),
        ({"detail": True}, {}, []),
        ({}, {"model": OTHER}, ["fetch", "segment", *NEW_EDGES]),
        ({"model": OTHER}, {"model": OTHER, "attempt": 1}, []),
        ({"live": True}, {}, ["write"]),
    ],
)
def test_a_change_takes_the_stages_that_depend_on_it_and_no_others(
    driver: Driver, photo: Path, first: dict[str, Any] | None, change: dict[str, Any], passed: list[str]
) -> None:
    """Numbers of a trimap change nothing without alpha matting; a network that ran is not asked again."""
    before = wants(photo)
    if first is not None:
        before = wants(photo, **first)
        driver.drive(before)
    wanted = wants(photo, **change)
    if "panel" not in change:
        wanted = replace(wanted, finish=before.finish)
    done = driver.drive(wanted)
    assert driver.passed == passed
    assert done.failures == {}
    assert wanted.live or is_of_the_screen(done, wanted)


def test_the_plan_looks_and_does_nothing(driver: Driver, photo: Path) -> None:
    wanted = wants(photo)
    assert plan(wanted, Done()) == plan(wanted, Done()) == Task("open", None, (photo,))
    done = driver.drive(wanted)
    other = wants(photo, {"background": "white"})
    assert plan(other, done) == plan(other, done)
    assert plan(wanted, done) is None


def test_a_picture_of_one_s_own_is_read_once(driver: Driver, photo: Path, tmp_path: Path) -> None:
    green = flat(tmp_path, "green")
    driver.drive(wants(photo))
    passed = []
    for panel in ({"background": "picture"}, {"background": "picture", "picture_x": "50"}, {"background": "white"}):
        driver.drive(wants(photo, panel, green))
        passed.append(driver.passed)
    assert passed == [["read", "compose", "write"], ["compose", "write"], ["compose", "write"]]


def test_another_photo_begins_anew_but_keeps_what_is_not_of_the_photo(
    driver: Driver, photo: Path, tmp_path: Path
) -> None:
    own, other_photo = flat(tmp_path, "green"), flat(tmp_path, "red")
    panel = {"background": "picture"}
    driver.drive(wants(photo, panel, own, model=OTHER))
    done = driver.drive(wants(other_photo, panel, own, model=OTHER))
    assert driver.passed == ONE_NETWORK
    assert done.photo
    assert done.photo.path == other_photo


def test_a_change_of_look_is_seen_while_a_download_is_waited_for(driver: Driver, photo: Path) -> None:
    done = driver.drive(wants(photo))
    following = plan(wants(photo, {"background": "white"}, model=OTHER), done)
    assert following
    assert following.stage == "compose"


def test_each_network_runs_once_for_a_photo(driver: Driver, photo: Path, ran: list[str]) -> None:
    for change in ({}, {"model": "u2netp"}, {"model": "isnet-general-use"}, {"alpha_matting": True}, {"model": OTHER}):
        driver.drive(wants(photo, **change))
    assert sorted(ran) == sorted([*MODELS[DEFAULT_MODEL].predictions, OTHER])


# ---- what failed ----------------------------------------------------------------------------------------------------


def test_the_first_look_waits_for_no_more_than_the_quickest_network(photo: Path, ran: list[str]) -> None:
    wanted, done, tools = wants(photo), Done(), Tools(Folder(), MatteStore(Folder()))
    while not done.picture:
        task = plan(wanted, done)
        assert task
        done = replace(done, **run(task, wanted, done, tools))
    assert ran == ["u2netp"]
    assert done.preview
    assert (done.preview.edges, done.preview.doubts) == (None, ())


def test_a_model_that_cannot_be_downloaded_is_stood_in_for_and_tried_again_on_demand(
    driver: Driver, photo: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "fetch", failing(UserError("error.download_failed", model="x")))
    wanted = wants(photo, model=OTHER)
    done = driver.drive(wanted)
    assert driver.passed == ["open", "fetch", *(stage for stage in NEW_PHOTO[1:] if stage != "compare")]
    assert done.preview
    assert done.preview.cutout.model == DEFAULT_MODEL
    assert [task.stage for task in obstacles(wanted, done)] == ["fetch"]
    assert is_of_the_screen(done, wanted)

    monkeypatch.setattr(segmentation, "fetch", lambda spec, report: Path(spec.id))
    driver.drive(wanted)
    assert driver.passed == []
    done = driver.drive(replace(wanted, attempt=1))
    assert driver.passed == ["fetch", "segment", *NEW_EDGES]
    assert done.preview
    assert done.preview.cutout.model == OTHER
    assert obstacles(replace(wanted, attempt=1), done) == {}


def test_a_model_that_cannot_be_loaded_is_stood_in_for_without_any_network_running_twice(
    driver: Driver, photo: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def predict(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
        if spec.id == OTHER:
            raise UserError("error.download_failed", model=spec.name("en"))
        ran.append(in_mirror(spec.id) if mirrored else spec.id)
        return disc(photo, spec)

    monkeypatch.setattr(segmentation, "predict", predict)
    wanted = wants(photo, model=OTHER)
    done = driver.drive(wanted)
    assert done.preview
    assert done.preview.cutout.model == DEFAULT_MODEL
    assert {task.stage: str(error) for task, error in obstacles(wanted, done).items()} == {
        "segment": str(UserError("error.download_failed", model=MODELS[OTHER].name("en")))
    }
    assert sorted(ran) == sorted(MODELS[DEFAULT_MODEL].predictions)
    assert is_of_the_screen(done, wanted)


def test_a_network_that_fails_altogether_ends_without_a_result(
    driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "predict", failing(ZeroDivisionError()))
    done = driver.drive(wants(photo))
    assert driver.passed == ["open", "segment", "segment"]
    assert (done.preview, done.written) == (None, None)


def test_a_photo_that_cannot_be_read_leaves_the_one_before_it(driver: Driver, photo: Path, tmp_path: Path) -> None:
    before = driver.drive(wants(photo))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    wanted = wants(broken, {"background": "white"})
    done = driver.drive(wanted)
    assert driver.passed == ["open", "compose", "write"]
    assert done.photo is before.photo
    assert is_of_the_screen(done, wanted)
    assert [task.stage for task in obstacles(wanted, done)] == ["open"]


def test_a_look_that_fails_leaves_the_one_before_it(driver: Driver, photo: Path) -> None:
    white = wants(photo, {"background": "white"})
    before = driver.drive(white)
    wanted = wants(photo, OUTSIDE)
    done = driver.drive(wanted)
    assert driver.passed == ["compose"]
    assert (done.picture, done.written) == (before.picture, before.written)
    assert [task.stage for task in obstacles(wanted, done)] == ["compose"]

    done = driver.drive(replace(wanted, alpha_matting=True))
    assert driver.passed == ["render", "compose", "compose", "thumbnail", "write"]
    assert done.picture
    assert done.picture.finish is white.finish


def test_a_look_that_fails_from_the_first_leaves_the_plain_cutout(driver: Driver, photo: Path) -> None:
    wanted = wants(photo, OUTSIDE)
    done = driver.drive(wanted)
    assert done.picture
    assert done.picture.finish.look.background is None
    assert is_of_the_screen(done, wanted)


def test_a_picture_of_one_s_own_that_cannot_be_read_leaves_the_one_before_it(
    driver: Driver, photo: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    panel = {"background": "picture"}
    before = driver.drive(wants(photo, panel, flat(tmp_path, "green")))
    wanted = wants(photo, panel, broken)
    done = driver.drive(wanted)
    assert driver.passed == ["read"]
    assert done.picture is before.picture
    assert [task.stage for task in obstacles(wanted, done)] == ["read"]
    done = driver.drive(replace(wanted, alpha_matting=True))
    assert done.picture
    assert corner(done.picture.file) == pytest.approx((0, 128, 0, 255), abs=3)


def test_the_look_that_steps_in_has_its_own_background_and_not_that_of_the_one_that_failed(
    driver: Driver, photo: Path, tmp_path: Path
) -> None:
    panel = {"background": "picture"}
    green = flat(tmp_path, "green")
    driver.drive(wants(photo, panel, green))
    failed = wants(photo, panel | OUTSIDE, flat(tmp_path, "red"))
    driver.drive(failed)
    done = driver.drive(replace(failed, alpha_matting=True))
    assert done.picture
    assert done.written
    for path in (done.picture.file, done.written.path):
        assert corner(path) == pytest.approx((0, 128, 0, 255), abs=3)
    assert green in done.files()


@pytest.mark.parametrize(
    ("broken", "passed"),
    [
        ("draft", ["open", "segment", "draft", "segment", "render", "compose", "compare", "thumbnail", "write"]),
        ("render", [*FIRST_LOOK, "segment", "render"]),
        ("compare", NEW_PHOTO),
        ("thumbnail", NEW_PHOTO),
        ("write", NEW_PHOTO),
    ],
)
def test_a_stage_that_fails_is_passed_over(
    driver: Driver, photo: Path, broken: Any, passed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without edges, a draft is all that there is to see, and no file is made of it."""
    stage = stages.STAGES[broken]
    monkeypatch.setitem(stages.STAGES, broken, replace(stage, run=failing(ZeroDivisionError())))
    wanted = wants(photo)
    done = driver.drive(wanted)
    assert driver.passed == passed
    assert bool(done.written) == (broken in ("draft", "compare", "thumbnail"))
    # A draft is not missed any more once there is something better.
    assert [task.stage for task in obstacles(wanted, done)] == ([] if broken == "draft" else [broken])


def test_a_limit_asks_for_another_file_and_for_nothing_else(driver: Driver, photo: Path) -> None:
    """One that cannot be kept, too: the full-size cutout is not made again for the next."""
    wanted = wants(photo, format="jpeg")
    plain = driver.drive(replace(wanted, limit=Limit(max_kb=0.01)))
    assert plain.full
    assert plain.written is None
    [(task, error)] = obstacles(replace(wanted, limit=Limit(max_kb=0.01)), plain).items()
    assert task.stage == "write"
    assert isinstance(error, UserError)
    assert error.key == "error.file_over_most"
    most = error.params["reached"]
    done = driver.drive(replace(wanted, limit=Limit(max_kb=most)))
    assert driver.passed == ["write"]
    assert done.full is plain.full
    assert done.written
    assert done.written.bytes == len(done.written.path.read_bytes()) <= most * 1000


def test_a_png_of_few_colours_does_not_say_that_it_is_unchanged(driver: Driver, kucing: Path) -> None:
    whole = driver.drive(wants(kucing)).written
    assert whole
    assert (whole.unchanged, whole.reduced) == (True, False)
    few = driver.drive(wants(kucing, limit=Limit(max_kb=100))).written
    assert few
    assert (few.unchanged, few.reduced) == (False, True)


def test_a_file_that_cannot_be_written_does_not_keep_another_format_from_it(
    driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.drive(wants(photo))
    encode = stages.encode

    def refuse(picture: Any, kind: str, limit: Limit) -> bytes:
        return (
            encode(picture, kind, limit)
            if kind == "png"
            else failing(UserError("error.file_sides", format="", limit=1))()
        )

    monkeypatch.setattr(stages, "encode", refuse)
    white = wants(photo, {"background": "white"}, format="webp")
    assert driver.drive(white).written is not driver.done.picture
    assert [task.stage for task in obstacles(white, driver.done)] == ["write"]
    png = replace(white, format="png")
    done = driver.drive(png)
    assert driver.passed == ["write"]
    assert is_of_the_screen(done, png)


STEPS = st.fixed_dictionaries(
    {
        "panel": st.sampled_from([{}, {"background": "white"}, {"background": "picture"}, OUTSIDE]),
        "own": st.sampled_from([None, "green", "red"]),
        "photo": st.sampled_from(["blue", "grey"]),
        "model": st.sampled_from([DEFAULT_MODEL, "u2netp", OTHER, ANOTHER]),
        "alpha_matting": st.booleans(),
        "format": st.sampled_from(["png", "jpeg"]),
        "limit": st.sampled_from([Limit(), Limit(max_kb=2), Limit(max_kb=0.01)]),
        "live": st.booleans(),
        "touch_up": st.sampled_from([UNTOUCHED, DOT]),
        "detail": st.booleans(),
        "broken": st.sets(st.sampled_from(list(stages.STAGES)), max_size=2),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=5))
def test_whatever_is_wanted_and_whatever_fails_the_plan_ends_and_the_file_is_of_the_screen(
    ran: list[str], tmp_path: Path, steps: list[dict[str, Any]]
) -> None:
    driver = Driver()
    for step in steps:
        own = step["own"] and flat(tmp_path, step["own"])
        names = ("model", "alpha_matting", "format", "limit", "live", "touch_up", "detail")
        wanted = wants(flat(tmp_path, step["photo"]), step["panel"], own, **{name: step[name] for name in names})
        with pytest.MonkeyPatch.context() as patch:
            for broken in step["broken"]:
                stage = stages.STAGES[broken]
                patch.setitem(stages.STAGES, broken, replace(stage, run=failing(ZeroDivisionError())))
            done = driver.drive(wanted)
        assert plan(wanted, done) is None
        if not obstacles(wanted, done):
            assert done.photo
            assert done.photo.path == wanted.photo
            assert done.picture
            assert (done.picture.preview, done.picture.finish) == (done.preview, wanted.finish)
            assert done.preview
            assert done.preview.edges
            assert done.preview.edges.touch_up == wanted.touch_up
            assert done.detail or wanted.live or not wanted.detail
            assert wanted.live or is_of_the_screen(done, wanted)
        for path in done.files():
            assert path.is_file()


# ---- what the stages make -------------------------------------------------------------------------------------------


def backdrop(path: Path) -> Backdrop:
    return Backdrop(decode(path), fill=False, zoom=1.5, shift=(0.1, -0.2))


STROKES = (
    Stroke(keep=True, width=0.02, points=[(0.1, 0.9), (0.3, 0.95)]),
    Stroke(keep=False, width=0.1, points=[(0.5, 0.5)]),
)


@pytest.mark.parametrize(
    "touch_up", [TouchUp(STROKES), TouchUp(STROKES[1:], fill_holes=True), TouchUp(largest_piece=True)]
)
@pytest.mark.parametrize("alpha_matting", [False, True])
def test_the_file_with_strokes_is_what_every_other_door_gives(
    driver: Driver, kucing: Path, monkeypatch: pytest.MonkeyPatch, touch_up: TouchUp, alpha_matting: bool
) -> None:
    """Whatever was drawn before, and though what the page shows is smaller than the photo."""
    monkeypatch.setattr(stages, "SCREEN_SIDE", 200)
    driver.drive(wants(kucing, touch_up=DOT))
    made = driver.file(wants(kucing, {"background": "white"}, touch_up=touch_up, alpha_matting=alpha_matting))
    options = {"strokes": touch_up.strokes, "largest_piece": touch_up.largest_piece, "fill_holes": touch_up.fill_holes}
    assert made == bgdemo.remove_to_file(kucing, background="white", alpha_matting=alpha_matting, **options)


@pytest.mark.parametrize(
    ("panel", "options", "kind"),
    [
        ({}, {}, "png"),
        ({"background": "white", "shadow": "drop"}, {"background": "white", "shadow": "drop"}, "jpeg"),
        ({"background": "blur", "blur": "80"}, {"background": "blur 80%"}, "webp"),
        ({"background": "night"}, {"background": "night"}, "avif"),
        ({"outline": "white", "outline_width": "20"}, {"outline": "20 white"}, "webp-lossless"),
        ({"crop": "1:1"}, {"crop": "subject 1:1 15%"}, "png"),
        ({"crop": "tight", "width": "50"}, {"crop": "subject 4%", "size": "50x"}, "png"),
        ({"width": "30", "height": "30"}, {"size": "30x30"}, "png"),
        ({"width": "1", "unit": "cm", "dpi": "96"}, {"size": "1x cm at 96"}, "png"),
        ({"crop": "id:2x3", "sheet": "10x15"}, {"id_photo": "2x3", "sheet": True}, "jpeg"),
        ({"crop": "id:sscasn", "sheet": "a4"}, {"id_photo": "sscasn", "sheet": "a4"}, "pdf"),
        (
            {"crop": "id:3x4", "sheet": "3r", "prints": "own", "prints_2x3": "3", "prints_3x4": "2", "prints_4x6": ""},
            {"id_photo": "3x4", "sheet": "3r: 3 of 2x3, 2 of 3x4"},
            "png",
        ),
        ({"background": "white", "crop": "tight"}, {"crop": "subject 4%"}, "mask"),
        ({"outline": "white"}, {}, "trimap"),
        ({"background": "picture", "picture_fit": "fit"}, {"background": backdrop}, "png"),
    ],
)
@pytest.mark.filterwarnings("ignore:We found no face")  # of a cat
def test_the_file_is_what_every_other_door_gives(
    driver: Driver, kucing: Path, tmp_path: Path, panel: Any, options: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though what the page shows is smaller than the photo."""
    monkeypatch.setattr(stages, "SCREEN_SIDE", 200)
    behind = tmp_path / "butterfly.jpg"
    behind.write_bytes((kucing.parent / "butterfly.jpg").read_bytes())
    if "picture_fit" in panel:
        panel = panel | {"picture_zoom": "150", "picture_x": "10", "picture_y": "-20"}
        options = {"background": backdrop(behind)}
    made = driver.file(wants(kucing, panel, behind, format=kind))
    assert made == bgdemo.remove_to_file(kucing, **options, format=kind)
    assert driver.done.photo
    assert max(driver.done.photo.shown.size) == 200


@pytest.mark.parametrize("standard", ["3x4", "us"])
def test_an_id_photo_is_framed_by_the_face_in_the_photo_and_not_in_what_the_page_shows(
    driver: Driver, kucing: Path, monkeypatch: pytest.MonkeyPatch, standard: str
) -> None:
    monkeypatch.setattr(stages, "SCREEN_SIDE", 300)
    portrait = kucing.parent / "astronaut.jpg"
    with pytest.warns(UserWarning) as told:
        made = bgdemo.remove_to_file(portrait, id_photo=standard, background="white", format="png")
    assert driver.file(wants(portrait, {"crop": f"id:{standard}", "background": "white"})) == made
    assert driver.done.picture and driver.done.picture.inspection
    assert driver.done.picture.inspection.said("en") == [str(warning.message) for warning in told]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two people, as large as each other."""
    path = tmp_path / "two.png"
    Image.fromarray(couple()[0].rgb[:420]).save(path)
    return path


def test_the_file_is_of_the_person_that_was_chosen_on_the_screen(
    driver: Driver, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "SCREEN_SIDE", 300)
    panel = {"crop": "id:3x4", "background": "white"}
    made = [driver.file(wants(two, {**panel, "crop_face": face})) for face in ("25% 40%", "75% 40%")]
    assert made[0] != made[1]
    assert made[1] == bgdemo.remove_to_file(two, id_photo="3x4", crop="head at 75% 40%", background="white")


def test_the_file_is_of_the_person_on_the_screen_even_if_another_is_the_largest_at_full_size(
    driver: Driver, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "SCREEN_SIDE", 300)
    panel = {"crop": "id:3x4", "background": "white"}
    made = [driver.file(wants(two, {**panel, "crop_face": face})) for face in ("25% 40%", "75% 40%")]
    found = faces._detect
    for turned in (False, True):
        monkeypatch.setattr(
            faces, "_detect", lambda rgb, left=turned: ordered(found(rgb), left == (rgb.shape[1] > 300))
        )
        assert Driver().file(wants(two, panel)) == made[0 if not turned else 1]


def ordered(seen: tuple[Face, ...], left_first: bool) -> tuple[Face, ...]:
    return tuple(sorted(seen, key=lambda face: face.eyes[0], reverse=not left_first))


def test_a_frame_around_a_tilted_head_is_turned(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "tilted.png"
    Image.fromarray(portrait(8)[0].rgb[:300, 80:380]).save(path)
    picture = driver.drive(wants(path, {"crop": "id:us"}, live=True)).picture
    assert picture and picture.frame and picture.inspection
    assert picture.frame[4] == picture.inspection.heads[0].angle > 5


def test_faces_are_found_before_an_id_photo_is_chosen(
    driver: Driver, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.drive(wants(two))
    monkeypatch.setattr(faces, "_detect", lambda rgb: pytest.fail("looked for again"))
    picture = driver.drive(wants(two, {"crop": "id:us"}, live=True)).picture
    assert driver.passed == ["compose"]
    assert picture and picture.inspection and len(picture.inspection.heads) == 2


def test_the_file_with_alpha_matting_is_what_every_other_door_gives(driver: Driver, kucing: Path) -> None:
    numbers = {"foreground_threshold": 200, "background_threshold": 50, "erode_size": 4}
    made = driver.file(wants(kucing, model="u2netp", alpha_matting=True, trimap=TrimapSettings(**numbers)))
    assert made == bgdemo.remove_to_file(kucing, model="u2netp", alpha_matting=True, **numbers)


def test_after_every_change_the_file_is_that_of_what_is_wanted_now(driver: Driver, photo: Path) -> None:
    """Whatever was made on the way there and lies ready."""
    few = {"foreground_threshold": 130, "background_threshold": 120, "erode_size": 0}
    made = []
    for options in ({}, {"alpha_matting": True}, {"alpha_matting": True, **few}, {}, {"model": "u2netp"}):
        fields = {name: value for name, value in options.items() if name not in few}
        trimap = TrimapSettings(**few) if few.keys() <= options.keys() else TrimapSettings()
        made.append(driver.file(wants(photo, **fields, trimap=trimap)))
        assert made[-1] == bgdemo.remove_to_file(photo, **options)
    assert len(set(made)) == 4, "there is something to confuse"


def test_the_file_of_a_real_network_is_what_every_other_door_gives(kucing: Path) -> None:
    made = Driver().file(wants(kucing, {"background": "white"}, model="u2netp"))
    assert made == bgdemo.remove_to_file(kucing, model="u2netp", background="white")


def test_files_are_called_what_they_are(driver: Driver, photo: Path) -> None:
    done = driver.drive(wants(photo, {"background": "white"}, format="jpeg"))
    assert done.written
    assert (done.written.path.name, done.written.mask.name) == ("kucing-white.jpg", "kucing-mask.png")


def test_what_is_said_of_a_file_is_true(driver: Driver, photo: Path) -> None:
    first = driver.drive(wants(photo)).written
    assert first
    assert (first.bytes, first.size, first.unchanged) == (first.path.stat().st_size, (120, 90), True)
    second = driver.drive(wants(photo, {"width": "60"}, format="jpeg")).written
    assert second
    assert (second.bytes, second.size, second.unchanged) == (second.path.stat().st_size, (60, 45), False)
    assert pixels(second.mask).shape == (90, 120, 4)


def test_a_change_of_look_refines_nothing_again(driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.drive(wants(photo))
    monkeypatch.setattr(stages, "render", failing(ZeroDivisionError()))
    for panel in ({"background": "white"}, {"background": "blur"}, {"crop": "id:4x6", "sheet": "10x15"}):
        wanted = wants(photo, panel)
        assert is_of_the_screen(driver.drive(wanted), wanted)


def test_a_full_size_cutout_whose_file_is_gone_is_made_again(driver: Driver, photo: Path) -> None:
    full = driver.drive(wants(photo)).full
    assert full
    full.pixels.unlink()
    made = driver.file(wants(photo, {"background": "white"}))
    assert made == bgdemo.remove_to_file(photo, background="white")
    assert driver.done.full
    assert driver.done.full.pixels.exists()


def test_a_full_size_cutout_is_kept_by_those_who_want_it_no_more(
    driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whatever they want instead begins with it."""
    wanted = wants(photo)
    driver.drive(replace(wanted, live=True))
    task = plan(wanted, driver.done)
    assert task
    job = stages.Job(task, wanted, driver.done, driver.tools, failing(SupersededError()), lambda fraction: None)
    results = stages.STAGES["write"].run(job)
    assert list(results) == ["full"]
    driver.done = replace(driver.done, **results)
    monkeypatch.setattr(stages, "render", failing(ZeroDivisionError()))
    assert is_of_the_screen(driver.drive(wanted), wanted)


def test_a_preview_that_nobody_will_see_is_not_written(driver: Driver, photo: Path) -> None:
    done = driver.drive(wants(photo))
    files = set(driver.tools.folder.path.rglob("*"))
    wanted = wants(photo, {"background": "white"})
    task = plan(wanted, done)
    assert task
    job = stages.Job(task, wanted, done, driver.tools, failing(SupersededError()), lambda fraction: None)
    with pytest.raises(SupersededError):
        stages.STAGES["compose"].run(job)
    assert set(driver.tools.folder.path.rglob("*")) == files


def test_the_photo_is_decoded_once_for_all_that_needs_it_at_full_size(
    driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    monkeypatch.setattr(stages, "decode", lambda path: decoded.append(path) or decode(path))
    driver.drive(wants(photo, {"background": "blur"}))
    assert decoded == [photo]


# ---- by hand, and in detail -----------------------------------------------------------------------------------------


def level(path: Path, x: float, y: float) -> int:
    """The mask `path` at a place in fractions of its sides."""
    with Image.open(path) as mask:
        return int(np.asarray(mask)[round(y * mask.height), round(x * mask.width)])


def test_a_stroke_is_seen_without_any_network_and_in_the_file(driver: Driver, photo: Path, ran: list[str]) -> None:
    driver.drive(wants(photo))
    ran.clear()
    done = driver.drive(wants(photo, touch_up=DOT))
    assert ran == []
    assert done.preview
    assert done.written
    for mask in (done.preview.mask, done.written.mask):
        assert level(mask, 0.05, 0.05) == 255
    done = driver.drive(wants(photo))
    assert done.preview
    assert level(done.preview.mask, 0.05, 0.05) == 0


def test_two_networks_are_fused_once_for_all_that_is_drawn(
    driver: Driver, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.drive(wants(photo))
    monkeypatch.setattr(fusion, "fuse", failing(ZeroDivisionError()))
    wanted = wants(photo, touch_up=DOT)
    assert is_of_the_screen(driver.drive(wanted), wanted)


def test_strokes_stay_through_every_other_change(driver: Driver, photo: Path, ran: list[str]) -> None:
    for change in ({}, {"model": "u2netp"}, {"model": OTHER}, {"alpha_matting": True}, {"panel": {"crop": "1:1"}}):
        done = driver.drive(wants(photo, touch_up=DOT, **change))
        assert done.preview
        assert level(done.preview.mask, 0.05, 0.05) == 255


def test_a_mask_says_which_message_it_was_made_for(driver: Driver, photo: Path) -> None:
    for number, changes in enumerate([{}, {"touch_up": DOT}, {"touch_up": DOT, "format": "webp"}]):
        done = driver.drive(wants(photo, number=number, **changes))
        assert done.preview
        assert done.preview.number == min(number, 1)


def test_the_photo_s_own_pixels_are_made_once_for_those_who_zoom_in(
    driver: Driver, kucing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "SCREEN_SIDE", 100)
    assert driver.drive(wants(kucing)).detail is None
    detail = driver.drive(wants(kucing, detail=True)).detail
    assert detail
    with Image.open(detail) as shown:
        assert shown.format == "JPEG"
        difference = np.abs(np.asarray(shown).astype(int) - decode(kucing).rgb)
    assert difference.mean() < 5
    for touch_up in (DOT, TouchUp()):
        assert driver.drive(wants(kucing, detail=True, touch_up=touch_up)).detail == detail
    assert detail in driver.done.files()


def test_a_transparent_photo_is_shown_in_detail_as_it_is(driver: Driver, tmp_path: Path) -> None:
    detail = driver.drive(wants(transparent(tmp_path), detail=True)).detail
    assert detail
    assert set(map(tuple, pixels(detail).reshape(-1, 4).tolist())) == {(0, 0, 0, 0), (0, 0, 255, 255)}


@pytest.mark.parametrize(
    ("panel", "frame"),
    [
        ({}, (0, 0, 1, 1, 0)),
        ({"width": "60"}, (0, 0, 1, 1, 0)),
        ({"width": "50", "height": "50"}, (0.125, 0, 0.75, 1, 0)),
        ({"crop": "id:2x3", "sheet": "10x15"}, None),
    ],
)
def test_where_the_picture_lies_over_the_photo_is_known(
    driver: Driver, photo: Path, panel: dict[str, str], frame: Any
) -> None:
    picture = driver.drive(wants(photo, panel)).picture
    assert picture
    assert picture.frame == frame


def test_a_picture_around_the_subject_may_go_beyond_the_photo(driver: Driver, photo: Path) -> None:
    panel = {"crop": "1:1", "crop_zoom": "50"}
    done = driver.drive(wants(photo, panel))
    assert done.picture
    assert done.picture.frame
    left, top, width, height, angle = done.picture.frame
    assert angle == 0 and left < 0 and top < 0 and left + width > 1 and top + height > 1
    assert width * 120 == pytest.approx(height * 90, abs=1)
    assert done.written
    assert done.written.size == (round(width * 120), round(height * 90))


# ---- results to choose from -----------------------------------------------------------------------------------------


def box(left: float, right: float) -> np.ndarray:
    """A prediction of the columns between two fractions of the width."""
    x = np.linspace(0, 1, 100, dtype=np.float32)
    return np.tile(((left <= x) & (x < right)).astype(np.float32), (100, 1))


def seeing(monkeypatch: pytest.MonkeyPatch, fine: np.ndarray, coarse: np.ndarray) -> list[str]:
    """Have the two bundled networks see what they are told; which of them ran."""
    names: list[str] = []

    def predict(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
        names.append(in_mirror(spec.id) if mirrored else spec.id)
        return Matte(coarse if spec.id == "u2netp" else fine, spec.id)

    monkeypatch.setattr(segmentation, "predict", predict)
    return names


def test_where_the_networks_disagree_each_result_can_be_chosen_without_any_network(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = seeing(monkeypatch, box(0.3, 0.5), box(0.1, 0.8))
    driver = Driver()
    first = wants(photo)
    candidates = driver.drive(first).candidates
    assert candidates
    # What the coarse one adds to the fine one is all that it sees itself.
    assert [candidate.models for candidate in candidates] == [(DEFAULT_MODEL, "u2netp"), ("isnet-general-use",)]
    for candidate, width in zip(candidates, (0.7, 0.2), strict=True):
        assert pixels(candidate.file)[..., 3].mean() / 255 == pytest.approx(width, abs=0.02)
        assert candidate.file in driver.done.files()
    ran.clear()
    for candidate in candidates:
        wanted = replace(first, model=candidate.models[-1])
        assert is_of_the_screen(driver.drive(wanted), wanted)
        assert driver.passed == NEW_EDGES
        assert driver.done.candidates is candidates
    assert ran == []


def test_three_different_results_are_three_small_pictures_in_the_photo_s_colours(
    kucing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine, coarse = box(0.3, 0.5), box(0.7, 0.9) + box(0.1, 0.3)
    seeing(monkeypatch, fine, coarse)
    done = Driver().drive(wants(kucing))
    assert done.candidates
    assert [candidate.models for candidate in done.candidates] == [("best",), ("isnet-general-use",), ("u2netp",)]
    assert done.photo
    for candidate in done.candidates:
        shown = pixels(candidate.file)
        assert max(shown.shape[:2]) == stages.CANDIDATE
        assert candidate.file.stat().st_size < 20_000
        opaque = shown[..., 3] == 255
        own = preview(done.photo.shown, stages.CANDIDATE).rgb
        assert np.abs(shown[opaque][:, :3].astype(int) - own[opaque]).mean() < 10


@pytest.mark.parametrize(
    ("fine", "coarse"), [(box(0.1, 0.8), box(0.1, 0.7)), (np.zeros((9, 9), np.float32), np.zeros((9, 9), np.float32))]
)
def test_where_the_networks_agree_there_is_nothing_to_choose(
    photo: Path, monkeypatch: pytest.MonkeyPatch, fine: np.ndarray, coarse: np.ndarray
) -> None:
    seeing(monkeypatch, fine, coarse)
    assert Driver().drive(wants(photo)).candidates == ()


def test_where_networks_agree_but_are_not_sure_the_result_is_doubted_and_there_is_no_other(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeing(monkeypatch, box(0.1, 0.5) + box(0.5, 0.65) * np.float32(0.6), box(0.1, 0.5))
    done = Driver().drive(wants(photo))
    assert done.candidates == ()
    assert done.preview
    assert done.preview.doubts == ("note.incomplete",)


def test_a_network_alone_has_nothing_to_be_compared_with(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = seeing(monkeypatch, box(0.3, 0.5), box(0.1, 0.8))
    driver = Driver()
    assert driver.drive(wants(photo, model="u2netp")).candidates is None
    assert ran == ["u2netp"]
    assert driver.drive(wants(photo)).candidates
    driver.drive(wants(photo, model="u2netp"))
    assert sorted(ran) == sorted(MODELS[DEFAULT_MODEL].predictions)


# ---- what the screen shows ------------------------------------------------------------------------------------------


def transparent(folder: Path) -> Path:
    """A blue square on transparency, under which lies red."""
    path = folder / "hidden.png"
    rgba = np.zeros((90, 120, 4), np.uint8)
    rgba[...] = (255, 0, 0, 0)
    rgba[20:70, 30:90] = (0, 0, 255, 255)
    Image.fromarray(rgba).save(path)
    return path


@pytest.mark.parametrize("panel", [{}, {"crop": "tight"}, {"width": "60"}, {"background": "blur"}, {"shadow": "drop"}])
def test_nothing_that_a_photo_hides_under_its_transparency_is_shown(
    driver: Driver, tmp_path: Path, panel: dict[str, str]
) -> None:
    done = driver.drive(wants(transparent(tmp_path), panel))
    assert done.photo
    assert done.picture
    assert done.picture.photo
    assert done.thumbs
    assert done.written
    for path in (done.photo.file, done.picture.photo, done.picture.file, done.thumbs[1], done.written.path):
        red, _, blue, _ = np.moveaxis(pixels(path).astype(int), -1, 0)
        assert (red - blue).max() < 60, path.name


def test_a_photo_is_compared_with_the_same_part_of_itself_and_a_sheet_with_nothing(driver: Driver, photo: Path) -> None:
    plain = driver.drive(wants(photo))
    assert plain.photo
    assert plain.picture
    assert (plain.picture.photo, plain.picture.ratio) == (plain.photo.file, 120 / 90)
    framed = driver.drive(wants(photo, {"crop": "1:1"})).picture
    assert framed
    assert framed.photo
    assert framed.ratio == 1
    assert pixels(framed.photo).shape[:2] == pixels(framed.file).shape[:2]
    sheet = driver.drive(wants(photo, {"crop": "id:2x3", "sheet": "10x15"})).picture
    assert sheet
    assert sheet.photo is None


@pytest.mark.parametrize(
    ("panel", "shape"),
    [
        ({"width": "4000"}, (960, 1280)),
        ({"width": "5000", "height": "10000"}, (1280, 640)),
        ({"width": "50"}, (38, 50)),
        ({"crop": "id:4x6", "sheet": "10x15"}, (1280, 853)),
    ],
)
def test_the_screen_is_given_no_more_pixels_than_it_can_show(
    driver: Driver, photo: Path, panel: dict[str, str], shape: tuple[int, int]
) -> None:
    picture = driver.drive(wants(photo, panel, live=True)).picture
    assert picture
    assert pixels(picture.file).shape[:2] == pytest.approx(shape, abs=1)


@pytest.mark.parametrize(
    ("panel", "count"),
    [
        ({"crop": "id:35x45", "sheet": "10x15"}, 8),  # four of which are exactly as wide as the paper
        ({"crop": "id:35x45", "sheet": "a4"}, 30),
        ({"crop": "id:us", "sheet": "4r", "prints": "4 3x4, 4 2x3"}, 8),
    ],
)
def test_a_sheet_on_the_screen_is_that_of_its_file(
    driver: Driver, photo: Path, panel: dict[str, str], count: int
) -> None:
    done = driver.drive(wants(photo, panel | {"background": "sea"}))
    assert done.picture
    assert done.written
    assert done.written.printed
    assert done.written.printed.count == count
    shown = pixels(done.picture.file)
    with Image.open(done.written.path) as file:
        whole = np.asarray(file.convert("RGBA").resize(shown.shape[1::-1]))
    assert np.abs(whole.astype(int) - shown).mean() < 4


def test_the_thumbnails_are_of_the_visitor_s_own_subject(driver: Driver, photo: Path) -> None:
    done = driver.drive(wants(photo))
    assert done.thumbs
    assert done.thumbs[0] is done.preview
    assert pixels(done.thumbs[1]).shape[:2] == (stages.THUMB, len(stages.THUMBS) * stages.THUMB)


@pytest.fixture
def display_p3(tmp_path: Path) -> Iterator[Path]:
    """A photo with a colour profile of its own, for which another name will do."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "profile.png"
    Image.new("RGB", (60, 40), "orange").save(path, icc_profile=profile)
    yield path


def test_what_the_screen_shows_keeps_the_colour_profile(driver: Driver, display_p3: Path) -> None:
    done = driver.drive(wants(display_p3, {"crop": "tight"}))
    assert done.photo
    assert done.picture
    assert done.picture.photo
    for path in (done.photo.file, done.picture.file, done.picture.photo):
        with Image.open(path) as image:
            assert image.info["icc_profile"] == done.photo.shown.metadata.icc_profile


def test_the_mask_is_that_of_the_cutout_and_of_the_photo_s_size(driver: Driver, photo: Path) -> None:
    done = driver.drive(wants(photo))
    assert done.preview
    assert done.written
    for path in (done.preview.mask, done.written.mask):
        with Image.open(path) as mask:
            assert mask.mode == "L"
            assert np.array_equal(np.asarray(mask), done.preview.cutout.rgba[..., 3])


def test_what_is_shown_of_an_opaque_photo_is_the_photo() -> None:
    rgb = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert np.array_equal(picture_of(Photo(rgb)).pixels[..., :3], rgb)


def test_the_memory_that_a_task_takes_is_that_of_its_photo(driver: Driver, photo: Path, tmp_path: Path) -> None:
    done = driver.drive(wants(photo))
    assert megapixels(Task("open", None, (photo,))) == 120 * 90 / 1e6
    assert megapixels(Task("write", done.photo)) == 120 * 90 / 1e6
    (empty := tmp_path / "empty.jpg").touch()
    with pytest.raises(UserError, match="empty"):
        megapixels(Task("open", None, (empty,)))


def test_every_task_can_be_run_again(driver: Driver, photo: Path) -> None:
    """One that was superseded is, and gives the same."""
    wanted = wants(photo)
    done = driver.drive(wanted)
    assert done.preview
    again = run(Task("compose", done.photo, (done.preview, wanted.finish)), wanted, done, driver.tools)["picture"]
    assert done.picture
    assert again.file != done.picture.file
    assert again.file.read_bytes() == done.picture.file.read_bytes()


# ---- a photo of the empty scene --------------------------------------------------------------------------------------


def test_a_plate_takes_the_place_of_every_network(driver: Driver, ran: list[str], tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    done = driver.drive(Wanted(photo=photo, plate=plate))
    assert driver.passed == ["open", "subtract", *NEW_EDGES]
    assert (ran, done.failures) == ([], {})
    assert done.preview
    assert (done.preview.cutout.model, done.preview.doubts) == (PLATE, ())
    assert plate in done.files()
    assert done.nbytes > replace(done, plate=None).nbytes


def test_a_plate_comes_and_goes_and_another_one_counts(driver: Driver, ran: list[str], tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    driver.drive(Wanted(photo=photo, model="u2netp"))
    driver.drive(Wanted(photo=photo, model="u2netp", plate=plate))
    assert driver.passed == ["subtract", *NEW_EDGES]
    again = tmp_path / "again.jpg"
    again.write_bytes(plate.read_bytes())
    driver.drive(Wanted(photo=photo, model="u2netp", plate=again))
    assert driver.passed == ["subtract", *NEW_EDGES]
    done = driver.drive(Wanted(photo=photo, model="u2netp"))
    assert driver.passed == NEW_EDGES
    assert ran == ["u2netp"]
    assert done.preview
    assert done.preview.cutout.model == "u2netp"


def test_with_a_plate_no_other_model_makes_a_difference(driver: Driver, tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    driver.drive(Wanted(photo=photo, plate=plate))
    driver.drive(Wanted(photo=photo, plate=plate, model=OTHER))
    assert driver.passed == []


@pytest.mark.parametrize("kind", ["another place", "no photo"])
def test_a_plate_that_cannot_be_used_is_told_and_a_model_steps_in(
    driver: Driver, tmp_path: Path, kucing: Path, kind: str
) -> None:
    photo, _ = places.files(tmp_path)
    plate = kucing
    if kind == "no photo":
        plate = tmp_path / "none.jpg"
        plate.write_bytes(b"none")
    wanted = Wanted(photo=photo, model="u2netp", plate=plate)
    done = driver.drive(wanted)
    assert driver.passed.count("subtract") == 1
    assert done.written
    assert done.written.picture.preview.cutout.model == "u2netp"
    shown = view(wanted, done)
    assert shown.settled
    assert shown.errors.keys() == {"plate"}


def test_strokes_beside_a_plate_take_one_network(driver: Driver, ran: list[str], tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    driver.drive(Wanted(photo=photo, plate=plate))
    driver.drive(Wanted(photo=photo, plate=plate, touch_up=DOT))
    assert driver.passed == ["segment", *NEW_EDGES]
    assert ran == [WITH_FEATURES]


def test_a_new_photo_is_held_against_the_same_plate(driver: Driver, ran: list[str], tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    driver.drive(Wanted(photo=photo, plate=plate))
    second = tmp_path / "second.jpg"
    Image.fromarray(places.scene(places.place(), truth=places.mask(0.1))).save(second, quality=95)
    driver.drive(Wanted(photo=second, plate=plate))
    assert (driver.passed, ran) == (["open", "subtract", *NEW_EDGES], [])
