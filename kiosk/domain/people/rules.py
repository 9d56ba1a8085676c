"""Who may pass which door when: what is granted to a person, and what rules it. No clock, no file.

Whoever was recognised is only let in if every rule says so (R23). What the settings do not know
opens nothing: a group that is not written there, a door that is another kiosk's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from kiosk.domain.access.states import Reason
from kiosk.domain.people.calendar import ALWAYS, Moment, Schedule, opens_again
from kiosk.domain.people.presence import (
    Direction,
    Passback,
    Presence,
    PresenceMemory,
    is_inside,
    is_opened,
    passed,
    passed_just_now,
)
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class PersonRules:
    """What is agreed on for one enrolled person.

    Attributes:
        groups: whose doors and schedules are theirs.
        valid_from: the first day on which they may come in; None for no beginning.
        valid_until: the last day; None for no end.
        needs_longer: the door stays released longer for them, and its operator is pulsed (R92).
        credential: their card number at a panel that decides for itself; None for none.
    """

    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    needs_longer: bool = False
    credential: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What people have in common.

    Attributes:
        doors: the doors that are theirs.
        schedule: when.
        first_person: they are responsible: their coming opens the day for the others.
        free_of_passback: nobody asks whether they are inside already.
    """

    doors: frozenset[str]
    schedule: Schedule
    first_person: bool = False
    free_of_passback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The rules of this kiosk's door.

    Attributes:
        door: its name; None where no group needs one.
        groups: by name. Where there is none, everybody enrolled may pass at any time.
        memory: anti-passback, cool-down, and when a day begins.
        first_person: nobody passes before somebody responsible did, each day anew.
        unlock: when the door is free for all; None for never.
    """

    door: str | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    memory: PresenceMemory = PresenceMemory()
    first_person: bool = False
    unlock: Schedule | None = None


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What the rules say of one person at one moment.

    Attributes:
        reason: why they are refused; None if no rule stands against them.
        noted: what is to be written down of somebody who may pass all the same.
        opens: when the door opens to them, where that is all that they have to wait for.
    """

    reason: Reason | None
    noted: Reason | None = None
    opens: datetime | None = None


EVERYBODY = Group(doors=frozenset(), schedule=ALWAYS)
"""Whoever is enrolled, where the settings name no group."""


def judge(
    subject: SubjectId, person: PersonRules, now: Moment, site: Site, presence: Presence
) -> RuleVerdict:
    """Whether somebody who was recognised may pass now.

    The reasons are asked in this order, from what lasts longest to what is over soonest, and the
    first that applies is given: who is not to be here at all learns nothing of the hours.
    """
    here = _groups_here(person, site)
    ruling = _open_groups(here, now)
    passes_back = _passes_back(subject, ruling, now, site, presence)
    refusals = (
        (Reason.NOT_VALID, not _is_valid(person, now.local.date())),
        (Reason.NOT_VALID, not now.trusted and _is_bounded(person)),
        (Reason.NOT_HERE, not here),
        (Reason.NOT_NOW, not ruling),
        (Reason.FIRST_PERSON, _waits_for_first(ruling, now, site, presence)),
        (Reason.PASSED_BACK, passes_back and _refuses_passback(site.memory)),
        (Reason.TOO_SOON, passed_just_now(presence, subject, now, site.memory)),
    )
    reason = next((reason for reason, applies in refusals if applies), None)
    if reason is Reason.NOT_NOW and now.trusted:
        return RuleVerdict(reason, opens=opens_again([group.schedule for group in here], now.local))
    return RuleVerdict(reason, Reason.PASSED_BACK if passes_back and reason is None else None)


def after_passing(
    subject: SubjectId, person: PersonRules, now: Moment, site: Site, presence: Presence
) -> Presence:
    """What is known after somebody whom `judge` let in went through.

    Args:
        subject: who.
        person: what is agreed on for them.
        now: the moment of the verdict, however long the door took.
        site: the rules of this door.
        presence: what was known before.
    """
    after = passed(presence, subject, now, site.memory)
    ruling = _open_groups(_groups_here(person, site), now)
    return replace(after, opened=now) if _is_responsible(ruling, site) else after


def unlocks(site: Site, presence: Presence, now: Moment) -> bool:
    """Whether the door is free for all: by schedule, and once somebody responsible came."""
    if not now.trusted:
        return False
    if site.unlock is None or not site.unlock.is_open(now.local):
        return False
    return not site.first_person or is_opened(presence, now, site.memory)


def _is_valid(person: PersonRules, day: date) -> bool:
    """The first and the last day are theirs."""
    begun = person.valid_from is None or person.valid_from <= day
    over = person.valid_until is not None and person.valid_until < day
    return begun and not over


def _is_bounded(person: PersonRules) -> bool:
    """Whether a day decides about them: a wrong clock could show any."""
    return person.valid_from is not None or person.valid_until is not None


def _groups_here(person: PersonRules, site: Site) -> tuple[Group, ...]:
    """Their groups that have this door; what the settings do not know is none."""
    if not site.groups:
        return (EVERYBODY,)
    known = (site.groups[name] for name in person.groups if name in site.groups)
    return tuple(group for group in known if site.door in group.doors)


def _open_groups(groups: tuple[Group, ...], now: Moment) -> tuple[Group, ...]:
    """Those that let somebody in now. No other has a say: neither as responsible, nor as free.

    By a clock that is not to be relied on it is never the time, but for what is always open.
    """
    if not now.trusted:
        groups = tuple(group for group in groups if group.schedule == ALWAYS)
    return tuple(group for group in groups if group.schedule.is_open(now.local))


def _waits_for_first(
    ruling: tuple[Group, ...], now: Moment, site: Site, presence: Presence
) -> bool:
    if not site.first_person or _is_responsible(ruling, site):
        return False
    return not is_opened(presence, now, site.memory)


def _is_responsible(ruling: tuple[Group, ...], site: Site) -> bool:
    """Only who comes in can open the day."""
    comes_in = site.memory.direction is Direction.IN
    return comes_in and any(group.first_person for group in ruling)


def _passes_back(
    subject: SubjectId, ruling: tuple[Group, ...], now: Moment, site: Site, presence: Presence
) -> bool:
    """Whether they come in from inside, or leave from outside."""
    free = any(group.free_of_passback for group in ruling)
    if site.memory.passback is Passback.OFF or free:
        return False
    inside = is_inside(presence, subject, now, site.memory)
    return inside is (site.memory.direction is Direction.IN)


def _refuses_passback(memory: PresenceMemory) -> bool:
    """Nobody is held inside: who leaves without having come is noted, never refused."""
    return memory.passback is Passback.HARD and memory.direction is Direction.IN
