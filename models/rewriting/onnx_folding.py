"""Parts of an ONNX network that are the same for every input, computed once.

Weights that are stored as blocks of 8-bit integers become floats, and a batch normalisation after a
convolution becomes a part of it. Each value is computed on its own, in operations that IEEE 754
rounds in one way, and no sum is taken: the result has the same bits on every processor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.rewriting.onnx_reader import Array, Node, OnnxGraph
from models.rewriting.refusal import refused, require

EPSILON = 1e-5
"""Of a batch normalisation that does not say."""

_WITHOUT_BIAS = 2
"""Inputs of a convolution without a bias."""

Doubles = NDArray[np.float64]


def folded(source: OnnxGraph, name: str) -> OnnxGraph:
    """The network without what can be computed from its constants.

    Args:
        source: is not changed.
        name: of the file, for error messages.

    Raises:
        ModelError: a quantisation is not known.
    """
    return _without_normalisations(_without_quantisation(source, name), name)


def factor_and_summand(
    node: Node, constants: Mapping[str, Array], name: str
) -> tuple[Doubles, Doubles]:
    """What a batch normalisation multiplies by, and then adds, for each channel.

    Args:
        node: the batch normalisation.
        constants: by name.
        name: of the file, for error messages.

    Raises:
        ModelError: its parameters are no constants of one value for each channel.
    """
    made = [constants.get(each) for each in node.inputs[1:]]
    parameters = [each.astype(np.float64) for each in made if each is not None]
    alike = len(parameters) == len(made) and len({each.shape for each in parameters}) == 1
    require(alike and parameters[0].ndim == 1, name, f"{node.output} has other parameters")
    gamma, beta, mean, variance = parameters
    factor = gamma / np.sqrt(variance + node.number("epsilon", EPSILON))
    return factor, beta - mean * factor


def _without_quantisation(source: OnnxGraph, name: str) -> OnnxGraph:
    """The network with weights of floats, in the shapes in which they are used."""
    constants, nodes = dict(source.constants), []
    for node in source.nodes:
        if node.kind == "DequantizeLinear":
            constants[node.output] = _dequantised(node, constants, name)
        elif node.kind == "Reshape" and all(each in constants for each in node.inputs):
            values, shape = (constants[each] for each in node.inputs)
            constants[node.output] = values.reshape([int(size) for size in shape])
        else:
            nodes.append(node)
    return replace(source, nodes=nodes, constants=constants)


def _dequantised(node: Node, constants: Mapping[str, Array], name: str) -> NDArray[np.float32]:
    """(integer - zero point) times scale; each block along an axis has its own two.

    The last block may be shorter than the others.
    """
    if not all(each in constants for each in node.inputs):
        raise refused(name, f"the weights of {node.output} are no constants")
    integers, scales, zeros = (constants[each] for each in node.inputs)
    axis, size = node.integer("axis", 1), node.integer("block_size", 0)
    known = integers.dtype == zeros.dtype == np.int8 and scales.dtype == np.float32 and size > 0
    require(known and axis < integers.ndim, name, f"the quantisation of {node.output} is unknown")
    blocks = list(integers.shape)
    blocks[axis] = -(-blocks[axis] // size)
    fits = scales.shape == zeros.shape == tuple(blocks)
    require(fits, name, f"the scales of {node.output} are not one for each block")
    block = np.arange(integers.shape[axis]) // size
    differences = integers.astype(np.float32) - zeros.astype(np.float32).take(block, axis)
    return np.asarray(differences * scales.take(block, axis), np.float32)


def _without_normalisations(source: OnnxGraph, name: str) -> OnnxGraph:
    """The network with the batch normalisations in the convolutions that they follow."""
    uses = Counter(each for node in source.nodes for each in node.inputs)
    constants, nodes = dict(source.constants), list[Node]()
    for node in source.nodes:
        last = nodes[-1] if nodes else None
        if last is not None and _absorbs(last, node) and uses[last.output] == 1:
            nodes[-1] = _absorbed(last, node, constants, name)
        else:
            nodes.append(node)
    return replace(source, nodes=nodes, constants=constants)


def _absorbs(first: Node, second: Node) -> bool:
    """True for a convolution without a bias, and the batch normalisation of its output."""
    convolves = first.kind == "Conv" and len(first.inputs) == _WITHOUT_BIAS
    return convolves and second.kind == "BatchNormalization" and second.inputs[0] == first.output


def _absorbed(
    convolution: Node, normalisation: Node, constants: dict[str, Array], name: str
) -> Node:
    """The convolution that does what both did; adds its constants."""
    factor, summand = factor_and_summand(normalisation, constants, name)
    x, weights = convolution.inputs
    kernel = constants.get(weights)
    if kernel is None or kernel.shape[:1] != factor.shape:
        raise refused(name, f"the weights of {convolution.output} are not as they should be")
    by_output = factor.reshape(-1, *(1 for _ in kernel.shape[1:]))
    added = {
        f"{normalisation.output}/kernel": (kernel * by_output).astype(np.float32),
        f"{normalisation.output}/bias": summand.astype(np.float32),
    }
    constants.update(added)
    return replace(convolution, inputs=[x, *added], output=normalisation.output)
