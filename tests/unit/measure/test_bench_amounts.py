"""The options of `kiosk bench` reach its parts."""

from __future__ import annotations

import pytest

from kiosk.bench.amounts import FULL, QUICK, amounts, options


@pytest.mark.parametrize(
    ("quick", "large", "said"),
    [
        (False, False, []),
        (True, False, ["--quick"]),
        (False, True, ["--large"]),
        (True, True, ["--quick", "--large"]),
    ],
)
def test_amounts_are_told_to_the_parts(*, quick: bool, large: bool, said: list[str]) -> None:
    asked = amounts(quick=quick, large=large)
    assert options(asked) == said
    assert asked.walks == (QUICK if quick else FULL).walks
    assert (1_000_000 in asked.galleries) == large
    assert (asked.people == 10_000) == large
    assert set((QUICK if quick else FULL).galleries) <= set(asked.galleries)
