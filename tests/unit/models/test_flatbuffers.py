"""The serialisation of a network: fixed bytes, which a reader of TFLite's schema understands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from kiosk.domain.errors import ModelError
from models.rewriting import tflite_reader, tflite_writer
from models.rewriting.flatbuffer_writer import Integers, Scalar, Table, Tables, serialised
from models.rewriting.graph import Convolution, Graph, Kind, Padding


def small() -> Graph:
    """A network with every kind of part."""
    graph = Graph()
    graph.input = graph.add_tensor("input", (1, 5, 4, 2))
    kernel = graph.add_constant("kernel", np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2))
    bias = graph.add_constant("bias", np.array([0.5, -1.0], np.float32))
    pads = graph.add_constant("pads", np.array([[0, 0], [1, 2], [0, 1], [0, 0]], np.int32))
    axes = graph.add_constant("axes", np.array([1, 2], np.int32))
    padded = graph.add_operator(Kind.PAD, (0, pads), "padded", (1, 8, 5, 2))
    options = Convolution(Padding.VALID, (3, 2), (1, 2), multiplier=1)
    shape = (1, 2, 2, 2)
    inputs = (padded, kernel, bias)
    convolved = graph.add_operator(Kind.DEPTHWISE_CONV_2D, inputs, "convolved", shape, options)
    slopes = graph.add_constant("slopes", np.array([[[0.25, 0.5]]], np.float32))
    active = graph.add_operator(Kind.PRELU, (convolved, slopes), "active", shape)
    graph.output = graph.add_operator(Kind.MEAN, (active, axes), "output", (1, 1, 1, 2))
    return graph


def test_bytes_of_a_table() -> None:
    """Spelled out word by word."""
    words = (
        "14000000",  # the root is at 20
        "54464c33",  # the identifier
        "00000a00",  # two bytes of alignment; the offsets at 10 have 10 bytes
        "09000800",  # the table has 9 bytes; slot 0 is at its byte 8
        "00000400",  # slot 1 is absent; slot 2 is at its byte 4
        "0a000000",  # the table: its offsets are 10 bytes before
        "08000000",  # slot 2: the text is 8 bytes after
        "07000000",  # slot 0, and alignment
        "02000000",  # the text has 2 bytes
        "616200",
    )
    made = serialised(Table({0: Scalar(7, "b"), 2: "ab"}), b"TFL3")
    assert made == bytes.fromhex("".join(words))


def test_the_same_network_has_the_same_bytes() -> None:
    """The pins of rewritten files rest on it: a change here asks for new pins."""
    made = tflite_writer.packed(small(), "small")
    assert hashlib.sha256(made).hexdigest() == (
        "0c68e0db24f04165a0a188e018271a15f5c04aecf88775ad3fd039c539135411"
    )
    assert tflite_writer.packed(small(), "small") == made


def test_the_schemas_own_reader_finds_every_part() -> None:
    graph = small()
    data = tflite_writer.packed(graph, "small")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    assert schema.Model.ModelBufferHasIdentifier(data, 0)
    assert (model.version, model.description) == (3, b"small")
    convolution = model.subgraphs[0].operators[1]
    assert convolution.builtinOptionsType == schema.BuiltinOptions.DepthwiseConv2DOptions
    options = convolution.builtinOptions
    assert (options.strideH, options.strideW, options.depthMultiplier) == (3, 2, 1)
    assert (options.dilationHFactor, options.dilationWFactor) == (1, 2)
    assert model.subgraphs[0].operators[3].builtinOptions.keepDims
    assert all(code.version == 1 for code in model.operatorCodes)
    _same(tflite_reader.parsed(data, "small"), graph)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.ADD, schema.AddOptionsT),
        (Kind.SUB, schema.SubOptionsT),
        (Kind.MUL, schema.MulOptionsT),
        (Kind.CONV_2D, schema.Conv2DOptionsT),
        (Kind.DEPTHWISE_CONV_2D, schema.DepthwiseConv2DOptionsT),
        (Kind.FULLY_CONNECTED, schema.FullyConnectedOptionsT),
    ],
)
def test_a_fused_activation_is_refused(kind: Kind, options: Callable[[], Any]) -> None:
    """As the schema's own writer stores it."""
    model = schema.ModelT.InitFromObj(
        schema.Model.GetRootAsModel(tflite_writer.packed(small(), ""), 0)
    )
    operator = model.subgraphs[0].operators[2]
    code = model.operatorCodes[operator.opcodeIndex]
    code.builtinCode = code.deprecatedBuiltinCode = kind
    operator.builtinOptionsType, operator.builtinOptions = tflite_writer._OPTIONS[kind], options()
    assert tflite_reader.parsed(_packed(model), "small").operators[2].kind is kind
    operator.builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU
    with pytest.raises(ModelError, match=f"operator {kind.value} has a fused activation"):
        tflite_reader.parsed(_packed(model), "small")


def _packed(model: Any) -> bytes:  # noqa: ANN401 - generated, without types
    builder = flatbuffers.Builder(1)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_one_kind_of_convolution_has_no_multiplier() -> None:
    graph = Graph()
    graph.input = graph.add_tensor("input", (1, 5, 5, 2))
    kernel = graph.add_constant("kernel", np.ones((3, 3, 3, 2), np.float32))
    bias = graph.add_constant("bias", np.zeros(3, np.float32))
    options = Convolution(Padding.SAME, (2, 1), (1, 3))
    inputs = (graph.input, kernel, bias)
    graph.output = graph.add_operator(Kind.CONV_2D, inputs, "output", (1, 3, 5, 3), options)
    _same(tflite_reader.parsed(tflite_writer.packed(graph, ""), "small"), graph)


def _same(read: Graph, written: Graph) -> None:
    assert read.operators == written.operators
    assert (read.input, read.output) == (written.input, written.output)
    assert len(read.tensors) == len(written.tensors)
    for ours, theirs in zip(read.tensors, written.tensors, strict=True):
        assert (ours.name, ours.shape) == (theirs.name, theirs.shape)
        assert (ours.data is None) == (theirs.data is None)
        if ours.data is not None and theirs.data is not None:
            assert ours.data.dtype == theirs.data.dtype
            assert np.array_equal(ours.data, theirs.data)


def test_numbers_of_operators_and_options_are_the_schemas() -> None:
    for kind in Kind:
        assert getattr(schema.BuiltinOperator, kind.name) == kind
    names = {"FULLY_CONNECTED": "FullyConnectedOptions", "MEAN": "ReducerOptions"}
    for kind, number in tflite_writer._OPTIONS.items():
        plain = "".join(part.capitalize() for part in kind.name.split("_")) + "Options"
        name = names.get(kind.name, plain.replace("2d", "2D"))
        assert getattr(schema.BuiltinOptions, name) == number


@pytest.mark.parametrize("length", range(18))
def test_byte_strings_are_aligned(length: int) -> None:
    """TFLite maps the file, and reads constants where they are."""
    text, data = "x" * length, bytes(range(1, 1 + max(length, 1)))
    made = serialised(Table({0: text, 1: data, 2: Integers([-1]), 3: Tables([])}), b"TFL3")
    assert made.index(len(data).to_bytes(4, "little") + data) % 16 == 12
