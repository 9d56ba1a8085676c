"""An office with a staff, cleaners by night and a responsible few; and a way to say when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from kiosk.domain.people.calendar import EVERY_DAY, Moment, Schedule, Window
from kiosk.domain.people.rules import Group, PersonRules, Site
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

BERLIN = ZoneInfo("Europe/Berlin")
ANN, BOB = SubjectId("ann"), SubjectId("bob")
WORKDAYS = frozenset({1, 2, 3, 4, 5})
MORNING = Window(EVERY_DAY, time(9), time(12))

# 2026-03-02 is a Monday.
OFFICE = Schedule(
    "office",
    (Window(WORKDAYS, time(7), time(19)), Window(frozenset({6}), time(9), time(13))),
    holidays=frozenset({date(2026, 12, 25)}),
    exceptions={date(2026, 12, 24): (MORNING,)},
)
NIGHTS = Schedule("nights", (Window(WORKDAYS, time(22), time(6)),))

STAFF = Group(doors=frozenset({"front"}), schedule=OFFICE)
CLEANERS = Group(doors=frozenset({"front", "back"}), schedule=NIGHTS, free_of_passback=True)
LEADS = Group(doors=frozenset({"front"}), schedule=OFFICE, first_person=True)
ARCHIVE = Group(doors=frozenset({"back"}), schedule=OFFICE, first_person=True)
SITE = Site(
    door="front",
    groups={"staff": STAFF, "cleaners": CLEANERS, "leads": LEADS, "archive": ARCHIVE},
)
WORKER, CLEANER, LEAD = (PersonRules((name,)) for name in ("staff", "cleaners", "leads"))


def wall(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    """What the clock on the wall shows: `2026-03-02 07:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def at(text: str, zone: ZoneInfo = BERLIN) -> Moment:
    """That moment by both clocks; the monotonic one began in 1970."""
    local = wall(text, zone)
    return Moment(local, Instant(local.astimezone(UTC).timestamp()))
