"""Small ONNX networks, written field by field: onnxruntime reads them, and the rewriting too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from wire_format import fixed32, integer, piece

Array = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.int64]
_FLOAT = 1
_OF_BLOCKS = 21
"""The version of the operators that knows quantisation in blocks, and asks for a newer format."""
_TYPES = {"float32": _FLOAT, "int8": 3, "int64": 7}


def node(
    kind: str, inputs: Sequence[str], output: str, **attributes: float | Sequence[int]
) -> bytes:
    """A node of a graph."""
    made = b"".join(piece(1, name) for name in inputs) + piece(2, output) + piece(4, kind)
    return made + b"".join(piece(5, _attribute(*pair)) for pair in attributes.items())


def _attribute(name: str, value: float | str | Sequence[int]) -> bytes:
    match value:
        case str():
            return piece(1, name) + piece(4, value) + integer(20, 3)
        case int():
            return piece(1, name) + integer(3, value) + integer(20, 2)
        case float():
            return piece(1, name) + fixed32(2, value) + integer(20, 1)
        case _:
            packed = b"".join(integer(8, each) for each in value)
            return piece(1, name) + packed + integer(20, 7)


def tensor(name: str, values: Array) -> bytes:
    """A constant."""
    sizes = b"".join(integer(1, size) for size in values.shape)
    kind = integer(2, _TYPES[values.dtype.name])
    return sizes + kind + piece(8, name) + piece(9, values.tobytes())


def number_by_number(name: str, values: NDArray[np.float32]) -> bytes:
    """A constant of floats that are stored as such, and not as bytes."""
    sizes = b"".join(integer(1, size) for size in values.shape)
    return sizes + integer(2, _FLOAT) + piece(4, values.tobytes()) + piece(8, name)


def value(name: str, shape: Sequence[int]) -> bytes:
    """The type of an input or output."""
    sizes = b"".join(piece(1, integer(1, size)) for size in shape)
    return piece(1, name) + piece(2, piece(1, integer(1, _FLOAT) + piece(2, sizes)))


def model(
    nodes: Sequence[bytes],
    constants: Mapping[str, Array],
    given: Sequence[int],
    made: Sequence[int],
    *more_inputs: bytes,
    operators: int = 9,
    stored: Sequence[bytes] = (),
) -> bytes:
    """A network from `input` to `output` of these shapes.

    Args:
        nodes: in the order of execution.
        constants: by name.
        given: shape of the input.
        made: shape of the output.
        more_inputs: by `value`.
        operators: their version.
        stored: more constants, by `number_by_number`.
    """
    graph = b"".join(piece(1, each) for each in nodes) + piece(2, "sample")
    graph += b"".join(piece(5, tensor(*pair)) for pair in constants.items())
    graph += b"".join(piece(5, each) for each in stored)
    graph += piece(11, value("input", given)) + b"".join(piece(11, each) for each in more_inputs)
    graph += piece(12, value("output", made))
    version = 6 if operators < _OF_BLOCKS else 10
    return integer(1, version) + piece(7, graph) + piece(8, piece(1, "") + integer(2, operators))
