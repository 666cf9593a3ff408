"""What a network makes of a photo on its way to the mask: asked for, and made small enough to keep."""

from __future__ import annotations

import sys
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
    """A file of the ONNX network `weights` whose outputs are its first one and its inner `tensors`, while it loads.

    The others, which nobody asks for, would be made all the same: a thirtieth of the time of ISNet. Where the system
    can reach a file without a name, it is one: nothing is left of it, even if the program is killed.
    """
    if not tensors:
        yield weights
        return
    pruned = _with_outputs(weights.read_bytes(), tensors)
    if sys.platform == "linux":
        with tempfile.TemporaryFile() as file:
            file.write(pruned)
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / weights.name
            path.write_bytes(pruned)
            yield path


_GRAPH, _OUTPUT, _NAME = 7, 12, 1
"""Numbers of ModelProto.graph, GraphProto.output and ValueInfoProto.name in onnx.proto."""


def _with_outputs(model: bytes, tensors: Sequence[str]) -> bytes:
    parts = []
    for number, whole, content in _fields(model):
        if number != _GRAPH:
            parts.append(whole)
            continue
        fields = list(_fields(content))
        outputs = [field for number, field, _ in fields if number == _OUTPUT][:1]
        outputs += [_field(_OUTPUT, _field(_NAME, tensor.encode())) for tensor in tensors]
        parts.append(_field(_GRAPH, b"".join([*(field for number, field, _ in fields if number != _OUTPUT), *outputs])))
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, all bytes and content of each field of a protocol buffer that holds numbers and byte strings.

    See https://protobuf.dev/programming-guides/encoding.
    """
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        value, content = _varint(message, at)
        at = content + value if tag & 7 == 2 else content
        yield tag >> 3, message[start:at], message[content:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, seven bits a byte, and where it has ended."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    return _of_varint(number << 3 | 2) + _of_varint(len(content)) + content


def _of_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])
