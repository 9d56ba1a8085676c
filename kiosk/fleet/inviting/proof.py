"""The proof with which a device enrols somebody: an invitation that an inviter has signed.

Every kiosk checks it by itself. The publisher can open neither the person's record nor the terms of
an invitation, and the device cannot sign as the inviter: each alone lets nobody in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.domain.access.factors import Factors, StepUp
from kiosk.domain.enrolment.invitation import binding, read_code
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import Source
from kiosk.domain.vision.template import ReferenceId
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.terms import InvitationTerms, invitation_tag, terms_record
from kiosk.fleet.records import FleetPerson
from kiosk.store.people.subjects import subject_id

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
        invitation_tag(said.ident) == source.uses,
        terms_record(proof.terms) == used.record,
        (terms.ident, terms.scope) == (said.ident.hex(), scope),
        terms.subject == person.subject,
        said.binding == binding(said.ident, person.subject),
        card.groups is None or (terms.groups and set(terms.groups) <= set(card.groups)),
    )
    if not all(fits):
        raise _unproven("its invitation is another one")
    profile = person.profile
    plain = replace(profile.factors, step_up=StepUp.NONE) == Factors()
    if not plain or (profile.rules, profile.given_name) != (terms.rules, terms.given_name):
        raise _unproven("it gives more than its invitation says")
    _check_references(person, source.uses or "")


def reference_id(uses: str, number: int) -> ReferenceId:
    """The id of a reference that a device has made: no other can have it.

    Args:
        uses: the tag of the invitation.
        number: of the reference, from 0.
    """
    return ReferenceId(f"{uses[:32]}.{number}")


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    """True if the holder of an Ed25519 key has signed a text."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_references(person: FleetPerson, uses: str) -> None:
    ids = [each.id for each in person.references]
    if ids != [reference_id(uses, n) for n in range(len(ids))] or len(ids) > MOST_REFERENCES:
        raise _unproven("its references have the names of others")
    try:
        subject_id(person.subject)
    except BadInput as error:
        raise _unproven("the id cannot be used") from error


def _unproven(why: str) -> FleetRefused:
    return FleetRefused(
        f"A device says that somebody is enrolled, and {why}.",
        "Look at that device; nothing of it was applied.",
    )
