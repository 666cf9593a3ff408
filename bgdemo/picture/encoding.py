"""Picture → file bytes in every format, and the names of the files."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture, Pixels
from bgdemo.picture.archive import safe_part
from bgdemo.picture.limits import UNLIMITED, Limit, best_within, padded
from bgdemo.picture.palettes import with_palette
from bgdemo.picture.png import COLOUR_TYPE_AT, PALETTE, SIGNATURE, write_png
from bgdemo.picture.resampling import bands

Options = Mapping[str, Any]
"""How a file is saved: Pillow's options, or for a PNG `deflate`, its level of compression, or `colors`, how many."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name for people and Pillow, its ending, whether it holds transparency, and how to save it.

    What holds no colour `profile` is in sRGB.
    `max_side` is the greatest width and height in pixels that such a file can have, or None. `only` says that the file
    holds no colours but the alpha, or the trimap of it: unknown where it is soft. `smaller` and `larger` are what the
    `options` may be in its place to keep to a limit, from the smallest file on.
    """

    pillow: str
    ending: str
    max_side: int | None = None
    transparency: bool = True
    profile: bool = True
    options: Options = field(default_factory=dict)
    only: Literal["alpha", "trimap"] | None = None
    smaller: tuple[Options, ...] = ()
    larger: tuple[Options, ...] = ()


def _qualities(numbers: Iterable[int], **options: Any) -> tuple[Options, ...]:
    return tuple({"quality": number, **options} for number in numbers)


HARDER: Options = {"deflate": 6}
"""A seventh less than what is written at once, in ten times the time; level 9 would take another 4 % in sixty times."""

_PAGE: Options = {"resolution": 300.0, "creationDate": None, "modDate": None}
"""Without a date, because the same picture is to give the same file."""

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        # With fewer colours a face is a poster.
        "png": Format(
            "PNG", "png", smaller=(*({"colors": count} for count in (32, 48, 64, 96, 128, 192, 256)), HARDER)
        ),
        # method 0..6 trades time for size; `exact` would keep colours under transparency, of which there are none.
        "webp": Format(
            "WebP",
            "webp",
            16_383,
            options={"quality": 90, "method": 2},
            smaller=_qualities(range(3, 60, 3), alpha_quality=50, method=2) + _qualities(range(60, 90, 3), method=2),
            larger=_qualities((93, 96, 99, 100), method=2),
        ),
        "webp-lossless": Format("WebP", "webp", 16_383, options={"lossless": True, "quality": 20, "method": 1}),
        # Of two files of one size, from a quality of 40 on that is the better one whose colours are as sharp as its
        # greys (4:4:4), and below that the one with half of them (4:2:0). Below 10 a face falls into blocks.
        "jpeg": Format(
            "JPEG",
            "jpg",
            65_500,
            transparency=False,
            options={"quality": 92, "subsampling": 0},
            smaller=_qualities(range(10, 53), subsampling=2, optimize=True)
            + _qualities(range(40, 92), subsampling=0, optimize=True),
            larger=_qualities(range(93, 101), subsampling=0),
        ),
        # libavif writes twice that, and then does not read it.
        "avif": Format(
            "AVIF",
            "avif",
            32_768,
            options={"quality": 80, "speed": 8},
            smaller=_qualities(range(20, 80, 3), speed=8),
            larger=_qualities((85, 90, 95, 100), speed=8),
        ),
        # A page with a JPEG on it.
        "pdf": Format(
            "PDF",
            "pdf",
            65_500,
            transparency=False,
            profile=False,
            options={"quality": 95, "subsampling": 0, **_PAGE},
            smaller=_qualities(range(10, 53), subsampling=2, optimize=True, **_PAGE)
            + _qualities(range(40, 95), subsampling=0, optimize=True, **_PAGE),
            larger=_qualities(range(96, 101), subsampling=0, **_PAGE),
        ),
        "mask": Format("PNG", "png", only="alpha", smaller=(HARDER,)),
        "trimap": Format("PNG", "png", only="trimap", smaller=(HARDER,)),
    }
)

TRIMAP = np.full(256, 128, np.uint8)
"""What each opacity is in a trimap."""
TRIMAP[[0, 255]] = 0, 255


def to_pil(picture: Picture) -> Image.Image:
    """The picture as a Pillow RGBA image, its metadata in `info` where Pillow's own readers put it."""
    image = Image.fromarray(picture.pixels)
    image.info.update(Model=picture.model, **_save_options(picture.metadata))
    return image


def encode(picture: Picture, kind: str = "png", limit: Limit = UNLIMITED) -> bytes:
    """The bytes of a file of `kind`, a key of `FORMATS`, with straight alpha, colour profile and resolution.

    The file of an opaque picture has no alpha. A PNG says in a text chunk which network was used. A JPEG and a PDF hold
    no transparency: what is left of it becomes white. A PDF is one page, in sRGB, exactly as large as its paper or, if
    the picture is no sheet, as its pixels at their resolution, which is 300 dpi if there is none.

    A file that would not be within `limit` has the best quality that is: JPEG, WebP, AVIF and PDF lose more or less, a
    PNG is compressed harder, and only if that is too little has a palette (see `has_palette`); lossless WebP, masks and
    trimaps lose nothing. What is still too small is padded if it is a JPEG or a PNG. No picture is scaled. Raises
    UserError if there is no such file, and for a picture larger than such a file can be.
    """
    form = FORMATS[kind]
    if form.max_side and max(picture.pixels.shape[:2]) > form.max_side:
        raise UserError("error.file_sides", format=form.pillow, limit=form.max_side)
    ways = (*form.smaller, form.options, *form.larger)
    save = _png(picture, form) if form.pillow == "PNG" else _with_pillow(picture, form)
    data = best_within(limit, lambda number: save(ways[number]), len(form.smaller), len(ways))
    data = padded(data, form.ending, limit.least)
    limit.check(data, form.pillow)
    return data


def _png(picture: Picture, form: Format) -> Callable[[Options], bytes]:
    """How `picture` is saved as a PNG file."""
    text = {"Model": picture.model}
    metadata = picture.metadata
    pixels = picture.pixels
    if form.only:
        alpha = picture.pixels[..., 3]
        pixels = alpha if form.only == "alpha" else cv2.LUT(alpha, TRIMAP)
        text, metadata = {}, Metadata(dpi=metadata.dpi)
    elif _is_opaque(pixels):
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    about = _save_options(metadata)

    def save(options: Options) -> bytes:
        if not options:
            return write_png(pixels, text=text, **about)
        image = with_palette(picture.pixels, options["colors"]) if "colors" in options else Image.fromarray(pixels)
        said = PngImagePlugin.PngInfo()
        for keyword, value in text.items():
            said.add_text(keyword, value)
        file = io.BytesIO()
        image.save(file, "PNG", pnginfo=said, compress_level=options.get("deflate", 6), **about)
        return file.getvalue()

    return save


def _with_pillow(picture: Picture, form: Format) -> Callable[[Options], bytes]:
    """How `picture` is saved as a file of `form`."""
    image = Image.fromarray(picture.pixels)
    if _is_opaque(picture.pixels):
        image = image.convert("RGB")
    elif not form.transparency:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    about = _save_options(picture.metadata)
    if not form.profile:
        image = _in_srgb(image, picture.metadata.icc_profile)
    if form.pillow == "PDF":
        about = _on_page(picture)

    def save(options: Options) -> bytes:
        file = io.BytesIO()
        image.save(file, form.pillow, **options, **about)
        return file.getvalue()

    return save


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """What a page without a colour profile, as Pillow writes it, is taken for. A profile that is none is ignored."""
    if not profile:
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"))
    except (OSError, ImageCms.PyCMSError):
        return image
    return converted or image


def _on_page(picture: Picture) -> dict[str, Any]:
    """The resolution at which the pixels are as large as the paper, which need not be a whole number of them."""
    if not picture.printed:
        dpi = _save_options(picture.metadata).get("dpi")
        return {"dpi": dpi} if dpi else {}
    height, width = picture.pixels.shape[:2]
    paper_width, paper_height = picture.printed.size_mm
    return {"dpi": (width / paper_width * 25.4, height / paper_height * 25.4)}


def has_palette(data: bytes) -> bool:
    """Whether a file is a PNG in few colours, as `encode` makes one where a limit asks for it."""
    return data.startswith(SIGNATURE) and data[COLOUR_TYPE_AT] == PALETTE


def encode_mask(alpha: Pixels, metadata: Metadata) -> bytes:
    """A uint8 H×W mask, trimap or alpha as a greyscale PNG file."""
    return write_png(alpha, **_save_options(Metadata(dpi=metadata.dpi)))


def file_name(original: str | PurePath | None, suffix: str, kind: str = "png") -> str:
    """What to call what was made of a file: `kucing.jpg` and "removedbg" give `kucing-removedbg.png`.

    It is safe on every system, wherever the name of the original, in which "/" and "\\" count, comes from.
    """
    last = re.split(r"[/\\]", str(original or ""))[-1]
    return safe_part(PurePosixPath(last).stem, f"-{suffix}.{FORMATS[kind].ending}")


def _is_opaque(pixels: Pixels) -> bool:
    """Known after the first few rows of most pictures that are not."""
    return all(pixels[rows, :, 3].min() == 255 for rows in bands(len(pixels)))


def _save_options(metadata: Metadata) -> dict[str, Any]:
    """A resolution that a JPEG cannot hold is that of no picture, and left out."""
    dpi = metadata.dpi if metadata.dpi and all(1 <= value <= 65_535 for value in metadata.dpi) else None
    options = {"icc_profile": metadata.icc_profile, "dpi": dpi}
    return {name: value for name, value in options.items() if value is not None}
