"""Photo + ModelSpec → Matte: the only place that knows rembg, its sessions and its downloads."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import logging
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo, Pixels
from bgdemo.matte.features import compact, with_outputs
from bgdemo.matte.models import MODELS, ModelSpec
from bgdemo.memory import release_memory

log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).parents[1] / "weights"
"""Where the files of the bundled networks lie."""

KEPT_SESSIONS = 2
"""How many networks stay in memory beside the bundled ones."""

REST_SECONDS = 60.0
"""After so long without a photo, what the bundled networks keep for the next one is given back."""

Report = Callable[[float], None]
"""Is told, every now and then, which fraction in [0, 1] of a model's file has been downloaded."""


class StoppedError(Exception):
    """A network was stopped before it had come to its end."""


class Stop:
    """A switch for networks: a `predict` within its `with` raises StoppedError once it is `set`, from any thread."""

    def __init__(self) -> None:
        self.is_set = False
        self._guard = threading.Lock()
        self._under_way: list[Any] = []

    def set(self) -> None:
        """Stop what is under way, and whatever would begin."""
        with self._guard:
            self.is_set = True
            for options in self._under_way:
                options.terminate = True

    def __enter__(self) -> None:
        _stop.set(self)

    def __exit__(self, *_: object) -> None:
        _stop.set(NEVER)

    @contextmanager
    def run_options(self) -> Iterator[Any]:
        """onnxruntime's options for a run that this switch can stop, for as long as the block."""
        import onnxruntime

        options = onnxruntime.RunOptions()
        with self._guard:
            options.terminate = self.is_set
            self._under_way.append(options)
        try:
            yield options
        except Exception as error:
            if self.is_set:
                raise StoppedError from error
            raise
        finally:
            with self._guard:
                self._under_way.remove(options)


NEVER = Stop()
"""The switch of those who have none: nobody sets it."""

_stop: ContextVar[Stop] = ContextVar("stop", default=NEVER)


def predict(photo: Photo, spec: ModelSpec, report: Report | None = None, mirrored: bool = False) -> Matte:
    """The network's own prediction for `photo`, before rembg's min–max stretch.

    If `mirrored`, the network sees the photo's mirror image, and the prediction is turned back; it has no features.

    The stretch makes the strongest noise of an empty photo look like a subject, and divides by zero where the
    prediction is flat. Raises UserError("error.download_failed") when the network has to be fetched and cannot be,
    UserError("error.model_failed") when it is there and cannot be loaded, and StoppedError when a `Stop` ends it.
    """
    session = _session(spec, report).inner_session
    names = [session.get_outputs()[0].name, *(() if mirrored else spec.features)]
    log.info("%s runs on a photo", spec.id)
    begun = time.perf_counter()
    seen = _network_input(photo, spec)
    if mirrored:
        seen = np.ascontiguousarray(seen[..., ::-1])
    with _stop.get().run_options() as options:
        mask, *activations = session.run(names, {session.get_inputs()[0].name: seen}, options)
    seconds = time.perf_counter() - begun
    _rest_later()
    features = tuple(compact(layer[0]) for layer in activations)
    alpha = np.nan_to_num(mask[0, 0].astype(np.float32, copy=False))
    if spec.logits:
        alpha = 1 / (1 + np.exp(-alpha))
    alpha = np.clip(alpha[:, ::-1] if mirrored else alpha, 0, 1)
    clear = bool(np.quantile(alpha, 0.999) >= spec.subject_peak)
    return Matte(alpha, spec.id, clear=clear, features=features, seconds=seconds)


def warm_up() -> None:
    """Load the bundled networks, so that no visitor waits for it."""
    for spec in MODELS.values():
        if spec.bundled and not spec.parts:
            _session(spec)


def loaded() -> list[str]:
    """The ids of the bundled networks that are in memory."""
    with _guard:
        return sorted(_bundled)


def squeezed(photo: Photo, spec: ModelSpec) -> Pixels:
    """uint8 side×side×3: the photo in the square that the network sees; where it is transparent, white."""
    side = (spec.input_size, spec.input_size)
    image = Image.fromarray(photo.rgb).resize(side, Image.Resampling.LANCZOS, reducing_gap=1.5)
    if photo.alpha is not None:
        opacity = Image.fromarray(photo.alpha).resize(side, Image.Resampling.LANCZOS, reducing_gap=1.5)
        image = Image.composite(image, Image.new("RGB", side, "white"), opacity)
    return np.asarray(image)


def _network_input(photo: Photo, spec: ModelSpec) -> NDArray[np.float32]:
    """float32 1×3×side×side: the photo squeezed into a square, scaled to a peak of 1, then normalised.

    The same numbers as rembg's `BaseSession.normalize`, to rounding, in a fifth of its time.
    """
    square = squeezed(photo, spec)
    levels = np.arange(256, dtype=np.float32) / max(int(square.max()), 1)
    seen = np.empty((1, 3, spec.input_size, spec.input_size), np.float32)
    for c, channel in enumerate(cv2.split(square)):
        cv2.LUT(channel, ((levels - spec.mean[c]) / spec.std[c]).astype(np.float32), seen[0, c])
    return seen


# ---- sessions -------------------------------------------------------------------------------------------------------

_guard = threading.Lock()  # over the three tables below, never held while a network loads
_loading: dict[str, threading.Lock] = {}
_bundled: dict[str, Any] = {}
_fetched: OrderedDict[str, Any] = OrderedDict()


def _session(spec: ModelSpec, report: Report | None = None) -> Any:
    """rembg's session of `spec`: kept if it is bundled, else among the `KEPT_SESSIONS` used last."""
    with _guard:
        lock = _loading.setdefault(spec.id, threading.Lock())
    if (session := _kept(spec)) is not None:
        return session
    weights = WEIGHTS / f"{spec.id}.onnx" if spec.bundled else fetch(spec, report)
    with lock:
        if (session := _kept(spec)) is None:
            session = _load(spec, weights)
            with _guard:
                (_bundled if spec.bundled else _fetched)[spec.id] = session
                while len(_fetched) > KEPT_SESSIONS:
                    _fetched.popitem(last=False)
    return session


def _kept(spec: ModelSpec) -> Any:
    with _guard:
        if spec.id in _fetched:
            _fetched.move_to_end(spec.id)
        return _bundled.get(spec.id) or _fetched.get(spec.id)


def _load(spec: ModelSpec, weights: Path) -> Any:
    """A session of rembg's class for this network, on the file `weights`."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # A plan of a run's memory, made beforehand, is a third larger than what the run needs when it takes as it goes.
    options.enable_mem_pattern = False
    if spec.bundled:
        with _guard:
            _share_arena()
        options.add_session_config_entry("session.use_env_allocators", "1")
    else:  # gigabytes, which are not kept for who may never come again
        options.enable_cpu_mem_arena = False
    # Fold the int8 weights back to floats while loading: one second once, a quarter off every run.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session_class = _session_class(spec.id)
    try:
        with with_outputs(weights, spec.features) as file:
            load = classmethod(lambda *_, **__: file)
            return type(session_class.__name__, (session_class,), {"download_models": load})(spec.id, options)
    except (failures.InvalidProtobuf, failures.InvalidGraph, failures.InvalidArgument) as error:
        if spec.bundled:
            raise
        # No network, or half of one, left by another program: the next choice of this model fetches it anew.
        weights.unlink(missing_ok=True)
        raise UserError("error.download_failed", model=spec.name("en")) from error
    except Exception as error:  # too little memory, above all: the file is good, and stays
        if spec.bundled:
            raise
        log.exception("loading %s failed", spec.id)
        raise UserError("error.model_failed", model=spec.name("en")) from error


@cache
def _share_arena() -> None:
    """Have the bundled networks share one arena, which keeps the 0.7 GB that the largest run takes, until they rest.

    A quarter of a run would go by with the system clearing that memory anew. onnxruntime's own arena takes twice as
    much: one for each network, and each grows by powers of two.
    """
    import onnxruntime

    as_requested = {"arena_extend_strategy": 1}
    by_default = {"max_mem": 0, "initial_chunk_size_bytes": -1, "max_dead_bytes_per_chunk": -1}
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg({**as_requested, **by_default}))


_rest: threading.Timer | None = None


def _rest_later() -> None:
    """Give the arena back after `REST_SECONDS`, counted from the last call."""
    global _rest
    with _guard:
        if _rest:
            _rest.cancel()
        _rest = threading.Timer(REST_SECONDS, _give_back)
        _rest.daemon = True
        _rest.start()


@atexit.register
def _rest_no_more() -> None:
    """A thread that is in onnxruntime when Python ends would abort the process."""
    with _guard:
        rest = _rest
    if rest:
        rest.cancel()
        rest.join()


def _give_back() -> None:
    """Run the smallest network on nothing: onnxruntime gives back what an arena does not use after a run alone."""
    import onnxruntime

    spec = min((spec for spec in MODELS.values() if spec.bundled), key=lambda spec: spec.download_mb)
    session = _session(spec).inner_session
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    nothing = np.zeros((1, 3, spec.input_size, spec.input_size), np.float32)
    session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: nothing}, options)
    release_memory()


def _session_class(model: str) -> Any:
    """rembg's session class, without running `rembg/__init__.py`.

    That file imports pymatting, whose kernels take some 40 s of CPU to compile on a fresh machine, and nothing here
    uses them. An empty package of the same name and path lets Python find the modules below it; it is taken away
    again, so that anyone else who imports rembg gets the real one.
    """
    with _guard:
        stand_in = "rembg" not in sys.modules
        if stand_in:
            spec = importlib.util.find_spec("rembg")
            assert spec is not None, "rembg is not installed"
            sys.modules["rembg"] = importlib.util.module_from_spec(spec)
        try:
            return importlib.import_module("rembg.sessions").sessions[model]
        finally:
            if stand_in:
                del sys.modules["rembg"]


# ---- downloads ------------------------------------------------------------------------------------------------------

_downloader = ThreadPoolExecutor(max_workers=2, thread_name_prefix="download")
_downloads: dict[str, Future[str]] = {}


def fetch(spec: ModelSpec, report: Report | None = None) -> Path:
    """The file of an on-demand network, fetched by rembg's own downloader unless it is there already.

    pooch, which rembg uses, writes beside the target, checks the checksum and only then renames, so a broken download
    is never loaded. Everybody who asks meanwhile waits for the same download and hears of the same progress. Raises
    UserError("error.download_failed").
    """
    session_class = _session_class(spec.id)
    with _guard:
        if spec.id not in _downloads:
            _downloads[spec.id] = _downloader.submit(_download, spec.id, session_class)
        download = _downloads[spec.id]
    while not wait([download], timeout=0.5).done:
        if report:
            report(_downloaded(Path(session_class.model_dir()), spec))
    try:
        return Path(download.result())
    except (OSError, ValueError) as error:  # no network, no disk, or a checksum that does not match
        log.warning("downloading %s failed: %s", spec.id, error)
        raise UserError("error.download_failed", model=spec.name("en")) from error


def _download(model: str, session_class: Any) -> str:
    """rembg's own download, among `_downloads` for as long as it lasts, whoever still waits for it."""
    try:
        path: str = session_class.download_models()
        return path
    finally:
        with _guard:
            del _downloads[model]


def _downloaded(folder: Path, spec: ModelSpec) -> float:
    """The fraction of `spec`'s file that has arrived, from the size of pooch's growing file in `folder`."""
    size = 0
    for entry in folder.glob(f"{tempfile.gettempprefix()}*"):
        with suppress(FileNotFoundError):  # arrived and renamed, or given up, since it was listed
            size = max(size, entry.stat().st_size)
    return min(size / (spec.download_mb * 1_000_000), 1.0)
