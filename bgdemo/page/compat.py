"""Every use of something in Gradio that its manual does not name, with the test that would tell if it changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradio.context import LocalContext
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bgdemo.messages import Language, preferred_language


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


def file_value(path: Path) -> dict[str, Any]:
    """A file in the value of an HTML component: Gradio adds its address. (test_page.py: the examples are shown.)"""
    return FileData(path=str(path)).model_dump()


# A marker as `gr.I18n` writes it, whatever the escapes of the text that it stands in.
_MARKER = re.compile(r"__i18n__\{[^{}]*?((?:ui|model|standard|preset|error)\.[\w.-]+)[^{}]*\}")


def translate(page: str, words: Mapping[str, str], language: Language) -> str:
    """`page` with its `lang` set and every marker of `gr.I18n` replaced by the words it stands for.

    (test_layout.py: no marker is left.)
    """
    page = _MARKER.sub(lambda found: json.dumps(words[found[1]], ensure_ascii=False)[1:-1], page)
    return page.replace('lang="en"', f'lang="{language}"', 1)


class SpeaksTheVisitorsLanguage:
    """ASGI middleware: fills the labels into the page in the language that the browser asks for.

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
        language = preferred_language(Headers(scope=scope).get("accept-language"))
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
                start["headers"] = [*kept, (b"content-length", str(len(page)).encode()), (b"vary", b"accept-language")]
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, hold)
