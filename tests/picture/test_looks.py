"""Looks check themselves: sizes, resolutions, prints."""

import numpy as np
import pytest

from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.picture.looks import Backdrop, Size
from bgdemo.picture.standards import STANDARDS


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (100_000, 10), (10, -1), (None, 0), (None, None)])
def test_sizes_out_of_range(size: tuple[int | None, int | None]) -> None:
    with pytest.raises(UserError) as caught:
        Size(*size)
    assert caught.value.key == "error.size_range"


@pytest.mark.parametrize("dpi", [0, -300, 1201, 2e8, float("inf"), float("nan")])
def test_resolutions_out_of_range(dpi: float) -> None:
    for size in (lambda: Size(100, 100, dpi), lambda: Size.of_paper(3, 4, dpi)):
        with pytest.raises(UserError) as caught:
            size()
        assert caught.value.key == "error.dpi_range"


def test_paper_without_end() -> None:
    with pytest.raises(UserError) as caught:
        Size.of_paper(float("inf"), None)
    assert caught.value.key == "error.size_range"


def test_too_many_pixels_in_all() -> None:
    with pytest.raises(UserError) as caught:
        Size(12_000, 12_000)
    assert caught.value.key == "error.picture_too_large"


@pytest.mark.parametrize("wrong", [{"zoom": 0}, {"zoom": float("inf")}, {"shift": (0, float("nan"))}])
def test_backgrounds_that_mean_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Backdrop(Photo(np.zeros((1, 1, 3), np.uint8)), **wrong)  # type: ignore[arg-type]


def test_sizes_of_id_photos() -> None:
    sizes = {kind: Size.of_standard(row) for kind, row in STANDARDS.items()}
    plain = {kind: (sizes[kind].width, sizes[kind].height) for kind in ("2x3", "3x4", "4x6", "35x45")}
    assert plain == {"2x3": (236, 354), "3x4": (354, 472), "4x6": (472, 709), "35x45": (413, 531)}
    assert (sizes["us"].width, sizes["us"].height, sizes["us"].dpi) == (602, 602, 300)


@pytest.mark.parametrize("kind", STANDARDS)
def test_an_id_photo_has_as_many_pixels_as_it_needs(kind: str) -> None:
    size, (width, height) = Size.of_standard(STANDARDS[kind]), STANDARDS[kind].pixels or (1, 1)
    assert size.width is not None
    assert size.height is not None
    assert (size.width >= width, size.height >= height) == (True, True)
