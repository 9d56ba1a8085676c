"""A kiosk that is killed at any instruction around a release, with a lock that keeps its own time.

Never left released, never released twice for one order, nothing released that was not written
down before, and the next kiosk starts on the same home and works.
"""

from __future__ import annotations

import pytest
from measure_kills import KILLS_EACH, PEERS, Toll, kill_all


@pytest.fixture(scope="module")
def tolls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Toll]:
    return kill_all(tmp_path_factory.mktemp("homes"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("peer", [make.__name__ for make in PEERS])
def test_a_kiosk_killed_around_a_release_leaves_a_locked_door(
    peer: str, tolls: dict[str, Toll]
) -> None:
    toll = tolls[peer]
    assert toll.kills == KILLS_EACH + 1
    assert toll.mid_order > KILLS_EACH // 4, "hardly a kiosk died with an order under way"
    assert toll.releases > KILLS_EACH // 2
    assert toll.releases <= toll.granted, "a release that was not written down before"
