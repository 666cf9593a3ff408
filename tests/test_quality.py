"""The measures of the benchmark of quality, and the pictures that they are taken on."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.composites import Example, compose, out_of_focus
from benchmarks.quality import (
    Measured,
    auroc,
    bootstrap,
    by_matte,
    candidates,
    colour_error,
    constants,
    leave_one_out,
    matte_errors,
    mattes,
    rembg_mask,
    spoilt,
)
from bgdemo.images import Matte, Photo, Pixels
from bgdemo.matte import foreground, fusion, matting, segmentation
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.models import MODELS

WIDTH, HEIGHT = 96, 64
YELLOW, BLUE = (230, 200, 40), (30, 60, 200)


def plain(colour: tuple[int, int, int]) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), colour, np.uint8)


@pytest.fixture
def example() -> Example:
    """Opaque on the left, transparent on the right, and a ramp between."""
    ramp = np.clip((64 - np.arange(WIDTH)) / 32, 0, 1).astype(np.float32)
    truth = np.ascontiguousarray(np.broadcast_to(ramp, (HEIGHT, WIDTH)))
    return Example("ramp", Photo(plain(YELLOW)), truth, (truth > 0) & (truth < 1))


# ---- composites -----------------------------------------------------------------------------------------------------


def test_a_composite_is_the_subject_before_the_background(example: Example) -> None:
    for turn in range(8):
        made = compose(example, plain(YELLOW), plain(BLUE), (0, turn))
        share = example.truth[..., None]
        difference = made.photo.rgb - (share * YELLOW + (1 - share) * BLUE)
        # Noise and JPEG, but no shift: they average out over a column.
        assert np.abs(difference.mean(axis=(0, 2))).max() < 4
        assert (made.foreground == YELLOW).all()
        assert (made.truth == example.truth).all()


def test_the_same_numbers_give_the_same_composite_and_others_another(example: Example) -> None:
    first, again, other = (
        compose(example, plain(YELLOW), plain(BLUE), seed).photo.rgb.tobytes() for seed in ((3, 1), (3, 1), (1, 3))
    )
    assert first == again != other


def test_an_enlarged_composite_has_all_its_planes_enlarged(example: Example) -> None:
    made = compose(example, plain(YELLOW), plain(BLUE), (0, 0), pixels=16 * WIDTH * HEIGHT)
    shape = 4 * HEIGHT, 4 * WIDTH
    assert made.photo.rgb.shape == made.foreground.shape == (*shape, 3)
    assert made.truth.shape == made.unknown.shape == shape
    assert made.truth.min() == 0
    assert made.truth.max() == 1
    assert iou_of(made.unknown, (made.truth > 0) & (made.truth < 1)) > 0.95


def iou_of(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_lens_spreads_a_light_evenly_over_a_disc_and_dims_nothing() -> None:
    light = np.zeros((41, 41, 3), np.uint8)
    light[20, 20] = 255
    seen = out_of_focus(light, 8)[..., 0]
    radius = np.hypot(*np.meshgrid(np.arange(-20, 21), np.arange(-20, 21)))
    assert (seen[radius > 9] == 0).all()
    assert np.ptp(seen[radius < 7]) == 0
    energy = ((seen / 255) ** 2.2).sum()
    assert energy == pytest.approx(1, rel=0.1)
    assert (out_of_focus(plain(BLUE), 8) == BLUE).all()


# ---- measures -------------------------------------------------------------------------------------------------------


def test_errors_are_those_of_the_unknown_region_and_of_the_whole_image(example: Example) -> None:
    right = np.rint(example.truth * 255).astype(np.uint8)
    assert max(matte_errors(right, example)) < 0.01
    wrong = right.copy()
    wrong[:, :16] = 0  # in what is known
    errors = matte_errors(wrong, example)
    assert errors.mse == matte_errors(right, example).mse
    assert errors.image_mse == pytest.approx(16 / WIDTH, rel=0.01)
    half = (right // 2).astype(np.uint8)
    truth = example.truth[example.unknown]
    assert matte_errors(half, example).mse == pytest.approx(((truth / 2) ** 2).mean(), rel=0.02)


def test_colours_count_as_much_as_they_are_seen() -> None:
    alpha = np.array([[0, 100, 200, 255]], np.uint8)
    truth = np.zeros((1, 4, 3), np.uint8)
    off = np.full((1, 4, 3), 51, np.uint8)
    assert colour_error(off, alpha, truth) == pytest.approx(51 * (100 + 200) / 2 / 255)


def test_the_stretched_mask_is_that_of_rembg() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    photo[10:40, 20:50] = 250
    spec = MODELS["u2netp"]
    [theirs] = segmentation._session(spec).predict(Image.fromarray(photo))
    ours = rembg_mask(segmentation.predict(Photo(photo), spec).alpha, (70, 50))
    assert np.abs(np.asarray(theirs, int) - ours).max() <= 1


def test_an_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(3, 2, 400)
    low, high = bootstrap(values)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.15)
    assert np.ptp(bootstrap(np.full(5, 0.7))) == pytest.approx(0)


def test_composites_of_one_matte_count_once() -> None:
    """Neither does the matte with more of them weigh more, nor do they narrow the interval."""
    rows = [("a", 1.0), ("a", 2.0), ("b", 8.0), ("a", 3.0)]
    found = by_matte((name, Measured(np.full((4, 7), figure), *(np.float64(figure),) * 3)) for name, figure in rows)
    assert {name: measured.ratios.mean() for name, measured in found.items()} == {"a": 2, "b": 8}
    assert found["a"].overlap == 2


def test_a_photo_is_spoilt_if_it_was_right_and_is_clearly_worse() -> None:
    before = np.array([0.9, 0.9, 0.74, 0.8])
    assert spoilt(np.array([0.84, 0.86, 0.1, 0.2]), before) == 2
    assert spoilt(before, before) == 0


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order() -> None:
    failed = np.array([True, True, False, False])
    assert auroc(np.array([4, 3, 2, 1]), failed) == 1
    assert auroc(np.array([1, 2, 3, 4]), failed) == 0
    assert auroc(np.array([5, 5, 5, 5]), failed) == 0.5
    assert auroc(np.array([4, 2, 3, 1]), failed) == 0.75
    assert np.isnan(auroc(np.arange(4), np.zeros(4, bool)))


# ---- choice of constants --------------------------------------------------------------------------------------------


def test_a_constant_is_not_chosen_by_the_matte_that_it_is_judged_on() -> None:
    """The second candidate is better on the first matte alone, the third a little on all."""
    scores = np.array([[0.0, 0.0, 0.0, 0.0], [-9.0, 0.2, 0.2, 0.2], [-0.1, -0.1, -0.1, -0.1]])
    assert leave_one_out(scores).tolist() == [2, 1, 1, 1]


def test_of_equal_candidates_the_defaults_stay() -> None:
    assert leave_one_out(np.ones((3, 5))).tolist() == [0] * 5


def test_candidates_are_constants_of_the_right_type() -> None:
    assert candidates("band_radius=12,24") == [{"band_radius": 12}, {"band_radius": 24}]
    assert candidates("sure=0.9") == [{"sure": 0.9}]


@pytest.mark.parametrize("text", ["band=12", "band_radius", "band_radius=", "band_radius=1.5", "__doc__=1"])
def test_what_is_no_constant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        candidates(text)


def test_a_candidate_is_in_force_in_every_stage_and_gone_afterwards() -> None:
    rng = np.random.default_rng(0)
    ramp = np.clip((160 - np.arange(256)) / 64, 0, 1).astype(np.float32) * np.ones((256, 1), np.float32)
    photo = Photo(rng.integers(0, 256, (256, 256, 3), np.uint8))
    networks = ("isnet-general-use", "u2netp", "u2netp, mirrored")
    parts = {name: Matte(ramp, name.split(",")[0]) for name in networks}

    def made() -> dict[str, bytes]:
        return {name: alpha.tobytes() for name, alpha in mattes(photo, dict(parts)).items()}

    before = made()
    with pytest.raises(KeyError), constants({"confidence": 2.0, "fusion_bias": -3.0, "foreground_damping": 0.5}):
        assert foreground.CONSTANTS.foreground_damping == 0.5
        during = made()
        assert during["ISNet, automatic"] != before["ISNet, automatic"]
        assert during["ISNet, fine hair"] != before["ISNet, fine hair"]
        raise KeyError
    assert matting.CONSTANTS is foreground.CONSTANTS is fusion.CONSTANTS is CONSTANTS
    with constants({"fusion_bias": -3.0}):
        fused = made()
    assert fused["ISNet, automatic"] == before["ISNet, automatic"]
    assert fused["best, automatic"] != before["best, automatic"]
    assert made() == before
