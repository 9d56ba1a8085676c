"""The presence record: recent passages, people inside, and the day's first responsible person.

It is a value: each passage makes a new one. It contains only data that a rule needs, and for no
longer. If the clocks contradict each other it keeps an entry, which refuses rather than admits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import Enum

from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import DAY, Moment
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

HOUR_SECONDS = 3600.0


class Passback(Enum):
    """The treatment of a person who comes in twice without having left (anti-passback)."""

    OFF = "off"
    """No check."""
    SOFT = "soft"
    """They are let in, and it is recorded."""
    HARD = "hard"
    """They are refused."""


class Direction(Enum):
    """The direction of passage at this kiosk."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceMemory:
    """The rules for what is remembered, and for how long.

    Attributes:
        passback: the anti-passback mode.
        direction: decides if a person who passes is inside afterwards, or no longer.
        reset_hours: after that time inside a person counts as gone; 0 for never.
        reset_daily: true if nobody counts as inside any more when a new day begins.
        day_begins: when a day begins here, by the wall clock.
        cool_down_seconds: nobody passes twice within that time; 0 for no such rule.
    """

    passback: Passback = Passback.OFF
    direction: Direction = Direction.IN
    reset_hours: float = 0.0
    reset_daily: bool = False
    day_begins: time = time(0)
    cool_down_seconds: float = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class Presence:
    """The passages that this kiosk remembers.

    Attributes:
        inside: the people inside, and since when.
        passed_at: the last passage of each person.
        opened: when a responsible person was last let in.
    """

    inside: Mapping[SubjectId, Moment] = field(default_factory=dict)
    passed_at: Mapping[SubjectId, Moment] = field(default_factory=dict)
    opened: Moment | None = None

    def __repr__(self) -> str:
        return f"Presence(<{len(self.inside)} hidden people inside>)"


def is_inside(presence: Presence, subject: SubjectId, now: Moment, memory: PresenceMemory) -> bool:
    """True if they came in, and have neither left nor expired since."""
    since = presence.inside.get(subject)
    return since is not None and not _is_forgotten(since, now, memory)


def passed_just_now(
    presence: Presence, subject: SubjectId, now: Moment, memory: PresenceMemory
) -> bool:
    """True if their cool-down is still running."""
    last = presence.passed_at.get(subject)
    return last is not None and _is_warm(last, now, memory)


def is_opened(presence: Presence, now: Moment, memory: PresenceMemory) -> bool:
    """True if a responsible person was let in on the present day."""
    if not now.trusted:
        return False
    opened = presence.opened
    return opened is not None and _day(opened, memory) == _day(now, memory)


def passed(presence: Presence, subject: SubjectId, now: Moment, memory: PresenceMemory) -> Presence:
    """The record after a passage. To be called once they went through, as far as the door can tell.

    Args:
        presence: the record before.
        subject: the person.
        now: when they were let in.
        memory: the rules for what is remembered.
    """
    inside = {s: m for s, m in presence.inside.items() if not _is_forgotten(m, now, memory)}
    passed_at = {s: m for s, m in presence.passed_at.items() if _is_warm(m, now, memory)}
    inside.pop(subject, None)
    if memory.passback is not Passback.OFF and memory.direction is Direction.IN:
        inside[subject] = now
    if memory.cool_down_seconds > 0.0:
        passed_at[subject] = now
    return replace(presence, inside=inside, passed_at=passed_at)


def reset(presence: Presence, subject: SubjectId | None = None) -> Presence:
    """Delete the location and the last passage of a person, or of everybody if none is named.

    The day stays open: that entry belongs to no person.
    """
    if subject is None:
        return Presence(opened=presence.opened)
    return replace(
        presence,
        inside={s: m for s, m in presence.inside.items() if s != subject},
        passed_at={s: m for s, m in presence.passed_at.items() if s != subject},
    )


def encoded(presence: Presence) -> dict[str, object]:
    """Plain values for JSON. Times are UTC: monotonic seconds are lost when the kiosk stops."""
    return {
        "inside": {subject: _text(moment) for subject, moment in presence.inside.items()},
        "passed_at": {subject: _text(moment) for subject, moment in presence.passed_at.items()},
        "opened": None if presence.opened is None else _text(presence.opened),
    }


def decoded(values: object, now: Moment) -> Presence:
    """Read back the values of `encoded`, in the time of a kiosk that may have restarted since.

    Args:
        values: as they were stored.
        now: the present by both clocks, to convert the times to the monotonic clock.

    Raises:
        StoreCorrupt: the values are not the output of `encoded`.
    """
    match values:
        case {"inside": dict(inside), "passed_at": dict(passed_at), "opened": opened, **rest} if (
            not rest
        ):
            return Presence(
                {SubjectId(str(s)): _moment(text, now) for s, text in inside.items()},
                {SubjectId(str(s)): _moment(text, now) for s, text in passed_at.items()},
                None if opened is None else _moment(opened, now),
            )
    raise _unreadable()


def _is_forgotten(since: Moment, now: Moment, memory: PresenceMemory) -> bool:
    """True if a person who came in then counts as gone: after hours, or on another day."""
    hours = memory.reset_hours
    if hours > 0.0 and now.at - since.at >= hours * HOUR_SECONDS:
        return True
    return memory.reset_daily and now.trusted and _day(since, memory) < _day(now, memory)


def _is_warm(last: Moment, now: Moment, memory: PresenceMemory) -> bool:
    cool_down = memory.cool_down_seconds
    return cool_down > 0.0 and now.at - last.at < cool_down


def _day(moment: Moment, memory: PresenceMemory) -> date:
    """The day to which it belongs here: until the next one begins."""
    day = moment.local.date()
    return day if moment.local.time() >= memory.day_begins else day - DAY


def _text(moment: Moment) -> str:
    return moment.local.astimezone(UTC).isoformat()


def _moment(text: object, now: Moment) -> Moment:
    """A stored time by the present clocks. A time that seems to lie ahead is taken for now."""
    try:
        then = datetime.fromisoformat(str(text))
        ago = (now.local.astimezone(UTC) - then).total_seconds()
        local = then.astimezone(now.local.tzinfo)
    except (TypeError, ValueError, OverflowError):
        raise _unreadable() from None  # the stored text must not get into a log
    return Moment(local, Instant(now.at - max(ago, 0.0)))


def _unreadable() -> StoreCorrupt:
    return StoreCorrupt(
        "What is kept of who is inside cannot be read.",
        "Restore the kiosk's home from a backup, or reset who is inside.",
    )
