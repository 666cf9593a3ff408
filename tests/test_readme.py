"""The README agrees with the code."""

import re
from pathlib import Path

import pytest

from bgdemo.matte.models import MODELS, ModelSpec
from bgdemo.messages import say
from bgdemo.picture.papers import PAPERS, capacity, size_of
from bgdemo.settings import SETTINGS
from bgdemo.words import Options, recipe_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def row(spec: ModelSpec) -> str:
    download = "bundled" if spec.bundled else f"{spec.download_mb} MB"
    commercial = "yes" if spec.commercial_use else "**no**"
    suits = say(f"model.{spec.id}.suits", "en")
    return (
        f"| `{spec.id}` | {spec.name('en')} | {suits} | {spec.input_size}² | {download} | {spec.licence} "
        f"| {commercial} |"
    )


def test_table_of_models() -> None:
    table = [line for line in README.splitlines() if line.startswith("| `") and line.endswith(("yes |", "**no** |"))]
    assert table == [row(spec) for spec in MODELS.values()]


def test_ci_runs_the_command_for_the_tests() -> None:
    [command] = re.findall(r"^python3 -m venv .*pytest$", README, re.MULTILINE)
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith(f"\n{command}")


def test_front_matter_suits_spaces() -> None:
    front = dict(re.findall(r"^(\w+): (.*)$", README.split("---")[1], re.MULTILINE))
    assert len(front["short_description"]) <= 60
    assert (ROOT / front["app_file"]).exists()
    minimum = re.search(r"^gradio>=([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert minimum
    assert front["sdk_version"].startswith(minimum[1])
    assert front["python_version"].strip('"') >= "3.11"


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", README))
def test_links(link: str) -> None:
    assert (ROOT / link).exists()


def test_modules_named_are_there() -> None:
    for name in re.findall(r"`([\w/]+\.py)`", README):
        assert (ROOT / "bgdemo" / name).exists() or (ROOT / name).exists()


def test_table_of_settings() -> None:
    table = [line for line in README.splitlines() if line.startswith("| `BGDEMO_")]
    assert table == [f"| `{one.name}` | {one.meaning} | {one.default} |" for one in SETTINGS.values()]


def test_table_of_papers() -> None:
    table = [line for line in README.splitlines() if re.match(r"\| `(10x15|a4|3r|4r)`", line)]
    assert table == [
        f"| `{paper.id}` | {paper.width:g}×{paper.height:g} | "
        + " | ".join(str(capacity(paper, size_of(kind))) for kind in ("2x3", "3x4", "4x6"))
        + " |"
        for paper in PAPERS.values()
    ]


def test_names_of_files() -> None:
    """Every suffix in the table is one that some recipe gives."""
    [table] = re.findall(r"\| what \| name ends in \|\n((?:\|.*\n)+)", README)
    named = set(re.findall(r"`([\w-]+)`", table))
    options: list[Options] = [
        {},
        {"outline": "white"},
        {"background": "white"},
        {"background": "#ff8800"},
        {"background": "studio"},
        {"background": "gradient red blue"},
        {"background": "blur"},
        {"background": ROOT / "bgdemo" / "examples" / "kucing.jpg"},
        {"background": "white", "size": "1080x1080"},
        {"preset": "whatsapp-sticker"},
        {"id_photo": "3x4"},
        {"id_photo": "3x4", "sheet": True},
        {"id_photo": "3x4", "sheet": "a4"},
        {"sheet": "4 3x4 4 2x3"},
        {"format": "mask"},
        {"format": "trimap"},
    ]
    assert named == {recipe_of(words).suffix for words in options}
