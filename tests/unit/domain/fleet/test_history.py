"""The history of a scope: whoever sets the order can do nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import (
    NEW,
    Author,
    History,
    history_of,
    refuse_older,
)
from kiosk.domain.fleet.statement import ADMINS, PersonChange, Statement, digest

SCOPE = "harbour"
NORTH, SOUTH = "1" * 32, "2" * 32
AUTHORS = (ADMINS, NORTH, SOUTH)
ANNA, BORIS = "a" * 64, "b" * 64
AT = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)


def record(number: int) -> str:
    return f"{number:064x}"


def first(author: str, *changes: PersonChange) -> Statement:
    return Statement(SCOPE, author, 1, None, AT, changes)


def after(before: Statement, *changes: PersonChange) -> Statement:
    number, previous = before.number + 1, digest(before.text())
    return replace(before, number=number, previous=previous, changes=changes)


def far(statement: Statement) -> Author:
    return Author(statement.number, digest(statement.text()))


def refused(statements: Sequence[Statement]) -> None:
    with pytest.raises(FleetRefused, match="does not follow"):
        history_of(SCOPE, statements)


ONE = first(ADMINS, PersonChange(ANNA, record(1)))
TWO = after(ONE, PersonChange(ANNA, record(2)), PersonChange(BORIS, record(3)))
THREE = after(TWO, PersonChange(BORIS, record(4)))
SAID = [ONE, TWO, THREE]


# -- following -----------------------------------------------------------------------------------


def test_of_each_person_the_record_that_was_said_last_counts() -> None:
    history = history_of(SCOPE, SAID)
    assert history.current == {ANNA: record(2), BORIS: record(4)}
    assert set(history.changed) == {ANNA, BORIS}
    assert history.authors == {ADMINS: far(THREE)}
    assert history.next_of(ADMINS) == far(THREE)
    assert history.outdated == []


def test_before_the_first_statement_nobody_has_said_anything() -> None:
    history = history_of(SCOPE, [])
    assert history == History(SCOPE)
    assert history.next_of(ADMINS) == NEW == Author(0, None)


def test_a_history_goes_on_from_what_was_followed_before() -> None:
    history = History(SCOPE, {ADMINS: far(TWO)}, {ANNA: record(2), BORIS: record(3)})
    history.follow(THREE)
    assert history.current == history_of(SCOPE, SAID).current
    assert set(history.changed) == {BORIS}


NEAR_MISSES: dict[str, Callable[[], list[Statement]]] = {
    "the first is left out": lambda: [TWO, THREE],
    "one in the middle is left out": lambda: [ONE, THREE],
    "one comes twice": lambda: [ONE, ONE],
    "one comes again later": lambda: [ONE, TWO, ONE],
    "two are swapped": lambda: [ONE, THREE, TWO],
    "one is of another scope": lambda: [ONE, replace(TWO, scope="yard")],
    "the first is of another scope": lambda: [replace(ONE, scope="yard")],
    "a number is left out": lambda: [ONE, replace(TWO, number=3)],
    "a number comes twice": lambda: [ONE, replace(TWO, number=1)],
    "it has the hash of no statement": lambda: [ONE, replace(TWO, previous=None)],
    "the first has one before it": lambda: [replace(ONE, previous=record(1))],
    "it follows another one of the same number": lambda: [replace(ONE, at=AT.min), TWO],
    "it follows one of another author": lambda: [ONE, replace(TWO, author=NORTH)],
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_refused_if(name: str) -> None:
    refused(NEAR_MISSES[name]())


@pytest.mark.parametrize("bad", [THREE, ONE, replace(TWO, scope="yard")])
def test_what_is_refused_leaves_the_history_as_it_was(bad: Statement) -> None:
    history, same = history_of(SCOPE, [ONE]), history_of(SCOPE, [ONE])
    with pytest.raises(FleetRefused):
        history.follow(bad)
    assert history == same


# -- devices -------------------------------------------------------------------------------------


def test_a_device_changes_the_record_that_it_knew() -> None:
    known = PersonChange(ANNA, record(9), replaces=record(2))
    history = history_of(SCOPE, [*SAID, first(NORTH, known)])
    assert history.current[ANNA] == record(9)
    assert history.outdated == []
    assert history.next_of(NORTH).number == 1


@pytest.mark.parametrize("replaces", [record(1), record(3), None])
def test_a_device_that_knew_another_record_changes_nothing(replaces: str | None) -> None:
    late = PersonChange(ANNA, record(9), replaces)
    history = history_of(SCOPE, [*SAID, first(NORTH, late)])
    assert history.current[ANNA] == record(2)
    assert history.outdated == [(NORTH, late)]
    assert history.next_of(NORTH).number == 1


def test_a_change_that_came_too_late_is_no_change() -> None:
    history = History(SCOPE, {}, {ANNA: record(2)})
    history.follow(first(NORTH, PersonChange(ANNA, record(9))))
    assert history.changed == {}


def test_what_fits_of_a_statement_counts_beside_what_does_not() -> None:
    late, fits = PersonChange(ANNA, record(9)), PersonChange(BORIS, record(8), record(4))
    history = history_of(SCOPE, [*SAID, first(NORTH, late, fits)])
    assert history.current == {ANNA: record(2), BORIS: record(8)}
    assert history.outdated == [(NORTH, late)]


def test_a_device_enrols_somebody_whom_nobody_has_enrolled() -> None:
    history = history_of(SCOPE, [first(NORTH, PersonChange(ANNA, record(9)))])
    assert history.current == {ANNA: record(9)}


def test_of_two_devices_the_first_one_counts() -> None:
    early, late = PersonChange(ANNA, record(8)), PersonChange(ANNA, record(9))
    history = history_of(SCOPE, [first(SOUTH, early), first(NORTH, late)])
    assert history.current == {ANNA: record(8)}
    assert history.outdated == [(NORTH, late)]


@pytest.mark.parametrize("replaces", [None, record(1), record(7)])
def test_what_admins_say_counts_whatever_it_replaces(replaces: str | None) -> None:
    history = History(SCOPE, {}, {ANNA: record(5)})
    history.follow(first(ADMINS, PersonChange(ANNA, record(6), replaces)))
    assert history.current == {ANNA: record(6)}


# -- a history from its beginning, for who knows some of it --------------------------------------


def known_of(statements: Sequence[Statement]) -> tuple[dict[str, Author], dict[str, str]]:
    history = history_of(SCOPE, statements)
    return history.authors, history.current


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_a_history_with_all_that_was_known_is_taken(known: int) -> None:
    refuse_older(*known_of(SAID[:known]), SAID, SCOPE)


def test_an_author_who_had_said_nothing_is_missing_nowhere() -> None:
    refuse_older({NORTH: NEW, ADMINS: far(ONE)}, {ANNA: record(1)}, SAID, SCOPE)


def test_who_was_taken_over_by_another_scope_is_no_reason_to_refuse() -> None:
    authors, current = known_of(SAID)
    del current[ANNA]
    refuse_older(authors, current, SAID, SCOPE)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_history_that_ends_before_what_was_known_is_refused(left: int) -> None:
    with pytest.raises(FleetRefused, match=f"known of scope {SCOPE} is not in the store"):
        refuse_older(*known_of(SAID), SAID[:left], SCOPE)


def test_another_history_is_refused() -> None:
    other = replace(ONE, changes=(PersonChange(ANNA, record(7)),))
    with pytest.raises(FleetRefused, match="is not in the store"):
        refuse_older(*known_of([ONE]), [other, after(other, *TWO.changes)], SCOPE)


def test_a_history_in_another_order_is_refused() -> None:
    """A device has erased Anna; moved before the word of the admins, that would come too late."""
    erased = first(NORTH, PersonChange(ANNA, record(9), record(1)))
    moved = [erased, ONE]
    assert history_of(SCOPE, moved).authors == history_of(SCOPE, [ONE, erased]).authors
    with pytest.raises(FleetRefused, match="is not in the store"):
        refuse_older(*known_of([ONE, erased]), moved, SCOPE)


def test_an_author_that_is_slipped_in_among_what_was_known_is_refused() -> None:
    slipped = first(NORTH, PersonChange(BORIS, record(9)))
    with pytest.raises(FleetRefused, match="is not in the store"):
        refuse_older(*known_of([ONE, TWO]), [ONE, slipped, TWO], SCOPE)


# -- whatever is said, in whatever order ---------------------------------------------------------


@dataclass
class Said:
    """What authors have said so far, each knowing what counted when they said it."""

    statements: list[Statement] = field(default_factory=list)
    current: dict[str, str] = field(default_factory=dict)
    outdated: int = 0

    def add(self, author: str, tag: str, *, knows: bool) -> None:
        mine = [each for each in self.statements if each.author == author]
        new = record(1000 + len(self.statements))
        replaces = self.current.get(tag) if knows else record(999)
        change = PersonChange(tag, new, replaces)
        self.statements.append(after(mine[-1], change) if mine else first(author, change))
        if author == ADMINS or knows:
            self.current[tag] = new
        else:
            self.outdated += 1


@st.composite
def said(draw: st.DrawFn) -> Said:
    made = Said()
    for _ in range(draw(st.integers(1, 8))):
        author, tag = draw(st.sampled_from(AUTHORS)), draw(st.sampled_from([ANNA, BORIS]))
        made.add(author, tag, knows=draw(st.booleans()))
    return made


@given(said())
def test_outdated_changes_of_devices_never_count_and_those_of_admins_always_do(made: Said) -> None:
    history = history_of(SCOPE, made.statements)
    assert history.current == made.current
    assert len(history.outdated) == made.outdated
    assert all(author != ADMINS for author, _ in history.outdated)


@given(said(), st.randoms(use_true_random=False))
def test_any_order_that_keeps_each_authors_own_is_followed(made: Said, chance: object) -> None:
    order = [each.author for each in made.statements]
    chance.shuffle(order)  # type: ignore[attr-defined]
    own = {who: iter([s for s in made.statements if s.author == who]) for who in AUTHORS}
    history = history_of(SCOPE, [next(own[who]) for who in order])
    assert history.authors == history_of(SCOPE, made.statements).authors
    of_admins = [s for s in made.statements if s.author == ADMINS]
    if not any(s.author != ADMINS for s in made.statements):
        assert history.current == history_of(SCOPE, of_admins).current


@given(said(), st.data())
def test_any_omission_repetition_swap_or_change_is_refused(made: Said, data: st.DataObject) -> None:
    statements = made.statements
    at = data.draw(st.integers(0, len(statements) - 1))
    this = statements[at]
    later = [n for n in range(at + 1, len(statements)) if statements[n].author == this.author]
    act = data.draw(st.sampled_from(["omit", "repeat", "swap", "change"]))
    assume(later or act == "repeat")
    match act:
        case "omit":
            wrong = [*statements[:at], *statements[at + 1 :]]
        case "repeat":
            again = data.draw(st.integers(at + 1, len(statements)))
            wrong = [*statements[:again], this, *statements[again:]]
        case "swap":
            other, wrong = data.draw(st.sampled_from(later)), [*statements]
            wrong[at], wrong[other] = wrong[other], wrong[at]
        case _:
            wrong = [*statements]
            wrong[at] = replace(this, at=this.at + timedelta(microseconds=1))
    refused(wrong)


@given(said(), st.data())
def test_who_knows_the_beginning_of_a_history_takes_it_and_no_other(
    made: Said, data: st.DataObject
) -> None:
    known = data.draw(st.integers(0, len(made.statements)))
    authors, current = known_of(made.statements[:known])
    refuse_older(authors, current, made.statements, SCOPE)
    for end in range(known):
        with pytest.raises(FleetRefused):
            refuse_older(authors, current, made.statements[:end], SCOPE)
