"""The page: `python app.py`, then open the printed address."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

# Before Gradio is imported: it must not report to anybody, nor share a folder with other programs.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(tempfile.gettempdir()) / "bgdemo"))

from bgdemo.matte import segmentation
from bgdemo.memory import share_heaps
from bgdemo.page.decoding import DECODERS
from bgdemo.page.layout import build, launch
from bgdemo.page.visits import Visits
from bgdemo.settings import KEEP_SECONDS


def main() -> None:
    """Serve the page and the HTTP API until SIGTERM or SIGINT, at GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    share_heaps()
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    # The page answers at once; the networks load meanwhile.
    threading.Thread(target=segmentation.warm_up, name="warm-up", daemon=True).start()
    DECODERS.start()
    visits = Visits(KEEP_SECONDS)
    launch(build(visits), visits)
    asked_to_stop.wait()
    asyncio.run_coroutine_threadsafe(visits.shut_down(), visits.loop).result()
    # At once: what runs in threads cannot be stopped, and the uploads stay for the next run, which goes on with them.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
