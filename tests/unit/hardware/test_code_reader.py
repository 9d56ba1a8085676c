"""A badge before the camera: read as it is held in a hand, and nothing else is read into it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as some
from printed_codes import BADGE, blurred, held, lit, noisy, seen, tilted, turned

from hardware.camera.codes import MAX_CHARACTERS, MAX_CODES, ZxingReader
from kiosk.domain.ports import CodeReader
from kiosk.domain.vision.frame import Pixels

READER: CodeReader = ZxingReader()


def test_a_badge_held_up_is_read() -> None:
    assert READER.read(seen(held(BADGE))) == (BADGE,)


@pytest.mark.parametrize(
    "worsen",
    [
        pytest.param(lambda p: blurred(p, 2.0), id="out of focus"),
        pytest.param(lambda p: noisy(p, 40.0), id="noise"),
        pytest.param(lambda p: lit(p, 0.12), id="dark"),
        pytest.param(lambda p: noisy(lit(p, 0.2), 6.0), id="dark and noisy"),
        pytest.param(lambda p: lit(p, 0.3, 170.0), id="washed out"),
        pytest.param(lambda p: tilted(p, 0.3), id="at a slant"),
        pytest.param(lambda p: turned(p, 33.0), id="turned"),
        pytest.param(lambda p: turned(p, 180.0), id="upside down"),
        pytest.param(lambda p: p[:, ::-1], id="by a camera that mirrors"),
        pytest.param(lambda p: lit(p, -1.0, 255.0), id="bright on dark, on a phone"),
        pytest.param(
            lambda p: noisy(blurred(tilted(turned(p, 12.0), 0.15), 1.2), 12.0), id="all at once"
        ),
    ],
)
def test_a_badge_in_a_poor_view_is_read(worsen: Callable[[Pixels], Pixels]) -> None:
    assert READER.read(seen(worsen(held(BADGE)))) == (BADGE,)


def test_a_small_badge_of_two_pixels_a_module_is_read() -> None:
    """45 modules with their margin: some 30 cm from a common camera."""
    assert READER.read(seen(held(BADGE, 2 * 45))) == (BADGE,)


def test_a_large_picture_is_read_as_well() -> None:
    large = cv2.resize(held(BADGE), (2560, 1920), interpolation=cv2.INTER_CUBIC)
    assert READER.read(seen(np.asarray(large, np.uint8))) == (BADGE,)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((480, 640, 3), 90, np.uint8),
        np.random.default_rng(3).integers(0, 255, (480, 640, 3), dtype=np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 5000, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        blurred(held(BADGE), 12.0),
    ],
    ids=["wall", "noise", "a point", "a line", "nothing", "blurred beyond reading"],
)
def test_no_code_is_no_error(pixels: Pixels) -> None:
    assert READER.read(seen(pixels)) == ()


def test_a_text_is_short_or_passed_over_whole() -> None:
    longest = "x" * MAX_CHARACTERS
    assert READER.read(seen(held(longest, 400))) == (longest,)
    assert READER.read(seen(held(longest + "x", 400))) == ()
    assert READER.read(seen(held("x" * 2000, 470, 80))) == ()


def test_of_many_codes_a_few_are_read_and_each_once() -> None:
    wall = np.full((480, 960, 3), 110, np.uint8)
    for number in range(8):
        text = "the same twice" if number < 2 else f"code {number}"
        top, left = divmod(number, 4)
        small = held(text, 200)[140:340, 200:400]
        wall[top * 230 + 20 : top * 230 + 220, left * 235 + 10 : left * 235 + 210] = small
    texts = READER.read(seen(wall))
    assert len(texts) == len(set(texts)) == MAX_CODES


def test_other_kinds_of_codes_are_not_read() -> None:
    """A bar code on a parcel is nobody's badge."""
    bars = zxingcpp.create_barcode("PARCEL-12345", zxingcpp.BarcodeFormat.Code128)
    drawn = np.array(bars.to_image(scale=2), np.uint8)
    assert [code.text for code in zxingcpp.read_barcodes(drawn)] == ["PARCEL-12345"]
    assert READER.read(seen(np.dstack([drawn] * 3))) == ()


@settings(max_examples=30)
@given(content=some.binary(min_size=1, max_size=120))
def test_whatever_a_stranger_prints_is_read_as_text_or_not_at_all(content: bytes) -> None:
    texts = READER.read(seen(held(content, 400)))
    assert len(texts) <= 1
    assert all(isinstance(text, str) and 0 < len(text) <= MAX_CHARACTERS for text in texts)


def test_the_picture_stays_as_it_is() -> None:
    pixels = held(BADGE)
    before = pixels.copy()
    pixels.flags.writeable = False
    READER.read(seen(pixels))
    np.testing.assert_array_equal(pixels, before)
