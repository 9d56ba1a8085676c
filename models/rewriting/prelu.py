"""PReLU as one operator, where a converter wrote it as five: relu(x) + m (x - |x|), alpha = 2 m.

XNNPACK runs PRELU in one pass over the activations. Since x - |x| is 2 x for a negative x, and a
multiplication by two is exact, the results are the same to the bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.rewriting.graph import Constant, Graph, Kind, Operator, Tensor
from models.rewriting.refusal import require


def with_prelu(graph: Graph, name: str) -> Graph:
    """The network with PRELU operators.

    Args:
        graph: is not changed.
        name: of the file, for error messages.

    Raises:
        ModelError: no operator is a PReLU that was taken apart.
    """
    made = Graph(list(graph.tensors), [], graph.input, graph.output)
    makers = {operator.output: operator for operator in graph.operators}
    found = 0
    for operator in graph.operators:
        parts = _parts(graph, makers, operator)
        if parts is None:
            made.operators.append(operator)
            continue
        x, slope = parts
        alpha = made.add_constant(f"alpha/{found}", (slope + slope).reshape(1, 1, -1))
        made.operators.append(Operator(Kind.PRELU, (x, alpha), operator.output))
        found += 1
    require(found > 0, name, "no PReLU was found in it")
    return made.pruned()


def with_single_batch(graph: Graph) -> Graph:
    """The network for a batch of one; a batch of several takes as many calls and as long."""
    reshapes = {each.inputs[1] for each in graph.operators if each.kind is Kind.RESHAPE}
    tensors = [_single(tensor, reshapes=at in reshapes) for at, tensor in enumerate(graph.tensors)]
    return replace(graph, tensors=tensors)


def _single(tensor: Tensor, *, reshapes: bool) -> Tensor:
    """The tensor for a batch of one, if it is an activation or the shape of one."""
    if tensor.data is None:
        return replace(tensor, shape=(1, *tensor.shape[1:]))
    if reshapes:
        return replace(tensor, data=np.array([1, *tensor.data[1:]], np.int32))
    return tensor


def _parts(graph: Graph, makers: dict[int, Operator], add: Operator) -> tuple[int, Constant] | None:
    """The input and m, if this operator is the last one of relu(x) + m (x - |x|)."""
    by_kind = {makers[at].kind: makers[at] for at in add.inputs if at in makers}
    if add.kind is not Kind.ADD or by_kind.keys() != {Kind.RELU, Kind.MUL}:
        return None
    x = by_kind[Kind.RELU].inputs[0]
    for difference, factor in _both_ways(by_kind[Kind.MUL].inputs):
        slope = graph.tensors[factor].data
        if slope is not None and _is_difference(makers, makers.get(difference), x):
            return x, slope
    return None


def _both_ways(inputs: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int]]:
    one, other = inputs
    return (one, other), (other, one)


def _is_difference(makers: dict[int, Operator], maker: Operator | None, x: int) -> bool:
    """True if this operator computes x - |x|."""
    if maker is None or maker.kind is not Kind.SUB or maker.inputs[0] != x:
        return False
    absolute = makers.get(maker.inputs[1])
    return absolute is not None and absolute.kind is Kind.ABS and absolute.inputs == (x,)
