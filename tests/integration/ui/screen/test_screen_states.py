"""What the window shows when: results, names, a running wait, help."""

from __future__ import annotations

import pytest
from hand_clock import HandClock
from kiosk_screen import LANE, SITE, plain, speech, window
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.ui.window import STARTING, KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
UNKNOWN = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)


@pytest.fixture
def made(qtbot: QtBot) -> KioskWindow:
    screen = window()
    qtbot.addWidget(screen)
    screen.show()
    return screen


def test_it_starts_with_a_moment_please_and_not_with_an_invitation(made: KioskWindow) -> None:
    assert made.view == STARTING
    assert made.prompt.sentence.text() == "One moment, please"
    assert made.wants_frames


def test_a_name_is_greeted_once(made: KioskWindow) -> None:
    made.show_view(GRANTED, "Grace")
    assert made.result.sentence.text() == "Welcome, Grace"
    made.show_view(GRANTED)
    assert made.result.sentence.text() == "Welcome"


def test_a_name_is_shown_with_no_refusal(made: KioskWindow) -> None:
    made.show_view(UNKNOWN, "Grace")
    assert "Grace" not in made.result.sentence.text() + made.result.quiet.text()


def test_the_same_prompt_in_another_tone_changes_its_disc(made: KioskWindow) -> None:
    made.show_view(View(Prompt.HOLD_STILL, Tone.WRONG))
    before = made.prompt.disc.grab().toImage()
    made.show_view(View(Prompt.HOLD_STILL, Tone.RIGHT, 0.2))
    assert made.prompt.disc.grab().toImage() != before


def test_a_wait_counts_down_and_stops_counting_when_it_is_over(qtbot: QtBot) -> None:
    clock = HandClock(100.0)
    made = KioskWindow(speech(SITE), LANE, clock.monotonic)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.show_view(View(Prompt.LOCKED_OUT, Tone.REFUSED, until=Instant(130.0)))
    assert made.result.sentence.text() == "Please wait 30 seconds"
    full = made.result.disc.grab().toImage()
    clock.pass_(15.0)
    qtbot.waitUntil(lambda: made.result.sentence.text() == "Please wait 15 seconds")
    assert made.result.disc.grab().toImage() != full
    clock.pass_(14.5)
    qtbot.waitUntil(lambda: made.result.sentence.text() == "Please wait 1 second")
    clock.pass_(5.0)
    made.show_view(IDLE)
    assert made.prompt.sentence.text() == "Look here to enter"
    assert not made.result.count.isActive()


def test_help_says_whom_to_call_and_is_told(qtbot: QtBot, made: KioskWindow) -> None:
    with qtbot.waitSignal(made.help_requested):
        qtbot.mouseClick(made.notice.button, Qt.MouseButton.LeftButton)
    assert made.help_page.isVisible()
    said = " ".join(line.text() for line in made.help_page.lines)
    assert "Call reception." in said
    assert "You can always enter with your card." in said
    assert "No picture, no name." in said
    assert not made.wants_frames


def test_help_is_closed_by_either_button(qtbot: QtBot, made: KioskWindow) -> None:
    for close in (made.help_page.back, made.notice.button):
        made.notice.button.click()
        with qtbot.waitSignal(made.pages.currentChanged):
            qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
        assert made.help_page.isHidden()
        assert made.wants_frames


def test_help_is_opened_by_the_keyboard(qtbot: QtBot, made: KioskWindow) -> None:
    made.notice.button.setFocus()
    with qtbot.waitSignal(made.help_requested):
        qtbot.keyClick(made.notice.button, Qt.Key.Key_Space)
    qtbot.keyClick(made.help_page.back, Qt.Key.Key_Space)
    assert made.help_page.isHidden()


def test_help_goes_by_itself(qtbot: QtBot, made: KioskWindow) -> None:
    made.notice.button.click()
    made.help_page._timer.setInterval(1)
    with qtbot.waitSignal(made.pages.currentChanged):
        made.help_page._timer.start()
    assert made.help_page.isHidden()


def test_an_opened_door_closes_help_and_nothing_else_does(made: KioskWindow) -> None:
    made.notice.button.click()
    for view in (IDLE, UNKNOWN, OFF):
        made.show_view(view)
        assert made.help_page.isVisible()
    made.show_view(GRANTED)
    assert made.help_page.isHidden()
    assert made.result.isVisible()


def test_closing_help_that_is_closed_says_nothing(qtbot: QtBot, made: KioskWindow) -> None:
    with qtbot.assertNotEmitted(made.pages.currentChanged):
        made.help_page.close_page()


def test_help_is_there_while_face_entry_is_off(qtbot: QtBot, made: KioskWindow) -> None:
    made.show_view(OFF)
    assert made.result.quiet.text() == "Use your card, or call for help"
    with qtbot.waitSignal(made.help_requested):
        made.notice.button.click()
    assert made.help_page.isVisible()


def test_every_view_is_told_with_its_words(qtbot: QtBot, made: KioskWindow) -> None:
    with qtbot.waitSignal(made.said) as said:
        made.show_view(UNKNOWN)
    assert said.args is not None
    view, message = said.args
    assert view == UNKNOWN
    assert message.spoken.startswith("We don't know you yet.")


def test_a_frame_that_comes_behind_a_result_is_not_taken(made: KioskWindow) -> None:
    made.show_view(OFF)
    made.show_frame(plain(200))
    made.show_view(IDLE)
    assert made.stage.oval() is None
    made.show_frame(plain(200))
    assert made.stage.oval() is not None
