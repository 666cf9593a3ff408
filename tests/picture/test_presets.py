"""Presets of shops and apps: rows that can be, files as they ask for, and the README's table."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bgdemo.decode import decode
from bgdemo.images import Cutout, Photo
from bgdemo.messages import say
from bgdemo.picture.compositing import compose
from bgdemo.picture.encoding import FORMATS, encode
from bgdemo.picture.looks import Look
from bgdemo.picture.presets import PRESETS, Preset
from bgdemo.pipeline import finish, render, segment
from bgdemo.words import look_of, recipe_of

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
Made = Callable[[str], tuple[bytes, Image.Image]]
every_preset = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


@pytest.fixture(scope="module", params=["kucing", "butterfly", "astronaut"])
def subject(request: pytest.FixtureRequest) -> tuple[str, Photo, Cutout]:
    """Of these only the astronaut is cut by the photo's edges."""
    photo = decode(ROOT / "bgdemo" / "examples" / f"{request.param}.jpg")
    recipe = recipe_of({"model": "u2netp"})
    return request.param, photo, render(photo, segment(photo, recipe), recipe)


@pytest.fixture
def made(subject: tuple[str, Photo, Cutout]) -> Made:
    """The file of a preset, and what is in it."""
    _, photo, cutout = subject

    def make(preset: str) -> tuple[bytes, Image.Image]:
        recipe = recipe_of({"preset": preset})
        data = encode(finish(cutout, photo, recipe), recipe.format, recipe.limit)
        return data, Image.open(io.BytesIO(data))

    return make


def alpha_of(subject: tuple[str, Photo, Cutout], preset: str) -> np.ndarray:
    """Where the subject itself is in a preset's picture."""
    look: Look = replace(look_of({"preset": preset}), background=None, outline=None)
    return compose(subject[2], subject[1], look).pixels[..., 3]


def box_of(there: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is there."""
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


@every_preset
def test_a_row_says_where_it_is_from_and_what_file_it_wants(preset: Preset) -> None:
    assert all(source.startswith("http") for source in preset.sources)
    assert preset.format in FORMATS


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"margin": -0.1}, {"background": "transparent"}, {"sources": ()}, {"margin": float("nan")}]
)
def test_a_row_that_cannot_be(wrong: dict[str, object]) -> None:
    row = {
        "width": 9,
        "height": 9,
        "margin": 0.1,
        "background": "white",
        "format": "jpeg",
        "sources": ("https://example.org",),
    }
    assert Preset("x", **row).fill == pytest.approx(1 / 1.2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x: "):
        Preset("x", **{**row, **wrong})  # type: ignore[arg-type]


@every_preset
def test_a_file_is_what_the_shop_or_app_asks_for(made: Made, preset: Preset) -> None:
    data, image = made(preset.id)
    assert (image.format, image.size) == (FORMATS[preset.format].pillow.upper(), (preset.width, preset.height))
    assert image.mode == ("RGBA" if preset.background == "transparent" else "RGB")
    assert len(data) <= (preset.max_kb or np.inf) * 1000


def test_on_amazon_the_subject_fills_85_percent_at_least_and_all_else_is_white(
    subject: tuple[str, Photo, Cutout], made: Made
) -> None:
    pixels = np.asarray(made("amazon")[1])
    left, top, right, bottom = box_of(pixels.min(axis=2) < 240)
    assert max(right - left, bottom - top) >= 0.85 * 2000
    left, top, right, bottom = box_of(alpha_of(subject, "amazon") > 0)
    pixels = pixels.copy()
    pixels[max(top - 16, 0) : bottom + 16, max(left - 16, 0) : right + 16] = 255  # as far as a JPEG's blocks reach
    assert pixels.min() == 255


def test_a_sticker_keeps_its_distance_from_every_edge_wherever_the_photo_cut_the_subject(made: Made) -> None:
    alpha = np.asarray(made("whatsapp-sticker")[1])[..., 3]
    left, top, right, bottom = box_of(alpha > 127)
    assert min(left, top, 512 - right, 512 - bottom) >= 16
    assert max(right - left, bottom - top) >= 512 - 2 * 22


def test_a_sticker_of_noise_is_small_enough_too() -> None:
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (600, 600, 4), np.uint8)
    rgba[..., 3] = np.maximum(rgba[..., 3], 1)
    recipe = recipe_of({"preset": "whatsapp-sticker"})
    photo = Photo(np.ascontiguousarray(rgba[..., :3]))
    data = encode(finish(Cutout(rgba, photo.metadata, "u2netp"), photo, recipe), recipe.format, recipe.limit)
    assert len(data) <= 100_000


def test_a_whole_subject_is_in_the_circle_of_a_profile_and_clear_of_a_story_s_buttons(
    subject: tuple[str, Photo, Cutout],
) -> None:
    if subject[0] == "astronaut":  # who goes on beyond the picture
        return
    y, x = np.nonzero(alpha_of(subject, "profile-picture") > 127)
    assert np.hypot(x + 0.5 - 400, y + 0.5 - 400).max() <= 400
    _, top, _, bottom = box_of(alpha_of(subject, "instagram-story") > 127)
    assert top >= 250
    assert bottom <= 1920 - 250


def cells(preset: Preset) -> str:
    """The row of the README's table."""
    rim = f"{preset.outline / 1000 * max(preset.width, preset.height):.0f} px, white" if preset.outline else "–"
    most = "–" if preset.max_kb is None else f"≤ {preset.max_kb}"
    sources = " ".join(f"[{number}]({source})" for number, source in enumerate(preset.sources, 1))
    return (
        f"| `{preset.id}` | {say(f'preset.{preset.id}', 'en')} | {preset.width}×{preset.height} | {preset.fill:.0%} "
        f"| {preset.background} | {rim} | {FORMATS[preset.format].pillow} | {most} | {sources} |"
    )


def test_the_readme_shows_the_table() -> None:
    [table] = re.findall(r"\| preset \|.*\n\|[-|]+\n((?:\|.*\n)+)", README)
    assert table.splitlines() == [cells(preset) for preset in PRESETS.values()]
