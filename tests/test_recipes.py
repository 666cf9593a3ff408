"""Recipe: what it refuses, and what it calls a file."""

import numpy as np
import pytest

from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.matte.trimap import MAX_ERODE_SIZE, TrimapSettings
from bgdemo.picture.looks import SCENES, Backdrop, Blur, Gradient, Look, Outline, Shadow, Size, Solid
from bgdemo.picture.papers import Sheet
from bgdemo.recipes import ID_RED, Recipe


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"model": "sam"}, "error.unknown_model"),
        ({"format": "docx"}, "error.unknown_format"),
    ],
)
def test_a_recipe_refuses_what_does_not_exist(values: dict[str, str], key: str) -> None:
    with pytest.raises(UserError) as caught:
        Recipe(**values)  # type: ignore[arg-type]
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("numbers", "key"),
    [
        ({"foreground_threshold": 256}, "error.threshold_range"),
        ({"background_threshold": -1}, "error.threshold_range"),
        ({"foreground_threshold": 10, "background_threshold": 10}, "error.threshold_range"),
        ({"foreground_threshold": 240.5}, "error.threshold_range"),
        ({"foreground_threshold": "240"}, "error.threshold_range"),
        ({"background_threshold": True}, "error.threshold_range"),
        ({"erode_size": -1}, "error.erode_range"),
        ({"erode_size": MAX_ERODE_SIZE + 1}, "error.erode_range"),
        ({"erode_size": 2.5}, "error.erode_range"),
        ({"erode_size": None}, "error.erode_range"),
    ],
)
def test_the_numbers_of_a_trimap_check_themselves(numbers: dict[str, object], key: str) -> None:
    with pytest.raises(UserError) as caught:
        TrimapSettings(**numbers)  # type: ignore[arg-type]
    assert caught.value.key == key


BACKDROP = Backdrop(Photo(np.zeros((2, 2, 3), np.uint8)))
ID = Size.of_paper(3, 4)


@pytest.mark.parametrize(
    ("look", "suffix"),
    [
        (Look(), "removedbg"),
        (Look(shadow=Shadow()), "removedbg"),
        (Look(outline=Outline()), "sticker"),
        (Look(Solid((255, 255, 255)), outline=Outline()), "white"),
        (Look(Solid((255, 0, 0))), "red"),
        (Look(Solid((128, 128, 128))), "grey"),
        (Look(Solid(ID_RED)), "red"),
        (Look(Solid((255, 136, 0))), "ff8800"),
        (Look(SCENES["studio"]), "studio"),
        (Look(Gradient((1, 2, 3), (4, 5, 6))), "gradient"),
        (Look(Blur(0.2)), "blur"),
        (Look(BACKDROP), "background"),
        (Look(size=Size(1080, 1350)), "removedbg-1080x1350"),
        (Look(Solid((255, 255, 255)), size=Size(1080, 1080)), "white-1080x1080"),
        (Look(size=Size(1080, None)), "removedbg"),
        (Look(Solid((0, 0, 255)), size=ID), "3x4"),
        (Look(Solid(ID_RED), size=ID, sheet=Sheet()), "3x4-sheet"),
        (Look(size=Size.of_paper(5.1, 5.1)), "removedbg-602x602"),
        (Look(Blur(), size=Size(400, 500), sheet=Sheet()), "blur-400x500-sheet"),
        (Look(size=ID, sheet=Sheet("a4")), "3x4-sheet-a4"),
        (Look(size=ID, sheet=Sheet("10x15", (("2x3", 4), ("us", 1), ("2x3", 2)))), "2x3-us-sheet"),
        (Look(sheet=Sheet("4r", (("2x3", 4), ("3x4", 1)))), "2x3-3x4-sheet-4r"),
    ],
)
def test_a_file_is_called_what_it_is(look: Look, suffix: str) -> None:
    assert Recipe(look=look).suffix == suffix
    assert Recipe(look=look, format="jpeg").suffix == suffix
    assert Recipe(look=look, format="trimap").suffix == "trimap"
