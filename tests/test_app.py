"""The program as a host runs it: asked how it is, and stopped."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from gradio_client import Client, handle_file
from gradio_client.utils import Status

import bgdemo
from bgdemo.matte.models import MODELS
from bgdemo.messages import say
from tests.server import EXAMPLES, App, serve

TAB = "t" * 22


def get(address: str, data: Any = None) -> tuple[int, bytes]:
    """Status and body of an answer; `data` is sent as JSON."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def send(app: App, content: bytes) -> tuple[int, bytes]:
    """Upload a file."""
    head = b'--limit\r\nContent-Disposition: form-data; name="files"; filename="photo.jpg"\r\n\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=limit", "Accept-Language": "id"}
    request = urllib.request.Request(f"{app.url}/gradio_api/upload", head + content + b"\r\n--limit--\r\n", form)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Page:
    """What the page's script does."""

    def __init__(self, app: App) -> None:
        self.app = app
        _, config = get(f"{app.url}/config")
        [self.line] = [
            component["id"]
            for component in json.loads(config)["components"]
            if "follow" in component["props"].get("server_fns", [])
        ]

    def ask(self, name: str, message: dict[str, Any]) -> Any:
        call = {"data": {"tab": TAB, "language": "id", **message}, "component_id": self.line, "fn_name": name}
        status, answer = get(f"{self.app.url}/gradio_api/component_server", {**call, "session_hash": "s"})
        assert status == 200, answer
        return json.loads(answer)


def test_a_host_is_told_how_the_server_is_and_nothing_that_is_nobody_s_business(app: App) -> None:
    status, answer = get(f"{app.url}/health")
    told = json.loads(answer)
    assert (status, told["status"], told["version"]) == (200, "ok", bgdemo.__version__)
    assert set(told["networks"]) <= {spec.id for spec in MODELS.values() if spec.bundled and not spec.parts}
    assert told["line"] == {"waiting": 0, "seconds": 0.0}
    assert 50 < told["memory_mb"] < 4000
    assert told.keys() == {"status", "version", "networks", "line", "visitors", "memory_mb", "disk_mb"}
    assert isinstance(told["visitors"], int) and isinstance(told["disk_mb"], int)
    assert b"/" not in answer


def test_health_is_answered_below_the_root_that_a_proxy_gives(tmp_path: Path) -> None:
    with serve(tmp_path, GRADIO_ROOT_PATH="/tools") as app:
        assert [get(f"{app.url}{path}")[0] for path in ("/health", "/tools/health")] == [200, 200]


def test_a_server_that_is_stopped_tells_everybody_and_leaves_nothing_running(tmp_path: Path) -> None:
    with serve(tmp_path) as app:
        [path] = json.loads(send(app, (EXAMPLES / "kucing.jpg").read_bytes())[1])
        page, client = Page(app), Client(app.url, verbose=False)
        page.ask("want", {"number": 1, "photo": {"path": path}})
        call = client.submit(handle_file(str(EXAMPLES / "dog.jpg")), api_name="/remove")
        while call.status().code is not Status.PROCESSING:
            pass
        news = page.ask("follow", {})
        assert not news["view"]["settled"]
        app.process.terminate()
        while not news["view"]["status"].startswith(say("ui.restarting", "id")):
            news = page.ask("follow", {"visit": news["visit"], "revision": news["revision"]})
            assert not news["view"]["settled"]
        assert get(f"{app.url}/health")[0] == 503
        assert "error.stopping: The server is being restarted" in str(call.exception())
        assert app.process.wait(10) == 0
    assert "Traceback" not in app.log.read_text("utf-8")
    assert not list((app.files / "visits").iterdir())
    with serve(tmp_path) as app:  # the page tells the next run what it wants, and goes on
        page = Page(app)
        assert page.ask("follow", {"visit": news["visit"], "revision": news["revision"]})["view"]["number"] == 0
        page.ask("want", {"number": 2, "photo": {"path": path}, "settings": {"model": "u2netp"}})
        while not news["view"]["download"]:
            news = page.ask("follow", {"visit": news["visit"], "revision": news["revision"]})
        assert not news["view"]["errors"]


def test_a_full_disk_takes_no_uploads_and_says_so(tmp_path: Path) -> None:
    """The page's own pictures are about half a megabyte."""
    with serve(tmp_path, BGDEMO_DISK_MEGABYTES="1", BGDEMO_KEEP_SECONDS="6") as app:
        status, _ = send(app, bytes(2_000_000))
        assert status == 200
        while status == 200:
            status, said = send(app, b"a small one")
        assert (status, said.decode()) == (507, bgdemo.UserError("error.disk_full").text("id"))
        while status == 507:  # until the large one has been deleted
            status, _ = send(app, b"a small one")
        assert status == 200
