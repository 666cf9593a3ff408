"""File bytes → Photo: limits, orientation, colour profile, and every odd pixel mode."""

from __future__ import annotations

import io
import logging
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Photo, Pixels

log = logging.getLogger(__name__)

Image.init()  # with a list of formats, Image.open tries only those whose plugins are loaded already
register_heif_opener()

Source = str | os.PathLike[str] | bytes | Image.Image
"""What can be decoded: a path, the bytes of a file, or a Pillow image."""

MAX_MEGABYTES = int(os.environ.get("BGDEMO_MAX_MEGABYTES", "40"))
MAX_MEGAPIXELS = int(os.environ.get("BGDEMO_MAX_MEGAPIXELS", "50"))

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF", "JPEG2000", "PPM")
"""Only these decoders are ever tried; Pillow has others that start outside programs (EPS) or are rarely hardened."""


def decode(source: Source) -> Photo:
    """The photo in `source`, upright, 8 bits a channel.

    Raises UserError for a file that is missing, empty, too large, not a photo, damaged or has too many pixels. The
    number of pixels is read from the header, before any of them is decoded.
    """
    if isinstance(source, Image.Image):
        return _photo(source)
    data = source if isinstance(source, bytes) else _read(Path(source))
    if not data:
        raise UserError("error.empty")
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise UserError("error.file_too_large", limit=MAX_MEGABYTES)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UserError("error.too_many_pixels", limit=MAX_MEGAPIXELS) from error
    except Exception as error:  # decoders raise almost anything on malformed headers
        raise UserError("error.unreadable") from error
    with image:
        return _photo(image)


def profile_name(icc_profile: bytes | None) -> str:
    """What people call the colour profile, such as "Display P3"; "sRGB" where there is none."""
    if icc_profile is None:
        return "sRGB"
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))).strip() or "ICC"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_MEGABYTES * 1_000_000:
            raise UserError("error.file_too_large", limit=MAX_MEGABYTES)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError("error.file_not_found", path=path) from error
    except OSError as error:
        raise UserError("error.unreadable") from error


def _photo(image: Image.Image) -> Photo:
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise UserError("error.too_many_pixels", limit=MAX_MEGAPIXELS)
    if not width * height:
        raise UserError("error.empty")
    try:
        image.load()
    except Exception as error:  # as above: decoders raise almost anything on damaged pixels
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
    if converted or _colour_space(metadata.icc_profile) != "RGB":
        notes += ["note.converted"] if converted else []
        metadata = Metadata(None, metadata.dpi)
    return Photo(_pixels(rgb, "RGB"), _opacity(rgb), metadata, tuple(notes))


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
