"""A real Chromium, and visits that notice what a page must not do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from tests.server import App

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PATIENCE = 60_000
"""Milliseconds that a busy machine may need for what happens in one."""
HELP = "The browser tests need Chromium. Install one (Debian: `apt-get install chromium`) and run them again."


def on_system() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def find_chromium(playwright: Playwright) -> str:
    """The system's Chromium, else Playwright's own, else one from apt; the run fails without any."""
    own = Path(playwright.chromium.executable_path)
    if found := on_system():
        return found
    if not own.exists():
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)
    if own.exists():
        return str(own)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update"], check=False)
        subprocess.run(["apt-get", "install", "-y", "chromium"], check=False)
    return on_system() or pytest.fail(HELP)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, app: App) -> Iterator[Callable[..., Page]]:
    """Opens the page; afterwards no visit may have sent a request elsewhere or seen an error in its console."""
    troubles: list[str] = []

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            troubles.append(f"outside request: {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(f"console: {message.text}")

    with ExitStack() as stack:

        def open_page(url: str = app.url, breaking: bool = False, **options: Any) -> Page:
            """A new visitor's page; where the line is meant to break, its console may say so."""
            context = chromium.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("request", on_request)
            if not breaking:
                page.on("console", on_console)
            page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
            page.goto(url)
            page.wait_for_selector("#photo input[type=file]", state="attached")
            return page

        yield open_page
    assert troubles == []
