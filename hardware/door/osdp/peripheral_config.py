"""Connection settings for an existing panel, and the encoding of credential numbers. Pure."""

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
        baud: bits per second.
        address: of the kiosk, 0 to 126.
        key_file: the key of the secure channel; None only with `allow_insecure`.
        allow_insecure: True to use no secure channel.
        reader: the kiosk's reader number at the panel.
        card_format: encoding of a credential number.
        facility_code: of `wiegand-26`.
        granted_by: the panel's reaction that means granted.
        denied_by: the panel's reaction that means denied.
        led: the LED that it answers with.
        output: the output that it answers with.
        panel_seconds: time limit of its answer.
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
    """Card data of a reader.

    Attributes:
        format: of `osdp.CardFormat`.
        bits: number of bits.
        data: the bits, most significant first.
    """

    format: int
    bits: int
    data: bytes

    def __repr__(self) -> str:
        return "Card(<hidden>)"


def card(config: OsdpPdConfig, number: int) -> Card | None:
    """Encode a credential number for the panel; None if it does not fit, it is never truncated."""
    raw = _RAW_BITS.get(config.card_format)
    if raw is not None:
        return _card(CardFormat.Unspecified, raw, number) if 0 <= number < 1 << raw else None
    if not 0 <= number < 1 << _NUMBER_BITS:
        return None
    return _card(
        CardFormat.Wiegand, _WIEGAND_BITS, _with_parity((config.facility_code or 0) << 16 | number)
    )


def _with_parity(bits: int) -> int:
    """Add an even parity bit before the first 12 bits and an odd one after the last 12."""
    first, second = bits >> _HALF_BITS, bits & (1 << _HALF_BITS) - 1
    even, odd = first.bit_count() & 1, ~second.bit_count() & 1
    return even << _WIEGAND_BITS - 1 | bits << 1 | odd


def _card(kind: int, bits: int, value: int) -> Card:
    size = (bits + 7) // 8
    return Card(kind, bits, (value << size * 8 - bits).to_bytes(size, "big"))
