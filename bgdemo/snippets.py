"""A recipe as a person would write it: in Python, on the command line and over HTTP; each gives exactly its file."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

from bgdemo.matte.strokes import Stroke
from bgdemo.picture.encoding import file_name
from bgdemo.picture.looks import Backdrop
from bgdemo.recipes import Recipe
from bgdemo.words import fit_words, options_of

LINE = 70
"""Characters after which a call is broken into lines."""


@dataclass(frozen=True, slots=True)
class Snippets:
    """How to make a picture without the page.

    `tutorial` is what everybody knows: rembg alone, with nothing of the recipe. `strokes` is the text of the file
    `strokes_name` beside the photo, which the others read; it is "" where there are none.
    """

    python: str
    command: str
    http: str
    tutorial: str
    strokes: str
    strokes_name: str


def snippets(photo: str, recipe: Recipe, address: str, picture: str = "", plate: str = "") -> Snippets:
    """How to make what `recipe` makes of the file `photo`; the page is at `address`.

    `picture` is the name of the file behind the subject, if that is a picture of one's own, `plate` that of the photo
    of the empty scene, if there is one. All files are taken from and written to the folder that one is in.
    """
    words: dict[str, Any] = dict(options_of(recipe))
    files = {}
    if words.pop("plate", None):
        files["plate"] = plate
    if strokes := words.pop("strokes", ()):
        files["strokes"] = f"{PurePosixPath(photo).stem}-strokes.json"
    if isinstance(behind := words.get("background"), Backdrop):
        del words["background"]
        files["background"] = picture
        if fit := fit_words(behind):
            words["background_fit"] = fit
    result = file_name(photo, recipe.suffix, recipe.format)
    return Snippets(
        python=_python(photo, result, files, words),
        command=_command(photo, files, words),
        http=_http(photo, result, files, words, address),
        tutorial=TUTORIAL.format(photo=_literal(photo), result=_literal(file_name(photo, "removedbg"))),
        strokes=_json(strokes),
        strokes_name=files.get("strokes", ""),
    )


TUTORIAL = """\
from PIL import Image
from rembg import remove
remove(Image.open({photo})).save({result})
"""


def _python(photo: str, result: str, files: Mapping[str, str], words: Mapping[str, Any]) -> str:
    how_read = {"plate": "{}", "strokes": "Path({}).read_text()", "background": "Path({})"}
    arguments = [_literal(photo)]
    arguments += [f"{option}={how_read[option].format(_literal(file))}" for option, file in files.items()]
    call = _call("remove_to_file", [*arguments, *_named(words)])
    return (
        "from pathlib import Path\nfrom bgdemo import remove_to_file\n\n"
        f"data = {call}\nPath({_literal(result)}).write_bytes(data)\n"
    )


def _command(photo: str, files: Mapping[str, str], words: Mapping[str, Any]) -> str:
    # A name that begins with a dash is no option.
    said = ["python", "-m", "bgdemo", f"./{photo}" if photo.startswith("-") else photo]
    for option, value in [*files.items(), *words.items()]:
        said.append(f"--{option.replace('_', '-')}")
        if value is not True:
            said.append(str(value))
    return " ".join(map(_quoted, said)) + "\n"


def _http(photo: str, result: str, files: Mapping[str, str], words: Mapping[str, Any], address: str) -> str:
    how_read = {
        "plate": "plate=handle_file({})",
        "strokes": "strokes=open({}).read()",
        "background": "background_picture=handle_file({})",
    }
    arguments = [f"handle_file({_literal(photo)})"]
    arguments += [how_read[option].format(_literal(file)) for option, file in files.items()]
    call = _call(f"Client({_literal(address)}).predict", [*arguments, *_named(words), 'api_name="/remove"'])
    return (
        "import shutil\nfrom gradio_client import Client, handle_file\n\n"
        f"path = {call}\nshutil.copy(path, {_literal(result)})\n"
    )


def _call(function: str, arguments: list[str]) -> str:
    line = f"{function}({', '.join(arguments)})"
    return line if len(line) <= LINE else "\n".join([f"{function}(", *(f"    {one}," for one in arguments), ")"])


def _named(words: Mapping[str, Any]) -> list[str]:
    return [f"{name}={_literal(value)}" for name, value in words.items()]


def _literal(value: object) -> str:
    """As Python writes it, text in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _quoted(word: str) -> str:
    """As every shell reads it, those of Windows too; as POSIX does where they differ."""
    if re.fullmatch(r"[\w./:=+,-]+", word):
        return word
    return f'"{word}"' if not re.search(r'["$`\\!\n]', word) else shlex.quote(word)


def _json(strokes: Iterable[Stroke]) -> str:
    """As a JSON list; nothing for none."""
    rows = [{"keep": one.keep, "width": one.width, "points": [list(at) for at in one.points]} for one in strokes]
    return json.dumps(cast(Any, rows)) if rows else ""
