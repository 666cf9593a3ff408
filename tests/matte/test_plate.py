"""Background subtraction: whatever differs between both photos, the subject is what is in one only."""

import cv2
import numpy as np
import pytest
from PIL import Image

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Matte, Photo
from bgdemo.matte.models import PLATE
from bgdemo.matte.plate import empty_scene, subtract
from tests.places import SIZE, mask, place, scene, taken, turned

EMPTY = place()
TRUTH = mask()


def overlap(matte: Matte, truth: np.ndarray = TRUTH) -> float:
    """IoU."""
    found = cv2.resize(matte.alpha, truth.shape[::-1]) >= 0.5
    return float((found & truth).sum() / (found | truth).sum())


def found(photo: np.ndarray, plate: np.ndarray) -> Matte:
    return subtract(Photo(photo), Photo(plate))


def test_several_things_are_found_at_once_and_nothing_else() -> None:
    matte = found(taken(scene(EMPTY), 1), taken(EMPTY, 2))
    assert overlap(matte) > 0.97
    assert (matte.model, matte.clear) == (PLATE, True)


@pytest.mark.parametrize("shift", [(2.5, -1.3), (-3.0, 3.0), (6.2, 0.4)])
def test_a_camera_that_moved_a_little_makes_no_difference(shift: tuple[float, float]) -> None:
    around = place(margin=12)
    moved = cv2.warpAffine(around, np.float32([[1, 0.003, shift[0]], [-0.003, 1, shift[1]]]), around.shape[1::-1])
    matte = found(taken(scene(around[12:-12, 12:-12]), 1), taken(moved[12:-12, 12:-12], 2))
    assert overlap(matte) > 0.95


@pytest.mark.parametrize("gain", [0.88, 1.12, np.array([1.08, 1.0, 0.94])])
def test_another_exposure_or_white_balance_makes_no_difference(gain: float) -> None:
    assert overlap(found(taken(scene(EMPTY), 1), taken(EMPTY, 2, gain))) > 0.95


@pytest.mark.parametrize("sigma", [0.5, 5.0])
def test_noise_is_measured(sigma: float) -> None:
    assert overlap(found(taken(scene(EMPTY), 1, sigma=sigma), taken(EMPTY, 2, sigma=sigma))) > 0.95


@pytest.mark.parametrize("strength", [0.3, 0.6])
def test_a_soft_shadow_is_no_subject(strength: float) -> None:
    moved = cv2.warpAffine(TRUTH.astype(np.float32), np.float32([[1, 0, 30], [0, 1, 30]]), SIZE)
    shade = cv2.GaussianBlur(moved, (0, 0), 8)[..., None]
    matte = found(taken(scene(EMPTY * (1 - strength * shade)), 1), taken(EMPTY, 2))
    shadow = (shade[..., 0] > 0.5) & ~TRUTH
    alpha = cv2.resize(matte.alpha, SIZE)
    assert overlap(matte) > 0.93
    assert (alpha[shadow] >= 0.5).mean() < 0.1


def test_most_of_the_picture_may_be_the_subject_and_its_border_too() -> None:
    truth = np.zeros(SIZE[::-1], bool)
    truth[60:, :400] = True
    assert truth.mean() > 0.6
    assert overlap(found(taken(scene(EMPTY, truth=truth), 1), taken(EMPTY, 2)), truth) > 0.95


def test_where_nothing_differs_there_is_no_subject() -> None:
    for plate in (EMPTY, taken(EMPTY, 2, 0.95)):
        matte = found(EMPTY, plate)
        assert not matte.clear
        assert matte.alpha.max() < 0.01


def test_one_colour_before_another_has_no_texture_to_go_by() -> None:
    wall, red = np.full_like(EMPTY, 200), np.full_like(EMPTY, (180, 40, 40))
    assert overlap(found(taken(scene(wall, red), 1), taken(wall, 2))) > 0.97


def test_a_plate_of_another_size_or_on_its_side_is_the_same_plate() -> None:
    photo = Photo(taken(scene(EMPTY), 1))
    small = np.asarray(Image.fromarray(taken(EMPTY, 2)).resize((SIZE[0] * 2 // 3, SIZE[1] * 2 // 3)))
    assert overlap(subtract(photo, Photo(small))) > 0.93
    assert overlap(subtract(photo, decode(turned(taken(EMPTY, 2))))) > 0.95


@pytest.mark.parametrize("other", ["dog.jpg", "astronaut.jpg", "kucing.jpg"])
def test_a_photo_of_another_place_is_told(other: str) -> None:
    with pytest.raises(UserError) as caught:
        found(taken(scene(EMPTY), 1), place(other))
    assert caught.value.key == "error.plate_mismatch"


def test_a_plain_wall_of_no_such_photo_is_told() -> None:
    with pytest.raises(UserError) as caught:
        found(taken(scene(EMPTY), 1), taken(np.full_like(EMPTY, 120), 2))
    assert caught.value.key == "error.plate_mismatch"


def test_a_plate_of_another_shape_is_told() -> None:
    with pytest.raises(UserError) as caught:
        found(scene(EMPTY), np.ascontiguousarray(np.rot90(EMPTY)))
    assert caught.value.key == "error.plate_shape"


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (40, 30)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_smallest_the_darkest_and_the_brightest_photos_are_no_fault(size: tuple[int, int], level: int) -> None:
    same = np.full((*size, 3), level, np.uint8)
    assert not found(same, same).clear


def test_a_large_plate_is_kept_small() -> None:
    large = Photo(np.zeros((1500, 2000, 3), np.uint8))
    assert empty_scene(large).size == (836, 627)
    assert empty_scene(Photo(EMPTY)).size == SIZE
