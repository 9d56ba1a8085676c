"""What speaks against the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.audit import AuditEntry, latest_ms
from kiosk.domain.walltime import is_possible, milliseconds, problem

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("synchronised", [True, None])
def test_nothing_speaks_against_a_clock_that_goes_on(*, synchronised: bool | None) -> None:
    assert problem(NOW, milliseconds(NOW), synchronised=synchronised) is None
    assert problem(NOW, 0, synchronised=synchronised) is None


@pytest.mark.parametrize(("seconds", "wrong"), [(0, False), (60, False), (61, True), (9e6, True)])
def test_a_clock_behind_what_is_known_is_wrong(seconds: float, *, wrong: bool) -> None:
    """A time server corrects by seconds, nobody by more."""
    known = milliseconds(NOW + timedelta(seconds=seconds))
    found = problem(NOW, known, synchronised=True)
    assert (found is not None) is wrong
    assert found is None or "past already" in found


@pytest.mark.parametrize(
    ("at", "possible"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 1, tzinfo=UTC), True),
        (datetime(2055, 12, 31, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2056, 1, 1, tzinfo=UTC), False),
        (datetime(2000, 1, 3, 10, tzinfo=UTC), False),
    ],
)
def test_a_time_that_cannot_be_is_wrong(at: datetime, *, possible: bool) -> None:
    assert is_possible(at) is possible
    assert (problem(at, 0, synchronised=True) is None) is possible


def test_a_clock_that_nobody_has_set_since_the_start_is_wrong() -> None:
    expected = "no time server has set it since the machine was started"
    assert problem(NOW, 0, synchronised=False) == expected


@pytest.mark.parametrize(
    ("at", "details", "expected"),
    [
        (NOW.isoformat(), {}, milliseconds(NOW)),
        (NOW.isoformat(), {"issued_at": milliseconds(NOW) + 1900}, milliseconds(NOW) + 1900),
        (NOW.isoformat(), {"issued_at": milliseconds(NOW) - 1900}, milliseconds(NOW)),
        (NOW.isoformat(), {"issued_at": "tomorrow"}, milliseconds(NOW)),
        ("2000-01-03T10:00:00+00:00", {}, 0),
        ("2106-01-03T10:00:00+00:00", {}, 0),
        ("2026-11-21T12:00:00", {}, 0),
        ("noon", {}, 0),
    ],
)
def test_what_an_entry_vouches_for(at: str, details: dict[str, int | str], expected: int) -> None:
    assert latest_ms(AuditEntry(at, "operator", dict(details))) == expected
