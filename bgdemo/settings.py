"""Settings: environment variables, all optional. The defaults suit one's own machine with 4 GB of memory and more.

Nothing else of the program reads the environment, but for what belongs to the libraries it uses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable that holds a whole number, what it means, and what it is where nobody sets it."""

    name: str
    meaning: str
    default: int

    @property
    def value(self) -> int:
        """The number. Raises ValueError, which names the variable, for what is none or not above 0."""
        text = os.environ.get(self.name) or str(self.default)
        if not text.isascii() or not text.isdecimal() or not int(text):
            raise ValueError(f"{self.name} must be a whole number above 0, not {text!r}")
        return int(text)


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("BGDEMO_MAX_MEGABYTES", "largest photo, in MB", 40),
        Setting("BGDEMO_MAX_MEGAPIXELS", "largest photo, in millions of pixels", 50),
        Setting("BGDEMO_MAX_UPLOAD_MEGABYTES", "largest upload: a ZIP of photos, in MB", 500),
        Setting("BGDEMO_MAX_FILES", "photos of one batch", 200),
        Setting("BGDEMO_MAX_BATCH_MEGABYTES", "all photos of one batch, in MB", 2000),
        Setting("BGDEMO_MAX_LINE", "how many may wait in line; the others are asked to come back", 60),
        Setting("BGDEMO_JOB_SECONDS", "the longest that one step of the work on one photo may take", 120),
        Setting("BGDEMO_MAX_WORK_MEGAPIXELS", "full-size work at once, in millions of pixels of up to 40 bytes", 100),
        Setting("BGDEMO_VISITOR_MEGABYTES", "what is kept in memory for one visitor, in MB", 100),
        Setting("BGDEMO_VISITORS_MEGABYTES", "what is kept in memory for all visitors, in MB", 1000),
        Setting("BGDEMO_DISK_MEGABYTES", "uploads and results of all visitors on disk, in MB", 10_000),
        Setting("BGDEMO_KEEP_SECONDS", "the longest that anything of a visitor is kept after they did something", 3600),
    )
}
"""Every setting, by its name."""

MAX_MEGABYTES = SETTINGS["BGDEMO_MAX_MEGABYTES"].value
MAX_MEGAPIXELS = SETTINGS["BGDEMO_MAX_MEGAPIXELS"].value
MAX_UPLOAD_MEGABYTES = SETTINGS["BGDEMO_MAX_UPLOAD_MEGABYTES"].value
MAX_FILES = SETTINGS["BGDEMO_MAX_FILES"].value
MAX_BATCH_MEGABYTES = SETTINGS["BGDEMO_MAX_BATCH_MEGABYTES"].value
MAX_LINE = SETTINGS["BGDEMO_MAX_LINE"].value
JOB_SECONDS = SETTINGS["BGDEMO_JOB_SECONDS"].value
MAX_WORK_MEGAPIXELS = SETTINGS["BGDEMO_MAX_WORK_MEGAPIXELS"].value
VISITOR_MEGABYTES = SETTINGS["BGDEMO_VISITOR_MEGABYTES"].value
VISITORS_MEGABYTES = SETTINGS["BGDEMO_VISITORS_MEGABYTES"].value
DISK_MEGABYTES = SETTINGS["BGDEMO_DISK_MEGABYTES"].value
KEEP_SECONDS = SETTINGS["BGDEMO_KEEP_SECONDS"].value
