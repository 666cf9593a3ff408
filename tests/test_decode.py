"""File bytes → Photo: every mode and format comes out right, every bad file with one plain sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from bgdemo import decode as decoding
from bgdemo.decode import decode, measure, profile_name
from bgdemo.errors import UserError

WIDTH, HEIGHT = 48, 32
RAMP = np.tile(np.linspace(0, 255, WIDTH), (HEIGHT, 1)).round().astype(np.uint8)
COLOURS = np.dstack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 90)])
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def close(actual: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    return float(np.abs(actual.astype(float) - expected.astype(float)).mean()) <= tolerance


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("JPEG", 4), ("PNG", 0), ("WEBP", 4), ("BMP", 0), ("TIFF", 0), ("AVIF", 4), ("HEIF", 4), ("GIF", 12)],
)
def test_formats(kind: str, tolerance: float) -> None:
    photo = decode(saved(Image.fromarray(COLOURS), kind))
    assert photo.size == (WIDTH, HEIGHT)
    assert photo.alpha is None
    assert close(photo.rgb, COLOURS, tolerance)


def grey(image: Image.Image) -> tuple[Image.Image, np.ndarray]:
    return image, np.dstack([RAMP] * 3)


MODES = {
    "1": (Image.fromarray(RAMP > 127), np.dstack([np.where(RAMP > 127, 255, 0)] * 3)),
    "L": grey(Image.fromarray(RAMP)),
    "P": (Image.fromarray(COLOURS).quantize(256), COLOURS),
    "I;16": grey(Image.fromarray(RAMP.astype(np.uint16) * 257)),
    "I": grey(Image.fromarray(RAMP.astype(np.int32) * 257)),
    "F 0..1": grey(Image.fromarray(RAMP.astype(np.float32) / 255)),
    "F 0..255": grey(Image.fromarray(RAMP.astype(np.float32))),
    "F around 0": grey(Image.fromarray(RAMP.astype(np.float32) / 100 - 1)),
    "YCbCr": (Image.fromarray(COLOURS).convert("YCbCr"), COLOURS),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes(mode: str) -> None:
    image, expected = MODES[mode]
    photo = decode(image)
    assert photo.alpha is None
    assert close(photo.rgb, expected, 3)


def test_16_bit_grey_does_not_turn_white() -> None:
    photo = decode(saved(Image.fromarray(RAMP.astype(np.uint16) * 257)))
    assert close(photo.rgb[..., 0], RAMP, 1)


def test_float_photo_with_holes_is_finite() -> None:
    values = RAMP.astype(np.float32) / 255
    values[0, 0], values[1, 1] = np.nan, np.inf
    assert close(decode(saved(Image.fromarray(values), "TIFF")).rgb[2:, :, 0], RAMP[2:], 1)


def test_cmyk_is_converted_and_said_so() -> None:
    photo = decode(saved(Image.fromarray(COLOURS).convert("CMYK"), "JPEG", quality=95))
    assert close(photo.rgb, COLOURS, 4)
    assert photo.notes == ("note.converted",)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "La", "RGBa"])
def test_own_transparency_is_kept(mode: str) -> None:
    image = Image.fromarray(COLOURS).convert("P" if mode == "PA" else "RGB")
    image.putalpha(Image.fromarray(RAMP))
    image = image.convert("LA").convert(mode) if mode in ("LA", "La") else image.convert(mode)
    photo = decode(image)
    assert photo.alpha is not None
    assert close(photo.alpha, RAMP, 1)


def test_palette_and_colour_key_transparency() -> None:
    palette = Image.fromarray(np.where(RAMP > 127, 1, 0).astype(np.uint8), mode=None).convert("P")
    palette.putpalette([10, 20, 30, 200, 210, 220])
    for data in (saved(palette, transparency=0), saved(palette, "GIF", transparency=0)):
        photo = decode(data)
        assert photo.alpha is not None
        assert (photo.alpha == np.where(RAMP > 127, 255, 0)).all()
    keyed = decode(saved(Image.fromarray(RAMP), transparency=0))
    assert keyed.alpha is not None
    assert ((keyed.alpha == 0) == (RAMP == 0)).all()
    deep = decode(saved(Image.fromarray(RAMP.astype(np.uint16) * 257), transparency=0))
    assert deep.alpha is not None
    assert ((deep.alpha == 0) == (RAMP == 0)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    quadrants = np.zeros((32, 64, 3), np.uint8)
    quadrants[:16, :32] = 255  # white at the top left as stored
    photo = decode(saved(Image.fromarray(quadrants), kind, exif=exif))
    assert photo.size == ((64, 32) if orientation < 5 else (32, 64))
    # EXIF 2.32, table 6: where row 0 and column 0 of the stored picture are meant to be.
    top, left = orientation in (1, 2, 5, 6), orientation in (1, 4, 5, 8)
    height, width = photo.rgb.shape[:2]
    corner = photo.rgb[8 if top else height - 8, 8 if left else width - 8]
    assert corner.min() > 200
    assert photo.rgb.mean() < 80


def test_broken_camera_data_does_not_cost_the_photo() -> None:
    data = saved(Image.fromarray(COLOURS), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12")
    assert decode(data).size == (WIDTH, HEIGHT)


def test_profile_and_resolution_are_carried_and_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.fromarray(COLOURS), "JPEG", icc_profile=SRGB, dpi=(300, 150), exif=exif)
    photo = decode(data)
    assert photo.metadata.icc_profile == SRGB
    assert photo.metadata.dpi == (150, 300)


def described(name: str) -> bytes:
    """sRGB under another description: a multi-localised text (ICC.1:2010, 10.13) at the profile's end."""
    text = name.encode("utf-16-be")
    description = struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(text), 28) + text
    entry = SRGB.index(b"desc", 128)  # of the table of tags, which follows the header: signature, offset, length
    profile = SRGB[: entry + 4] + struct.pack(">II", len(SRGB), len(description)) + SRGB[entry + 12 :] + description
    return struct.pack(">I", len(profile)) + profile[4:]


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("c2", "sRGB"),
        ("sRGB IEC61966-2.1", "sRGB"),
        ("sRGB IEC61966-2-1 black scaled", "sRGB"),
        ("GIMP built-in sRGB", "sRGB"),
        ("Adobe RGB (1998)", "Adobe RGB"),
        ("AdobeRGB1998", "Adobe RGB"),
        ("Display P3", "Display P3"),
        ("Display P3 Gamut with sRGB Transfer", "Display P3 Gamut with sRGB Transfer"),
        ("ProPhoto RGB", "ProPhoto RGB"),
        ("ROMM RGB: ISO 22028-2:2013", "ProPhoto RGB"),
        ("Generic RGB Profile", "Generic RGB Profile"),
        ("u1", None),
        ("uRGB", None),
        ("20191202-1", None),
        ("", None),
        ("x" * 100, None),
    ],
)
def test_profiles_are_called_what_people_call_them(description: str, name: str | None) -> None:
    assert profile_name(described(description)) == name


def test_a_profile_that_cannot_be_read_has_no_name() -> None:
    assert profile_name(b"nonsense") is None
    assert profile_name(SRGB.replace(b"desc", b"....")) is None
    assert profile_name(None) == "sRGB"


@pytest.mark.parametrize("profile", [b"nonsense", SRGB[:200]])
def test_broken_profile_is_dropped(profile: bytes) -> None:
    photo = decode(saved(Image.fromarray(COLOURS), icc_profile=profile))
    assert photo.metadata.icc_profile is None
    assert (photo.rgb == COLOURS).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_gives_its_first_picture(kind: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")]
    photo = decode(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    assert photo.notes == ("note.several",)
    assert close(photo.rgb, np.full((10, 20, 3), (255, 0, 0)), 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1)])
def test_extreme_shapes(size: tuple[int, int]) -> None:
    assert decode(saved(Image.new("RGB", size, "red"))).size == size


def test_sources(tmp_path: Path) -> None:
    path = tmp_path / "kucing.png"
    path.write_bytes(saved(Image.fromarray(COLOURS)))
    image = Image.open(path)
    for source in (path, str(path), path.read_bytes(), image, Image.fromarray(COLOURS)):
        assert (decode(source).rgb == COLOURS).all()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be huge and holds nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


JPEG = saved(Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)), "JPEG")
BAD = {
    "text": (b"this is not a photo", "error.unreadable"),
    "empty": (b"", "error.empty"),
    "truncated": (JPEG[: len(JPEG) // 2], "error.truncated"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "error.unreadable"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "error.unreadable"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "error.unreadable"),
    "too many pixels": (png_header(8_000, 8_000), "error.too_many_pixels"),
    "suspicious": (png_header(12_000, 12_000), "error.too_many_pixels"),
    "bomb": (png_header(60_000, 60_000), "error.too_many_pixels"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name: str, tmp_path: Path) -> None:
    data, key = BAD[name]
    path = tmp_path / "kucing.jpg"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(UserError) as caught:
            decode(source)
        assert caught.value.key == key
        if key != "error.truncated":  # which only the pixels tell
            with pytest.raises(UserError) as caught:
                measure(source)
            assert caught.value.key == key


@pytest.mark.parametrize("orientation", [None, *range(9)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_the_header_alone_tells_the_size_of_the_upright_photo(
    kind: str, orientation: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(COLOURS), kind, **({} if orientation is None else {"exif": exif}))
    expected = decode(data).size

    def load(image: Image.Image) -> None:
        raise AssertionError(f"{image} was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert measure(data) == expected


def test_what_is_measured_can_be_decoded_all_the_same() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("PNG", "TIFF"):
        image = Image.open(io.BytesIO(saved(Image.fromarray(COLOURS), kind, exif=exif)))
        assert measure(image) == (HEIGHT, WIDTH)
        assert decode(image).size == (HEIGHT, WIDTH)
        assert measure(image) == (HEIGHT, WIDTH)


def test_broken_camera_data_does_not_cost_the_measure() -> None:
    data = saved(Image.fromarray(COLOURS), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12")
    assert measure(data) == (WIDTH, HEIGHT)


def test_a_file_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_MEGABYTES", 1)
    with pytest.raises(UserError) as caught:
        decode("/dev/zero")
    assert caught.value.key == "error.file_too_large"


def test_missing_folder_and_oversized_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="There is no file"):
        decode(tmp_path / "nowhere.jpg")
    with pytest.raises(UserError) as caught:
        decode(tmp_path)
    assert caught.value.key == "error.unreadable"
    monkeypatch.setattr(decoding, "MAX_MEGABYTES", 0.001)
    path = tmp_path / "large.jpg"
    path.write_bytes(JPEG)
    for source in (JPEG, path):
        with pytest.raises(UserError) as caught:
            decode(source)
        assert caught.value.key == "error.file_too_large"


def test_a_huge_pillow_image_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_MEGAPIXELS", 0.0001)
    with pytest.raises(UserError) as caught:
        decode(Image.new("RGB", (20, 20)))
    assert caught.value.key == "error.too_many_pixels"
