"""The limits of what a device or an inviter says in a day, whatever times it gives itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import ENDED, PersonChange, Statement
from kiosk.fleet.uploads.handing_in import MOST_AT_ONCE
from kiosk.fleet.uploads.limits import (
    DAY,
    MOST_ENROLMENTS,
    MOST_INVITATIONS,
    MOST_UNINVITED,
    UploadWaits,
    check_amount,
    check_use,
)

NOW = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)
DEVICE = "1" * 32
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def said(at: datetime = NOW, changes: int = 1, uses: str | None = None) -> Statement:
    every = tuple(PersonChange(f"{n:064x}", "b" * 64) for n in range(changes))
    return Statement("harbour", DEVICE, 7, "c" * 64, at, every, uses)


def issued(at: datetime = NOW, invitations: int = 1, record: str = "b" * 64) -> Statement:
    every = tuple(PersonChange(f"{n:064x}", record) for n in range(invitations))
    return Statement("harbour", "2" * 16, 7, "c" * 64, at, every, until=NOW + DAY)


def check(statement: Statement, earlier: Sequence[Statement] = (), running: datetime = NOW) -> None:
    check_amount(statement, earlier, NOW, running)


def test_the_limits_are_these() -> None:
    assert (50, 500, timedelta(hours=24)) == (MOST_UNINVITED, MOST_ENROLMENTS, DAY)
    assert MOST_AT_ONCE <= MOST_UNINVITED  # an honest kiosk makes no statement that is too large


# -- how much ------------------------------------------------------------------------------------


def test_as_many_changes_as_a_day_may_have() -> None:
    check(said(changes=50))
    check(said(changes=1), [said(NOW - DAY + SECOND, 49)])
    check(said(changes=50), [said(NOW - DAY, 50)])


def test_one_change_more_waits() -> None:
    for earlier in ([said(NOW, 50)], [said(NOW - DAY + SECOND, 25), said(NOW - SECOND, 25)]):
        with pytest.raises(UploadWaits, match="has said 50 withdrawals and reports in a day"):
            check(said(), earlier)


def test_one_enrolment_more_waits() -> None:
    earlier = [said(uses="d" * 64)] * 499
    check(said(uses="d" * 64), earlier)
    with pytest.raises(UploadWaits, match="has said 500 enrolments"):
        check(said(uses="d" * 64), [*earlier, said(uses="d" * 64)])


def test_enrolments_and_the_rest_are_counted_apart() -> None:
    check(said(uses="d" * 64), [said(changes=50)])
    check(said(), [said(uses="d" * 64)] * 500)


def test_a_statement_that_is_too_much_for_any_day_is_set_aside() -> None:
    with pytest.raises(FleetRefused, match="has more than 50") as refusal:
        check(said(changes=51))
    assert not isinstance(refusal.value, UploadWaits)


# -- when ----------------------------------------------------------------------------------------

TIMES: dict[str, Callable[[], None]] = {
    "later than": lambda: check(said(NOW + timedelta(minutes=5, seconds=1))),
    "earlier than": lambda: check(said(NOW - SECOND), [said(NOW)]),
    "more than a day old": lambda: check(said(NOW - DAY - SECOND)),
    "later than the": lambda: check(said(datetime.max.replace(tzinfo=UTC))),
    "more than a day": lambda: check(said(datetime.min.replace(tzinfo=UTC))),
}


@pytest.mark.parametrize("why", TIMES)
def test_a_time_that_cannot_be(why: str) -> None:
    with pytest.raises(FleetRefused, match=why) as refusal:
        TIMES[why]()
    assert not isinstance(refusal.value, UploadWaits)


def test_a_time_that_can_be() -> None:
    check(said(NOW + timedelta(minutes=5)))
    check(said(NOW), [said(NOW)])
    check(said(NOW - DAY))


def test_what_waited_while_the_publisher_was_down_is_taken() -> None:
    check(said(NOW - 3 * DAY), running=NOW - 3 * DAY + SECOND)


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 50)), max_size=40))
def test_no_choice_of_times_says_more(wishes: list[tuple[int, int]]) -> None:
    """A publisher that runs all along takes two days' worth of one that lies about its clock."""
    taken: list[Statement] = []
    for seconds, changes in wishes:
        statement = said(NOW + timedelta(seconds=seconds), changes)
        try:
            check(statement, taken)
        except FleetRefused:
            continue
        taken.append(statement)
    assert sum(len(each.changes) for each in taken) <= 2 * MOST_UNINVITED


# -- an invitation that has ended ----------------------------------------------------------------


def test_an_invitation_can_be_used_until_the_publisher_has_signed_after_its_end() -> None:
    """By more than two clocks may differ; the time that the device gives itself is not asked."""
    used = said(NOW - DAY, uses="d" * 64)
    check_use(used, NOW - 5 * MINUTE, NOW)
    check_use(used, NOW - 5 * MINUTE - SECOND, NOW - SECOND)
    with pytest.raises(FleetRefused, match="uses an invitation that has ended") as refusal:
        check_use(used, NOW - 5 * MINUTE - SECOND, NOW)
    assert not isinstance(refusal.value, UploadWaits)


# -- an inviter ----------------------------------------------------------------------------------


def test_an_inviter_may_invite_as_many_as_a_device_may_enrol() -> None:
    assert MOST_INVITATIONS == MOST_ENROLMENTS
    check(issued(), [issued(invitations=499)])
    check(issued(), [issued(NOW - DAY, 500)])
    with pytest.raises(UploadWaits, match="The inviter has said 500 invitations in a day, of 500"):
        check(issued(), [issued(NOW - DAY + SECOND, 500)])
    with pytest.raises(FleetRefused, match="has more than 500 invitations") as found:
        check(issued(invitations=501))
    assert not isinstance(found.value, UploadWaits)


def test_an_inviter_may_end_invitations_at_any_time() -> None:
    check(issued(record=ENDED), [issued(invitations=500)])
    check(issued(invitations=600, record=ENDED), [issued(invitations=500)])


def test_an_inviter_has_no_second_day_by_its_own_clock() -> None:
    for at, why in ((NOW + 6 * MINUTE, "later than"), (NOW - DAY - SECOND, "a day old")):
        with pytest.raises(FleetRefused, match=why):
            check(issued(at))


def test_two_machines_of_one_desk_have_two_clocks() -> None:
    check(issued(NOW - 5 * MINUTE), [issued(NOW)])
    with pytest.raises(FleetRefused, match="earlier than that of the one before"):
        check(issued(NOW - 5 * MINUTE - SECOND), [issued(NOW)])
