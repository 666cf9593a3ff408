"""Visitors over HTTP, as in `benchmarks/load.py`: many at once, those who leave, and a server that is killed."""

import asyncio
import time
from pathlib import Path

import pytest
from PIL import Image

import bgdemo
from benchmarks.visitors import RefusedError, Visitor
from tests.files import assert_same_file
from tests.server import EXAMPLES, App, serve

QUICKEST = "u2netp"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("small")
    photos = []
    for name in ("kucing", "cup"):
        photos.append(folder / f"{name}.png")
        with Image.open(EXAMPLES / f"{name}.jpg") as image:
            image.resize((240, 240)).save(photos[-1])
    return photos


async def choose_the_quickest(visitor: Visitor) -> None:
    await visitor.want(settings={"model": QUICKEST})


def files_of(app: App) -> set[Path]:
    return {path for path in app.files.rglob("*") if path.is_file()}


def test_many_visitors_at_once_each_get_the_files_of_their_own_photos(app: App, small: list[Path]) -> None:
    expected = {photo: bgdemo.remove_to_png(photo, model=QUICKEST) for photo in small}
    assert len(set(expected.values())) == len(small)

    async def visit(number: int) -> None:
        async with Visitor(app.url) as visitor:
            await choose_the_quickest(visitor)
            for photo in small if number % 2 else reversed(small):
                assert_same_file(await visitor.file_of(photo), expected[photo])

    async def crowd() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(visit(number))

    asyncio.run(crowd())


def test_a_visitor_is_told_what_is_wrong_with_a_file_and_may_go_on(app: App, small: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")

    async def visit() -> bytes:
        async with Visitor(app.url) as visitor:
            await choose_the_quickest(visitor)
            with pytest.raises(RefusedError, match=r"^photo: This file is not a photo"):
                await visitor.file_of(bad)
            return await visitor.file_of(small[0])

    assert_same_file(asyncio.run(visit()), bgdemo.remove_to_png(small[0], model=QUICKEST))


def test_those_who_leave_in_the_middle_keep_nobody_waiting_and_leave_nothing(small: list[Path], tmp_path: Path) -> None:
    async def leave(url: str) -> None:
        async with Visitor(url) as visitor:
            await visitor.open(EXAMPLES / "kucing.jpg")
            await visitor.follow()

    async def stay(url: str) -> bytes:
        async with Visitor(url) as visitor:
            await choose_the_quickest(visitor)
            return await visitor.file_of(small[0])

    async def scenario(app: App) -> bytes:
        await asyncio.gather(*(leave(app.url) for _ in range(3)))
        return await stay(app.url)

    with serve(tmp_path, BGDEMO_KEEP_SECONDS="6") as app:
        at_first = files_of(app)
        data = asyncio.run(scenario(app))
        assert_same_file(data, bgdemo.remove_to_png(small[0], model=QUICKEST))
        for _ in range(600):
            if files_of(app) <= at_first:
                break
            time.sleep(0.1)
        assert files_of(app) == at_first


def test_a_server_that_was_killed_at_work_goes_on_with_it_when_it_is_started_again(
    small: list[Path], tmp_path: Path
) -> None:
    async def begin(app: App, visitor: Visitor) -> None:
        async with visitor:
            await choose_the_quickest(visitor)
            await visitor.open(small[0])
            app.process.kill()
            app.process.wait()

    async def go_on(visitor: Visitor) -> bytes:
        async with visitor:
            return await visitor.file()

    with serve(tmp_path) as app:
        visitor = Visitor(app.url)
        asyncio.run(begin(app, visitor))
    with serve(tmp_path, GRADIO_SERVER_PORT=app.url.rpartition(":")[2]) as app:
        assert_same_file(asyncio.run(go_on(visitor)), bgdemo.remove_to_png(small[0], model=QUICKEST))
