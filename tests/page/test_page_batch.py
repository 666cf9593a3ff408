"""Many photos of one tab: what is wanted of them becomes true, and one bad photo never sinks the rest."""

import asyncio
import errno
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bgdemo
from bgdemo.matte import segmentation
from bgdemo.messages import say
from bgdemo.page import batch as batches
from bgdemo.page.batch import Batch, BatchView
from bgdemo.page.compat import upload_folder
from bgdemo.page.files import Folder
from bgdemo.page.mattes import MatteStore
from bgdemo.page.shared import Shared
from bgdemo.page.visits import Visits
from tests.files import assert_same_file
from tests.page.driver import disc
from tests.server import EXAMPLES


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A disc in place of every network, and the photos that it was asked about."""
    asked: list[str] = []

    def predict(photo: Any, spec: Any, report: object = None, mirrored: bool = False) -> Any:
        asked.append(spec.id)
        return disc(photo, spec)

    monkeypatch.setattr(segmentation, "predict", predict)
    return asked


class Tab:
    """A page with many photos."""

    def __init__(self) -> None:
        self.present = True
        self.batch = Batch(Shared(), MatteStore(Folder()), lambda: self.present)
        self.fields: dict[str, Any] = {"files": [], "settings": {"model": "u2netp"}, "format": "png"}
        self.tiles: dict[str, dict[str, Any]] = {}
        self.number = 0

    def bring(self, id_: str, source: Path, name: str = "") -> None:
        """An upload, as Gradio leaves it."""
        folder = upload_folder() / f"upload-{id_}"
        folder.mkdir(parents=True, exist_ok=True)
        path = shutil.copy(source, folder / source.name)
        self.fields["files"] = [*self.fields["files"], {"id": id_, "path": str(path), "name": name or source.name}]

    def want(self, **fields: Any) -> None:
        self.fields |= fields
        self.number += 1
        self.batch.want({**self.fields, "number": self.number}, None)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(120):
            revision = -1
            while not true():
                news = await self.batch.watch(revision)
                revision = news["revision"]
                self.tiles |= {tile["id"]: tile for tile in news["tiles"]}
                self.tiles = {id_: self.tiles[id_] for id_ in news["order"]}

    async def settle(self) -> BatchView:
        await self.until(lambda: self.batch.view.settled and self.batch.number == self.number)
        await self.until(lambda: all(tile["state"] in ("done", "failed") for tile in self.tiles.values()))
        return self.batch.view

    def states(self) -> dict[str, str]:
        return {id_: tile["state"] for id_, tile in self.tiles.items()}


def test_what_is_told_of_a_photo_follows_the_language_though_it_was_made_before(quick: list[str]) -> None:
    """And nothing is made again for it."""

    async def run() -> None:
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.want(look={"crop": "id:3x4"}, language="en")
        await tab.settle()
        made = tab.tiles["a"]["file"]
        assert say("note.no_face", "en") in tab.tiles["a"]["said"]
        tab.want(language="id")
        await tab.until(lambda: say("note.no_face", "id") in tab.tiles["a"]["said"])
        assert tab.tiles["a"]["file"] == made

    asyncio.run(run())


def test_each_result_is_the_one_of_every_other_door() -> None:
    async def main() -> None:
        tab = Tab()
        for name in ("kucing", "cup"):
            tab.bring(name, EXAMPLES / f"{name}.jpg")
        tab.want()
        view = await tab.settle()
        for name in ("kucing", "cup"):
            file = Path(tab.tiles[name]["file"])
            assert file.name == f"{name}-removedbg.png"
            assert_same_file(file.read_bytes(), bgdemo.remove_to_png(EXAMPLES / f"{name}.jpg", model="u2netp"))
        assert (view.ready, view.fraction) == (2, 1.0)

    asyncio.run(main())


def test_a_bad_photo_has_its_sentence_and_the_others_their_results(quick: list[str], tmp_path: Path) -> None:
    async def main() -> None:
        tab = Tab()
        (tmp_path / "bad.jpg").write_bytes(b"no photo")
        tab.bring("a", tmp_path / "bad.jpg")
        tab.bring("b", EXAMPLES / "cup.jpg")
        tab.fields["files"].append({"id": "c", "path": str(upload_folder() / "gone" / "x.jpg"), "name": "x.jpg"})
        tab.want(language="id")
        await tab.settle()
        assert tab.states() == {"a": "failed", "b": "done", "c": "failed"}
        assert tab.tiles["a"]["said"] == say("error.unreadable", "id")
        assert tab.tiles["c"]["said"] == say("error.expired", "id")

    asyncio.run(main())


def test_a_bug_in_one_photo_is_told_and_logged(
    quick: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        with monkeypatch.context() as patch:
            patch.setattr(batches, "make_one_of_many", lambda *_, **__: 1 / 0)
            tab.want()
            await tab.settle()
        assert tab.tiles["a"]["said"] == say("error.unexpected", "en")
        assert "ZeroDivisionError" in caplog.text
        tab.want(changes={"a": {"attempt": 1}})
        await tab.settle()
        assert tab.states() == {"a": "done"}

    asyncio.run(main())


def test_a_full_disk_is_told_as_such(quick: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.want()
        await tab.settle()
        assert tab.tiles["a"]["said"] == say("error.disk_full", "en")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(batches, "make_one_of_many", full)
    asyncio.run(main())


def test_a_change_of_look_is_made_of_all_without_the_networks(quick: list[str]) -> None:
    async def main() -> None:
        tab = Tab()
        for name in ("kucing", "cup"):
            tab.bring(name, EXAMPLES / f"{name}.jpg")
        tab.want()
        await tab.settle()
        runs = len(quick)
        tab.want(look={"background": "color", "color": "#ff0000"}, format="jpeg")
        await tab.settle()
        assert {Path(tile["file"]).name for tile in tab.tiles.values()} == {"kucing-red.jpg", "cup-red.jpg"}
        assert len(quick) == runs

    asyncio.run(main())


def test_one_photo_can_be_wanted_otherwise_than_the_others(quick: list[str]) -> None:
    async def main() -> None:
        tab = Tab()
        for name in ("kucing", "cup"):
            tab.bring(name, EXAMPLES / f"{name}.jpg")
        tab.want()
        await tab.settle()
        before = {id_: tile["file"] for id_, tile in tab.tiles.items()}
        stroke = {"keep": False, "width": 0.5, "points": [[0.5, 0.5]]}
        tab.want(changes={"cup": {"touch": {"strokes": [stroke]}}})
        await tab.settle()
        assert tab.tiles["kucing"]["file"] == before["kucing"]
        assert tab.tiles["cup"]["file"] != before["cup"]
        assert (tab.tiles["kucing"]["own"], tab.tiles["cup"]["own"]) == (False, True)
        assert Path(tab.tiles["cup"]["file"]).read_bytes() != Path(before["cup"]).read_bytes()

    asyncio.run(main())


def test_photos_without_a_clear_subject_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.want()
        await tab.settle()
        assert tab.tiles["a"]["doubtful"]
        assert say("note.no_subject", "en") in tab.tiles["a"]["said"]

    def unsure(photo: Any, spec: Any, report: object = None, mirrored: bool = False) -> Any:
        found = disc(photo, spec)
        return type(found)(found.alpha, found.model, clear=False)

    monkeypatch.setattr(segmentation, "predict", unsure)
    asyncio.run(main())


def test_a_zip_is_taken_apart_and_packed_again_in_its_folders(quick: list[str], tmp_path: Path) -> None:
    async def main() -> None:
        tab = Tab()
        with zipfile.ZipFile(tmp_path / "fotos.zip", "w") as archive:
            archive.write(EXAMPLES / "cup.jpg", "fotos/cup.jpg")
            archive.write(EXAMPLES / "kucing.jpg", "fotos/dalam/cup.jpg")
            archive.writestr("fotos/catatan.txt", "…")
        tab.bring("z", tmp_path / "fotos.zip")
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.bring("b", EXAMPLES / "kucing.jpg", "cup.png")
        tab.want()
        await tab.settle()
        packed = zipfile.ZipFile(await tab.batch.pack())
        assert sorted(packed.namelist()) == [
            "cup-removedbg-2.png",
            "cup-removedbg.png",
            "fotos/cup-removedbg.png",
            "fotos/dalam/cup-removedbg.png",
        ]
        assert packed.testzip() is None
        assert packed.read("cup-removedbg.png") == Path(tab.tiles["a"]["file"]).read_bytes()

    asyncio.run(main())


def test_a_zip_that_is_refused_says_why_and_the_others_go_on(quick: list[str], tmp_path: Path) -> None:
    async def main() -> None:
        tab = Tab()
        (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 nothing")
        tab.bring("z", tmp_path / "bad.zip")
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.want()
        view = await tab.settle()
        assert view.errors == (say("error.zip_damaged", "en"),)
        assert tab.states() == {"a": "done"}

    asyncio.run(main())


def test_more_than_there_may_be_are_refused(quick: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        monkeypatch.setattr("bgdemo.page.work.MAX_FILES", 1)
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.bring("b", EXAMPLES / "cup.jpg")
        tab.want()
        view = await tab.settle()
        assert view.errors == (say("error.too_many_files", "en", limit=1),)
        assert tab.states() == {"a": "done"}

    asyncio.run(main())


def test_paused_removed_and_left_photos_are_not_worked_on(quick: list[str]) -> None:
    async def main() -> None:
        tab = Tab()
        for name in ("kucing", "cup", "dog"):
            tab.bring(name, EXAMPLES / f"{name}.jpg")
        tab.want(paused=True)
        await tab.until(lambda: set(tab.states().values()) == {"waits"})
        assert tab.batch.view.settled
        tab.present = False
        tab.want(paused=False)
        await asyncio.sleep(0)
        assert quick == []
        tab.present = True
        tab.want(files=[file for file in tab.fields["files"] if file["id"] != "dog"])
        await tab.settle()
        assert tab.states() == {"kucing": "done", "cup": "done"}
        assert len(quick) == 2

    asyncio.run(main())


def test_who_watches_one_that_is_closed_is_told_nothing_so_as_to_begin_again(quick: list[str]) -> None:
    async def main() -> None:
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        tab.want()
        await tab.settle()
        watching = asyncio.ensure_future(tab.batch.watch(tab.batch.revision))
        await asyncio.sleep(0)
        tab.batch.close()
        assert await watching == {}
        assert not tab.batch._folder.path.exists()

    asyncio.run(main())


def test_who_leaves_is_out_of_the_line_and_served_when_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        tab = Tab()
        for name in ("cup", "dog"):
            tab.bring(name, EXAMPLES / f"{name}.jpg")
        networks = tab.batch._shared.networks
        others = networks.request()
        tab.want()
        while not networks._line:
            await asyncio.sleep(0.01)
        tab.present = False
        tab.batch.rest()
        async with asyncio.timeout(30):
            while networks._line or tab.batch._workers:
                await asyncio.sleep(0.01)
        assert not tab.batch._shared.work._held
        others.release()
        tab.present = True
        await tab.settle()
        assert set(tab.states().values()) == {"done"}

    monkeypatch.setattr(segmentation, "predict", lambda photo, spec, *_, **__: disc(photo, spec))
    asyncio.run(main())


def test_a_visitor_with_one_photo_waits_for_no_more_than_the_photo_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        tab = Tab()
        for number in range(6):
            tab.bring(f"p{number}", EXAMPLES / "cup.jpg")
        tab.want()
        networks = tab.batch._shared.networks
        while not (networks._held and networks._line):
            await asyncio.sleep(0.01)
        newcomer = networks.request(1, "somebody else")
        assert networks.before(newcomer)[0] == 1
        newcomer.release()
        await tab.settle()

    monkeypatch.setattr(segmentation, "predict", lambda photo, spec, *_, **__: slow(photo, spec))

    def slow(photo: Any, spec: Any) -> Any:
        import time

        time.sleep(0.05)
        return disc(photo, spec)

    asyncio.run(main())


def test_what_a_photo_of_the_batch_is_on_the_stage_asks_no_network_again(quick: list[str]) -> None:
    async def main() -> None:
        visits = Visits(3600, Shared())
        tab = Tab()
        tab.bring("a", EXAMPLES / "cup.jpg")
        token = "t" * 24
        fields = {**tab.fields, "tab": token, "language": "en"}
        await visits.want_many({**fields, "number": 1})
        visit = visits._of(token)
        async with asyncio.timeout(120):
            while not visit.batch.view.settled or not visit.batch.view.ready:
                await visits.watch_many({"tab": token, "batch": visit.batch.id, "revision": visit.batch.revision})
            runs = len(quick)
            await visits.want({**fields, "number": 1, "photo": {"item": "a", "name": "cup.jpg"}})
            while not visit.view.download:
                await visits.follow({"tab": token, "visit": visit.id, "revision": visit.revision})
        assert len(quick) == runs
        assert visit.view.download.file.name == "cup-removedbg.png"
        visits.stop()
        visit.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "message",
    [
        {"files": "x", "removed": 3, "changes": []},
        {"files": [None, 3, {}, {"id": 1}]},
        {"files": [{"id": "a", "path": {}}]},
    ],
)
def test_nonsense_from_a_stranger_is_no_fault(message: dict[str, Any]) -> None:
    async def main() -> None:
        tab = Tab()
        tab.want(**message)
        view = await tab.settle()
        assert view.ready == 0
        assert set(tab.states().values()) <= {"failed"}

    asyncio.run(main())


def test_no_more_than_there_may_be_are_looked_at(quick: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        monkeypatch.setattr(batches, "MAX_FILES", 3)
        tab = Tab()
        tab.want(files=[{"id": str(number), "path": "gone", "name": "x.jpg"} for number in range(1000)])
        await tab.until(lambda: bool(tab.states()))
        assert list(tab.states().values()) == ["failed"] * 3

    asyncio.run(main())
