"""Many photos of one tab: the page's message says which and what of them, and workers make the newest of it true.

As with one photo, messages only replace what is wanted, and a look, a subject put right by hand or a second try are
just other wishes: whatever is not as it is wanted is made again, in the order of the photos, one after another.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any, Literal, NamedTuple

from bgdemo.errors import UserError
from bgdemo.images import Picture
from bgdemo.messages import say
from bgdemo.page.budgets import Ticket
from bgdemo.page.decoding import decode
from bgdemo.page.files import Folder, said_of, uploaded
from bgdemo.page.mattes import MatteStore
from bgdemo.page.results import Edges, edges_of
from bgdemo.page.screen import size_of_file
from bgdemo.page.shared import Shared
from bgdemo.page.wanted import Finish, Wanted, wanted_of
from bgdemo.page.work import Made, Source, check_many, make_one_of_many, sources_of
from bgdemo.picture.archive import safe_name, unique, write_zip
from bgdemo.picture.encoding import file_name
from bgdemo.picture.limits import Limit
from bgdemo.picture.resampling import resize_rgba
from bgdemo.pipeline import Told
from bgdemo.recipes import Recipe
from bgdemo.settings import MAX_FILES

ZIP_NAME = "photos-removedbg.zip"

AT_ONCE = 2
"""Photos of a batch at work: one is decoded, finished and written while the networks have the other."""

THUMB = 320
"""Pixels of the longer side of a result among the others."""

POLL = 8.0
"""Seconds that someone who watches waits for news before asking again."""


class Order(NamedTuple):
    """All that decides what becomes of a photo; `attempt` counts how often it was asked for."""

    edges: Edges
    finish: Finish
    format: str
    limit: Limit
    attempt: int


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One photo, and what was made of it, as `order` said.

    `path` is the photo's own file; of one in a ZIP it is there once it was unpacked from its `source`. Without a source
    it was deleted before the page named it. Of what could not be made there is an `error` in place of a `file`.
    """

    id: str
    name: str
    source: Source | None = None
    path: Path | None = None
    order: Order | None = None
    file: Path | None = None
    thumb: Path | None = None
    notes: Told | None = None
    doubtful: bool = False
    error: UserError | None = None

    @property
    def files(self) -> set[Path]:
        """Every file of it."""
        source = self.source.file if self.source else None
        return {path for path in (source, self.path, self.file, self.thumb) if path}


State = Literal["waits", "working", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Tile:
    """What the page shows of a photo: `said` is why it failed, or what there is to know of its result."""

    id: str
    name: str
    state: State
    thumb: Path | None
    file: Path | None
    said: str
    doubtful: bool
    own: bool


@dataclass(frozen=True, slots=True)
class BatchView:
    """What the page shows beside the tiles: `settled` if nothing more will come until something else is wanted."""

    status: str = ""
    fraction: float = 0.0
    ready: int = 0
    label: str = ""
    settled: bool = True
    errors: tuple[str, ...] = ()


class Batch:
    """The photos of one tab. It belongs to the event loop; only the work on the photos runs in threads."""

    def __init__(self, shared: Shared, mattes: MatteStore, present: Callable[[], bool]) -> None:
        self.id = secrets.token_urlsafe(9)
        self.number = 0
        self.message: Mapping[str, Any] = {}
        self.revision = 0
        self.view = BatchView()
        self._shared, self._mattes, self._present = shared, mattes, present
        self._folder = Folder(shared.disk)
        self._wanted = Wanted()
        self._items: dict[str, Item] = {}
        self._orders: dict[str, Order] = {}
        self._opened: dict[str, UserError | None] = {}
        self._tiles: dict[str, tuple[int, Tile]] = {}
        self._under_way: dict[str, Ticket | None] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._own: Path | None = None
        self._seconds = 4.0  # from one result to the next
        self.closed = False

    # ---- what the page calls ----

    def want(self, message: Mapping[str, Any], own: Path | None) -> None:
        """Replace what is wanted, unless a later message has been here. `own` is the picture behind the subjects."""
        number = message.get("number")
        if isinstance(number, int) and number > self.number:
            self.number, self.message, self._own = number, message, own
            self._wanted = wanted_of({**message, "touch": {}, "live": False}, self._wanted, None, own)
            self._take()
        self.wake()
        self._tell()

    async def watch(self, revision: int) -> dict[str, Any]:
        """The view, with the tiles that changed since `revision`, once there is news; or after a while.

        Nothing, once it is closed: whoever watches tells everything to the next one.
        """
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                while self.revision <= revision and not self.closed:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), 1.0)
                    self._tell()  # what is told of the time changes by itself
        if self.closed:
            return {}
        changed = [tile for since, tile in self._tiles.values() if since > revision]
        return {
            "batch": self.id,
            "revision": self.revision,
            "number": self.number,
            "view": _plain(self.view),
            "tiles": [_plain(tile) for tile in changed],
            "order": list(self._tiles),
        }

    async def pack(self) -> Path:
        """A ZIP of the results that there are, under their own names and in their folders."""
        members: dict[str, Path] = {}
        for item in self._items.values():
            if item.file and not self._waits(item):
                members[unique(str(PurePosixPath(item.name).with_name(item.file.name)), members)] = item.file
        target = self._folder.new(ZIP_NAME)
        await asyncio.to_thread(write_zip, target, members.items())
        return target

    def path_of(self, item: str) -> Path | None:
        """The photo's own file."""
        return self._items[item].path if item in self._items else None

    def close(self) -> None:
        """Forget everything."""
        self.closed = True
        self.rest()
        self._items, self._orders = {}, {}
        self._tell()
        self._folder.delete()

    def rest(self) -> None:
        """Leave the line, and stop what is under way, until somebody is there again."""
        for worker in self._workers:
            worker.cancel()

    def clean(self) -> None:
        """Delete the files that are of no use any more."""
        self._folder.touch()
        self._mattes.touch()
        self._mattes.keep_only(self.photos)
        self._folder.clean(set[Path]().union(*(item.files for item in self._items.values())))

    @property
    def photos(self) -> set[Path]:
        """The photos' own files."""
        return {item.path for item in self._items.values() if item.path}

    # ---- what is wanted ----

    def _take(self) -> None:
        """Take the files that the page names, of a ZIP its photos, and let go of what it names no more or removed."""
        files = [file for file in _list(self.message, "files")[:MAX_FILES] if isinstance(file, dict)]
        named = {str(file.get("id")): file for file in files}
        removed = set(map(str, _list(self.message, "removed")))
        self._opened = {id_: error for id_, error in self._opened.items() if id_ in named}
        for id_ in [id_ for id_ in self._items if id_ in removed or id_.partition("/")[0] not in named]:
            del self._items[id_]
        for id_, file in named.items():
            if id_ in self._opened or id_ in removed:
                continue
            self._opened[id_] = None
            try:
                self._open(id_, file)
            except UserError as error:
                self._opened[id_] = error
        self._orders = {id_: self._order(self._changes(id_)) for id_ in self._items}

    def _open(self, id_: str, file: Mapping[str, Any]) -> None:
        name = str(file.get("name") or "photo")
        try:
            path = self._folder.adopt(uploaded(file.get("path")))
        except (FileNotFoundError, PermissionError):
            self._items[id_] = Item(id_, safe_name(name), error=UserError("error.expired"))
            return
        sources = sources_of(name, path)
        check_many([*(item.source for item in self._items.values() if item.source), *sources])
        for source in sources:
            own = f"{id_}/{source.entry.index}" if source.entry else id_
            self._items[own] = Item(own, source.name, source)

    def _order(self, changes: Mapping[str, Any]) -> Order:
        """What is wanted of one photo: what is wanted of all, and `changes` of its own."""
        own = {name: changes[name] for name in OWN if isinstance(changes.get(name), dict)}
        wanted = wanted_of({**self._wanted.message, **own}, self._wanted, None, self._own) if own else self._wanted
        attempt = changes.get("attempt")
        return Order(
            edges_of(wanted, wanted.model),
            wanted.finish,
            wanted.format,
            wanted.limit,
            attempt if isinstance(attempt, int) else 0,
        )

    def _changes(self, id_: str) -> Mapping[str, Any]:
        """What the page says of one photo alone."""
        changes = self.message.get("changes")
        of_it = changes.get(id_) if isinstance(changes, dict) else None
        return of_it if isinstance(of_it, dict) else {}

    # ---- the workers ----

    def wake(self) -> None:
        """Have the workers look at what is wanted."""
        while len(self._workers) < AT_ONCE and self._next():
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    def _next(self) -> Item | None:
        """The first photo that is not as it is wanted, if anybody wants any now."""
        if self.closed or self._paused or not self._present():
            return None
        return next((item for item in self._items.values() if self._waits(item)), None)

    @property
    def _paused(self) -> bool:
        return bool(self.message.get("paused"))

    def _waits(self, item: Item) -> bool:
        return bool(item.source) and item.order != self._orders[item.id] and item.id not in self._under_way

    async def _work(self) -> None:
        while item := self._next():
            self._under_way[item.id] = None
            self._tell()
            began = monotonic()
            try:
                made = await self._attempt(item, self._orders[item.id])
            finally:
                del self._under_way[item.id]
            if item.id in self._items:  # else it was removed meanwhile
                self._items[item.id] = made
                self._seconds += 0.3 * ((monotonic() - began) / AT_ONCE - self._seconds)
            self._tell()

    async def _attempt(self, item: Item, order: Order) -> Item:
        """The photo as it is wanted, or the error that kept it from being."""
        try:
            return await self._made(item, order)
        except Exception as problem:
            error = said_of(problem)
            return replace(item, order=order, file=None, thumb=None, notes=None, doubtful=False, error=error)

    async def _made(self, item: Item, order: Order) -> Item:
        assert item.source
        if not item.path:
            item = replace(item, path=await asyncio.to_thread(item.source.unpacked, self._folder))
            if item.id in self._items:
                self._items[item.id] = item
        assert item.path
        own = await asyncio.to_thread(decode, order.finish.own.path) if order.finish.own else None
        look = order.finish.with_picture(own)
        recipe = replace(order.edges.recipe, look=look, format=order.format, limit=order.limit)
        known = await asyncio.to_thread(self._mattes.load, item.path)

        def waits(ticket: Ticket) -> None:
            self._under_way[item.id] = ticket

        made = await make_one_of_many(self._shared, item.path, recipe, self, known=known, waits=waits)
        self._mattes.save(item.path, known)
        return await asyncio.to_thread(self._filed, item, order, recipe, made)

    def _filed(self, item: Item, order: Order, recipe: Recipe, made: Made) -> Item:
        return replace(
            item,
            order=order,
            file=self._folder.add(made.data, file_name(item.name, recipe.suffix, recipe.format)),
            thumb=self._folder.add_pictures({"thumb": _small(made.picture)})["thumb"],
            notes=made.notes,
            doubtful=bool(made.doubts),
            error=None,
        )

    # ---- what the page shows ----

    def _tell(self) -> None:
        """Give those who watch the newest view, if it is another one."""
        tiles = {id_: self._tile(item) for id_, item in self._items.items()}
        view = self._view(list(tiles.values()))
        before = {id_: tile for id_, (_, tile) in self._tiles.items()}
        if list(tiles.items()) == list(before.items()) and view == self.view and not self.closed:
            return
        self.view = view
        self.revision += 1
        self._tiles = {
            id_: self._tiles[id_] if before.get(id_) == tile else (self.revision, tile) for id_, tile in tiles.items()
        }
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _tile(self, item: Item) -> Tile:
        language = self._wanted.language
        notes = item.notes(language) if item.notes else []
        said = item.error.text(language) if item.error else " ".join(notes)
        state: State = "failed" if item.error else "done"
        if item.id in self._under_way:
            state = "working"
        elif self._waits(item):
            state = "waits"
        own = any(name in self._changes(item.id) for name in OWN)
        return Tile(item.id, item.name, state, item.thumb, item.file, said, item.doubtful, own)

    def _view(self, tiles: list[Tile]) -> BatchView:
        language = self._wanted.language
        left = sum(tile.state in ("waits", "working") for tile in tiles)
        files = [tile.file for tile in tiles if tile.state == "done" and tile.file]
        size = size_of_file(sum(file.stat().st_size for file in files if file.exists()), language)
        errors = dict.fromkeys(error.text(language) for error in self._opened.values() if error)
        return BatchView(
            status=self._status(len(tiles), left, sum(tile.state == "failed" for tile in tiles)),
            fraction=round((len(tiles) - left) / max(len(tiles), 1), 3),
            ready=len(files),
            label=say("ui.download_zip", language, size=size) if files else "",
            settled=not left or (self._paused and not self._under_way),
            errors=tuple(errors),
        )

    def _status(self, total: int, left: int, failed: int) -> str:
        """How many are done, and how long the others will take."""
        language = self._wanted.language
        if not left:
            key = "ui.all_done_but" if failed else "ui.all_done"
            return say(key, language, done=total - failed, failed=failed)
        so_far = say("ui.so_far", language, done=total - left, total=total)
        if self._paused:
            return f"{so_far} · {say('ui.paused', language)}"
        tickets = [ticket for ticket in self._under_way.values() if ticket]
        ahead, wait = min((ticket.budget.before(ticket) for ticket in tickets), default=(0, 0.0))
        seconds = left * self._seconds + wait
        if ahead:
            key = "ui.waiting_one" if ahead == 1 else "ui.waiting_many"
            return f"{so_far} · {say(key, language, count=ahead, seconds=math.ceil(wait))}"
        key = "ui.seconds_left" if seconds < 90 else "ui.minutes_left"
        return f"{so_far} · {say(key, language, seconds=_round_up(seconds), minutes=math.ceil(seconds / 60))}"


OWN = ("settings", "touch")
"""What the page may want otherwise of one photo than of the others."""


def _plain(value: Any) -> dict[str, Any]:
    return asdict(value, dict_factory=lambda pairs: {k: str(v) if isinstance(v, Path) else v for k, v in pairs})


def _list(message: Mapping[str, Any], name: str) -> list[Any]:
    found = message.get(name)
    return found if isinstance(found, list) else []


def _round_up(seconds: float) -> int:
    """To five seconds: what is left is not known any better."""
    return max(5, 5 * math.ceil(seconds / 5))


def _small(picture: Picture) -> Picture:
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, THUMB / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return replace(picture, pixels=resize_rgba(picture.pixels, size))
