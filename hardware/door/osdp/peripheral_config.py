"""What the wire to an existing panel is set to, and how a credential number is put on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from osdp import CardFormat

_RAW_BITS = {"raw-32": 32, "raw-64": 64}
_WIEGAND_BITS, _NUMBER_BITS, _HALF_BITS = 26, 16, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdpPdConfig:
    """A panel that polls the kiosk as one of its readers.

    Attributes:
        port: the serial port's device file.
        baud: bits a second.
        address: ours, 0 to 126.
        key_file: the key of the secure channel; None only where `allow_insecure`.
        allow_insecure: no secure channel at all.
        reader: the number that our reader has at the panel.
        card_format: how a credential number is sent.
        facility_code: of `wiegand-26`.
        granted_by: what the panel does when it grants.
        denied_by: what it does when it denies.
        led: the LED that it answers with.
        output: the output that it answers with.
        panel_seconds: how long it has for its answer.
    """

    port: str
    baud: int = 9600
    address: int = 0
    key_file: Path | None = None
    allow_insecure: bool = False
    reader: int = 0
    card_format: Literal["wiegand-26", "raw-32", "raw-64"] = "wiegand-26"
    facility_code: int | None = None
    granted_by: Literal["led-green", "output"] = "led-green"
    denied_by: Literal["led-red", "nothing"] = "led-red"
    led: int = 0
    output: int = 0
    panel_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Card:
    """What a reader says of a card.

    Attributes:
        format: of `osdp.CardFormat`.
        bits: how many bits there are.
        data: they, the first one highest.
    """

    format: int
    bits: int
    data: bytes

    def __repr__(self) -> str:
        return "Card(<hidden>)"


def card(wire: OsdpPdConfig, number: int) -> Card | None:
    """A credential number as the panel expects it; None where it does not fit, never cut."""
    raw = _RAW_BITS.get(wire.card_format)
    if raw is not None:
        return _card(CardFormat.Unspecified, raw, number) if 0 <= number < 1 << raw else None
    if not 0 <= number < 1 << _NUMBER_BITS:
        return None
    return _card(
        CardFormat.Wiegand, _WIEGAND_BITS, _with_parity((wire.facility_code or 0) << 16 | number)
    )


def _with_parity(bits: int) -> int:
    """An even bit before the first half of 24 and an odd one after the second."""
    first, second = bits >> _HALF_BITS, bits & (1 << _HALF_BITS) - 1
    even, odd = first.bit_count() & 1, ~second.bit_count() & 1
    return even << _WIEGAND_BITS - 1 | bits << 1 | odd


def _card(kind: int, bits: int, value: int) -> Card:
    size = (bits + 7) // 8
    return Card(kind, bits, (value << size * 8 - bits).to_bytes(size, "big"))
