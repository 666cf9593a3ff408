"""bgdemo.matte.fusion: one prediction from two networks."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgdemo.matte.fusion import disagreement, failure, fuse, hesitation
from tests.matte.pictures import disc


def test_what_both_see_stays_as_the_fine_one_sees_it():
    fine = disc(1024, radius=0.3, blur=6)
    coarse = cv2.resize(cv2.GaussianBlur(fine, (0, 0), 8), (320, 320), interpolation=cv2.INTER_AREA)
    fused = fuse(fine, coarse)
    assert fused.shape == fine.shape and fused.dtype == np.float32
    assert np.abs(fused - fine).max() < 0.15


def test_a_whole_part_that_only_the_coarse_one_sees_is_added():
    fine, coarse = np.zeros((1024, 1024), np.float32), np.zeros((320, 320), np.float32)
    fine[200:400, 300:700] = 1
    coarse[60:300, 95:220] = 1
    fused = fuse(fine, coarse)
    assert fused[420:900, 340:660].min() > 0.9
    assert fused[:150].max() < 0.05


def test_another_object_is_added_but_no_speck():
    fine, coarse = np.zeros((1024, 1024), np.float32), np.zeros((320, 320), np.float32)
    fine[100:400, 100:400] = 1
    coarse[200:300, 200:300] = 1
    coarse[20:34, 200:214] = 1
    fused = fuse(fine, coarse)
    assert fused[700:900, 700:900].min() > 0.9
    assert fused[:200, 500:].max() == 0


def test_what_both_take_for_possible_is_there_and_what_one_alone_takes_for_possible_is_not():
    fine, coarse = np.zeros((1024, 1024), np.float32), np.zeros((320, 320), np.float32)
    fine[100:500, 100:400] = fine[100:500, 600:900] = 0.4
    coarse[32:156, 32:125] = 0.6
    fused = fuse(fine, coarse)
    assert fused[150:450, 150:350].min() > 0.9
    assert fused[150:450, 650:850].max() < 0.25


def test_the_gaps_that_the_fine_one_sees_stay_open():
    fine = np.zeros((1024, 1024), np.float32)
    fine[200:800, 200:800] = 1
    gaps = [np.s_[300 + 60 * n : 330 + 60 * n, 300:360] for n in range(5)]
    for gap in gaps:
        fine[gap] = 0
    fused = fuse(fine, cv2.resize(np.pad(np.ones((600, 600), np.float32), ((200, 224), (200, 224))), (320, 320)))
    assert all(fused[gap].max() < 0.05 for gap in gaps)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_fusion_stays_in_range_and_leaves_what_is_finer_than_the_coarse_one_sees(seed):
    random = np.random.default_rng(seed)
    fine, coarse = random.random((512, 512), dtype=np.float32), random.random((20, 20), dtype=np.float32)
    fused = fuse(fine, coarse)
    assert fused.min() >= 0 and fused.max() <= 1
    assert np.abs(fused - fine).mean() < 0.02


def columns(first, last, side=100):
    alpha = np.zeros((side, side), np.float32)
    alpha[:, first * side // 100 : last * side // 100] = 1
    return alpha


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (columns(0, 50), columns(0, 50, 400), 0),
        (columns(0, 50), columns(0, 40, 200), 0.2),
        (columns(0, 50, 300), columns(50, 100), 1),
        (columns(0, 0), columns(0, 0), 0),
        (columns(0, 0), columns(0, 10), 1),
        (columns(0, 50) * 0.6, columns(0, 50), 0),
        (columns(0, 50) * 0.4, columns(0, 50), 1),
    ],
)
def test_two_predictions_disagree_by_what_one_sees_and_the_other_does_not(one, other, expected):
    assert disagreement(one, other) == pytest.approx(expected, abs=0.02)
    assert disagreement(one, other) == disagreement(other, one)


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [
        (columns(0, 50), 0),
        (columns(0, 50) * 0.5, 1),
        (columns(0, 40) * 0.6 + columns(40, 60), 2 / 3),
        (columns(0, 50) * 0.1, 0),  # which is not seen at all
    ],
)
def test_a_prediction_hesitates_where_it_sees_something_and_is_not_sure(alpha, expected):
    assert hesitation(alpha) == pytest.approx(expected)


def test_a_failure_is_the_less_probable_the_surer_the_network_is_of_anything():
    chances = [failure(columns(40, 60) * np.float32(sure)) for sure in (0.2, 0.6, 0.9, 0.99, 1)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.75 and chances[-1] < 0.25
