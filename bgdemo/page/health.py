"""`/health`: how the server is, for whoever hosts it."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bgdemo import __version__
from bgdemo.matte.segmentation import loaded
from bgdemo.page.visits import Visits


def health_route(visits: Visits) -> Route:
    """`GET /health`: status 200, and 503 once the server is being stopped."""

    async def health(request: Request) -> JSONResponse:
        return JSONResponse(health_of(visits), 503 if visits.shared.stopping.is_set() else 200)

    return Route("/health", health)


def health_of(visits: Visits) -> dict[str, Any]:
    """What there is to say, in JSON's types; nothing of it tells of a visitor or of the system's files."""
    shared = visits.shared
    waiting, seconds = shared.networks.waiting
    return {
        "status": "stopping" if shared.stopping.is_set() else "ok",
        "version": __version__,
        "networks": loaded(),
        "line": {"waiting": waiting, "seconds": round(seconds, 1)},
        "visitors": visits.present,
        "memory_mb": round(memory() / 1e6),
        "disk_mb": round(shared.disk.used / 1e6),
    }


def memory() -> int:
    """Bytes of memory that the process takes; the most it ever took where the system tells no more."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
