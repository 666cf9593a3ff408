"""The command line: `python -m bgdemo kucing.jpg` writes `kucing-removedbg.png`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from bgdemo.encoding import encode_png, file_name
from bgdemo.errors import UserError
from bgdemo.models import DEFAULT_MODEL
from bgdemo.pipeline import Recipe, cut_out


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
    targets = _targets(options.photos, options.output)
    for path, target in tqdm(targets, unit="photo", disable=len(targets) == 1):
        try:
            _remove(path, target, recipe)
        except (UserError, OSError) as error:
            tqdm.write(f"{path}: {error}", file=sys.stderr)
            failed = 1
    return failed


def _targets(photos: Sequence[Path], folder: Path | None) -> list[tuple[Path, Path]]:
    """Each photo with the file to write; photos of the same name are numbered."""
    targets: dict[Path, Path] = {}
    for path in photos:
        number, name = 1, path
        while (target := (folder or path.parent) / file_name(name, "removedbg")) in targets:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}")
        targets[target] = path
    return [(path, target) for target, path in targets.items()]


def _remove(path: Path, target: Path, recipe: Recipe) -> None:
    cutout, notes = cut_out(path, recipe)
    for note in notes:
        tqdm.write(f"{path}: {note}", file=sys.stderr)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encode_png(cutout))


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
