"""Prints of enrolled people, as other lights and noisier sensors show them.

A few walk up in every run of the suite; all of them, in each of the ten lights, in the long tests.
"""

from __future__ import annotations

import pytest
from chosen import few_of_each
from other_light import TEN
from other_light_visits import EVERYBODY, everybody, sampled
from real_kiosk import RealKiosk

pytestmark = [pytest.mark.data, pytest.mark.weights]

SAMPLE = few_of_each(zip(list(TEN)[1:], EVERYBODY * 9, strict=False), 3)
"""Each light on another person."""


@pytest.mark.parametrize(("light", "person"), SAMPLE)
def test_a_print_in_another_light(door: RealKiosk, light: str, person: str) -> None:
    """R48: neither a lamp nor a dark room makes paper live."""
    visit = sampled(door, light, "print", person, -1)
    assert visit.admitted == []
    assert visit.door.releases == 0


@pytest.mark.long
@pytest.mark.parametrize("light", TEN)
def test_no_print_of_anybody_in_any_light(door: RealKiosk, light: str) -> None:
    """R48: APCER of prints in each light."""
    assert everybody(door, light, "print").admitted == 0
