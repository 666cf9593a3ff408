"""The rooms of the house: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CORE = {"errors", "images", "memory", "messages", "settings"}
MAY_IMPORT = {
    "memory": set(),
    "settings": set(),
    "messages": set(),
    "errors": {"messages"},
    "images": {"settings"},
    "decode": {"errors", "images", "settings"},
    "matte": CORE | {"matte"},
    "picture": CORE | {"picture"},
    "recipes": CORE | {"matte.models", "matte.strokes", "matte.trimap", "picture"},
    "words": CORE
    | {"decode", "matte.models", "matte.plate", "matte.strokes", "matte.trimap", "recipes"}
    | {"picture.limits", "picture.looks", "picture.papers", "picture.presets", "picture.standards"},
    "pipeline": CORE | {"decode", "matte", "picture", "recipes"},
    "snippets": CORE | {"matte.strokes", "picture.encoding", "picture.looks", "recipes", "words"},
    "steps": CORE | {"matte", "pipeline", "recipes"},
    "batch": CORE | {"decode", "pipeline", "recipes", "words"},
    "finding": CORE | {"decode", "picture.archive", "picture.encoding", "recipes"},
    "__init__": CORE | {"batch", "decode", "matte.models", "matte.strokes", "picture", "pipeline", "recipes", "words"},
    "__main__": CORE
    | {
        "__version__",
        "batch",
        "decode",
        "finding",
        "matte.models",
        "matte.strokes",
        "matte.trimap",
        "picture",
        "words",
    },
    "page": CORE
    | {"matte.constants", "matte.fusion", "matte.models", "matte.plate", "matte.segmentation", "matte.strokes"}
    | {"matte.trimap", "__version__", "decode", "page", "picture", "pipeline", "recipes", "snippets", "steps", "words"},
}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: absolute imports only"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules() -> list[Path]:
    return sorted((ROOT / "bgdemo").rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "bgdemo").with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_rooms(path: Path) -> None:
    """`matte` and `picture` do not know each other; the page is known to nobody; a room's row stands for its files."""
    room = name_of(path).partition(".")[0]
    if room == "weights":
        return
    allowed = MAY_IMPORT[room]
    ours = {name.removeprefix("bgdemo.") for name in imports(path) if name.startswith("bgdemo.")}
    assert {name for name in ours if not any(f"{name}.".startswith(f"{row}.") for row in allowed)} == set()


def test_gradio_and_rembg_stay_in_their_rooms() -> None:
    for path in modules():
        roots = {name.split(".")[0] for name in imports(path)}
        assert "gradio" not in roots or path.parent.name == "page"
        assert "rembg" not in roots


def test_a_cutout_needs_neither_gradio_nor_compiled_kernels() -> None:
    """`import rembg` would compile pymatting's kernels for some 40 s on a fresh machine."""
    code = (
        "import sys, bgdemo; from PIL import Image; from bgdemo.matte import segmentation;"
        "bgdemo.remove(Image.open('bgdemo/examples/kucing.jpg'), model='u2netp', alpha_matting=True);"
        "print(sorted({'gradio', 'numba', 'pymatting', 'rembg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
