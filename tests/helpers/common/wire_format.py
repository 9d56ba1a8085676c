"""A writer of the protobuf wire format, for messages that tests make."""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    value %= 1 << 64
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def piece(number: int, data: bytes | str) -> bytes:
    """A byte string, a text or a message."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def fixed32(number: int, value: float) -> bytes:
    return varint(number << 3 | 5) + struct.pack("<f", value)


def fixed64(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)
