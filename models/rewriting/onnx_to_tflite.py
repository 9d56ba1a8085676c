"""An ONNX network (NCHW) as a TFLite network (NHWC), which XNNPACK runs.

Only what fr_liveness and SFace have is known: convolutions, PReLU, squeeze and excitation, and a
dense layer at the end. What is computed stays the same; only sums are taken in another order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.rewriting.graph import Convolution, Graph, Kind, Padding
from models.rewriting.onnx_folding import factor_and_summand, folded
from models.rewriting.onnx_reader import Node, OnnxGraph
from models.rewriting.refusal import refused, require

_SHAPE_ARITHMETIC = frozenset({"Shape", "Constant", "Gather", "Unsqueeze", "Concat"})
"""What computes the target of the reshape; the shape is known here."""

Floats = NDArray[np.float32]

_AXES = "NCHW"
_WITHOUT_BIAS = 2
"""Inputs of a convolution without a bias."""


def translated(source: OnnxGraph, name: str) -> Graph:
    """The network as a TFLite network.

    Args:
        source: input (1, channels, height, width).
        name: of the file, for error messages.

    Returns:
        The network with the input (1, height, width, channels).

    Raises:
        ModelError: a node is unknown, or is used in a way that is not known.
    """
    single = len(source.shape) == len(_AXES) and source.shape[0] == 1
    require(single, name, "its input is no single image")
    translator = _Translator(folded(source, name), name)
    for node in translator.source.nodes:
        translator.take(node)
    return translator.finished()


@dataclass
class _Translator:
    """The part that is translated so far.

    Attributes:
        source: the original.
        name: of the file.
        graph: the translation.
        places: tensors by their names in the original.
        flat: names of tensors that the original has flattened, channels first. Here they are as
            they were, so that only a dense layer can take them.
    """

    source: OnnxGraph
    name: str
    graph: Graph = field(default_factory=Graph)
    places: dict[str, int] = field(default_factory=dict)
    flat: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        batch, channels, height, width = self.source.shape
        shape = (batch, height, width, channels)
        self.graph.input = self.places[self.source.input] = self.graph.add_tensor("input", shape)

    def finished(self) -> Graph:
        """The whole translation."""
        require(self.source.output not in self.flat, self.name, "its output is flattened")
        self.graph.output = self.tensor(self.source.output)
        return self.graph

    def take(self, node: Node) -> None:
        """Translate one node."""
        if node.kind in _SHAPE_ARITHMETIC:
            return
        if node.kind not in _KNOWN:
            raise refused(self.name, f"its node {node.kind} is unknown")
        self.require(node.kind in _DENSE or self.flat.isdisjoint(node.inputs), node)
        self.places[node.output] = _KNOWN[node.kind](self, node)

    def tensor(self, name: str) -> int:
        """The translated tensor of that name."""
        if name not in self.places:
            raise refused(self.name, f"its tensor {name} is not made by a known node")
        return self.places[name]

    def constant(self, name: str) -> Floats:
        """The floats of that name."""
        values = self.source.constants.get(name)
        if values is None or values.dtype != np.float32:
            raise refused(self.name, f"its tensor {name} is no constant of floats")
        return np.asarray(values, np.float32)

    def require(self, holds: bool, node: Node) -> None:  # noqa: FBT001 - a positional condition
        """Refuse the network unless the node is used in the way that is known."""
        require(holds, self.name, f"its {node.kind} for {node.output} is used in an unknown way")


def _convolved(made: _Translator, node: Node) -> int:
    kernel = made.constant(node.inputs[1])
    made.require(kernel.ndim == len(_AXES) and _plain(node), node)
    outputs, inputs_each, high, wide = kernel.shape
    bias = made.constant(node.inputs[2]) if len(node.inputs) > _WITHOUT_BIAS else _zeros(outputs)
    x, padding = _padded(made, node, (high, wide))
    _, height, width, channels = made.graph.shape(x)
    group, (stride, _) = node.integer("group", 1), node.integers("strides", (1, 1))
    depthwise = group == channels and inputs_each == 1
    made.require(depthwise or (group == 1 and inputs_each == channels), node)
    made.require(not depthwise or outputs % channels == 0, node)
    multiplier = outputs // channels if depthwise else 0
    if padding is Padding.SAME:
        shape = (1, height, width, outputs)
    else:
        shape = (1, (height - high) // stride + 1, (width - wide) // stride + 1, outputs)
    table = kernel.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
    inputs = (
        x,
        made.graph.add_constant(node.inputs[1], np.ascontiguousarray(table)),
        made.graph.add_constant(f"{node.output}/bias", bias),
    )
    kind = Kind.DEPTHWISE_CONV_2D if depthwise else Kind.CONV_2D
    options = Convolution(padding, (stride, stride), multiplier=multiplier)
    return made.graph.add_operator(kind, inputs, node.output, shape, options)


def _plain(node: Node) -> bool:
    """True for a convolution with equal strides, no dilation, and no padding of its own accord."""
    down, across = node.integers("strides", (1, 1))
    dilations = node.integers("dilations", (1, 1))
    return down == across and set(dilations) == {1} and "auto_pad" not in node.attributes


def _padded(made: _Translator, node: Node, kernel: tuple[int, int]) -> tuple[int, Padding]:
    """The input of a convolution, padded if need be, and what the convolution still has to pad.

    With a stride of two, TFLite pads only at the end what ONNX pads on all sides.
    """
    x = made.tensor(node.inputs[0])
    top, left, bottom, right = node.integers("pads", (0, 0, 0, 0))
    if not any((top, left, bottom, right)):
        return x, Padding.VALID
    odd = all(size % 2 for size in kernel)
    keeps_size = (top, left) == (bottom, right) == (kernel[0] // 2, kernel[1] // 2)
    if odd and keeps_size and set(node.integers("strides", (1, 1))) == {1}:
        return x, Padding.SAME
    _, height, width, channels = made.graph.shape(x)
    amounts = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
    inputs = (x, made.graph.add_constant(f"{node.output}/pads", amounts))
    shape = (1, height + top + bottom, width + left + right, channels)
    return made.graph.add_operator(Kind.PAD, inputs, f"{node.output}/padded", shape), Padding.VALID


def _zeros(size: int) -> Floats:
    return np.zeros(size, np.float32)


def _prelu(made: _Translator, node: Node) -> int:
    x, alpha = made.tensor(node.inputs[0]), made.constant(node.inputs[1])
    shape = made.graph.shape(x)
    made.require(alpha.shape == (shape[-1], 1, 1), node)
    slope = made.graph.add_constant(node.inputs[1], alpha.reshape(1, 1, -1))
    return made.graph.add_operator(Kind.PRELU, (x, slope), node.output, shape)


def _relu(made: _Translator, node: Node) -> int:
    return _unary(made, node, Kind.RELU)


def _sigmoid(made: _Translator, node: Node) -> int:
    return _unary(made, node, Kind.LOGISTIC)


def _unary(made: _Translator, node: Node, kind: Kind) -> int:
    x = made.tensor(node.inputs[0])
    return made.graph.add_operator(kind, (x,), node.output, made.graph.shape(x))


def _added(made: _Translator, node: Node) -> int:
    return _binary(made, node, Kind.ADD)


def _subtracted(made: _Translator, node: Node) -> int:
    return _binary(made, node, Kind.SUB)


def _multiplied(made: _Translator, node: Node) -> int:
    return _binary(made, node, Kind.MUL)


def _binary(made: _Translator, node: Node, kind: Kind) -> int:
    inputs = [_operand(made, name) for name in node.inputs]
    shapes = [made.graph.shape(each) for each in inputs]
    shape = max(shapes, key=math.prod)
    # squeeze and excitation has one factor for each channel, the preparation of an image one number
    alike = (shape, (1, 1, 1, shape[-1]), (1,))
    made.require(all(each in alike for each in shapes), node)
    return made.graph.add_operator(kind, inputs, node.output, shape)


def _operand(made: _Translator, name: str) -> int:
    """The translated tensor of that name, or a constant with a single number."""
    values = made.source.constants.get(name)
    if values is None or values.shape != (1,):
        return made.tensor(name)
    return made.graph.add_constant(name, made.constant(name))


def _pooled(made: _Translator, node: Node) -> int:
    x = made.tensor(node.inputs[0])
    axes = made.graph.add_constant(f"{node.output}/axes", np.array([1, 2], np.int32))
    shape = (1, 1, 1, made.graph.shape(x)[-1])
    return made.graph.add_operator(Kind.MEAN, (x, axes), node.output, shape)


def _reshaped(made: _Translator, node: Node) -> int:
    """Nothing: one cell has the same order in both layouts, and what follows takes it as it is."""
    x = made.tensor(node.inputs[0])
    made.require(math.prod(made.graph.shape(x)[:-1]) == 1, node)
    return x


def _flattened(made: _Translator, node: Node) -> int:
    made.require(node.integer("axis", 1) == 1, node)
    made.flat.add(node.output)
    return made.tensor(node.inputs[0])


def _kept(made: _Translator, node: Node) -> int:
    """Nothing: what a dropout does in training only."""
    return made.tensor(node.inputs[0])


def _multiplied_matrix(made: _Translator, node: Node) -> int:
    kernel = made.constant(node.inputs[1])
    return _dense(made, node, kernel.T, _zeros(kernel.shape[-1]))


def _general_product(made: _Translator, node: Node) -> int:
    _, kernel, bias = node.inputs
    switches = [node.integer(each, 0) for each in ("transA", "transB")]
    factors = {node.number(each, 1.0) for each in ("alpha", "beta")}
    made.require(switches == [0, 1] and factors == {1.0}, node)
    return _dense(made, node, made.constant(kernel), made.constant(bias))


def _dense(made: _Translator, node: Node, kernel: Floats, bias: Floats) -> int:
    """A dense layer.

    Args:
        made: the translation.
        node: of the original.
        kernel: (outputs, inputs), the inputs channels first.
        bias: (outputs,).
    """
    x = made.tensor(node.inputs[0])
    _, *cells, channels = made.graph.shape(x)
    outputs = len(kernel)
    fits = kernel.shape == (outputs, math.prod(cells) * channels) and bias.shape == (outputs,)
    made.require(fits, node)
    table = kernel.reshape(outputs, channels, -1).transpose(0, 2, 1).reshape(outputs, -1)
    parts = (
        x,
        made.graph.add_constant(node.inputs[1], np.ascontiguousarray(table)),
        made.graph.add_constant(f"{node.output}/bias", bias),
    )
    return made.graph.add_operator(Kind.FULLY_CONNECTED, parts, node.output, (1, outputs))


def _normalised(made: _Translator, node: Node) -> int:
    """A batch normalisation as a factor and a summand."""
    x = made.tensor(node.inputs[0])
    shape = made.graph.shape(x)
    factor, summand = factor_and_summand(node, made.source.constants, made.name)
    made.require(factor.shape == shape[-1:], node)
    scale = made.graph.add_constant(f"{node.output}/scale", factor.astype(np.float32))
    shift = made.graph.add_constant(f"{node.output}/shift", summand.astype(np.float32))
    scaled = made.graph.add_operator(Kind.MUL, (x, scale), f"{node.output}/scaled", shape)
    return made.graph.add_operator(Kind.ADD, (scaled, shift), node.output, shape)


_KNOWN: Mapping[str, Callable[[_Translator, Node], int]] = {
    "Add": _added,
    "BatchNormalization": _normalised,
    "Conv": _convolved,
    "Dropout": _kept,
    "Flatten": _flattened,
    "Gemm": _general_product,
    "GlobalAveragePool": _pooled,
    "MatMul": _multiplied_matrix,
    "Mul": _multiplied,
    "PRelu": _prelu,
    "Relu": _relu,
    "Reshape": _reshaped,
    "Sigmoid": _sigmoid,
    "Sub": _subtracted,
}
_DENSE = frozenset({"Gemm", "MatMul"})
"""The nodes that take a flattened tensor."""
