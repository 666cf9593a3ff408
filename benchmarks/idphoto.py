"""How ID photos are framed, as Markdown tables: each clear portrait as it is, mirrored, tilted, scaled.

    python benchmarks/idphoto.py PHOTOS… [--standards us,schengen] [--model best] [--sheet DIR]

PHOTOS are photos, or folders that are searched for them; those in which one clear face is on the subject count. Each is
cut out once; then photo and matte alike are tilted, mirrored or scaled, and an ID photo of each standard is made and
measured: the detector finds the face in the finished picture once more, and its alpha shows the crown. `--sheet` writes
all of the pictures, with the lines that were measured, to look at. The last table is of JPEGs of each portrait, large
enough for every limit of kB to count.
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw
from PIL.JpegImagePlugin import get_sampling

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bgdemo.decode import decode
from bgdemo.errors import UserError
from bgdemo.images import Cutout, Metadata, Photo, Picture, Pixels
from bgdemo.picture.checks import Check, checks, inspect
from bgdemo.picture.compositing import compose
from bgdemo.picture.encoding import FORMATS, encode
from bgdemo.picture.faces import MOST_TILT, MOST_TURN, Head
from bgdemo.picture.frames import Frame, heads_of
from bgdemo.picture.limits import Limit
from bgdemo.picture.resampling import resize
from bgdemo.picture.standards import STANDARDS, Standard
from bgdemo.pipeline import finish, render, segment
from bgdemo.recipes import Recipe
from bgdemo.words import recipe_of

PHOTOS = {".jpg", ".jpeg", ".png", ".webp"}

Change = Callable[[Pixels], Pixels]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photos", nargs="+", type=Path)
    options.add_argument("--standards", default=",".join(STANDARDS))
    options.add_argument("--model", default="best")
    options.add_argument("--sheet", type=Path)
    given = options.parse_args()
    kinds = [STANDARDS[name] for name in given.standards.split(",")]
    tables: dict[str, list[dict[str, Check]]] = {}
    pictures, left_out, seconds, files = [], [], [], []
    for path in portraits(given.photos):
        photo = decode(path)
        cutout = render(photo, segment(photo, Recipe(given.model)), Recipe(given.model))
        heads = heads_of(photo, cutout.rgba[..., 3])
        if not heads:
            continue
        if why := unclear(heads, photo, cutout):
            left_out.append(f"{path.name} ({why})")
            continue
        files.append(finish(cutout, photo, recipe_of({"crop": "head 2:3", "size": "800x1200", "background": "red"})))
        for name, change in CHANGES.items():
            if abs(heads[0].face.tilt + tilt_of(name)) > MOST_TILT - 1:
                continue  # is not made level, and not said to be
            changed_photo, changed = changed_by(change, photo, cutout)
            for standard in kinds:
                recipe = recipe_of({"id_photo": standard.id})
                start = time.perf_counter()
                found = measured(changed, changed_photo, recipe, standard)
                seconds.append(time.perf_counter() - start)
                for title in (path.name, name, standard.id):
                    tables.setdefault(title, []).append(found)
                if given.sheet and name in SHOWN:
                    picture = finish(changed, changed_photo, recipe).pixels
                    pictures.append(labelled(picture, f"{path.stem[:16]} {standard.id} {name}", found))
    for title, rows in tables.items():
        report(title, rows)
    print(
        f"\nleft out: {', '.join(left_out) or 'none'}; {statistics.median(seconds):.2f} s a picture, measuring included"
    )
    report_limits(files)
    if given.sheet:
        write_sheet(pictures, given.sheet)


def portraits(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from (
            sorted(found for found in path.rglob("*") if found.suffix.lower() in PHOTOS) if path.is_dir() else [path]
        )


def unclear(heads: list[Head], photo: Photo, cutout: Cutout) -> str:
    """Why this is no portrait of one clear face; nothing if it is one."""
    seen = inspect(photo, cutout.rgba[..., 3], recipe_of({"id_photo": "3x4"}).look)
    if seen and "note.face_cut" in seen.notes:
        return "cut by the photo's edge"
    if len(heads) > 1:
        return "several faces"
    if abs(heads[0].face.turn) > MOST_TURN:
        return "turned aside"
    return "too small" if heads[0].height < 80 else ""


# ---- changes --------------------------------------------------------------------------------------------------------


def tilted(degrees: float) -> Change:
    """Turned about its middle, on a canvas that holds all of it; its own edge goes on beyond."""

    def change(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
        size = (math.ceil(width * cosine + height * sine), math.ceil(height * cosine + width * sine))
        way = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
        way[:, 2] += (np.array(size) - (width, height)) / 2
        outside = cv2.BORDER_REPLICATE if pixels.ndim == 3 and pixels.shape[2] == 3 else cv2.BORDER_CONSTANT
        return cv2.warpAffine(pixels, way, size, flags=cv2.INTER_CUBIC, borderMode=outside)

    return change


def scaled(factor: float) -> Change:
    return lambda pixels: resize(pixels, (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)))


TILTS = (-10, -8, -5, 5, 8, 10)

CHANGES: dict[str, Change] = {
    "as it is": lambda pixels: pixels,
    "mirrored": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
    **{f"tilted {degrees:+d}°": tilted(degrees) for degrees in TILTS},
    "scaled 0.6": scaled(0.6),
    "scaled 1.7": scaled(1.7),
}


def tilt_of(change: str) -> int:
    return next((degrees for degrees in TILTS if change == f"tilted {degrees:+d}°"), 0)


SHOWN = ("as it is", "tilted -8°", "tilted +8°")
"""What is on the sheet."""


def changed_by(change: Change, photo: Photo, cutout: Cutout) -> tuple[Photo, Cutout]:
    rgb, alpha = change(photo.rgb), change(cutout.rgba[..., 3])
    rgba = np.dstack([change(np.ascontiguousarray(cutout.rgba[..., :3])), alpha])
    rgba[alpha == 0] = 0
    return Photo(rgb), Cutout(rgba, Metadata(), "")


# ---- measuring ------------------------------------------------------------------------------------------------------


def measured(cutout: Cutout, photo: Photo, recipe: Recipe, standard: Standard) -> dict[str, Check]:
    """The checks of the finished picture, from what the detector finds in it; empty if it finds nothing."""
    look = replace(recipe.look, background=None)
    try:
        bare = compose(cutout, photo, look)
    except UserError:
        return {}
    height, width = bare.pixels.shape[:2]
    shown = finish(cutout, photo, recipe).pixels[..., :3]
    heads = heads_of(Photo(np.ascontiguousarray(shown)), np.ascontiguousarray(bare.pixels[..., 3]))
    if not heads:
        return {}
    return {check.key: check for check in checks(standard, heads[0], Frame(0, 0, width, height), 1.0)}


KEYS = ("head", "eyes", "above", "middle", "tilt")


def report(title: str, rows: list[dict[str, Check]]) -> None:
    if not report.__dict__.setdefault("begun", False):
        report.__dict__["begun"] = True
        print(
            "| pictures of | number | face found | "
            + " | ".join(f"{key} in range" for key in KEYS)
            + " | all | most tilt |"
        )
        print("|---" * (len(KEYS) + 5) + "|")
    found = [row for row in rows if row]
    cells = []
    for key in KEYS:
        told = [row[key].ok for row in found if key in row]
        cells.append(f"{sum(told)} of {len(told)}" if told else "–")
    good = sum(all(row[key].ok for key in KEYS if key in row) for row in found)
    tilt = max((abs(row["tilt"].measured) for row in found), default=math.nan)
    print(f"| {title} | {len(rows)} | {len(found)} | {' | '.join(cells)} | {good} of {len(rows)} | {tilt:.1f}° |")


# ---- limits of kB ---------------------------------------------------------------------------------------------------

LIMITS = (40, 100, 200)


def report_limits(pictures: list[Picture]) -> None:
    print("\n| JPEG at most, kB | files | at or below it | quality | of the largest that fits, at most below |")
    print("|---|---|---|---|---|")
    for limit in LIMITS:
        files = [encode(picture, "jpeg", Limit(limit)) for picture in pictures]
        met = sum(len(file) <= limit * 1000 for file in files)
        used = [quality_of(file) for file in files]
        most = [largest(picture, file, limit) for picture, file in zip(pictures, files, strict=True)]
        below = max(best - quality for best, quality in zip(most, used, strict=True))
        print(f"| {limit} | {len(files)} | {met} | {min(used)}–{max(used)} | {below} |")


def quality_of(file: bytes) -> int:
    """The quality from 1 to 100 of a JPEG, which its quantization tables tell."""
    return next(quality for quality in range(1, 101) if tables(jpeg(FLAT, quality)) == tables(file))


def tables(file: bytes) -> object:
    return Image.open(io.BytesIO(file)).quantization  # type: ignore[attr-defined]


FLAT = Picture(np.zeros((8, 8, 4), np.uint8), Metadata(), "")


def largest(picture: Picture, file: bytes, limit: int) -> int:
    """The largest quality with which a JPEG like `file` keeps to `limit` kB, up to the one without a limit."""
    subsampling = get_sampling(Image.open(io.BytesIO(file)))
    tried = range(FORMATS["jpeg"].options["quality"], 0, -1)
    return next(quality for quality in tried if len(jpeg(picture, quality, subsampling)) <= limit * 1000)


def jpeg(picture: Picture, quality: int, subsampling: int = 0) -> bytes:
    file, image = io.BytesIO(), Image.fromarray(picture.pixels).convert("RGB")
    profile = picture.metadata.icc_profile
    image.save(file, "JPEG", quality=quality, subsampling=subsampling, optimize=True, icc_profile=profile)
    return file.getvalue()


# ---- the contact sheet ----------------------------------------------------------------------------------------------

TILE = (220, 260)


def labelled(pixels: Pixels, title: str, found: dict[str, Check]) -> Image.Image:
    tile = Image.new("RGB", TILE, "black")
    picture = Image.fromarray(pixels).convert("RGB")
    picture.thumbnail((TILE[0], TILE[1] - 28))
    tile.paste(picture, ((TILE[0] - picture.width) // 2, 0))
    draw = ImageDraw.Draw(tile)
    wrong = [f"{key} {found[key].measured:.1f}" for key in KEYS if key in found and not found[key].ok]
    draw.text((2, TILE[1] - 27), title, fill="white")
    draw.text(
        (2, TILE[1] - 14),
        ", ".join(wrong) or ("good" if found else "no face"),
        fill="red" if wrong or not found else "lime",
    )
    return tile


def write_sheet(tiles: list[Image.Image], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    columns, rows = 8, 6
    for number in range(math.ceil(len(tiles) / (columns * rows))):
        sheet = Image.new("RGB", (columns * TILE[0], rows * TILE[1]))
        for place, tile in enumerate(tiles[number * columns * rows : (number + 1) * columns * rows]):
            sheet.paste(tile, (place % columns * TILE[0], place // columns * TILE[1]))
        sheet.save(folder / f"idphotos-{number + 1}.png")


if __name__ == "__main__":
    main()
