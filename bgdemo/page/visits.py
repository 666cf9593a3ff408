"""All visits, by their tabs: what each of the page's messages is for, and what becomes of those who left."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bgdemo.errors import UserError
from bgdemo.page.files import delete_older
from bgdemo.page.results import Task
from bgdemo.page.shared import BUSY, Shared
from bgdemo.page.visit import VISIT_BYTES, Visit
from bgdemo.page.wanted import photo_name, picture_name, plate_name
from bgdemo.settings import VISITORS_MEGABYTES
from bgdemo.snippets import snippets

log = logging.getLogger(__name__)

REST = 20.0
"""Seconds that a visit which nobody follows keeps its pictures in memory; later they lie on disk."""

LAST_WORDS = 2.0
"""Seconds that those who wait have to be told that the server stops."""

TOKEN = re.compile(r"[\w-]{22,64}")
"""A tab's token: 128 random bits and more."""


class Visits:
    """Every tab's visit, by the tab's token, for as long as the settings allow."""

    def __init__(self, keep_seconds: float, shared: Shared | None = None) -> None:
        self.shared = shared or Shared()
        self._keep_seconds = keep_seconds
        self._visits: dict[str, Visit] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._files: frozenset[Path] = frozenset()
        self.loop: asyncio.AbstractEventLoop

    def start(self, files: Collection[Path] = ()) -> None:
        """Keep swept from now on what earlier runs left, and those who leave; `files` are the page's own."""
        self._files = frozenset(files)
        self.loop = asyncio.get_running_loop()
        self._sweeper = asyncio.create_task(self._keep_swept())

    async def want(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the visitor of the tab `message["tab"]` wants from now on; see `wanted_of` for its fields."""
        if not isinstance(message.get("number"), int):
            raise ValueError("a message without its number")
        visit = self._of(message["tab"])
        visit.want(message)
        return {"number": visit.wanted.number}

    async def follow(self, message: dict[str, Any]) -> dict[str, Any]:
        """The view of the tab `message["tab"]` when it is newer than the one that the page has shown.

        The page names that by the id and the revision that came with it. A page that was just loaded, and has shown
        none, is given what it wanted before, too; nothing, if nothing is known of it.
        """
        known = message.get("visit")
        if not known and message.get("tab") not in self._visits:
            return {}
        visit = self._of(message["tab"])
        revision = message.get("revision")
        await visit.follow(revision if known == visit.id and isinstance(revision, int) else -1)
        news = {"visit": visit.id, "revision": visit.revision, "view": visit.view.as_json()}
        return news if known else {**news, "wanted": dict(visit.wanted.message)}

    async def want_many(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the tab `message["tab"]` wants of many photos from now on; see `Batch`."""
        visit = self._of(message["tab"])
        visit.want_many(message)
        return {"number": visit.batch.number}

    async def watch_many(self, message: dict[str, Any]) -> dict[str, Any]:
        """What is new of the tab's many photos; a page that was just loaded is told what was wanted, as by `follow`."""
        known = message.get("batch")
        if not known and message.get("tab") not in self._visits:
            return {}
        visit = self._of(message["tab"])
        revision = message.get("revision")
        news = await visit.watch_many(revision if known == visit.batch.id and isinstance(revision, int) else -1)
        return news if known else {**news, "wanted": dict(visit.batch.message)}

    async def pack(self, message: dict[str, Any]) -> dict[str, Any]:
        """The path of a ZIP with the results of the tab's many photos."""
        return {"file": str(await self._of(message["tab"]).batch.pack())}

    async def snippets(self, message: dict[str, Any]) -> dict[str, Any]:
        """How to make what the tab `message["tab"]` wants without the page, which is at `message["address"]`."""
        visit = self._of(message["tab"])
        wanted, address = visit.wanted, str(message.get("address"))
        if Task("subtract", visit.done.photo, (wanted.plate,)) in visit.done.failures:  # and a model stepped in
            wanted = replace(wanted, plate=None)
        photo, names = photo_name(wanted.message, visit.batch.message), (picture_name, plate_name)
        behind, empty = (name(wanted.message) for name in names)
        return asdict(await asyncio.to_thread(snippets, photo, wanted.recipe, address, behind, empty))

    def _of(self, token: object) -> Visit:
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise PermissionError("not a tab's token")
        if token not in self._visits:
            self._make_room()
            self._visits[token] = Visit(self.shared)
        return self._visits[token]

    async def shut_down(self) -> None:
        """End what runs, tell those who wait for it, and delete all visits' files."""
        self.shared.stopping.set()
        visits = list(self._visits.values())
        for visit in visits:
            visit.halt()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                while self.shared.calls:
                    await asyncio.sleep(0.05)
        await asyncio.sleep(LAST_WORDS / 4)  # until the answers have gone out
        self.stop()
        for visit in visits:
            visit.close()

    @property
    def present(self) -> int:
        """How many visits somebody looks at."""
        return sum(visit.present for visit in self._visits.values())

    def sweep(self) -> None:
        """Forget the visits that nobody has touched for the time that the settings state."""
        for token, visit in list(self._visits.items()):
            if visit.idle_for > self._keep_seconds * 5 / 6:
                del self._visits[token]
                visit.close()

    def _make_room(self) -> None:
        """For one more visit: who has been away longest is forgotten first. Raises UserError if all are here."""
        while len(self._visits) * VISIT_BYTES >= VISITORS_MEGABYTES * 1_000_000:
            absent = self._absent()
            if not absent:
                raise UserError("error.busy", seconds=BUSY)
            self._visits.pop(absent).close()

    async def rest(self) -> None:
        """Have those rest whom nobody has followed for a while; the others too, if all hold too much in memory."""
        for visit in sorted(self._visits.values(), key=lambda visit: -visit.idle_for):
            if visit.idle_for > REST or self.shared.nbytes > VISITORS_MEGABYTES * 1_000_000:
                await visit.rest()

    def stop(self) -> None:
        """Sweep no more."""
        if self._sweeper:
            self._sweeper.cancel()

    async def spare_disk(self) -> None:
        """While the disk is full, forget who has been away longest."""
        await asyncio.to_thread(self.shared.disk.measure)
        while self.shared.disk.full and (absent := self._absent()):
            self._visits.pop(absent).close()
            await asyncio.to_thread(self.shared.disk.measure)

    def _absent(self) -> str | None:
        """The tab of who has been away longest."""
        absent = [token for token, visit in self._visits.items() if not visit.present]
        return max(absent, key=lambda token: self._visits[token].idle_for, default=None)

    async def _keep_swept(self) -> None:
        while True:
            try:
                await self._tidy_up()
            except Exception:  # what is left behind must not stay for ever
                log.exception("tidying up failed")
            await asyncio.sleep(min(5.0, self._keep_seconds / 6))

    async def _tidy_up(self) -> None:
        self.sweep()
        await self.rest()
        for visit in list(self._visits.values()):
            if not visit.present:
                visit.batch.rest()
            await asyncio.to_thread(visit.clean)
        await asyncio.to_thread(delete_older, self._keep_seconds, self._files)
        await self.spare_disk()
