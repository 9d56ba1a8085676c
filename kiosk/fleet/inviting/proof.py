"""The proof with which a device enrols somebody: an invitation that an inviter has signed.

Every kiosk checks it by itself. The publisher can open neither the person's record nor the terms of
an invitation, and the device cannot sign as the inviter: each alone lets nobody in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.domain.access.factors import Factors, StepUp
from kiosk.domain.enrolment.invitation import MOST_SKEW, binding, read_code
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import Source
from kiosk.domain.vision.template import ReferenceId, SubjectId
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.terms import (
    EARLIEST,
    InvitationTerms,
    invitation_use,
    terms_record,
)
from kiosk.fleet.records import FleetPerson
from kiosk.store.people.person import Profile
from kiosk.store.people.subjects import given_name

MOST_REFERENCES = 20


def check_enrolment(
    person: FleetPerson, scope: str, source: Source, inviter: Callable[[str], InviterCard]
) -> None:
    """Check that a device may have enrolled a person.

    Args:
        person: as the device says.
        scope: in which.
        source: what the device has said, and which invitation it used up.
        inviter: what admins say of an inviter; raises FleetRefused.

    Raises:
        FleetRefused: it may not: there is no invitation of an inviter for this person, or more is
            given to them than it says.
    """
    proof, used = person.proof, source.invitation
    read = None if proof is None else read_code(proof.code)
    if proof is None or used is None or read is None or person.profile is None:
        raise _unproven("it used up no invitation")
    said, signature = read
    card = inviter(used.author)
    terms = InvitationTerms.decode(proof.terms)
    fits = (
        said.site.hex() == used.author == card.fingerprint,
        signed_by(card.signing, said.signed_text(), signature),
        invitation_use(said.ident) == source.uses,
        terms_record(proof.terms) == used.record,
        (terms.ident, terms.scope) == (said.ident.hex(), scope),
        terms.subject == person.subject,
        said.binding == binding(said.ident, person.subject),
        card.groups is None or (terms.groups and set(terms.groups) <= set(card.groups)),
    )
    if not all(fits):
        raise _unproven("its invitation is another one")
    _check_profile(person.profile, terms, source.at)
    ids = [each.id for each in person.references]
    named = [reference_id(source.uses or "", person.subject, n) for n in range(len(ids))]
    if ids != named or len(ids) > MOST_REFERENCES:
        raise _unproven("its references have the names of others")


def reference_id(uses: str, subject: SubjectId, number: int) -> ReferenceId:
    """The id of a reference that a device has made: no other can have it.

    Args:
        uses: what the device says of the invitation.
        subject: the person's id: an inviter may invite another with the same code.
        number: of the reference, from 0.
    """
    own = hashlib.sha256(f"lintel reference {uses} {subject}".encode()).hexdigest()
    return ReferenceId(f"{own[:40]}.{number}")


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    """True if the holder of an Ed25519 key has signed a text."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_profile(profile: Profile, terms: InvitationTerms, at: datetime) -> None:
    """Check what a device says of a person beside their references."""
    plain = replace(profile.factors, step_up=StepUp.NONE) == Factors()
    if not plain or (profile.rules, profile.given_name) != (terms.rules, terms.given_name):
        raise _unproven("it gives more than its invitation says")
    enrolled, agreed = profile.enrolled_at, profile.consent.given_at
    if enrolled.tzinfo is None or not (
        terms.issued_at - MOST_SKEW <= enrolled <= at and EARLIEST <= agreed <= at
    ):
        raise _unproven("it says an impossible time")  # such as one after any withdrawal
    try:
        named = given_name(profile.given_name) == profile.given_name
    except (BadInput, TypeError, AttributeError):
        named = False
    if not named:
        raise _unproven("its name cannot be shown")


def _unproven(why: str) -> FleetRefused:
    return FleetRefused(
        f"A device says that somebody is enrolled, and {why}.",
        "Look at that device; nothing of it was applied.",
    )
