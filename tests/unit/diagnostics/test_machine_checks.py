"""Clock, disk and ports, in worlds that a test can build."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from config.settings import Settings
from kiosk.app.console import with_command
from kiosk.diagnostics import machine
from kiosk.domain.finding import Finding, Health
from kiosk.journal.events.running import Started
from kiosk.store.open_home import OpenHome

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """No home at all."""
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("known", "health", "words"),
    [
        (True, Health.OK, "2026-11-21 12:00 UTC, synchronised"),
        (False, Health.BAD, "no time server has set it since the machine was started"),
        (None, Health.WARN, "2026-11-21 12:00 UTC, not known to be synchronised"),
    ],
)
def test_a_clock_that_nobody_keeps_is_told(
    monkeypatch: pytest.MonkeyPatch,
    nowhere: Path,
    *,
    known: bool | None,
    health: Health,
    words: str,
) -> None:
    monkeypatch.setattr(machine, "synchronised", lambda: known)
    (finding,) = machine.clock(nowhere, NOW)
    assert (finding.health, finding.text) == (health, words)
    assert bool(finding.remedy) is (health is not Health.OK)


@pytest.mark.parametrize("year", [1970, 2000, 2025, 2056, 2106])
def test_a_clock_that_has_lost_its_time_is_bad(nowhere: Path, year: int) -> None:
    (finding,) = machine.clock(nowhere, datetime(year, 6, 1, tzinfo=UTC))
    assert finding.health is Health.BAD
    assert finding.remedy


def test_a_clock_behind_what_was_written_down_is_bad(nowhere: Path) -> None:
    with OpenHome.open(nowhere, lambda: NOW + timedelta(hours=1)) as open_home:
        open_home.recorder.note(Started("device:0", "compact"))
    (finding,) = machine.clock(nowhere, NOW)
    assert finding.health is Health.BAD
    assert "2026-11-21 13:00 is past already" in finding.text
    assert "kiosk audit accept --clock" in with_command(finding.remedy)


def test_the_time_of_the_rules_is_told() -> None:
    (utc,) = machine.zone(Settings())
    assert utc.text.startswith("UTC")
    (berlin,) = machine.zone(Settings(rules={"time_zone": "Europe/Berlin"}))
    assert berlin.text.startswith("Europe/Berlin, where it is ")


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("megabytes", "health"),
    [
        (99, Health.BAD),
        (100, Health.WARN),
        (999, Health.WARN),
        (1000, Health.OK),
    ],
)
def test_a_disk_that_fills_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, megabytes: int, health: Health
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: Usage(megabytes * 1_000_000))
    found = next(machine.disk(tmp_path / "not" / "there" / "yet"))
    assert (found.health, found.text) == (health, f"{megabytes} MB free")
    assert bool(found.remedy) is (health is not Health.OK)


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """The kernel's folder for the device that this test's files lie on."""
    device = tmp_path.stat().st_dev
    made = tmp_path / "block" / f"{os.major(device)}:{os.minor(device)}"
    made.mkdir(parents=True)
    return made


def holds(node: Path, uuid: str) -> None:
    (node / "dm").mkdir(parents=True)
    (node / "dm" / "uuid").write_text(uuid + "\n")


def test_a_disk_that_is_encrypted_or_lies_on_one(block: Path, tmp_path: Path) -> None:
    known = lambda: machine.encrypted(tmp_path, tmp_path / "block")  # noqa: E731 - asked thrice
    assert known() is False
    (block / "slaves" / "dm-0").mkdir(parents=True)
    assert known() is False
    holds(block / "slaves" / "dm-0", "CRYPT-LUKS2-0123-root")
    assert known() is True
    (block / "slaves" / "sda1").mkdir()
    assert known() is False
    holds(block, "CRYPT-LUKS2-4567-root")
    assert known() is True


def test_a_volume_is_no_encryption(block: Path, tmp_path: Path) -> None:
    holds(block, "LVM-0123456789")
    assert machine.encrypted(tmp_path, tmp_path / "block") is False


def test_a_disk_that_cannot_be_seen_is_not_taken_for_encrypted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert machine.encrypted(tmp_path, tmp_path / "nothing") is None
    for known, health in ((None, Health.WARN), (False, Health.WARN), (True, Health.OK)):
        monkeypatch.setattr(machine, "encrypted", lambda _, known=known: known)
        assert [*machine.disk(tmp_path)][-1].health is health


# -- ports ---------------------------------------------------------------------------------------

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
LINE = "   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0\n"
SEEN = [
    ("tcp", "00000000:0016", "0A", True),
    ("tcp", "0100007F:0016", "0A", False),
    ("tcp", "0101A8C0:0016", "0A", True),
    ("tcp", "00000000:0016", "01", False),
    ("tcp6", "00000000000000000000000000000000:0050", "0A", True),
    ("tcp6", "00000000000000000000000001000000:0050", "0A", False),
    ("tcp6", "0000000000000000FFFF00000100007F:0050", "0A", False),
    ("udp", "00000000:14E9", "07", True),
    ("udp", "00000000:14E9", "01", False),
    ("udp", "00000000:9C40", "07", False),
    ("udp6", "00000000000000000000000001000000:14E9", "07", False),
]


@pytest.mark.parametrize(("table", "local", "state", "seen"), SEEN)
def test_what_the_kernels_tables_say(
    tmp_path: Path, table: str, local: str, state: str, *, seen: bool
) -> None:
    (tmp_path / table).write_text(HEAD + LINE.format(local=local, state=state))
    port = int(local.partition(":")[2], 16)
    expected = {machine.Socket(table.removesuffix("6"), port)} if seen else set()
    assert machine.reachable(tmp_path) == expected


def test_a_machine_that_nobody_can_reach(tmp_path: Path) -> None:
    (finding,) = machine.network(tmp_path)
    assert finding.health is Health.OK


def listening(address: str, port: int = 0) -> Iterator[Finding]:
    with socket.create_server((address, port)) as server:
        number = server.getsockname()[1]
        yield from (each for each in machine.network() if f" port {number} " in f"{each.text} ")


def test_a_real_port_is_found_and_one_of_the_loopback_is_not() -> None:
    (found,) = listening("")
    assert found.health is Health.WARN
    assert found.remedy
    assert list(listening("127.0.0.1")) == []
