"""An offer: people whom a kiosk alone has enrolled, sealed for a scope and signed by the device.

It counts nowhere. Admins open it, look, and say of whom they accept what they say of anybody.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.fleet.cards import of_format, statement_key
from kiosk.fleet.offering.validity import offered_person
from kiosk.fleet.records import FleetPerson, decode, encode, record_hash
from kiosk.fleet.saying import statement_signer
from kiosk.fleet.sealing import ScopeKeys

PAYLOAD_TYPE = "application/vnd.lintel.offer+json"
FORMAT = 1
MOST_OFFER = 50_000_000
"""Bytes; a home of 5,000 people has 40 MB."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a device offers. Never printed.

    Attributes:
        device: its fingerprint.
        scope: to which scope.
        at: when, UTC.
        people: with their references.
    """

    device: str
    scope: str
    at: datetime
    people: tuple[FleetPerson, ...]

    def __repr__(self) -> str:
        return f"Offer({self.device!r}, <{len(self.people)} hidden people>)"


def sealed_offer(offer: Offer, keys: ScopeKeys, signing: bytes) -> bytes:
    """An offer as it lies in the store.

    Args:
        offer: what is offered.
        keys: of the scope.
        signing: the device's private key.
    """
    records = []
    for person in offer.people:
        record, plain = encode(person)
        sealed = base64.b64encode(keys.seal(record, plain)).decode()
        records.append([record, keys.epoch, sealed])
    said = {
        "format": FORMAT,
        "device": offer.device,
        "scope": offer.scope,
        "at": offer.at.isoformat(),
        "records": records,
    }
    envelope = Envelope(json.dumps(said, sort_keys=True).encode(), PAYLOAD_TYPE, {})
    envelope.sign(statement_signer(signing))
    return json.dumps(envelope.to_dict()).encode()


def read_offer(data: bytes, device: str, signing: bytes, keys: ScopeKeys) -> Offer:
    """The offer of a device.

    Args:
        data: as it lies in the store.
        device: in whose place it lies.
        signing: that device's public key.
        keys: of the scope.

    Raises:
        FleetRefused: that device has not signed it, it cannot be opened, or it offers somebody whom
            kiosks cannot keep.
    """
    try:
        envelope = Envelope.from_dict(json.loads(data))
        envelope.verify([statement_key(signing)], 1)
        said = of_format(json.loads(envelope.payload), FORMAT)
        at = _utc(said["at"])
        fits = (envelope.payload_type, said["device"], said["scope"])
        found = _people(said["records"], keys)
        people = tuple(offered_person(each, device, at) for each in found)
    except BadInput as error:
        raise FleetRefused(
            f"Device {device} offers somebody whom kiosks cannot keep: {error.problem}",
            error.remedy,
        ) from error
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
        VerificationError,
    ) as error:
        raise _not_theirs(device) from error
    if fits != (PAYLOAD_TYPE, device, keys.scope):
        raise _not_theirs(device)
    return Offer(device, keys.scope, at, people)


def _people(records: Sequence[Sequence[Any]], keys: ScopeKeys) -> Sequence[FleetPerson]:
    found: Mapping[str, tuple[int, bytes]] = {
        str(record): (int(epoch), base64.b64decode(sealed)) for record, epoch, sealed in records
    }
    people = []
    for record, (epoch, sealed) in found.items():
        plain = keys.unseal(record, epoch, sealed)
        content = decode(plain)
        if record_hash(plain) != record or not isinstance(content, FleetPerson):
            raise ValueError(record)
        people.append(content)
    return people


def _utc(text: str) -> datetime:
    """The time in a text; raises ValueError where it is not in UTC."""
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta(0):
        raise ValueError(text)
    return at


def _not_theirs(device: str) -> FleetRefused:
    return FleetRefused(
        f"What lies in the store as an offer of device {device} is none of it.",
        "Have the device offer again, and look who has written to the store.",
    )
