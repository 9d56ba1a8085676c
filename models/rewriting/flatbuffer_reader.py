"""A reader of flatbuffers by the slots of their schema, without generated code.

Offsets that lead out of the data raise `struct.error` or `IndexError`: see `rewritten`.

Source: https://flatbuffers.dev/internals/
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = 4


@dataclass(frozen=True, slots=True)
class TableView:
    """A table in a flatbuffer.

    Attributes:
        data: the whole flatbuffer.
        at: position of the table.
    """

    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes) -> TableView:
        """The outermost table."""
        return cls(data, _referred(data, 0))

    def scalar(self, slot: int, code: str = "i", default: int = 0) -> int:
        """A number.

        Args:
            slot: the field.
            code: its type for `struct`.
            default: the schema's.
        """
        place = self._place(slot)
        return default if place is None else _number(self.data, place, code)

    def integers(self, slot: int) -> Sequence[int]:
        """A vector of 32-bit integers; empty if it is absent."""
        start, length = self._vector(slot)
        return struct.unpack_from(f"<{length}i", self.data, start)

    def raw(self, slot: int) -> bytes:
        """A vector of bytes, or a text; empty if it is absent."""
        start, length = self._vector(slot)
        if start + length > len(self.data):
            raise IndexError(slot)
        return self.data[start : start + length]

    def table(self, slot: int) -> TableView | None:
        """A table; None if it is absent."""
        place = self._place(slot)
        return None if place is None else TableView(self.data, _referred(self.data, place))

    def tables(self, slot: int) -> Sequence[TableView]:
        """A vector of tables; empty if it is absent."""
        start, length = self._vector(slot)
        places = range(start, min(start + length * _WORD, len(self.data)), _WORD)
        return [TableView(self.data, _referred(self.data, place)) for place in places]

    def _place(self, slot: int) -> int | None:
        """Where the field is; None if it has its default."""
        offsets = self.at - _number(self.data, self.at, "i")
        entry = _WORD + 2 * slot
        if entry >= _number(self.data, offsets, "H"):
            return None
        offset = _number(self.data, offsets + entry, "H")
        return self.at + offset if offset else None

    def _vector(self, slot: int) -> tuple[int, int]:
        """Where the items begin, and how many there are."""
        place = self._place(slot)
        if place is None:
            return 0, 0
        start = _referred(self.data, place)
        return start + _WORD, _number(self.data, start, "I")


def _referred(data: bytes, at: int) -> int:
    return at + _number(data, at, "I")


def _number(data: bytes, at: int, code: str) -> int:
    if at < 0:  # `struct` would count from the end
        raise IndexError(at)
    return int(struct.unpack_from(f"<{code}", data, at)[0])
