"""Parsing of a TFLite file into a network, by the slots of its schema.

What a rewrite does not know is refused. The file is one whose hash was verified: it is not searched
for malice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.rewriting.flatbuffer_reader import TableView
from models.rewriting.graph import (
    Constant,
    Convolution,
    Graph,
    Kind,
    Operator,
    Padding,
    Shape,
    Tensor,
)
from models.rewriting.refusal import refused, require

_FLOAT32, _INT32 = 0, 2
_FUSED_ACTIVATION = {
    Kind.ADD: 0,
    Kind.CONV_2D: 3,
    Kind.DEPTHWISE_CONV_2D: 4,
    Kind.FULLY_CONNECTED: 0,
    Kind.MUL: 0,
    Kind.SUB: 0,
}
"""The slot of the fused activation in the options of an operator."""


def parsed(data: bytes, name: str) -> Graph:
    """The network in a TFLite file.

    Args:
        data: the file.
        name: of the file, for error messages.

    Raises:
        ModelError: it has something that no rewrite knows.
        LookupError, ValueError, struct.error: it is damaged.
    """
    model = TableView.root(data)
    subgraphs, codes, buffers = model.tables(2), model.tables(1), model.tables(4)
    require(len(subgraphs) == 1, name, "it has several subgraphs")
    [graph] = subgraphs
    inputs, outputs = graph.integers(1), graph.integers(2)
    require(len(inputs) == len(outputs) == 1, name, "it has several inputs or outputs")
    return Graph(
        [_tensor(buffers, each, name) for each in graph.tables(0)],
        [_operator(codes, each, name) for each in graph.tables(3)],
        inputs[0],
        outputs[0],
    )


def _tensor(buffers: Sequence[TableView], source: TableView, name: str) -> Tensor:
    label, shape, kind = source.raw(3).decode(), tuple(source.integers(0)), source.scalar(1, "b")
    require(kind in (_FLOAT32, _INT32), name, f"the tensor {label} has type {kind}")
    raw = buffers[source.scalar(2, "I")].raw(0)
    return Tensor(label, shape, _constant(raw, shape, integer=kind == _INT32) if raw else None)


def _constant(raw: bytes, shape: Shape, *, integer: bool) -> Constant:
    if integer:
        return np.frombuffer(raw, "<i4").reshape(shape).astype(np.int32)
    return np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)


def _operator(codes: Sequence[TableView], source: TableView, name: str) -> Operator:
    code = codes[source.scalar(0, "I")]
    number, outputs = max(code.scalar(0, "b"), code.scalar(3)), source.integers(2)
    require(number in set(Kind) and len(outputs) == 1, name, f"operator {number} is unknown")
    kind, options = Kind(number), source.table(4)
    if options is not None and kind in _FUSED_ACTIVATION:
        fused = options.scalar(_FUSED_ACTIVATION[kind], "b")
        require(fused == 0, name, f"operator {number} has a fused activation")
    convolution = None
    if kind in (Kind.CONV_2D, Kind.DEPTHWISE_CONV_2D):
        if options is None:
            raise refused(name, f"operator {number} has no options")
        convolution = _convolution(options, depthwise=kind is Kind.DEPTHWISE_CONV_2D)
    return Operator(kind, tuple(source.integers(1)), outputs[0], convolution)


def _convolution(options: TableView, *, depthwise: bool) -> Convolution:
    dilations = 5 if depthwise else 4
    return Convolution(
        Padding(options.scalar(0, "b")),
        (options.scalar(2), options.scalar(1)),
        (options.scalar(dilations + 1, default=1), options.scalar(dilations, default=1)),
        options.scalar(3) if depthwise else 0,
    )
