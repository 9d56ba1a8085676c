"""Part of an hour of office life of a small fleet, with links that are cut, in accelerated time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fleet_day import DayToll, FleetDay, OfficePlan

HOUR_SECONDS = 3600.0
"""A simulated hour takes a minute or two; a busy machine may take many times as long."""


def lived(folder: Path, plan: OfficePlan) -> DayToll:
    with FleetDay(folder, plan) as day:
        toll = day.live()
        assert day.check_converged() >= plan.scopes * plan.people_each / 2
    return toll


def test_a_few_minutes_in_which_people_come_and_go(tmp_path: Path) -> None:
    toll = lived(tmp_path, OfficePlan(2, 2, 12, 6, 3, 2))
    assert toll.polls >= 4 * 6
    assert toll.changes


@pytest.mark.long
@pytest.mark.timeout(HOUR_SECONDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_hour_in_which_links_are_cut_for_longer_than_people_stay_fresh(
    tmp_path: Path, seed: int
) -> None:
    plan = OfficePlan(3, 5, 40, 60, 3, 2, timedelta(minutes=8), seed)
    toll = lived(tmp_path, plan)
    assert toll.failed, "no link was cut"
    assert toll.stale, "no kiosk has asked for more because it had not heard for too long"
    assert toll.served, "nobody was let in before their kiosk had heard"
    assert toll.withdrawn
    assert toll.enrolled
