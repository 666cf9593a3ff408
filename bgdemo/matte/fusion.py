"""Two networks' predictions made one."""

from __future__ import annotations

import cv2
import numpy as np

from bgdemo.images import Alpha
from bgdemo.matte.planes import opened, resize


def fuse(fine: Alpha, coarse: Alpha) -> Alpha:
    """One prediction from two networks: the whole subject from both, every edge from the fine one.

    `fine` is float32 h×w in [0, 1] and the result is like it; `coarse` is a smaller one of the same photo. The coarse
    network is sharpened, for its blur is no hair, and adds what the fine one misses. Of that only whole parts are
    kept, wider than the coarse network's blur and no speck of the picture: along the fine network's edge, and in the
    gaps that it sees between spokes or fingers, nothing is added. Nor is a part that stands apart from all that the
    fine network sees: that is another object.
    """
    height, width = fine.shape
    rise = np.clip((resize(coarse, width, height) - np.float32(0.3)) / np.float32(0.4), 0, 1)
    whole = rise * rise * (3 - 2 * rise)
    # Two pixels of a 320 × 320 network on the grid of a 1024 × 1024 one.
    added = opened(np.minimum(whole, 1 - fine), max(1, round(7 * width / 1024)))
    _, parts, figures, _ = cv2.connectedComponentsWithStats((added > 0.1).astype(np.uint8), connectivity=4)
    area = figures[:, cv2.CC_STAT_AREA]
    seen = np.bincount(parts.ravel(), cv2.dilate(fine, np.ones((9, 9), np.uint8)).ravel())
    kept = (area >= 0.01 * fine.size) & (seen >= 0.002 * fine.max() * area)
    kept[0] = False  # what lies between the parts, where their soft rims are
    whole_parts = cv2.dilate(kept[parts].astype(np.uint8), np.ones((9, 9), np.uint8))
    fused: Alpha = np.clip(fine + added * whole_parts, 0, 1)
    return fused
