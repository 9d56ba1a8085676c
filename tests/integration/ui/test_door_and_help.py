"""What the screen says of the door, of a badge, and of a call for help: only what is so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, tzinfo

import pytest
from kiosk_screen import LANE, SITE, plain, speech, window
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.door.model import Condition
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.bridge import Bridge, Presenter
from kiosk.ui.icons import answers
from kiosk.ui.widgets.door_line import OPEN, icon_for
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
BADGE = View(Prompt.SHOW_BADGE, Tone.WAITING, asks=Factor.BADGE)


@pytest.fixture
def made(qtbot: QtBot) -> KioskWindow:
    screen = window()
    qtbot.addWidget(screen)
    screen.show()
    screen.show_view(IDLE)
    screen.show_frame(plain(128))
    return screen


def test_nothing_is_said_of_a_door_that_was_not_heard_of(made: KioskWindow) -> None:
    assert made.door_line.isHidden()
    made.show_door("secured")
    assert made.door_line.isVisible()
    made.show_door("")
    assert made.door_line.isHidden()


@pytest.mark.parametrize("condition", Condition, ids=lambda condition: condition.value)
def test_a_door_is_called_open_exactly_where_it_lets_somebody_through(
    made: KioskWindow, condition: Condition
) -> None:
    made.show_door(condition.value)
    drawn = icon_for(condition.value)
    assert (drawn is answers.door_open) is (condition.value in OPEN)
    assert made.door_line.text
    assert made.door_line.accessibleName() == made.door_line.text
    if condition in {Condition.SECURED, Condition.UNKNOWN, Condition.LOCKED_DOWN}:
        assert "open" not in made.door_line.text
    if condition.value in OPEN:
        assert "open" in made.door_line.text


def test_a_door_whose_state_has_no_word_asks_for_attention() -> None:
    assert icon_for("something new") is answers.attention


def test_the_granted_screen_follows_the_door(made: KioskWindow) -> None:
    made.show_door("secured")
    made.show_view(GRANTED)
    assert made.result.quiet.text() == "The door is open for you"
    assert made.door_line.isHidden()
    made.show_door("passing")
    assert made.result.quiet.text() == "The door is open for you"
    made.show_door("secured")
    assert made.result.quiet.text() == "The door is locked"
    made.show_door("unknown")
    assert made.result.quiet.text() == "The door doesn't answer"


def test_a_refusal_keeps_its_own_words_whatever_the_door_does(made: KioskWindow) -> None:
    made.show_view(View(Prompt.NOT_RECOGNISED, Tone.REFUSED))
    before = made.result.quiet.text()
    made.show_door("released")
    assert made.result.quiet.text() == before


def test_the_door_and_the_help_cross_from_plain_threads(qtbot: QtBot, made: KioskWindow) -> None:
    bridge = Bridge()
    presenter = Presenter(bridge, made, lambda: None)
    made.notice.button.click()

    def work() -> None:
        bridge.door("held_open")
        bridge.help_called(sent=True)

    threading.Thread(target=work).start()
    with qtbot.waitSignal(made.echoed) as said:
        pass
    assert said.args == ["We have called reception. Help is on its way."]
    assert made.door_line.condition == "held_open"
    presenter.stop()


def test_help_is_not_said_to_come_before_that_is_known(made: KioskWindow) -> None:
    made.notice.button.click()
    assert made.help_page.lines[0].text() == "Call reception."
    made.show_help_called(sent=True)
    assert made.help_page.lines[0].text() == "We have called reception. Help is on its way."
    made.show_help_called(sent=False)
    assert made.help_page.lines[0].text() == "Please call reception."


def test_a_call_of_an_hour_ago_says_nothing_of_the_next(made: KioskWindow) -> None:
    made.notice.button.click()
    made.show_help_called(sent=True)
    made.help_page.close_page()
    made.show_help_called(sent=True)
    made.notice.button.click()
    assert made.help_page.lines[0].text() == "Call reception."


@pytest.mark.parametrize(
    "view",
    [
        IDLE,
        BADGE,
        View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN),
        View(Prompt.NOT_NOW, Tone.REFUSED),
        View(Prompt.FACE_PAUSED, Tone.OFF),
    ],
    ids=lambda view: view.prompt.value,
)
def test_help_is_within_reach_on_every_screen(qtbot: QtBot, made: KioskWindow, view: View) -> None:
    made.show_view(view)
    with qtbot.waitSignal(made.help_requested):
        made.notice.button.click()
    assert made.help_page.isVisible()
    assert made.childAt(made.help_page.geometry().center()) is not made.pad


@pytest.mark.parametrize("factor", [Factor.BADGE, Factor.VERIFY])
def test_a_badge_is_asked_for_over_the_picture_with_a_square_to_hold_it_in(
    made: KioskWindow, factor: Factor
) -> None:
    made.show_view(View(Prompt.SHOW_BADGE, Tone.WAITING, asks=factor))
    assert made.wants_frames
    assert made.stage.caption.isVisible()
    assert made.stage.caption.text() == "Hold the code here"
    assert made.stage.rect().contains(made.stage.square().toRect())
    assert made.stage.square().top() > made.prompt.height()
    assert made.stage.square().bottom() < made.stage.caption.y()
    with_square = made.stage.grab().toImage()
    made.show_view(IDLE)
    assert not made.stage.caption.isVisible()
    assert made.stage.grab().toImage() != with_square


def test_a_code_that_did_not_work_leaves_the_square(made: KioskWindow) -> None:
    made.show_view(View(Prompt.CODE_UNKNOWN, Tone.WRONG, asks=Factor.BADGE))
    assert made.stage.caption.isVisible()
    assert made.pad.isHidden()


def test_a_door_that_opens_later_says_when_by_the_doors_own_zone(qtbot: QtBot) -> None:
    asked: list[tzinfo | None] = []

    def wall(zone: tzinfo | None) -> datetime:
        asked.append(zone)
        return datetime(2026, 3, 6, 18, 0, tzinfo=UTC)

    made = KioskWindow(speech(SITE), LANE, lambda: 100.0, wall=wall)
    qtbot.addWidget(made)
    opens = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
    made.show_view(View(Prompt.NOT_NOW, Tone.REFUSED, opens=opens))
    assert made.result.quiet.text() == "It opens for you on Monday at 07:00"
    assert set(asked) == {UTC}
