"""What `pip install .` brings: every file, a command, and Gradio only when the page is wanted."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import bgdemo

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CAT = ROOT / "bgdemo" / "examples" / "kucing.jpg"


def test_the_package_asks_for_what_requirements_txt_lists() -> None:
    listed = [line for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    assert sorted(listed) == sorted(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["page"])
    assert [line for line in PROJECT["dependencies"] if line.startswith("gradio")] == []


def test_the_changelog_tells_of_this_version() -> None:
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert sections[0] == "Unreleased"
    assert bgdemo.__version__ in sections


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the package was installed."""
    folder = tmp_path_factory.mktemp("package")
    # A copy, because setuptools takes along what an earlier build left beside the source.
    source = folder / "source"
    shutil.copytree(ROOT / "bgdemo", source / "bgdemo", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        folder,
        source,
    ]
    subprocess.run(pip, check=True, capture_output=True)
    [wheel] = folder.glob("bgdemo-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_every_file_is_in_the_package(installed: Path) -> None:
    def files(folder: Path) -> set[str]:
        found = (path.relative_to(folder) for path in (folder / "bgdemo").rglob("*") if path.is_file())
        return {path.as_posix() for path in found if "__pycache__" not in path.parts}

    assert files(ROOT) - files(installed) == {"bgdemo/weights/rebuild_isnet_int8.py"}
    assert "bgdemo/py.typed" in files(installed)


def test_the_command_and_the_import_work_without_gradio(installed: Path, tmp_path: Path) -> None:
    [info] = installed.glob("bgdemo-*.dist-info")
    command = re.search(r"^bgdemo = (\S+):(\w+)$", (info / "entry_points.txt").read_text(), re.MULTILINE)
    assert command
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); sys.modules['gradio'] = None;"
        f"from {command[1]} import {command[2]} as main; import bgdemo; print(bgdemo.__file__); sys.exit(main())"
    )
    # -I: nothing of this folder is found but what is installed.
    arguments = [sys.executable, "-I", "-c", code, CAT, "-o", tmp_path, "--model", "u2netp"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).is_relative_to(installed)
    assert (tmp_path / "kucing-removedbg.png").read_bytes() == bgdemo.remove_to_png(CAT, model="u2netp")
