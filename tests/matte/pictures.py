"""Made pictures whose right matte is known."""

from __future__ import annotations

import numpy as np


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def disc(size: int = 256, radius: float = 0.3, blur: float = 2.0) -> np.ndarray:
    """A soft disc: float32 size×size in [0, 1]."""
    y, x = np.mgrid[:size, :size]
    distance = np.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) - radius * size
    return np.clip(0.5 - distance / (2 * blur), 0, 1).astype(np.float32)


def composite(alpha: np.ndarray, subject: tuple[int, ...], ground: tuple[int, ...]) -> np.ndarray:
    share = alpha[..., None]
    return np.rint(share * np.array(subject) + (1 - share) * np.array(ground)).astype(np.uint8)
