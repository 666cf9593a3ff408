"""The files of a visit: what was uploaded, what the browser fetches, and their deletion."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from bgdemo.images import Photo, Picture
from bgdemo.page.compat import upload_folder

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


class Folder:
    """The folder of one visit, under a name that nobody can guess.

    Once it is deleted nothing more is written there: work that could not be stopped ends with FileNotFoundError.
    """

    def __init__(self) -> None:
        self.path = _visits() / secrets.token_urlsafe(24)
        self.path.mkdir(parents=True)

    def new(self, name: str) -> Path:
        """Where a new file called `name` may be written."""
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

    def clean(self, kept: Collection[Path]) -> None:
        """Delete what is not among `kept` and has not been for a while."""
        before = time.time() - GRACE
        for path in self.path.glob("*/*"):
            if path not in kept and path.parent.stat().st_mtime < before:
                shutil.rmtree(path.parent, ignore_errors=True)

    def delete(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.path, ignore_errors=True)


def delete_older(seconds: float) -> None:
    """Delete the folders that an earlier run of this program left, if nobody wrote there for so many seconds."""
    for folder in _visits().glob("*"):
        with suppress(OSError):
            if folder.stat().st_mtime < time.time() - seconds:
                shutil.rmtree(folder, ignore_errors=True)


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
