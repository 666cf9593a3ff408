"""Each snippet, run as it stands, gives exactly the file that it was written for."""

import ast
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bgdemo.matte.strokes import Stroke
from bgdemo.picture.encoding import file_name
from bgdemo.pipeline import make_file
from bgdemo.recipes import Recipe
from bgdemo.snippets import Snippets, snippets
from bgdemo.words import Options, recipe_of
from tests import places
from tests.server import EXAMPLES, App

ROOT = Path(__file__).parent.parent
STROKE = Stroke(keep=False, width=0.05, points=[(0.3, 0.8), (0.5, 0.8)])
FAST: Options = {"model": "u2netp"}
RECIPES: dict[str, Options] = {
    "as it comes": {},
    "Fast": FAST,
    "Fine hair with numbers": {**FAST, "alpha_matting": True, "foreground_threshold": 230, "erode_size": 14},
    "a colour": {**FAST, "background": "#ff8800", "shadow": "drop"},
    "blur": {**FAST, "background": "blur 80%", "format": "webp"},
    "a picture": {**FAST, "background": Path("langit biru.png"), "background_fit": "fit zoom 120% moved 5% -10%"},
    "a crop": {**FAST, "crop": "subject 4:5 15% zoom 110% moved 3% 0%", "size": "400x500", "outline": "12 red"},
    "a preset": {**FAST, "preset": "whatsapp-sticker"},
    "an ID photo on a sheet": {**FAST, "id_photo": "3x4", "background": "blue", "sheet": "a4: 2 of 3x4, 2 of 2x3"},
    "a limit": {**FAST, "background": "white", "format": "jpeg", "max_kb": 30},
    "strokes": {**FAST, "strokes": [STROKE], "fill_holes": True},
    "an empty scene": {"plate": Path("tempat kosong.jpg")},
}
PHOTO = "kucing & anjing's.jpg"
SCENE = "dengan barang.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody who has a photo and a picture for behind it."""
    folder = tmp_path_factory.mktemp("home")
    with Image.open(EXAMPLES / "kucing.jpg") as photo:
        photo.resize((306, 306)).save(folder / PHOTO, quality=95)
    Image.linear_gradient("L").convert("RGB").save(folder / "langit biru.png")
    photo, plate = places.files(folder)
    plate.rename(folder / "tempat kosong.jpg")
    photo.rename(folder / SCENE)
    return folder


def recipe(name: str, folder: Path) -> Recipe:
    options = {key: folder / value if isinstance(value, Path) else value for key, value in RECIPES[name].items()}
    return recipe_of(options)  # type: ignore[arg-type]


def photo_of(name: str) -> str:
    return SCENE if "plate" in RECIPES[name] else PHOTO


def written(name: str, folder: Path, address: str = "http://127.0.0.1:7860/") -> Snippets:
    made = snippets(photo_of(name), recipe(name, folder), address, "langit biru.png", "tempat kosong.jpg")
    if made.strokes:
        (folder / made.strokes_name).write_text(made.strokes)
    return made


def gives_the_file(name: str, folder: Path, *command: str) -> None:
    """The command, run in the folder, writes the file that the recipe asks for, and no other."""
    wanted = recipe(name, folder)
    target = folder / file_name(photo_of(name), wanted.suffix, wanted.format)
    before = set(folder.iterdir())
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "", "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert set(folder.iterdir()) - before == {target}
    assert target.read_bytes() == make_file(folder / photo_of(name), wanted)[0]
    target.unlink()


@pytest.mark.parametrize("name", RECIPES)
def test_python(folder: Path, name: str) -> None:
    gives_the_file(name, folder, sys.executable, "-c", written(name, folder).python)


@pytest.mark.parametrize("name", RECIPES)
def test_the_command_line(folder: Path, name: str) -> None:
    python, *arguments = shlex.split(written(name, folder).command)
    assert python == "python"
    gives_the_file(name, folder, sys.executable, *arguments)


@pytest.mark.parametrize("name", RECIPES)
def test_http(folder: Path, app: App, name: str) -> None:
    gives_the_file(name, folder, sys.executable, "-c", written(name, folder, f"{app.url}/").http)


def test_the_tutorial_s_three_lines(folder: Path) -> None:
    """With something in rembg's place: its own network would have to be downloaded."""
    (folder / "rembg.py").write_text("def remove(image): return image.convert('RGBA')\n")
    code = written("a colour", folder).tutorial
    assert len(code.splitlines()) == 3
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    (folder / "rembg.py").unlink()
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    assert done.returncode == 0, done.stderr
    result = folder / file_name(PHOTO, "removedbg")
    with Image.open(result) as image:
        assert (image.format, image.mode) == ("PNG", "RGBA")
    result.unlink()


def test_what_is_the_default_is_not_said() -> None:
    made = snippets("kucing.jpg", Recipe(), "http://127.0.0.1:7860/")
    assert made.python.endswith(
        '\ndata = remove_to_file("kucing.jpg")\nPath("kucing-removedbg.png").write_bytes(data)\n'
    )
    assert made.command == "python -m bgdemo kucing.jpg\n"
    assert (made.strokes, made.strokes_name) == ("", "")


def test_what_differs_is_said_in_the_fewest_words() -> None:
    options: Options = {"background": "blur 80%", "crop": "subject 1:1 10%", "format": "webp"}
    made = snippets("kucing.jpg", recipe_of(options), "")
    assert (
        made.python
        == """\
from pathlib import Path
from bgdemo import remove_to_file

data = remove_to_file(
    "kucing.jpg",
    background="blur 80%",
    crop="subject 1:1 10%",
    format="webp",
)
Path("kucing-blur.webp").write_bytes(data)
"""
    )
    assert (
        made.command == 'python -m bgdemo kucing.jpg --background "blur 80%" --crop "subject 1:1 10%" --format webp\n'
    )


@pytest.mark.parametrize("photo", ['a "b".jpg', "it's.jpg", "a b.jpg", "$HOME `x`.jpg", "-x.jpg", "café 100%.jpg"])
def test_any_name_is_quoted(photo: str) -> None:
    made = snippets(photo, Recipe(), "")
    [said] = shlex.split(made.command)[3:]
    assert said == (f"./{photo}" if photo.startswith("-") else photo)
    asked = [node.args[0] for node in ast.walk(ast.parse(made.python)) if isinstance(node, ast.Call) and node.args]
    assert photo in [ast.literal_eval(argument) for argument in asked if isinstance(argument, ast.Constant)]


def test_strokes_are_a_file_that_is_read_again() -> None:
    made = snippets("kucing.jpg", recipe_of({"strokes": [STROKE]}), "")
    assert made.strokes_name == "kucing-strokes.json"
    assert recipe_of({"strokes": made.strokes}).touch_up.strokes == (STROKE,)
    assert json.loads(made.strokes)[0]["keep"] is False
