"""One contract over every driver, with its real peer at the far end (`Door` in `ports`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from door_rig import RULES, Rig, eventually, order
from door_rigs import RIGS

from kiosk.domain.door.protocol import Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused
from kiosk.domain.vision.frame import Instant

pytestmark = pytest.mark.usefixtures("real_time")


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = RIGS[request.param]()
    try:
        yield made
    finally:
        made.close()


def test_a_door_begins_secured(rig: Rig) -> None:
    assert rig.door.status().lock is Lock.SECURED
    assert not rig.unlocked
    assert rig.releases == 0


def test_an_acknowledged_release_has_moved_the_far_end(rig: Rig) -> None:
    assert rig.door.release(order(5.0)) is None
    assert rig.unlocked
    assert rig.releases == 1
    assert rig.door.status().lock is Lock.RELEASED


def test_a_release_ends_by_itself(rig: Rig) -> None:
    began = time.monotonic()
    rig.door.release(order(0.3))
    assert eventually(lambda: not rig.unlocked)
    assert time.monotonic() - began >= 0.25
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)
    assert rig.releases == 1


def test_secure_ends_a_release_at_once_and_may_be_said_twice(rig: Rig) -> None:
    rig.door.release(order(20.0))
    rig.door.secure()
    assert not rig.unlocked
    rig.door.secure()
    assert rig.door.status().lock is Lock.SECURED


def test_a_door_that_was_secured_stays_so(rig: Rig) -> None:
    """Nothing of the release comes back after the order that ended it."""
    rig.door.release(order(0.3))
    rig.door.secure()
    assert not eventually(lambda: rig.unlocked, within=0.5)
    assert rig.releases == 1


def test_a_second_release_runs_from_its_own_order(rig: Rig) -> None:
    rig.door.release(order(0.5))
    rig.door.release(order(20.0))
    time.sleep(0.7)
    assert rig.unlocked
    assert rig.releases == 2


@pytest.mark.parametrize(
    "age", [RULES.max_age_seconds + 0.5, -5.0], ids=["stale", "from the future"]
)
def test_evidence_of_the_wrong_age_moves_nothing(rig: Rig, age: float) -> None:
    with pytest.raises(DoorRefused):
        rig.door.release(ReleaseOrder(5.0, Instant(time.monotonic() - age)))
    assert not eventually(lambda: rig.unlocked, within=0.2)
    assert rig.releases == 0


@pytest.mark.parametrize("seconds", [0.0, -1.0, 31.0, float("nan"), float("inf")])
def test_a_time_that_is_not_allowed_moves_nothing(rig: Rig, seconds: float) -> None:
    with pytest.raises(DoorRefused):
        rig.door.release(order(seconds))
    assert rig.releases == 0


def test_the_leaf_is_seen(rig: Rig) -> None:
    if not rig.senses_leaf:
        assert rig.door.status().leaf is Leaf.UNSEEN
        return
    assert eventually(lambda: rig.door.status().leaf is Leaf.CLOSED)
    rig.move_leaf(to_open=True)
    assert eventually(lambda: rig.door.status().leaf is Leaf.OPEN)
    rig.move_leaf(to_open=False)
    assert eventually(lambda: rig.door.status().leaf is Leaf.CLOSED)


def test_closing_secures_and_may_be_done_twice(rig: Rig) -> None:
    rig.door.release(order(20.0))
    rig.door.close()
    rig.door.close()
    assert eventually(lambda: not rig.unlocked)


def test_a_door_that_was_closed_releases_nothing(rig: Rig) -> None:
    rig.door.close()
    with pytest.raises(DoorError):
        rig.door.release(order())
    assert not eventually(lambda: rig.unlocked, within=0.2)
    assert rig.releases == 0


def test_any_thread_may_secure(rig: Rig) -> None:
    """The supervisor does, whatever hangs."""
    rig.door.release(order(20.0))
    other = threading.Thread(target=rig.door.secure)
    other.start()
    other.join(5.0)
    assert not other.is_alive()
    assert not rig.unlocked
