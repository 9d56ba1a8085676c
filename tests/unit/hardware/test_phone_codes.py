"""An invitation on a telephone is read at 12 to 30 cm, whatever is often wrong with the view."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
from phone_codes import FAR_CM, NEAR_CM, Telephone, held_up, some_telephone

from hardware.camera.codes import ZxingReader
from kiosk.domain.enrolment.invitation import MARK
from kiosk.people.badge_picture import level

TEXT = MARK + base64.urlsafe_b64encode(bytes(range(111))).decode()
LEAST_READ = 0.95
LEVEL = level(TEXT)


def test_the_text_is_as_long_as_an_invitation() -> None:
    assert 150 < len(TEXT) <= 200


def test_of_telephones_as_people_hold_them_at_least_95_percent_are_read() -> None:
    chance, reader = np.random.default_rng(3), ZxingReader()
    phones = [some_telephone(chance, cm) for cm in np.linspace(NEAR_CM, FAR_CM, 20)]
    read = sum(reader.read(held_up(TEXT, phone, LEVEL)) == (TEXT,) for phone in phones)
    assert read >= LEAST_READ * len(phones)


@pytest.mark.parametrize(
    "worse",
    [
        {"tilt": (30.0, 0.0, 0.0)},
        {"tilt": (0.0, 0.0, 90.0)},
        {"blur": 1.0},
        {"glare": 150.0, "glare_at": (0.1, 0.1)},
        {"bands": 0.4, "band_px": 60.0},
        {"noise": 14.0},
        {"white": 330.0},
        {"black": 120.0, "white": 190.0},
    ],
    ids="-".join,
)
def test_each_thing_alone_may_be_worse_than_that(worse: dict[str, float]) -> None:
    phone = replace(Telephone(20.0, noise=3.0), **worse)  # type: ignore[arg-type] # by name
    assert ZxingReader().read(held_up(TEXT, phone, LEVEL)) == (TEXT,)


def test_beyond_reading_nothing_is_read_into_it() -> None:
    """The test of the test: the rendering can be too bad, and then there is no text at all."""
    assert ZxingReader().read(held_up(TEXT, Telephone(90.0, noise=8.0), LEVEL)) == ()
