"""The rooms of the house: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CORE = {"errors", "images", "messages", "models"}
MAY_IMPORT = {
    "messages": set(),
    "errors": {"messages"},
    "images": set(),
    "models": {"messages"},
    "decode": {"errors", "images"},
    "segmentation": {"errors", "images", "models"},
    "planes": set(),
    "matting": {"images", "planes"},
    "foreground": {"images", "planes"},
    "compositing": {"errors", "images"},
    "encoding": {"images"},
    "recipes": {"compositing", "decode", "encoding", "errors", "models"},
    "pipeline": CORE | {"compositing", "decode", "encoding", "foreground", "matting", "recipes", "segmentation"},
    "__init__": CORE | {"decode", "encoding", "pipeline", "recipes"},
    "__main__": {"compositing", "encoding", "errors", "models", "pipeline", "recipes"},
    "finishing": {"compositing", "images", "recipes"},
    "visits": {"images", "recipes"},
    "endpoints": CORE
    | {"compositing", "decode", "encoding", "finishing", "pipeline", "recipes", "segmentation", "visits"},
    "ui": {"compositing", "encoding", "endpoints", "messages", "models", "recipes", "visits"},
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


@pytest.mark.parametrize("path", sorted((ROOT / "bgdemo").glob("*.py")), ids=lambda path: path.stem)
def test_rooms(path: Path) -> None:
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("bgdemo.")}
    assert ours <= MAY_IMPORT[path.stem]


def test_gradio_and_rembg_stay_in_their_rooms() -> None:
    for path in (ROOT / "bgdemo").rglob("*.py"):
        roots = {name.split(".")[0] for name in imports(path)}
        assert "gradio" not in roots or path.stem in ("endpoints", "ui", "visits")
        assert "rembg" not in roots


def test_a_cutout_needs_neither_gradio_nor_compiled_kernels() -> None:
    """`import rembg` would compile pymatting's kernels for some 40 s on a fresh machine."""
    code = (
        "import sys, bgdemo; from PIL import Image; from bgdemo import segmentation;"
        "bgdemo.remove(Image.open('bgdemo/examples/kucing.jpg'), model='u2netp', alpha_matting=True);"
        "print(sorted({'gradio', 'numba', 'pymatting', 'rembg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
