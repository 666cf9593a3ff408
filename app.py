"""The page: `python app.py`, then open the printed address."""

from __future__ import annotations

import logging
import os
import threading

# Before Gradio is imported: it must not report to anybody.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from starlette.middleware import Middleware

from bgdemo.decode import MAX_MEGABYTES
from bgdemo.matte import segmentation
from bgdemo.page import layout


def main() -> None:
    """Serve the page and the HTTP API until stopped, at GRADIO_SERVER_NAME and GRADIO_SERVER_PORT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The page answers at once; the networks load meanwhile.
    threading.Thread(target=segmentation.warm_up, name="warm-up", daemon=True).start()
    layout.build().launch(
        theme=layout.THEME,
        css_paths=layout.CSS,
        i18n=layout.TEXTS,
        footer_links=["api"],
        max_file_size=f"{MAX_MEGABYTES}mb",
        ssr_mode=False,
        run_history=False,
        max_threads=400,  # most of which only hold the way for a visitor's answers open
        app_kwargs={"middleware": [Middleware(layout.SpeaksTheVisitorsLanguage)]},
    )


if __name__ == "__main__":
    main()
