"""What a network makes of a photo on its way to the mask: asked for, and made small enough to keep."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COMPONENTS = 24
"""How many numbers a pixel keeps of its hundreds of channels."""

_GRID = 16
"""The principal components are found on so many means along each side."""


def compact(activations: NDArray[np.float32]) -> NDArray[np.float16]:
    """The principal components of a layer's output, strongest first: float32 c×h×w → float16 d×h×w.

    Every channel counts alike. h and w are multiples of 16.
    """
    channels, height, width = activations.shape
    plane = activations.reshape(channels, -1)
    plane = plane - plane.mean(axis=1, keepdims=True)
    plane /= plane.std(axis=1, keepdims=True) + np.float32(1e-3)
    means = plane.reshape(channels, _GRID, height // _GRID, _GRID, width // _GRID).mean(axis=(2, 4))
    samples = means.reshape(channels, -1)
    # Of the small matrix of the samples' products, not of the large one of the channels'.
    powers, directions = np.linalg.eigh(samples.T @ samples)
    strongest = np.argsort(powers)[::-1][:COMPONENTS]
    basis = samples @ directions[:, strongest] / np.sqrt(np.maximum(powers[strongest], 1e-6))
    return (basis.T @ plane).reshape(-1, height, width).astype(np.float16)


@contextmanager
def with_outputs(weights: Path, tensors: Sequence[str]) -> Iterator[Path]:
    """A file of the ONNX network `weights` that gives its inner `tensors` too, for as long as it takes to load it.

    Protocol buffers that follow one another in a file are merged, so more outputs are a few more bytes at its end
    (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
    """
    if not tensors:
        yield weights
        return
    with tempfile.TemporaryDirectory() as folder:
        extended = Path(folder) / weights.name
        shutil.copyfile(weights, extended)
        with extended.open("ab") as file:
            for tensor in tensors:
                value = _field(1, tensor.encode())  # ValueInfoProto.name
                file.write(_field(7, _field(12, value)))  # ModelProto.graph, GraphProto.output
        yield extended


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer; `content` has less than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content
