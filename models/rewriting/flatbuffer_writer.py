"""Serialisation as a flatbuffer: the same parts always become the same bytes.

The result is pinned by SHA-256, and the package `flatbuffers` lays the same tables out differently
from one release to another. Every part is written after what refers to it, in the order of the
slots, and none is shared.

Source: https://flatbuffers.dev/internals/
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORD = 4
_DATA_ALIGNMENT = 16
"""Bytes; what TFLite's schema demands of constants is right for every byte string."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number in a table.

    Attributes:
        value: the number.
        code: its type for `struct`: ``b``, ``B``, ``?``, ``i`` or ``I``.
    """

    value: int
    code: str = "i"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        fields: by slot. A slot that is not here has the default of the schema.
    """

    fields: Mapping[int, Scalar | Part]


@dataclass(frozen=True, slots=True)
class Tables:
    """A vector of tables."""

    items: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Integers:
    """A vector of 32-bit integers."""

    items: Sequence[int]


Part = Table | Tables | Integers | str | bytes


def serialised(root: Table, identifier: bytes) -> bytes:
    """The flatbuffer.

    Args:
        root: the outermost table.
        identifier: of the file type, four bytes.
    """
    writer = _Writer(identifier)
    writer.refer(0, root)
    return bytes(writer.data)


class _Writer:
    """The bytes so far: the reference to the root, and the identifier."""

    def __init__(self, identifier: bytes) -> None:
        self.data = bytearray(_WORD) + identifier

    def refer(self, at: int, part: Part) -> None:
        """Append a part, and set the reference to it."""
        struct.pack_into("<I", self.data, at, self._append(part) - at)

    def _append(self, part: Part) -> int:
        """Append a part; returns its position."""
        match part:
            case Table():
                return self._table(part)
            case Tables(items):
                return self._tables(items)
            case Integers(items):
                return self._vector(len(items), struct.pack(f"<{len(items)}i", *items))
            case str():
                text = part.encode()
                return self._vector(len(text), text + b"\0")
            case bytes():
                return self._vector(len(part), part, _DATA_ALIGNMENT)

    def _table(self, table: Table) -> int:
        """Append the offsets of a table's fields, its fields, and the parts that they refer to."""
        slots = sorted(table.fields)
        places, size = _layout(table.fields)
        offsets = [places.get(slot, 0) for slot in range(slots[-1] + 1)] if slots else []
        head = struct.pack(f"<{2 + len(offsets)}H", 4 + 2 * len(offsets), size, *offsets)
        self._align(_WORD, after=len(head))
        self.data += head
        at = len(self.data)
        self.data += struct.pack("<i", len(head)) + bytes(size - _WORD)
        for slot in slots:
            self._field(at + places[slot], table.fields[slot])
        return at

    def _field(self, at: int, field: Scalar | Part) -> None:
        if isinstance(field, Scalar):
            struct.pack_into(f"<{field.code}", self.data, at, field.value)
        else:
            self.refer(at, field)

    def _tables(self, tables: Sequence[Table]) -> int:
        at = self._vector(len(tables), bytes(_WORD * len(tables)))
        for place, table in enumerate(tables, start=1):
            self.refer(at + _WORD * place, table)
        return at

    def _vector(self, length: int, items: bytes, alignment: int = _WORD) -> int:
        """Append a vector whose items are aligned."""
        self._align(alignment, after=_WORD)
        at = len(self.data)
        self.data += struct.pack("<I", length) + items
        return at

    def _align(self, alignment: int, after: int) -> None:
        """Append zeros, so that what follows after that many bytes is aligned."""
        self.data += bytes(-(len(self.data) + after) % alignment)


def _layout(fields: Mapping[int, Scalar | Part]) -> tuple[Mapping[int, int], int]:
    """Where in a table each field is, the wide ones first, and the size of the table."""
    places, size = {}, _WORD  # the first word refers to the offsets
    for slot in sorted(fields, key=lambda slot: (-_width(fields[slot]), slot)):
        places[slot] = size
        size += _width(fields[slot])
    return places, size


def _width(field: Scalar | Part) -> int:
    return struct.calcsize(f"<{field.code}") if isinstance(field, Scalar) else _WORD
