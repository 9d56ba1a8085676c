"""Invitations in the history of a scope: each counts once, and no inviter changes anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History, OpenInvitation, Source, history_of
from kiosk.domain.fleet.statement import (
    ADMINS,
    ENDED,
    PersonChange,
    Statement,
    digest,
    is_inviter,
    read_statement,
    used_tag,
)

SCOPE = "harbour"
DESK, OTHER_DESK = "d" * 16, "e" * 16
NORTH, SOUTH = "1" * 32, "2" * 32
ANNA, BORIS = "a" * 64, "b" * 64
USE, OTHER_USE = "5" * 64, "6" * 64
TAG, OTHER_TAG = used_tag(USE), used_tag(OTHER_USE)
AT = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)
UNTIL = AT + timedelta(days=7)
SECOND = timedelta(seconds=1)


def record(number: int) -> str:
    return f"{number:064x}"


OPEN = OpenInvitation(DESK, record(1), UNTIL)


def inviter(*changes: PersonChange, author: str = DESK) -> Statement:
    return Statement(SCOPE, author, 1, None, AT, changes, until=UNTIL)


def device(*changes: PersonChange, author: str = NORTH, uses: str | None = None) -> Statement:
    return Statement(SCOPE, author, 1, None, AT, changes, uses)


def admins(*changes: PersonChange) -> Statement:
    return Statement(SCOPE, ADMINS, 1, None, AT, changes)


def after(before: Statement, *changes: PersonChange, uses: str | None = None) -> Statement:
    number, previous = before.number + 1, digest(before.text())
    return replace(before, number=number, previous=previous, changes=changes, uses=uses)


ISSUED = inviter(PersonChange(TAG, record(1)))
ENROLLED = device(PersonChange(ANNA, record(2)), uses=USE)


# -- statements ----------------------------------------------------------------------------------


def test_an_invitation_is_found_by_the_hash_of_what_its_code_gives() -> None:
    assert used_tag(USE) == hashlib.sha256(bytes.fromhex(USE)).hexdigest() != USE


def test_the_text_of_what_inviters_and_devices_say_is_one_spelling() -> None:
    assert ISSUED.text().endswith(b',"until":"2026-12-05T07:30:00+00:00"}')
    assert ENROLLED.text().endswith(b'"uses":"' + USE.encode() + b'"}')
    for statement in (ISSUED, ENROLLED):
        assert read_statement(statement.text()) == statement


ONE, TWO = (PersonChange(ANNA, record(1)),), (PersonChange(ANNA, record(1)),) * 2
STRANGE: dict[str, Statement] = {
    "admins use one": replace(admins(*ONE), uses=USE),
    "an inviter uses one": replace(ISSUED, uses=USE),
    "a device says until when": replace(ENROLLED, until=UNTIL),
    "admins say until when": replace(admins(*ONE), until=UNTIL),
    "an inviter does not say until when": replace(ISSUED, until=None),
    "until when has no zone": replace(ISSUED, until=UNTIL.replace(tzinfo=None)),
    "what is used is no hash": device(*ONE, uses="5" * 63),
    "what is used is nothing": device(*ONE, uses=""),
    "what is used is in capitals": device(*ONE, uses="A" * 64),
    "one invitation for two people": device(*TWO, uses=USE),
    "an inviter with a short name": inviter(*ONE, author="d" * 15),
    "an inviter with a long name": inviter(*ONE, author="d" * 17),
    "an inviter with another name": inviter(*ONE, author="g" * 16),
}


@pytest.mark.parametrize("why", STRANGE)
def test_no_statement_if(why: str) -> None:
    with pytest.raises(FleetRefused, match="cannot be understood"):
        read_statement(STRANGE[why].text())


def test_more_people_come_without_an_invitation() -> None:
    assert read_statement(device(*TWO).text()) == device(*TWO)


def test_an_inviter_is_known_by_its_fingerprint() -> None:
    assert is_inviter(DESK)
    assert not any(map(is_inviter, (ADMINS, NORTH, DESK[:-1], DESK + "d", "g" * 16)))


# -- issuing and revoking ------------------------------------------------------------------------


def test_what_an_inviter_issues_can_be_used() -> None:
    history = history_of(SCOPE, [ISSUED])
    assert history == History(SCOPE, {DESK: history.authors[DESK]}, {}, {TAG: OPEN}, [], {})
    assert history.records == {record(1)}
    assert history.next_of(DESK).number == 1


IDLE: dict[str, Callable[[], Sequence[Statement]]] = {
    "it is issued again": lambda: [ISSUED, after(ISSUED, PersonChange(TAG, record(9)))],
    "it is issued twice at once": lambda: [
        inviter(PersonChange(TAG, record(1)), PersonChange(TAG, record(9)))
    ],
    "another inviter issues it": lambda: [
        ISSUED,
        inviter(PersonChange(TAG, record(9)), author=OTHER_DESK),
    ],
    "another inviter revokes it": lambda: [
        ISSUED,
        inviter(PersonChange(TAG, ENDED, record(1)), author=OTHER_DESK),
    ],
    "what was never issued is revoked": lambda: [
        ISSUED,
        after(ISSUED, PersonChange(OTHER_TAG, ENDED)),
    ],
}


@pytest.mark.parametrize("why", IDLE)
def test_an_invitation_stays_as_it_was_if(why: str) -> None:
    statements = IDLE[why]()
    history = history_of(SCOPE, statements)
    last = statements[-1]
    assert history.invitations == {TAG: OPEN}
    assert history.outdated == [(last.author, last.changes[-1])]
    assert (history.current, history.changed) == ({}, {})


def test_without_an_end_nothing_is_issued() -> None:
    """No such statement is read from a store."""
    history = history_of(SCOPE, [replace(ISSUED, until=None)])
    assert (history.invitations, len(history.outdated)) == ({}, 1)


def test_an_ended_invitation_has_a_record_that_nothing_has() -> None:
    assert ENDED == "0" * 64


def test_who_has_issued_it_revokes_it() -> None:
    history = history_of(SCOPE, [ISSUED, after(ISSUED, PersonChange(TAG, ENDED, record(1)))])
    assert (history.invitations, history.outdated, history.current) == ({}, [], {})


def test_admins_end_it_whoever_has_issued_it() -> None:
    history = history_of(SCOPE, [ISSUED, admins(PersonChange(TAG, ENDED))])
    assert (history.invitations, history.outdated, history.current) == ({}, [], {})
    assert history.changed == {}


def test_admins_who_end_what_is_not_open_and_say_more() -> None:
    said = admins(PersonChange(TAG, ENDED), PersonChange(ANNA, record(4)))
    history = history_of(SCOPE, [said])
    assert (history.invitations, history.current) == ({}, {ANNA: record(4)})
    assert history.changed == {ANNA: Source(ADMINS, AT)}


def test_a_device_ends_none() -> None:
    """What it says is no record of a person either."""
    change = PersonChange(TAG, ENDED)
    history = history_of(SCOPE, [ISSUED, device(change)])
    assert (history.invitations, history.current) == ({TAG: OPEN}, {})
    assert history.outdated == [(NORTH, change)]


# -- using ---------------------------------------------------------------------------------------


def test_a_device_enrols_with_it() -> None:
    history = history_of(SCOPE, [ISSUED, ENROLLED])
    assert (history.current, history.invitations) == ({ANNA: record(2)}, {})
    assert history.changed == {ANNA: Source(NORTH, AT, USE, OPEN)}
    assert history.outdated == []
    assert history.records == {record(2)}


def test_what_no_invitation_was_used_for_has_no_invitation() -> None:
    history = history_of(SCOPE, [device(PersonChange(ANNA, record(2)))])
    assert history.changed == {ANNA: Source(NORTH, AT, None, None)}


@pytest.mark.parametrize("late", [timedelta(), -SECOND])
def test_until_it_ends(late: timedelta) -> None:
    history = history_of(SCOPE, [ISSUED, replace(ENROLLED, at=UNTIL + late)])
    assert history.current == {ANNA: record(2)}


UNUSED: dict[str, Callable[[], Sequence[Statement]]] = {
    "it has ended": lambda: [ISSUED, replace(ENROLLED, at=UNTIL + SECOND)],
    "its tag is said instead": lambda: [ISSUED, replace(ENROLLED, uses=TAG)],
    "another one is used": lambda: [ISSUED, replace(ENROLLED, uses=OTHER_USE)],
    "another record counts": lambda: [
        ISSUED,
        replace(ENROLLED, changes=(PersonChange(ANNA, record(2), record(7)),)),
    ],
    "the record is none": lambda: [
        ISSUED,
        replace(ENROLLED, changes=(PersonChange(ANNA, ENDED),)),
    ],
}


@pytest.mark.parametrize("why", UNUSED)
def test_a_device_changes_nothing_and_uses_nothing_up_if(why: str) -> None:
    statements = UNUSED[why]()
    history = history_of(SCOPE, statements)
    assert (history.current, history.changed) == ({}, {})
    assert history.invitations == {TAG: OPEN}
    assert history.outdated == [(NORTH, statements[-1].changes[0])]
    assert history.next_of(NORTH).number == 1


def test_if_one_change_does_not_fit_none_counts() -> None:
    """Read from a store there is one change to an invitation; followed, none counts by half."""
    late = PersonChange(BORIS, record(3), record(7))
    said = replace(ENROLLED, changes=(PersonChange(ANNA, record(2)), late))
    history = history_of(SCOPE, [ISSUED, said])
    assert (history.current, history.invitations) == ({}, {TAG: OPEN})
    assert len(history.outdated) == 2


def test_it_is_used_before_it_is_issued() -> None:
    history = history_of(SCOPE, [ENROLLED, ISSUED])
    assert (history.current, history.invitations) == ({}, {TAG: OPEN})


@pytest.mark.parametrize("author", [NORTH, SOUTH])
def test_it_is_used_once(author: str) -> None:
    change = PersonChange(BORIS, record(3))
    again = device(change, author=SOUTH, uses=USE)
    if author == NORTH:
        again = after(ENROLLED, change, uses=USE)
    history = history_of(SCOPE, [ISSUED, ENROLLED, again])
    assert history.current == {ANNA: record(2)}
    assert history.outdated == [(author, change)]


def test_after_it_was_revoked_it_is_not_used() -> None:
    revoked = after(ISSUED, PersonChange(TAG, ENDED))
    history = history_of(SCOPE, [ISSUED, revoked, ENROLLED])
    assert (history.current, len(history.outdated)) == ({}, 1)


# -- whatever is said, in whatever order ---------------------------------------------------------

AUTHORS = (ADMINS, DESK, OTHER_DESK, NORTH, SOUTH)
USES = (USE, OTHER_USE)


@st.composite
def said(draw: st.DrawFn) -> list[Statement]:
    """What authors say, each following themselves; they know what counts, or not."""
    made: list[Statement] = []
    history = History(SCOPE)
    for number in range(draw(st.integers(1, 12))):
        statement = drawn(draw, draw(st.sampled_from(AUTHORS)), number)
        far = history.next_of(statement.author)
        statement = replace(statement, number=far.number + 1, previous=far.digest)
        if statement.author in {NORTH, SOUTH} and draw(st.booleans()):
            known = (replace(it, replaces=history.current.get(it.tag)) for it in statement.changes)
            statement = replace(statement, changes=tuple(known))
        history.follow(statement)
        made.append(statement)
    return made


def drawn(draw: st.DrawFn, author: str, number: int) -> Statement:
    new, old = record(1000 + number), draw(st.sampled_from([ENDED, record(2)]))
    tag = used_tag(draw(st.sampled_from(USES)))
    person = PersonChange(draw(st.sampled_from([ANNA, BORIS])), new)
    if is_inviter(author):
        change = draw(st.sampled_from([PersonChange(tag, new), PersonChange(tag, ENDED)]))
        return replace(inviter(change, author=author), at=AT + number * SECOND)
    if author == ADMINS:
        return admins(draw(st.sampled_from([person, PersonChange(tag, ENDED)])))
    uses = draw(st.sampled_from([None, *USES]))
    late = draw(st.sampled_from([timedelta(), timedelta(days=8)]))
    change = draw(st.sampled_from([person, replace(person, replaces=old)]))
    return replace(device(change, author=author, uses=uses), at=AT + late)


@given(said(), st.integers())
def test_an_invitation_counts_once_whatever_the_order(made: list[Statement], seed: int) -> None:
    order = [each.author for each in made]
    Random(seed).shuffle(order)  # noqa: S311 - hypothesis's choice, the same each time
    own = {author: iter([it for it in made if it.author == author]) for author in AUTHORS}
    history, issued, used = History(SCOPE), 0, 0
    for author in order:
        statement = next(own[author])
        before, outdated = dict(history.invitations), len(history.outdated)
        history.follow(statement)
        new = history.invitations.keys() - before.keys()
        gone = before.keys() - history.invitations.keys()
        issued += len(new)
        counts = statement.uses is not None and len(history.outdated) == outdated
        used += counts
        assert not new or is_inviter(author)
        if counts:
            assert gone == {used_tag(statement.uses or "")}
        elif author in {NORTH, SOUTH}:
            assert not gone
    assert used <= issued


@given(said())
def test_no_inviter_changes_anybody(made: list[Statement]) -> None:
    history = History(SCOPE)
    for statement in made:
        current, changed = dict(history.current), dict(history.changed)
        history.follow(statement)
        if is_inviter(statement.author):
            assert (history.current, history.changed) == (current, changed)


@given(said())
def test_without_an_open_invitation_a_device_enrols_nobody(made: list[Statement]) -> None:
    history = History(SCOPE)
    for statement in made:
        current, there = dict(history.current), dict(history.invitations)
        history.follow(statement)
        if statement.uses is not None:
            found = there.get(used_tag(statement.uses))
            if found is None or statement.at > found.until:
                assert (history.current, history.invitations) == (current, there)
            elif history.current != current:
                (tag,) = (it.tag for it in statement.changes)
                assert history.changed[tag].invitation == found


@given(said(), st.data())
def test_a_history_that_goes_on_comes_to_the_same_as_one_from_the_beginning(
    made: list[Statement], data: st.DataObject
) -> None:
    whole, place = history_of(SCOPE, made), data.draw(st.integers(0, len(made)))
    first = history_of(SCOPE, made[:place])
    second = History(SCOPE, dict(first.authors), dict(first.current), dict(first.invitations))
    for statement in made[place:]:
        second.follow(statement)
    assert second.authors == whole.authors
    assert second.current == whole.current
    assert second.invitations == whole.invitations
    assert first.outdated + second.outdated == whole.outdated
    assert first.changed | second.changed == whole.changed
