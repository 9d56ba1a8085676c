"""Measuring how long a release takes, over the real wires; no time is asserted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from door_rig import Fault, Rig
from door_rigs import RIGS
from measure_doors import TARGET_MS, main, release_milliseconds
from rig_simulated import SimulatedRig

from kiosk.domain.errors import DoorTimeout

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("doors", "faults", "kills")


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


@pytest.mark.parametrize("name", NAMES)
def test_each_measurement_is_run_by_its_name(name: str) -> None:
    done = _measure(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: tools/measure {name}")


def test_a_measurement_that_there_is_not() -> None:
    done = _measure("length")
    assert done.returncode == 1
    assert all(name in done.stderr for name in NAMES)


def _measure(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "measure", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _broken(rig: Callable[[], Rig]) -> Callable[[], Rig]:
    def made() -> Rig:
        one = rig()
        one.break_(Fault.CUT)
        return one

    return made
