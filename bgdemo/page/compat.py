"""Every use of something in Gradio that its manual does not name, with the test that would tell if it changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import processing_utils
from gradio.context import LocalContext
from gradio.data_classes import FileData
from gradio.exceptions import Error
from gradio.utils import get_upload_folder
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bgdemo.errors import UserError
from bgdemo.messages import LANGUAGES, Language, preferred_language, say


def upload_folder() -> Path:
    """Where Gradio puts uploads, and from where it serves files. (test_files.py: uploads are found and read.)"""
    return Path(get_upload_folder()).resolve()


def delete_with_uploads(path: Path) -> None:
    """Have Gradio delete `path` on the schedule of the uploads. (test_api.py: files are deleted in time.)"""
    if blocks := LocalContext.blocks.get(None):
        blocks.upload_file_set.add(str(path))


def caller() -> str | None:
    """The address of whoever calls the API just now. (test_api.py: callers are served in turn.)"""
    request = LocalContext.request.get(None)
    return request.client.host if request and request.client else None


def is_heard() -> bool:
    """Whether the caller of the API still waits for the answer. (test_api.py: who hangs up gets no more made.)"""
    blocks, event = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    active = [one for jobs in blocks._queue.active_jobs for one in jobs or ()] if blocks else []
    return all(one.alive for one in active if one._id == event)


def fetch_no_addresses() -> None:
    """Have Gradio refuse a file that is named by an address: it would ask any public one on behalf of a stranger.

    (test_intrusion.py: an address is answered with a sentence.)
    """

    async def refuse(url: str, cache_dir: str) -> str:
        error = UserError("error.link")
        raise Error(f"{error.key}: {error}", print_exception=False)

    processing_utils.async_ssrf_protected_download = refuse


def file_value(path: Path) -> dict[str, Any]:
    """A file in the value of an HTML component: Gradio adds its address. (test_page.py: the examples are shown.)"""
    return FileData(path=str(path)).model_dump()


def files_of(page: gr.Blocks) -> set[Path]:
    """The files of the page itself, which lie among the uploads. (test_api.py: they stay when those are deleted.)"""
    return {Path(path).resolve() for block in page.blocks.values() for path in getattr(block, "keep_in_cache", ())}


def visitors_language(scope: Scope) -> Language:
    """What a request is to be answered in: what the visitor chose, else what the browser asks for.

    The page keeps the choice in the cookie "language", and in the address where a browser keeps no cookie for it.
    """
    request = HTTPConnection(scope)
    chosen = (kept.get("language") for kept in (request.query_params, request.cookies))
    asked = preferred_language(request.headers.get("accept-language"))
    return next((language for language in chosen if language in LANGUAGES), asked)


class RefusesUploads:
    """ASGI middleware: answers uploads with status 507 while the disk `is_full`. (test_api.py: they are refused.)"""

    def __init__(self, app: ASGIApp, is_full: Callable[[], bool]) -> None:
        self.app = app
        self.is_full = is_full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].endswith("/upload") and self.is_full():
            await PlainTextResponse(say("error.disk_full", visitors_language(scope)), 507)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


# A marker as `gr.I18n` writes it, whatever the escapes of the text that it stands in.
_MARKER = re.compile(r"__i18n__\{[^{}]*?((?:ui|model|standard|preset|error)\.[\w.-]+)[^{}]*\}")


def translate(page: str, words: Mapping[str, str], language: Language) -> str:
    """`page` with its `lang` set and every marker of `gr.I18n` replaced by the words it stands for.

    Gradio's script takes the language of its own words from `navigator.language` and sets `lang` to it, or to English
    if it lacks that language; `data-language` stays. (test_layout.py: no marker is left. test_language.py: Gradio's
    own words follow the switch.)
    """
    page = _MARKER.sub(lambda found: json.dumps(words[found[1]], ensure_ascii=False)[1:-1], page)
    page = page.replace('lang="en"', f'lang="{language}" data-language="{language}"', 1)
    return page.replace("<head>", f"<head>{_NAVIGATOR.replace('xx', language)}", 1)


_NAVIGATOR = '<script>Object.defineProperty(navigator, "language", { get: () => "xx" });</script>'


class SpeaksTheVisitorsLanguage:
    """ASGI middleware: fills the labels into the page in the visitor's language.

    Gradio translates some properties of components once its scripts run, but not the choices of a radio nor the
    page's `lang`. Here the first bytes are right already, so that no other language flashes by.
    (test_page.py: in Indonesian nothing is left in English.)
    """

    def __init__(self, app: ASGIApp, catalogues: Mapping[Language, Mapping[str, str]]) -> None:
        self.app = app
        self.catalogues = catalogues

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] not in ("/", "/config"):
            await self.app(scope, receive, send)
            return
        language = visitors_language(scope)
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                page = translate(body.decode(), self.catalogues[language], language).encode()
                kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
                start["headers"] = [
                    *kept,
                    (b"content-length", str(len(page)).encode()),
                    (b"vary", b"accept-language, cookie"),
                ]
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, hold)
