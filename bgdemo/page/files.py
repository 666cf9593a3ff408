"""The files of a visit: what was uploaded, what the browser fetches, and their deletion."""

from __future__ import annotations

import errno
import io
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Photo, Picture
from bgdemo.page.compat import upload_folder
from bgdemo.settings import DISK_MEGABYTES

log = logging.getLogger(__name__)

SPARE = 100_000_000
"""Bytes that are left free on the disk, for others."""

GRACE = 60.0
"""Seconds that a file stays after it was replaced: a browser may still be fetching it."""


def uploaded(path: object) -> Path:
    """The path of an uploaded file. Raises PermissionError for any other file of this server."""
    try:
        found = Path(str(path)).resolve()
        own = found.is_relative_to(upload_folder()) and not found.is_relative_to(_visits()) and not found.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        own = False
    if not own:
        raise PermissionError("not an uploaded file")
    return found


class Disk:
    """The space that all visitors' files may take: `used` is how many bytes they did when it was last measured."""

    def __init__(self) -> None:
        self.used = 0
        self.full = False

    def measure(self) -> None:
        """Look at every file; one of several names counts once."""
        sizes: dict[tuple[int, int], int] = {}
        for folder, _, names in os.walk(upload_folder()):
            for name in names:
                with suppress(OSError):  # deleted meanwhile
                    found = Path(folder, name).lstat()
                    sizes[found.st_dev, found.st_ino] = found.st_size
        self.used = sum(sizes.values())
        free = shutil.disk_usage(upload_folder()).free if upload_folder().exists() else SPARE
        self.full = self.used > DISK_MEGABYTES * 1_000_000 or free < SPARE

    def check(self) -> None:
        """Raises UserError("error.disk_full") if there is no room for more."""
        if self.full:
            raise UserError("error.disk_full")


def of_a_full_disk(error: Exception) -> UserError | None:
    """What is said of `error`, if it is that of a disk on which nothing more can be written."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return UserError("error.disk_full") if full else None


def said_of(problem: Exception) -> UserError:
    """What is said to people of `problem`; what is no UserError, nor a full disk, is a bug, and logged."""
    error = of_a_full_disk(problem) or problem
    if isinstance(error, UserError):
        return error
    log.error("a photo met a bug", exc_info=problem)
    return UserError("error.unexpected")


class Folder:
    """The folder of one visit, under a name that nobody can guess.

    Once it is deleted nothing more is written there: work that could not be stopped ends with FileNotFoundError. What
    is new raises UserError("error.disk_full") where `disk` has no room for it.
    """

    def __init__(self, disk: Disk | None = None) -> None:
        self._disk = disk or Disk()
        self.path = _visits() / secrets.token_urlsafe(24)
        self.path.mkdir(parents=True)
        self._cleaning = threading.Lock()

    def new(self, name: str) -> Path:
        """Where a new file called `name` may be written."""
        self._disk.check()
        parent = self.path / secrets.token_urlsafe(9)
        parent.mkdir()
        return parent / name

    def add(self, data: bytes, name: str) -> Path:
        """A new file."""
        path = self.new(name)
        path.write_bytes(data)
        return path

    def adopt(self, path: Path) -> Path:
        """A file of this visit's own with what was uploaded as `path`, which is not kept as long as the visit.

        Raises FileNotFoundError if it was deleted meanwhile.
        """
        own = self.new(path.name)
        try:
            os.link(path, own)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without hard links
            shutil.copyfile(path, own)
        return own

    def add_pictures(self, pictures: Mapping[str, Picture]) -> dict[str, Path]:
        """Pictures for the screen, by the stems of their files, encoded side by side."""
        with ThreadPoolExecutor(len(pictures)) as pool:
            encoded = list(pool.map(_for_screen, pictures.values()))
        return {
            stem: self.add(data, f"{stem}.{suffix}") for stem, (data, suffix) in zip(pictures, encoded, strict=True)
        }

    def remove(self, path: Path) -> None:
        """Delete one of the files."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def renew(self, path: Path) -> bool:
        """Whether one of the files is still there; if so it stays for a while, as a new one does."""
        with self._cleaning:
            try:
                os.utime(path.parent)
            except FileNotFoundError:
                return False
            return path.exists()

    def touch(self) -> None:
        """Mark it as in use, for `delete_older` of this server and of others that share the folder of the uploads."""
        with suppress(FileNotFoundError):  # deleted meanwhile
            os.utime(self.path)

    def clean(self, kept: Collection[Path]) -> None:
        """Delete what is not among `kept` and has not been for a while."""
        before = time.time() - GRACE
        for path in self.path.glob("*/*"):
            with self._cleaning, suppress(FileNotFoundError):  # deleted meanwhile
                if path not in kept and path.parent.stat().st_mtime < before:
                    shutil.rmtree(path.parent, ignore_errors=True)

    def delete(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.path, ignore_errors=True)


def delete_older(seconds: float, kept: Collection[Path] = ()) -> None:
    """Delete what an earlier run of this program left, but for `kept`, if nobody wrote there for so many seconds.

    That are the folders of visits, which those in use `touch`, and uploads. What is younger may be another server's.
    """
    before = time.time() - seconds
    for folder in _visits().glob("*"):
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
    for path in upload_folder().glob("*/*"):
        with suppress(OSError):  # deleted meanwhile, or one of several in a folder
            if path.parent != _visits() and path not in kept and path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                path.parent.rmdir()


def picture_of(photo: Photo) -> Picture:
    """`photo` as a picture to look at, without the colours that its transparency hides."""
    alpha = np.full(photo.rgb.shape[:2], 255, np.uint8) if photo.alpha is None else photo.alpha
    pixels = np.dstack([photo.rgb, alpha])
    if photo.alpha is not None:
        pixels[alpha == 0] = 0
    return Picture(pixels, photo.metadata, "")


def _visits() -> Path:
    return upload_folder() / "visits"


def _for_screen(picture: Picture) -> tuple[bytes, str]:
    """A file in the picture's own colour profile, made fast, and small enough for a slow connection; and its ending."""
    file = io.BytesIO()
    profile = picture.metadata.icc_profile
    if picture.pixels[..., 3].min() == 255:
        image = Image.fromarray(np.ascontiguousarray(picture.pixels[..., :3]))
        image.save(file, "JPEG", quality=92, icc_profile=profile)
        return file.getvalue(), "jpg"
    Image.fromarray(picture.pixels).save(file, "WEBP", quality=90, method=0, icc_profile=profile)
    return file.getvalue(), "webp"
