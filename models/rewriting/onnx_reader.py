"""Parsing of an ONNX file with our own protobuf reader: `onnx` is no dependency of a kiosk.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (the numbers of the fields)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.protobuf import Message
from models.rewriting.refusal import require

_TYPES: Mapping[int, str] = {1: "<f4", 3: "<i1", 7: "<i8"}
"""Types of constants: floats, and integers of 8 and of 64 bits."""
_FLOAT = 1
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7

Attribute = float | int | Sequence[int]
Array = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph.

    Attributes:
        kind: its type, for example ``Conv``.
        inputs: names.
        output: name of its only output.
        attributes: numbers by name; attributes of another type are left out.
    """

    kind: str
    inputs: Sequence[str]
    output: str
    attributes: Mapping[str, Attribute]

    def integers(self, name: str, default: Sequence[int]) -> Sequence[int]:
        """An attribute that is a list of integers."""
        value = self.attributes.get(name, default)
        return default if isinstance(value, int | float) else value

    def integer(self, name: str, default: int) -> int:
        """An attribute that is an integer."""
        value = self.attributes.get(name, default)
        return value if isinstance(value, int) else default

    def number(self, name: str, default: float) -> float:
        """An attribute that is a number."""
        value = self.attributes.get(name, default)
        return value if isinstance(value, int | float) else default


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """A network with one input and one output.

    Attributes:
        nodes: in the order of execution.
        constants: by name.
        input: name.
        shape: of the input.
        output: name.
    """

    nodes: Sequence[Node]
    constants: Mapping[str, Array]
    input: str
    shape: tuple[int, ...]
    output: str


def parsed(data: bytes, name: str) -> OnnxGraph:
    """The network in an ONNX file.

    Args:
        data: the file.
        name: of the file, for error messages.

    Raises:
        ModelError: it is no ONNX file, or has something that no rewrite knows.
    """
    graph = Message(data, name).message(7)
    constants = dict(_constant(each, name) for each in graph.messages(5))
    nodes = [_node(each, name) for each in graph.messages(1)]
    taken = {each for node in nodes for each in node.inputs} - constants.keys()
    inputs = [each for each in graph.messages(11) if each.text(1) in taken]
    require(len(inputs) == 1, name, "it has several inputs, or none")
    shape, output = _shape(inputs[0]), graph.message(12).text(1)
    return OnnxGraph(nodes, constants, inputs[0].text(1), shape, output)


def _shape(value: Message) -> tuple[int, ...]:
    dimensions = value.message(2).message(1).message(2).messages(1)
    return tuple(each.integer(1, 0) for each in dimensions)


def _node(message: Message, name: str) -> Node:
    outputs, kind = message.texts(2), message.text(4)
    require(len(outputs) == 1, name, f"a {kind} has several outputs")
    pairs = (_attribute(each) for each in message.messages(5))
    attributes = {key: value for key, value in pairs if value is not None}
    return Node(kind, message.texts(1), outputs[0], attributes)


def _attribute(message: Message) -> tuple[str, Attribute | None]:
    match message.integer(20):
        case 1:
            return message.text(1), message.number(2, 0.0)
        case 2:
            return message.text(1), message.integer(3, 0)
        case 7:
            return message.text(1), message.integers(8)
        case _:
            return message.text(1), None


def _constant(message: Message, name: str) -> tuple[str, Array]:
    label, kind, shape = message.text(8), message.integer(2), tuple(message.integers(1))
    require(kind in _TYPES, name, f"the constant {label} has type {kind}")
    stored = np.dtype(_TYPES[kind])
    values = message.numbers(4) if kind == _FLOAT else np.empty(0)
    if not values.size:
        values = np.frombuffer(b"".join(message.byte_strings(9)), stored)
    fits = values.size == math.prod(shape)
    require(fits, name, f"the constant {label} does not have the bytes of its shape")
    return label, values.reshape(shape).astype(stored.newbyteorder("="))
