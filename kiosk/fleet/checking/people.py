"""How two records of one person differ, in words. Only for admins, who can open both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from kiosk.domain.access.factors import Factor, Factors, StepUp
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport
from kiosk.store.people.person import Profile

SHOWN_TEXT = 60
"""Characters of a consent that are shown; of a longer one its length and its hash are told."""
SHOWN_HASH = 12


@dataclass(frozen=True, slots=True)
class PersonDifference:
    """One person, as they are and as they would be.

    Attributes:
        subject: their id.
        scope: where.
        author: who says it: `admins`, or a device.
        what: `new`, `changed`, `erased`; `same` where nothing is different.
        fields: what is different, in words; of somebody new, all that they would have.
    """

    subject: SubjectId
    scope: str
    author: str
    what: str
    fields: tuple[str, ...]


def person_difference(
    scope: str, author: str, before: FleetContent | None, after: FleetContent
) -> PersonDifference:
    """The difference that a statement makes for one person.

    Args:
        scope: where.
        author: who says it.
        before: as they are published; None where nothing is.
        after: as they would be.
    """
    if isinstance(after, FleetReport):
        told = "the report about them is cleared" if after.cleared else "reported at a door"
        return PersonDifference(after.subject, scope, author, "changed", (told,))
    before = before if isinstance(before, FleetPerson) else None
    return _of_person(scope, author, before, after)


def _of_person(
    scope: str, author: str, before: FleetPerson | None, after: FleetPerson
) -> PersonDifference:
    old = None if before is None else before.profile
    told: tuple[str, ...] = ()
    if after.profile is None:
        what, told = "erased", ("moved: they are in another scope",) if after.moved else ()
    elif before is None or old is None:
        what, told = "new", (*_new(after, after.profile), *_proof(None, after))
    else:
        told = (*_changed(old, after.profile), *_references(before, after), *_proof(before, after))
        what = "changed" if told else "same"
    return PersonDifference(after.subject, scope, author, what, told)


def _new(person: FleetPerson, profile: Profile) -> Iterator[str]:
    yield f"name: {profile.given_name}"
    yield f"consent: {_consent_told(profile.consent)}"
    yield f"enrolled: {profile.enrolled_at:%Y-%m-%d %H:%M}"
    yield f"references: {len(person.references)}"
    for rule in fields(PersonRules):
        value = getattr(profile.rules, rule.name)
        if value != getattr(PersonRules(), rule.name):
            yield f"{rule.name}: {', '.join(value) if isinstance(value, tuple) else value}"
    if profile.factors != Factors():
        yield f"factors: {_factors_told(profile.factors)}"


def _changed(old: Profile, new: Profile) -> Iterator[str]:
    if old.given_name != new.given_name:
        yield f"name: {old.given_name} -> {new.given_name}"
    if old.consent != new.consent:
        yield f"consent: another, {_consent_told(new.consent)}"
    if old.enrolled_at != new.enrolled_at:
        yield f"enrolled: {old.enrolled_at:%Y-%m-%d %H:%M} -> {new.enrolled_at:%Y-%m-%d %H:%M}"
    for rule in fields(old.rules):
        before, after = getattr(old.rules, rule.name), getattr(new.rules, rule.name)
        if before != after:
            yield f"{rule.name}: {before} -> {after}"
    if old.factors != new.factors:
        yield f"factors: others, {_factors_told(new.factors)}"


def _consent_told(consent: Consent) -> str:
    """A consent: its text, when it was given, and whatever else was noted of it."""
    told = [f"{consent.text[:SHOWN_TEXT]!r} at {consent.given_at:%Y-%m-%d %H:%M}"]
    if len(consent.text) > SHOWN_TEXT:
        told.append(f"{len(consent.text)} characters of SHA-256 {consent.text_sha256[:SHOWN_HASH]}")
    for each in fields(consent):
        value = getattr(consent, each.name)
        if each.name not in {"text", "given_at"} and value not in {None, False}:
            told.append(f"{each.name} {value}")
    return ", ".join(told)


def _factors_told(factors: Factors) -> str:
    """Which second factors there are: none of them is for anybody's eyes."""
    there = {"a PIN": factors.pin, "a duress PIN": factors.duress, "a badge": factors.badge}
    told = [name for name, value in there.items() if value is not None]
    if factors.required is not Factor.NONE:
        told.append(f"asked for {factors.required.value}")
    if factors.step_up is not StepUp.NONE:
        told.append(f"asked for one because of {factors.step_up.value}")
    return ", ".join(told) or "none"


def _references(old: FleetPerson, new: FleetPerson) -> Iterator[str]:
    before, after = _templates(old), _templates(new)
    if before.keys() != after.keys():
        gained, lost = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        yield f"references: {len(before)} -> {len(after)} ({gained} new, {lost} gone)"
    elif before != after:
        yield "references: the same ids with other templates"


def _proof(old: FleetPerson | None, new: FleetPerson) -> Iterator[str]:
    if new.proof is not None and (old is None or old.proof != new.proof):
        yield "invitation: enrolled with one"  # its code is not for anybody's eyes


def _templates(person: FleetPerson) -> dict[str, tuple[str, bytes]]:
    templates = {each.id: each.template for each in person.references}
    return {name: (it.space, it.vector.tobytes()) for name, it in templates.items()}
