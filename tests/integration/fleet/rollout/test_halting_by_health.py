"""Rollouts that go on, wait or halt by what their devices report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_thieves import Thief
from rolling_fleet import Rolling, RollingKiosk, margin
from small_fleet import SmallFleet

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.halting import HaltLimits, RingState
from kiosk.fleet.reporting.health import DeviceHealth, read_health
from kiosk.fleet.rollout.plan import Ring
from kiosk.fleet.stores.port import ANYTHING, StoredObject
from kiosk.fleet.trust import layout

FEW = HaltLimits(decisions=20)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def rolling(fleet: SmallFleet) -> Rolling:
    return Rolling(fleet)


@pytest.fixture
def canary(fleet: SmallFleet, rolling: Rolling) -> RollingKiosk:
    """A canary that has worked for a day, and then got new settings."""
    kiosk = RollingKiosk(fleet.kiosk("canary"))
    rolling.ring(kiosk, Ring.CANARY)
    fleet.publish()
    kiosk.sync()
    kiosk.work(grants=190, refusals=10, hours=24.0)
    rolling.begin(margin(0.1), limits=FEW)
    kiosk.sync()
    kiosk.restart()
    return kiosk


def other(fleet: SmallFleet) -> RollingKiosk:
    """One that gets new settings last."""
    kiosk = RollingKiosk(fleet.kiosk("other"))
    fleet.publish()
    kiosk.sync()
    return kiosk


def health(kiosk: RollingKiosk) -> DeviceHealth:
    found = kiosk.kiosk.store.get(layout.health_name(kiosk.kiosk.fingerprint), 2**20)
    assert isinstance(found, StoredObject)
    return read_health(found.data, kiosk.kiosk.device.public)


def test_a_device_tells_what_it_did_before_and_after(canary: RollingKiosk) -> None:
    canary.work(grants=3, refusals=1, ms=90.0)
    told = health(canary)
    assert told.settings == 1
    assert told.rollout is not None
    before, since = told.rollout.before, told.rollout.since
    assert (before.decisions, before.refusals, before.hours) == (200, 10, 24.0)
    assert (since.decisions, since.refusals, sum(since.speeds)) == (4, 1, 3)
    canary.restart()  # for another reason
    canary.work(grants=1)
    again = health(canary).rollout
    assert again is not None
    assert (again.before.decisions, again.since.decisions) == (200, 5)


def test_a_ring_that_does_as_before_lets_it_go_on(canary: RollingKiosk, rolling: Rolling) -> None:
    canary.report()
    with pytest.raises(FleetRefused, match="goes no further yet: 0 of 20 decisions"):
        rolling.advance()
    canary.work(grants=29, refusals=1)
    assert rolling.status().verdict.state is RingState.GOOD
    assert rolling.advance().ring is Ring.WAVE


def test_refusals_that_rise_halt_it(
    canary: RollingKiosk, rolling: Rolling, fleet: SmallFleet
) -> None:
    late = other(fleet)
    canary.work(grants=10, refusals=20)
    status = rolling.status()
    assert status.verdict.state is RingState.BAD
    assert "refusals has risen by 62 points" in status.verdict.reasons[0]
    with pytest.raises(FleetRefused, match="goes no further: "):
        rolling.advance(anyway=True)
    assert rolling.watched() == {"harbour": 1}
    assert rolling.watched() == {}  # said once
    assert rolling.status().held
    with pytest.raises(FleetRefused, match="The publisher holds version 1 back"):
        rolling.advance(anyway=True)
    canary.sync()
    assert canary.restart().number == 1  # only admins make it go back
    rolling.halt()
    canary.sync()
    assert canary.restart().number == 0
    late.sync()
    assert late.restart().number == 0


def test_what_is_held_back_nobody_takes_over(
    canary: RollingKiosk, rolling: Rolling, fleet: SmallFleet
) -> None:
    waiting, late = other(fleet), RollingKiosk(fleet.kiosk("late"))
    canary.work(grants=30)
    rolling.advance()
    rolling.advance(Ring.ALL, anyway=True)
    waiting.sync()
    assert waiting.known.following is not None
    canary.work(grants=0, refusals=40)
    assert rolling.watched() == {"harbour": 1}
    waiting.sync()
    late.sync()
    assert (waiting.restart().number, late.restart().number) == (0, 0)
    fleet.publish()  # without a look at the devices
    late.sync()
    assert late.known.following is None
    rolling.halt()
    rolling.begin(margin(0.2), Ring.ALL)
    late.sync()
    assert late.restart().number == 2


def test_slow_grants_and_faults_halt_it_too(canary: RollingKiosk, rolling: Rolling) -> None:
    canary.work(grants=30, ms=900.0)
    assert "slow grants" in rolling.status().verdict.reasons[0]


def test_a_thief_of_the_publishers_key_can_hold_back_and_no_more(
    canary: RollingKiosk, fleet: SmallFleet, rolling: Rolling
) -> None:
    stamp = fleet.publisher()
    stamp._halting = lambda _verified, _targets: {"harbour": 1, "elsewhere": 5}
    stamp.publish()
    canary.sync()
    assert canary.restart().number == 1
    Thief(fleet).publish({}, kept=True)  # the next one says nothing: it is not held back any more
    assert not rolling.status().held


def test_an_older_report_that_was_put_back_lets_nothing_go_on(
    canary: RollingKiosk, rolling: Rolling, fleet: SmallFleet
) -> None:
    name = layout.health_name(canary.kiosk.fingerprint)
    canary.work(grants=30)
    good = fleet.store.get(name, 2**20)
    assert isinstance(good, StoredObject)
    canary.work(grants=0, refusals=60)
    assert rolling.status().verdict.state is RingState.BAD
    fleet.store.put(name, good.data, expected=ANYTHING)
    with pytest.raises(FleetRefused, match="was put back over a newer one"):
        rolling.advance()


def test_a_report_of_another_device_lets_nothing_go_on(
    canary: RollingKiosk, rolling: Rolling, fleet: SmallFleet
) -> None:
    well = other(fleet)
    well.work(grants=300)
    found = fleet.store.get(layout.health_name(well.kiosk.fingerprint), 2**20)
    assert isinstance(found, StoredObject)
    fleet.store.put(layout.health_name(canary.kiosk.fingerprint), found.data, expected=ANYTHING)
    with pytest.raises(FleetRefused, match="has not signed"):
        rolling.advance()
    assert rolling.watched() == {}  # and holds up no publishing


def test_a_canary_that_is_silent_lets_nothing_go_on(
    canary: RollingKiosk, rolling: Rolling, fleet: SmallFleet
) -> None:
    canary.work(grants=30)
    fleet.clock.by += timedelta(hours=2)
    with pytest.raises(FleetRefused, match="has not reported for too long"):
        rolling.advance()
    assert rolling.advance(anyway=True).ring is Ring.WAVE
