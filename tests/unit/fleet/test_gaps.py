"""How often a kiosk looks that is asked to look without end."""

from __future__ import annotations

from kiosk.fleet.polling import Gaps


def test_what_is_found_keeps_the_gap_short() -> None:
    gaps = Gaps(1.0, 600.0)
    for version in range(50):
        gaps.found(version, asked=True)
        assert gaps.seconds == 1.0


def test_looks_in_vain_grow_rarer_up_to_the_poll_itself() -> None:
    gaps = Gaps(1.0, 30.0)
    gaps.found("same", asked=False)
    grown = []
    for _ in range(8):
        gaps.found("same", asked=True)
        grown.append(gaps.seconds)
    assert grown == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]


def test_a_look_that_fails_is_in_vain() -> None:
    gaps = Gaps(1.0, 30.0)
    gaps.found("same", asked=False)
    gaps.found(None, asked=True)
    gaps.found("same", asked=True)
    assert gaps.seconds == 4.0


def test_news_and_a_look_of_its_own_end_that() -> None:
    for result, asked in (("new", True), ("same", False), (None, False)):
        gaps = Gaps(1.0, 30.0)
        gaps.found("same", asked=False)
        gaps.found("same", asked=True)
        gaps.found(result, asked=asked)
        assert gaps.seconds == 1.0
