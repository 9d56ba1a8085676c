"""Statements about people: the text that is signed, and what is no such text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.statement import (
    ADMINS,
    MOST_SCOPE,
    PersonChange,
    Statement,
    digest,
    is_device,
    read_statement,
    scope_name,
)

TAG, RECORD, OLD, BEFORE = "a" * 64, "b" * 64, "c" * 64, "d" * 64
DEVICE = "0123456789abcdef" * 2
AT = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)
FIRST = Statement("harbour", ADMINS, 1, None, AT, (PersonChange(TAG, RECORD),))
LATER = Statement("yard-2", DEVICE, 7, BEFORE, AT, (PersonChange(TAG, RECORD, OLD),))


def spelt(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def changed(**other: object) -> bytes:
    """The first statement's text with other values."""
    return spelt(json.loads(FIRST.text()) | other)


def refused(text: bytes) -> None:
    with pytest.raises(FleetRefused) as refusal:
        read_statement(text)
    assert refusal.value.problem == "A statement in the fleet's store cannot be understood."
    assert refusal.value.remedy == (
        "Install the newest version of the program, or look who has written to the store."
    )


# -- the text that is signed ---------------------------------------------------------------------


def test_the_text_is_one_spelling_that_never_changes() -> None:
    assert FIRST.text() == (
        b'{"at":"2026-11-28T07:30:00+00:00","author":"admins",'
        b'"changes":[["' + TAG.encode() + b'","' + RECORD.encode() + b'",null]],'
        b'"format":1,"number":1,"previous":null,"scope":"harbour"}'
    )


def test_a_statement_is_followed_by_the_hash_of_its_text() -> None:
    assert digest(FIRST.text()) == hashlib.sha256(FIRST.text()).hexdigest()


@pytest.mark.parametrize("statement", [FIRST, LATER], ids=["of admins", "of a device"])
def test_what_was_written_is_read_again(statement: Statement) -> None:
    assert read_statement(statement.text()) == statement


HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
CHANGES = st.builds(PersonChange, HASHES, HASHES, st.none() | HASHES)


@given(
    st.builds(
        Statement,
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True),
        st.just(ADMINS) | st.text("0123456789abcdef", min_size=32, max_size=32),
        st.integers(min_value=1, max_value=10**30),
        st.none() | HASHES,
        st.datetimes(timezones=st.just(UTC)),
        st.lists(CHANGES, min_size=1, max_size=4).map(tuple),
    )
)
def test_any_statement_is_read_again_and_in_no_other_spelling(statement: Statement) -> None:
    assert read_statement(statement.text()) == statement
    refused(statement.text() + b" ")
    refused(json.dumps(json.loads(statement.text())).encode())


# -- what is no statement ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'"format"',
        b"[" * 100_000,
        FIRST.text()[:-1],
        b" " + FIRST.text(),
    ],
    ids=["nothing", "no text", "null", "list", "empty", "word", "deep", "cut", "space"],
)
def test_what_is_no_statement_is_refused(text: bytes) -> None:
    refused(text)


@pytest.mark.parametrize("name", sorted(json.loads(FIRST.text())))
def test_a_statement_that_leaves_something_out_is_refused(name: str) -> None:
    said = json.loads(FIRST.text())
    del said[name]
    refused(spelt(said))


@pytest.mark.parametrize("name", ["admin", "more"])
def test_a_statement_that_says_more_is_refused(name: str) -> None:
    refused(changed(**{name: 1}))


WRONG: tuple[tuple[str, object], ...] = (
    ("format", 2),
    ("format", 0),
    ("format", "1"),
    ("format", 1.0),
    ("number", 0),
    ("number", -1),
    ("number", 1.0),
    ("number", "1"),
    ("number", True),
    ("number", None),
    ("author", "admin"),
    ("author", ""),
    ("author", None),
    ("author", DEVICE[:-1]),
    ("author", DEVICE + "0"),
    ("author", DEVICE.upper()),
    ("author", [*DEVICE]),
    ("scope", ""),
    ("scope", "Harbour"),
    ("scope", "har bour"),
    ("scope", "\x1b[2J"),
    ("scope", 5),
    ("scope", None),
    ("scope", ["a"]),
    ("previous", ""),
    ("previous", BEFORE[:-1]),
    ("previous", BEFORE + "0"),
    ("previous", BEFORE.upper()),
    ("previous", 0),
    ("previous", [*BEFORE]),
    ("at", "yesterday"),
    ("at", None),
    ("at", 0),
    ("at", "2026-11-28 07:30:00+00:00"),
    ("author", int("1" * 32)),
    ("previous", int("1" * 64)),
    ("changes", [[int("1" * 64), RECORD, None]]),
    ("changes", []),
    ("changes", {}),
    ("changes", None),
    ("changes", [[TAG]]),
    ("changes", [[TAG, RECORD, None, None]]),
    ("changes", [[TAG[:-1], RECORD, None]]),
    ("changes", [[TAG, RECORD[:-1], None]]),
    ("changes", [[TAG + "0", RECORD, None]]),
    ("changes", [[TAG, RECORD + "0", None]]),
    ("changes", [[TAG, RECORD, ""]]),
    ("changes", [[TAG, RECORD, OLD.upper()]]),
    ("changes", [[[*TAG], RECORD, None]]),
    ("changes", [[TAG, [*RECORD], None]]),
    ("changes", [[TAG, RECORD, [*OLD]]]),
    ("changes", [[TAG, RECORD, None], [TAG, RECORD[:-1] + "g", None]]),
)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_statement_with_a_wrong_value_is_refused(name: str, value: object) -> None:
    refused(changed(**{name: value}))


def test_what_a_refused_statement_was_is_kept_for_whoever_looks() -> None:
    with pytest.raises(FleetRefused) as refusal:
        read_statement(changed(scope="Harbour"))
    assert isinstance(refusal.value.__cause__, BadInput)


def test_a_time_of_another_zone_is_read_as_it_was_signed() -> None:
    east = replace(FIRST, at=AT.astimezone(timezone(timedelta(hours=3))))
    assert read_statement(east.text()).at == AT
    assert read_statement(east.text()).text() == east.text() != FIRST.text()


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "7", "harbour-north", "a--b", "x" * MOST_SCOPE])
def test_a_scope_may_have_a_name_of_small_letters_digits_and_hyphens(name: str) -> None:
    assert scope_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "-", "-a", "a-", "A", "a b", "a_b", "a/b", "a.b", "..", "å", "a*", "x" * (MOST_SCOPE + 1)],
)
def test_a_scope_has_no_other_name(name: str) -> None:
    with pytest.raises(BadInput, match="not a name for a scope"):
        scope_name(name)


def test_a_scopes_name_has_forty_characters_at_most() -> None:
    assert MOST_SCOPE == 40


def test_a_refused_name_is_shown_at_no_length() -> None:
    with pytest.raises(BadInput) as refusal:
        scope_name("X" * 61)
    assert "X" * 60 in refusal.value.problem
    assert "X" * 61 not in refusal.value.problem


def test_a_device_is_known_by_its_fingerprint_and_by_nothing_else() -> None:
    assert is_device(DEVICE)
    assert not is_device(ADMINS)
    assert not is_device(DEVICE[:-1] + "g")
    assert not is_device(DEVICE[:-1])
    assert not is_device(DEVICE + "0")
