"""OSDP frames: only a whole one gets in, and one that claims to shake hands must do so. Pure.

The library (libosdp 3.2.9) asks for no signature on a frame that says it belongs to a handshake,
whatever that frame carries, even while a secure session runs. Whoever reaches the wire could then
acknowledge a release that never was, or tell the kiosk that its panel said yes. So a frame of a
handshake carries a step of a handshake, or it is noise.
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
    """Which way frames go: the mark that an address carries for it."""

    COMMANDS = 0x00
    REPLIES = 0x80


@dataclass(frozen=True, slots=True)
class OsdpFrame:
    """One frame, checked.

    Attributes:
        bytes: all of it, without the mark before it.
    """

    bytes: bytes

    @property
    def sequence(self) -> int:
        """0 begins anew; then 1, 2, 3, 1. A reply has that of its command."""
        return self.bytes[4] & _SEQUENCE

    @property
    def kind(self) -> int | None:
        """The kind of its security block; None where it has none."""
        return self.bytes[_HEADER + 1] if self.bytes[4] & _BLOCK else None

    @property
    def code(self) -> int:
        """Which command or reply it is."""
        return self.bytes[_HEADER + (self.bytes[_HEADER] if self.bytes[4] & _BLOCK else 0)]

    @property
    def sealed(self) -> bool:
        """Whether it claims the protection of a secure session."""
        return self.kind is not None and self.kind > _LAST_STEP


def sent(data: bytes) -> OsdpFrame:
    """A frame of our own, as the library hands it over."""
    return OsdpFrame(data[1:] if data[0] == MARK else data)


class Frames:
    """Finds frames in what a line brings, and throws the rest away.

    Args:
        address: of the device, 0 to 126.
        way: which of both directions is read.
    """

    def __init__(self, address: int, way: Way) -> None:
        own = address | way
        self._addresses = {own} if way is Way.REPLIES else {own, _BROADCAST}
        self._held = bytearray()

    def clear(self) -> None:
        """Forget the beginning of a frame."""
        self._held.clear()

    def feed(self, data: bytes) -> list[OsdpFrame]:
        """What these bytes complete."""
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
        """How long the frame is that begins here; 0 if none does, None if more must come."""
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
    """Whether the check at its end fits; a stronger one than a sum is asked for by the panel."""
    if data[4] & _CRC:
        return crc_hqx(data[:-2], _CRC_SEED) == int.from_bytes(data[-2:], "little")
    return sum(data) & 0xFF == 0


def _honest(data: bytes) -> bool:
    """Whether its security block holds together, and a step of a handshake is one."""
    if not data[4] & _BLOCK:
        return True
    block, check = data[_HEADER], 2 if data[4] & _CRC else 1
    if not _SHORTEST_BLOCK <= block < len(data) - _HEADER - check:
        return False
    kind, code = data[_HEADER + 1], data[_HEADER + block]
    return kind > _LAST_STEP or code in _STEPS.get(kind, ())
