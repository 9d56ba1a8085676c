"""The protobuf reader against the encoding's own examples, and against broken data."""

from __future__ import annotations

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_format import fixed32, fixed64, integer, piece, varint

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models import protobuf
from models.protobuf import Message

NAME = "tiny.onnx"


def read(data: bytes) -> Message:
    return Message(data, NAME)


def refusal(data: bytes, ask: str = "") -> str:
    with pytest.raises(ModelError) as caught:
        _ = getattr(read(data), ask)(1) if ask else read(data)
    assert isinstance(caught.value.remedy, Remedy)
    assert caught.value.remedy.step is NextStep.INSTALL_MODELS_AGAIN
    assert NAME in caught.value.problem
    return caught.value.problem


def test_examples_of_the_encoding() -> None:
    """The three messages that the format's own page spells out byte by byte."""
    assert read(bytes.fromhex("089601")).integer(1) == 150
    assert read(bytes.fromhex("120774657374696e67")).text(2) == "testing"
    assert read(bytes.fromhex("1a03089601")).message(3).integer(1) == 150
    assert read(bytes.fromhex("3206038e029ea705")).integers(6) == [3, 270, 86942]


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=5))
def test_integers_packed_or_not(values: list[int]) -> None:
    single = b"".join(integer(7, value) for value in values)
    packed = piece(7, b"".join(map(varint, values)))
    assert list(read(single).integers(7)) == values
    assert list(read(packed).integers(7)) == values


def test_floats_packed_or_not() -> None:
    packed = piece(3, struct.pack("<2f", 1.5, -0.25))
    assert np.array_equal(read(packed + fixed32(3, 7.0)).numbers(3), [1.5, -0.25, 7.0])
    assert read(fixed32(3, 1.5)).number(3) == 1.5


def test_absent_fields_have_the_default_or_are_missed() -> None:
    empty = read(b"")
    assert (empty.integer(1, 5), empty.number(1, 0.5), empty.text(1, "x")) == (5, 0.5, "x")
    assert (list(empty.integers(1)), empty.numbers(1).size, list(empty.messages(1))) == ([], 0, [])
    assert 1 not in empty
    assert 1 in read(integer(1, 0))
    for ask in ("integer", "number", "text", "message"):
        assert "field 1 occurs 0 times" in refusal(b"", ask)


def test_single_field_that_is_repeated() -> None:
    for ask, one in (
        ("integer", integer(1, 3)),
        ("number", fixed32(1, 3)),
        ("text", piece(1, b"a")),
        ("message", piece(1, b"")),
    ):
        assert "field 1 occurs 2 times" in refusal(one + one, ask)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x80", "truncated"),
        (b"\x08", "truncated"),
        (b"\x80" * 11, "more than 64 bits"),
        (b"\x08" + b"\xff" * 9 + b"\x02", "more than 64 bits"),
        (piece(1, b"abc")[:-1], "truncated"),
        (varint(1 << 3 | 2) + varint((1 << 64) - 1) + b"abc", "truncated"),
        (fixed32(1, 1.0)[:-1], "truncated"),
        (fixed64(1, 1.0)[:-1], "truncated"),
        (integer(0, 1), "no field 0"),
        (integer(1 << 29, 1), "no field 536870912"),
        (varint(1 << 3 | 3), "wire type 3"),
        (varint(1 << 3 | 6), "wire type 6"),
    ],
)
def test_broken_messages(data: bytes, why: str) -> None:
    assert why in refusal(data)


@pytest.mark.parametrize(
    ("data", "ask", "why"),
    [
        (fixed32(1, 1.0), "integers", "integer"),
        (piece(1, b"\x80"), "integers", "truncated"),
        (integer(1, 1), "numbers", "float"),
        (fixed64(1, 1.0), "numbers", "float"),
        (piece(1, b"abc"), "numbers", "float"),
        (integer(1, 1), "byte_strings", "byte string"),
        (fixed32(1, 1.0), "byte_strings", "byte string"),
        (piece(1, b"\xff"), "texts", "UTF-8"),
        (piece(1, b"\x08"), "messages", "truncated"),
    ],
)
def test_values_of_another_type(data: bytes, ask: str, why: str) -> None:
    assert why in refusal(data, ask)


def test_too_many_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf, "MOST_FIELDS", 3)
    assert list(read(integer(1, 1) * 3).integers(1)) == [1, 1, 1]
    assert "more than 3 fields" in refusal(integer(1, 1) * 4)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ModelError):  # nothing else may be raised
        message = read(data)
        for number in range(1, 4):
            for ask in ("integers", "numbers", "texts", "messages"):
                _ = getattr(message, ask)(number)
