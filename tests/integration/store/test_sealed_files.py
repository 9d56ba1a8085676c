"""Small sealed files: presence and the admin PIN, over restarts, damage and a full disk."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept_files import leaks, raw

from kiosk.app.console import with_command
from kiosk.domain.errors import BadInput, StoreCorrupt, StoreError, StoreKeyError
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets import sealed_file
from kiosk.store.secrets.admin_pin import AdminPin, Attempt
from kiosk.store.secrets.keys import FileKey

PIN = "471180"
INSIDE = {"inside": {"s-1001-of-the-laboratory": "2026-05-04T09:00:00+00:00"}, "opened": None}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with OpenHome.open(tmp_path / "home") as open_home:
        return open_home.home


@pytest.fixture
def presence(home: Home) -> PresenceFile:
    return PresenceFile(home, FileKey(home))


class WallClock:
    """The wall clock, set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def admin(home: Home, clock: WallClock) -> AdminPin:
    pin = AdminPin(home, FileKey(home), clock)
    pin.set(PIN)
    return pin


# -- presence ------------------------------------------------------------------------------------


def test_before_anybody_came_there_is_nothing(presence: PresenceFile) -> None:
    assert presence.load() is None


def test_who_is_inside_is_known_after_a_restart(home: Home, presence: PresenceFile) -> None:
    presence.save({"inside": {}})
    presence.save(INSIDE)
    assert PresenceFile(home, FileKey(home)).load() == INSIDE
    assert stat.S_IMODE(home.presence.stat().st_mode) == 0o600
    assert not list(home.path.glob("*.new"))


def test_who_is_inside_is_read_by_nobody_else(home: Home, presence: PresenceFile) -> None:
    presence.save(INSIDE)
    assert not leaks(b"s-1001-of-the-laboratory", raw(home.path))
    assert "laboratory" not in repr(presence._file)


@pytest.mark.parametrize("at", [0, 11, 12, 40, -16, -1])
def test_one_flipped_bit_is_noticed(home: Home, presence: PresenceFile, at: int) -> None:
    presence.save(INSIDE)
    content = bytearray(home.presence.read_bytes())
    content[at] ^= 1
    home.presence.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="damaged") as caught:
        presence.load()
    assert "nobody counts as inside" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"x", b"\x00" * 12, b"{}" * 40])
def test_what_is_no_sealed_file_is_noticed(
    home: Home, presence: PresenceFile, content: bytes
) -> None:
    home.presence.write_bytes(content)
    with pytest.raises(StoreCorrupt):
        presence.load()


def test_a_damaged_presence_is_replaced_by_the_next_save(
    home: Home, presence: PresenceFile
) -> None:
    home.presence.write_bytes(b"damaged")
    presence.save(INSIDE)
    assert presence.load() == INSIDE


def test_the_file_of_another_home_or_of_another_purpose_is_none(
    home: Home, presence: PresenceFile, tmp_path: Path
) -> None:
    presence.save(INSIDE)
    other = Home(tmp_path / "other").prepare()
    FileKey(other).create()
    other.presence.write_bytes(home.presence.read_bytes())
    with pytest.raises(StoreCorrupt):
        PresenceFile(other, FileKey(other)).load()
    AdminPin(home, FileKey(home)).set(PIN)
    home.presence.write_bytes(home.admin.read_bytes())
    with pytest.raises(StoreCorrupt):
        presence.load()


def test_a_lost_key_is_not_replaced_while_a_sealed_file_needs_it(
    home: Home, presence: PresenceFile
) -> None:
    presence.save(INSIDE)
    home.key.unlink()
    with pytest.raises(StoreKeyError, match="presence"):
        FileKey(home).create()


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_keeps_what_was(
    presence: PresenceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence.save(INSIDE)
    monkeypatch.setattr(sealed_file, "write_whole", _full)
    with pytest.raises(StoreError, match="No space left"):
        presence.save({"inside": {}})
    assert presence.load() == INSIDE


def test_what_cannot_be_read_is_an_error_not_an_empty_house(
    home: Home, presence: PresenceFile
) -> None:
    home.presence.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        presence.load()


WRITER = """
import sys
from pathlib import Path
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey
from kiosk.store.people.presence import PresenceFile
home = Home(Path(sys.argv[1]))
file = PresenceFile(home, FileKey(home))
number = 0
while True:
    number += 1
    file.save({"number": number, "filling": "x" * 5000})
    print(number, flush=True)
"""


@pytest.mark.parametrize("saves", [1, 2, 3, 5, 9])
def test_killed_at_any_moment_the_last_acknowledged_save_stands(home: Home, saves: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home.path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(saves):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    acknowledged = int(rest[-1]) if rest else saves
    found = PresenceFile(home, FileKey(home)).load()
    assert found is not None
    assert found["number"] in (acknowledged, acknowledged + 1)


# -- the admin PIN -------------------------------------------------------------------------------


def test_without_an_admin_pin_nobody_gets_in(home: Home) -> None:
    admin = AdminPin(home, FileKey(home))
    assert not admin.is_set()
    with pytest.raises(BadInput, match="no admin PIN") as caught:
        admin.check(PIN)
    assert "kiosk admin pin" in with_command(caught.value.remedy)
    assert not home.admin.exists()


def test_the_right_pin_and_a_wrong_one(admin: AdminPin) -> None:
    assert admin.is_set()
    assert admin.check(PIN) == Attempt(right=True, left=5, wait_seconds=0.0)
    assert admin.check("471181") == Attempt(right=False, left=4, wait_seconds=0.0)
    assert admin.check(PIN).right
    assert admin.check("471181").left == 4


@pytest.mark.parametrize("pin", ["4711", "123456", "111111", "", "abcdef"])
def test_a_weak_admin_pin_is_refused_and_the_old_one_stays(admin: AdminPin, pin: str) -> None:
    with pytest.raises(BadInput):
        admin.set(pin)
    assert admin.check(PIN).right


def _wrong(admin: AdminPin, times: int) -> list[Attempt]:
    return [admin.check("900817") for _ in range(times)]


def test_after_five_wrong_ones_everybody_waits(admin: AdminPin, clock: WallClock) -> None:
    attempts = _wrong(admin, 5)
    assert [attempt.left for attempt in attempts] == [4, 3, 2, 1, 0]
    assert [attempt.wait_seconds for attempt in attempts] == [0, 0, 0, 0, 60]
    clock.later(59.5)
    assert admin.check(PIN) == Attempt(right=False, left=0, wait_seconds=0.5, looked=False)
    clock.later(0.5)
    assert admin.check(PIN).right


def test_attempts_during_a_wait_neither_count_nor_lengthen_it(
    admin: AdminPin, clock: WallClock
) -> None:
    _wrong(admin, 5)
    for _ in range(12):
        clock.later(4)
        assert not admin.check(PIN).right
    clock.later(12)
    assert admin.check(PIN).right


def test_each_handful_more_waits_twice_as_long_up_to_an_hour(
    admin: AdminPin, clock: WallClock
) -> None:
    waits = []
    for _ in range(9):
        attempts = _wrong(admin, 5)
        waits.append(attempts[-1].wait_seconds)
        assert {attempt.wait_seconds for attempt in attempts[:-1]} == {0.0}
        clock.later(waits[-1])
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert admin.check(PIN).right
    assert _wrong(admin, 5)[-1].wait_seconds == 60


def test_a_restart_gives_no_attempt_back(home: Home, clock: WallClock) -> None:
    AdminPin(home, FileKey(home), clock).set(PIN)

    def restarted() -> AdminPin:
        return AdminPin(home, FileKey(home), clock)

    for left in (4, 3, 2, 1, 0):
        assert restarted().check("900817").left == left
    assert restarted().check(PIN) == Attempt(right=False, left=0, wait_seconds=60, looked=False)


def test_an_attempt_counts_before_it_is_looked_at(
    home: Home, admin: AdminPin, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pulls the plug at the moment of the answer has spent the attempt."""

    def power_cut(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kiosk.domain.access.factors.Pin.matches", power_cut)
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                admin.check(PIN)
    assert AdminPin(home, FileKey(home), clock).check("900817").wait_seconds == 60


def test_an_attempt_that_cannot_be_counted_is_not_looked_at(
    admin: AdminPin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_file, "write_whole", _full)
    with pytest.raises(StoreError, match="No space left"):
        admin.check(PIN)


@pytest.mark.parametrize("back_seconds", [1, 3600, 86_400 * 365])
def test_a_clock_set_back_waits_once_more_and_not_for_ever(
    admin: AdminPin, clock: WallClock, back_seconds: float
) -> None:
    _wrong(admin, 5)
    clock.later(-back_seconds)
    assert admin.check(PIN).wait_seconds == 60
    clock.later(60)
    assert admin.check(PIN).right


def test_the_admin_pin_is_read_by_nobody_else(home: Home, admin: AdminPin) -> None:
    assert admin.is_set()
    assert stat.S_IMODE(home.admin.stat().st_mode) == 0o600
    content = raw(home.path)
    assert PIN.encode() not in content
    assert b'"salt"' not in content, "four letters stand in any ciphertext some day"


@pytest.mark.parametrize(
    "spoil", [lambda _: b"", lambda content: content[:-1] + bytes([content[-1] ^ 1])]
)
def test_a_damaged_admin_pin_opens_nothing_and_can_be_set_anew(
    home: Home, admin: AdminPin, spoil: Callable[[bytes], bytes]
) -> None:
    home.admin.write_bytes(spoil(home.admin.read_bytes()))
    with pytest.raises(StoreCorrupt) as caught:
        admin.check(PIN)
    assert "kiosk admin pin" in with_command(caught.value.remedy)
    with pytest.raises(StoreCorrupt):
        admin.is_set()
    admin.set(PIN)
    assert admin.check(PIN).right


@pytest.mark.parametrize(
    "content",
    [{}, {"pin": None, "wrong": 0, "until": None}, {"pin": {}, "wrong": 0, "until": None}],
)
def test_an_admin_file_that_says_something_else_opens_nothing(
    admin: AdminPin, content: dict[str, object]
) -> None:
    admin._file.save(content)
    with pytest.raises(StoreCorrupt):
        admin.check(PIN)
