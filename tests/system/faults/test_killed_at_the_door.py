"""A kiosk that is killed at any instruction around a release, with a lock that keeps its own time.

Never left released, never released twice for one order, nothing released that was not written
down before, and the next kiosk starts on the same home and works.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from measure_kills import KILLS_EACH, PEERS, KillCount, kill_all

FEW = 5
Tolls = Callable[[int], dict[str, KillCount]]
DOORS = [make.__name__ for make in PEERS]


@pytest.fixture(scope="module")
def tolls(tmp_path_factory: pytest.TempPathFactory) -> Tolls:
    """So many kiosks killed at each door; once."""
    return cache(lambda kills: kill_all(tmp_path_factory.mktemp("homes"), kills))


@pytest.mark.parametrize("door", DOORS)
def test_a_few_kiosks_killed_around_a_release_leave_a_locked_door(door: str, tolls: Tolls) -> None:
    toll = tolls(FEW)[door]
    assert toll.kills == FEW + 1
    assert toll.releases <= toll.granted, "a release that was not written down before"


@pytest.mark.long
@pytest.mark.parametrize("door", DOORS)
def test_a_kiosk_killed_around_a_release_leaves_a_locked_door(door: str, tolls: Tolls) -> None:
    toll = tolls(KILLS_EACH)[door]
    assert toll.kills == KILLS_EACH + 1
    assert toll.mid_order > KILLS_EACH // 4, "hardly a kiosk died with an order under way"
    assert toll.releases > KILLS_EACH // 2
    assert toll.releases <= toll.granted, "a release that was not written down before"
