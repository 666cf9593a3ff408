"""Files that have to be the same."""

import io

import numpy as np
from PIL import Image


def assert_same_file(data: bytes, expected: bytes) -> None:
    """Byte for byte; else it is said how far apart the pictures are, so that a rare difference can be traced."""
    if data == expected:
        return
    ours, theirs = (np.asarray(Image.open(io.BytesIO(file)).convert("RGBA")).astype(int) for file in (data, expected))
    assert ours.shape == theirs.shape
    apart = np.abs(ours - theirs)
    where = np.argwhere(apart.any(axis=2))
    raise AssertionError(
        f"{len(data)} and {len(expected)} bytes; {len(where)} pixels are up to {apart.max(axis=(0, 1))} apart"
        + (f", from {where.min(axis=0)} to {where.max(axis=0)}" if len(where) else "")
    )
