"""Rewrites on small networks: what is found, what is left alone, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import onnx_samples
import pytest
from onnx_samples import Array, node

from kiosk.domain.errors import ModelError
from models.rewriting import onnx_reader, onnx_to_tflite, tflite_writer
from models.rewriting.graph import Graph, Kind, Operator
from models.rewriting.prelu import with_prelu, with_single_batch
from models.rewriting.rewrites import rewritten

SLOPE = np.array([0.25, -0.5, 3.0], np.float32)


def taken_apart(*, slope_first: bool = False, x_minus: bool = True, same_x: bool = True) -> Graph:
    """relu(x) + m (x - |x|), with a batch of two, and a reshape at its end."""
    graph = Graph()
    shape = (2, 1, 1, 3)
    x = graph.input = graph.add_tensor("input", shape)
    other = graph.add_operator(Kind.RELU, (x,), "other", shape)
    slope = graph.add_constant("slope", SLOPE)
    positive = graph.add_operator(Kind.RELU, (x if same_x else other,), "positive", shape)
    absolute = graph.add_operator(Kind.ABS, (x,), "absolute", shape)
    pair = (x, absolute) if x_minus else (absolute, x)
    difference = graph.add_operator(Kind.SUB, pair, "difference", shape)
    factors = (slope, difference) if slope_first else (difference, slope)
    negative = graph.add_operator(Kind.MUL, factors, "negative", shape)
    added = graph.add_operator(Kind.ADD, (positive, negative), "added", shape)
    target = graph.add_constant("target", np.array([2, 3], np.int32))
    graph.output = graph.add_operator(Kind.RESHAPE, (added, target), "output", (2, 3))
    return graph


@pytest.mark.parametrize("graph", [taken_apart(), taken_apart(slope_first=True)])
def test_prelu_that_was_taken_apart(graph: Graph) -> None:
    made = with_prelu(graph, "small")
    assert [operator.kind for operator in made.operators] == [Kind.PRELU, Kind.RESHAPE]
    assert {tensor.name for tensor in made.tensors} == {
        "input",
        "alpha/0",
        "added",
        "target",
        "output",
    }
    x, alpha = made.operators[0].inputs
    assert x == made.input
    data = made.tensors[alpha].data
    assert data is not None
    assert np.array_equal(data, 2 * SLOPE.reshape(1, 1, 3))


def test_other_sums_stay_as_they_are() -> None:
    for graph in (taken_apart(x_minus=False), taken_apart(same_x=False)):
        with pytest.raises(ModelError, match=r"small cannot be rewritten: no PReLU"):
            with_prelu(graph, "small")
    plain = taken_apart()
    added = plain.operators[5]
    plain.operators[5] = Operator(Kind.ADD, (added.inputs[0], plain.input), added.output)
    with pytest.raises(ModelError, match="no PReLU"):
        with_prelu(plain, "small")


def test_an_intermediate_that_is_used_elsewhere_is_kept() -> None:
    graph = taken_apart()
    absolute = graph.operators[2].output
    shape = graph.shape(absolute)
    added = graph.operators[5].output
    graph.output = graph.add_operator(Kind.ADD, (absolute, added), "sum", shape)
    made = with_prelu(graph, "small")
    assert [each.kind for each in made.operators] == [Kind.ABS, Kind.PRELU, Kind.ADD]


def test_a_batch_of_one() -> None:
    made = with_single_batch(with_prelu(taken_apart(), "small"))
    assert made.shape(made.input) == (1, 1, 1, 3)
    assert made.shape(made.output) == (1, 3)
    target = next(tensor for tensor in made.tensors if tensor.name == "target")
    assert target.data is not None
    assert list(target.data) == [1, 3]
    assert next(t for t in made.tensors if t.name == "alpha/0").shape == (1, 1, 3)


def test_a_rewrite_that_nobody_knows() -> None:
    with pytest.raises(ModelError, match=r"small\.onnx cannot be rewritten: no rewrite.*'faster'"):
        rewritten("faster", b"", "small.onnx")


def test_a_tflite_file_with_an_unknown_operator() -> None:
    graph = taken_apart()
    assert rewritten("fuse-prelu", tflite_writer.packed(graph, ""), "small.tflite")
    unknown = cast("Kind", 77)
    graph.operators[0] = Operator(unknown, (graph.input,), graph.operators[0].output)
    with pytest.raises(ModelError, match=r"small\.tflite cannot be rewritten: operator 77"):
        rewritten("fuse-prelu", tflite_writer.packed(graph, ""), "small.tflite")


@pytest.mark.parametrize("cut", [8, 40, 200, 1000])
def test_a_tflite_file_that_is_damaged(cut: int) -> None:
    data = tflite_writer.packed(taken_apart(), "")
    for broken in (data[:cut], data[:cut] + b"\xff" * 60 + data[cut + 60 :]):
        with pytest.raises(ModelError, match=r"small\.tflite cannot be rewritten"):
            rewritten("fuse-prelu", broken, "small.tflite")


KERNEL = np.ones((4, 3, 3, 3), np.float32)


def convolution(**changed: float | Sequence[int]) -> bytes:
    attributes = {"group": 1, "strides": (1, 1), "pads": (1, 1, 1, 1), "dilations": (1, 1)}
    return node("Conv", ["input", "k"], "output", **(attributes | changed))


def read(nodes: Sequence[bytes], *more: bytes, **constants: Array) -> Graph:
    data = onnx_samples.model(nodes, constants, (1, 3, 8, 8), (1, 4, 8, 8), *more)
    return onnx_to_tflite.translated(onnx_reader.parsed(data, "small.onnx"), "small.onnx")


def test_a_known_network_is_translated() -> None:
    made = read([convolution()], k=KERNEL)
    assert made.shape(made.input) == (1, 8, 8, 3)
    assert made.shape(made.output) == (1, 8, 8, 4)
    assert [operator.kind for operator in made.operators] == [Kind.CONV_2D]


def test_constants_among_the_inputs() -> None:
    """As older exporters write them."""
    made = read([convolution()], onnx_samples.value("k", KERNEL.shape), k=KERNEL)
    assert made.shape(made.output) == (1, 8, 8, 4)


UNKNOWN: dict[str, Callable[[], object]] = {
    "its node Softmax is unknown": lambda: read([node("Softmax", ["input"], "output")]),
    "it has several inputs": lambda: read(
        [convolution(), node("Add", ["output", "second"], "sum")],
        onnx_samples.value("second", (1,)),
        k=KERNEL,
    ),
    "a Relu has several outputs": lambda: read(
        [node("Relu", ["input"], "output") + b"\x12\x01x"], k=KERNEL
    ),
    "its tensor nowhere is not made": lambda: read([node("Add", ["input", "nowhere"], "output")]),
    "its tensor output is not made": lambda: read([node("Relu", ["input"], "other")]),
    "its tensor k is no constant": lambda: read([convolution()]),
    "its tensor i is no constant of floats": lambda: read(
        [node("PRelu", ["input", "i"], "output")], i=np.ones((3, 1, 1), np.int64)
    ),
    "its Conv for output": lambda: read([convolution(dilations=(2, 2))], k=KERNEL),
    "its Conv for output ": lambda: read([convolution(strides=(1, 2))], k=KERNEL),
    "its Conv for output is": lambda: read([convolution(group=3)], k=KERNEL),
    "its Conv for output is used": lambda: read([convolution(auto_pad=1)], k=KERNEL),
    "its Conv for output is used in": lambda: read([convolution()], k=KERNEL[:, :2]),
    "its PRelu for output": lambda: read(
        [node("PRelu", ["input", "a"], "output")], a=np.ones((3, 8, 8), np.float32)
    ),
    "its Reshape for output": lambda: read([node("Reshape", ["input", "s"], "output")]),
    "its MatMul for output": lambda: read(
        [node("MatMul", ["input", "w"], "output")], w=np.ones((3, 2), np.float32)
    ),
    "its Add for output": lambda: read(
        [node("Conv", ["input", "k"], "small"), node("Add", ["input", "small"], "output")],
        k=np.ones((3, 3, 3, 3), np.float32),
    ),
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_networks_that_are_not_known(why: str) -> None:
    with pytest.raises(ModelError) as caught:
        UNKNOWN[why]()
    assert caught.value.problem.startswith(f"small.onnx cannot be rewritten: {why.strip()}")


def test_a_constant_with_too_few_bytes() -> None:
    data = onnx_samples.model([convolution()], {"k": KERNEL}, (1, 3, 8, 8), (1, 4, 8, 8))
    raw = KERNEL.tobytes()
    short = data.replace(raw, raw[:-4])
    with pytest.raises(ModelError, match=r"small\.onnx"):
        onnx_reader.parsed(short, "small.onnx")


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 40, b"GIF89a"])
def test_a_file_that_is_no_onnx(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"small\.onnx is no valid protobuf message"):
        rewritten("onnx-to-tflite", data, "small.onnx")
