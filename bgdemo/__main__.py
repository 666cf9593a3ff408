"""The command line: `bgdemo kucing.jpg` (or `python -m bgdemo kucing.jpg`) writes `kucing-removedbg.png`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import cast

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from bgdemo import __version__
from bgdemo.batch import remove_many
from bgdemo.decode import Source
from bgdemo.errors import UserError
from bgdemo.finding import Found, find, with_targets
from bgdemo.matte.models import DEFAULT_MODEL
from bgdemo.matte.strokes import Stroke, strokes_of
from bgdemo.matte.trimap import RECOMMENDED
from bgdemo.picture.archive import replacing, write_zip
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.papers import PAPERS
from bgdemo.picture.presets import PRESETS
from bgdemo.picture.standards import STANDARDS
from bgdemo.words import Options, recipe_of

INTERRUPTED = 130
"""The exit status of what Ctrl-C ended: 128 and the number of its signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove the background of each photo; the exit status is 1 if any failed."""
    parser = _parser()
    asked = vars(parser.parse_args(arguments))
    named, output, archive, resume = (asked.pop(name) for name in ("photos", "output", "zip", "resume"))
    if archive and resume:
        parser.error("argument --resume: not allowed with argument --zip")
    run = _Run()
    try:
        if asked["strokes"]:
            asked["strokes"] = _strokes(asked["strokes"])
        options = cast(Options, {name: value for name, value in asked.items() if value is not None})
        recipe = recipe_of(options)
        photos = with_targets(run.found(named, output), recipe, Path() if archive else output)
        if resume:
            before = len(photos)
            photos = [(photo, target) for photo, target in photos if not _is_newer(target, photo.file)]
            print(f"{before - len(photos)} of {before} photos are done already.", file=sys.stderr)
        with logging_redirect_tqdm():
            if archive:
                _into_zip(run.results(photos, options), archive)
            else:
                _into_files(run, run.results(photos, options))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        run.interrupted = True
    return run.end()


class _Run:
    """Many photos, and what became of them so far."""

    def __init__(self) -> None:
        self.total = self.handled = 0
        self.failed: list[tuple[Path, UserError]] = []
        self.interrupted = False

    def found(self, named: Sequence[Path], without: Path | None) -> Iterator[Found]:
        """The photos that were named; what has none is told."""
        for one in named:
            try:
                yield from find(one, without)
            except UserError as error:
                self.total += 1
                self.handled += 1
                self.fail(one, error)

    def results(self, photos: Sequence[tuple[Found, Path]], options: Options) -> Iterator[tuple[Path, Path, bytes]]:
        """A photo, where to write what was made of it, and that, as they finish.

        Those that fail are told. Ctrl-C ends them as if they were all, so that a ZIP has what is done.
        """
        under_way: list[tuple[Source, Found, Path]] = []

        def sources() -> Iterator[Source]:
            for photo, target in photos:
                try:
                    under_way.append((photo.source(), photo, target))
                except UserError as error:
                    self.fail(photo.path, error)
                    handled()
                else:
                    yield under_way[-1][0]

        def handled() -> None:
            self.handled += 1
            bar.update()

        self.total += len(photos)
        with tqdm(total=len(photos), unit="photo", disable=len(photos) <= 1) as bar:
            try:
                for result in remove_many(sources(), **options):
                    place = next(i for i, (source, *_) in enumerate(under_way) if source is result.source)
                    _, photo, target = under_way.pop(place)
                    for note in result.notes:
                        tqdm.write(f"{photo.path}: {note}", file=sys.stderr)
                    if result.data is not None:
                        yield photo.path, target, result.data
                    elif result.error:
                        self.fail(photo.path, result.error)
                    handled()
            except KeyboardInterrupt:
                self.interrupted = True

    def fail(self, path: Path, error: UserError) -> None:
        self.failed.append((path, error))
        tqdm.write(f"{path}: {error}", file=sys.stderr)

    def end(self) -> int:
        """Tells once more what failed, unless everything did; and the exit status."""
        done = self.handled - len(self.failed)
        if self.failed and done:
            print(f"{len(self.failed)} of {self.total} failed:", file=sys.stderr)
            for path, error in self.failed:
                print(f"{path}: {error}", file=sys.stderr)
        if self.interrupted:
            print(f"Interrupted: {done} of {self.total} are done, and stay.", file=sys.stderr)
            return INTERRUPTED
        return int(bool(self.failed))


def _into_files(run: _Run, results: Iterable[tuple[Path, Path, bytes]]) -> None:
    for photo, target, data in results:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as path:
                path.write_bytes(data)
        except OSError as error:
            run.fail(photo, UserError("error.not_written", path=target, reason=error.strerror))


def _into_zip(results: Iterator[tuple[Path, Path, bytes]], archive: Path) -> None:
    """All of them in one file, or none where nothing was made."""
    first = next(results, None)
    if first is None:
        return
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        write_zip(archive, ((target.as_posix(), data) for _, target, data in chain([first], results)))
    except OSError as error:
        raise UserError("error.not_written", path=archive, reason=error.strerror) from error


def _is_newer(target: Path, photo: Path) -> bool:
    """Whether `target` was made of `photo` as it is now."""
    try:
        return target.stat().st_mtime_ns >= photo.stat().st_mtime_ns
    except OSError:
        return False


def _strokes(path: Path) -> tuple[Stroke, ...]:
    try:
        return strokes_of(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError("error.file_not_found", path=path) from error
    except OSError as error:
        raise UserError("error.strokes_unreadable") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bgdemo", description="Remove the background of photos.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "photos",
        nargs="+",
        type=Path,
        metavar="PHOTO",
        help="kucing.jpg becomes kucing-removedbg.png; a folder, a ZIP or “*.jpg” stands for the photos in it",
    )
    into = parser.add_mutually_exclusive_group()
    into.add_argument("-o", "--output", type=Path, metavar="DIR", help="where to write (default: beside each photo)")
    into.add_argument("--zip", type=Path, metavar="FILE.zip", help="write everything into one ZIP")
    parser.add_argument("--resume", action="store_true", help="leave out what is done already and newer than its photo")
    parser.add_argument("--model", metavar="ID", help=f"a model of the README's table ({DEFAULT_MODEL})")
    parser.add_argument("--plate", type=Path, metavar="FILE", help="a photo of the empty scene, instead of a model")
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
    look.add_argument("--background-fit", metavar="HOW", help="of a picture: “fit zoom 120%% moved 5%% -10%%”")
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
