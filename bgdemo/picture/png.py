"""Pixels → PNG file, on several cores (ISO/IEC 15948, the Portable Network Graphics specification; zlib: RFC 1950).

The picture is cut into strips. Each is filtered, deflated and put into a chunk of its own, beside the others: a flush
ends it on a whole byte and leaves the stream open, so that all chunks together are one zlib stream.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import numpy as np
from zlib_ng import zlib_ng

from bgdemo.images import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"

COLOUR_TYPES: Mapping[tuple[int, ...], int] = MappingProxyType({(): 0, (3,): 2, (4,): 6})
"""Grey, RGB and RGBA as the header calls them, by the shape of a pixel."""

PALETTE = 3
"""Another colour type, of numbered colours."""

COLOUR_TYPE_AT = 25
"""Where in a file its colour type stands."""

UP = 2
"""The filter that takes from every byte the one above it: the fastest, and over many photos the smallest files."""

STRIP_BYTES = 2**19
"""Of pixels in a strip: the cut costs a thousandth of the file's size, and strips stay in the cores' own caches."""

LEVEL = 2
"""The fastest that looks for repeated bytes. (isal takes half its time, but now and then gives other bytes for the same
pixels, and files a twentieth larger.)"""

THREADS = min(4, os.cpu_count() or 1)

_NOTHING: Mapping[str, str] = MappingProxyType({})


def write_png(
    pixels: Pixels,
    *,
    icc_profile: bytes | None = None,
    dpi: tuple[float, float] | None = None,
    text: Mapping[str, str] = _NOTHING,
    threads: int = THREADS,
) -> bytes:
    """The bytes of a PNG file of uint8 `pixels`: H×W grey, H×W×3 RGB or H×W×4 RGBA with straight alpha.

    `icc_profile` is a colour profile of grey or of RGB, as the pixels are; `dpi` is (x, y) in pixels per inch, at most
    10⁸; `text` are Latin-1 values by their keywords. The bytes are the same for any number of `threads`. Raises
    ValueError for any other array, and for one without pixels.
    """
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or pixels.shape[2:] not in COLOUR_TYPES or not pixels.size:
        raise ValueError("pixels: uint8 H×W, H×W×3 or H×W×4")
    height, width = pixels.shape[:2]
    step = max(1, STRIP_BYTES // pixels[0].size)

    file = io.BytesIO()
    file.write(SIGNATURE)
    file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[pixels.shape[2:]], 0, 0, 0)))
    if icc_profile:
        file.write(chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc_profile)))
    if dpi:
        file.write(chunk(b"pHYs", struct.pack(">IIB", *(round(value / 0.0254) for value in dpi), 1)))
    for keyword, value in text.items():
        file.write(chunk(b"tEXt", f"{keyword}\0{value}".encode("latin-1")))
    checksum = 1
    with ThreadPoolExecutor(threads) as pool:
        # In their order, and each is let go of when it is written.
        for strip, adler, size in pool.map(lambda top: _strip(pixels, top, top + step), range(0, height, step)):
            file.write(strip)
            checksum = _adler32_combine(checksum, adler, size)
    file.write(chunk(b"IDAT", struct.pack(">I", checksum)))
    file.write(chunk(b"IEND", b""))
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A piece of a PNG file: `data` with its length, its four letters `kind`, and its checksum."""
    checksum = zlib_ng.crc32(data, zlib_ng.crc32(kind))
    return b"".join([struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)])


def _strip(pixels: Pixels, top: int, bottom: int) -> tuple[bytes, int, int]:
    """The chunk of the rows from `top` to before `bottom`, and the Adler-32 and the size of what was deflated in it."""
    first, last = top == 0, bottom >= len(pixels)
    values = pixels[max(top - 1, 0) : bottom]
    values = values.reshape(len(values), -1)
    filtered = np.empty((len(values) - (not first), values.shape[1] + 1), np.uint8)
    filtered[:, 0] = UP
    filtered[0, 1:] = values[0]  # of the first row: above the picture all is 0
    np.subtract(values[1:], values[:-1], out=filtered[first:, 1:])

    deflate = zlib_ng.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    header = b"\x78\x01" if first else b""
    end = zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
    data = b"".join([header, deflate.compress(filtered), deflate.flush(end)])
    return chunk(b"IDAT", data), zlib_ng.adler32(filtered), filtered.size


def _adler32_combine(first: int, second: int, size: int) -> int:
    """The Adler-32 (RFC 1950) of two pieces of data behind one another, from their own, and the size of the second."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)
    return high % 65_521 << 16 | low % 65_521
