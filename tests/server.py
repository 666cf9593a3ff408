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
    """`python app.py` as it runs: its address, what it logged, the folder of its visitors' files, and its process."""

    url: str
    log: Path
    files: Path
    process: subprocess.Popen[bytes]

    def networks_run(self) -> int:
        return self.log.read_text("utf-8").count("runs on a photo")


@contextmanager
def serve(folder: Path, **environment: str) -> Iterator[App]:
    """Run the program on a free port, unless one is named, with its files in `folder` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = environment.get("GRADIO_SERVER_PORT") or probe.getsockname()[1]
    log, files = folder / "app.log", folder / "files"
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(files), "PYTHONUNBUFFERED": "1"}
    variables = {**os.environ, **settings, **environment}
    with log.open("wb") as output:
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=variables, stdout=output, stderr=output)
    app = App(f"http://127.0.0.1:{port}", log, files, server)
    try:
        wait_until_it_answers(app)
        yield app
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def wait_until_it_answers(app: App) -> None:
    for _ in range(600):
        assert app.process.poll() is None, app.log.read_text("utf-8")
        try:
            with urllib.request.urlopen(app.url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no answer from {app.url}:\n{app.log.read_text('utf-8')}")
