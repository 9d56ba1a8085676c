"""OSDP frame filter: passes complete frames only, and checks frames marked as handshake. Pure.

The library (libosdp 3.2.9) requires no signature on a frame marked as part of a handshake, whatever
it carries, even during a secure session. An attacker with access to the cable could then fake the
acknowledgement of a release, or a panel's grant. So a handshake frame must carry a handshake step;
any other is discarded.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass
from enum import IntEnum

MARK = 0xFF
_START = 0x53
_HEADER = 5
_SHORTEST = _HEADER + 2
_SHORTEST_BLOCK = 2
_LONGEST = 256
_BROADCAST = 0x7F
_SEQUENCE, _CRC, _BLOCK = 0x03, 0x04, 0x08
_CRC_SEED = 0x1D0F

NAK = 0x41
BUSY = 0x79
_LAST_STEP = 0x14
_STEPS: dict[int, tuple[int, ...]] = {
    0x11: (0x76,),  # osdp_CHLNG
    0x12: (0x76, NAK),  # osdp_CCRYPT
    0x13: (0x77,),  # osdp_SCRYPT
    0x14: (0x78, NAK),  # osdp_RMAC_I
}


class Way(IntEnum):
    """Direction of frames, as the flag in their address byte."""

    COMMANDS = 0x00
    REPLIES = 0x80


@dataclass(frozen=True, slots=True)
class OsdpFrame:
    """One verified frame.

    Attributes:
        bytes: all bytes, without the preceding mark.
    """

    bytes: bytes

    @property
    def sequence(self) -> int:
        """The sequence number: 0 starts over, then 1, 2, 3, 1. A reply has that of its command."""
        return self.bytes[4] & _SEQUENCE

    @property
    def kind(self) -> int | None:
        """The type of its security block; None if it has none."""
        return self.bytes[_HEADER + 1] if self.bytes[4] & _BLOCK else None

    @property
    def code(self) -> int:
        """The command or reply code."""
        return self.bytes[_HEADER + (self.bytes[_HEADER] if self.bytes[4] & _BLOCK else 0)]

    @property
    def sealed(self) -> bool:
        """True if it claims the protection of a secure session."""
        return self.kind is not None and self.kind > _LAST_STEP


def sent(data: bytes) -> OsdpFrame:
    """An outgoing frame, as the library passes it to the channel."""
    return OsdpFrame(data[1:] if data[0] == MARK else data)


class Frames:
    """Extracts frames from the received bytes, and discards the rest.

    Args:
        address: of the device, 0 to 126.
        way: the direction to read.
    """

    def __init__(self, address: int, way: Way) -> None:
        own = address | way
        self._addresses = {own} if way is Way.REPLIES else {own, _BROADCAST}
        self._held = bytearray()

    def clear(self) -> None:
        """Discard a partial frame."""
        self._held.clear()

    def feed(self, data: bytes) -> list[OsdpFrame]:
        """The frames that these bytes complete."""
        self._held += data
        found: list[OsdpFrame] = []
        while (start := self._held.find(_START)) >= 0:
            del self._held[:start]
            length = self._length()
            if length is None:
                return found
            frame = self._frame(length)
            if frame is not None:
                found.append(frame)
            del self._held[: length if frame is not None else 1]
        self._held.clear()
        return found

    def _length(self) -> int | None:
        """Length of the frame that starts here; 0 if none does, None if more bytes are needed."""
        held = self._held
        if len(held) > 1 and held[1] not in self._addresses:
            return 0
        if len(held) < _HEADER:
            return None
        length = held[2] | held[3] << 8
        if not _SHORTEST <= length <= _LONGEST:
            return 0
        return length if len(held) >= length else None

    def _frame(self, length: int) -> OsdpFrame | None:
        data = bytes(self._held[:length])
        return OsdpFrame(data) if length and _whole(data) and _honest(data) else None


def _whole(data: bytes) -> bool:
    """True if its checksum or CRC is valid; the panel requests the CRC, the stronger one."""
    if data[4] & _CRC:
        return crc_hqx(data[:-2], _CRC_SEED) == int.from_bytes(data[-2:], "little")
    return sum(data) & 0xFF == 0


def _honest(data: bytes) -> bool:
    """True if its security block is consistent, and a handshake frame carries a handshake step."""
    if not data[4] & _BLOCK:
        return True
    block, check = data[_HEADER], 2 if data[4] & _CRC else 1
    if not _SHORTEST_BLOCK <= block < len(data) - _HEADER - check:
        return False
    kind, code = data[_HEADER + 1], data[_HEADER + block]
    return kind > _LAST_STEP or code in _STEPS.get(kind, ())
