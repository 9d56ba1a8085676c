"""Near misses: somebody who may pass, but for one thing. Each missing conjunct denies (R23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office_hours import (
    ANN,
    BOB,
    CLEANER,
    CLEANERS,
    LEAD,
    LEADS,
    NIGHTS,
    OFFICE,
    SITE,
    STAFF,
    WORKER,
    at,
    wall,
)

from kiosk.domain.access.states import Reason
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Direction, Passback, Presence, PresenceMemory
from kiosk.domain.people.rules import PersonRules, RuleVerdict, Site, after_passing, judge, unlocks

MONDAY_NOON = at("2026-03-02 12:00")
MONDAY = date(2026, 3, 2)
PASS = RuleVerdict(None)
EVERYTHING = replace(
    SITE,
    memory=PresenceMemory(passback=Passback.HARD, cool_down_seconds=60.0, day_begins=time(4)),
    first_person=True,
)
OPENED = Presence(opened=at("2026-03-02 06:00"))
SOFT = replace(EVERYTHING, memory=replace(EVERYTHING.memory, passback=Passback.SOFT))
WITHOUT_GROUPS = replace(
    EVERYTHING,
    groups={},
    first_person=False,
    memory=replace(EVERYTHING.memory, passback=Passback.OFF),
)
"""Without anti-passback too: a group can also free its members of it."""
OUT = replace(EVERYTHING, memory=replace(EVERYTHING.memory, direction=Direction.OUT))


def judged(
    person: PersonRules = WORKER,
    now: Moment = MONDAY_NOON,
    site: Site = EVERYTHING,
    presence: Presence = OPENED,
) -> RuleVerdict:
    return judge(ANN, person, now, site, presence)


def test_a_good_case() -> None:
    assert judged() == PASS


# -- one thing is missing ------------------------------------------------------------------------

DEFECTS: dict[Reason, dict[str, Any]] = {
    Reason.NOT_VALID: {"person": replace(WORKER, valid_until=date(2026, 3, 1))},
    Reason.NOT_HERE: {"person": PersonRules(("archive",))},
    Reason.NOT_NOW: {"now": at("2026-03-02 19:00")},
    Reason.FIRST_PERSON: {"presence": Presence()},
    Reason.PASSED_BACK: {"presence": replace(OPENED, inside={ANN: at("2026-03-02 09:00")})},
    Reason.TOO_SOON: {"presence": replace(OPENED, passed_at={ANN: at("2026-03-02 11:59:30")})},
}


@pytest.mark.parametrize("reason", DEFECTS)
def test_near_miss(reason: Reason) -> None:
    assert judged(**DEFECTS[reason]).reason is reason


def both(one: Reason, other: Reason) -> RuleVerdict:
    """Judged with two defects at once."""
    valid = {Reason.NOT_VALID} & {one, other}
    nowhere, late = Reason.NOT_HERE in {one, other}, Reason.NOT_NOW in {one, other}
    person = PersonRules(
        ("archive",) if nowhere else ("staff",), valid_until=date(2026, 3, 1) if valid else None
    )
    now = at("2026-03-02 19:00") if late else MONDAY_NOON
    first, back, soon = (
        reason in {one, other}
        for reason in (Reason.FIRST_PERSON, Reason.PASSED_BACK, Reason.TOO_SOON)
    )
    presence = Presence(
        {ANN: at("2026-03-02 09:00")} if back else {},
        {ANN: now} if soon else {},
        None if first else OPENED.opened,
    )
    return judged(person, now, presence=presence)


@pytest.mark.parametrize(("first", "second"), list(combinations(DEFECTS, 2)))
def test_of_two_reasons_the_one_that_lasts_longer_is_given(first: Reason, second: Reason) -> None:
    assert both(first, second).reason is first
    assert both(second, second).reason is second


# -- validity ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "when", "valid"),
    [
        (None, None, "2026-03-02 12:00", True),
        (MONDAY, None, "2026-03-02 00:00", True),
        (MONDAY, None, "2026-03-01 23:59:59.999999", False),
        (None, MONDAY, "2026-03-02 23:59:59.999999", True),
        (None, MONDAY, "2026-03-03 00:00", False),
        (MONDAY, MONDAY, "2026-03-02 12:00", True),
        (MONDAY, date(2026, 3, 1), "2026-03-02 12:00", False),
        (MONDAY, date(2026, 3, 1), "2026-03-01 12:00", False),
    ],
)
def test_the_first_and_the_last_day_are_theirs(
    begins: date | None, ends: date | None, when: str, *, valid: bool
) -> None:
    """Days are local: 00:00 in Berlin is still the day before in UTC."""
    person = PersonRules(valid_from=begins, valid_until=ends)
    verdict = judged(person, at(when), Site(), Presence())
    assert verdict == (PASS if valid else RuleVerdict(Reason.NOT_VALID))


def test_who_is_suspended_comes_in_on_no_day() -> None:
    suspended = replace(WORKER, suspended=True)
    assert judged(suspended).reason is Reason.NOT_VALID
    assert judged(replace(suspended, suspended=False)) == PASS


# -- groups, doors, hours ------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [(), ("staff",), ("unheard of",)])
def test_without_a_group_in_the_settings_everybody_enrolled_passes(groups: tuple[str, ...]) -> None:
    for when in ("2026-03-01 03:00", "2026-12-25 23:59"):
        assert judged(PersonRules(groups), at(when), Site(), Presence()) == PASS


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ((), Reason.NOT_HERE),
        (("unheard of",), Reason.NOT_HERE),
        (("Staff",), Reason.NOT_HERE),
        (("archive",), Reason.NOT_HERE),
        (("archive", "unheard of"), Reason.NOT_HERE),
        (("cleaners",), Reason.NOT_NOW),
        (("archive", "cleaners"), Reason.NOT_NOW),
        (("staff",), None),
        (("unheard of", "staff"), None),
        (("cleaners", "archive", "staff"), None),
    ],
)
def test_any_group_lets_them_in_that_is_known_here_and_now(
    groups: tuple[str, ...], reason: Reason | None
) -> None:
    assert judged(PersonRules(groups)).reason is reason


def test_a_kiosk_without_a_door_of_its_own_lets_no_group_in() -> None:
    assert judged(site=replace(EVERYTHING, door=None)).reason is Reason.NOT_HERE


@pytest.mark.parametrize(
    ("groups", "opens"),
    [
        (("staff",), "2026-03-03 07:00"),
        (("cleaners",), "2026-03-02 22:00"),
        (("staff", "cleaners"), "2026-03-02 22:00"),
        (("staff", "cleaners", "archive"), "2026-03-02 22:00"),
    ],
)
def test_whoever_comes_at_the_wrong_time_learns_the_right_one(
    groups: tuple[str, ...], opens: str
) -> None:
    verdict = judged(PersonRules(groups), at("2026-03-02 19:30"))
    assert verdict == RuleVerdict(Reason.NOT_NOW, opens=wall(opens))


@pytest.mark.parametrize("reason", [each for each in DEFECTS if each is not Reason.NOT_NOW])
def test_nobody_else_learns_of_hours(reason: Reason) -> None:
    assert judged(**DEFECTS[reason]).opens is None
    assert both(reason, Reason.NOT_VALID).opens is None


# -- first person --------------------------------------------------------------------------------


def test_somebody_responsible_opens_the_day_for_the_others() -> None:
    assert judged(presence=Presence()).reason is Reason.FIRST_PERSON
    assert judged(LEAD, presence=Presence()) == PASS
    assert judged(PersonRules(("staff", "leads")), presence=Presence()) == PASS
    opened = after_passing(BOB, LEAD, at("2026-03-02 07:10"), EVERYTHING, Presence())
    assert judged(presence=opened) == PASS
    assert judged(now=at("2026-03-03 12:00"), presence=opened).reason is Reason.FIRST_PERSON


def test_others_open_no_day() -> None:
    after = after_passing(BOB, WORKER, MONDAY_NOON, EVERYTHING, Presence())
    assert after.opened is None
    assert judged(presence=after).reason is Reason.FIRST_PERSON


NIGHT_LEAD = PersonRules(("leads", "cleaners"))


@pytest.mark.parametrize(
    ("person", "when"),
    [
        # responsible by day, let in as a cleaner by night
        (NIGHT_LEAD, "2026-03-02 23:00"),
        # responsible for another door
        (PersonRules(("archive", "staff")), "2026-03-02 12:00"),
    ],
)
def test_only_the_group_that_lets_them_in_makes_them_responsible(
    person: PersonRules, when: str
) -> None:
    assert judged(person, at(when), presence=Presence()).reason is Reason.FIRST_PERSON
    assert after_passing(ANN, person, at(when), EVERYTHING, Presence()).opened is None


def test_somebody_responsible_who_comes_again_opens_the_day_again() -> None:
    first = after_passing(ANN, LEAD, MONDAY_NOON, EVERYTHING, Presence())
    tuesday = at("2026-03-03 12:00")
    assert after_passing(ANN, LEAD, tuesday, EVERYTHING, first).opened == tuesday


def test_without_the_rule_nobody_waits() -> None:
    assert judged(site=replace(EVERYTHING, first_person=False), presence=Presence()) == PASS


def test_leaving_opens_no_day() -> None:
    assert after_passing(ANN, LEAD, MONDAY_NOON, OUT, Presence()).opened is None
    assert judged(LEAD, site=OUT, presence=Presence()).reason is Reason.FIRST_PERSON


# -- anti-passback -------------------------------------------------------------------------------

INSIDE = replace(OPENED, inside={ANN: at("2026-03-02 09:00")})
NOTED = RuleVerdict(None, Reason.PASSED_BACK)


@pytest.mark.parametrize(
    ("site", "presence", "verdict"),
    [
        (EVERYTHING, INSIDE, RuleVerdict(Reason.PASSED_BACK)),
        (EVERYTHING, OPENED, PASS),
        (SOFT, INSIDE, NOTED),
        (SOFT, OPENED, PASS),
        # nobody is held inside
        (OUT, INSIDE, PASS),
        (OUT, OPENED, NOTED),
        (replace(EVERYTHING, memory=PresenceMemory()), INSIDE, PASS),
        (replace(OUT, memory=PresenceMemory(direction=Direction.OUT)), OPENED, PASS),
    ],
)
def test_passing_back(site: Site, presence: Presence, verdict: RuleVerdict) -> None:
    assert judged(site=site, presence=presence) == verdict


def test_it_is_about_whoever_comes_not_about_others() -> None:
    assert judged(presence=replace(OPENED, inside={BOB: at("2026-03-02 09:00")})) == PASS


def test_a_refusal_notes_nothing_beside() -> None:
    soon = replace(INSIDE, passed_at={ANN: MONDAY_NOON})
    assert judged(site=SOFT, presence=soon) == RuleVerdict(Reason.TOO_SOON)


def test_free_of_passback_is_who_is_let_in_by_a_free_group() -> None:
    night = replace(EVERYTHING, first_person=False)
    inside = Presence(inside={ANN: at("2026-03-02 22:30")})
    at_night = at("2026-03-02 23:00")
    assert judged(CLEANER, at_night, night, inside) == PASS
    held = replace(night, groups={"cleaners": replace(CLEANERS, free_of_passback=False)})
    assert judged(CLEANER, at_night, held, inside).reason is Reason.PASSED_BACK
    by_day = judged(PersonRules(("staff", "cleaners")), presence=INSIDE)
    assert by_day.reason is Reason.PASSED_BACK


def test_one_free_group_of_several_that_let_them_in_is_enough() -> None:
    site = replace(
        EVERYTHING, groups={**SITE.groups, "free": replace(STAFF, free_of_passback=True)}
    )
    assert judged(PersonRules(("staff", "free")), site=site, presence=INSIDE) == PASS


def test_in_and_out_and_in_again() -> None:
    presence = after_passing(ANN, WORKER, at("2026-03-02 09:00"), EVERYTHING, OPENED)
    assert judged(presence=presence).reason is Reason.PASSED_BACK
    presence = after_passing(ANN, WORKER, at("2026-03-02 11:00"), OUT, presence)
    assert judged(presence=presence) == PASS


# -- cool-down -----------------------------------------------------------------------------------


def test_the_lane_beside_does_not_serve_twice() -> None:
    presence = after_passing(ANN, WORKER, at("2026-03-02 11:59:30"), OUT, OPENED)
    assert judged(presence=presence) == RuleVerdict(Reason.TOO_SOON)
    assert judge(BOB, WORKER, MONDAY_NOON, EVERYTHING, presence) == PASS
    assert judged(now=at("2026-03-02 12:00:30"), presence=presence) == PASS


# -- free for all --------------------------------------------------------------------------------

LOBBY = replace(EVERYTHING, unlock=OFFICE, first_person=False)


@pytest.mark.parametrize(
    ("site", "opened", "when", "free"),
    [
        (LOBBY, None, "2026-03-02 06:59", False),
        (LOBBY, None, "2026-03-02 07:00", True),
        (LOBBY, None, "2026-03-02 19:00", False),
        (LOBBY, None, "2026-12-25 12:00", False),
        (replace(LOBBY, unlock=None), None, "2026-03-02 12:00", False),
        (replace(LOBBY, first_person=True), None, "2026-03-02 12:00", False),
        (replace(LOBBY, first_person=True), "2026-03-01 12:00", "2026-03-02 12:00", False),
        (replace(LOBBY, first_person=True), "2026-03-02 06:50", "2026-03-02 06:59", False),
        (replace(LOBBY, first_person=True), "2026-03-02 06:50", "2026-03-02 07:00", True),
    ],
)
def test_the_door_is_free_by_schedule(
    site: Site, opened: str | None, when: str, *, free: bool
) -> None:
    presence = Presence(opened=None if opened is None else at(opened))
    assert unlocks(site, presence, at(when)) is free


def test_a_kiosk_without_rules_is_never_free_for_all() -> None:
    assert not unlocks(Site(), OPENED, MONDAY_NOON)


# -- whatever happens ----------------------------------------------------------------------------

WALLS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 9))  # noqa: DTZ001 - wall clock
MOMENTS = WALLS.map(lambda shown: at(shown.isoformat()))
PEOPLE = st.builds(
    PersonRules,
    st.lists(st.sampled_from(["staff", "cleaners", "leads", "archive", "?"])).map(tuple),
    st.none() | st.just(date(2026, 3, 3)),
    st.none() | st.just(date(2026, 3, 5)),
)
PRESENCES = st.builds(
    Presence,
    st.dictionaries(st.just(ANN), MOMENTS),
    st.dictionaries(st.just(ANN), MOMENTS),
    st.none() | MOMENTS,
)


@given(PEOPLE, MOMENTS, PRESENCES)
def test_whoever_passes_has_everything(
    person: PersonRules, now: Moment, presence: Presence
) -> None:
    verdict = judged(person, now, presence=presence)
    if verdict.reason is None:
        open_here = {"staff": OFFICE, "leads": OFFICE, "cleaners": NIGHTS}
        names = {n for n in person.groups if n in open_here and open_here[n].is_open(now.local)}
        assert names
        assert (person.valid_from or date.min) <= now.local.date()
        assert now.local.date() <= (person.valid_until or date.max)
        assert "leads" in names or presence.opened is not None
        assert ANN not in presence.inside or "cleaners" in names


@given(PEOPLE, MOMENTS, PRESENCES)
@example(
    PersonRules(groups=("cleaners",)),
    at("2026-03-03 00:00"),
    Presence({ANN: at("2026-03-01 00:00")}, opened=at("2026-03-03 00:00")),
)
@example(
    PersonRules(groups=("cleaners",)),
    at("2026-03-03 00:00"),
    Presence(opened=at("2026-03-02 04:00")),
)
def test_a_stricter_rule_lets_nobody_in_who_was_refused(
    person: PersonRules, now: Moment, presence: Presence
) -> None:
    """Anti-passback, cool-down, first person and groups can only take away.

    When a day begins is in each the same: it makes the rule of the first person no stricter.
    """
    strict = judged(person, now, presence=presence).reason
    for site in (
        SOFT,
        replace(EVERYTHING, first_person=False),
        replace(EVERYTHING, memory=PresenceMemory(day_begins=EVERYTHING.memory.day_begins)),
        WITHOUT_GROUPS,
    ):
        if judged(person, now, site, presence).reason is not None:
            assert strict is not None


@given(PEOPLE, MOMENTS, PRESENCES)
def test_whoever_passed_is_refused_at_once(
    person: PersonRules, now: Moment, presence: Presence
) -> None:
    after = after_passing(ANN, person, now, EVERYTHING, presence)
    assert judged(person, now, presence=after).reason is not None


def test_a_lead_is_of_a_group_with_first_person() -> None:
    """The tables above rest on it."""
    assert LEADS.first_person
    assert not CLEANERS.first_person
