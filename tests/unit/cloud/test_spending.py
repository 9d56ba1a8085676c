"""What may be spent in a month: counted before it is spent, and never twice from nothing."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cloud.client.spending import Spending
from kiosk.domain.errors import CloudUnavailable


class Wall:
    """A clock on the wall that a test sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def counted(spending: Spending, times: int) -> int:
    """How many of so many calls may be sent."""
    sent = 0
    for _ in range(times):
        try:
            spending.count(1.0)
        except CloudUnavailable:
            continue
        sent += 1
    return sent


def test_at_the_limit_it_stops_and_says_so(tmp_path: Path, wall: Wall) -> None:
    spending = Spending(tmp_path / "spent", 0.005, 1.0, wall)
    assert counted(spending, 7) == 5
    with pytest.raises(CloudUnavailable, match=r"monthly_limit is reached: 5 calls .* 2026-11"):
        spending.count(1.0)
    spent = spending.spent()
    assert (spent.month, spent.calls, spent.cost, spent.limit) == ("2026-11", 5, 0.005, 0.005)


def test_the_next_month_begins_anew_and_a_clock_set_back_does_not(
    tmp_path: Path, wall: Wall
) -> None:
    spending = Spending(tmp_path / "spent", 0.002, 1.0, wall)
    assert counted(spending, 3) == 2
    wall.at = datetime(2026, 12, 1, tzinfo=UTC)
    assert counted(spending, 1) == 1
    for at in (datetime(2026, 11, 30, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)):
        wall.at = at
        assert spending.spent().month == "2026-12"
        assert counted(spending, 2) <= 1
    assert spending.spent().calls == 2


def test_another_process_counts_in_the_same_file(tmp_path: Path, wall: Wall) -> None:
    one, other = (Spending(tmp_path / "spent", 0.004, 1.0, wall) for _ in range(2))
    assert counted(one, 2) + counted(other, 9) == 4
    assert counted(one, 1) == 0


@pytest.mark.parametrize(("limit", "price", "sent"), [(0.0, 1.0, 0), (0.0, 0.0, 0), (1.0, 0.0, 9)])
def test_a_limit_or_a_price_of_nothing(
    tmp_path: Path, wall: Wall, limit: float, price: float, sent: int
) -> None:
    assert counted(Spending(tmp_path / "spent", limit, price, wall), 9) == sent


def test_nobody_else_reads_it(tmp_path: Path, wall: Wall) -> None:
    path = tmp_path / "spent"
    Spending(path, 1.0, 1.0, wall).count(1.0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(99)])
def test_what_cannot_be_counted_is_not_spent(tmp_path: Path, wall: Wall, content: bytes) -> None:
    path = tmp_path / "spent"
    path.write_bytes(content)
    with pytest.raises(CloudUnavailable, match="cannot be counted"):
        Spending(path, 1.0, 1.0, wall).count(0.1)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path, wall: Wall) -> None:
    (tmp_path / "spent").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CloudUnavailable, match="cannot be counted"):
        Spending(tmp_path / "spent", 1.0, 1.0, wall).count(0.1)
    assert not (tmp_path / "elsewhere").exists()


def test_a_home_that_is_gone_is_said(tmp_path: Path, wall: Wall) -> None:
    with pytest.raises(CloudUnavailable, match="No such file"):
        Spending(tmp_path / "none" / "spent", 1.0, 1.0, wall).count(0.1)
