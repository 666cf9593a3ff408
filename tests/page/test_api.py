"""The HTTP API, the way programs use it, and its parity with the other doors."""

import asyncio
import csv
import errno
import inspect
import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Hashable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio.data_classes import FileData
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import bgdemo
from bgdemo import Stroke
from bgdemo.images import Matte, Photo
from bgdemo.matte import segmentation
from bgdemo.page import api
from bgdemo.page.api import Api
from bgdemo.page.budgets import Budget, Ticket
from bgdemo.page.shared import Shared
from bgdemo.page.wanted import Wanted, wanted_of
from bgdemo.recipes import Recipe
from bgdemo.words import Options
from tests import places
from tests.files import assert_same_file
from tests.page.driver import Driver
from tests.server import EXAMPLES, ROOT, App, serve


@pytest.fixture(scope="module")
def client(app: App, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app.url, download_files=tmp_path_factory.mktemp("downloads"), verbose=False)


def remove(client: Client, photo: Path, **options: Any) -> Path:
    return Path(client.predict(handle_file(str(photo)), api_name="/remove", **options))


def test_every_door_gives_the_same_bytes(client: Client, kucing: Path, kucing_png: bytes, tmp_path: Path) -> None:
    """The page's bytes are held against the same file in the browser test."""
    path = remove(client, kucing)
    assert path.name == "kucing-removedbg.png"
    assert_same_file(path.read_bytes(), kucing_png)
    subprocess.run([sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path], cwd=ROOT, check=True)
    assert_same_file((tmp_path / "kucing-removedbg.png").read_bytes(), kucing_png)


def test_every_door_gives_the_same_bytes_for_the_same_strokes(
    client: Client, kucing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As typed values, as JSON text over HTTP and on the page, and from a file on the command line.

    However many threads BLAS has: Dask, for one, leaves its workers a single one.
    """
    strokes = [
        Stroke(keep=True, width=0.03, points=[(0.05, 0.9), (0.2, 0.95)]),
        Stroke(keep=False, width=0.1, points=[(0.5, 0.5)]),
    ]
    text = json.dumps([asdict(stroke) for stroke in strokes])
    expected = bgdemo.remove_to_png(kucing, strokes=strokes, largest_piece=True, fill_holes=True)
    assert expected != bgdemo.remove_to_png(kucing)
    assert_same_file(bgdemo.remove_to_png(kucing, strokes=text, largest_piece=True, fill_holes=True), expected)

    path = remove(client, kucing, strokes=text, largest_piece=True, fill_holes=True)
    assert path.name == "kucing-removedbg.png"
    assert_same_file(path.read_bytes(), expected)

    file = tmp_path / "strokes.json"
    file.write_text(text)
    command = [sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path, "--strokes", file]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([*command, "--largest-piece", "--fill-holes"], cwd=ROOT, env=alone, check=True)
    assert_same_file((tmp_path / "kucing-removedbg.png").read_bytes(), expected)

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "page"))
    touch = {"strokes": json.loads(text), "largest_piece": True, "fill_holes": True}
    assert_same_file(Driver().file(wanted_of({"number": 1, "touch": touch}, Wanted(), kucing, None)), expected)


def test_every_door_gives_the_same_bytes_for_the_same_plate(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, plate = places.files(tmp_path)
    expected = bgdemo.remove_to_png(photo, plate=plate)
    assert expected != bgdemo.remove_to_png(photo)
    assert_same_file(remove(client, photo, plate=handle_file(str(plate))).read_bytes(), expected)
    [result] = bgdemo.remove_many([photo], plate=plate)
    assert result.data == expected
    done = tmp_path / "done"
    subprocess.run([sys.executable, "-m", "bgdemo", photo, "-o", done, "--plate", plate], cwd=ROOT, check=True)
    assert_same_file((done / "barang-removedbg.png").read_bytes(), expected)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "page"))
    assert_same_file(Driver().file(wanted_of({"number": 1}, Wanted(), photo, None, plate)), expected)


def test_a_plate_that_does_not_match_is_told_over_http(client: Client, kucing: Path) -> None:
    with pytest.raises(AppError, match=r"error\.plate_"):
        remove(client, kucing, plate=handle_file(str(EXAMPLES / "cup.jpg")))


def test_every_door_gives_the_same_bytes_within_the_same_limit(
    client: Client, kucing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = bgdemo.remove_to_file(kucing, format="jpeg", max_kb=25)
    assert 20_000 < len(expected) <= 25_000
    assert expected == bgdemo.remove_to_file(kucing, format="jpeg", max_kb="25 kB")
    assert remove(client, kucing, format="jpeg", max_kb=25).read_bytes() == expected
    command = [sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path, "--format", "jpeg", "--max-kb", "25"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert (tmp_path / "kucing-removedbg.jpg").read_bytes() == expected
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "page"))
    asked = {"number": 1, "format": "jpeg", "max_kb": "25"}
    assert_same_file(Driver().file(wanted_of(asked, Wanted(), kucing, None)), expected)


@pytest.mark.filterwarnings("ignore:We found no face")  # of a cat
def test_every_door_gives_the_same_sheet(
    client: Client, kucing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "a4: 4 of 3x4, 4 of 2x3"
    expected = bgdemo.remove_to_file(kucing, sheet=words, background="blue", format="pdf")
    asked = {"sheet": words, "background": "blue", "format": "pdf"}
    assert remove(client, kucing, **asked).read_bytes() == expected
    command = [sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path, "--background", "blue", "--format", "pdf"]
    done = subprocess.run([*command, "--sheet", words], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "kucing.jpg: 8 prints on A4\n" in done.stderr
    assert (tmp_path / "kucing-3x4-2x3-sheet-a4.pdf").read_bytes() == expected
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "page"))
    look = {"crop": "id:3x4", "sheet": "a4", "prints": "4 3x4, 4 2x3", "background": "color", "color": "blue"}
    assert Driver().file(wanted_of({"number": 1, "look": look, "format": "pdf"}, Wanted(), kucing, None)) == expected


def test_every_door_gives_the_same_bytes_for_the_same_preset(
    client: Client, kucing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = bgdemo.remove_to_file(kucing, preset="whatsapp-sticker")
    path = remove(client, kucing, preset="whatsapp-sticker")
    assert (path.name, path.read_bytes()) == ("kucing-whatsapp-sticker.webp", expected)
    command = [sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path, "--preset", "whatsapp-sticker"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert (tmp_path / "kucing-whatsapp-sticker.webp").read_bytes() == expected
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "page"))
    look = {"crop": "for:whatsapp-sticker", "outline": "white", "outline_width": "16"}
    asked = {"number": 1, "look": look, "format": "webp", "max_kb": "100"}
    assert Driver().file(wanted_of(asked, Wanted(), kucing, None)) == expected


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (
            {"alpha_matting": True, "foreground_threshold": 250, "background_threshold": 20, "erode_size": 4},
            "kucing-removedbg.png",
        ),
        ({"background": "studio", "shadow": "contact", "format": "jpeg"}, "kucing-studio.jpg"),
        ({"outline": "12,5 red", "crop": "subject 1:1 10%", "size": "300x300"}, "kucing-sticker-300x300.png"),
        ({"id_photo": "3x4", "sheet": True, "format": "webp"}, "kucing-3x4-sheet.webp"),
        ({"sheet": "a4: 2 of 3x4, 2 of 2x3", "format": "pdf"}, "kucing-3x4-2x3-sheet-a4.pdf"),
        ({"id_photo": "3x4", "crop": "subject"}, "kucing-3x4.png"),
        ({"format": "mask"}, "kucing-mask.png"),
        ({"preset": "shopee", "background": "blue", "size": "600x600", "format": "webp"}, "kucing-shopee.webp"),
        ({"format": "avif"}, "kucing-removedbg.avif"),
        ({"id_photo": "3x4", "format": "jpeg", "max_kb": 20, "min_kb": 10.5}, "kucing-3x4.jpg"),
    ],
)
@pytest.mark.filterwarnings("ignore:We found no face")  # of a cat
def test_options_are_those_of_python(client: Client, kucing: Path, options: dict[str, Any], name: str) -> None:
    path = remove(client, kucing, model="u2netp", **options)
    assert path.name == name
    assert_same_file(path.read_bytes(), bgdemo.remove_to_file(kucing, model="u2netp", **options))


def test_a_background_is_uploaded_as_the_photo_is(client: Client, kucing: Path) -> None:
    cup = EXAMPLES / "cup.jpg"
    path = remove(client, kucing, model="u2netp", background_picture=handle_file(str(cup)))
    assert path.read_bytes() == bgdemo.remove_to_file(kucing, model="u2netp", background=cup)


@pytest.mark.parametrize("name", ["/remove", "/remove_many"])
def test_only_the_removal_is_published_with_the_defaults_of_python(client: Client, name: str) -> None:
    published = client.view_api(return_format="dict", print_info=False)
    assert published["unnamed_endpoints"] == {}
    assert list(published["named_endpoints"]) == ["/remove", "/remove_many"]
    parameters = published["named_endpoints"][name]["parameters"]
    defaults = {p["parameter_name"]: p["parameter_default"] for p in parameters if p["parameter_has_default"]}
    assert set(defaults) - {"background_picture"} == set(Options.__annotations__)
    plain = Recipe()
    assert defaults.pop("format") == ""  # a PNG, unless the office of an ID photo asks for another kind
    assert {name: value for name, value in defaults.items() if hasattr(plain, name)} == {
        name: getattr(plain, name) for name in defaults if hasattr(plain, name)
    }


def test_many_photos_give_a_zip_with_a_report(client: Client, kucing: Path, tmp_path: Path) -> None:
    """Two of the same name, one in a ZIP's folder, one broken and one whose name is a formula to a spreadsheet."""
    (tmp_path / "sub").mkdir()
    same = shutil.copy(EXAMPLES / "cup.jpg", tmp_path / "sub" / "kucing.jpg")
    formula = shutil.copy(EXAMPLES / "cup.jpg", tmp_path / "=1+1.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with zipfile.ZipFile(tmp_path / "fotos.zip", "w") as archive:
        archive.write(kucing, "dalam/kucing.jpg")
    given = [kucing, same, tmp_path / "fotos.zip", tmp_path / "broken.jpg", formula]
    files = [handle_file(str(photo)) for photo in given]
    answer = Path(client.predict(files, model="u2netp", background="white", format="jpeg", api_name="/remove_many"))
    assert answer.name == "photos-removedbg.zip"
    expected = bgdemo.remove_to_file(kucing, model="u2netp", background="white", format="jpeg")
    with zipfile.ZipFile(answer) as packed:
        assert packed.read("kucing-white.jpg") == packed.read("dalam/kucing-white.jpg") == expected
        rows = list(csv.reader(io.StringIO(packed.read("report.csv").decode("utf-8-sig"))))
        results = [row[1] for row in rows[1:] if row[1]]
        assert {*results, "report.csv"} == {"'" * (name[0] == "=") + name for name in packed.namelist()}
    assert rows[0] == ["file", "result", "seconds", "note"]
    assert [row[0] for row in rows[1:]] == ["kucing.jpg", "kucing.jpg", "dalam/kucing.jpg", "broken.jpg", "'=1+1.jpg"]
    assert [row[1] for row in rows[1:3]] == ["kucing-white.jpg", "kucing-white-2.jpg"]
    assert rows[4][1] == "" and rows[4][3].startswith("error.unreadable: ")
    assert all(float(row[2]) >= 0 for row in rows[1:])


def test_who_hangs_up_gets_no_more_photos_made(tmp_path: Path, kucing: Path) -> None:
    defaults = [one.default for one in list(inspect.signature(Api.remove).parameters.values())[2:]]
    with serve(tmp_path) as app, httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as caller:
        [path] = caller.post("/upload", files={"files": kucing.read_bytes()}).json()
        photo = FileData(path=path, orig_name="kucing.jpg").model_dump()
        call = caller.post("/call/remove_many", json={"data": [[photo] * 30, "u2netp", *defaults[1:]]}).json()
        with caller.stream("GET", f"/call/remove_many/{call['event_id']}"):
            while not app.networks_run():
                time.sleep(0.1)
        still, runs = 0, app.networks_run()
        while still < 8:
            time.sleep(0.5)
            still, runs = (still + 1, runs) if app.networks_run() == runs else (0, app.networks_run())
        assert runs < 30
        assert "Traceback" not in app.log.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"model": "no-such-model"}, "error.unknown_model"),
        ({"foreground_threshold": 300}, "error.threshold_range"),
        ({"background_threshold": 241}, "error.threshold_range"),
        ({"erode_size": -1}, "error.erode_range"),
        ({"crop": "subject 100:0.01"}, "error.aspect_range"),
        ({"crop": "circle"}, "error.unknown_crop"),
        ({"size": "12000x12000"}, "error.picture_too_large"),
        ({"size": "abcx"}, "error.unknown_size"),
        ({"id_photo": "3x4", "size": "100x100"}, "error.id_photo_size"),
        ({"sheet": "b5"}, "error.unknown_paper"),
        ({"sheet": "20 3x4"}, "error.sheet_full"),
        ({"preset": "ebay"}, "error.unknown_preset"),
        ({"preset": "shopee", "id_photo": "3x4"}, "error.preset_and_id_photo"),
        ({"background": "nowhere"}, "error.unknown_color"),
        ({"shadow": "long"}, "error.unknown_shadow"),
        ({"format": "gif"}, "error.unknown_format"),
        ({"max_kb": 0}, "error.limit_range"),
        ({"max_kb": 40, "min_kb": 41}, "error.limit_range"),
        ({"model": "u2netp", "max_kb": 1}, "error.file_over_most"),
        ({"model": "u2netp", "format": "webp", "min_kb": 9000}, "error.file_under_least"),
        ({"strokes": "["}, "error.strokes_unreadable"),
        ({"strokes": '[{"keep": true, "width": 0.6, "points": [[0, 0]]}]'}, "error.stroke_width"),
        ({"strokes": '[{"keep": true, "width": 0.1, "points": [[0, 2]]}]'}, "error.stroke_outside"),
        ({"strokes": str([0] * 9)}, "error.strokes_unreadable"),
        ({"strokes": json.dumps([{"keep": True, "width": 0.1, "points": [[0, 0]]}] * 501)}, "error.too_many_strokes"),
    ],
)
def test_options_out_of_range_are_answered_with_a_sentence(
    client: Client, kucing: Path, options: dict[str, Any], key: str
) -> None:
    with pytest.raises(AppError, match=rf"^{key}: [A-Z“]"):
        remove(client, kucing, **options)


@pytest.mark.parametrize(
    ("content", "key"), [(b"", "error.empty"), (b"no photo", "error.unreadable"), (b"%PDF-1.4\n", "error.unreadable")]
)
def test_bad_files(client: Client, tmp_path: Path, content: bytes, key: str) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(content)
    with pytest.raises(AppError, match=f"^{key}: "):
        remove(client, bad)


def test_files_are_deleted_in_time(tmp_path: Path) -> None:
    """Uploads and results alike, and nothing else: the pictures of the page stay."""

    def files() -> set[Path]:
        return {path for path in app.files.rglob("*") if path.is_file()}

    with serve(tmp_path, BGDEMO_KEEP_SECONDS="6") as app:
        at_first = files()
        photo = tmp_path / "merah.png"
        Image.new("RGB", (60, 40), "red").save(photo)
        client = Client(app.url, download_files=tmp_path / "downloads", verbose=False)
        remove(client, photo, model="u2netp")
        assert len(files() - at_first) >= 2
        for _ in range(600):
            if files() <= at_first:
                break
            time.sleep(0.1)
        assert files() == at_first


# ---- in the same line as everybody ----------------------------------------------------------------------------------


class Watched(Budget):
    """A budget that remembers what was asked of it, and tells when."""

    def __init__(self, capacity: float) -> None:
        super().__init__(capacity)
        self.amounts: list[float] = []
        self.asked = asyncio.Event()

    def request(self, amount: float = 1, owner: Hashable = None) -> Ticket:
        ticket = super().request(amount, owner)
        self.amounts.append(amount)
        self.asked.set()
        return ticket

    def is_free(self) -> bool:
        ticket = super().request(self.capacity)
        free = ticket.granted.done()
        ticket.release()
        return free


@pytest.fixture
def upload(tmp_path: Path, kucing: Path, monkeypatch: pytest.MonkeyPatch) -> FileData:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    path = tmp_path / "upload" / "kucing.jpg"
    path.parent.mkdir()
    shutil.copyfile(kucing, path)
    return FileData(path=str(path))


def nothing(photo: Photo, spec: object, report: object = None, mirrored: bool = False) -> Matte:
    """A network that finds nobody, though it is sure of it."""
    return Matte(np.zeros((8, 8), np.float32), "u2netp")


@pytest.mark.parametrize(
    ("problem", "key"),
    [(OSError(errno.ENOSPC, "while writing"), "error.disk_full"), (RuntimeError("a bug"), "error.unexpected")],
)
def test_what_nobody_can_help_is_told_of_one_of_many_photos(
    problem: Exception,
    key: str,
    upload: FileData,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(api, "make_one_of_many", fail)
    answer = asyncio.run(Api(Shared()).remove_many([upload]))
    with zipfile.ZipFile(answer.path) as packed:
        report = packed.read("report.csv").decode("utf-8-sig")
    assert f"{key}: " in report
    assert ("a bug" in caplog.text) == (key == "error.unexpected")


def test_a_call_waits_in_the_line_of_the_visitors(upload: FileData, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(segmentation, "predict", lambda *call: ran.append(call) or nothing(*call))

    async def scenario() -> None:
        networks, full_size, work = Watched(1), Watched(100), Watched(50)
        visitor = networks.request()
        networks.asked.clear()
        call = asyncio.create_task(Api(Shared(networks, full_size, work=work)).remove(upload, model="u2netp"))
        await networks.asked.wait()
        assert (ran, call.done()) == ([], False)
        assert full_size.is_free(), "who waits for a network keeps nobody from full-size work"
        visitor.release()
        await call
        assert len(ran) == 1
        assert (full_size.amounts, work.amounts) == ([], [0.374544])

    asyncio.run(scenario())


def test_a_call_that_finds_the_line_too_long_is_asked_to_come_back(upload: FileData) -> None:
    async def scenario() -> None:
        networks = Budget(1, seconds=8.0, longest=2)
        visitors = [networks.request() for _ in range(3)]
        with pytest.raises(gr.Error, match=r"^'error.busy: .* try again in 8 seconds"):
            await Api(Shared(networks)).remove(upload)
        assert len(visitors) == 3

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("broken", "options", "said"),
    [
        ("nothing", {"id_photo": "3x4"}, "^'error.no_head: "),
        ("nothing", {"model": "no such model"}, "^'error.unknown_model: "),
        ("the photo", {}, "^'error.truncated: "),
        ("the network", {}, "out of memory"),
    ],
)
def test_what_was_held_is_given_back_after_an_error(
    upload: FileData, broken: str, options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Matte:
        raise MemoryError("out of memory")

    monkeypatch.setattr(segmentation, "predict", fail if broken == "the network" else nothing)
    if broken == "the photo":
        path = Path(upload.path)
        path.write_bytes(path.read_bytes()[:9000])

    async def scenario() -> None:
        networks, full_size = Watched(1), Watched(0.5)
        with pytest.raises((gr.Error, MemoryError), match=said):
            await Api(Shared(networks, full_size)).remove(upload, **options)
        assert networks.is_free()
        assert full_size.is_free()

    asyncio.run(scenario())
