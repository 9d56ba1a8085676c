"""Who is inside, who passed just now, whether the day is open: what is kept, and how long."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_hours import ANN, BERLIN, BOB, at, wall

from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import (
    Direction,
    Passback,
    Presence,
    PresenceMemory,
    decoded,
    encoded,
    is_inside,
    is_opened,
    passed,
    passed_just_now,
    reset,
)
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

NOON = at("2026-03-02 12:00")
HARD = PresenceMemory(passback=Passback.HARD, reset_hours=8.0, day_begins=time(4))
DAILY = replace(HARD, reset_hours=0.0, reset_daily=True)
OUT = replace(HARD, direction=Direction.OUT)
COOL = PresenceMemory(cool_down_seconds=60.0)
INSIDE = passed(Presence(), ANN, NOON, HARD)


def later(seconds: float, since: Moment = NOON) -> Moment:
    """Both clocks went on."""
    wall_clock = since.local.astimezone(UTC) + timedelta(seconds=seconds)
    return Moment(wall_clock.astimezone(BERLIN), Instant(since.at + seconds))


# -- inside --------------------------------------------------------------------------------------


def test_nobody_is_inside_at_first() -> None:
    assert not is_inside(Presence(), ANN, NOON, HARD)


@pytest.mark.parametrize("mode", [Passback.SOFT, Passback.HARD])
def test_whoever_came_in_is_inside_until_they_leave(mode: Passback) -> None:
    came_in, goes_out = replace(HARD, passback=mode), replace(OUT, passback=mode)
    presence = passed(Presence(), ANN, NOON, came_in)
    assert is_inside(presence, ANN, NOON, came_in)
    assert not is_inside(presence, BOB, NOON, came_in)
    assert not is_inside(passed(presence, ANN, later(1), goes_out), ANN, later(1), came_in)
    assert is_inside(passed(presence, BOB, later(1), goes_out), ANN, later(1), came_in)


@pytest.mark.parametrize(
    ("seconds", "inside"), [(8 * 3600 - 0.001, True), (8 * 3600, False), (-3600, True)]
)
def test_somebody_counts_as_gone_after_hours(seconds: float, *, inside: bool) -> None:
    assert is_inside(INSIDE, ANN, later(seconds), HARD) is inside


@pytest.mark.parametrize("hours", [0.25, 1.0])
def test_an_hour_or_less_is_a_time_too(hours: float) -> None:
    memory = replace(HARD, reset_hours=hours)
    assert is_inside(INSIDE, ANN, later(hours * 3600 - 0.001), memory)
    assert not is_inside(INSIDE, ANN, later(hours * 3600), memory)


def test_without_hours_nobody_is_forgotten() -> None:
    never = replace(HARD, reset_hours=0.0)
    assert is_inside(INSIDE, ANN, later(10**8), never)
    assert is_inside(INSIDE, ANN, NOON, never)


def test_the_wall_clock_shortens_no_hours() -> None:
    """Whoever can set the clock could come in twice."""
    set_forward = Moment(later(86400).local, later(60).at)
    assert is_inside(INSIDE, ANN, set_forward, HARD)


def test_coming_in_again_begins_anew() -> None:
    again = passed(INSIDE, ANN, later(7 * 3600), HARD)
    assert is_inside(again, ANN, later(14 * 3600), HARD)


@pytest.mark.parametrize(
    ("since", "now", "inside"),
    [
        ("2026-03-02 12:00", "2026-03-03 03:59:59.999999", True),
        ("2026-03-02 12:00", "2026-03-03 04:00", False),
        ("2026-03-02 03:59", "2026-03-02 04:00", False),
        ("2026-03-02 04:00", "2026-03-02 23:59", True),
        ("2026-03-02 01:00", "2026-03-02 03:00", True),
        # a clock that is set back forgets nothing
        ("2026-03-02 12:00", "2026-03-01 12:00", True),
    ],
)
def test_a_new_day_forgets_who_is_inside(since: str, now: str, *, inside: bool) -> None:
    presence = passed(Presence(), ANN, at(since), DAILY)
    assert is_inside(presence, ANN, at(now), DAILY) is inside
    assert is_inside(presence, ANN, at(now), replace(DAILY, reset_daily=False))


# -- cool-down -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "warm"), [(0, True), (59.999, True), (60, False), (61, False), (-1, True)]
)
def test_the_cool_down_runs_its_time(seconds: float, *, warm: bool) -> None:
    presence = passed(Presence(), ANN, NOON, COOL)
    assert passed_just_now(presence, ANN, later(seconds), COOL) is warm
    assert not passed_just_now(presence, BOB, later(seconds), COOL)
    assert not passed_just_now(presence, ANN, later(seconds), HARD)


@pytest.mark.parametrize("cool_down", [0.25, 1.0])
def test_a_cool_down_of_a_second_or_less_runs_too(cool_down: float) -> None:
    memory = PresenceMemory(cool_down_seconds=cool_down)
    presence = passed(Presence(), ANN, NOON, memory)
    assert passed_just_now(presence, ANN, later(cool_down - 0.001), memory)
    assert not passed_just_now(presence, ANN, later(cool_down), memory)


def test_the_wall_clock_shortens_no_cool_down() -> None:
    presence = passed(Presence(), ANN, NOON, COOL)
    assert passed_just_now(presence, ANN, Moment(later(86400).local, NOON.at), COOL)


def test_leaving_has_its_cool_down_too() -> None:
    cool_out = replace(COOL, direction=Direction.OUT)
    assert passed_just_now(passed(Presence(), ANN, NOON, cool_out), ANN, NOON, cool_out)


# -- the day -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "now", "is_open"),
    [
        ("2026-03-02 06:50", "2026-03-02 07:00", True),
        ("2026-03-02 04:00", "2026-03-03 03:59", True),
        ("2026-03-02 03:59", "2026-03-02 04:00", False),
        ("2026-03-02 12:00", "2026-03-03 04:00", False),
        ("2026-03-02 12:00", "2026-03-09 12:00", False),
        ("2026-03-02 12:00", "2026-03-01 12:00", False),
        ("2026-03-02 22:00", "2026-03-03 01:00", True),
    ],
)
def test_a_day_lasts_until_the_next_begins(opened: str, now: str, *, is_open: bool) -> None:
    presence = Presence(opened=at(opened))
    assert is_opened(presence, at(now), HARD) is is_open
    assert not is_opened(Presence(), at(now), HARD)


def test_by_a_clock_that_is_not_trusted_no_day_is_open() -> None:
    assert is_opened(Presence(opened=NOON), replace(NOON, trusted=False), HARD) is False


def test_a_day_that_begins_at_midnight_is_that_of_the_calendar() -> None:
    presence = Presence(opened=at("2026-03-02 00:00"))
    midnight = PresenceMemory()
    assert is_opened(presence, at("2026-03-02 23:59:59.999999"), midnight)
    assert not is_opened(presence, at("2026-03-03 00:00"), midnight)


# -- what is remembered --------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_what_no_rule_asks_for_is_not_remembered(direction: Direction) -> None:
    assert passed(Presence(), ANN, NOON, PresenceMemory(direction=direction)) == Presence()


def test_what_is_over_is_forgotten_when_somebody_passes() -> None:
    both = replace(HARD, cool_down_seconds=60.0)
    presence = passed(Presence(opened=NOON), ANN, NOON, both)
    presence = passed(presence, BOB, later(30), both)
    assert set(presence.inside) == set(presence.passed_at) == {ANN, BOB}
    presence = passed(presence, BOB, later(60), both)
    assert (set(presence.inside), set(presence.passed_at)) == ({ANN, BOB}, {BOB})
    presence = passed(presence, BOB, later(8 * 3600), both)
    assert set(presence.inside) == {BOB}
    assert presence.opened == NOON


def test_a_reset_forgets_one_or_everybody_but_not_the_day() -> None:
    both = replace(HARD, cool_down_seconds=60.0)
    presence = passed(passed(Presence(opened=NOON), ANN, NOON, both), BOB, NOON, both)
    without_ann = reset(presence, ANN)
    assert set(without_ann.inside) == set(without_ann.passed_at) == {BOB}
    assert without_ann.opened == NOON
    assert reset(presence) == Presence(opened=NOON)
    assert reset(presence, SubjectId("nobody")) == presence


def test_it_never_says_who() -> None:
    assert repr(INSIDE) == "Presence(<1 hidden people inside>)"
    assert str(ANN) not in str(INSIDE)


# -- kept over a restart -------------------------------------------------------------------------

MOMENTS = st.integers(-(10**6), 0).map(later)
PEOPLE = st.dictionaries(st.text(max_size=5).map(SubjectId), MOMENTS, max_size=3)
PRESENCES = st.builds(Presence, PEOPLE, PEOPLE, st.none() | MOMENTS)


@given(PRESENCES, st.integers(0, 10**6))
def test_what_is_kept_comes_back(presence: Presence, restarted: int) -> None:
    """The monotonic clock began anew meanwhile; what it would have shown is told by the other."""
    kept = json.loads(json.dumps(encoded(presence)))
    assert decoded(kept, later(restarted)) == presence
    assert encoded(decoded(kept, Moment(later(restarted).local, Instant(5.0)))) == kept


def test_hours_and_cool_down_go_on_over_a_restart() -> None:
    both = replace(HARD, cool_down_seconds=60.0)
    kept = encoded(passed(Presence(), ANN, NOON, both))
    presence = decoded(kept, Moment(later(20).local, Instant(1.0)))
    for seconds, warm in ((40.999, True), (41, False)):
        now = Moment(later(19 + seconds).local, Instant(seconds))
        assert passed_just_now(presence, ANN, now, both) is warm
    for seconds, inside in ((8 * 3600 - 19.1, True), (8 * 3600 - 19, False)):
        now = Moment(later(19 + seconds).local, Instant(seconds))
        assert is_inside(presence, ANN, now, both) is inside


def test_a_night_on_which_the_clock_jumps_is_as_long_as_it_was() -> None:
    kept = encoded(Presence({ANN: at("2026-10-25 01:00")}))
    presence = decoded(kept, Moment(wall("2026-10-25 04:00"), Instant(0.0)))
    assert presence.inside[ANN].at == -4 * 3600


def test_a_wall_clock_that_was_set_back_forgets_nothing() -> None:
    kept = encoded(passed(Presence(), ANN, NOON, replace(HARD, cool_down_seconds=60.0)))
    presence = decoded(kept, Moment(later(-86400).local, Instant(7.0)))
    assert presence.inside[ANN].at == presence.passed_at[ANN].at == 7.0


def test_it_is_read_in_the_zone_of_now() -> None:
    """Days are those of the wall clock here, whatever the zone that it was written in."""
    presence = decoded(encoded(Presence(opened=at("2026-03-03 00:30"))), at("2026-03-03 08:00"))
    assert presence.opened is not None
    assert presence.opened.local == wall("2026-03-03 00:30")
    assert is_opened(presence, at("2026-03-03 08:00"), PresenceMemory())


WHOLE: dict[str, object] = {"inside": {}, "passed_at": {}, "opened": None}


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "inside",
        {},
        {"inside": {}, "passed_at": {}},
        WHOLE | {"more": 1},
        WHOLE | {"inside": []},
        WHOLE | {"passed_at": None},
        WHOLE | {"opened": 5},
        WHOLE | {"opened": ""},
        WHOLE | {"opened": "2026-03-02T12:00:00"},
        WHOLE | {"opened": "0001-01-01T00:00:00+14:00"},
        WHOLE | {"inside": {"mallory": None}},
        WHOLE | {"passed_at": {"mallory": "yesterday"}},
    ],
)
def test_what_cannot_be_read_is_refused(values: object) -> None:
    """Nobody is let in twice because a file was damaged, and the error says nothing of its text."""
    with pytest.raises(StoreCorrupt) as caught:
        decoded(values, NOON)
    assert caught.value.problem == "What is kept of who is inside cannot be read."
    assert caught.value.remedy == "Restore the kiosk's home from a backup, or reset who is inside."


def test_whole_values_are_read() -> None:
    assert decoded(WHOLE, NOON) == Presence()
    early = datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert decoded(WHOLE | {"opened": early.isoformat()}, NOON) == Presence(opened=NOON)
