"""How long a photo takes and how much memory, as Markdown tables: ours beside rembg's with the same network file.

    python benchmarks/speed.py PHOTO.jpg [--megapixels 1 12 48] [--rounds 3] [--models isnet-general-use u2netp best]

Every candidate has a process of its own, for its peak memory; all of them are timed in turns, round after round, so
that a noisy machine is equally unfair to all, and the best round counts. The floor is what no program can avoid:
decoding the JPEG, the bare inference (of both networks for "best"), and a PNG at zlib level 1.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FINE, COARSE = "isnet-general-use", "u2netp"
Job = Callable[[bytes], object]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photo", type=Path)
    options.add_argument("--megapixels", type=float, nargs="+", default=[12])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--models", nargs="+", default=[FINE, COARSE, "best"])
    options.add_argument("--without-rembg", action="store_true", help="ours and the floor only")
    options.add_argument("--candidate", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.candidate:
        name, argument = given.candidate.split(":")
        if name == "stages":
            report_stages(given.photo, float(argument))
        else:
            serve(name, argument)
        return
    with tempfile.TemporaryDirectory() as folder:
        for size in given.megapixels:
            path = resized(given.photo, size, Path(folder))
            # In a process of its own: the peak memory of a process counts what its parent held when it was started.
            subprocess.run([sys.executable, __file__, str(path), "--candidate", f"stages:{size}"], check=True)
            for model in given.models:
                report_total(path, size, model, given.rounds, not given.without_rembg)


def resized(photo: Path, megapixels: float, folder: Path) -> Path:
    """A JPEG of the photo with about so many pixels, upright."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    size = round(image.width * scale), round(image.height * scale)
    path = folder / f"{megapixels:g}.jpg"
    image.resize(size, Image.Resampling.LANCZOS).save(path, quality=92)
    return path


# ---- candidates, each in its own process ----------------------------------------------------------------------------


def bare(model: str, plain: bool = False) -> Job:
    """The inference alone, on a blank input, in the program's sessions or in `plain` ones of onnxruntime."""
    import onnxruntime

    from bgdemo.matte import segmentation
    from bgdemo.matte.models import MODELS

    calls = []
    for name in MODELS[model].parts or (model,):
        spec = MODELS[name]
        weights = segmentation.WEIGHTS / f"{name}.onnx"
        session = onnxruntime.InferenceSession(weights) if plain else segmentation._session(spec).inner_session
        blank = {session.get_inputs()[0].name: np.zeros((1, 3, spec.input_size, spec.input_size), np.float32)}
        calls.append((session, [session.get_outputs()[0].name], blank))
    return lambda data: [session.run(outputs, blank) for session, outputs, blank in calls]


def floor(model: str) -> Job:
    infer = bare(model)

    def run(data: bytes) -> bytes:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        infer(data)
        image.putalpha(255)
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        return file.getvalue()

    return run


def ours(model: str, alpha_matting: bool = False) -> Job:
    from bgdemo.picture.encoding import encode
    from bgdemo.pipeline import make
    from bgdemo.recipes import Recipe

    recipe = Recipe(model, alpha_matting)
    return lambda data: encode(make(data, recipe)[0])


def theirs(model: str, **choices: bool) -> Job:
    from rembg import remove

    from bgdemo.matte import segmentation
    from bgdemo.matte.models import MODELS

    session = segmentation._session(MODELS[model])
    return lambda data: remove(data, session=session, **choices)


CANDIDATES: dict[str, tuple[str, Callable[[str], Job]]] = {
    "bare": ("network alone", bare),
    "floor": ("floor", floor),
    "automatic": ("ours, automatic", ours),
    "hair": ("ours, fine hair", lambda model: ours(model, alpha_matting=True)),
    "rembg": ("rembg default", theirs),
    "repair": ("rembg, edge repair", lambda model: theirs(model, decontaminate=True)),
    "matting": ("rembg, alpha matting", lambda model: theirs(model, alpha_matting=True)),
}


def serve(candidate: str, model: str) -> None:
    """Run the job on the file named in each line of standard input; answer with seconds and peak gigabytes."""
    job = CANDIDATES[candidate][1](model)
    for line in sys.stdin:
        data = Path(line.strip()).read_bytes()
        start = time.perf_counter()
        with redirect_stdout(sys.stderr):  # pymatting prints warnings, and the answer must stand alone
            job(data)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        print(json.dumps([seconds, peak]), flush=True)


def report_total(path: Path, size: float, model: str, rounds: int, with_rembg: bool) -> None:
    names = [name for name in CANDIDATES if with_rembg or name in ("bare", "floor", "automatic", "hair")]
    if model == "best":
        names = [name for name in names if name not in ("rembg", "repair", "matting")]
    # Closed-form matting takes half a minute a photo; above 15 megapixels also more memory than most machines have.
    names = [name for name in names if name != "matting" or size < 15]
    command = [sys.executable, __file__, str(path), "--candidate"]
    workers = {
        name: subprocess.Popen([*command, f"{name}:{model}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in names
    }
    times: dict[str, list[float]] = {name: [] for name in names}
    peaks: dict[str, float] = {}
    for number in range(rounds + 1):
        for name, worker in workers.items():
            if name == "matting" and number > 1:
                continue
            assert worker.stdin and worker.stdout
            print(path, file=worker.stdin, flush=True)
            seconds, peaks[name] = json.loads(worker.stdout.readline())
            if number:  # The first round warms up.
                times[name].append(seconds)
    for worker in workers.values():
        worker.communicate()
    best = {name: min(values) for name, values in times.items()}
    print(f"\n### {size:g} megapixels, {model}: bytes to PNG bytes, best of {rounds} rounds\n")
    rows = []
    for name in names:
        above = peaks[name] - peaks["bare"]
        compared = [f"{best[name] / best['floor']:.2f} ×"]
        compared += [f"{best[name] / best[other]:.2f} ×" for other in ("rembg", "repair") if other in best]
        rows.append([CANDIDATES[name][0], f"{best[name]:.2f}", *compared, f"{peaks[name]:.2f}", f"{above:+.2f}"])
    versus = [f"÷ {CANDIDATES[other][0]}" for other in ("rembg", "repair") if other in best]
    print_table(("candidate", "seconds", "÷ floor", *versus, "peak GB", "above the network alone"), rows)


# ---- stages ---------------------------------------------------------------------------------------------------------


def report_stages(path: Path, size: float) -> None:
    from bgdemo.decode import decode
    from bgdemo.images import Picture
    from bgdemo.matte import foreground, fusion, matting, segmentation
    from bgdemo.matte.models import MODELS
    from bgdemo.picture.encoding import encode

    data = path.read_bytes()
    photo = decode(data)
    fine, coarse = (segmentation.predict(photo, MODELS[name]).alpha for name in (FINE, COARSE))
    alpha = matting.refine(photo.rgb, fine)
    colours = foreground.estimate_foreground(photo.rgb, alpha)
    picture = Picture(np.dstack([colours, alpha]), photo.metadata, FINE)
    stages: dict[str, Callable[[], Any]] = {
        "decode": lambda: decode(data),
        "resize and ISNet": lambda: segmentation.predict(photo, MODELS[FINE]),
        "resize and u2netp": lambda: segmentation.predict(photo, MODELS[COARSE]),
        "fuse": lambda: fusion.fuse(fine, coarse),
        "refine": lambda: matting.refine(photo.rgb, fine),
        "refine, fine hair": lambda: matting.alpha_matting(photo.rgb, fine),
        "foreground": lambda: foreground.estimate_foreground(photo.rgb, alpha),
        "PNG": lambda: encode(picture),
    }
    soft = ((alpha > 0) & (alpha < 255)).mean()
    print(f"\n### {size:g} megapixels: each stage, best of 3 (soft pixels: {soft:.1%})\n")
    print_table(("stage", "seconds"), ([name, f"{best_of(3, stage):.3f}"] for name, stage in stages.items()))
    report_helper(path, size)


def report_helper(path: Path, size: float, rounds: int = 15) -> None:
    from bgdemo.decode import decode
    from bgdemo.page.decoding import Decoders

    helpers = Decoders(1)
    places = {"in this process": decode, "in the helper process": helpers.decode}
    times: dict[str, list[float]] = {name: [] for name in places}
    for number in range(rounds + 1):
        for name, place in places.items():
            start = time.perf_counter()
            place(path)
            if number:  # The first round warms up.
                times[name].append(1000 * (time.perf_counter() - start))
    helpers.end()
    here, there = (statistics.median(values) for values in times.values())
    print(f"\n### {size:g} megapixels: decoding, median of {rounds} rounds in turns\n")
    rows = [["in this process", f"{here:.0f}", ""], ["in the helper process", f"{there:.0f}", f"{there - here:+.0f}"]]
    print_table(("decoded", "ms", "more"), rows)


def best_of(times: int, run: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
