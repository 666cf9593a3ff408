"""Many photos with one recipe: in this process, in others, and where one of those dies."""

import io
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bgdemo import Result, Stroke, UserError, batch, remove_many, remove_to_file
from bgdemo.batch import PER_HAND, UNKNOWN_HANDS
from bgdemo.words import recipe_of
from tests.server import EXAMPLES

CAT = EXAMPLES / "kucing.jpg"


@pytest.fixture(scope="module")
def small() -> bytes:
    """A photo that takes little time."""
    file = io.BytesIO()
    with Image.open(CAT) as image:
        image.reduce(4).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="module")
def small_png(small: bytes) -> bytes:
    return remove_to_file(small, model="u2netp")


class Endless:
    """The same photo for ever, and how often it was asked for."""

    def __init__(self, photo: bytes) -> None:
        self.photo, self.read = photo, 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.read += 1
            yield self.photo


class Unhurried(Executor):
    """Does the first job at once and no other; does not say how many workers it has."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **words: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if not self.futures:
            future.set_result(function(*arguments, **words))
        self.futures.append(future)
        return future


# ---- results --------------------------------------------------------------------------------------------------------


def test_each_photo_gives_the_file_that_it_gives_alone(small: bytes, tmp_path: Path) -> None:
    path = tmp_path / "small.jpg"
    path.write_bytes(small)
    image = Image.open(io.BytesIO(small))
    sources = [path, str(path), small, image, image.transpose(Image.Transpose.ROTATE_90)]
    results = list(remove_many(sources, model="u2netp", background="white", format="jpeg"))
    assert {id(result.source) for result in results} == {id(source) for source in sources}
    for result in results:
        assert result.error is None
        assert result.data == remove_to_file(result.source, model="u2netp", background="white", format="jpeg")


def test_what_should_be_known_of_a_result_is_told(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (200, 300), "grey").save(plain)
    with pytest.warns(UserWarning) as warned:
        remove_to_file(plain, model="u2netp", sheet=True, size="3x4cm")
    [result] = remove_many([plain], model="u2netp", sheet=True, size="3x4cm")
    assert result.notes == (*(str(warning.message) for warning in warned), "9 prints on 10×15 cm")


def test_a_photo_that_fails_does_not_sink_the_others(small: bytes, small_png: bytes, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.jpg"
    sources = [b"no photo", small, nowhere, b"", small[:1000], "\0", small]
    results = list(remove_many(sources, model="u2netp"))
    told = {result.source: result.error.key for result in results if result.error}
    assert told == {
        b"no photo": "error.unreadable",
        nowhere: "error.file_not_found",
        b"": "error.empty",
        small[:1000]: "error.truncated",
        "\0": "error.unreadable",
    }
    assert [result.data for result in results if not result.error] == [small_png] * 2
    assert all(result.data is None for result in results if result.error)


def test_a_fault_of_the_program_is_logged_and_told(
    small: bytes, small_png: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    results = list(remove_many([5, small], model="u2netp"))  # type: ignore[list-item]
    errors = {result.source: result.error for result in results}
    assert {source: error and error.key for source, error in errors.items()} == {5: "error.fault", small: None}
    assert errors[5]
    assert isinstance(errors[5].__cause__, TypeError)
    assert "TypeError" in caplog.text


def test_wrong_options_are_told_by_the_call_itself() -> None:
    with pytest.raises(UserError):
        remove_many([CAT], model="nothing")
    with pytest.raises(TypeError, match="background"):
        remove_many([CAT], backgroud="white")  # type: ignore[call-arg]
    for one in ("kucing.jpg", b"", CAT):
        with pytest.raises(TypeError):
            remove_many(one)  # type: ignore[arg-type]


def test_a_result_does_not_show_its_bytes() -> None:
    assert repr(Result("a.jpg", bytes(1000))) == "Result(source='a.jpg', error=None, notes=())"


# ---- how much at once -----------------------------------------------------------------------------------------------


def test_an_endless_source_is_read_only_as_far_as_needed(small: bytes, small_png: bytes) -> None:
    endless = Endless(small)
    results = remove_many(endless, model="u2netp")
    assert endless.read == 0
    for fetched in range(3):
        assert next(results).data == small_png
        assert endless.read <= fetched + PER_HAND * batch.HANDS
    results.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("batch")] == []


def test_who_fetches_slowly_is_waited_for(small: bytes) -> None:
    class Recording(ThreadPoolExecutor):
        begun: list[Future[Any]] = []  # noqa: RUF012

        def submit(self, *arguments: Any, **words: Any) -> Future[Any]:  # type: ignore[override]
            self.begun.append(super().submit(*arguments, **words))
            return self.begun[-1]

    endless = Endless(small)
    with Recording(1) as pool:
        results = remove_many(endless, pool, model="u2netp")
        for fetched in range(3):
            next(results)
            wait(pool.begun)
            assert len(pool.begun) == endless.read == fetched + PER_HAND
        results.close()


def test_closing_gives_up_what_did_not_begin(small: bytes, small_png: bytes) -> None:
    pool, endless = Unhurried(), Endless(small)
    results = remove_many(endless, pool, model="u2netp")
    assert next(results).data == small_png
    assert endless.read == PER_HAND * UNKNOWN_HANDS
    results.close()
    done, *others = pool.futures
    assert not done.cancelled()
    assert others
    assert all(future.cancelled() for future in others)


def test_what_the_sources_raise_is_raised(small: bytes) -> None:
    def sources() -> Iterator[bytes]:
        yield small
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        list(remove_many(sources(), model="u2netp"))


# ---- other processes and machines -----------------------------------------------------------------------------------


class Deadly:
    """Ends the process in which it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_other_processes_give_the_same_files_and_one_that_dies_is_told(
    small: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "small.jpg"
    path.write_bytes(small)
    deadly = Deadly()
    image = Image.open(io.BytesIO(small))
    sources = [path, image, b"no photo", deadly, small]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        results = list(remove_many(sources, pool, model="u2netp", background=small))  # type: ignore[arg-type]
    assert len(results) == len(sources)
    by_source = {id(result.source): result for result in results}
    for source in (path, image):
        expected = remove_to_file(source, model="u2netp", background=small)
        assert by_source[id(source)].data == expected
    assert str(by_source[id(sources[2])].error).startswith("This file is not a photo")
    for source in (deadly, small):
        error = by_source[id(source)].error
        assert error
        assert error.key == "error.lost"
    assert "BrokenProcessPool" in caplog.text


def test_a_cancelled_job_is_told(small: bytes) -> None:
    class Cancelling(Executor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:  # type: ignore[override]
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    assert [str(result.error) for result in remove_many([small] * 2, Cancelling(), model="u2netp")] == [
        "The machine or process that worked on this photo broke down. Please try this photo once more."
    ] * 2


def test_a_recipe_is_the_same_in_another_process(small: bytes) -> None:
    strokes = (Stroke(keep=True, width=0.1, points=((0.5, 0.5), (0.6, 0.5))),)
    recipe = recipe_of({"background": small, "strokes": strokes, "id_photo": "us", "sheet": "a4"})
    copy = pickle.loads(pickle.dumps(recipe))
    photos = [one.look.background.photo for one in (recipe, copy)]  # type: ignore[union-attr]
    np.testing.assert_array_equal(photos[0].rgb, photos[1].rgb)
    for one in (recipe, copy):
        assert (one.touch_up.strokes, one.limit, one.suffix) == (strokes, recipe.limit, "us-sheet-a4")
        assert (one.look.crop, one.look.sheet) == (recipe.look.crop, recipe.look.sheet)


def test_a_result_is_the_same_in_another_process(small: bytes, small_png: bytes) -> None:
    for result in remove_many([small, b""], model="u2netp"):
        copy = pickle.loads(pickle.dumps(result))
        assert (copy.source, copy.data, str(copy.error)) == (result.source, result.data, str(result.error))


def test_a_cluster_of_which_one_machine_dies_brings_every_photo_once(small: bytes, small_png: bytes) -> None:
    """The README's section "More than one machine"."""
    from dask.distributed import Client, LocalCluster

    photos = [small + bytes(number) for number in range(10)]  # decoders do not mind what follows a photo
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    with cluster, Client(cluster) as client:
        pids = client.run(os.getpid)
        results = []
        many = remove_many(photos, executor=client.get_executor(pure=False), model="u2netp")
        for number, result in enumerate(many):
            results.append(result)
            if number == 1:
                busy = next(worker for worker, jobs in client.processing().items() if jobs)
                os.kill(pids[busy], signal.SIGKILL)
    assert sorted(result.source for result in results) == sorted(photos)
    assert [result.data for result in results] == [small_png] * len(photos)
