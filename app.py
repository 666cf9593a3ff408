"""The page: `python app.py`, then open the printed address."""

from __future__ import annotations

import logging
import os
import threading

# Before Gradio is imported: it must not report to anybody.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from bgdemo.matte import segmentation
from bgdemo.page.decoding import DECODERS
from bgdemo.page.layout import build, launch


def main() -> None:
    """Serve the page and the HTTP API until stopped, at GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The page answers at once; the networks load meanwhile.
    threading.Thread(target=segmentation.warm_up, name="warm-up", daemon=True).start()
    DECODERS.start()
    launch(build())


if __name__ == "__main__":
    main()
