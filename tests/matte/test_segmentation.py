"""The networks' own predictions, and fetching networks, against rembg's sessions and a real HTTP server."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pooch
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as failures
from PIL import Image

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo
from bgdemo.matte import segmentation
from bgdemo.matte.models import MODELS
from bgdemo.matte.segmentation import Stop, StoppedError, predict

EXAMPLES = sorted((Path(__file__).parents[2] / "bgdemo" / "examples").glob("*.jpg"))
NETWORKS = [spec.id for spec in MODELS.values() if not spec.parts]
BUNDLED = [model for model in NETWORKS if MODELS[model].bundled]


@pytest.mark.parametrize("model", BUNDLED)
def test_agrees_with_rembg(model: str) -> None:
    assert len(EXAMPLES) >= 5
    for path in EXAMPLES[:5]:
        photo = decode(path)
        matte = predict(photo, MODELS[model])
        assert matte.clear
        assert matte.seconds and matte.seconds > 0.01
        ours = Image.fromarray((matte.alpha * 255).astype(np.uint8)).resize(photo.size, Image.Resampling.LANCZOS)
        [theirs] = segmentation._session(MODELS[model]).predict(Image.fromarray(photo.rgb))
        assert np.abs(np.asarray(ours, float) - np.asarray(theirs, float)).mean() <= 2, path.name


@pytest.mark.parametrize("model", NETWORKS)
def test_the_table_normalises_as_rembg_does(model: str) -> None:
    """The square that rembg's own `predict` would feed to each network, downloaded or not."""
    spec = MODELS[model]
    photo = decode(EXAMPLES[0])
    fed = []

    def run(_: object, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        fed.extend(feed.values())
        return [np.linspace(-3, 3, 64, dtype=np.float32).reshape(1, 1, 8, 8)]

    session = segmentation._session_class(model).__new__(segmentation._session_class(model))
    session.inner_session = SimpleNamespace(run=run, get_inputs=lambda: [SimpleNamespace(name="input")])
    [mask] = session.predict(Image.fromarray(photo.rgb))
    ours = segmentation._network_input(photo, spec)
    assert ours.shape == fed[0].shape == (1, 3, spec.input_size, spec.input_size)
    assert np.abs(ours - fed[0]).mean() < 0.01
    # rembg stretches; a straight ramp stays straight then, and a sigmoid bends it.
    values = np.linspace(-3, 3, 64)
    squashed = 1 / (1 + np.exp(-values)) if spec.logits else values
    expected = (squashed - squashed.min()) / np.ptp(squashed)
    small = np.asarray(mask.resize((8, 8), Image.Resampling.BOX), float).ravel() / 255
    assert np.abs(small - expected).mean() < 0.05


class Watched(Stop):
    """A switch that tells when a network begins."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    @contextmanager
    def run_options(self) -> Iterator[onnxruntime.RunOptions]:
        with super().run_options() as options:
            self.begun.set()
            yield options


def test_a_network_under_way_is_stopped_and_works_again_afterwards() -> None:
    photo, spec, stop = decode(EXAMPLES[0]), MODELS[BUNDLED[-1]], Watched()

    def run() -> Matte:
        with stop:
            return predict(photo, spec)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run)
        assert stop.begun.wait(60)
        stop.set()
        with pytest.raises(StoppedError):
            future.result()
        with pytest.raises(StoppedError):  # nor does anything begin any more
            pool.submit(run).result()
        assert pool.submit(predict, photo, spec).result().clear


def test_a_stopped_network_is_another_s_alone() -> None:
    stop = Stop()
    stop.set()
    assert predict(decode(EXAMPLES[0]), MODELS[BUNDLED[0]]).clear


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


RANDOM = np.random.default_rng(0)
NO_SUBJECT = {
    "white": np.full((300, 400, 3), 255, np.uint8),
    "black": np.zeros((300, 400, 3), np.uint8),
    "noise": RANDOM.integers(0, 256, (300, 400, 3), np.uint8),
    "gradient": np.tile(np.linspace(0, 255, 400).astype(np.uint8)[:, None], (300, 1, 3)),
    "one pixel": np.full((1, 1, 3), 77, np.uint8),
}


@pytest.mark.parametrize("model", BUNDLED)
@pytest.mark.parametrize("name", NO_SUBJECT)
def test_nothing_is_found_where_nothing_is(model: str, name: str) -> None:
    matte = predict(Photo(NO_SUBJECT[name]), MODELS[model])
    assert not matte.clear
    assert np.isfinite(matte.alpha).all()


def test_the_mirror_image_is_seen_and_turned_back() -> None:
    photo, spec = decode(EXAMPLES[0]), MODELS["u2netp"]
    turned = predict(Photo(np.ascontiguousarray(photo.rgb[:, ::-1])), spec).alpha[:, ::-1]
    found = predict(photo, spec, mirrored=True)
    assert np.abs(found.alpha - turned).mean() < 0.005
    assert not np.array_equal(found.alpha, predict(photo, spec).alpha)


def test_transparent_parts_are_seen_as_white() -> None:
    photo = decode(EXAMPLES[0])
    spec = MODELS["u2netp"]
    hidden = Photo(photo.rgb, np.zeros(photo.rgb.shape[:2], np.uint8))
    assert np.array_equal(
        segmentation._network_input(hidden, spec),
        segmentation._network_input(Photo(np.full_like(photo.rgb, 255)), spec),
    )


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory in use is read as Linux tells it")
def test_the_networks_keep_a_gigabyte_and_little_of_it_once_they_rest() -> None:
    """A process of its own: what this one holds is the other tests' too."""
    code = """
import resource, time
from pathlib import Path
import numpy as np
from bgdemo.images import Photo
from bgdemo.matte import segmentation
from bgdemo.matte.models import MODELS
from bgdemo.memory import release_memory

def kept():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e9

def run():
    for model in ("isnet-general-use", "u2netp"):
        segmentation.predict(Photo(np.zeros((1000, 1500, 3), np.uint8)), MODELS[model])

run()
run()
release_memory()
print(kept())
segmentation.REST_SECONDS = 0.1
run()
end = time.monotonic() + 60
while kept() > 0.55 and time.monotonic() < end:
    time.sleep(0.1)
print(kept())
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    at_work, at_rest = map(float, done.stdout.split())
    assert at_work < 1.1
    assert at_rest < 0.55


# ---- downloads ------------------------------------------------------------------------------------------------------

NETWORK = (segmentation.WEIGHTS / "u2netp.onnx").read_bytes()


class Shop:
    """A real HTTP server that sells u2netp under every name; `cut` ends each delivery after so many bytes."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.cut: int | None = None
        self.checksum = f"sha256:{hashlib.sha256(NETWORK).hexdigest()}"
        self.gate = threading.Event()
        self.gate.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counter, self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class Counter(BaseHTTPRequestHandler):
    def __init__(self, shop: Shop, *arguments: object) -> None:
        self.shop = shop
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.shop.requests.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(NETWORK)))
        self.end_headers()
        half = len(NETWORK) // 2
        self.wfile.write(NETWORK[: self.shop.cut or half])
        self.wfile.flush()
        if self.shop.cut is None:
            self.shop.gate.wait(timeout=30)
            self.wfile.write(NETWORK[half:])

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """rembg's real downloader, led to a server of our own and an empty home."""
    shop = Shop()
    retrieve = pooch.retrieve

    def from_shop(url: str, known_hash: str, **options: object) -> str:
        assert known_hash, "rembg checks every file"
        options["progressbar"] = False
        return retrieve(f"{shop.address}/{url.rsplit('/', 1)[1]}", shop.checksum, **options)

    monkeypatch.setattr(pooch, "retrieve", from_shop)
    monkeypatch.setenv("REMBG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("U2NET_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    segmentation._fetched.clear()
    yield shop
    segmentation._fetched.clear()
    shop.server.shutdown()
    shop.server.server_close()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_download_reports_its_progress_and_happens_once(shop: Shop, tmp_path: Path) -> None:
    shop.gate.clear()
    photo = decode(EXAMPLES[0])
    heard: list[float] = []

    def report(fraction: float) -> None:
        heard.append(fraction)
        if fraction > 0:
            shop.gate.set()

    with ThreadPoolExecutor(2) as visitors:
        mattes = list(visitors.map(lambda _: predict(photo, MODELS["u2net"], report), range(2)))
    assert shop.requests == ["/u2net.onnx"]
    assert [matte.model for matte in mattes] == ["u2net", "u2net"]
    assert any(0 < fraction < 1 for fraction in heard)
    assert files(tmp_path / "home") == ["u2net.onnx"]
    predict(photo, MODELS["u2net"])
    assert len(shop.requests) == 1


def test_a_cut_connection_leaves_nothing_behind(shop: Shop, tmp_path: Path) -> None:
    shop.cut = 1000
    with pytest.raises(UserError) as caught:
        predict(decode(EXAMPLES[0]), MODELS["silueta"])
    assert caught.value.key == "error.download_failed"
    assert files(tmp_path / "home") == []
    shop.cut = None
    assert predict(decode(EXAMPLES[0]), MODELS["silueta"]).model == "silueta"


def test_a_wrong_checksum_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.checksum = f"sha256:{'0' * 64}"
    with pytest.raises(UserError) as caught:
        predict(decode(EXAMPLES[0]), MODELS["silueta"])
    assert caught.value.key == "error.download_failed"
    assert files(tmp_path / "home") == []


def test_no_network_and_no_disk(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.server.shutdown()
    shop.server.server_close()
    with pytest.raises(UserError):
        predict(decode(EXAMPLES[0]), MODELS["silueta"])
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("REMBG_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError):
        predict(decode(EXAMPLES[0]), MODELS["silueta"])


def test_a_damaged_file_is_fetched_anew(shop: Shop, tmp_path: Path) -> None:
    stale = stored(tmp_path, NETWORK[:1000])
    with pytest.raises(UserError):
        predict(decode(EXAMPLES[0]), MODELS["silueta"])
    assert not stale.exists()
    assert predict(decode(EXAMPLES[0]), MODELS["silueta"]).model == "silueta"
    assert shop.requests == ["/silueta.onnx"]


@pytest.mark.parametrize("content", [b"", b"<html>", bytes(1000), NETWORK[:-1000]])
def test_a_file_that_is_no_network_is_deleted(shop: Shop, tmp_path: Path, content: bytes) -> None:
    path = stored(tmp_path, content)
    with pytest.raises(UserError) as caught:
        predict(decode(EXAMPLES[0]), MODELS["silueta"])
    assert caught.value.key == "error.download_failed"
    assert not path.exists()


def test_a_good_file_stays_when_there_is_no_memory_to_load_it(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As onnxruntime and Python tell it: reproduced under a limit of the address space."""
    path = stored(tmp_path, NETWORK)
    for error in (MemoryError(), failures.RuntimeException("std::bad_alloc"), failures.Fail("std::bad_alloc")):
        with monkeypatch.context() as context:
            context.setattr(onnxruntime, "InferenceSession", raising(error))
            with pytest.raises(UserError) as caught:
                predict(decode(EXAMPLES[0]), MODELS["silueta"])
        assert caught.value.key == "error.model_failed"
        assert path.read_bytes() == NETWORK
    assert predict(decode(EXAMPLES[0]), MODELS["silueta"]).model == "silueta"
    assert shop.requests == []


def stored(home: Path, content: bytes) -> Path:
    path = home / "home" / "models" / "silueta" / "silueta.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_progress_does_not_mind_that_pooch_takes_its_file_away(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between listing the folder and asking for the size, the last byte has come and the file has its name."""
    shop.gate.clear()
    listed = Path.glob

    def glob_and_finish(folder: Path, pattern: str) -> Iterator[Path]:
        entries = list(listed(folder, pattern))
        shop.gate.set()
        wait(list(segmentation._downloads.values()), timeout=30)
        return iter(entries)

    monkeypatch.setattr(Path, "glob", glob_and_finish)
    heard: list[float] = []
    assert segmentation.fetch(MODELS["silueta"], heard.append).read_bytes() == NETWORK
    assert heard == [0.0]


def test_a_download_that_times_out_has_failed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    session_class = segmentation._session_class("silueta")
    monkeypatch.setattr(session_class, "download_models", raising(TimeoutError("the line is silent")))
    told: list[UserError] = []

    def ask() -> None:
        try:
            segmentation.fetch(MODELS["silueta"])
        except UserError as error:
            told.append(error)

    asking = threading.Thread(target=ask, daemon=True)  # so that one who waits without end does not hold up the tests
    asking.start()
    asking.join(timeout=30)
    assert [error.key for error in told] == ["error.download_failed"]


def test_a_failed_download_that_nobody_waited_for_is_tried_again(shop: Shop) -> None:
    def leave(_: float) -> None:
        raise RuntimeError("the visitor left")

    shop.gate.clear()
    shop.checksum = f"sha256:{'0' * 64}"
    with pytest.raises(RuntimeError):
        segmentation.fetch(MODELS["silueta"], leave)
    left = segmentation._downloads["silueta"]
    shop.gate.set()
    wait([left], timeout=30)
    shop.checksum = f"sha256:{hashlib.sha256(NETWORK).hexdigest()}"
    assert segmentation.fetch(MODELS["silueta"]).read_bytes() == NETWORK


def test_only_two_fetched_networks_stay_in_memory(shop: Shop) -> None:
    photo = decode(EXAMPLES[0])
    for model in ("u2net", "silueta", "u2net", "u2net_human_seg"):
        predict(photo, MODELS[model])
    assert list(segmentation._fetched) == ["u2net", "u2net_human_seg"]
