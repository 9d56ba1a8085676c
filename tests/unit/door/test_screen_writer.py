"""One writer to the screen: what comes late from another thread never covers "out of service"."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.door.screen_writer import OFF, ScreenWriter

GRANTED = View(Prompt.GRANTED, Tone.GRANTED)
LOOK = View(Prompt.LOOK_HERE, Tone.WAITING)
CLOSER = View(Prompt.COME_CLOSER, Tone.WAITING)


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


# -- an enrolment --------------------------------------------------------------------------------

NOTICE = EnrolmentView(prompt=Prompt.CONSENT_WHAT, tone=Tone.WAITING)


class Screen:
    """What was written on it, the door's and an enrolment's."""

    def __init__(self) -> None:
        self.written: list[View | EnrolmentView | None] = []
        self.writer = ScreenWriter(self.written.append, self.written.append)


def test_guidance_waits_under_an_enrolment_and_the_newest_comes_afterwards() -> None:
    screen = Screen()
    screen.writer.show_enrolment(NOTICE)
    screen.writer.show(LOOK)
    screen.writer.show(CLOSER)
    assert screen.written == [NOTICE]
    screen.writer.show_enrolment(None)
    assert screen.written == [NOTICE, None, CLOSER]


def test_a_result_of_the_door_is_shown_whoever_enrols() -> None:
    screen = Screen()
    screen.writer.show_enrolment(NOTICE)
    screen.writer.show(GRANTED)
    assert screen.written == [NOTICE, GRANTED]


def test_guidance_from_before_is_not_shown_after_a_later_page() -> None:
    screen = Screen()
    screen.writer.show_enrolment(NOTICE)
    screen.writer.show(LOOK)
    screen.writer.show_enrolment(replace(NOTICE, prompt=Prompt.CONSENT_USE))
    screen.writer.show_enrolment(None)
    assert LOOK not in screen.written


def test_out_of_service_covers_an_enrolment_and_nothing_covers_it() -> None:
    screen = Screen()
    screen.writer.show_enrolment(NOTICE)
    screen.writer.show(LOOK)
    screen.writer.shut()
    screen.writer.show_enrolment(NOTICE)
    screen.writer.show_enrolment(None)
    assert screen.written == [NOTICE, None, OFF]
    screen.writer.reopen()
    screen.writer.show(CLOSER)
    assert screen.written[-1] == CLOSER, "what waited is forgotten, and nothing waits any more"
