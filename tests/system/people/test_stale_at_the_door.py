"""A whole kiosk that has not heard of its fleet for too long, and a person of the fleet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import evaluation_data
import pytest
from fleet_door import FleetDoor
from kiosk_process import kiosk

pytestmark = [pytest.mark.weights, pytest.mark.data, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]
REFUSE = 'when_stale = "refuse"\n'
GRANTED = ("granted", "matched")


def outcomes(door: FleetDoor, walk: Path, lines: str) -> set[tuple[str, str]]:
    """What came of each visit; a machine slower than the recording has faults beside them."""
    decisions = door.replay(walk, lines).of("decision")
    return {(each["outcome"], each["reason"]) for each in decisions}


def test_whose_fleet_is_stale_is_refused_and_let_in_again_once_it_is_heard_of(
    tmp_path: Path, furnished: Callable[[Path], Path]
) -> None:
    door = FleetDoor(tmp_path, furnished(tmp_path / "home"), PERSON)
    (walk, *_) = evaluation_data.walks(PERSON).values()
    folder = walk[0].parent
    assert kiosk("sync", "--home", door.home, "--once").code == 0
    assert GRANTED in outcomes(door, folder, REFUSE)
    door.heard_last(datetime.now(UTC) - timedelta(hours=25))
    for lines in ("", REFUSE):
        assert outcomes(door, folder, lines) == {("refused", "out_of_date")}
    assert kiosk("sync", "--home", door.home, "--once").code == 0
    assert GRANTED in outcomes(door, folder, REFUSE)
