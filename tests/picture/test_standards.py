"""Standards of ID photos: figures that agree with each other, with what is framed, and with the README."""

import re
from pathlib import Path

import pytest

from bgdemo.messages import say
from bgdemo.picture.checks import checks
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.frames import frame_of, heads_of
from bgdemo.picture.looks import Crop, Size
from bgdemo.picture.standards import ABOVE, HEAD, STANDARDS, Standard
from tests.picture.portraits import portrait

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
every_standard = pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)


@every_standard
def test_fractions_are_the_millimetres_by_the_height(standard: Standard) -> None:
    for fractions, lengths, usual in (
        (standard.head, standard.head_mm, HEAD),
        (standard.eyes, standard.eyes_mm, None),
        (standard.above, standard.above_mm, ABOVE),
    ):
        if lengths is None:
            assert fractions == usual
        else:
            assert fractions is not None
            assert [part * standard.height_mm for part in fractions] == pytest.approx(lengths)


@every_standard
def test_a_row_says_where_it_is_from_and_what_file_it_wants(standard: Standard) -> None:
    assert all(source.startswith("http") for source in standard.sources)
    assert standard.format is None or standard.format in FORMATS
    assert standard.kb is None or standard.kb[0] < standard.kb[1]


@every_standard
def test_a_portrait_is_framed_as_the_standard_has_it(standard: Standard) -> None:
    photo, cutout = portrait(scale=2)
    alpha = cutout.rgba[..., 3]
    frame = frame_of(alpha, Crop("head", standard=standard), Size.of_standard(standard), photo)
    found = {check.key: check for check in checks(standard, heads_of(photo, alpha)[0], frame, 1.0)}
    assert [key for key, check in found.items() if not check.ok] == []
    assert ("eyes" in found) == (standard.eyes_mm is not None)


@pytest.mark.parametrize(
    "wrong", [{"head_mm": (36, 31)}, {"eyes_mm": (30, 60)}, {"above_mm": (0, 2)}, {"backgrounds": ("mauve",)}]
)
def test_figures_that_contradict_each_other(wrong: dict[str, object]) -> None:
    row = {"width_mm": 35, "height_mm": 45, "backgrounds": ("white",), "sources": ("https://example.org",), **wrong}
    with pytest.raises(ValueError, match="x: "):
        Standard("x", **row)  # type: ignore[arg-type]


def cells(standard: Standard) -> str:
    """The row of the README's table."""

    def span(lengths: tuple[float, float] | None) -> str:
        return "–" if lengths is None else f"{lengths[0]:g}–{lengths[1]:g}"

    kb = (
        "–"
        if standard.kb is None
        else f"{standard.kb[0]}–{standard.kb[1]}"
        if standard.kb[0]
        else f"≤ {standard.kb[1]}"
    )
    pixels = "–" if standard.pixels is None else f"{standard.pixels[0]}×{standard.pixels[1]}"
    sources = " ".join(f"[{number}]({source})" for number, source in enumerate(standard.sources, 1))
    return (
        f"| `{standard.id}` | {say(f'standard.{standard.id}', 'en')} | {standard.width_mm:g}×{standard.height_mm:g} "
        f"| {span(standard.head_mm)} | {span(standard.eyes_mm)} | {span(standard.above_mm)} "
        f"| {', '.join(standard.backgrounds)} | {pixels} | {kb} | {(standard.format or '–').upper()} | {sources} |"
    )


def test_the_readme_shows_the_table() -> None:
    [table] = re.findall(r"\| id_photo \|.*\n\|[-|]+\n((?:\|.*\n)+)", README)
    assert table.splitlines() == [cells(standard) for standard in STANDARDS.values()]
