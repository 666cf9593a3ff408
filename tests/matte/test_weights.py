"""The bundled networks are what their README says, and the int8 file can be rebuilt."""

import hashlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

WEIGHTS = Path(__file__).parents[2] / "bgdemo" / "weights"
ISNET = WEIGHTS / "isnet-general-use.onnx"


def test_checksums_are_those_of_the_readme() -> None:
    table = dict(re.findall(r"\| `([\w-]+\.onnx)` \|.*`([0-9a-f]{64})` \|", (WEIGHTS / "README.md").read_text()))
    assert len(table) == 3
    for name, checksum in table.items():
        assert hashlib.sha256((WEIGHTS / name).read_bytes()).hexdigest() == checksum


def fp32_export() -> onnx.ModelProto:
    """The network as an fp32 export: every int8 weight of the committed file read back to floats."""
    model = onnx.load(ISNET)
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "DequantizeLinear"]:
        values, scale, _ = (tensors.pop(name) for name in node.input)
        tensors[node.output[0]] = values.astype(np.float32) * scale[:, None, None, None]
        model.graph.node.remove(node)
    del model.graph.initializer[:]
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in tensors.items())
    return model


def test_the_int8_file_can_be_rebuilt(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("rebuild", WEIGHTS / "rebuild_isnet_int8.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    onnx.save(script.rebuild(fp32_export()), tmp_path / "rebuilt.onnx")
    assert abs((tmp_path / "rebuilt.onnx").stat().st_size - ISNET.stat().st_size) < 10_000

    photo = np.random.default_rng(0).random((1, 3, 1024, 1024), np.float32) - 0.5
    committed, rebuilt = (
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(["output"], {"input": photo})[0]
        for path in (ISNET, tmp_path / "rebuilt.onnx")
    )
    assert np.abs(committed - rebuilt).max() <= 1e-4
