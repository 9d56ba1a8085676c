"""What is kept about a person, for themselves: the same facts on the screen and for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kiosk.domain.access.factors import Factors
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.people.records import agreed
from kiosk.store.people.last_use import kept_until
from kiosk.store.people.person import EnrolledPerson


def facts_of(person: EnrolledPerson) -> tuple[DataFact, ...]:
    """The facts for the screen, in the order of the page; see `FactKind` for what each holds."""
    profile = person.profile
    facts = [
        DataFact(FactKind.NUMBERS, count=person.references),
        DataFact(FactKind.SINCE, day=profile.enrolled_at.date()),
        DataFact(FactKind.DOORS, ", ".join(profile.rules.groups)),
    ]
    if factors := ", ".join(_factors(profile.factors)):
        facts.append(DataFact(FactKind.FACTORS, factors))
    facts.append(DataFact(FactKind.UNTIL, day=profile.rules.valid_until))
    if profile.consent.picture:
        facts.append(DataFact(FactKind.PICTURE))
    if profile.consent.cloud:
        facts.append(DataFact(FactKind.CLOUD))
    return tuple(facts)


def data_of(
    person: EnrolledPerson, kiosk: str, used: date | None, unused_days: int
) -> dict[str, Any]:
    """The same as plain data, for other programs. The keys are a stable interface.

    Args:
        person: whom it is about.
        kiosk: the id of the kiosk that keeps it.
        used: the last day on which they were let in; None if never.
        unused_days: the days without use after which they are erased.
    """
    consent = person.profile.consent
    return {
        "subject": person.subject,
        "references": person.references,
        "enrolled_at": _stamp(person.profile.enrolled_at),
        "consent": {
            "version": consent.version,
            "sha256": consent.text_sha256,
            "language": consent.language,
            "act": consent.act,
            "given_at": _stamp(consent.given_at),
            "picture": consent.picture,
            "cloud": consent.cloud,
        },
        "doors": list(person.profile.rules.groups),
        "kept_at": kiosk,
        "last_used_on": None if used is None else used.isoformat(),
        "kept_until": kept_until(person.profile, used, unused_days).isoformat(),
        **agreed(person),
    }


def _factors(factors: Factors) -> list[str]:
    """The names of what they have beside their face, as keys of the screen's words."""
    kinds = (("pin", factors.pin), ("badge", factors.badge))
    return [name for name, kept in kinds if kept is not None]


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
