"""A photo of a thing in a place, and one of the place without it, made of the examples."""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.server import EXAMPLES

SIZE = (480, 360)


def place(name: str = "cup.jpg", margin: int = 0) -> np.ndarray:
    """uint8 H×W×3, with `margin` more on every side."""
    size = SIZE[0] + 2 * margin, SIZE[1] + 2 * margin
    return np.asarray(Image.open(EXAMPLES / name).convert("RGB").resize(size))


def mask(share: float = 0.3) -> np.ndarray:
    """bool H×W: two ellipses, that no network was trained on."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    scale = (share / 0.3) ** 0.5
    first = np.hypot((x - 170) / 110, (y - 170) / 125) < scale
    return first | (np.hypot((x - 370) / 60, (y - 210) / 50) < scale)


def scene(behind: np.ndarray, subject: np.ndarray | None = None, truth: np.ndarray | None = None) -> np.ndarray:
    """`behind` with `subject` (a photo of butterflies) in front where `truth` is."""
    truth = mask() if truth is None else truth
    subject = place("butterfly.jpg") if subject is None else subject
    alpha = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 0.7)[..., None]
    return np.rint(alpha * subject + (1 - alpha) * behind).astype(np.uint8)


def taken(picture: np.ndarray, seed: int, gain: float = 1.0, sigma: float = 2.0) -> np.ndarray:
    """With another exposure and noise of its own."""
    noisy = picture * gain + np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def files(folder: Path) -> tuple[Path, Path]:
    """The photo and its plate, as JPEG files."""
    photo, plate = folder / "barang.jpg", folder / "kosong.jpg"
    Image.fromarray(taken(scene(place()), 1)).save(photo, quality=92)
    Image.fromarray(taken(place(), 2, 0.95)).save(plate, quality=92)
    return photo, plate


def turned(picture: np.ndarray) -> bytes:
    """A JPEG that lies on its side, and says so (EXIF)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.rot90(picture)).save(file, "JPEG", quality=95, exif=exif)
    return file.getvalue()
