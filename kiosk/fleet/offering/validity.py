"""What a device may offer of a person: what every kiosk of the scope can keep, and no more.

Admins sign what they accept, and what they have signed and a kiosk cannot keep stops its scope.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from kiosk.domain.access.factors import PIN_ROUNDS, Factors
from kiosk.domain.enrolment.invitation import MOST_SKEW
from kiosk.domain.errors import BadInput
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import ReferenceId, SubjectId
from kiosk.fleet.inviting.proof import MOST_REFERENCES
from kiosk.fleet.records import FleetPerson
from kiosk.people.rules import MAX_CREDENTIAL, refuse_group
from kiosk.store.people.person import Profile
from kiosk.store.people.subjects import given_name, subject_id

_REMEDY = "Enrol them anew at that kiosk, and have it offer again; or look at that device."


def offered_person(person: FleetPerson, device: str, at: datetime) -> FleetPerson:
    """A person as a device may offer them; their references have ids that no other can have.

    Args:
        person: as the device says.
        device: that offers them.
        at: when, as it says, UTC.

    Raises:
        BadInput: they cannot be kept by the kiosks of the scope.
        TypeError, AttributeError: it is nobody of this program's.
    """
    subject_id(person.subject)
    if person.profile is None or person.proof is not None or person.moved:
        raise _unfit(person.subject, "is not offered, but erased, moved or invited")
    _check_profile(person.subject, person.profile, at)
    if len(person.references) > MOST_REFERENCES:
        raise _unfit(person.subject, f"has more than {MOST_REFERENCES} references")
    own = hashlib.sha256(f"lintel offered {device} {person.subject}".encode()).hexdigest()
    references = tuple(
        replace(each, id=ReferenceId(f"{own[:40]}.{number}"))
        for number, each in enumerate(person.references)
    )
    return replace(person, references=references)


def _check_profile(subject: SubjectId, profile: Profile, at: datetime) -> None:
    if given_name(profile.given_name) != profile.given_name:
        raise _unfit(subject, "has a name with blanks around it")
    _check_rules(subject, profile.rules)
    _check_factors(subject, profile.factors)
    if profile.enrolled_at.tzinfo is None or profile.enrolled_at > at + MOST_SKEW:
        raise _unfit(subject, "was enrolled after they were offered")  # after any withdrawal, too
    if profile.consent.given_at > at + MOST_SKEW:
        raise _unfit(subject, "has agreed after they were offered")


def _check_rules(subject: SubjectId, rules: PersonRules) -> None:
    for group in rules.groups:
        refuse_group(group)
    number = rules.credential
    if number is not None and not (type(number) is int and 1 <= number <= MAX_CREDENTIAL):
        raise _unfit(subject, "has a card number that is none")
    if type(rules.needs_longer) is not bool:
        raise _unfit(subject, "has a rule that is none")


def _check_factors(subject: SubjectId, factors: Factors) -> None:
    pins = [pin for pin in (factors.pin, factors.duress) if pin is not None]
    if any(pin.rounds != PIN_ROUNDS for pin in pins):
        raise _unfit(subject, "has a PIN that takes too long to check, or is checked too fast")
    if not isinstance(factors.badge, str | None):
        raise _unfit(subject, "has a badge that is none")


def _unfit(subject: SubjectId, why: str) -> BadInput:
    return BadInput(f"{subject} {why}.", _REMEDY)
