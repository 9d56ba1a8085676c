"""The access rules: which person may pass which door at which time. No clock, no file.

A recognised person is let in only if every rule permits it (R23). Anything that the settings do not
know opens nothing: a group that is not defined there, a door of another kiosk.
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
    """The access rights of one enrolled person.

    Attributes:
        groups: give them their doors and schedules.
        valid_from: the first day on which they may come in; None for no beginning.
        valid_until: the last day; None for no end.
        needs_longer: the door stays released longer for them, and its operator is pulsed (R92).
        credential: their card number at a panel that decides for itself; None for none.
        suspended: True while admins of a fleet let them in nowhere.
    """

    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    needs_longer: bool = False
    credential: int | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rights that people of a group share.

    Attributes:
        doors: the doors that they may pass.
        schedule: the times at which they may.
        first_person: they are responsible: their arrival opens the day for the others.
        free_of_passback: they are exempt from anti-passback.
    """

    doors: frozenset[str]
    schedule: Schedule
    first_person: bool = False
    free_of_passback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The rules of this kiosk's door.

    Attributes:
        door: its name; None if no group needs one.
        groups: by name. If there are none, everybody enrolled may pass at any time.
        memory: anti-passback, cool-down, and when a day begins.
        first_person: nobody passes before a responsible person did, each day anew.
        unlock: when the door is unlocked for everybody; None for never.
    """

    door: str | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    memory: PresenceMemory = PresenceMemory()
    first_person: bool = False
    unlock: Schedule | None = None


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """The result of the rules for one person at one moment.

    Attributes:
        reason: why they are refused; None if no rule refuses them.
        noted: to be recorded although they may pass.
        opens: when the door opens to them, if that is all they have to wait for.
    """

    reason: Reason | None
    noted: Reason | None = None
    opens: datetime | None = None


EVERYBODY = Group(doors=frozenset(), schedule=ALWAYS)
"""The group of every enrolled person, if the settings name no group."""


def judge(
    subject: SubjectId, person: PersonRules, now: Moment, site: Site, presence: Presence
) -> RuleVerdict:
    """Decide if a recognised person may pass now.

    The reasons are tested from the longest lasting to the shortest, and the first that applies is
    given: a person with no access here learns nothing about the hours.
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
    """The presence record after a person whom `judge` let in went through.

    Args:
        subject: the person.
        person: their access rights.
        now: the moment of the verdict, however long the door took.
        site: the rules of this door.
        presence: the record before.
    """
    after = passed(presence, subject, now, site.memory)
    ruling = _open_groups(_groups_here(person, site), now)
    return replace(after, opened=now) if _is_responsible(ruling, site) else after


def unlocks(site: Site, presence: Presence, now: Moment) -> bool:
    """True if the door is unlocked for everybody: by schedule, once a responsible person came."""
    if not now.trusted:
        return False
    if site.unlock is None or not site.unlock.is_open(now.local):
        return False
    return not site.first_person or is_opened(presence, now, site.memory)


def _is_valid(person: PersonRules, day: date) -> bool:
    """True from the first day to the last, both included, unless they are suspended."""
    begun = person.valid_from is None or person.valid_from <= day
    over = person.valid_until is not None and person.valid_until < day
    return begun and not over and not person.suspended


def _is_bounded(person: PersonRules) -> bool:
    """True if their access depends on a date: a wrong clock could show any."""
    return person.valid_from is not None or person.valid_until is not None


def _groups_here(person: PersonRules, site: Site) -> tuple[Group, ...]:
    """Their groups that include this door; a group unknown to the settings does not count."""
    if not site.groups:
        return (EVERYBODY,)
    known = (site.groups[name] for name in person.groups if name in site.groups)
    return tuple(group for group in known if site.door in group.doors)


def _open_groups(groups: tuple[Group, ...], now: Moment) -> tuple[Group, ...]:
    """The groups that admit now. No other counts, for responsibility or for a passback exemption.

    With an untrusted clock only a group that is always open admits.
    """
    if not now.trusted:
        groups = tuple(group for group in groups if group.schedule == ALWAYS)
    return tuple(group for group in groups if group.schedule.is_open(now.local))


def _waits_for_first(
    ruling: tuple[Group, ...], now: Moment, site: Site, presence: Presence
) -> bool:
    waits = site.first_person and not _is_responsible(ruling, site)
    return waits and not is_opened(presence, now, site.memory)


def _is_responsible(ruling: tuple[Group, ...], site: Site) -> bool:
    """True for a responsible person who comes in; only an entry can open the day."""
    comes_in = site.memory.direction is Direction.IN
    return comes_in and any(group.first_person for group in ruling)


def _passes_back(
    subject: SubjectId, ruling: tuple[Group, ...], now: Moment, site: Site, presence: Presence
) -> bool:
    """True if they come in from inside, or leave from outside."""
    free = any(group.free_of_passback for group in ruling)
    asked = site.memory.passback is not Passback.OFF and not free
    inside = is_inside(presence, subject, now, site.memory)
    return asked and inside is (site.memory.direction is Direction.IN)


def _refuses_passback(memory: PresenceMemory) -> bool:
    """Nobody is held inside: leaving without an entry is recorded, never refused."""
    return memory.passback is Passback.HARD and memory.direction is Direction.IN
