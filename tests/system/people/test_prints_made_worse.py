"""Prints that an attacker makes look better, by colour, grain, scale or compression.

The whole grid takes long and stands in a file of its own, so that a worker of its own runs it.
"""

from __future__ import annotations

import pytest
from chosen import few_of_each
from other_light import MORE
from other_light_visits import EVERYBODY, everybody, sampled
from real_kiosk import RealKiosk

pytestmark = [pytest.mark.data, pytest.mark.weights]

SAMPLE = few_of_each(list(zip(MORE, EVERYBODY * 9, strict=False))[4::7], 2)


@pytest.mark.parametrize(("light", "person"), SAMPLE)
def test_a_print_that_is_made_worse_on_purpose(door: RealKiosk, light: str, person: str) -> None:
    assert sampled(door, light, "print", person, -1).admitted == []


@pytest.mark.long
@pytest.mark.parametrize("light", MORE)
def test_no_print_of_anybody_however_it_is_made_worse(door: RealKiosk, light: str) -> None:
    """R48: APCER of prints under each perturbation."""
    assert everybody(door, light, "print").admitted == 0
