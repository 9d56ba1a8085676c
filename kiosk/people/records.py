"""An enrolled person as plain data, for other programs. The keys are a stable interface."""

from __future__ import annotations

from typing import Any

from kiosk.store.people.person import EnrolledPerson


def summary(person: EnrolledPerson) -> dict[str, Any]:
    """A person as one table row."""
    return {
        "subject": person.subject,
        "given_name": person.profile.given_name,
        "references": person.references,
        "enrolled_at": person.profile.enrolled_at.isoformat(timespec="seconds"),
        "groups": list(person.profile.rules.groups),
        "factor": person.profile.factors.required.value,
        "has_pin": person.profile.factors.pin is not None,
        "has_badge": person.profile.factors.badge is not None,
    }


def agreed(person: EnrolledPerson) -> dict[str, Any]:
    """The rules and required factors of a person. No secret, and nothing about a duress PIN."""
    rules, factors = person.profile.rules, person.profile.factors
    return {
        "groups": list(rules.groups),
        "valid_from": rules.valid_from.isoformat() if rules.valid_from else None,
        "valid_until": rules.valid_until.isoformat() if rules.valid_until else None,
        "needs_longer": rules.needs_longer,
        "credential": rules.credential,
        "factor": factors.required.value,
        "has_pin": factors.pin is not None,
        "has_badge": factors.badge is not None,
        "step_up": factors.step_up.value,
        **({"suspended": True} if rules.suspended else {}),
    }


def record(person: EnrolledPerson) -> dict[str, Any]:
    """Everything stored about a person, except templates, PINs and badges themselves."""
    consent = person.profile.consent
    stored = {
        "spaces": ", ".join(person.spaces),
        "consent_text": consent.text,
        "consent_sha256": consent.text_sha256,
        "consent_at": consent.given_at.isoformat(timespec="seconds"),
    }
    return summary(person) | stored | agreed(person)
