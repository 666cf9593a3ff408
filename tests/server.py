"""The real program, serving its page to tests."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "bgdemo" / "examples"


@dataclass(frozen=True)
class App:
    """`python app.py` as it runs: its address, what it logged, and the folder of its visitors' files."""

    url: str
    log: Path
    files: Path

    def networks_run(self) -> int:
        return self.log.read_text("utf-8").count("ran on one visitor's photo")


@contextmanager
def serve(folder: Path, **environment: str) -> Iterator[App]:
    """Run the program on a free port, unless one is named, with its files in `folder` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = environment.get("GRADIO_SERVER_PORT") or probe.getsockname()[1]
    app = App(f"http://127.0.0.1:{port}", folder / "app.log", folder / "files")
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(app.files), "PYTHONUNBUFFERED": "1"}
    with app.log.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings, **environment}, stdout=log, stderr=log
        )
    try:
        wait_until_it_answers(app, server)
        yield app
    finally:
        server.terminate()
        server.wait(30)


def wait_until_it_answers(app: App, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, app.log.read_text("utf-8")
        try:
            with urllib.request.urlopen(app.url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no answer from {app.url}:\n{app.log.read_text('utf-8')}")
