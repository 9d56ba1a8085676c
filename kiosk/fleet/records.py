"""A person's record as a fleet shares it: profile and references, or that they are gone.

A report that somebody was let in as another person is a record of its own.

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

from kiosk.domain.errors import BadInput, FleetRefused, SpaceMismatch
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.cards import of_format
from kiosk.store.people.person import Profile

SALT_BYTES = 16
FORMAT = 1
_CANNOT_READ = "A record of the fleet cannot be understood."
_REMEDY = "Install the newest version of the program on this kiosk; nothing was applied."


@dataclass(frozen=True, slots=True)
class EnrolmentProof:
    """The invitation with which a device has enrolled somebody. Never printed.

    Attributes:
        code: the text of its code, which the inviter has signed.
        terms: the text of what it says, whose hash the inviter has signed.
    """

    code: str
    terms: str

    def __repr__(self) -> str:
        return "EnrolmentProof(<hidden>)"


@dataclass(frozen=True, slots=True)
class FleetPerson:
    """What a record says of one person. Never printed.

    Attributes:
        subject: their opaque id.
        profile: name, consent, rules and factors; None once they are erased everywhere.
        references: of any space; none once they are erased.
        proof: why a device may say so; None for what admins say.
        moved: True if they are erased from this scope only, and are in another one.
    """

    subject: SubjectId
    profile: Profile | None
    references: tuple[Reference, ...] = ()
    proof: EnrolmentProof | None = None
    moved: bool = False

    def __repr__(self) -> str:
        return "FleetPerson(<hidden>)"


@dataclass(frozen=True, slots=True)
class FleetReport:
    """A report that somebody was let in as another person.

    Attributes:
        subject: the person who was let in, or came near: asked for a second factor everywhere.
        cleared: True once admins have looked.
    """

    subject: SubjectId
    cleared: bool = False


FleetContent = FleetPerson | FleetReport


def encode(content: FleetContent) -> tuple[str, bytes]:
    """A record's hash and plaintext."""
    said = {
        "salt": secrets.token_hex(SALT_BYTES),
        "format": FORMAT,
        "subject": content.subject,
        **(_report_said(content) if isinstance(content, FleetReport) else _person_said(content)),
    }
    plain = json.dumps(said, separators=(",", ":")).encode()
    return record_hash(plain), plain


def decode(plain: bytes) -> FleetContent:
    """The content of a record.

    Raises:
        FleetRefused: this version does not understand it.
    """
    try:
        said = of_format(json.loads(plain), FORMAT)
        json.dumps(said, ensure_ascii=False).encode()  # half a character cannot be kept or shown
        subject = SubjectId(str(said["subject"]))
        if "report" in said:
            return FleetReport(subject, cleared=bool(said["report"]["cleared"]))
        return _person(subject, said)
    except (
        AttributeError,
        BadInput,
        KeyError,
        OverflowError,
        RecursionError,
        SpaceMismatch,
        TypeError,
        ValueError,
    ) as error:
        raise FleetRefused(_CANNOT_READ, _REMEDY) from error


def record_hash(plain: bytes) -> str:
    """The hash by which a record is known."""
    return hashlib.sha256(plain).hexdigest()


def _report_said(report: FleetReport) -> dict[str, Any]:
    return {"report": {"cleared": report.cleared}}


def _person_said(person: FleetPerson) -> dict[str, Any]:
    profile = None if person.profile is None else json.loads(person.profile.encode())
    said = {"profile": profile, "references": [_said(each) for each in person.references]}
    if person.proof is not None:
        said["proof"] = {"code": person.proof.code, "terms": person.proof.terms}
    if person.moved:
        said["moved"] = True
    return said


def _person(subject: SubjectId, said: dict[str, Any]) -> FleetPerson:
    profile, proof = said["profile"], said.get("proof")
    return FleetPerson(
        subject,
        None if profile is None else Profile.decode(json.dumps(profile).encode()),
        _references(subject, said["references"]),
        None if proof is None else EnrolmentProof(str(proof["code"]), str(proof["terms"])),
        moved=said.get("moved") is True,
    )


def _said(reference: Reference) -> dict[str, Any]:
    numbers = np.ascontiguousarray(reference.template.vector, "<f4").tobytes()
    return {
        "id": reference.id,
        "space": reference.template.space,
        "template": base64.b64encode(numbers).decode(),
    }


def _references(subject: SubjectId, said: Sequence[dict[str, Any]]) -> tuple[Reference, ...]:
    return tuple(Reference(ReferenceId(str(it["id"])), subject, _template(it)) for it in said)


def _template(said: dict[str, Any]) -> Template:
    numbers = np.frombuffer(base64.b64decode(said["template"]), "<f4")
    return Template(numbers, SpaceId(str(said["space"])))
