"""A network's inner tensors: that they are given, and what is kept of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from bgdemo.decode import decode
from bgdemo.matte import segmentation
from bgdemo.matte.features import COMPONENTS, compact, with_outputs
from bgdemo.matte.models import MODELS, WITH_FEATURES

WEIGHTS = segmentation.WEIGHTS / "u2netp.onnx"


def test_a_network_gives_its_inner_tensors_and_nothing_else_that_nobody_asks_for() -> None:
    import onnx

    graph = onnx.load(WEIGHTS).graph
    inner = next(node.output[0] for node in graph.node if node.op_type == "Relu")
    before = WEIGHTS.stat().st_mtime_ns
    with with_outputs(WEIGHTS, [inner]) as path:
        session = onnxruntime.InferenceSession(path)
    assert [tensor.name for tensor in session.get_outputs()] == [graph.output[0].name, inner]
    whole = onnxruntime.InferenceSession(WEIGHTS)
    photo = {whole.get_inputs()[0].name: np.random.default_rng(0).normal(size=(1, 3, 320, 320)).astype(np.float32)}
    assert np.array_equal(session.run(None, photo)[0], whole.run(None, photo)[0])
    assert not path.exists()
    assert WEIGHTS.stat().st_mtime_ns == before


KILLED_WHILE_IT_LOADS = """
import os, signal
from pathlib import Path
from bgdemo.matte.features import with_outputs

with with_outputs(Path(os.environ["WEIGHTS"]), ["/stage1/Add_output_0"]) as path:
    assert path.stat().st_size
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems reach no file that has no name")
def test_nothing_is_left_of_a_program_that_is_killed_while_a_network_loads(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "WEIGHTS": str(WEIGHTS)}
    program = subprocess.run([sys.executable, "-c", KILLED_WHILE_IT_LOADS], env=environment)
    assert program.returncode == -signal.SIGKILL
    assert not list(tmp_path.iterdir())


def test_without_inner_tensors_the_file_is_the_network_itself() -> None:
    with with_outputs(WEIGHTS, []) as path:
        assert path == WEIGHTS


def test_the_principal_components_keep_what_differs() -> None:
    """Two halves that differ in many noisy channels differ in what is kept, too."""
    random = np.random.default_rng(0)
    layer = random.normal(size=(200, 32, 32)).astype(np.float32)
    layer[:100, :, 16:] += 2
    kept = compact(layer)
    assert (kept.shape, kept.dtype) == ((COMPONENTS, 32, 32), np.float16)
    left, right = kept[0, :, :16].astype(float), kept[0, :, 16:].astype(float)
    assert abs(left.mean() - right.mean()) > 5 * max(left.std(), right.std())


def test_a_flat_layer_has_components_too() -> None:
    assert np.isfinite(compact(np.zeros((64, 16, 16), np.float32))).all()


def test_alike_is_what_a_network_sees_alike() -> None:
    """Within the cat the features are more alike than between the cat and what is around it."""
    photo = decode(Path(segmentation.__file__).parents[1] / "examples" / "kucing.jpg")
    matte = segmentation.predict(photo, MODELS[WITH_FEATURES])
    features = matte.features[0].astype(np.float32)
    features /= np.linalg.norm(features, axis=0)
    mask = np.asarray(Image.fromarray(matte.alpha).resize(features.shape[:0:-1], Image.Resampling.BOX))
    cat, around = features[:, mask > 0.95], features[:, mask < 0.05]
    assert (cat.T @ cat).mean() > (cat.T @ around).mean() + 0.1


@pytest.mark.parametrize("model", ["u2netp", "best"])
def test_what_has_no_features_of_its_own_says_so(model: str) -> None:
    assert MODELS[model].features == ()
