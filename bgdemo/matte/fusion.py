"""Two networks' predictions made one, and what there is to doubt in them."""

from __future__ import annotations

import cv2
import numpy as np

from bgdemo.images import Alpha
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.planes import dilation, log_odds, opening, resize


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


def failure(fine: Alpha) -> float:
    """How probable it is that the subject was not found (IoU with it below 0.75), from the fine network's prediction.

    It is float32 h×w in [0, 1]; what tells is how sure the network is of that hundredth of the photo of which it is
    surest.
    """
    surest = log_odds(np.quantile(fine, [0.99]), CONSTANTS.failure_certainty)
    return float(1 / (1 + np.exp(CONSTANTS.failure_slope * surest[0] - CONSTANTS.failure_onset)))


def fuse(fine: Alpha, coarse: Alpha) -> Alpha:
    """One prediction from two networks: the whole subject from both, every edge from the fine one.

    `fine` is float32 h×w in [0, 1] and the result is like it; `coarse` is a smaller one of the same photo. Their
    log-odds add up to what is seen by both together (a product of experts). What of that the fine network misses is
    added to its prediction, and what it half sees alone is taken away, if it is wider than the coarse network's blur;
    what is added is no speck either. So along the fine network's edge, and in the gaps that it sees between spokes or
    fingers, nothing changes.
    """
    height, width = fine.shape
    odds = log_odds(fine, CONSTANTS.fusion_certainty)
    odds += resize(log_odds(coarse, CONSTANTS.fusion_certainty), width, height) + np.float32(CONSTANTS.fusion_bias)
    together = np.clip(0.5 + odds / np.float32(CONSTANTS.fusion_ramp), 0, 1)
    side = max(1, round(CONSTANTS.fusion_blur * width))
    missing, doubtful = opening(np.maximum(together - fine, 0), side), opening(np.maximum(fine - together, 0), side)
    parts = cv2.connectedComponentsWithStats((missing > CONSTANTS.fusion_present).astype(np.uint8), connectivity=4)
    labels, areas = parts[1], parts[2][:, cv2.CC_STAT_AREA]
    kept = areas >= CONSTANTS.fusion_area * fine.size
    kept[0] = False  # what lies between the parts, where their soft rims are
    added = missing * dilation(kept[labels].astype(np.uint8), CONSTANTS.fusion_rim)
    fused: Alpha = np.clip(fine + added - doubtful, 0, 1)
    return fused
