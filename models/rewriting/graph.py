"""A TFLite network as values: tensors, and the operators between them. Activations are float32.

Only what the shipped networks need is known. Numbers are those of TFLite's schema.

Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Constant = NDArray[np.float32] | NDArray[np.int32]
Shape = tuple[int, ...]


class Kind(IntEnum):
    """Built-in operators."""

    ADD = 0
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    FULLY_CONNECTED = 9
    LOGISTIC = 14
    MUL = 18
    RELU = 19
    RESHAPE = 22
    PAD = 34
    MEAN = 40
    SUB = 41
    PRELU = 54
    ABS = 101


class Padding(IntEnum):
    """Padding of a convolution: as much as keeps the size, or none."""

    SAME = 0
    VALID = 1


@dataclass(frozen=True, slots=True)
class Convolution:
    """Options of a convolution.

    Attributes:
        padding: at the borders.
        stride: vertical and horizontal.
        dilation: vertical and horizontal.
        multiplier: of a depthwise convolution, outputs for each input channel; else 0.
    """

    padding: Padding
    stride: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    multiplier: int = 0


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant, or an activation.

    Attributes:
        name: as in the original network.
        shape: with the batch first, and the channels last.
        data: None for an activation.
    """

    name: str
    shape: Shape
    data: Constant | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with one output.

    Attributes:
        kind: what it does.
        inputs: indexes of tensors.
        output: index of a tensor.
        convolution: options of a convolution; None for another operator.
    """

    kind: Kind
    inputs: tuple[int, ...]
    output: int
    convolution: Convolution | None = None


@dataclass(slots=True)
class Graph:
    """A network with one input and one output, in the order of execution.

    Attributes:
        tensors: constants and activations.
        operators: each after those whose outputs it takes.
        input: index of a tensor.
        output: index of a tensor.
    """

    tensors: list[Tensor] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    input: int = 0
    output: int = 0

    def shape(self, tensor: int) -> Shape:
        """The shape of a tensor."""
        return self.tensors[tensor].shape

    def add_tensor(self, name: str, shape: Shape) -> int:
        """Append an activation; returns its index."""
        self.tensors.append(Tensor(name, shape))
        return len(self.tensors) - 1

    def add_constant(self, name: str, data: Constant) -> int:
        """Append a constant; returns its index."""
        self.tensors.append(Tensor(name, data.shape, data))
        return len(self.tensors) - 1

    def add_operator(
        self,
        kind: Kind,
        inputs: Sequence[int],
        name: str,
        shape: Shape,
        convolution: Convolution | None = None,
    ) -> int:
        """Append an operator and its output, of that name and shape; returns the output's index."""
        output = self.add_tensor(name, shape)
        self.operators.append(Operator(kind, tuple(inputs), output, convolution))
        return output

    def pruned(self) -> Graph:
        """The graph without operators and tensors that its output does not depend on."""
        used, kept = {self.input, self.output}, []
        for operator in reversed(self.operators):
            if operator.output in used:
                used.update(operator.inputs)
                kept.append(operator)
        place = {old: new for new, old in enumerate(sorted(used))}
        return Graph(
            [self.tensors[old] for old in place],
            [_moved(operator, place) for operator in reversed(kept)],
            place[self.input],
            place[self.output],
        )


def _moved(operator: Operator, place: dict[int, int]) -> Operator:
    inputs = tuple(place[each] for each in operator.inputs)
    return Operator(operator.kind, inputs, place[operator.output], operator.convolution)
