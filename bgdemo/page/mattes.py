"""What networks have made of the photos of one tab, on disk: whoever comes back to a photo asks no network again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bgdemo.images import Matte
from bgdemo.matte.models import MODELS
from bgdemo.page.files import Folder


class MatteStore:
    """Mattes by the paths of their photos, and by the names under which `pipeline.segment` knows them.

    Only what networks predict is kept, not what is fused from it: 5 MB a photo. Safe to use from several threads, of
    which no two work on the same photo.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._files: dict[Path, dict[str, Path]] = {}

    def __contains__(self, photo: Path) -> bool:
        return photo in self._files

    def load(self, photo: Path) -> dict[str, Matte]:
        """All that is known of `photo`."""
        return {name: _read(file) for name, file in self._files.get(photo, {}).items() if file.exists()}

    def save(self, photo: Path, mattes: Mapping[str, Matte]) -> None:
        """Keep what is new among `mattes`. Raises FileNotFoundError once the folder is deleted."""
        files = self._files.setdefault(photo, {})
        for name, matte in mattes.items():
            fused = name in MODELS and MODELS[name].parts
            if name not in files and not fused:
                _write(file := self._folder.new("matte.npz"), matte)
                files[name] = file

    def delete(self) -> None:
        """Delete everything."""
        self._folder.delete()

    def touch(self) -> None:
        """As with `Folder.touch`."""
        self._folder.touch()

    def keep_only(self, photos: Collection[Path]) -> None:
        """Delete what is of other photos."""
        for photo in [known for known in self._files if known not in photos]:
            for file in self._files.pop(photo).values():
                self._folder.remove(file)


def _write(file: Path, matte: Matte) -> None:
    features: dict[str, Any] = {f"features_{number}": plane for number, plane in enumerate(matte.features)}
    took = np.nan if matte.seconds is None else matte.seconds
    np.savez(file, alpha=matte.alpha, model=matte.model, clear=matte.clear, whole=matte.whole, took=took, **features)


def _read(file: Path) -> Matte:
    with np.load(file, allow_pickle=False) as found:
        features = tuple(found[name] for name in sorted(found.files) if name.startswith("features_"))
        seconds = None if np.isnan(found["took"]) else float(found["took"])
        return Matte(found["alpha"], str(found["model"]), bool(found["clear"]), bool(found["whole"]), features, seconds)
