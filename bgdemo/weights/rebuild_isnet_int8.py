"""Rebuild isnet-general-use.onnx (int8 weights) from an fp32 or fp16 export of the same network.

    pip install onnx
    python bgdemo/weights/rebuild_isnet_int8.py EXPORT.onnx OUTPUT.onnx

Each 4-D convolution weight becomes int8, symmetric, with one scale for each output channel, read back by a
`DequantizeLinear` on axis 0; everything else becomes fp32. Where to get an export stands in README.md beside this file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def rebuild(model: onnx.ModelProto) -> onnx.ModelProto:
    """`model`, changed in place: fp32 throughout, its convolution weights stored as int8."""
    graph = model.graph
    dequantize: list[onnx.NodeProto] = []
    tensors: list[onnx.TensorProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 4:
            parts = quantize(values.astype(np.float32))
            names = [f"{tensor.name}_{part}" for part in "qsz"]
            tensors += [numpy_helper.from_array(array, name) for array, name in zip(parts, names, strict=True)]
            dequantize.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=0))
        else:
            tensors.append(_as_fp32(tensor))
    _replace(graph.initializer, tensors)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == "to" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT
            elif attribute.HasField("t"):
                attribute.t.CopyFrom(_as_fp32(attribute.t))
    _replace(graph.node, [*dequantize, *graph.node])
    del graph.value_info[:]  # the types noted there are the export's own
    return model


def quantize(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(int8 values, fp32 scale per output channel, int8 zero points of 0) of a float weight out×in×kh×kw."""
    scale = np.maximum(np.abs(weight).max(axis=(1, 2, 3)), 1e-12) / 127
    values = np.clip(np.rint(weight / scale[:, None, None, None]), -127, 127)
    return values.astype(np.int8), scale.astype(np.float32), np.zeros(len(scale), np.int8)


def _as_fp32(tensor: onnx.TensorProto) -> onnx.TensorProto:
    if tensor.data_type != TensorProto.FLOAT16:
        return tensor
    return numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name)


def _replace(field, items) -> None:  # type: ignore[no-untyped-def]  # protobuf's repeated fields have no usable type
    copies = [type(item).FromString(item.SerializeToString()) for item in items]
    del field[:]
    field.extend(copies)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Store an ISNet export with int8 weights.")
    parser.add_argument("export", type=Path)
    parser.add_argument("output", type=Path)
    paths = parser.parse_args()
    onnx.save(rebuild(onnx.load(paths.export)), paths.output)
