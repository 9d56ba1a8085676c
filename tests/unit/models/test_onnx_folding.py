"""Constants of an ONNX network that are computed once: exact values, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx_samples
import pytest
from onnx_samples import Array, node

from kiosk.domain.errors import ModelError
from models.rewriting.onnx_folding import folded
from models.rewriting.onnx_reader import OnnxGraph, parsed
from models.rewriting.onnx_to_tflite import translated

CONVOLUTION = node("Conv", ["input", "k"], "made")
NORMALISATION = node("BatchNormalization", ["made", "g", "b", "m", "v"], "output", epsilon=0.25)
ONE_EACH = {
    name: np.array([value], np.float32) for name, value in {"g": 3, "b": 5, "m": 7, "v": 2}.items()
}
KERNEL = np.array([0.1, 2.0], np.float32).reshape(1, 2, 1, 1)


def read(nodes: Sequence[bytes], **constants: Array) -> OnnxGraph:
    data = onnx_samples.model(nodes, constants, (1, 2, 4, 4), (1, 1, 4, 4))
    return parsed(data, "small.onnx")


RELU = node("Relu", ["input"], "output")


def dequantising(**attributes: int) -> bytes:
    given = {"axis": 1, "block_size": 2} | attributes
    return node("DequantizeLinear", ["q", "s", "z"], "k", **given)


QUANTISED: dict[str, Array] = {
    "q": np.array([[-128, 127, 4, 5, 6]], np.int8),
    "s": np.array([[0.1, 0.5, 3.0]], np.float32),
    "z": np.array([[127, 0, -4]], np.int8),
}


def test_blocks_of_integers() -> None:
    made = folded(read([dequantising(), RELU], **QUANTISED), "x")
    tenth = np.float32(0.1)
    expected = np.array([[-255 * tenth, 0, 2, 2.5, 30]], np.float32)
    assert made.constants["k"].dtype == np.float32
    assert np.array_equal(made.constants["k"], expected)
    assert [each.kind for each in made.nodes] == ["Relu"]


def test_blocks_along_the_first_axis() -> None:
    turned = {name: np.ascontiguousarray(values.T) for name, values in QUANTISED.items()}
    made = folded(read([dequantising(axis=0), RELU], **turned), "x").constants["k"]
    whole = folded(read([dequantising(), RELU], **QUANTISED), "x").constants["k"]
    assert np.array_equal(made, whole.T)


def test_a_normalisation_goes_into_its_convolution() -> None:
    made = folded(read([CONVOLUTION, NORMALISATION], k=KERNEL, **ONE_EACH), "x")
    [convolution] = made.nodes
    x, kernel, bias = convolution.inputs
    assert (convolution.kind, x, convolution.output) == ("Conv", "input", "output")
    tenth = np.float64(np.float32(0.1))
    assert np.array_equal(made.constants[kernel].ravel(), np.float32([tenth * 3 / 1.5, 4]))
    assert np.array_equal(made.constants[bias], np.float32([5 - 7 * 2]))
    assert made.constants[kernel].dtype == made.constants[bias].dtype == np.float32


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Relu", ["input"], "made"), NORMALISATION],
        [CONVOLUTION, NORMALISATION, node("Add", ["made", "output"], "sum")],
        [node("Conv", ["input", "k", "b"], "made"), NORMALISATION],
        [CONVOLUTION, node("Relu", ["input"], "x"), NORMALISATION],
    ],
    ids=["after another", "convolution used twice", "with a bias", "not right after"],
)
def test_other_normalisations_stay(nodes: Sequence[bytes]) -> None:
    source = read(nodes, k=KERNEL, **ONE_EACH)
    assert folded(source, "x").nodes == source.nodes


def test_the_source_is_not_changed() -> None:
    source = read([CONVOLUTION, NORMALISATION], k=KERNEL, **ONE_EACH)
    folded(source, "x")
    assert [each.kind for each in source.nodes] == ["Conv", "BatchNormalization"]
    assert source.constants.keys() == {"k", *ONE_EACH}


UNKNOWN: dict[str, Callable[[], OnnxGraph]] = {
    "the weights of k are no constants": lambda: read(
        [node("DequantizeLinear", ["input", "s", "z"], "k")], **QUANTISED
    ),
    "the quantisation of k is unknown": lambda: read(
        [dequantising(block_size=0), RELU], **QUANTISED
    ),
    "the quantisation of k is": lambda: read([dequantising(axis=2), RELU], **QUANTISED),
    "the quantisation of k": lambda: read(
        [dequantising(), RELU], **QUANTISED | {"z": np.zeros((1, 3), np.float32)}
    ),
    "the scales of k are not": lambda: read([dequantising(block_size=3), RELU], **QUANTISED),
    "the weights of made are not": lambda: read([CONVOLUTION, NORMALISATION], **ONE_EACH),
    "the weights of made": lambda: read(
        [CONVOLUTION, NORMALISATION], k=np.ones((2, 2, 1, 1), np.float32), **ONE_EACH
    ),
    "output has other parameters": lambda: read(
        [CONVOLUTION, NORMALISATION], k=KERNEL, **ONE_EACH | {"v": np.ones(2, np.float32)}
    ),
    "output has other": lambda: read(
        [CONVOLUTION, NORMALISATION], k=KERNEL, g=ONE_EACH["g"], b=ONE_EACH["b"], m=ONE_EACH["m"]
    ),
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_what_is_not_known_is_refused(why: str) -> None:
    with pytest.raises(ModelError) as caught:
        folded(UNKNOWN[why](), "small.onnx")
    assert caught.value.problem.startswith(f"small.onnx cannot be rewritten: {why}")


FLAT = node("Flatten", ["input"], "flat")
PRODUCT = {"w": np.ones((1, 32), np.float32), "b": np.ones(1, np.float32)}


def product(**attributes: float) -> bytes:
    given = {"transB": 1} | attributes
    return node("Gemm", ["flat", "w", "b"], "output", **given)


def test_a_flattened_tensor_goes_into_a_dense_layer_only() -> None:
    """Its cells are in another order than in the original."""
    made = translated(read([FLAT, product()], **PRODUCT), "x")
    assert made.shape(made.output) == (1, 1)
    for nodes in ([FLAT, node("Relu", ["flat"], "output")], [node("Flatten", ["input"], "output")]):
        with pytest.raises(ModelError, match=r"small\.onnx cannot be rewritten: its "):
            translated(read(nodes), "small.onnx")


@pytest.mark.parametrize(
    ("attributes", "constants"),
    [
        ({"transA": 1}, {}),
        ({"transB": 0}, {}),
        ({"alpha": 2.0}, {}),
        ({"beta": 0.5}, {}),
        ({}, {"w": np.ones((1, 31), np.float32)}),
        ({}, {"b": np.ones(2, np.float32)}),
    ],
)
def test_products_that_are_not_known(
    attributes: dict[str, float], constants: dict[str, Array]
) -> None:
    with pytest.raises(ModelError, match="its Gemm for output is used in an unknown way"):
        translated(read([FLAT, product(**attributes)], **PRODUCT | constants), "small.onnx")


# -- how constants are stored ----------------------------------------------------------------------


def test_floats_that_are_stored_one_by_one() -> None:
    values = np.array([[0.1, -2.5]], np.float32)
    stored = [onnx_samples.number_by_number("k", values)]
    shape = (1, 2, 4, 4)
    data = onnx_samples.model([RELU], {}, shape, shape, stored=stored)
    read_back = parsed(data, "small.onnx").constants["k"]
    assert read_back.dtype == np.float32
    assert np.array_equal(read_back, values)


def test_inputs_that_no_node_takes() -> None:
    """As quantised files leave them."""
    unused = onnx_samples.value("weights_before", (5,))
    data = onnx_samples.model([RELU], {}, (1, 2, 4, 4), (1, 2, 4, 4), unused)
    assert parsed(data, "small.onnx").input == "input"
