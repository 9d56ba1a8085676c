"""What was said since a statement that waits was made, and whether it can be carried over."""

from __future__ import annotations

from datetime import UTC, datetime

from kiosk.domain.fleet.statement import ADMINS, PersonChange, Statement, digest
from kiosk.fleet.pending.meanwhile import changed_twice, is_overtaken, said_since

DEVICE = "1" * 32
AT = datetime(2026, 11, 28, 7, 30, tzinfo=UTC)


def said(number: int, who: str, before: Statement | None = None, author: str = ADMINS) -> Statement:
    previous = None if before is None else digest(before.text())
    changes = (PersonChange(who * 64, "b" * 64),)
    return Statement("harbour", author, number, previous, AT, changes)


FIRST = said(1, "a")
SECOND = said(2, "b", FIRST)
OTHER = said(2, "c", FIRST)
BY_DEVICE = said(1, "d", author=DEVICE)


def test_what_fits_is_overtaken_by_nobody() -> None:
    assert said_since(SECOND, [FIRST]) == []
    assert said_since(FIRST, []) == []
    assert not is_overtaken([])
    assert not is_overtaken([BY_DEVICE])


def test_what_others_said_in_its_place() -> None:
    since = said_since(OTHER, [BY_DEVICE, FIRST, SECOND, BY_DEVICE])
    assert since == [SECOND, BY_DEVICE]
    assert is_overtaken(since)
    assert said_since(FIRST, [SECOND]) == [SECOND]


def test_what_was_made_on_another_history_follows_nothing() -> None:
    elsewhere = said(1, "e")
    assert said_since(said(2, "b", elsewhere), [FIRST, SECOND]) is None
    assert said_since(said(3, "b", SECOND), [FIRST]) is None
    assert said_since(said(2, "b"), [FIRST]) is None
    assert said_since(said(2, "b", BY_DEVICE), [BY_DEVICE]) is None


def test_who_was_changed_by_admins_or_by_a_device_is_changed_twice() -> None:
    assert changed_twice(OTHER, [SECOND, BY_DEVICE]) is None
    assert changed_twice(OTHER, [SECOND, said(3, "c", SECOND)]) == (said(3, "c", SECOND), "c" * 64)
    late = said(2, "c", BY_DEVICE, DEVICE)
    assert changed_twice(OTHER, [SECOND, late]) == (late, "c" * 64)
