"""The HTTP API, the way programs use it, and its parity with the other doors."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import bgdemo
from bgdemo.recipes import Recipe
from bgdemo.words import Options
from tests.server import ROOT, App, serve


@pytest.fixture(scope="module")
def client(app: App, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app.url, download_files=tmp_path_factory.mktemp("downloads"), verbose=False)


def remove(client: Client, photo: Path, **options: Any) -> Path:
    return Path(client.predict(handle_file(str(photo)), api_name="/remove", **options))


def test_every_door_gives_the_same_bytes(client: Client, kucing: Path, kucing_png: bytes, tmp_path: Path) -> None:
    """The page's bytes are held against the same file in the browser test."""
    path = remove(client, kucing)
    assert path.name == "kucing-removedbg.png"
    assert path.read_bytes() == kucing_png
    subprocess.run([sys.executable, "-m", "bgdemo", kucing, "-o", tmp_path], cwd=ROOT, check=True)
    assert (tmp_path / "kucing-removedbg.png").read_bytes() == kucing_png


def test_options_are_those_of_python(client: Client, kucing: Path) -> None:
    options: dict[str, Any] = {
        "model": "u2netp",
        "alpha_matting": True,
        "foreground_threshold": 250,
        "background_threshold": 20,
        "erode_size": 4,
    }
    assert remove(client, kucing, **options).read_bytes() == bgdemo.remove_to_png(kucing, **options)


def test_many_at_work_on_the_page_keep_nobody_waiting(app: App) -> None:
    """Each of them holds the way for answers open, which must not take a place from those who have work to be done."""
    with urllib.request.urlopen(f"{app.url}/config") as answer:
        (stay,) = [event["id"] for event in json.load(answer)["dependencies"] if not event["inputs"] + event["outputs"]]
    for visitor in range(60):
        body = {"fn_index": stay, "data": [], "session_hash": f"visitor{visitor}"}
        headers = {"Content-Type": "application/json", "X-Gradio-User": "app"}
        request = urllib.request.Request(f"{app.url}/gradio_api/queue/join", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            assert "event_id" in json.load(answer)
    time.sleep(3)
    with urllib.request.urlopen(f"{app.url}/gradio_api/queue/status") as answer:
        assert json.load(answer)["queue_size"] == 0


def test_only_the_removal_is_published_with_the_defaults_of_python(client: Client) -> None:
    published = client.view_api(return_format="dict", print_info=False)
    assert published["unnamed_endpoints"] == {}
    assert list(published["named_endpoints"]) == ["/remove"]
    parameters = published["named_endpoints"]["/remove"]["parameters"]
    defaults = {p["parameter_name"]: p["parameter_default"] for p in parameters if p["parameter_has_default"]}
    assert set(defaults) - {"background_picture"} == set(Options.__annotations__)
    plain = Recipe()
    assert {name: value for name, value in defaults.items() if hasattr(plain, name)} == {
        name: getattr(plain, name) for name in defaults if hasattr(plain, name)
    }


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"model": "no-such-model"}, "error.unknown_model"),
        ({"foreground_threshold": 300}, "error.threshold_range"),
        ({"background_threshold": 241}, "error.threshold_range"),
        ({"erode_size": -1}, "error.erode_range"),
    ],
)
def test_options_out_of_range(client: Client, kucing: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(AppError, match=rf"^{key}: [A-Z]"):
        remove(client, kucing, **options)


@pytest.mark.parametrize(
    ("content", "key"), [(b"", "error.empty"), (b"no photo", "error.unreadable"), (b"%PDF-1.4\n", "error.unreadable")]
)
def test_bad_files(client: Client, tmp_path: Path, content: bytes, key: str) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(content)
    with pytest.raises(AppError, match=f"^{key}: "):
        remove(client, bad)


def test_files_of_the_server_cannot_be_asked_for(app: App, kucing: Path) -> None:
    """Neither as the photo of a call nor by their address."""
    call = json.dumps({"data": [{"path": str(kucing), "meta": {"_type": "gradio.FileData"}}]}).encode()
    address = f"{app.url}/gradio_api/call/remove"
    request = urllib.request.Request(address, call, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/{event}") as answer:
        assert b"event: error" in answer.read()
    for path in (kucing, app.files, app.log):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{app.url}/gradio_api/file={path}")


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
