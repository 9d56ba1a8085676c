"""The doctor at every wire, with its real peer at the far end: it locks and reads, no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from door_rig import Fault, Rig
from door_rigs import RIGS

from config.settings import Settings
from kiosk.diagnostics.checks import examine
from kiosk.diagnostics.parts import door
from kiosk.domain.finding import Finding, Health
from kiosk.wiring import doors

pytestmark = pytest.mark.usefixtures("real_time")


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    made = RIGS[request.param]()
    monkeypatch.setattr(doors, "door", lambda *_: made.door)
    try:
        yield made
    finally:
        made.close()


def looked_at() -> list[Finding]:
    return list(examine([("door", lambda: door(Settings()))]))


def test_a_door_in_good_order_is_locked_and_read(rig: Rig) -> None:
    (finding,) = looked_at()
    assert finding.health is Health.OK, finding
    assert "lock secured" in finding.text
    assert rig.releases == 0
    assert not rig.unlocked


CAN_GO = [name for name in RIGS if name != "gpio-pi"]
"""A Raspberry Pi's own header cannot go away."""


@pytest.mark.parametrize("rig", CAN_GO, indirect=True)
def test_a_door_that_is_gone_is_bad(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.diagnostics.parts.HEAR_SECONDS", 0.2)
    rig.break_(Fault.KILL if Fault.KILL in rig.faults else Fault.CUT)
    (finding,) = looked_at()
    assert finding.health is Health.BAD
    assert finding.remedy
