"""The worst of what was found speaks for all of it."""

from __future__ import annotations

from itertools import permutations

import pytest

from kiosk.domain.finding import Finding, Health, worst


def found(*healths: Health) -> Health:
    return worst(Finding("a thing", health, "is so") for health in healths)


def test_nothing_found_is_good() -> None:
    assert found() is Health.OK


@pytest.mark.parametrize("health", Health)
def test_one_alone_speaks_for_itself(health: Health) -> None:
    assert found(health) is health


@pytest.mark.parametrize("order", list(permutations(Health)))
def test_one_that_is_bad_among_others_is_the_worst(order: tuple[Health, ...]) -> None:
    assert found(*order) is Health.BAD


def test_a_warning_is_worse_than_what_is_good() -> None:
    assert found(Health.OK, Health.WARN, Health.OK) is Health.WARN
