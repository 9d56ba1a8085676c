"""Publishers and kiosks are killed at any point of their work: nothing is ever half done."""

from __future__ import annotations

import pytest
from fleet_kills import kill_fleets

SEED = 20261128


def test_a_few_kills_leave_one_version_before_or_after() -> None:
    toll = kill_fleets(10, SEED, fleets=2)
    assert toll.killed.total() >= 10


@pytest.mark.long
@pytest.mark.timeout(3600.0)
def test_five_hundred_kills_leave_one_version_before_or_after() -> None:
    toll = kill_fleets(500, SEED)
    assert toll.killed.total() >= 500
    assert min(toll.killed[kind] for kind in ("publish", "sync", "fresh")) >= 50
    assert toll.published, "none was killed after it had published"
    assert toll.applied, "none was killed after it had applied"
