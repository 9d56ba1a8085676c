"""A kiosk whose clock was set back, or has lost its time, opens nothing by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from door_rig import eventually
from kiosk_process import STEERED, Running
from mjpeg_camera import MjpegCamera
from operated_kiosk import Anna

from kiosk.domain.operators.orders import Verb

pytestmark = pytest.mark.weights

WORKDAYS = """
[rules]
door = "front"
time_zone = "UTC"
unlock_schedule = "lobby"
[rules.schedules.lobby]
windows = ["mon-fri 09:00-17:00"]
[rules.groups.staff]
doors = ["front"]
schedule = "always"
"""
LOST = datetime(2000, 1, 3, 10, tzinfo=UTC)
"""A Monday."""


class Wall:
    """The clock that a kiosk sees, in the test's hand."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.show(datetime.now(UTC))

    @property
    def shows(self) -> int:
        """Milliseconds since 1970."""
        return int(self.file.read_text("ascii"))

    def show(self, at: datetime) -> None:
        self._write(int(at.timestamp() * 1000))

    def pass_(self, seconds: float) -> None:
        self._write(self.shows + int(seconds * 1000))

    def _write(self, shown: int) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(str(shown), encoding="ascii")
        new.replace(self.file)


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    return Wall(tmp_path)


@contextmanager
def running(anna: Anna, wall: Wall, **more: str) -> Iterator[Running]:
    with (
        MjpegCamera() as camera,
        anna.run(camera.url, STEERED, LINTEL_TEST_CLOCK=str(wall.file), **more) as kiosk,
    ):
        kiosk.wait_for("ready")
        yield kiosk


def told(home: Path) -> bool:
    """Whether the journal says that the clock is not to be relied on."""
    whole = (home / "journal.jsonl").read_text("ascii").rpartition("\n")[0]
    entries = map(json.loads, whole.splitlines())
    return any(e["event"] == "fault" and e["details"]["part"] == "clock" for e in entries)


@pytest.mark.parametrize("back_seconds", [5.0, 50.0])
def test_an_order_that_was_obeyed_is_not_obeyed_again_after_the_clock_was_set_back(
    tmp_path: Path, wall: Wall, back_seconds: float
) -> None:
    """B5: so short a way back a time server might set it too, so the clock itself counts."""
    anna = Anna(tmp_path)
    with running(anna, wall) as kiosk:
        wall.pass_(60.0)
        order = anna.sealed(Verb.RELEASE, 1.0, issued_at=wall.shows)
        assert anna.says(order)["outcome"] == "done"
        kiosk.wait_for("door", what="released")
    wall.pass_(-back_seconds)
    with running(anna, wall) as kiosk:
        wall.pass_(back_seconds)
        assert anna.says(order)["reason"] == "too_old"
        wall.pass_(1.0)
        again = anna.sealed(Verb.RELEASE, 1.0, issued_at=wall.shows)
        assert anna.says(again)["outcome"] == "done", "a new one counts"
        ended = kiosk.end()
    assert [said["what"] for said in ended.of("door")].count("released") == 1


def test_no_order_opens_while_the_clock_is_far_behind_what_was_known(
    tmp_path: Path, wall: Wall
) -> None:
    anna = Anna(tmp_path)
    wall.pass_(-3600.0)
    with running(anna, wall) as kiosk:
        assert eventually(lambda: told(anna.home), 20.0)
        wall.pass_(1.0)
        order = anna.sealed(Verb.RELEASE, 1.0, issued_at=wall.shows)
        assert anna.says(order)["outcome"] == "refused"
        ended = kiosk.end()
    assert "released" not in [said["what"] for said in ended.of("door")]


def test_a_weekday_door_is_not_free_by_a_clock_that_has_lost_its_time(
    tmp_path: Path, wall: Wall
) -> None:
    """B5: it shows 2000-01-03, a Monday morning."""
    anna = Anna(tmp_path, WORKDAYS)
    wall.show(LOST)
    with running(anna, wall) as kiosk:
        assert eventually(lambda: told(anna.home), 20.0)
        ended = kiosk.end()
    assert "released" not in [said["what"] for said in ended.of("door")]


@pytest.mark.parametrize("synchronised", ["yes", "nobody knows"])
def test_a_weekday_door_is_free_on_a_weekday(tmp_path: Path, wall: Wall, synchronised: str) -> None:
    """The schedule of the tests around this one is one that frees a door."""
    anna = Anna(tmp_path, WORKDAYS)
    wall.show(next_monday_noon())
    with running(anna, wall, LINTEL_TEST_SYNCHRONISED=synchronised) as kiosk:
        kiosk.wait_for("door", what="released")


def test_a_clock_that_no_time_server_has_set_opens_nothing(tmp_path: Path, wall: Wall) -> None:
    """B5: neither the schedule nor an order, though the hour itself is a good one."""
    anna = Anna(tmp_path, WORKDAYS)
    wall.show(next_monday_noon())
    with running(anna, wall, LINTEL_TEST_SYNCHRONISED="no") as kiosk:
        assert eventually(lambda: told(anna.home), 20.0)
        wall.pass_(1.0)
        order = anna.sealed(Verb.RELEASE, 1.0, issued_at=wall.shows)
        assert anna.says(order)["outcome"] == "refused"
        ended = kiosk.end()
    assert "released" not in [said["what"] for said in ended.of("door")]


def next_monday_noon() -> datetime:
    noon = datetime.now(UTC).replace(hour=12, minute=0)
    return noon + timedelta(days=7 - noon.weekday())
