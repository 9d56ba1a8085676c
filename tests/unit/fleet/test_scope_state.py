"""How far a kiosk has applied a scope: kept, read again, and gone on from at any place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.fleet.history import Author, History, OpenInvitation
from kiosk.domain.fleet.statement import ADMINS, PersonChange, Statement, digest
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import KEPT_AFTER, MemberState, ReportState, ScopeState
from kiosk.fleet.scope_file import ScopeFile, SealedRecord

SCOPE, DESK, NORTH = "harbour", "d" * 16, "1" * 32
AT = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
TIMES = st.datetimes(timezones=st.just(UTC))
SUBJECTS = st.text("abc-", min_size=1, max_size=4).map(SubjectId)
AUTHORS = st.sampled_from([ADMINS, DESK, NORTH])
STATES = st.builds(
    ScopeState,
    st.integers(0, 10**6),
    st.dictionaries(AUTHORS, st.builds(Author, st.integers(0, 99), st.none() | HASHES)),
    st.dictionaries(HASHES, st.builds(OpenInvitation, st.just(DESK), HASHES, TIMES), max_size=3),
    st.dictionaries(HASHES, st.binary(max_size=20), max_size=3),
    st.dictionaries(st.just(DESK), st.binary(min_size=32, max_size=32)),
    st.dictionaries(HASHES, HASHES, max_size=3),
    st.dictionaries(HASHES, st.builds(ReportState, HASHES, SUBJECTS, st.booleans()), max_size=3),
)


@given(STATES)
def test_a_state_is_read_again(state: ScopeState) -> None:
    assert ScopeState.decode(state.encode()) == state


def test_where_nothing_is_kept_nothing_was_applied() -> None:
    assert ScopeState.decode(None) == ScopeState()


@given(st.builds(MemberState, HASHES, HASHES, st.booleans(), st.none() | TIMES))
def test_a_member_is_read_again(state: MemberState) -> None:
    assert MemberState.decode(state.encode()) == state


@given(STATES, st.lists(st.builds(MemberState, HASHES, HASHES), max_size=3))
def test_what_counts_is_what_is_known_of_people_reports_and_what_is_void(
    state: ScopeState, members: list[MemberState]
) -> None:
    current = state.current(members)
    tags = {each.tag for each in members} | state.reports.keys() | state.void.keys()
    assert current.keys() == tags
    history = state.history(SCOPE, current)
    assert (history.authors, history.invitations) == (state.authors, state.invitations)
    assert history.current == current


def test_what_is_followed_leaves_the_state_as_it_was() -> None:
    state = ScopeState()
    history = state.history(SCOPE, {})
    said = Statement(SCOPE, ADMINS, 1, None, AT, (PersonChange("a" * 64, "b" * 64),))
    history.follow(said)
    assert state == ScopeState()
    taken = state.took(1, history, ScopeFile(), AT)
    assert taken.authors == {ADMINS: Author(1, digest(said.text()))}
    assert taken.place == 1


@pytest.mark.parametrize(
    ("until", "kept"),
    [
        (AT - KEPT_AFTER + timedelta(seconds=1), True),
        (AT - KEPT_AFTER, False),
        (datetime.max.replace(tzinfo=UTC), True),
        (datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_an_invitation_is_kept_for_who_was_away(until: datetime, *, kept: bool) -> None:
    """Also one that an inviter, or its thief, lets end at the end of all time."""
    invitation = OpenInvitation(DESK, "b" * 64, until)
    history = History(SCOPE, {}, {}, {"a" * 64: invitation})
    sealed = SealedRecord("b" * 64, 0, b"sealed")
    other = SealedRecord("c" * 64, 0, b"other")
    file = ScopeFile([], {it.record: it for it in (sealed, other)})
    taken = ScopeState().took(1, history, file, AT)
    assert taken.invitations == ({"a" * 64: invitation} if kept else {})
    assert taken.sealed == ({"b" * 64: b"sealed"} if kept else {})


def test_what_is_void_counts_until_something_newer_is_said() -> None:
    state = ScopeState(void={"a" * 64: "b" * 64, "c" * 64: "d" * 64})
    history = state.history(SCOPE, state.current([]))
    history.follow(Statement(SCOPE, ADMINS, 1, None, AT, (PersonChange("a" * 64, "e" * 64),)))
    assert state.took(1, history, ScopeFile(), AT).void == {"c" * 64: "d" * 64}
