"""A reader of the protobuf wire format, for the few messages in weight files (ONNX, MediaPipe).

Schema and meaning of the fields are the caller's. What the format does not allow is refused, and
the number of fields is limited, so that a broken file cannot exhaust memory.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy

MOST_FIELDS = 100_000
"""Fields of one message; the largest known one has 4,284."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MOST_VARINT_BYTES = 10
_MORE = 0x80
"""The bit of a varint's byte that says that another one follows."""
_MOST_NUMBER = (1 << 29) - 1
_WORD = 1 << 64

_Field = tuple[int, int | memoryview]
"""(wire type, value): an integer for a varint, else the bytes of the value."""


class Message:
    """The fields of one message by number.

    Args:
        data: the whole message.
        name: of the file, or of the part of it, for error messages.

    Raises:
        ModelError: here and in every method, the data is not such a message; names it.
    """

    def __init__(self, data: bytes | memoryview, name: str) -> None:
        self._name = name
        self._fields: dict[int, list[_Field]] = {}
        for count, (number, field) in enumerate(self._read(memoryview(data))):
            if count >= MOST_FIELDS:
                raise self._refused(f"it has more than {MOST_FIELDS} fields")
            self._fields.setdefault(number, []).append(field)

    def integer(self, number: int, default: int | None = None) -> int:
        """A signed 64-bit integer, an enumeration's value or a boolean.

        Args:
            number: the field.
            default: for a field that is absent; None if it must be there.
        """
        values = self.integers(number)
        if not values and default is not None:
            return default
        return int(values[self._only(number, len(values))])

    def integers(self, number: int) -> Sequence[int]:
        """Signed 64-bit integers of a repeated field, packed or not."""
        return [_signed(value) for kind in self._of(number) for value in self._varints(*kind)]

    def number(self, number: int, default: float | None = None) -> float:
        """A 32-bit float.

        Args:
            number: the field.
            default: for a field that is absent; None if it must be there.
        """
        values = self.numbers(number)
        if not values.size and default is not None:
            return default
        return float(values[self._only(number, values.size)])

    def numbers(self, number: int) -> NDArray[np.float32]:
        """(n,) 32-bit floats of a repeated field, packed or not."""
        pieces = [self._floats(kind, value) for kind, value in self._of(number)]
        return np.concatenate(pieces) if pieces else np.empty(0, np.float32)

    def text(self, number: int, default: str | None = None) -> str:
        """A string.

        Args:
            number: the field.
            default: for a field that is absent; None if it must be there.
        """
        values = self.texts(number)
        if not values and default is not None:
            return default
        return values[self._only(number, len(values))]

    def texts(self, number: int) -> Sequence[str]:
        """Strings of a repeated field."""
        try:
            return [str(value, "utf-8") for value in self.byte_strings(number)]
        except UnicodeDecodeError as error:
            raise self._refused(f"field {number} is no UTF-8") from error

    def byte_strings(self, number: int) -> Sequence[memoryview]:
        """Byte strings of a repeated field, as views of the data."""
        return [self._bytes(number, kind, value) for kind, value in self._of(number)]

    def message(self, number: int) -> Self:
        """A nested message, which must be there."""
        values = self.messages(number)
        return values[self._only(number, len(values))]

    def messages(self, number: int) -> Sequence[Self]:
        """Nested messages of a repeated field."""
        return [type(self)(value, self._name) for value in self.byte_strings(number)]

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def _of(self, number: int) -> Sequence[_Field]:
        return self._fields.get(number, ())

    def _only(self, number: int, count: int) -> int:
        """The index of the single value."""
        if count != 1:
            raise self._refused(f"field {number} occurs {count} times instead of once")
        return 0

    def _varints(self, kind: int, value: int | memoryview) -> Iterator[int]:
        if isinstance(value, int):
            yield value
            return
        if kind != _LENGTH:
            raise self._refused("an integer is stored as something else")
        at = 0
        while at < len(value):
            one, at = self._varint(value, at)
            yield one

    def _floats(self, kind: int, value: int | memoryview) -> NDArray[np.float32]:
        if isinstance(value, int) or kind == _FIXED64 or len(value) % 4:
            raise self._refused("a float is stored as something else")
        return np.frombuffer(value, "<f4").astype(np.float32)

    def _bytes(self, number: int, kind: int, value: int | memoryview) -> memoryview:
        if isinstance(value, int) or kind != _LENGTH:
            raise self._refused(f"field {number} is no byte string")
        return value

    def _read(self, data: memoryview) -> Iterator[tuple[int, _Field]]:
        at = 0
        while at < len(data):
            key, at = self._varint(data, at)
            number, kind = key >> 3, key & 7
            if not 0 < number <= _MOST_NUMBER:
                raise self._refused(f"there is no field {number}")
            value: int | memoryview
            if kind == _VARINT:
                value, at = self._varint(data, at)
            else:
                value, at = self._piece(data, at, kind)
            yield number, (kind, value)

    def _piece(self, data: memoryview, at: int, kind: int) -> tuple[memoryview, int]:
        """The bytes of a value of known length, and where the next field begins."""
        if kind == _LENGTH:
            length, at = self._varint(data, at)
        elif kind in _FIXED_BYTES:
            length = _FIXED_BYTES[kind]
        else:
            raise self._refused(f"wire type {kind} is unknown")
        if length > len(data) - at:
            raise self._refused("it is truncated")
        return data[at : at + length], at + length

    def _varint(self, data: memoryview, at: int) -> tuple[int, int]:
        value = 0
        for place, byte in enumerate(data[at : at + _MOST_VARINT_BYTES]):
            value |= (byte & ~_MORE) << 7 * place
            if byte < _MORE:
                if value >= _WORD:
                    raise self._refused("an integer has more than 64 bits")
                return value, at + place + 1
        raise self._refused("it is truncated, or an integer has more than 64 bits")

    def _refused(self, why: str) -> ModelError:
        return ModelError(
            f"{self._name} is no valid protobuf message: {why}.",
            Remedy("Install the model pack again.", NextStep.INSTALL_MODELS_AGAIN),
        )


def _signed(value: int) -> int:
    """The two's complement of 64 bits."""
    return value - _WORD if value >= _WORD >> 1 else value
