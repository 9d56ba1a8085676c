"""Measuring how long a release takes, over the real wires; no time is asserted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from door_rig import Fault, Rig
from door_rigs import RIGS
from measure_doors import TARGET_MS, main, release_milliseconds
from rig_simulated import SimulatedRig

from kiosk.domain.errors import DoorTimeout


def test_every_wire_that_has_a_target_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    names = list(TARGET_MS)
    main([*names, "--rounds", "3"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if " 3 " in line]
    assert [(row[1], row[7], row[9]) for row in rows] == [
        (name, str(asked), "3") for name, asked in TARGET_MS.items()
    ]
    assert all(0.0 < float(row[3]) <= float(row[5]) for row in rows)


def test_every_target_is_of_a_wire_that_there_is() -> None:
    assert set(TARGET_MS) <= set(RIGS)


def test_a_wire_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["telegraph"])
    assert "there is no telegraph" in capsys.readouterr().err


def test_a_door_that_does_not_answer_is_no_figure() -> None:
    with pytest.raises(DoorTimeout):
        release_milliseconds(_broken(SimulatedRig), 1)


def _broken(rig: Callable[[], Rig]) -> Callable[[], Rig]:
    def made() -> Rig:
        one = rig()
        one.break_(Fault.CUT)
        return one

    return made
