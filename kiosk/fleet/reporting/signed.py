"""What a device signs of itself: a DSSE envelope, of another payload type for each kind of report.

Nothing in a report counts for more than the device's own word. The type is part of what is signed:
no report can be shown as one of another kind, or as a statement about people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import DeviceKeys, of_format, statement_key
from kiosk.fleet.device import Device
from kiosk.fleet.saying import statement_signer

FORMAT = 1
MOST_WORD = 64
Report = TypeVar("Report")


class ReportKind(Enum):
    """The kinds of reports, each with its payload type."""

    HEALTH = "application/vnd.lintel.device-health+json"
    RECEIPTS = "application/vnd.lintel.erasure-receipts+json"
    SEGMENT = "application/vnd.lintel.journal-segment+json"


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report whose signature was verified.

    Attributes:
        said: its content.
        digest: the hash of what was signed.
    """

    said: Mapping[str, Any]
    digest: str


def sign_report(kind: ReportKind, device: Device, said: Mapping[str, Any]) -> bytes:
    """A report, signed by its device; one line of JSON."""
    content = {"format": FORMAT, "device": device.fingerprint, **said}
    envelope = Envelope(json.dumps(content, sort_keys=True).encode(), kind.value, {})
    envelope.sign(statement_signer(device.keys.signing))
    return json.dumps(envelope.to_dict()).encode()


def read_report(kind: ReportKind, data: bytes, keys: DeviceKeys) -> SignedReport:
    """A report, if this device has signed it as one of this kind.

    Raises:
        FleetRefused: it has not, or this version does not understand it.
    """
    try:
        envelope = Envelope.from_dict(json.loads(data))
        envelope.verify([statement_key(keys.signing)], 1)
        said = of_format(json.loads(envelope.payload), FORMAT)
        require_equal((envelope.payload_type, said["device"]), (kind.value, keys.fingerprint))
    except (
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
        VerificationError,
    ) as error:
        raise FleetRefused(
            f"Device {keys.fingerprint} has not signed what lies in its place as {_word(kind)}.",
            "Look who has written to the store; nothing of it counts.",
        ) from error
    return SignedReport(said, digest_of(envelope.payload))


def understood(
    kind: ReportKind, said: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Report]
) -> Report:
    """A report's content as this version reads it.

    Raises:
        FleetRefused: it cannot.
    """
    try:
        return read(said)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise FleetRefused(
            f"What device {said.get('device')} has signed as {_word(kind)} cannot be understood.",
            "Install the newest version of the program on this machine.",
        ) from error


def require_equal(told: object, expected: object) -> None:
    """Raises ValueError: what was told is not what was expected."""
    if told != expected:
        raise ValueError(told)


def utc_time(text: str) -> datetime:
    """A time that a device has written.

    Raises:
        TypeError, ValueError: it is none, or has no time zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def short_word(text: str) -> str:
    """A short text that can be shown: a device may lie, and may not steer a terminal.

    Raises:
        AttributeError, ValueError: it is another text, or none.
    """
    if not (text.isascii() and text.isprintable() and len(text) <= MOST_WORD):
        raise ValueError(text)
    return text


def digest_of(payload: bytes) -> str:
    """The hash by which a report is known."""
    return hashlib.sha256(payload).hexdigest()


def _word(kind: ReportKind) -> str:
    return {
        ReportKind.HEALTH: "its health",
        ReportKind.RECEIPTS: "receipts of erasure",
        ReportKind.SEGMENT: "a part of its journal",
    }[kind]
