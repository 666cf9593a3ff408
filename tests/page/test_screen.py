"""What the screen shows is a function of what is wanted, what is done and what is under way."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ImageCms

from bgdemo.errors import UserError
from bgdemo.images import Cutout, Metadata, Photo, Printed
from bgdemo.matte.models import DEFAULT_MODEL, MODELS
from bgdemo.matte.strokes import Stroke, TouchUp
from bgdemo.matte.trimap import RECOMMENDED
from bgdemo.messages import LANGUAGES, Language, say
from bgdemo.page.results import Candidate, Composed, Done, Edges, FullSize, Opened, Preview, StageName, Task, Written
from bgdemo.page.screen import Detail, Progress, ViewState, facts, size_of_file, view
from bgdemo.page.stages import STAGES
from bgdemo.page.wanted import UNFINISHED, Wanted, finish_of
from bgdemo.picture.checks import Inspection, checks
from bgdemo.picture.faces import Face, Head
from bgdemo.picture.frames import Frame
from bgdemo.picture.guides import leeway
from bgdemo.picture.limits import UNLIMITED, Limit
from bgdemo.picture.standards import STANDARDS

CAT = Path("cat.jpg")
DOWNLOADED = next(spec for spec in MODELS.values() if not spec.bundled)
OPENED = Opened(CAT, (4000, 3000), Photo(np.zeros((3, 4, 3), np.uint8)), Path("photo.jpg"))
EDGES = Edges(DEFAULT_MODEL, False, None)
WANTED = Wanted(photo=CAT, number=5)
WHITE = finish_of({"background": "white"})


def cutout(model: str = DEFAULT_MODEL) -> Cutout:
    return Cutout(np.zeros((3, 4, 4), np.uint8), Metadata(), model)


def preview(edges: Edges | None = EDGES, model: str = DEFAULT_MODEL, doubts: tuple[str, ...] = ()) -> Preview:
    return Preview(edges, cutout(model), Path("small-mask.png"), doubts, number=4)


def composed(shown: Preview, finish: Any = UNFINISHED) -> Composed:
    return Composed(shown, finish, Path("cutout.webp"), Path("photo.jpg"), 1.5, (0.1, -0.2, 0.5, 1.4, 5.0))


def written(picture: Composed, kind: str = "png", **changes: Any) -> Written:
    plain: dict[str, Any] = {"bytes": 1_234_567, "size": (4000, 3000), "metadata": Metadata(), "unchanged": True}
    file = Written(picture, kind, Path("cat-removedbg.png"), Path("cat-mask.png"), seconds=1.94, **plain)
    return replace(file, **changes)


def finished(shown: Preview | None = None, kind: str = "png", **changes: Any) -> Done:
    """All that `WANTED` takes."""
    shown = shown or preview()
    picture = composed(shown)
    return Done(
        photo=OPENED,
        mattes=dict.fromkeys(MODELS[DEFAULT_MODEL].predictions),
        preview=shown,
        picture=picture,
        candidates=(),
        thumbs=(shown, Path("thumbs.webp")),
        full=FullSize(EDGES, Path("cutout.npy"), Path("cat-mask.png")),
        written=written(picture, kind, **changes),
    )


def failed(wanted: Wanted, done: Done, error: Exception, stage: StageName, *of: Any) -> dict[str, str]:
    """The errors on the screen where a task failed."""
    task = Task(stage, None if stage == "open" else done.photo, of)
    return dict(view(wanted, replace(done, failures={task: error})).errors)


# ---- nothing, and everything ----------------------------------------------------------------------------------------


def test_at_first_there_is_nothing_to_see() -> None:
    assert view(Wanted(), Done()) == ViewState()


def test_a_finished_picture_with_all_that_belongs_to_it() -> None:
    shown = view(WANTED, finished())
    assert (shown.number, shown.settled, shown.status, shown.errors) == (5, True, "", {})
    assert shown.photo == Path("photo.jpg")
    assert shown.pictures
    assert shown.pictures.ratio == 1.5
    assert (shown.pictures.cutout, shown.pictures.mask) == (Path("cutout.webp"), Path("small-mask.png"))
    assert shown.pictures.thumbs == Path("thumbs.webp")
    assert (shown.pictures.shown, shown.pictures.detail) == (Path("photo.jpg"), None)
    assert shown.pictures.number == 4  # the message after it changed nothing about the mask
    assert (shown.pictures.size, shown.pictures.picture_size) == ((4000, 3000), (4000, 3000))
    assert shown.pictures.frame == (0.1, -0.2, 0.5, 1.4, 5.0)
    assert (shown.notices, shown.doubtful) == ((), False)
    assert shown.download
    assert (shown.download.file, shown.download.label) == (Path("cat-removedbg.png"), "Download PNG · 1.2 MB")
    assert shown.mask
    assert (shown.mask.file, shown.mask.label) == (Path("cat-mask.png"), "Download mask")


def test_the_page_s_script_can_read_it() -> None:
    task = Task("write", OPENED)
    for state in (view(WANTED, finished()), view(WANTED, Done(photo=OPENED), Progress(task, 2, 3.5))):
        read = json.loads(json.dumps(state.as_json()))
        assert read["number"] == 5
        assert read["photo"] == "photo.jpg"
    assert view(WANTED, finished()).as_json()["download"]["file"] == "cat-removedbg.png"


def test_the_same_gives_the_same() -> None:
    done = finished()
    assert view(WANTED, done) == view(WANTED, done)


def test_a_subject_that_is_not_clear_is_doubted_under_what_there_is_to_say_of_the_photo() -> None:
    unclear = finished(preview(doubts=("note.no_subject",)))
    noted = replace(OPENED, shown=Photo(OPENED.shown.rgb, notes=("note.several",)))
    shown = view(replace(WANTED, language="id"), replace(unclear, photo=noted))
    assert shown.doubtful
    assert shown.notices == (say("note.several", "id"), say("note.no_subject", "id"))
    assert not view(WANTED, finished()).doubtful


SEVERAL = (Candidate(("best", "u2netp"), Path("1.webp")), Candidate(("isnet-general-use",), Path("2.webp")))


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("best", ["best", "isnet-general-use"]),
        ("isnet-general-use", ["best", "isnet-general-use"]),
        ("u2netp", ["u2netp", "isnet-general-use"]),
        (DOWNLOADED.id, []),
    ],
)
def test_results_are_offered_to_who_chose_one_of_them_and_the_chosen_one_stands_for_its_like(
    model: str, shown: list[str]
) -> None:
    done = replace(finished(preview(Edges(model, False, None), model)), candidates=SEVERAL)
    candidates = view(replace(WANTED, model=model), done).candidates
    assert [candidate.model for candidate in candidates] == shown
    assert [candidate.picture for candidate in candidates] == [Path("1.webp"), Path("2.webp")][: len(shown)]


def test_that_a_result_may_be_incomplete_is_said_where_there_is_no_other_to_choose() -> None:
    """By the page itself, beside the button that leads to Touch up."""
    done = finished(preview(doubts=("note.incomplete",)))
    shown = view(WANTED, done)
    assert (shown.incomplete, shown.doubtful, shown.candidates, shown.notices) == (True, False, (), ())
    for candidates in (SEVERAL, None):  # chosen from, or being made
        assert not view(WANTED, replace(done, candidates=candidates)).incomplete
    assert not view(WANTED, finished()).incomplete


# ---- the photo's own pixels -----------------------------------------------------------------------------------------

DOT = TouchUp((Stroke(keep=True, width=0.1, points=[(0.5, 0.5)]),))


def test_the_photo_s_own_pixels_are_shown_to_those_who_zoom_in_with_the_best_mask_that_there_is() -> None:
    zoomed = replace(WANTED, detail=True)
    done = replace(finished(), detail=Path("large.jpg"))
    shown = view(zoomed, done).pictures
    assert shown
    assert shown.detail == Detail(Path("large.jpg"), Path("cat-mask.png"))
    drawn = replace(done, preview=preview(EDGES._replace(touch_up=DOT)))
    shown = view(replace(zoomed, touch_up=DOT), drawn).pictures
    assert shown
    assert shown.detail == Detail(Path("large.jpg"), Path("small-mask.png"))
    for wanted, made in ((WANTED, done), (zoomed, finished())):
        shown = view(wanted, made).pictures
        assert shown
        assert shown.detail is None


def test_the_file_is_there_while_the_photo_s_own_pixels_are_still_made() -> None:
    task = Task("enlarge", OPENED)
    shown = view(replace(WANTED, detail=True), finished(), Progress(task))
    assert (shown.settled, shown.status) == (False, "")
    assert shown.download
    assert shown.facts


def test_the_size_of_a_picture_is_known_once_there_is_a_file_of_it() -> None:
    done = finished()
    assert done.preview
    shown = view(replace(WANTED, finish=WHITE), replace(done, picture=composed(done.preview, WHITE))).pictures
    assert shown
    assert shown.picture_size is None
    shown = view(replace(WANTED, format="jpeg"), done).pictures
    assert shown
    assert shown.picture_size == (4000, 3000)


def test_a_photo_is_seen_before_there_is_a_result() -> None:
    shown = view(WANTED, Done(photo=OPENED))
    assert (shown.photo, shown.pictures, shown.notices) == (Path("photo.jpg"), None, ())
    assert not shown.settled


# ---- the file on the screen, or none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        replace(WANTED, finish=WHITE),
        replace(WANTED, finish=WHITE, live=True),
        replace(WANTED, format="jpeg"),
        replace(WANTED, alpha_matting=True),
        replace(WANTED, model="u2netp"),
        replace(WANTED, touch_up=TouchUp(fill_holes=True)),
        replace(WANTED, model=DOWNLOADED.id),
        replace(WANTED, photo=Path("dog.jpg")),
    ],
)
def test_while_anything_is_missing_no_file_is_handed_out(wanted: Wanted) -> None:
    shown = view(wanted, finished())
    assert (shown.settled, shown.download, shown.mask, shown.facts) == (False, None, None, "")
    assert shown.pictures, "what there is stays on the screen"


def test_a_slider_that_stands_still_has_no_file_of_where_it_was_before() -> None:
    """Nothing more will come while it is held; the picture on the screen is another than that of the file."""
    done = finished()
    assert done.preview
    moved = replace(done, picture=composed(done.preview, WHITE))
    shown = view(replace(WANTED, finish=WHITE, live=True), moved)
    assert (shown.settled, shown.download, shown.mask, shown.facts) == (True, None, None, "")


def test_a_file_that_could_not_be_written_hands_out_none_of_an_older_picture() -> None:
    done = finished()
    assert done.preview
    picture = composed(done.preview, WHITE)
    task = Task("write", OPENED, (picture, "png", UNLIMITED))
    error = UserError("error.picture_too_large", megapixels=300, limit=125)
    shown = view(replace(WANTED, finish=WHITE), replace(done, picture=picture, failures={task: error}))
    assert (shown.settled, shown.download, shown.mask) == (True, None, None)
    assert shown.errors == {"crop": str(error)}


def test_a_limit_that_cannot_be_kept_hands_out_the_mask_and_no_file_that_is_too_large() -> None:
    done = finished()
    limit = Limit(max_kb=1)
    task = Task("write", OPENED, (done.picture, "png", limit))
    error = UserError("error.file_over_most", format="PNG", limit="1", reached=40)
    shown = view(replace(WANTED, limit=limit), replace(done, failures={task: error}))
    assert (shown.settled, shown.download, shown.facts) == (True, None, "")
    assert shown.mask
    assert shown.errors == {"limit": str(error)}


def test_a_file_of_few_colours_is_told_for_as_long_as_it_is_offered() -> None:
    done = finished()
    assert done.written
    limit = Limit(max_kb=100)
    few = replace(done, written=replace(done.written, limit=limit, reduced=True))
    note = say("note.palette", "en")
    assert note in view(replace(WANTED, limit=limit), few).notices
    assert note not in view(WANTED, few).notices


def test_the_file_of_the_last_good_look_is_handed_out_while_it_is_on_the_screen() -> None:
    done = finished()
    task = Task("compose", OPENED, (done.preview, WHITE))
    outside = replace(done, failures={task: UserError("error.crop_outside")})
    shown = view(replace(WANTED, finish=WHITE), outside)
    assert shown.download
    assert shown.errors == {"crop": say("error.crop_outside", "en")}


# ---- what is under way ----------------------------------------------------------------------------------------------


def status(task: Task | None, language: Language = "en", **progress: Any) -> str:
    return view(replace(WANTED, language=language), Done(photo=OPENED), Progress(task, **progress)).status


@pytest.mark.parametrize(("language", "said"), [("en", "again by ourselves in 5 s"), ("id", "sendiri dalam 5 detik")])
def test_who_is_refused_by_a_long_line_is_told_when_the_page_asks_again(language: Language, said: str) -> None:
    assert said in status(Task("segment", OPENED), language, seconds=4.2, refused=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_words_in_both_languages(stage: StageName, language: Language) -> None:
    task = Task(stage, OPENED, (DOWNLOADED.id, 0))
    said = status(task, language)
    assert said
    assert said != status(task, "id" if language == "en" else "en")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("open", "Reading the photo…"),
        ("segment", "Finding the subject…"),
        ("render", "Refining the edges…"),
        ("write", "Preparing the full-size file…"),
    ],
)
def test_what_happens_is_said(stage: StageName, said: str) -> None:
    assert status(Task(stage, OPENED)) == said


@pytest.mark.parametrize(
    ("progress", "language", "said"),
    [
        ({"before": 1, "seconds": 0.3}, "en", "Waiting: 1 photo before yours, about 1 s…"),
        ({"before": 1, "seconds": 2.0}, "id", "Menunggu: 1 foto sebelum foto Anda, sekitar 2 detik…"),
        ({"before": 3, "seconds": 5.2}, "en", "Waiting: 3 photos before yours, about 6 s…"),
        ({"before": 12, "seconds": 24.0}, "id", "Menunggu: 12 foto sebelum foto Anda, sekitar 24 detik…"),
    ],
)
def test_who_waits_is_told_how_many_come_first(progress: Any, language: Language, said: str) -> None:
    assert status(Task("segment", OPENED, (DEFAULT_MODEL, 0)), language, **progress) == said


@pytest.mark.parametrize(("fraction", "percent"), [(None, 0), (0.0, 0), (0.424, 42), (1.0, 100)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_download_is_told_with_its_model_and_how_much_of_it_is_there(
    language: Language, fraction: float | None, percent: int
) -> None:
    said = status(Task("fetch", OPENED, (DOWNLOADED.id, 0)), language, fraction=fraction)
    assert DOWNLOADED.name(language) in said
    assert f"{DOWNLOADED.download_mb} MB" in said
    assert said.endswith(f" {percent}%")


def test_nothing_is_under_way_of_what_is_done() -> None:
    """Whatever a task that nobody wants any more still does."""
    assert view(WANTED, finished(), Progress(Task("write", OPENED))).status == ""
    assert view(replace(WANTED, format="jpeg"), finished()).status == ""


# ---- what went wrong, and where -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_mistakes_are_told_where_they_were_made(language: Language) -> None:
    mistakes = {
        "thresholds": UserError("error.threshold_range"),
        "size": UserError("error.not_a_side", side="abc"),
        "touch": UserError("error.stroke_outside"),
        "picture": UserError("error.expired"),
    }
    shown = view(replace(WANTED, language=language, mistakes=mistakes), finished())
    assert shown.errors == {place: error.text(language) for place, error in mistakes.items()}
    assert shown.download, "the last choices that could be stand in"


def test_a_photo_that_cannot_be_opened_is_told_beside_the_photo_and_the_one_before_stays() -> None:
    error = UserError("error.unreadable")
    wanted, done = replace(WANTED, photo=Path("broken.jpg")), finished()
    assert failed(wanted, done, error, "open", Path("broken.jpg")) == {"photo": str(error)}
    assert failed(wanted, Done(), error, "open", Path("broken.jpg")) == {"photo": str(error)}


def test_a_background_that_cannot_be_read_is_told_beside_it() -> None:
    wanted = replace(WANTED, finish=finish_of({"background": "picture"}, Path("own.png")))
    error = UserError("error.truncated")
    assert failed(wanted, finished(), error, "read", Path("own.png")) == {"picture": str(error)}


@pytest.mark.parametrize(
    ("key", "params", "place"),
    [
        ("error.crop_outside", {}, "crop"),
        ("error.no_head", {}, "crop"),
        ("error.sheet_too_small", {"paper": "A4"}, "sheet"),
        ("error.picture_too_large", {"megapixels": 300, "limit": 125}, "crop"),
        ("error.size_range", {"limit": 12_000}, "size"),
        ("error.truncated", {}, "result"),
    ],
)
def test_a_picture_that_cannot_be_made_is_told_where_it_was_chosen(key: str, params: Any, place: str) -> None:
    done, error = finished(), UserError(key, **params)
    wanted = replace(WANTED, finish=WHITE)
    assert failed(wanted, done, error, "compose", done.preview, WHITE) == {place: str(error)}


def test_a_format_that_cannot_hold_the_picture_is_told_beside_it() -> None:
    done, error = finished(), UserError("error.file_sides", format="WebP", limit=16_383)
    wanted = replace(WANTED, format="webp")
    assert failed(wanted, done, error, "write", done.picture, "webp", UNLIMITED) == {"format": str(error)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_cannot_be_had_is_told_with_the_one_that_made_the_result(language: Language) -> None:
    wanted = replace(WANTED, model=DOWNLOADED.id, language=language)
    error = UserError("error.download_failed", model=DOWNLOADED.name("en"))
    names = {"model": DOWNLOADED.name(language), "used": MODELS[DEFAULT_MODEL].name(language)}
    told = failed(wanted, finished(), error, "fetch", DOWNLOADED.id, 0)
    assert told == {"model": say("note.fallback", language, **names)}
    assert failed(wanted, Done(photo=OPENED), error, "fetch", DOWNLOADED.id, 0) == {"model": error.text(language)}


def test_what_there_is_to_say_of_a_framed_head_is_said_in_the_visitor_s_language() -> None:
    done = finished()
    assert done.picture
    seen = Inspection(Frame(0, 0, 3, 4), notes=("note.two_heads",))
    told = replace(done, picture=replace(done.picture, inspection=seen))
    assert view(replace(WANTED, language="id"), told).notices == (say("note.two_heads", "id"),)


# ---- ID photos ------------------------------------------------------------------------------------------------------


def head(x: float, y: float) -> Head:
    """A level head of a photo of 4×3 pixels, 0.9 high."""
    left, right = (x - 0.2, y), (x + 0.2, y)
    return Head(
        Face((x - 0.3, y - 0.3, 0.6, 0.8), left, right, (x, y + 0.1), (x - 0.1, y + 0.25), (x + 0.1, y + 0.25), 0.9),
        0.475,
    )


def id_photo(standard: str = "us", *people: Head, panel: Any = None, **changes: Any) -> tuple[Wanted, Done]:
    """All that an ID photo of the first of `people` takes."""
    finish = finish_of({"crop": f"id:{standard}", **(panel or {})})
    done = finished(**changes)
    assert done.picture and done.written
    frame = Frame(0, 0, 2, 2, angle=1.0)
    found = checks(finish.look.crop.standard, people[0], frame, 1.0) if people else ()
    seen = Inspection(frame, people, found, () if people else ("note.no_face",))
    picture = replace(done.picture, finish=finish, inspection=seen)
    done = replace(done, picture=picture, written=replace(done.written, picture=picture))
    return replace(WANTED, finish=finish), done


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_of_an_id_photo_are_told_with_whether_they_are_kept(language: Language) -> None:
    wanted, done = id_photo("us", head(1.0, 0.9), kind="jpeg", bytes=90_000)
    rules = view(replace(wanted, language=language, format="jpeg"), done).rules
    assert done.picture and done.picture.inspection
    assert [rule.key for rule in rules] == [*(check.key for check in done.picture.inspection.checks), "file"]
    for rule, check in zip(rules, done.picture.inspection.checks, strict=False):
        assert (rule.text, rule.ok) == (check.text(language), check.ok)
    assert {rule.key for rule in rules if not rule.ok} == {"head"}
    assert rules[-1].text == say("check.file", language, measured="JPEG 90 kB")


def test_a_file_that_is_not_there_yet_is_neither_kept_nor_off() -> None:
    wanted, done = id_photo("us", head(1.0, 0.9), kind="jpeg", bytes=90_000)
    for waiting in (replace(wanted, format="jpeg", live=True), replace(wanted, format="webp")):
        rule = view(waiting, replace(done, written=None)).rules[-1]
        assert (rule.key, rule.ok) == ("file", None)
    sheet = id_photo("us", head(1.0, 0.9), panel={"sheet": "10x15"}, kind="jpeg")
    assert "file" not in {rule.key for rule in view(*sheet).rules}
    assert "file" not in {rule.key for rule in view(*id_photo("3x4", head(1.0, 0.9))).rules}


def test_no_rules_are_told_of_what_is_no_id_photo() -> None:
    shown = view(WANTED, finished())
    assert (shown.rules, shown.stops) == ((), {})
    assert shown.pictures
    assert (shown.pictures.guides, shown.pictures.people) == ((), ())


def test_without_a_face_there_are_lines_and_nothing_that_stops() -> None:
    shown = view(*id_photo("us"))
    assert shown.pictures and [guide.key for guide in shown.pictures.guides] == ["crown", "eyes"]
    assert shown.stops == {}
    assert shown.notices == (say("note.no_face", "en"),)


def test_people_to_choose_from_stand_from_left_to_right_wherever_there_are_several() -> None:
    left, right = head(1.0, 1.2), head(3.0, 1.2)
    shown = view(*id_photo("us", right, left)).pictures
    assert shown
    assert [(person.words, person.chosen) for person in shown.people] == [("25.0% 40.0%", False), ("75.0% 40.0%", True)]
    for person, middle in zip(shown.people, (0.25, 0.75), strict=True):
        x, y, width, height = person.face
        assert (x + width / 2, y + height / 2) == pytest.approx((middle, 0.4))
        assert width * 4 == pytest.approx(height * 3)  # a square
        finish_of({"crop": "id:us", "crop_face": person.words})
    alone = view(*id_photo("us", right)).pictures
    assert alone and alone.people == ()


def test_whoever_is_at_the_photo_s_edge_can_be_chosen() -> None:
    shown = view(*id_photo("us", head(1.0, 1.2), head(-0.1, 1.2))).pictures
    assert shown
    assert finish_of({"crop": "id:us", "crop_face": shown.people[0].words}).look.crop.face == (0.001, 0.4)


@pytest.mark.parametrize("panel", [{}, {"crop_zoom": "125", "crop_x": "10", "crop_y": "-4"}])
def test_sliders_stop_where_the_rules_do(panel: dict[str, str]) -> None:
    """At a stop, the head is as far as it may be: what is told of the frame says where that is."""
    us = STANDARDS["us"]
    person = head(1.0, 0.85)
    wanted, done = id_photo("us", person, panel=panel)
    stops = view(wanted, done).stops
    assert done.picture and done.picture.inspection
    way = leeway(us, done.picture.inspection.frame, person)
    zoom, x, y = (float(panel.get(name, plain)) for name, plain in (("crop_zoom", 100), ("crop_x", 0), ("crop_y", 0)))
    assert stops["crop_zoom"] == pytest.approx((zoom * way.zoom[0], zoom * way.zoom[1]), abs=1)
    for name, value, ways in (("crop_x", x, way.right), ("crop_y", y, way.down)):
        assert stops[name] == pytest.approx([value + 1e4 * by / zoom for by in ways], abs=1)


def test_a_first_look_is_not_told_that_its_subject_is_still_sought() -> None:
    task = Task("segment", OPENED, (DEFAULT_MODEL, 0))
    assert view(WANTED, finished(), Progress(task)).status == ""
    shown = replace(finished(), mattes={})
    assert view(replace(WANTED, model="u2netp"), shown, Progress(task)).status == "Looking closer…"


def test_another_try_is_not_told_of_the_one_before() -> None:
    error = UserError("error.download_failed", model=DOWNLOADED.name("en"))
    wanted = replace(WANTED, model=DOWNLOADED.id, attempt=1)
    assert failed(wanted, finished(), error, "fetch", DOWNLOADED.id, 0) == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("stage", "of"),
    [
        ("open", (CAT,)),
        ("segment", (DEFAULT_MODEL, 0)),
        ("draft", (MODELS[DEFAULT_MODEL].first,)),
        ("render", EDGES),
    ],
)
def test_what_nobody_expected_is_apologised_for(stage: StageName, of: Any, language: Language) -> None:
    photo = None if stage == "open" else OPENED
    mattes = {} if stage == "segment" else finished().mattes
    wanted = replace(WANTED, language=language)
    told = failed(wanted, Done(photo=photo, mattes=mattes), ZeroDivisionError("the details"), stage, *of)
    assert told == {"result": say("error.unexpected", language)}


def test_failures_of_what_nobody_wants_any_more_are_not_told() -> None:
    done = finished()
    assert failed(WANTED, done, UserError("error.crop_outside"), "compose", done.preview, WHITE) == {}
    assert failed(WANTED, done, UserError("error.unreadable"), "open", Path("broken.jpg")) == {}
    matting = Edges(DEFAULT_MODEL, True, RECOMMENDED)
    assert failed(WANTED, done, ZeroDivisionError(), "render", *matting) == {}


# ---- the line under the result, and the button ----------------------------------------------------------------------


def line(language: Language = "en", model: str = DEFAULT_MODEL, **changes: Any) -> str:
    return facts(written(composed(preview(model=model)), **changes), language)


def test_the_facts_of_a_file() -> None:
    printed = Metadata(dpi=(299.9994, 299.9994))
    name = MODELS[DEFAULT_MODEL].name
    assert line(metadata=printed) == f"4000×3000 · sRGB · 300 dpi · subject pixels unchanged · {name('en')} · 1.9 s"
    said = f"4000×3000 · sRGB · 300 dpi · piksel objek tidak diubah · {name('id')} · 1,9 detik"
    assert line("id", metadata=printed) == said


@pytest.mark.parametrize(
    ("count", "language", "said"),
    [(8, "en", "8 prints on 10×15 cm"), (1, "en", "1 print on 10×15 cm"), (8, "id", "8 foto di kertas 10×15 cm")],
)
def test_the_facts_of_a_sheet_begin_with_how_many_prints_it_has(count: int, language: Language, said: str) -> None:
    assert line(language, printed=Printed("10×15 cm", (100, 150), count)).startswith(f"{said} · 4000×3000 · ")


def test_pixels_are_called_unchanged_only_where_they_are() -> None:
    assert "unchanged" in line()
    assert "unchanged" not in line(unchanged=False)


def test_a_resolution_is_told_where_there_is_one_and_each_way_where_they_differ() -> None:
    assert "dpi" not in line()
    assert " · 72×96 dpi · " in line(metadata=Metadata(dpi=(72.0, 96.0)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_profile_without_a_name_is_called_the_photo_s_own(language: Language) -> None:
    own = say("facts.own_profile", language)
    assert f" · {own} · " in line(language, metadata=Metadata(icc_profile=b"no profile at all"))
    # A PDF holds none.
    assert "×3000 · sRGB · " in line(language, metadata=Metadata(icc_profile=b"no profile at all"), format="pdf")


def test_a_profile_is_called_what_people_call_it() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert " · sRGB · " in line(metadata=Metadata(icc_profile=profile))


def test_the_model_is_the_one_that_made_the_file() -> None:
    assert f" · {MODELS['u2netp'].name('en')} · " in line(model="u2netp")


@pytest.mark.parametrize(
    ("count", "english", "indonesian"),
    [
        (1, "1 kB", "1 kB"),
        (3_996, "4 kB", "4 kB"),
        (99_499, "99 kB", "99 kB"),
        (99_500, "0.1 MB", "0,1 MB"),
        (8_580_000, "8.6 MB", "8,6 MB"),
        (125_000_000, "125.0 MB", "125,0 MB"),
    ],
)
def test_the_size_of_a_file_in_the_words_of_people(count: int, english: str, indonesian: str) -> None:
    assert (size_of_file(count, "en"), size_of_file(count, "id")) == (english, indonesian)


@pytest.mark.parametrize(
    ("kind", "language", "label"),
    [
        ("png", "en", "Download PNG · 8.6 MB"),
        ("png", "id", "Unduh PNG · 8,6 MB"),
        ("jpeg", "en", "Download JPEG · 8.6 MB"),
        ("avif", "en", "Download AVIF · 8.6 MB"),
        ("webp", "en", "Download WebP · 8.6 MB"),
        ("webp-lossless", "en", "Download WebP, lossless · 8.6 MB"),
        ("webp-lossless", "id", "Unduh WebP, tanpa susut · 8,6 MB"),
    ],
)
def test_the_button_says_what_it_gives(kind: str, language: Language, label: str) -> None:
    wanted = replace(WANTED, format=kind, language=language)
    shown = view(wanted, finished(kind=kind, bytes=8_580_000))
    assert shown.download
    assert shown.download.label == label
