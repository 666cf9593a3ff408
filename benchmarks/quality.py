"""How good the mattes and the colours are, as Markdown tables: ours beside rembg's with the same network file.

    python benchmarks/quality.py --matting DIR --saliency DIR --photos DIR --sheet DIR
    python benchmarks/quality.py --matting DIR --photos DIR --composites 4 --enlarged 4 --choose band_radius=12,24

Each option is optional. `--matting` holds images/, alpha/ and trimap/ with equal file names (alphamatting.com);
`--saliency` holds a MANIFEST.csv (of which the rows with suit "clear" count), or images/ and masks/ with equal stems;
`--photos` is searched for photos to put on a contact sheet in `--sheet`, and for backgrounds of composites.

With `--composites N` each of the mattes' subjects is put before N photos, at most 20, and `--enlarged N` of them before
one at 12 megapixels. Ratios to ISNet's own mask are geometric means over the mattes, with 95 % bootstrap intervals for
which mattes are drawn, not composites: those of one matte are not independent. `--choose NAME=VALUE,…`, repeatable,
tries other values of the constants in bgdemo/matte/constants.py, one at a time: those that do best on the composites of
all other mattes are judged on those of the matte that was left out.

Needs `pysodmetrics` and `scikit-learn`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.composites import BACKGROUNDS, Composite, Example, composites, examples, gradient, true_foreground
from bgdemo import pipeline
from bgdemo.decode import decode
from bgdemo.images import Alpha, Matte, Photo, Pixels
from bgdemo.matte import foreground, fusion, matting, segmentation
from bgdemo.matte.constants import CONSTANTS
from bgdemo.matte.foreground import estimate_foreground
from bgdemo.matte.models import MODELS, in_mirror
from bgdemo.pipeline import segment
from bgdemo.recipes import Recipe

ISNET = "isnet-general-use"

RIGHT_SUBJECT = 0.85
"""The least IoU at which the network is said to have found the subject that the ground truth means."""

RIGHT_MASK, SPOILT = 0.75, 0.05
"""A method spoils a photo on which ISNet's IoU is at least the one by lowering it by more than the other."""

Array = NDArray[Any]
Known = MutableMapping[str, Matte]
Candidate = Mapping[str, float]
"""Constants that differ from those in use."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("matting", "saliency", "photos", "sheet"):
        options.add_argument(f"--{name}", type=Path)
    options.add_argument("--composites", type=int, choices=range(1, BACKGROUNDS + 1), metavar="N")
    options.add_argument("--enlarged", type=int, default=0, metavar="N")
    options.add_argument("--choose", type=candidates, action="extend", default=[], metavar="NAME=VALUE,…")
    given = options.parse_args()
    if (given.enlarged or given.choose) and not given.composites:
        options.error("--enlarged and --choose need --composites")
    if given.composites and not (given.matting and given.photos):
        options.error("--composites needs --matting and --photos")
    if given.composites:
        report_composites(given.matting, given.photos, given.composites, given.enlarged, given.choose)
    elif given.matting:
        report_matting(given.matting)
        report_colours(given.matting)
    if given.saliency:
        report_saliency(given.saliency)
    if given.photos and given.sheet:
        write_sheets(given.photos, given.sheet)


# ---- the candidates -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def known(photo: Photo) -> Known:
    """What the networks have said of `photo` so far, to be added to."""
    return {}


def prediction(photo: Photo, model: str) -> Alpha:
    """What the network, or the networks together, say."""
    return segment(photo, Recipe(model), known=known(photo)).alpha


def rembg_cutout(photo: Photo, model: str, **options: Any) -> Array:
    """rembg's own RGBA result (or its mask, with only_mask=True), from the same network file."""
    from rembg import remove

    with redirect_stdout(sys.stderr):  # pymatting prints warnings
        return np.asarray(remove(Image.fromarray(photo.rgb), session=segmentation._session(MODELS[model]), **options))


def rembg_mask(alpha: Alpha, size: tuple[int, int]) -> Pixels:
    """The mask that rembg makes of a prediction: stretched to its extremes, and enlarged by Lanczos' filter."""
    levels = ((alpha - alpha.min()) / (alpha.max() - alpha.min()) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(levels).resize(size, Image.Resampling.LANCZOS))


EDGES: dict[str, Callable[[Pixels, Alpha], Pixels]] = {"automatic": matting.refine, "fine hair": matting.alpha_matting}

OWN_MASK = "ISNet, rembg mask (Lanczos)"


def mattes(photo: Photo, parts: Known) -> dict[str, Pixels]:
    """rembg's mask and ours by every method, from the networks' predictions in `parts`."""
    found = {OWN_MASK: rembg_mask(parts[ISNET].alpha, photo.size)}
    for name, model in {"ISNet": ISNET, "best": "best"}.items():
        alpha = segment(photo, Recipe(model), known=parts).alpha
        found |= {f"{name}, {edge}": estimate(photo.rgb, alpha) for edge, estimate in EDGES.items()}
    return found


# ---- mattes ---------------------------------------------------------------------------------------------------------


class Errors(NamedTuple):
    """Of one matte in the unknown region, and over the whole image; SAD in thousands."""

    sad: float
    mse: float
    mae: float
    gradient: float
    image_mse: float
    image_mae: float
    image_gradient: float


TITLES = ("SAD ÷ 1000", "MSE", "MAE", "gradient", "image MSE", "image MAE", "image gradient")


def matte_errors(alpha: Pixels, example: Example) -> Errors:
    share = alpha.astype(np.float32) / 255
    difference, slope = np.abs(share - example.truth), np.abs(gradient(share) - example.slope)
    inside = difference[example.unknown]
    figures = (
        inside.sum() / 1000,
        (inside**2).mean(),
        inside.mean(),
        slope[example.unknown].mean(),
        (difference**2).mean(),
        difference.mean(),
        slope.mean(),
    )
    return Errors(*map(float, figures))


def iou(alpha: Array, truth: Array) -> float:
    a, b = alpha > 127, truth > 0.5
    return float((a & b).sum() / max((a | b).sum(), 1))


def report_matting(folder: Path) -> None:
    data = examples(folder)
    methods: dict[str, Callable[[Photo], Pixels]] = {
        OWN_MASK: lambda p: rembg_cutout(p, ISNET, only_mask=True),
        "ISNet, rembg alpha matting": lambda p: rembg_cutout(p, ISNET, alpha_matting=True)[..., 3],
        "ISNet, automatic": lambda p: matting.refine(p.rgb, prediction(p, ISNET)),
        "ISNet, fine hair": lambda p: matting.alpha_matting(p.rgb, prediction(p, ISNET)),
        "best, automatic": lambda p: matting.refine(p.rgb, prediction(p, "best")),
        "best, fine hair": lambda p: matting.alpha_matting(p.rgb, prediction(p, "best")),
        "u2netp, rembg mask (Lanczos)": lambda p: rembg_cutout(p, "u2netp", only_mask=True),
        "u2netp, automatic": lambda p: matting.refine(p.rgb, prediction(p, "u2netp")),
    }
    right = []
    errors: dict[str, list[Errors]] = {name: [] for name in methods}
    for example in data:
        found = {name: run(example.photo) for name, run in methods.items()}
        right.append(iou(found[OWN_MASK], example.truth) > RIGHT_SUBJECT)
        for name, alpha in found.items():
            errors[name].append(matte_errors(alpha, example))
    tables = {name: np.array(rows) for name, rows in errors.items()}
    for title, chosen in (
        (f"right subject (IoU > {RIGHT_SUBJECT})", np.array(right)),
        ("all", np.ones(len(data), bool)),
    ):
        base = tables[OWN_MASK][chosen].mean(axis=0)
        print(f"\n### Mattes, unknown region and whole image: {title}, {chosen.sum()} photos\n")
        means = {name: table[chosen].mean(axis=0) for name, table in tables.items()}
        rows = (
            [name, *(f"{v:.4f} ({v / b:.2f} ×)" for v, b in zip(m, base, strict=True))] for name, m in means.items()
        )
        print_table(("method", *TITLES), rows)
    print(f"\n### Mattes, geometric mean of the ratios to ISNet's own mask, all {len(data)} photos\n")
    print_ratios({name: np.log(table / tables[OWN_MASK]) for name, table in tables.items()})


def print_ratios(logarithms: Mapping[str, Array]) -> None:
    """One row a method, from mattes × errors of logarithms of ratios; the SAD's are those of the MAE."""
    print_table(
        ("method", *TITLES[1:]),
        ([name, *(ratio_with_interval(column) for column in table.T[1:])] for name, table in logarithms.items()),
    )


def ratio(logarithms: Array, digits: int = 2) -> str:
    """The geometric mean of the ratios of which these are the logarithms."""
    return f"{np.exp(np.mean(logarithms)):.{digits}f}"


def ratio_with_interval(logarithms: Array, digits: int = 2) -> str:
    low, high = (ratio(end, digits) for end in bootstrap(logarithms))
    return f"{ratio(logarithms, digits)} × ({low}–{high})"


def bootstrap(values: Array, draws: int = 10_000) -> Array:
    """The 95 % interval of the mean of `values` (a vector): its quantiles over samples with replacement."""
    chosen = np.random.default_rng(0).integers(len(values), size=(draws, len(values)))
    return np.quantile(values[chosen].mean(axis=1), (0.025, 0.975))


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
    errors: dict[str, list[float]] = {name: [] for name in methods}
    for image, alpha, colours in recoloured(examples(folder)):
        for name, run in methods.items():
            errors[name].append(colour_error(run(image, alpha), alpha, colours))
    base = np.mean(errors[next(iter(errors))])
    print(f"\n### Colour error in the soft band, {len(errors['ours'])} composites, in levels of 255\n")
    print_table(
        ("method", "error", "ratio"),
        ([name, f"{np.mean(e):.2f}", f"{np.mean(e) / base:.2f} ×"] for name, e in errors.items()),
    )


def colour_error(estimate: Array, alpha: Pixels, truth: Array) -> float:
    """In the soft band, in levels of 255: on any new background a cutout is wrong by alpha · (estimate − truth)."""
    soft = (alpha > 5) & (alpha < 250)
    difference = np.abs(estimate[soft].astype(np.float32) - truth[soft]).mean(axis=1)
    return float((difference * alpha[soft] / 255).mean())


def recoloured(data: Sequence[Example]) -> Iterator[tuple[Pixels, Pixels, Array]]:
    """Image, alpha and foreground: the subject's own colours, and those of another photo, before yet another."""
    for number, example in enumerate(data):
        alpha = np.rint(example.truth * 255).astype(np.uint8)
        share = example.truth[..., None]
        other, background = (
            cv2.resize(data[(number + step) % len(data)].photo.rgb, example.photo.size).astype(np.float32)
            for step in (5, 9)
        )
        for colours in (true_foreground(example), other):
            yield np.rint(share * colours + (1 - share) * background).astype(np.uint8), alpha, colours


# ---- composites -----------------------------------------------------------------------------------------------------

METHODS = ("ISNet, automatic", "ISNet, fine hair", "best, automatic", "best, fine hair")

JUDGED = (Errors._fields.index("mse"), Errors._fields.index("gradient"))
"""By which errors constants are chosen."""


class Measured(NamedTuple):
    """One composite, or the mean of several: `ratios` are logarithms, methods × errors, to ISNet's own mask.

    `colours` is the logarithm of our colour error's ratio to the naive cutout's, both with the true alpha; `exact` is
    the share of composites of which every opaque pixel has the photo's own colour. `overlap` is the IoU of ISNet's own
    mask.
    """

    ratios: Array
    colours: Array
    exact: Array
    overlap: Array

    @property
    def score(self) -> Array:
        """What constants are chosen by, the less the better: a constant moves either the mattes or the colours."""
        return np.concatenate([self.ratios[..., JUDGED].ravel(), [self.colours]]).mean()


def predict(photo: Photo) -> Known:
    """The single networks' predictions, of which every method's matte can be made."""
    parts: Known = {}
    segment(photo, Recipe("best"), known=parts)
    del parts["best"]
    return {name: replace(matte, features=()) for name, matte in parts.items()}


def measure(composite: Composite, parts: Known) -> Measured:
    image, alpha = composite.photo.rgb, np.rint(composite.truth * 255).astype(np.uint8)
    found = mattes(composite.photo, dict(parts))
    errors = {name: np.array(matte_errors(matte, composite)) for name, matte in found.items()}
    colours = estimate_foreground(image, alpha)
    naive, ours = (colour_error(estimate, alpha, composite.foreground) for estimate in (image, colours))
    return Measured(
        np.log([errors[name] / errors[OWN_MASK] for name in METHODS]),
        np.log(ours / naive),
        np.asarray((colours == image)[alpha == 255].all()),
        np.asarray(iou(found[OWN_MASK], composite.truth)),
    )


Case = tuple[Composite, Known]
Row = tuple[str, Measured]
"""The name of a matte, and what was measured on a composite of it."""


def measured(cases: Iterable[Case]) -> list[Row]:
    return [(composite.name, measure(composite, parts)) for composite, parts in cases]


def by_matte(rows: Iterable[Row]) -> dict[str, Measured]:
    """The mean over the composites of each matte."""
    found: dict[str, list[Measured]] = {}
    for name, figures in rows:
        found.setdefault(name, []).append(figures)
    return {name: Measured(*(np.mean(values, axis=0) for values in zip(*m, strict=True))) for name, m in found.items()}


def report_composites(folder: Path, photos: Path, number: int, enlarged: int, choices: Sequence[Candidate]) -> None:
    cases = [(composite, predict(composite.photo)) for composite in composites(folder, photos, number)]
    print_composites("800 pixels", measured(cases))
    if enlarged:
        larger = composites(folder, photos, number, enlarged)
        print_composites("12 megapixels", measured((composite, predict(composite.photo)) for composite in larger))
    if choices:
        report_choice(cases, choices)


def print_composites(size: str, rows: Sequence[Row]) -> None:
    means = by_matte(rows)
    print(f"\n### {len(rows)} composites of {size}, from {len(means)} mattes: ratios to ISNet's own mask\n")
    print_table(
        ("MSE / gradient", "IoU of that mask", *METHODS, "colours ÷ naive"),
        (
            [
                name,
                f"{m.overlap:.2f}",
                *(f"{ratio(mse)} / {ratio(slope)}" for mse, slope in m.ratios[:, JUDGED]),
                ratio(m.colours),
            ]
            for name, m in means.items()
        ),
    )
    print_means(size, rows)
    right = [(name, figures) for name, figures in rows if figures.overlap > RIGHT_SUBJECT]
    if right:
        print_means(f"{size}, right subject (IoU > {RIGHT_SUBJECT})", right)


def print_means(title: str, rows: Sequence[Row]) -> None:
    means = by_matte(rows).values()
    ratios, colours, exact = (np.array(values) for values in list(zip(*means, strict=True))[:3])
    print(f"\n### Composites, {title}: geometric means over {len(means)} mattes\n")
    print_ratios({name: ratios[:, place] for place, name in enumerate(METHODS)})
    print(f"\nColours ÷ naive: {ratio_with_interval(colours)}; all opaque pixels exact in {exact.mean():.0%} of them.")


# ---- choice of constants --------------------------------------------------------------------------------------------


def candidates(text: str) -> list[Candidate]:
    """Of NAME=VALUE,…; raises ValueError, as argparse wants it, where that names no constant or no number."""
    name, values = text.split("=")
    if name not in {field.name for field in fields(CONSTANTS)}:
        raise ValueError
    kind = type(getattr(CONSTANTS, name))
    return [{name: kind(value)} for value in values.split(",")]


@contextmanager
def constants(changes: Candidate) -> Iterator[None]:
    """The given constants in place of those in use."""
    with ExitStack() as stack:
        for module in (matting, foreground, fusion, pipeline):
            stack.enter_context(mock.patch.object(module, "CONSTANTS", replace(CONSTANTS, **changes)))
        yield


def leave_one_out(scores: Array) -> Array:
    """For each matte the candidate with the least mean score on the others, of `scores`: candidates × mattes.

    Of equals the first.
    """
    return np.argmin(scores.sum(axis=1, keepdims=True) - scores, axis=0)


def report_choice(cases: Sequence[Case], choices: Sequence[Candidate]) -> None:
    tried: list[Candidate] = [{}, *choices]
    found = []
    for candidate in tried:
        with constants(candidate):
            found.append(by_matte(measured(cases)))
    names = list(found[0])
    chosen = leave_one_out(np.array([[means[name].score for name in names] for means in found]))
    left_out = {name: found[choice][name] for name, choice in zip(names, chosen, strict=True)}
    times = Counter(chosen.tolist())
    titles = [", ".join(f"{name} {value}" for name, value in candidate.items()) or "defaults" for candidate in tried]
    print("\n### Constants: each ÷ the defaults (MSE / gradient), and for how many left-out mattes it was chosen\n")
    print_table(
        ("constant", "chosen", "judged by", *METHODS, "image MSE", "colours"),
        [
            *([title, f"{times[n]}", *compared(found[n], found[0])] for n, title in enumerate(titles)),
            ["left-out mattes", f"{len(names)}", *compared(left_out, found[0])],
        ],
    )
    print_means("constants chosen on the other mattes", list(left_out.items()))


def compared(some: Mapping[str, Measured], base: Mapping[str, Measured]) -> list[str]:
    """What the mattes are judged by, the errors of each method, and the colours, as ratios to those of `base`."""
    scores, ratios, colours = (
        np.array([getattr(some[matte], name) - getattr(base[matte], name) for matte in base])
        for name in ("score", "ratios", "colours")
    )
    each = (f"{ratio(mse, 3)} / {ratio(slope, 3)}" for mse, slope in ratios[..., JUDGED].mean(axis=0))
    image = ratios[..., Errors._fields.index("image_mse")]
    return [ratio_with_interval(scores, 3), *each, ratio(image, 3), ratio(colours, 3)]


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
    for model in (ISNET, "u2netp"):
        methods[f"{model}, rembg"] = lambda p, m=model: rembg_cutout(p, m, only_mask=True)  # type: ignore[misc]
        methods[f"{model}, automatic"] = lambda p, m=model: matting.refine(p.rgb, prediction(p, m))  # type: ignore[misc]
    methods["best, automatic"] = lambda p: matting.refine(p.rgb, prediction(p, "best"))
    methods["best, fine hair"] = lambda p: matting.alpha_matting(p.rgb, prediction(p, "best"))
    pairs = masks(folder)
    scores = {name: Score() for name in methods}
    doubts: dict[str, list[float]] = {"failure": [], "disagreement": []}
    for image, mask in pairs:
        photo = decode(image)
        truth = np.where(np.asarray(Image.open(mask).convert("L")) > 127, 255, 0).astype(np.uint8)
        for name, run in methods.items():
            scores[name].add(np.ascontiguousarray(run(photo)), truth)
        for name, doubt in doubts_of_best(photo).items():
            doubts[name].append(doubt)
    overlaps = {name: np.array(score.overlaps) for name, score in scores.items()}
    print(f"\n### Subject masks, {len(pairs)} photos\n")
    print_table(
        ("method", "weighted F", "S-measure", "MAE", "IoU", "median IoU", "IoU < 0.5", "spoilt"),
        (
            [name, *score.figures(), f"{spoilt(overlaps[name], overlaps[f'{ISNET}, automatic'])}"]
            for name, score in scores.items()
        ),
    )
    print(f"\nSpoilt: IoU more than {SPOILT} below that of {ISNET}, automatic, which is at least {RIGHT_MASK}.")
    print("\n### What tells that best, automatic fails: area under the ROC curve\n")
    best = overlaps["best, automatic"]
    print_table(
        ("by", *(f"IoU < {limit} ({(best < limit).sum()})" for limit in (0.5, 0.75))),
        ([name, *(f"{auroc(np.array(d), best < limit):.3f}" for limit in (0.5, 0.75))] for name, d in doubts.items()),
    )


def doubts_of_best(photo: Photo) -> dict[str, float]:
    """How probable a failure is, and how much its two networks disagree, each the mean of its predictions."""
    prediction(photo, "best")
    parts = known(photo)
    fine, coarse = (
        np.mean([parts[name].alpha for name in (part, in_mirror(part)) if name in parts], axis=0)
        for part in MODELS["best"].parts
    )
    return {"failure": fusion.failure(fine), "disagreement": fusion.disagreement(fine, coarse)}


def spoilt(overlaps: Array, before: Array) -> int:
    """How many photos that were right have an IoU that is clearly lower now."""
    return int(((before >= RIGHT_MASK) & (overlaps < before - SPOILT)).sum())


def auroc(values: Array, failed: Array) -> float:
    """How probable it is that a failure has the greater value than a success; NaN if there are not both.

    The area under the ROC curve (Mann and Whitney's U over the number of pairs); of equals each counts half.
    """
    bad, good = values[failed, None], values[~failed]
    return float(((bad > good) + 0.5 * (bad == good)).mean()) if bad.size and good.size else float("nan")


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
            f"{np.median(self.overlaps):.4f}",
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

PLAIN = {"white": (255, 255, 255), "black": (0, 0, 0), "green": (0, 190, 0)}


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
    picture = Image.new("RGB", (len(cutouts) * side, len(PLAIN) * side + 20), "white")
    write = ImageDraw.Draw(picture).text
    for column, (title, rgba) in enumerate(cutouts.items()):
        write((column * side + 4, 4), title, fill="black")
        tile = Image.fromarray(crop(rgba, centre, side))
        for row, colour in enumerate(PLAIN.values()):
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
