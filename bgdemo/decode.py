"""File bytes → Photo: limits, orientation, colour profile, and every odd pixel mode."""

from __future__ import annotations

import io
import logging
import math
import os
import re
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Photo, Pixels
from bgdemo.settings import MAX_MEGABYTES, MAX_MEGAPIXELS

log = logging.getLogger(__name__)

Image.init()  # with a list of formats, Image.open tries only those whose plugins are loaded already
register_heif_opener()

Source = str | os.PathLike[str] | bytes | Image.Image
"""What can be decoded: a path, the bytes of a file, or a Pillow image."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF", "JPEG2000", "PPM")
"""Only these decoders are ever tried; Pillow has others that start outside programs (EPS) or are rarely hardened."""


def decode(source: Source) -> Photo:
    """The photo in `source`, upright, 8 bits a channel.

    Raises UserError for a file that is missing, empty, too large, not a photo, damaged or has too many pixels. The
    number of pixels is read from the header, before any of them is decoded.
    """
    image = _opened(source)
    reduced = _is_deep(image)
    try:
        image.load()
    except Exception as error:  # decoders raise almost anything on damaged pixels
        raise UserError("error.truncated") from error

    notes = []
    # An MPO is a still photo with further views of it, as some phones store; nobody misses those.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append("note.several")
    metadata = Metadata(icc_profile=image.info.get("icc_profile") or None, dpi=_dpi(image))

    upright = _upright(image)
    if upright.size != image.size and metadata.dpi:
        metadata = Metadata(metadata.icc_profile, metadata.dpi[::-1])
    rgb, converted = _in_rgb(upright, metadata.icc_profile)
    notes += ["note.reduced"] if reduced else []
    if converted or _colour_space(metadata.icc_profile) != "RGB":
        notes += ["note.converted"] if converted else []
        metadata = Metadata(None, metadata.dpi)
    return Photo(_pixels(rgb, "RGB"), _opacity(rgb), metadata, tuple(notes))


def measure(source: Source) -> tuple[int, int]:
    """Width and height of the photo in `source`, upright, from its header alone: no pixel of a file is decoded.

    Raises the UserErrors of `decode` for all that the header shows. A PNG that tells only behind its pixels how it is
    to be turned is measured as it lies.
    """
    image = _opened(source)
    width, height = image.size
    return (height, width) if _lies_on_its_side(image, source) else (width, height)


def read(path: Path) -> bytes:
    """The bytes of a file, at most one more than a photo may have.

    Raises UserError for a file that is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(int(MAX_MEGABYTES * 1_000_000) + 1)
    except FileNotFoundError as error:
        raise UserError("error.file_not_found", path=path) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise UserError("error.unreadable") from error


PROFILE_NAMES = {
    # "c2" is the tiny profile of Facebook and Instagram.
    r"c2|sRGB( IEC61966-2[.-]1.*| built-in|2014|.v4.ICC.preference.*)?|GIMP built-in sRGB": "sRGB",
    r"Adobe ?RGB ?(\(?1998\)?)?": "Adobe RGB",
    r"Display P3": "Display P3",
    r"(Kodak )?ProPhoto RGB|ROMM.RGB.*": "ProPhoto RGB",
}
"""What people call the colour profiles whose descriptions match."""


def profile_name(icc_profile: bytes | None) -> str | None:
    """What people call the colour profile, such as "Display P3"; "sRGB" where there is none.

    A profile that is not widely known is called what it says of itself, if those are words; else the answer is None.
    """
    if icc_profile is None:
        return "sRGB"
    try:
        description = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc_profile)))
    except (OSError, ImageCms.PyCMSError):
        return None
    name = " ".join(description.split())
    for pattern, known in PROFILE_NAMES.items():
        if re.fullmatch(pattern, name, re.IGNORECASE):
            return known
    words = 5 <= len(name) <= 40 and name.isprintable() and re.search(r"[^\W\d_]{3}", name)
    return name if words else None


def _opened(source: Source) -> Image.Image:
    """The image in `source`, of which only the header was read, within the limits."""
    image = source if isinstance(source, Image.Image) else _open(source)
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise UserError("error.too_many_pixels", limit=MAX_MEGAPIXELS)
    if not width * height:
        raise UserError("error.empty")
    return image


def _open(source: str | os.PathLike[str] | bytes) -> Image.Image:
    data = source if isinstance(source, bytes) else read(Path(source))
    if not data:
        raise UserError("error.empty")
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise UserError("error.file_too_large", limit=MAX_MEGABYTES)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UserError("error.too_many_pixels", limit=MAX_MEGAPIXELS) from error
    except Exception as error:  # decoders raise almost anything on malformed headers
        raise UserError("error.unreadable") from error


def _is_deep(image: Image.Image) -> bool:
    """Whether there are more than 8 bits a channel, as far as the header says."""
    if image.mode[0] in "FI" or image.info.get("bit_depth", 8) > 8:
        return True
    # Pillow reads other deep modes as 8 bits; until then the tiles say how the file holds them, or the peak of a PPM.
    tiles = " ".join(str(tile.args) for tile in getattr(image, "tile", ()))
    return bool(re.search(r"(?<!BGR);16|'RGB', \d{4}", tiles))


def _lies_on_its_side(image: Image.Image, source: Source) -> bool:
    """Whether `image.size` is that of the photo before it is turned upright."""
    if image.format == "TIFF":  # Pillow turns the size of these itself
        return False
    try:
        # PNG's own `getexif` would decode the pixels, to look for a chunk behind them.
        exif = image.getexif() if image is source else Image.Image.getexif(image)
    except Exception:  # as in `_upright`
        return False
    return exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # broken camera data is no reason to refuse a photo that is fine
        log.warning("unreadable EXIF data: taking the photo as it lies", exc_info=True)
        return image


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if all(math.isfinite(value) and 1 <= value <= 30_000 for value in (x, y)) else None


def _colour_space(icc_profile: bytes | None) -> str:
    """ "RGB", "CMYK", "GRAY", …; "RGB" where there is no profile, "" for a profile that is broken."""
    if icc_profile is None:
        return "RGB"
    try:
        return str(ImageCms.ImageCmsProfile(io.BytesIO(icc_profile)).profile.xcolor_space).strip()
    except (OSError, ImageCms.PyCMSError):
        return ""


def _in_rgb(image: Image.Image, icc_profile: bytes | None) -> tuple[Image.Image, bool]:
    """`image` as RGB or RGBA of 8 bits a channel, and whether its colours were converted to sRGB for that."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bit(image), False
    if image.mode == "LAB":
        return _to_srgb(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))), True
    if image.mode == "CMYK":
        if _colour_space(icc_profile) == "CMYK" and icc_profile:
            return _to_srgb(image, ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))), True
        return image.convert("RGB"), True
    if image.mode == "L" and icc_profile and _colour_space(icc_profile) == "GRAY" and not image.has_transparency_data:
        return _to_srgb(image, ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))), True
    if image.mode == "La":
        image = image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB"), False


def _to_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    try:
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except ImageCms.PyCMSError:
        log.warning("unusable colour profile: converting without it", exc_info=True)
        return image.convert("RGB")
    assert converted is not None  # None is returned for conversions in place only
    return converted


def _eight_bit(image: Image.Image) -> Image.Image:
    """Greyscale of 16 or 32 bits or of floats, scaled to 0..255 by the range that its numbers are meant to fill."""
    values = np.asarray(image, dtype=np.float32)
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        # 32-bit integers and floats name no range of their own: take the smallest usual one that holds them all.
        low, high = next(((0.0, top) for top in (1.0, 255.0, 65535.0) if low >= 0 and high <= top), (low, high))
    grey = Image.fromarray(np.rint((finite - low) * (255.0 / max(high - low, 1e-30))).astype(np.uint8))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
        return grey.convert("RGBA")
    return grey.convert("RGB")


def _pixels(image: Image.Image, mode: str) -> Pixels:
    return np.asarray(image if image.mode == mode else image.convert(mode))


def _opacity(image: Image.Image) -> Pixels | None:
    if image.mode != "RGBA":
        return None
    alpha = np.asarray(image.getchannel("A"))
    return None if alpha.min() == 255 else alpha
