"""The page as it is built, without a server."""

import asyncio
import json
import os
import re
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from bgdemo.page import layout
from bgdemo.page.visits import Visits


@cache
def config() -> dict[str, Any]:
    """What Gradio sends of the page. Outside of a running event loop it makes loops and never closes them."""

    async def run() -> Any:
        return layout.build(Visits(60)).config

    with TemporaryDirectory() as folder, mock.patch.dict(os.environ, GRADIO_TEMP_DIR=folder):
        return asyncio.run(run())


def components() -> dict[str, dict[str, Any]]:
    """The properties of the page's components that have an id, by it."""
    props = [component["props"] for component in config()["components"]]
    return {one["elem_id"]: one for one in props if one.get("elem_id")}


def markers_of_the_page() -> set[str]:
    """The keys of all words that the page holds a place for."""
    return set(re.findall(r"__i18n__[^{}]*\{[^{}]*?([a-z]+\.[\w.-]+)[^{}]*\}", json.dumps(config(), default=str)))
