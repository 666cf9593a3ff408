"""Words → Recipe, and what words that mean nothing are answered."""

from pathlib import Path

import pytest

from bgdemo.errors import UserError
from bgdemo.matte.trimap import MAX_ERODE_SIZE
from bgdemo.picture.looks import SCENES, Backdrop, Blur, Crop, Gradient, Outline, Shadow, Size, Solid
from bgdemo.recipes import Recipe
from bgdemo.words import recipe_of

CAT = Path(__file__).parent.parent / "bgdemo" / "examples" / "kucing.jpg"


@pytest.mark.parametrize(
    ("name", "words", "meaning"),
    [
        ("background", "transparent", None),
        ("background", "white", Solid((255, 255, 255))),
        ("background", " #FF8800 ", Solid((255, 136, 0))),
        ("background", "rgb(1, 2, 3)", Solid((1, 2, 3))),
        ("background", "blur", Blur()),
        ("background", "blur 80%", Blur(0.8)),
        ("background", "gradient #fff black", Gradient((255, 255, 255), (0, 0, 0))),
        ("background", "studio", SCENES["studio"]),
        ("background", Blur(0.1), Blur(0.1)),
        ("shadow", "none", None),
        ("shadow", "drop", Shadow("drop")),
        ("shadow", "contact", Shadow("contact")),
        ("outline", "white", Outline()),
        ("outline", "20", Outline(20)),
        ("outline", "20 red", Outline(20, (255, 0, 0))),
        ("outline", "none", None),
        ("crop", "photo", Crop()),
        ("crop", "subject", Crop("subject")),
        ("crop", "head 3:4", Crop("head", 0.75)),
        ("crop", "subject 1:1 10%", Crop("subject", 1.0, 0.1)),
        ("size", "1080x1080", Size(1080, 1080)),
        ("size", "1080 × 720 px", Size(1080, 720)),
        ("size", "1080x", Size(1080, None)),
        ("size", "x4cm", Size(None, 472, 300)),
        ("size", "3x4cm", Size(354, 472, 300)),
        ("size", "35x45mm at 600", Size(827, 1063, 600)),
    ],
)
def test_words(name: str, words: object, meaning: object) -> None:
    assert getattr(recipe_of({name: words}).look, name) == meaning  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"background": "nocolour"}, "error.unknown_color"),
        ({"background": ""}, "error.unknown_color"),
        ({"background": "blur much"}, "error.not_a_number"),
        ({"background": b"no picture"}, "error.unreadable"),
        ({"background": Path("nowhere.jpg")}, "error.file_not_found"),
        ({"shadow": "long"}, "error.unknown_shadow"),
        ({"outline": "1 2 3"}, "error.unknown_outline"),
        ({"outline": "0"}, "error.not_a_number"),
        ({"outline": "12 nocolour"}, "error.unknown_color"),
        ({"crop": "somewhere"}, "error.unknown_crop"),
        ({"crop": "0:1"}, "error.not_a_number"),
        ({"size": "large"}, "error.unknown_size"),
        ({"size": "0x10"}, "error.size_range"),
        ({"size": "100000x10"}, "error.size_range"),
        ({"size": "x"}, "error.unknown_size"),
        ({"size": "1.2.3x4"}, "error.unknown_size"),
        ({"id_photo": "9x9"}, "error.unknown_id_photo"),
        ({"format": "docx"}, "error.unknown_format"),
        ({"model": "sam"}, "error.unknown_model"),
        ({"foreground_threshold": 256}, "error.threshold_range"),
        ({"background_threshold": -1}, "error.threshold_range"),
        ({"foreground_threshold": 10, "background_threshold": 10}, "error.threshold_range"),
        ({"foreground_threshold": 240.5}, "error.threshold_range"),
        ({"foreground_threshold": "240"}, "error.threshold_range"),
        ({"background_threshold": True}, "error.threshold_range"),
        ({"erode_size": -1}, "error.erode_range"),
        ({"erode_size": MAX_ERODE_SIZE + 1}, "error.erode_range"),
        ({"erode_size": None}, "error.erode_range"),
    ],
)
def test_words_that_mean_nothing(options: dict[str, object], key: str) -> None:
    with pytest.raises(UserError) as caught:
        recipe_of(options)  # type: ignore[arg-type]
    assert caught.value.key == key
    assert caught.value.text("id")


def test_a_picture_of_ones_own() -> None:
    for picture in (CAT, CAT.read_bytes()):
        background = recipe_of({"background": picture}).look.background
        assert isinstance(background, Backdrop)
        assert background.photo.size[0] > 100


def test_a_text_never_opens_a_file() -> None:
    """The HTTP API takes words from strangers."""
    with pytest.raises(UserError):
        recipe_of({"background": str(CAT)})


def test_id_photos() -> None:
    look = recipe_of({"id_photo": "3x4"}).look
    assert isinstance(look.background, Solid)
    assert (look.crop, look.size) == (Crop("head"), Size(354, 472, 300))
    blue = recipe_of({"id_photo": "2x3", "background": "blue", "crop": "head 2:3", "sheet": True})
    assert blue.look.background == Solid((0, 0, 255))
    assert blue.suffix == "2x3-sheet"
    assert Recipe().suffix == "removedbg"
    assert Recipe(format="trimap").suffix == "trimap"
