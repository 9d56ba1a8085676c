"""Serialisation of a network as TFLite, by the slots of its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from models.rewriting.flatbuffer_writer import Integers, Part, Scalar, Table, Tables, serialised
from models.rewriting.graph import Constant, Convolution, Graph, Kind, Operator, Tensor

SCHEMA_VERSION = 3
FILE_IDENTIFIER = b"TFL3"

_FLOAT32, _INT32 = 0, 2
_OPTIONS = {
    Kind.ADD: 11,
    Kind.CONV_2D: 1,
    Kind.DEPTHWISE_CONV_2D: 2,
    Kind.FULLY_CONNECTED: 8,
    Kind.MUL: 21,
    Kind.RESHAPE: 17,
    Kind.PAD: 22,
    Kind.MEAN: 27,
    Kind.SUB: 28,
    Kind.ABS: 78,
}
"""Members of the union of options; an operator that is not here has none."""

_LAST_OLD_CODE = 127
"""The last operator that the old field can name; for a later one it has this value."""


def packed(graph: Graph, description: str) -> bytes:
    """The network as a TFLite file.

    Args:
        graph: the network.
        description: of the file.
    """
    kinds = sorted({operator.kind for operator in graph.operators})
    constants = [tensor.data for tensor in graph.tensors if tensor.data is not None]
    root: dict[int, Scalar | Part] = {
        0: Scalar(SCHEMA_VERSION, "I"),
        1: Tables([_code(kind) for kind in kinds]),
        2: Tables([_subgraph(graph, kinds)]),
        3: description,
        4: Tables([Table({}), *(_buffer(each) for each in constants)]),
    }
    return serialised(Table(root), FILE_IDENTIFIER)


def _buffer(data: Constant) -> Table:
    return Table({0: np.ascontiguousarray(data, data.dtype.newbyteorder("<")).tobytes()})


def _code(kind: Kind) -> Table:
    version = Scalar(1)
    return Table({0: Scalar(min(kind, _LAST_OLD_CODE), "b"), 2: version, 3: Scalar(kind)})


def _subgraph(graph: Graph, kinds: list[Kind]) -> Table:
    return Table(
        {
            0: Tables(list(_tensors(graph))),
            1: Integers([graph.input]),
            2: Integers([graph.output]),
            3: Tables([_operator(each, kinds) for each in graph.operators]),
            4: "main",
        }
    )


def _tensors(graph: Graph) -> Iterator[Table]:
    """The tensors with their buffers; an activation has the empty one, number 0."""
    buffers = 0
    for tensor in graph.tensors:
        buffers += tensor.data is not None
        yield _tensor(tensor, buffers if tensor.data is not None else 0)


def _tensor(tensor: Tensor, buffer: int) -> Table:
    integer = tensor.data is not None and tensor.data.dtype == np.int32
    return Table(
        {
            0: Integers(tensor.shape),
            1: Scalar(_INT32 if integer else _FLOAT32, "b"),
            2: Scalar(buffer, "I"),
            3: tensor.name,
        }
    )


def _operator(operator: Operator, kinds: list[Kind]) -> Table:
    fields: dict[int, Scalar | Part] = {
        0: Scalar(kinds.index(operator.kind), "I"),
        1: Integers(operator.inputs),
        2: Integers([operator.output]),
    }
    if operator.kind in _OPTIONS:
        fields[3] = Scalar(_OPTIONS[operator.kind], "B")
        fields[4] = Table(_options(operator))
    return Table(fields)


def _options(operator: Operator) -> Mapping[int, Scalar]:
    if operator.convolution is not None:
        return _convolution(operator.convolution)
    return {0: Scalar(1, "?")} if operator.kind is Kind.MEAN else {}  # MEAN: keep the axes


def _convolution(given: Convolution) -> Mapping[int, Scalar]:
    fields = {
        0: Scalar(given.padding, "b"),
        1: Scalar(given.stride[1]),
        2: Scalar(given.stride[0]),
    }
    dilations = 4
    if given.multiplier:
        fields[3] = Scalar(given.multiplier)
        dilations = 5
    fields[dilations] = Scalar(given.dilation[1])
    fields[dilations + 1] = Scalar(given.dilation[0])
    return fields
