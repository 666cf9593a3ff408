"""The page's events without a browser."""

import asyncio
import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from bgdemo import pipeline
from bgdemo.errors import UserError
from bgdemo.images import Matte, Metadata, Photo, Picture
from bgdemo.matte import segmentation
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, ModelSpec
from bgdemo.matte.segmentation import Report
from bgdemo.messages import LANGUAGES, MESSAGES, say
from bgdemo.page import endpoints, layout, visits
from bgdemo.page.endpoints import Screen, change_look, cut_out, facts, open_upload
from bgdemo.page.visits import Work
from bgdemo.picture.looks import SCENES, Look, Size
from bgdemo.recipes import Recipe
from tests.server import EXAMPLES, ROOT

ENGLISH: Any = SimpleNamespace(headers={"accept-language": "en"})
INDONESIAN: Any = SimpleNamespace(headers={"accept-language": "id-ID,id;q=0.9,en;q=0.8"})
OTHER = next(spec.id for spec in MODELS.values() if not spec.bundled)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which networks ran, in place of which a plain disc is found; models to download cannot be had."""
    ran: list[str] = []

    def predict(photo: Photo, spec: Any, report: Any = None) -> Matte:
        if not spec.bundled:
            raise UserError("error.download_failed", model=spec.name.en)
        ran.append(spec.id)
        y, x = np.mgrid[-1:1:64j, -1:1:64j]
        return Matte((x * x + y * y < 0.5).astype(np.float32), spec.id)

    monkeypatch.setattr(segmentation, "predict", predict)
    return ran


def upload(name: str = "cup.jpg", content: bytes | None = None) -> dict[str, Any]:
    path = visits.store((EXAMPLES / "cup.jpg").read_bytes() if content is None else content, name)
    return {"file": {"path": str(path), "meta": {"_type": "gradio.FileData"}}}


def opened(work: Work | None = None) -> Work:
    screens = list(open_upload(upload(), work, ENGLISH))
    (made,) = [screen.work for screen in screens if isinstance(screen.work, Work)]
    return made


def cut(work: Work | None, request: Any = ENGLISH, **changes: Any) -> Iterator[Screen]:
    settings = {
        "model": DEFAULT_MODEL,
        "other_model": None,
        "fine_hair": False,
        "thresholds": Recipe().thresholds,
        "panel": {},
        "kind": "png",
    }
    return cut_out(work, *{**settings, **changes}.values(), request)


def test_the_result_is_there_at_once_sharpens_and_becomes_a_file(runs: list[str]) -> None:
    screens = list(cut(opened()))
    rough, first = [at for at, screen in enumerate(screens) if "cutout" in (screen.views or {})]
    (last,) = [at for at, screen in enumerate(screens) if "subject pixels unchanged" in screen.facts]
    assert rough < first < last
    assert screens[rough].download["value"] is None
    assert Path(screens[last].download["value"]).name == "cup-removedbg.png"
    assert Path(screens[last].download_mask["value"]).name == "cup-mask.png"
    assert re.fullmatch(r"Download PNG · \d+\.\d MB", screens[last].download["label"])
    assert screens[-1] == Screen()


def test_one_network_run_serves_every_setting(runs: list[str]) -> None:
    work = opened()
    for changes in ({}, {"fine_hair": True}, {"fine_hair": True, "thresholds": Recipe(erode_size=2).thresholds}, {}):
        list(cut(work, **changes))
    assert set(runs) == MODELS[DEFAULT_MODEL].networks
    assert len(runs) == len(set(runs))


def test_a_stand_in_is_shown_with_a_note_and_not_kept(runs: list[str]) -> None:
    work = opened()
    for _ in range(2):
        notices = [screen.notice for screen in cut(work, INDONESIAN, model="more", other_model=OTHER)]
        said = " ".join(notice for notice in notices if isinstance(notice, str))
        assert MODELS[OTHER].name.id in said and "gagal diunduh" in said
    assert OTHER not in work.mattes


def test_a_model_is_downloaded_before_anyone_waits_in_line_for_it(
    runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Event()

    def slow(spec: ModelSpec, report: Report) -> Path:
        report(0.42)
        assert arrived.wait(30)
        return Path(spec.id)

    monkeypatch.setattr(segmentation, "fetch", slow)
    work = opened()
    list(cut(work))
    screens = endpoints.fetch(work, OTHER, ENGLISH)
    assert "42%" in next(screens).status
    finished(work, {"background": "white"})
    assert "42%" in next(screens).status  # another background does not end the waiting
    other_choice = cut(work)
    next(other_choice)
    assert list(screens) == [Screen()]  # another model does
    arrived.set()


def test_a_failed_download_is_told_by_the_cutting(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(spec: ModelSpec, report: Report) -> Path:
        raise UserError("error.download_failed", model=spec.name.en)

    monkeypatch.setattr(segmentation, "fetch", none)
    assert list(endpoints.fetch(opened(), OTHER, ENGLISH)) == [Screen()]


def test_more_models_alone_changes_nothing(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    ran = list(runs)
    assert list(cut(work, model="more")) == [Screen()]
    assert runs == ran


def test_a_new_photo_is_cut_out_even_while_no_model_is_chosen(runs: list[str]) -> None:
    assert file_of(list(cut(opened(), model="more"))).name == "cup-removedbg.png"


@pytest.mark.parametrize("steps", range(1, 5))
def test_what_is_overtaken_shows_nothing_more(runs: list[str], steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "PATIENCE", 0.1)
    work = opened()
    slow = cut(work)
    for _ in range(steps):
        next(slow)
    opened(work)
    assert list(slow) == [Screen()]


def test_who_waits_is_told_how_many_come_first(runs: list[str]) -> None:
    mine, other = opened(), opened()
    with endpoints.LINE.holding(), endpoints.LINE.holding(), endpoints.LINE.waiting(other):
        waiting = endpoints.wait_for_turn(mine, INDONESIAN)
        assert "Menunggu: 3 foto sebelum foto Anda, sekitar" in next(waiting).status
    list(cut(mine))
    assert list(waiting) == [Screen()]
    assert list(endpoints.wait_for_turn(mine, ENGLISH)) == [Screen()]


def test_full_size_photos_do_not_pile_up_in_memory(runs: list[str]) -> None:
    work = opened()
    assert work.photo
    list(cut(work))
    assert work.photo is None
    with endpoints.LINE.holding(), endpoints.LINE.holding():
        waiting = opened()
    assert waiting.photo is None
    assert file_of(list(cut(waiting))).exists()


def test_errors_are_told_in_the_visitors_language_and_escaped() -> None:
    told = open_upload(upload(content=b"no photo"), None, INDONESIAN)
    assert "Membaca" in next(told).status
    assert next(told).failure == f"<p>{say('error.unreadable', 'id')}</p>"
    with pytest.raises(gr.Error, match="bukan foto"):
        next(told)

    error = UserError("error.unknown_model", model="<img src=x onerror=alert(1)>", models="")
    assert "<img" not in next(endpoints._told(error, "en")).failure


def test_what_nobody_expected_is_logged_and_apologised_for(
    runs: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = opened()
    monkeypatch.setattr(endpoints, "render", lambda *_: 1 / 0)
    with pytest.raises(gr.Error, match="Sorry"):
        list(cut(work))
    assert "ZeroDivisionError" in caplog.text


def test_a_file_that_will_not_come_is_not_promised_any_longer(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    work, screens = opened(), []
    monkeypatch.setattr(endpoints, "encode", lambda *_: 1 / 0)
    with pytest.raises(gr.Error, match="Sorry"):
        for screen in cut(work):
            screens.append(screen)
    labels = [screen.download["label"] for screen in screens if screen.download != gr.skip()]
    assert labels[-2:] == [say("ui.preparing", "en"), say("ui.download", "en")]


def test_a_bug_is_logged_even_when_nobody_waits_for_what_it_spoilt(
    runs: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = opened()
    list(cut(work))
    spoilt = change_look(work, {"background": "white", "number": 1}, "png", ENGLISH)
    next(spoilt)

    def overtaken(*_: object) -> None:
        work.begin()
        raise ZeroDivisionError

    monkeypatch.setattr(endpoints, "finish", overtaken)
    assert list(spoilt) == [Screen()]
    assert "ZeroDivisionError" in caplog.text


def test_a_bug_in_a_download_is_told(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "fetch", lambda *_: 1 / 0)
    with pytest.raises(gr.Error, match="Sorry"):
        list(endpoints.fetch(opened(), OTHER, ENGLISH))


@pytest.mark.parametrize("key", ["error.file_too_large", "error.upload_failed", "error.no_camera"])
def test_what_the_browser_refuses_is_put_into_words_here(key: str) -> None:
    with pytest.raises(gr.Error, match=re.escape(say(key, "en", limit=40))):
        list(open_upload({"refused": key}, None, ENGLISH))


def test_a_photo_that_is_gone_is_asked_for_again() -> None:
    with pytest.raises(gr.Error, match="once more"):
        list(cut(None))


@pytest.mark.parametrize("path", ["/etc/hostname", str(EXAMPLES / "kucing.jpg"), "../kucing.jpg"])
def test_only_uploaded_files_are_read(path: str) -> None:
    with pytest.raises(PermissionError):
        visits.uploaded({"path": path})


def test_facts() -> None:
    cutout = Picture(np.zeros((3024, 4032, 4), np.uint8), Metadata(dpi=(299.9994, 299.9994)), DEFAULT_MODEL)
    name = MODELS[DEFAULT_MODEL].name
    assert (
        facts(cutout, Look(), 1.94, "en")
        == f"4032×3024 · sRGB · 300 dpi · subject pixels unchanged · {name.en} · 1.9 s"
    )
    assert (
        facts(cutout, Look(), 1.94, "id")
        == f"4032×3024 · sRGB · 300 dpi · piksel objek tidak diubah · {name.id} · 1,9 detik"
    )


def test_facts_do_not_boast_of_pixels_that_were_resampled() -> None:
    print_ = Picture(np.zeros((472, 354, 4), np.uint8), Metadata(), DEFAULT_MODEL)
    assert "unchanged" not in facts(print_, Look(size=Size.of_paper(3, 4)), 1, "en")


# ---- finishing ------------------------------------------------------------------------------------------------------


def finished(work: Work | None, panel: dict[str, Any], kind: str = "png", request: Any = ENGLISH) -> list[Screen]:
    return list(change_look(work, panel, kind, request))


def file_of(screens: list[Screen]) -> Path:
    values = [screen.download.get("value") for screen in screens if isinstance(screen.download, dict)]
    return Path([value for value in values if value][-1])


def test_a_change_of_look_runs_neither_network_nor_refinement(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    work = opened()
    list(cut(work))
    ran = list(runs)
    monkeypatch.setattr(endpoints, "render", lambda *_: 1 / 0)
    for panel in ({"background": "white"}, {"background": "blur", "blur": "80"}, {"crop": "id:4x6", "sheet": "on"}):
        assert file_of(finished(work, panel)).exists()
    assert runs == ran


def test_the_full_size_cutout_is_made_again_when_its_file_was_deleted(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    before = file_of(finished(work, {"background": "white"})).read_bytes()
    assert work._full
    work._full[1].unlink()
    assert file_of(finished(work, {"background": "white"})).read_bytes() == before


def test_a_moving_slider_makes_no_files(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    screens = finished(work, {"background": "blur", "live": True})
    assert any(screen.views != gr.skip() for screen in screens)
    assert not any(screen.download.get("value") for screen in screens)
    assert screens[-1] == Screen()


def test_what_is_chosen_during_the_cutting_is_not_lost(runs: list[str]) -> None:
    work = opened()
    cutting = cut(work, panel={"number": 1})
    next(cutting)
    assert finished(work, {"background": "white", "number": 2}, "jpeg") == [Screen()]
    assert file_of(list(cutting)).suffix == ".jpg"
    assert work.panel["background"] == "white"


def test_wrong_thresholds_do_not_keep_anyone_from_the_file_under_way(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    under_way = change_look(work, {"background": "white", "number": 1}, "png", ENGLISH)
    next(under_way)
    with pytest.raises(gr.Error, match="whole numbers"):
        list(cut(work, thresholds=Recipe().thresholds | {"foreground_threshold": 5}))
    rest = list(under_way)
    assert file_of(rest).exists()
    assert say("error.threshold_range", "en") in rest[0].failure


def test_a_photo_that_was_replaced_is_not_finished_any_more(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    opened(work)
    assert finished(work, {"background": "white"}) == [Screen()]


def test_a_look_that_cannot_be_does_not_keep_anyone_from_a_cutout(runs: list[str]) -> None:
    screens = []
    with pytest.raises(gr.Error, match="ukuran"):
        for screen in cut(opened(), INDONESIAN, panel={"width": "x", "height": "1"}):
            screens.append(screen)
    assert file_of(screens).name == "cup-removedbg.png"


@pytest.mark.parametrize(
    ("panel", "key"),
    [
        ({"background": "color", "color": "no colour"}, "error.unknown_color"),
        ({"background": "nonsense"}, "error.unknown_color"),
        ({"outline": "color", "outline_width": "1e9"}, "error.not_a_number"),
        ({"crop": "id:9x9"}, "error.unknown_id_photo"),
        ({"crop": ["nonsense"]}, "error.unknown_crop"),
        ({"crop": "photo", "width": "100000", "height": "1"}, "error.size_range"),
        ({"crop": "1:1", "crop_x": "5000", "crop_zoom": "nan"}, "error.crop_outside"),
        ({"background": "picture", "picture": {"refused": "error.upload_failed"}}, "error.upload_failed"),
    ],
)
def test_what_cannot_be_is_told(runs: list[str], panel: dict[str, Any], key: str) -> None:
    work = opened()
    list(cut(work))
    told = change_look(work, panel, "png", INDONESIAN)
    with pytest.raises(gr.Error) as caught:
        list(told)
    sentence = re.escape(MESSAGES[key].id)
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", ".*", sentence), html.unescape(str(caught.value.message)))


def test_the_latest_choice_is_told_of_in_whatever_order_they_arrive(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    wrong, right = {"width": "0", "height": "9"}, {"background": "white"}
    with pytest.raises(gr.Error):
        finished(work, {**wrong, "number": 2})
    sentence = say("error.size_range", "en", limit=12_000)
    late = finished(work, {**right, "number": 1})
    assert {screen.failure for screen in late[:-1]} == {f"<p>{sentence}</p>"}
    assert {screen.failure for screen in finished(work, {**right, "number": 4})[:-1]} == {""}
    assert finished(work, {**wrong, "number": 3}) == [Screen()]


def test_a_picture_that_cannot_be_used_is_put_back(runs: list[str]) -> None:
    work = opened()
    list(cut(work))
    bad = upload("rusak.png", b"not a picture")["file"]
    told = change_look(work, {"background": "picture", "picture": bad}, "png", ENGLISH)
    assert next(told).panel["refused"]
    with pytest.raises(gr.Error, match="not a photo"):
        list(told)


def test_previews_keep_the_colour_profile(runs: list[str]) -> None:
    from PIL import Image, ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = Photo(np.zeros((8, 8, 3), np.uint8), metadata=Metadata(icc_profile=profile))
    for shown in (photo, Photo(photo.rgb, np.full((8, 8), 9, np.uint8), photo.metadata)):
        with Image.open(visits.photo_file(shown)) as image:
            assert image.info["icc_profile"] == profile


def in_a_loop(build: Callable[[], Any]) -> Any:
    """What `build` makes; outside of a running event loop Gradio makes loops and never closes them."""

    async def run() -> Any:
        return build()

    return asyncio.run(run())


# ---- the page's words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marker_of_the_page_becomes_words(language: Any) -> None:
    config = in_a_loop(layout.build).config
    page = layout.translate('<html lang="en">' + json.dumps(config, default=str), language)
    assert f'<html lang="{language}">' in page
    assert "__i18n__" not in page
    assert json.loads(page.partition(">")[2])["title"] == say("ui.title", language)


def test_every_word_of_the_page_is_used() -> None:
    folder = ROOT / "bgdemo"
    files = (path for path in folder.rglob("*") if path.suffix in (".py", ".html", ".js"))
    code = "\n".join(path.read_text("utf-8") for path in files)
    code = re.sub(r"(?m)^    \"[\w.-]+\": Text\(", "", code)  # the catalogue's own rows
    number = r"(?:foreground_threshold|background_threshold|erode_size)(?:_info)?"
    pictured = "|".join(
        rf"{kind}\.(?:{'|'.join(names)})"
        for kind, names in {"example": layout.EXAMPLES, "scene": SCENES, "color": layout.SWATCHES}.items()
    )
    for key in MESSAGES:
        kind, _, name = key.partition(".")
        if kind == "ui" and not re.fullmatch(rf"{pictured}|{number}", name):
            assert f"text('{name}')" in code or f'text("{name}")' in code or key in code, f"{key} is said nowhere"


def test_the_examples_are_small_and_credited() -> None:
    notices = (EXAMPLES / "CREDITS.md").read_text("utf-8")
    files = {path.name for path in EXAMPLES.glob("*.jpg")}
    assert files == {f"{name}.jpg" for name in layout.EXAMPLES}
    assert layout.EXAMPLES[0] == "kucing"
    for file in files:
        assert f"`{file}`" in notices
        assert (EXAMPLES / file).stat().st_size < 200_000


def test_models_are_offered_in_the_order_of_the_table() -> None:
    choices = [spec.id for spec in MODELS.values() if spec.bundled]

    def panel() -> layout.OptionsPanel:
        with gr.Blocks():
            return layout.options_panel()

    options = in_a_loop(panel)
    assert [value for _, value in options.model.choices] == [*choices, layout.MORE_MODELS]
    assert options.model.value == pipeline.Recipe().model
