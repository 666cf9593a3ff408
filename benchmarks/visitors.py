"""Who uses the server: visitors of the page, and programs at its HTTP API, over HTTP and without a browser."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

PATIENCE = 900.0
"""Seconds after which one gives up: far more than any line is long."""

PAUSE = 0.5
"""Seconds until one whose line broke asks again."""


class RefusedError(Exception):
    """The server's answer in place of a file: `said` are sentences for people, by the place that they are about."""

    def __init__(self, said: dict[str, str]) -> None:
        super().__init__(
            "; ".join(f"{place}: {sentence}" for place, sentence in said.items()) or "no file, and no word"
        )
        self.said = said


class Caller:
    """Someone with an HTTP connection to the server at `url`, past every proxy, as long as an `async with` lasts."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Self:
        # Connections are dropped sooner than the server drops them, which would look like a broken line.
        limits = httpx.Limits(keepalive_expiry=2)
        self._http = httpx.AsyncClient(base_url=f"{self._url}/gradio_api/", timeout=60, trust_env=False, limits=limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def upload(self, photo: Path, name: str = "") -> str:
        """Send a file, as `name` or under its own; the path by which the server knows it.

        Raises RefusedError if it is too large.
        """
        data = await asyncio.to_thread(photo.read_bytes)
        answer = await self._http.post("upload", files={"files": (name or photo.name, data)})
        if answer.status_code == 413:
            raise RefusedError({"photo": answer.text})
        path: str = answer.raise_for_status().json()[0]
        return path

    async def download(self, path: str) -> bytes:
        """The bytes of a file that the server has made."""
        answer = await self._http.get(f"file={quote(path)}")
        return answer.raise_for_status().content


class Visitor(Caller):
    """One tab of the page: it says what it wants, and follows what becomes of it, as the script of `panels/line` does.

    Its connection may end and another begin; the tab is the same.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.tab = secrets.token_hex(18)
        self._line: int | None = None
        self._wanted: dict[str, Any] = {"language": "en", "format": "png"}
        self._number = 0
        self._visit: str | None = None
        self._revision = -1

    async def file_of(self, photo: Path) -> bytes:
        """The file of a photo, from its upload to the last byte. Raises RefusedError if there is none."""
        await self.open(photo)
        return await self.file()

    async def open(self, photo: Path, name: str = "") -> None:
        """Choose a photo, with nothing done to its cutout."""
        path = await self.upload(photo, name)
        await self.want(photo={"path": path, "name": photo.name}, look={}, touch={}, format="png", detail=False)

    async def want(self, **change: Any) -> None:
        """Ask for something else, beside what was asked for already."""
        self._wanted |= change
        self._number += 1
        await self._ask("want", {**self._wanted, "number": self._number})

    async def follow(self) -> dict[str, Any]:
        """The view when it is another than the last one, or after some seconds."""
        news = await self._ask("follow", {"visit": self._visit, "revision": self._revision})
        if not news or self._visit not in (None, news["visit"]):  # the server has forgotten this tab, and is told again
            self._visit, self._revision = news.get("visit"), -1
            await self.want()
            return await self.follow()
        self._visit, self._revision = news["visit"], news["revision"]
        view: dict[str, Any] = news["view"]
        return view

    async def settled(self) -> dict[str, Any]:
        """The view to which nothing more will come."""
        view: dict[str, Any] = {"settled": False, "number": -1, "status": ""}
        try:
            async with asyncio.timeout(PATIENCE):
                while not view["settled"] or view["number"] < self._number:
                    view = await self.follow()
        except TimeoutError as error:
            raise TimeoutError(f"nothing after {PATIENCE:g} s but “{view['status']}”") from error
        return view

    async def file(self) -> bytes:
        """The file of what is wanted. Raises RefusedError if there is none."""
        view = await self.settled()
        if view["errors"] or not view["download"]:
            raise RefusedError(view["errors"])
        return await self.download(view["download"]["file"])

    async def _ask(self, function: str, message: dict[str, Any]) -> Any:
        """The answer of one of the page's functions on the server, asked for again while the line is broken."""
        deadline = monotonic() + PATIENCE
        while True:
            try:
                call = {"component_id": await self._component(), "fn_name": function, "session_hash": self.tab}
                body = {**call, "data": {"tab": self.tab, **message}}
                answer = await self._http.post("component_server", json=body)
            except httpx.TransportError:
                if monotonic() > deadline:
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return answer.raise_for_status().json()

    async def _component(self) -> int:
        """The number of the component whose functions the page calls."""
        if self._line is None:
            config = (await self._http.get("../config")).raise_for_status().json()
            [self._line] = [
                component["id"]
                for component in config["components"]
                if "follow" in component["props"].get("server_fns", ())
            ]
        return self._line


class Program(Caller):
    """A program at the HTTP API."""

    async def send(self, photo: Path, name: str = "") -> dict[str, Any]:
        """Upload a photo, as `name` or under its own; how it is called in the arguments of a call."""
        path = await self.upload(photo, name)
        return {"path": path, "orig_name": name or photo.name, "meta": {"_type": "gradio.FileData"}}

    async def remove(self, photo: Path, **options: Any) -> bytes:
        """The file of a photo. Raises RefusedError with what the server says, by its key; without one it is a bug."""
        return await self._call("remove", {"photo": await self.send(photo), **options})

    async def remove_many(self, photos: Sequence[dict[str, Any]], **options: Any) -> bytes:
        """A ZIP of the files of photos that were sent. Raises RefusedError as `remove` does."""
        return await self._call("remove_many", {"photos": photos, **options})

    async def _call(self, name: str, arguments: dict[str, Any]) -> bytes:
        started = (await self._http.post(f"call/v2/{name}", json=arguments)).raise_for_status().json()
        event = ""
        async with (
            asyncio.timeout(PATIENCE),
            self._http.stream("GET", f"call/{name}/{started['event_id']}") as answer,
        ):
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    event = value
                elif field == "data" and event == "complete":
                    [made] = json.loads(value)
                    return await self.download(made["path"])
                elif field == "data" and event == "error":
                    raise RefusedError(_said(json.loads(value)))
        raise RefusedError({})


def _said(output: Any) -> dict[str, str]:
    """The parts of "key: sentence"; nothing, where there is no such."""
    text = output.get("error") if isinstance(output, dict) else output
    key, _, sentence = str(text or "").partition(": ")
    return {key: sentence} if key.startswith("error.") and sentence else {}
