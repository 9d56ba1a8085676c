"""How two records of one person differ, in words. Only for admins, who can open both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport
from kiosk.store.people.person import Profile


@dataclass(frozen=True, slots=True)
class PersonDifference:
    """One person, as they are and as they would be.

    Attributes:
        subject: their id.
        scope: where.
        author: who says it: `admins`, or a device.
        what: `new`, `changed`, `erased`; `same` where nothing is different.
        fields: what is different, in words.
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
        what = "erased"
    elif old is None:
        what, told = "new", tuple(_new(after, after.profile))
    else:
        told = tuple(_changed(old, after.profile)) + tuple(_references(before, after))
        what = "changed" if told else "same"
    return PersonDifference(after.subject, scope, author, what, told)


def _new(person: FleetPerson, profile: Profile) -> Iterator[str]:
    yield f"name: {profile.given_name}"
    yield f"consent: {profile.consent.text[:60]!r} at {profile.consent.given_at:%Y-%m-%d %H:%M}"
    yield f"references: {len(person.references)}"
    if profile.rules.groups:
        yield f"groups: {', '.join(profile.rules.groups)}"


def _changed(old: Profile, new: Profile) -> Iterator[str]:
    if old.given_name != new.given_name:
        yield f"name: {old.given_name} -> {new.given_name}"
    if old.consent != new.consent:
        yield f"consent: another, given at {new.consent.given_at:%Y-%m-%d %H:%M}"
    if old.enrolled_at != new.enrolled_at:
        yield f"enrolled: {old.enrolled_at:%Y-%m-%d} -> {new.enrolled_at:%Y-%m-%d}"
    for rule in fields(old.rules):
        before, after = getattr(old.rules, rule.name), getattr(new.rules, rule.name)
        if before != after:
            yield f"{rule.name}: {before} -> {after}"
    if old.factors != new.factors:
        yield "factors: others"  # a PIN is not for anybody's eyes


def _references(old: FleetPerson | None, new: FleetPerson) -> Iterator[str]:
    before = {} if old is None else {each.id: each.template for each in old.references}
    after = {each.id: each.template for each in new.references}
    if before.keys() != after.keys():
        gained, lost = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        yield f"references: {len(before)} -> {len(after)} ({gained} new, {lost} gone)"
    elif any(before[each].vector.tobytes() != after[each].vector.tobytes() for each in before):
        yield "references: the same ids with other templates"
