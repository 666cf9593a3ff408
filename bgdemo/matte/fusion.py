"""Two networks' predictions made one, and what there is to doubt in them."""

from __future__ import annotations

import cv2
import numpy as np

from bgdemo.images import Alpha
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.planes import dilation, opening, resize


def disagreement(one: Alpha, other: Alpha) -> float:
    """1 − IoU of two predictions of the same photo, as masks: 0 for the same, 1 for nothing in common.

    Both are float32 h×w in [0, 1] and opaque from 0.5; they are compared at the size of the smaller one.
    """
    height, width = min(one.shape, other.shape)
    first, second = (resize(alpha, width, height) >= 0.5 for alpha in (one, other))
    union = int(np.count_nonzero(first | second))
    return 1 - int(np.count_nonzero(first & second)) / union if union else 0.0


def hesitation(alpha: Alpha) -> float:
    """How much of what is seen in a prediction (float32 h×w in [0, 1]) is not sure: 0 for nothing, 1 for all of it."""
    seen = int(np.count_nonzero(alpha >= CONSTANTS.doubt_seen))
    return 1 - int(np.count_nonzero(alpha >= CONSTANTS.doubt_sure)) / seen if seen else 0.0


def fuse(fine: Alpha, coarse: Alpha) -> Alpha:
    """One prediction from two networks: the whole subject from both, every edge from the fine one.

    `fine` is float32 h×w in [0, 1] and the result is like it; `coarse` is a smaller one of the same photo. The coarse
    network is sharpened, for its blur is no hair, and adds what the fine one misses. Of that only whole parts are
    kept, wider than the coarse network's blur and no speck of the picture: along the fine network's edge, and in the
    gaps that it sees between spokes or fingers, nothing is added. Nor is a part that stands apart from all that the
    fine network sees: that is another object.
    """
    height, width = fine.shape
    ramp = np.clip(
        (resize(coarse, width, height) - np.float32(CONSTANTS.fusion_onset)) / np.float32(CONSTANTS.fusion_ramp), 0, 1
    )
    sharpened = ramp * ramp * (3 - 2 * ramp)  # smoothstep
    missing = opening(np.minimum(sharpened, 1 - fine), max(1, round(CONSTANTS.fusion_blur * width)))
    present = (missing > CONSTANTS.fusion_present).astype(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(present, connectivity=4)
    area = statistics[:, cv2.CC_STAT_AREA]
    contact = np.bincount(labels.ravel(), dilation(fine, CONSTANTS.fusion_rim).ravel())
    kept = (area >= CONSTANTS.fusion_area * fine.size) & (contact >= CONSTANTS.fusion_contact * fine.max() * area)
    kept[0] = False  # what lies between the parts, where their soft rims are
    fused: Alpha = np.clip(fine + missing * dilation(kept[labels].astype(np.uint8), CONSTANTS.fusion_rim), 0, 1)
    return fused
