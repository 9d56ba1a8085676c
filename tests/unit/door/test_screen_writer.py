"""One writer to the screen: what comes late from another thread never covers "out of service"."""

from __future__ import annotations

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.door.screen_writer import OFF, ScreenWriter

GRANTED = View(Prompt.GRANTED, Tone.GRANTED)
LOOK = View(Prompt.LOOK_HERE, Tone.WAITING)


def test_views_are_written_in_their_order() -> None:
    written: list[View] = []
    writer = ScreenWriter(written.append)
    writer.show(LOOK)
    writer.show(GRANTED)
    assert written == [LOOK, GRANTED]


def test_a_grant_that_comes_after_out_of_service_is_not_shown() -> None:
    """The door was secured meanwhile: the screen would promise what is not so."""
    written: list[View] = []
    writer = ScreenWriter(written.append)
    writer.shut()
    writer.show(GRANTED)
    assert written == [OFF]


def test_once_it_is_reopened_views_count_again() -> None:
    written: list[View] = []
    writer = ScreenWriter(written.append)
    writer.shut()
    writer.reopen()
    writer.show(LOOK)
    assert written == [OFF, LOOK]
