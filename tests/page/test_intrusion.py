"""What strangers may try at the doors: files that are not theirs, addresses, and names that are more than names."""

import http.client
import json
import secrets
import shutil
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT, App


class Post:
    """Speaks to the server as a program of one's own would, without the care that a library takes."""

    def __init__(self, app: App) -> None:
        self.url = f"{app.url}/gradio_api"
        self.address = urllib.parse.urlsplit(app.url)
        with urllib.request.urlopen(f"{self.url}/info") as answer:
            self.parameters = json.load(answer)["named_endpoints"]["/remove"]["parameters"]

    def remove(self, **options: Any) -> str:
        """The stream of events that a call of /remove is answered with."""
        asked = {"model": "u2netp", **options}
        data = [asked.get(one["parameter_name"], one.get("parameter_default")) for one in self.parameters]
        call, kind = f"{self.url}/call/remove", {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(call, json.dumps({"data": data}).encode(), kind)) as answer:
            event = json.load(answer)["event_id"]
        with urllib.request.urlopen(f"{call}/{event}") as answer:
            return str(answer.read(), "utf-8")

    def page(self, function: str, message: dict[str, Any]) -> Any:
        """What the page's own script is answered by one of the functions `want` and `follow`."""
        with urllib.request.urlopen(self.url.replace("/gradio_api", "/config")) as answer:
            parts = json.load(answer)["components"]
        [part] = [one["id"] for one in parts if function in (one["props"].get("server_fns") or ())]
        call = {"data": message, "component_id": part, "fn_name": function, "session_hash": "x"}
        address, kind = f"{self.url}/component_server", {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(address, json.dumps(call).encode(), kind)) as answer:
            return json.load(answer)

    def upload(self, content: bytes, name: str) -> Path:
        """Where the server put a file that was called `name`."""
        head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + b"\r\n--x--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/upload", body, kind)) as answer:
            return Path(json.load(answer)[0])

    def get(self, path: str) -> int:
        """The status of a request whose path is sent as it stands."""
        connection = http.client.HTTPConnection(self.address.hostname or "", self.address.port)
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture(scope="module")
def post(app: App) -> Post:
    return Post(app)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server that nobody should be able to reach through ours: its port, and what it was asked."""
    asked: list[bytes] = []

    def listen() -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(1000))
                if asked[-1] == b"stop":
                    return
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen)
        thread.start()
        port = server.getsockname()[1]
        yield port, asked
        with socket.create_connection(("127.0.0.1", port)) as last:
            last.sendall(b"stop")
        thread.join()
        assert asked == [b"stop"]


def file(path: object, **more: str) -> dict[str, Any]:
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}, **more}


def test_what_was_uploaded_is_taken(post: Post, kucing: Path) -> None:
    """So that what is refused below is refused for what it is."""
    path = post.upload(kucing.read_bytes(), "kucing.jpg")
    assert "event: complete" in post.remove(photo=file(path))
    assert "event: complete" in post.remove(photo=file(path), background_picture=file(path))


@pytest.mark.parametrize("name", ["photo", "background_picture"])
@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        "app.py",
        "bgdemo/examples/cup.jpg",
        str(ROOT / "bgdemo/examples/cup.jpg"),
        "file:///etc/passwd",
        "/etc/passwd\0.jpg",
        r"\\127.0.0.1\c$\cup.jpg",
        "{log}",
        "{files}",
        "{files}/../app.log",
        "{files}/visits",
        "{visit}",
        "{link}",
    ],
)
def test_no_file_is_read_but_what_was_uploaded(post: Post, app: App, kucing: Path, name: str, path: str) -> None:
    visit = app.files / "visits" / "somebody" / "kucing.jpg"
    visit.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(kucing, visit)
    link = app.files / "link.jpg"
    link.unlink(missing_ok=True)
    link.symlink_to(kucing)
    asked = path.format(log=app.log, files=app.files, visit=visit, link=link)
    upload = file(post.upload(kucing.read_bytes(), "kucing.jpg"))
    for named in (file(asked), {"path": asked}, file(asked, url=asked)):
        answer = post.remove(**{"photo": upload, name: named})
        assert "event: error" in answer
        assert "root:" not in answer
    shutil.rmtree(visit.parent)
    link.unlink()


ADDRESSES = [
    "http://127.0.0.1:{port}/cup.jpg",
    "http://localhost:{port}/cup.jpg",
    "http://0x7f000001:{port}/cup.jpg",
    "http://169.254.169.254/latest/meta-data",
    "http://192.0.2.1/cup.jpg",  # public for all that anybody knows, and nobody's (RFC 5737)
    "https://huggingface.co/cup.jpg",
]


@pytest.mark.parametrize("name", ["photo", "background_picture"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_is_asked_for_a_photo(
    post: Post, kucing: Path, listener: tuple[int, list[bytes]], name: str, address: str
) -> None:
    asked = address.format(port=listener[0])
    upload = file(post.upload(kucing.read_bytes(), "kucing.jpg"))
    assert "error.link: This is a link" in post.remove(**{"photo": upload, name: file(asked)})
    for named in ({"path": asked}, file("cup.jpg", url=asked)):
        assert "event: error" in post.remove(**{"photo": upload, name: named})


@pytest.mark.parametrize("place", ["photo", "picture"])
@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "{log}", "{files}/visits", *ADDRESSES])
def test_the_page_is_refused_what_the_api_is(
    post: Post, app: App, listener: tuple[int, list[bytes]], place: str, path: str
) -> None:
    tab = secrets.token_urlsafe(24)
    named = file(path.format(log=app.log, files=app.files, port=listener[0]))
    asked = {"photo": named} if place == "photo" else {"look": {"background": "picture", "picture": named}}
    post.page("want", {"tab": tab, "number": 1, "language": "en", **asked})
    view = post.page("follow", {"tab": tab})["view"]
    assert view["errors"][place].startswith("This photo has been deleted")
    assert (view["photo"], view["pictures"]) == (None, None)


@pytest.mark.parametrize(
    "path",
    [
        "file=http://127.0.0.1:{port}/cup.jpg",
        "file=http%3A%2F%2F127.0.0.1%3A{port}%2Fcup.jpg",
        "proxy=http://127.0.0.1:{port}/cup.jpg",
        "file=/etc/passwd",
        "file=../../../../etc/passwd",
        "file=..%2f..%2f..%2f..%2fetc%2fpasswd",
        "file=%2e%2e/%2e%2e/app.py",
        "file=app.py",
        "file=/etc/passwd%00.jpg",
        "file=%00",
        "file=file:///etc/passwd",
        "file=%5c%5c127.0.0.1%5cc$%5ccup.jpg",
        "file={log}",
        "file={files}/../app.log",
        "file={files}",
        "file//etc/passwd",
        "../static/..%2f..%2froutes.py",
        "custom_component/1/server/component/../../../app.py",
    ],
)
def test_nothing_else_is_served(post: Post, app: App, listener: tuple[int, list[bytes]], path: str) -> None:
    asked = path.format(port=listener[0], log=app.log, files=app.files)
    assert post.get(f"/gradio_api/{asked}") in (400, 403, 404)


@pytest.mark.parametrize(
    "name",
    [
        "../../../x.jpg",
        "..\\..\\x.jpg",
        "/etc/x.jpg",
        "<img src=x onerror=alert(1)>.jpg",
        "\u202egpj.exe",
        "x" * 300 + ".jpg",
        "🐈.jpg",
        "CON.jpg",
        "x.jpg...",
        ".jpg",
        "a\tb\x07.jpg",
    ],
)
def test_an_upload_stays_in_its_folder_whatever_its_name(post: Post, app: App, kucing: Path, name: str) -> None:
    path = post.upload(kucing.read_bytes(), name)
    assert path.parent.parent == app.files.resolve()
    assert path.is_file()
    assert "event: complete" in post.remove(photo=file(path))
