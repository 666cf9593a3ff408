"""How good the mattes and the colours are, as Markdown tables: ours beside rembg's with the same network file.

    python benchmarks/quality.py --matting DIR --saliency DIR --photos DIR --sheet DIR

Each option is optional. `--matting` holds images/, alpha/ and trimap/ with equal file names (alphamatting.com);
`--saliency` holds a MANIFEST.csv (of which the rows with suit "clear" count), or images/ and masks/ with equal stems;
`--photos` is searched for photos to put on a contact sheet in `--sheet`. Needs `pysodmetrics` and `scikit-learn`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bgdemo.decode import decode
from bgdemo.images import Alpha, Photo, Pixels
from bgdemo.matte import matting, segmentation
from bgdemo.matte.foreground import estimate_foreground
from bgdemo.matte.models import MODELS
from bgdemo.pipeline import segment
from bgdemo.recipes import Recipe

RIGHT_SUBJECT = 0.85
"""The least IoU at which the network is said to have found the subject that the ground truth means."""

Array = NDArray[Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("matting", "saliency", "photos", "sheet"):
        options.add_argument(f"--{name}", type=Path)
    given = options.parse_args()
    if given.matting:
        report_matting(given.matting)
        report_colours(given.matting)
    if given.saliency:
        report_saliency(given.saliency)
    if given.photos and given.sheet:
        write_sheets(given.photos, given.sheet)


# ---- the candidates -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def prediction(photo: Photo, model: str) -> Alpha:
    """What the network, or the networks together, say."""
    return segment(photo, Recipe(model)).alpha


def rembg_cutout(photo: Photo, model: str, **options: Any) -> Array:
    """rembg's own RGBA result (or its mask, with only_mask=True), from the same network file."""
    from rembg import remove

    with redirect_stdout(sys.stderr):  # pymatting prints warnings
        return np.asarray(remove(Image.fromarray(photo.rgb), session=segmentation._session(MODELS[model]), **options))


# ---- mattes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    name: str
    photo: Photo
    truth: Alpha
    unknown: Array


def examples(folder: Path) -> list[Example]:
    found = []
    for path in sorted((folder / "images").iterdir()):
        truth = np.asarray(Image.open(folder / "alpha" / path.name).convert("L"), np.float32) / 255
        trimap = np.asarray(Image.open(folder / "trimap" / path.name).convert("L"))
        found.append(Example(path.stem, decode(path), truth, (trimap > 0) & (trimap < 255)))
    return found


def gradient(alpha: Alpha) -> Array:
    """The magnitude of the gradient of a Gaussian, σ = 1.4 (Rhemann et al. 2009)."""
    from scipy.ndimage import gaussian_gradient_magnitude

    return np.asarray(gaussian_gradient_magnitude(alpha, 1.4))


def matte_errors(alpha: Pixels, example: Example) -> list[float]:
    """SAD (thousands), MSE, MAE, gradient error in the unknown region; MAE and gradient error over the image."""
    difference = np.abs(alpha.astype(np.float32) / 255 - example.truth)
    slope = np.abs(gradient(alpha.astype(np.float32) / 255) - gradient(example.truth))
    inside, slope_inside = difference[example.unknown], slope[example.unknown]
    return [
        float(value)
        for value in (
            inside.sum() / 1000,
            (inside**2).mean(),
            inside.mean(),
            slope_inside.mean(),
            difference.mean(),
            slope.mean(),
        )
    ]


def iou(alpha: Array, truth: Array) -> float:
    a, b = alpha > 127, truth > 0.5
    return float((a & b).sum() / max((a | b).sum(), 1))


MATTE_COLUMNS = ("SAD ÷ 1000", "MSE", "MAE", "gradient", "image MAE", "image gradient")


def report_matting(folder: Path) -> None:
    data = examples(folder)
    isnet = "isnet-general-use"
    methods: dict[str, Callable[[Photo], Pixels]] = {
        "ISNet, rembg mask (Lanczos)": lambda p: rembg_cutout(p, isnet, only_mask=True),
        "ISNet, rembg alpha matting": lambda p: rembg_cutout(p, isnet, alpha_matting=True)[..., 3],
        "ISNet, automatic": lambda p: matting.refine(p.rgb, prediction(p, isnet)),
        "ISNet, fine hair": lambda p: matting.alpha_matting(p.rgb, prediction(p, isnet)),
        "best, automatic": lambda p: matting.refine(p.rgb, prediction(p, "best")),
        "best, fine hair": lambda p: matting.alpha_matting(p.rgb, prediction(p, "best")),
        "u2netp, rembg mask (Lanczos)": lambda p: rembg_cutout(p, "u2netp", only_mask=True),
        "u2netp, automatic": lambda p: matting.refine(p.rgb, prediction(p, "u2netp")),
    }
    first = next(iter(methods))
    right = [iou(methods[first](e.photo), e.truth) > RIGHT_SUBJECT for e in data]
    errors = {name: np.array([matte_errors(run(e.photo), e) for e in data]) for name, run in methods.items()}
    for title, chosen in (
        (f"right subject (IoU > {RIGHT_SUBJECT})", np.array(right)),
        ("all", np.ones(len(data), bool)),
    ):
        base = errors[first][chosen].mean(axis=0)
        print(f"\n### Mattes, unknown region and whole image: {title}, {chosen.sum()} photos\n")
        means = {name: table[chosen].mean(axis=0) for name, table in errors.items()}
        rows = (
            [name, *(f"{v:.4f} ({v / b:.2f} ×)" for v, b in zip(m, base, strict=True))] for name, m in means.items()
        )
        print_table(("method", *MATTE_COLUMNS), rows)


# ---- colours --------------------------------------------------------------------------------------------------------


def report_colours(folder: Path) -> None:
    """Composites of a known foreground, alpha and background, cut out again with the true alpha."""
    from rembg.bg import decontaminate_cutout, naive_cutout

    def rembg_default(image: Pixels, alpha: Pixels) -> Array:
        return np.asarray(naive_cutout(Image.fromarray(image), Image.fromarray(alpha)))[..., :3]

    def rembg_repair(image: Pixels, alpha: Pixels) -> Array:
        return np.asarray(decontaminate_cutout(Image.fromarray(image), Image.fromarray(alpha)))[..., :3]

    methods: dict[str, Callable[[Pixels, Pixels], Array]] = {
        "naive cutout (the photo's colours)": lambda image, alpha: image,
        "rembg default (colours times alpha)": rembg_default,
        "rembg edge repair": rembg_repair,
        "ours": estimate_foreground,
    }
    errors: dict[str, list[list[float]]] = {name: [] for name in methods}
    for image, alpha, foreground in composites(examples(folder)):
        soft, share = (alpha > 5) & (alpha < 250), alpha.astype(np.float32) / 255
        for name, run in methods.items():
            # On any new background the composite is wrong by alpha · (estimate − truth).
            difference = np.abs(run(image, alpha).astype(np.float32) - foreground).mean(axis=2) * share
            errors[name].append([float(difference[soft].mean())])
    base = np.mean(errors[next(iter(errors))])
    print(f"\n### Colour error in the soft band, {len(errors['ours'])} composites, in levels of 255\n")
    print_table(
        ("method", "error", "ratio"),
        ([name, f"{np.mean(e):.2f}", f"{np.mean(e) / base:.2f} ×"] for name, e in errors.items()),
    )


def composites(data: Sequence[Example]) -> Iterator[tuple[Pixels, Pixels, Array]]:
    """Image, alpha and foreground: the subject's colours by closed-form estimation, and those of another photo."""
    from pymatting import estimate_foreground_cf

    for number, example in enumerate(data):
        height, width = example.truth.shape
        alpha = np.rint(example.truth * 255).astype(np.uint8)
        share = example.truth[..., None]
        other, background = (
            cv2.resize(data[(number + step) % len(data)].photo.rgb, (width, height)).astype(np.float32)
            for step in (5, 9)
        )
        own = estimate_foreground_cf(example.photo.rgb / 255.0, example.truth.astype(np.float64)) * 255
        for foreground in (np.clip(own, 0, 255), other):
            yield np.rint(share * foreground + (1 - share) * background).astype(np.uint8), alpha, foreground


# ---- saliency -------------------------------------------------------------------------------------------------------


def masks(folder: Path) -> list[tuple[Path, Path]]:
    manifest = folder / "MANIFEST.csv"
    if not manifest.exists():
        truth = {path.stem: path for path in (folder / "masks").iterdir()}
        return [(path, truth[path.stem]) for path in sorted((folder / "images").iterdir())]
    with manifest.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["suit"] == "clear"]
    images = {row["pair_id"]: folder / row["file"] for row in rows if row["role"] == "image"}
    truths = {row["pair_id"]: folder / row["file"] for row in rows if row["role"] == "mask_gt"}
    return [(images[name], truths[name]) for name in sorted(images)]


def report_saliency(folder: Path) -> None:
    methods: dict[str, Callable[[Photo], Pixels]] = {}
    for model in ("isnet-general-use", "u2netp"):
        methods[f"{model}, rembg"] = lambda p, m=model: rembg_cutout(p, m, only_mask=True)  # type: ignore[misc]
        methods[f"{model}, automatic"] = lambda p, m=model: matting.refine(p.rgb, prediction(p, m))  # type: ignore[misc]
    methods["best, automatic"] = lambda p: matting.refine(p.rgb, prediction(p, "best"))
    methods["best, fine hair"] = lambda p: matting.alpha_matting(p.rgb, prediction(p, "best"))
    pairs = masks(folder)
    scores = {name: Score() for name in methods}
    for image, mask in pairs:
        photo = decode(image)
        truth = np.where(np.asarray(Image.open(mask).convert("L")) > 127, 255, 0).astype(np.uint8)
        for name, run in methods.items():
            scores[name].add(np.ascontiguousarray(run(photo)), truth)
    print(f"\n### Subject masks, {len(pairs)} photos\n")
    print_table(
        ("method", "weighted F", "S-measure", "MAE", "IoU", "IoU < 0.5"),
        ([name, *score.figures()] for name, score in scores.items()),
    )


class Score:
    """The measures of one method over all photos."""

    def __init__(self) -> None:
        import py_sod_metrics

        self.weighted = py_sod_metrics.WeightedFmeasure()
        self.structure = py_sod_metrics.Smeasure()
        self.absolute = py_sod_metrics.MAE()
        self.overlaps: list[float] = []

    def add(self, alpha: Pixels, truth: Pixels) -> None:
        for metric in (self.weighted, self.structure, self.absolute):
            metric.step(alpha, truth)
        self.overlaps.append(iou(alpha, truth / 255))

    def figures(self) -> list[str]:
        return [
            f"{self.weighted.get_results()['wfm']:.4f}",
            f"{self.structure.get_results()['sm']:.4f}",
            f"{self.absolute.get_results()['mae']:.4f}",
            f"{np.mean(self.overlaps):.4f}",
            f"{sum(overlap < 0.5 for overlap in self.overlaps)}",
        ]


# ---- contact sheet --------------------------------------------------------------------------------------------------

CROPS: dict[str, tuple[tuple[float, float], ...]] = {
    "red_panda_10MP": ((0.56, 0.25), (0.66, 0.62)),
    "dog_party_hat_12MP": ((0.28, 0.40), (0.66, 0.55), (0.45, 0.8)),
    "lemur": ((0.5, 0.3),),
    "person_astronaut": ((0.45, 0.2),),
    "butterfly": ((0.5, 0.4),),
    "birdie": ((0.45, 0.45),),
    "kodim05": ((0.5, 0.7),),
}
"""Fur, hair, whiskers, twigs and spokes: where to look, as fractions of width and height."""

BACKGROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0), "green": (0, 190, 0)}


def write_sheets(photos: Path, folder: Path, side: int = 400) -> None:
    """One PNG a crop: rows white, black, green; columns photo, rembg, rembg's edge repair, automatic, fine hair."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {path.stem: path for path in sorted(photos.rglob("*.*"))}
    for name, centres in CROPS.items():
        if name not in paths:
            continue
        photo = decode(paths[name])
        cutouts = {"photo": np.dstack([photo.rgb, np.full(photo.rgb.shape[:2], 255, np.uint8)])}
        cutouts["rembg, ISNet"] = rembg_cutout(photo, "isnet-general-use")
        cutouts["rembg, edge repair"] = rembg_cutout(photo, "isnet-general-use", decontaminate=True)
        for model in ("isnet-general-use", "best"):
            guess = prediction(photo, model)
            for edge, estimate in (("automatic", matting.refine), ("fine hair", matting.alpha_matting)):
                alpha = estimate(photo.rgb, guess)
                cutouts[f"{model.split('-')[0]}, {edge}"] = np.dstack([estimate_foreground(photo.rgb, alpha), alpha])
        for number, centre in enumerate(centres):
            sheet(cutouts, centre, side).save(folder / f"{name}_{number}.png")
    print(f"\nContact sheets are in `{folder}`.")


def sheet(cutouts: dict[str, Array], centre: tuple[float, float], side: int) -> Image.Image:
    picture = Image.new("RGB", (len(cutouts) * side, len(BACKGROUNDS) * side + 20), "white")
    write = ImageDraw.Draw(picture).text
    for column, (title, rgba) in enumerate(cutouts.items()):
        write((column * side + 4, 4), title, fill="black")
        tile = Image.fromarray(crop(rgba, centre, side))
        for row, colour in enumerate(BACKGROUNDS.values()):
            onto = Image.new("RGBA", tile.size, colour)
            onto.alpha_composite(tile)
            picture.paste(onto.convert("RGB"), (column * side, row * side + 20))
    return picture


def crop(pixels: Array, centre: tuple[float, float], side: int) -> Array:
    height, width = pixels.shape[:2]
    left = int(np.clip(centre[0] * width - side / 2, 0, max(width - side, 0)))
    top = int(np.clip(centre[1] * height - side / 2, 0, max(height - side, 0)))
    return pixels[top : top + side, left : left + side]


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
