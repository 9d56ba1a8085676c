"""Changes of a person's rules, checked: a rule that is not named stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TypedDict

from kiosk.domain.access.factors import Factor, StepUp
from kiosk.domain.errors import BadInput
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people.person import EnrolledPerson, Profile

MAX_CREDENTIAL = 2**64 - 1
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NO_GROUP = "none"


class RuleChanges(TypedDict, total=False):
    """The rules to replace, by their names in `PersonRules`."""

    groups: tuple[str, ...]
    valid_from: date | None
    valid_until: date | None
    needs_longer: bool
    credential: int | None


def changed_profile(
    profile: Profile, rules: RuleChanges, factor: Factor | None, subject: SubjectId
) -> Profile:
    """The profile with other rules, and with another required factor if there is one.

    Raises:
        BadInput: a rule is not valid, or the person does not have that factor.
    """
    _refuse_invalid(rules)
    changed = _in_order(replace(profile.rules, **rules))
    factors = profile.factors
    if factor is not None:
        factors = factors.requiring(factor, subject)
    return replace(profile, rules=changed, factors=factors)


def stepped_up(profile: Profile, why: StepUp) -> Profile:
    """The profile of a person who is asked for a factor for that reason, or not any more."""
    return replace(profile, factors=replace(profile.factors, step_up=why))


def differences(before: Profile, after: Profile) -> tuple[str, ...]:
    """The names of the changed rules: the journal records that they changed, not their values."""
    names = tuple(RuleChanges.__annotations__)
    changed = [n for n in names if getattr(before.rules, n) != getattr(after.rules, n)]
    factors = [
        name
        for name, attribute in (("factor", "required"), ("step_up", "step_up"))
        if getattr(before.factors, attribute) != getattr(after.factors, attribute)
    ]
    return (*changed, *factors)


def refuse_anothers(
    subject: SubjectId, credential: int | None, people: Iterable[EnrolledPerson]
) -> None:
    """Refuse a card number of another person: a panel must not take two people for one.

    Raises:
        BadInput: another of these people has it.
    """
    for other in people:
        if other.subject != subject and other.profile.rules.credential == credential:
            raise BadInput(
                f"That card number is {other.subject}'s already.",
                Remedy(
                    "Give another number, or first take it from the person who has it.",
                    NextStep.DROP_CARD_NUMBER,
                    subject=other.subject,
                ),
            )


def no_credential(text: str) -> BadInput:
    """The error for a text that is no card number."""
    return BadInput(
        f"{text[:80]!r} is no card number.",
        Remedy(
            f"Give a whole number from 1 to {MAX_CREDENTIAL}, or none.", NextStep.GIVE_CARD_NUMBER
        ),
    )


def _refuse_invalid(rules: RuleChanges) -> None:
    for name in rules.get("groups", ()):
        refuse_group(name)
    credential = rules.get("credential")
    if credential is not None and not 1 <= credential <= MAX_CREDENTIAL:
        raise no_credential(str(credential))


def _in_order(rules: PersonRules) -> PersonRules:
    """The rules, after a check that they do not end before they begin."""
    if rules.valid_from and rules.valid_until and rules.valid_until < rules.valid_from:
        raise BadInput(
            f"They would be let in from {rules.valid_from} until {rules.valid_until}: never.",
            Remedy(
                "Correct the first day or the last; the last is not before the first.",
                NextStep.CHOOSE_DAYS,
            ),
        )
    return rules


def refuse_group(name: str) -> None:
    """Check the name of a group.

    Raises:
        BadInput: no group can be called so.
    """
    if name == _NO_GROUP or not _GROUP.fullmatch(name):
        raise BadInput(
            f"{name[:80]!r} cannot be a group.",
            Remedy(
                "Use 1 to 40 letters, digits or _ -, as in rules.groups of the settings.",
                NextStep.NAME_GROUP,
            ),
        )
