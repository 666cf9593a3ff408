"""The command line: `bgdemo kucing.jpg` (or `python -m bgdemo kucing.jpg`) writes `kucing-removedbg.png`."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from tqdm import tqdm

from bgdemo import __version__
from bgdemo.errors import UserError
from bgdemo.matte.models import DEFAULT_MODEL
from bgdemo.matte.strokes import Stroke, strokes_of
from bgdemo.matte.trimap import RECOMMENDED
from bgdemo.picture.encoding import FORMATS, encode, file_name
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import STANDARDS
from bgdemo.pipeline import file_notes, make, say_printed
from bgdemo.recipes import Recipe
from bgdemo.words import Options, recipe_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove the background of each file; the exit status is 1 if any failed."""
    asked = vars(_parser().parse_args(arguments))
    photos, folder = asked.pop("photos"), asked.pop("output")
    try:
        if asked["strokes"]:
            asked["strokes"] = _strokes(asked["strokes"])
        recipe = recipe_of(cast(Options, {name: value for name, value in asked.items() if value is not None}))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    targets = _targets(photos, folder, recipe)
    for path, target in tqdm(targets, unit="photo", disable=len(targets) == 1):
        try:
            _make(path, target, recipe)
        except Exception as error:
            if not isinstance(error, UserError):
                tqdm.write(traceback.format_exc(), file=sys.stderr)
                error = UserError("error.fault")
            tqdm.write(f"{path}: {error}", file=sys.stderr)
            failed = 1
    return failed


def _strokes(path: Path) -> tuple[Stroke, ...]:
    try:
        return strokes_of(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError("error.file_not_found", path=path) from error
    except OSError as error:
        raise UserError("error.strokes_unreadable") from error


def _targets(photos: Sequence[Path], folder: Path | None, recipe: Recipe) -> list[tuple[Path, Path]]:
    """Each photo with the file to write; photos of the same name are numbered."""
    targets: dict[Path, Path] = {}
    for path in photos:
        number, name = 1, path
        while (target := (folder or path.parent) / file_name(name, recipe.suffix, recipe.format)) in targets:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}")
        targets[target] = path
    return [(path, target) for target, path in targets.items()]


def _make(path: Path, target: Path, recipe: Recipe) -> None:
    picture, told = make(path, recipe)
    data = encode(picture, recipe.format, recipe.limit)
    told += file_notes(data, "en")
    if picture.printed:
        told.append(say_printed(picture.printed, "en"))
    for note in told:
        tqdm.write(f"{path}: {note}", file=sys.stderr)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as error:
        raise UserError("error.not_written", path=target, reason=error.strerror) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bgdemo", description="Remove the background of photos.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="kucing.jpg becomes kucing-removedbg.png")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="where to write (default: beside each photo)")
    parser.add_argument("--model", metavar="ID", help=f"a model of the README's table ({DEFAULT_MODEL})")
    parser.add_argument("--alpha-matting", action="store_true", help="follow single hairs and fur")
    for name, default in asdict(RECOMMENDED).items():
        option = name.replace("_", "-")
        parser.add_argument(f"--{option}", type=int, metavar="N", help=f"of alpha matting ({default})")
    touch = parser.add_argument_group("touch up")
    touch.add_argument("--strokes", type=Path, metavar="FILE.json", help="what to keep and what to erase, as JSON")
    touch.add_argument("--largest-piece", action="store_true", help="keep only the largest piece of the subject")
    touch.add_argument("--fill-holes", action="store_true", help="close the holes of the subject")
    look = parser.add_argument_group("finishing")
    look.add_argument(
        "--background", type=_picture_or_words, help="a picture file, a colour, blur, studio, “gradient #fff #ccc” …"
    )
    look.add_argument("--shadow", help="drop or contact")
    look.add_argument("--outline", help="a sticker's rim: white, or width and colour, “12 red”")
    look.add_argument("--crop", help="photo, subject or head, with aspect and margin: “subject 1:1 10%%”")
    look.add_argument("--size", help="1080x1080, 1080x, 3x4cm, “35x45mm at 300”")
    look.add_argument("--id-photo", metavar="KIND", help=", ".join(STANDARDS))
    look.add_argument(
        "--sheet",
        nargs="?",
        const=True,
        metavar="PAPER",
        help=f"prints on a sheet of {', '.join(PAPERS)}; of several sizes: “a4: 4 of 3x4, 4 of 2x3” (after the photos)",
    )
    look.add_argument("--preset", metavar="NAME", help=", ".join(PRESETS))
    look.add_argument("--format", metavar="KIND", help=", ".join(FORMATS))
    look.add_argument("--max-kb", metavar="N", help="the file has at most this many thousand bytes")
    look.add_argument("--min-kb", metavar="N", help="and at least this many")
    return parser


def _picture_or_words(text: str) -> Path | str:
    return path if (path := Path(text)).is_file() else text


if __name__ == "__main__":
    sys.exit(main())
