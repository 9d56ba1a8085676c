"""What may be spent in a month: counted before it is spent, and never twice from nothing."""

from __future__ import annotations

import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import pytest

from kiosk.cloud.client.count_file import CountFile
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


# -- many calls ----------------------------------------------------------------------------------


def calls_in(path: Path, wall: Wall) -> int:
    """What another process sees as counted."""
    return Spending(path, 1.0, 1.0, wall).spent().calls


def test_a_batch_waits_for_the_disk_once_for_each_block(
    tmp_path: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, really = list[float](), CountFile._open

    def open_counted(file: CountFile, patience_seconds: float) -> Connection:
        opened.append(patience_seconds)
        return really(file, patience_seconds)

    monkeypatch.setattr(CountFile, "_open", open_counted)
    spending = Spending(tmp_path / "spent", 1.0, 1.0, wall)
    with spending.in_blocks(32):
        assert counted(spending, 96) == 96
    assert len(opened) == 3


def test_a_crash_counts_at_most_a_block_too_many_and_never_too_few(
    tmp_path: Path, wall: Wall
) -> None:
    spending = Spending(tmp_path / "spent", 1.0, 1.0, wall)
    with spending.in_blocks(3):
        for sent in range(1, 6):
            assert counted(spending, 1) == 1
            assert sent <= calls_in(tmp_path / "spent", wall) < sent + 3
    assert calls_in(tmp_path / "spent", wall) == 5
    assert counted(spending, 1) == 1
    assert calls_in(tmp_path / "spent", wall) == 6


def test_blocks_keep_to_the_limit_too(tmp_path: Path, wall: Wall) -> None:
    batch, door = (Spending(tmp_path / "spent", 0.015, 1.0, wall) for _ in range(2))
    with batch.in_blocks(10):
        assert counted(batch, 3) == 3
        assert counted(door, 9) == 5  # the others are held for the batch
        assert counted(batch, 9) == 7
    assert counted(door, 1) == 0


def test_what_a_batch_did_not_send_is_given_back(tmp_path: Path, wall: Wall) -> None:
    batch, door = (Spending(tmp_path / "spent", 0.010, 1.0, wall) for _ in range(2))
    with suppress(KeyboardInterrupt), batch.in_blocks(10):
        assert counted(batch, 1) == 1
        assert counted(door, 1) == 0
        raise KeyboardInterrupt
    assert counted(door, 10) == 9


def test_a_block_of_the_month_before_is_not_used(tmp_path: Path, wall: Wall) -> None:
    spending = Spending(tmp_path / "spent", 1.0, 1.0, wall)
    with spending.in_blocks(10):
        assert counted(spending, 1) == 1
        wall.at = datetime(2026, 12, 1, tzinfo=UTC)
        assert counted(spending, 1) == 1
        wall.at = datetime(2026, 11, 1, tzinfo=UTC)  # set back: December counts on
        assert counted(spending, 8) == 8
    spent = spending.spent()
    assert (spent.month, spent.calls) == ("2026-12", 9)


def test_a_file_that_was_removed_meanwhile_gets_nothing_back(tmp_path: Path, wall: Wall) -> None:
    spending = Spending(tmp_path / "spent", 1.0, 1.0, wall)
    with spending.in_blocks(10):
        assert counted(spending, 1) == 1
        (tmp_path / "spent").unlink()
        assert counted(Spending(tmp_path / "spent", 1.0, 1.0, wall), 2) == 2
    assert calls_in(tmp_path / "spent", wall) == 2
