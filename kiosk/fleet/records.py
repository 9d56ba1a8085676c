"""A person's record as a fleet shares it: profile and references, or that they are gone.

A record is known by the hash of its plaintext, which begins with a random salt: the hash tells
nothing about anybody, and stays the same when the record is sealed anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kiosk.domain.errors import FleetRefused, SpaceMismatch
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.cards import of_format
from kiosk.store.people.person import Profile

SALT_BYTES = 16
FORMAT = 1
_CANNOT_READ = "A record of the fleet cannot be understood."
_REMEDY = "Install the newest version of the program on this kiosk; nothing was applied."


@dataclass(frozen=True, slots=True)
class FleetPerson:
    """What a record says of one person. Never printed.

    Attributes:
        subject: their opaque id.
        profile: name, consent, rules and factors; None once they are erased everywhere.
        references: of any space; none once they are erased.
    """

    subject: SubjectId
    profile: Profile | None
    references: tuple[Reference, ...] = ()

    def __repr__(self) -> str:
        return "FleetPerson(<hidden>)"


def encode(person: FleetPerson) -> tuple[str, bytes]:
    """A record's hash and plaintext."""
    profile = None if person.profile is None else json.loads(person.profile.encode())
    said = {
        "salt": secrets.token_hex(SALT_BYTES),
        "format": FORMAT,
        "subject": person.subject,
        "profile": profile,
        "references": [_said(each) for each in person.references],
    }
    plain = json.dumps(said, separators=(",", ":")).encode()
    return record_hash(plain), plain


def decode(plain: bytes) -> FleetPerson:
    """The person of a record.

    Raises:
        FleetRefused: this version does not understand it.
    """
    try:
        said = of_format(json.loads(plain), FORMAT)
        subject = SubjectId(str(said["subject"]))
        profile = said["profile"]
        return FleetPerson(
            subject,
            None if profile is None else Profile.decode(json.dumps(profile).encode()),
            _references(subject, said["references"]),
        )
    except (
        AttributeError,
        KeyError,
        RecursionError,
        SpaceMismatch,
        TypeError,
        ValueError,
    ) as error:
        raise FleetRefused(_CANNOT_READ, _REMEDY) from error


def record_hash(plain: bytes) -> str:
    """The hash by which a record is known."""
    return hashlib.sha256(plain).hexdigest()


def _said(reference: Reference) -> dict[str, Any]:
    numbers = np.ascontiguousarray(reference.template.vector, "<f4").tobytes()
    return {
        "id": reference.id,
        "space": reference.template.space,
        "template": base64.b64encode(numbers).decode(),
    }


def _references(subject: SubjectId, said: Sequence[dict[str, Any]]) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            ReferenceId(str(each["id"])),
            subject,
            Template(np.frombuffer(base64.b64decode(each["template"]), "<f4"), each["space"]),
        )
        for each in said
    )


def spaces_of(people: Sequence[FleetPerson]) -> frozenset[SpaceId]:
    """The embedding spaces of these people's references."""
    return frozenset(each.template.space for person in people for each in person.references)
