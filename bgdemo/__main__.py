"""The command line: `python -m bgdemo kucing.jpg` writes `kucing-removedbg.png`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from bgdemo.decode import decode
from bgdemo.encoding import encode_png, file_name
from bgdemo.errors import UserError
from bgdemo.models import DEFAULT_MODEL
from bgdemo.pipeline import Recipe, notes, render, segment


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove the background of each file; the exit status is 1 if any failed."""
    options = _parser().parse_args(arguments)
    try:
        recipe = Recipe(
            options.model,
            options.alpha_matting,
            options.foreground_threshold,
            options.background_threshold,
            options.erode_size,
        )
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    for path in tqdm(options.photos, unit="photo", disable=len(options.photos) == 1):
        try:
            _remove(path, options.output or path.parent, recipe)
        except (UserError, OSError) as error:
            tqdm.write(f"{path}: {error}", file=sys.stderr)
            failed = 1
    return failed


def _remove(path: Path, folder: Path, recipe: Recipe) -> None:
    photo = decode(path)
    matte = segment(photo, recipe)
    for note in notes(photo, matte, recipe, "en"):
        tqdm.write(f"{path}: {note}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_name(path, "removedbg")).write_bytes(encode_png(render(photo, matte, recipe)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bgdemo", description="Remove the background of photos.")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="kucing.jpg becomes kucing-removedbg.png")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="where to write (default: beside each photo)")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="ID", help="a model of the README's table (%(default)s)"
    )
    parser.add_argument("--alpha-matting", action="store_true", help="follow single hairs and fur")
    for name, default in (("foreground-threshold", 240), ("background-threshold", 10), ("erode-size", 10)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help="of alpha matting (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
