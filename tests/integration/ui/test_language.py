"""Another language while the window is open: every word changes, and the layout turns."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from kiosk_screen import LANE, SITE, assert_apart, assert_fits, place, plain, pseudo, speech, window
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.door.protocol import DoorReading, Leaf
from kiosk.domain.finding import Finding, Health
from kiosk.domain.prompts import RESULTS, Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.store.secrets.admin_pin import Attempt
from kiosk.ui import strings
from kiosk.ui.installer import DoorNow, InstallerParts
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.strings.texts import WritingDirection
from kiosk.ui.widgets.door_line import DoorLine
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
BADGE = View(Prompt.SHOW_BADGE, Tone.WAITING, asks=Factor.BADGE)
PIN = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)
WAIT = View(Prompt.LOCKED_OUT, Tone.REFUSED, until=Instant(130.0))
UNKNOWN = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
SIZES = [(1280, 800), (1080, 1920), (800, 480)]
RTL = WritingDirection.RIGHT_TO_LEFT


def parts(answer: Attempt) -> InstallerParts:
    """An installer's page whose findings have no words of their own."""
    reading = DoorReading(leaf=Leaf.CLOSED, neighbour_secured=False)
    return InstallerParts(
        check_pin=lambda _: answer,
        reading=lambda: DoorNow("secured", reading),
        release=lambda: None,
        secure=lambda: None,
        test=lambda: iter([Finding("1", Health.OK, "2"), Finding("3", Health.BAD, "4", "5")]),
        doctor=lambda: iter([]),
    )


@pytest.fixture
def made(qtbot: QtBot) -> KioskWindow:
    right = Attempt(right=True, left=5, wait_seconds=0.0)
    screen = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=parts(right))
    qtbot.addWidget(screen)
    screen.resize(1280, 800)
    screen.show()
    screen.show_door("secured")
    screen.show_frame(plain(128))
    return screen


def page_of(screen: KioskWindow) -> InstallerPage:
    assert screen.installer is not None
    return screen.installer


def enter(page: InstallerPage) -> None:
    for digit in "402958":
        next(key for key in page.pad.digits if key.text() == digit).click()
    page.pad.enter.click()


def words(screen: KioskWindow) -> Iterator[str]:
    """Every word of every widget, hidden ones too, also those for screen readers."""
    for part in [screen, *screen.findChildren(QWidget)]:
        yield from (part.accessibleName(), part.accessibleDescription())
        yield from (part.toolTip(), part.windowTitle(), part.statusTip(), part.whatsThis())
        if isinstance(part, QLabel | QAbstractButton | DoorLine):
            yield part.text if isinstance(part, DoorLine) else part.text()


def english(screen: KioskWindow) -> set[str]:
    """Those in English, without what this door is called and the machine's addresses."""
    own = "|".join(re.escape(text) for text in ("Harbour Library", "opening this door"))
    own = f"{own}|reception|your card|Grace|[0-9a-f:.]+[:.][0-9a-f:.]+"
    return {text for text in words(screen) if re.search("[A-Za-z]", re.sub(own, "", text))}


def test_every_widget_of_every_page_speaks_the_other_language(
    qtbot: QtBot, made: KioskWindow
) -> None:
    for view in (BADGE, WAIT, UNKNOWN, PIN, IDLE):
        made.show_view(view)
    made.notice.button.click()
    made.show_help_called(sent=True)
    made.notice.button.click()
    made._open_installer()
    page = page_of(made)
    enter(page)
    qtbot.waitUntil(page.panel.isVisible)
    qtbot.waitUntil(lambda: page.panel.now.states["lock"].text() == "secured")
    page.panel.buttons["test"].click()
    qtbot.waitUntil(lambda: page.panel.status.text() == "Test the door: Done")
    before = list(words(made))
    assert len(english(made)) > 30
    made.change_language(pseudo())
    assert english(made) == set()
    made.change_language(strings.load("en"))
    assert list(words(made)) == before
    page.close_page()


@pytest.mark.parametrize("view", [IDLE, BADGE, PIN, WAIT, UNKNOWN, GRANTED], ids=str)
def test_what_is_shown_afterwards_is_in_the_other_language_too(
    made: KioskWindow, view: View
) -> None:
    made.change_language(pseudo())
    made.show_view(view, "Grace")
    made.show_door("held_open")
    made.notice.button.click()
    made.show_help_called(sent=False)
    assert english(made) == set()


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (Attempt(right=False, left=1, wait_seconds=0.0), "That PIN didn't work. 1 attempt left."),
        (Attempt(right=False, left=4, wait_seconds=0.0), "That PIN didn't work. 4 attempts left."),
        (
            Attempt(right=False, left=0, wait_seconds=59.5),
            "That PIN didn't work. Please wait 60 seconds.",
        ),
        (Attempt(right=False, left=0, wait_seconds=1.0, looked=False), "Please wait 1 second."),
    ],
)
def test_a_wrong_admin_pin_is_told_in_the_language_of_the_window(
    qtbot: QtBot, attempt: Attempt, sentence: str
) -> None:
    made = KioskWindow(speech(SITE), LANE, installer=parts(attempt))
    qtbot.addWidget(made)
    made.show()
    page = page_of(made)
    made._open_installer()
    enter(page)
    qtbot.waitUntil(lambda: page.ask.text() == sentence)
    made.change_language(pseudo())
    assert page.ask.text() != sentence
    assert english(made) == set()
    page.close_page()


def test_the_change_is_spoken_and_told(qtbot: QtBot, made: KioskWindow) -> None:
    made.show_view(UNKNOWN)
    heard: list[str] = []
    made.said.connect(lambda _, message: heard.append(message.spoken))
    with qtbot.waitSignal(made.language_changed) as changed:
        made.change_language(pseudo("pl"))
    assert changed.args == ["pl"]
    assert heard == [
        pseudo("pl").texts["not_recognised.spoken"].of(1).format_map({"other_way": "your card"})
    ]


def test_a_running_wait_goes_on_in_the_other_language(made: KioskWindow) -> None:
    made.show_view(WAIT)
    made.change_language(pseudo())
    assert "30" in made.result.sentence.text()
    made.result.count_down()
    assert english(made) == set()


def test_what_is_typed_survives_the_change(made: KioskWindow) -> None:
    made.show_view(PIN)
    order = [key.text() for key in made.pad.digits]
    made.pad.digits[0].click()
    made.change_language(pseudo())
    assert made.pad.dots.count == 1
    assert [key.text() for key in made.pad.digits] == order


# -- from right to left ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_layout_follows_the_script_and_help_stays_where_it_is(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    made = window(size)
    qtbot.addWidget(made)
    made.show()
    made.show_door("secured")
    made.show_view(View(Prompt.MOVE_LEFT, Tone.WRONG))
    help_place = place(made, made.notice.button)
    left_to_right = (place(made, made.prompt.disc), place(made, made.notice.headline))
    made.change_language(pseudo("ar", RTL))
    assert made.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert made.notice.headline.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert place(made, made.notice.button) == help_place
    assert_apart(made, made.notice.headline, made.notice.door_line, made.notice.button)
    if size[0] > size[1]:
        assert place(made, made.prompt.disc).left() > place(made, made.prompt.sentence).right()
        assert place(made, made.notice.door_line).right() < place(made, made.notice.headline).left()
    made.change_language(strings.load("en"))
    assert (place(made, made.prompt.disc), place(made, made.notice.headline)) == left_to_right
    assert made.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_digits_are_not_turned_round(made: KioskWindow) -> None:
    made.show_view(PIN)
    before = [key.geometry() for key in made.pad.digits]
    made.change_language(pseudo("ar", RTL))
    assert [key.geometry() for key in made.pad.digits] == before


@pytest.mark.parametrize("direction", WritingDirection, ids=lambda direction: direction.value)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_longer_words_fit_too(
    qtbot: QtBot, size: tuple[int, int], direction: WritingDirection
) -> None:
    made = window(size)
    qtbot.addWidget(made)
    made.show()
    made.change_language(pseudo("ar", direction))
    for prompt in Prompt:
        for tone in (Tone.WRONG, Tone.REFUSED):
            made.show_view(View(prompt, tone))
            assert_fits(made)
            answer = (made.result.disc, made.result.sentence, made.result.quiet)
            assert_apart(made, *(answer if tone in RESULTS else (made.prompt.disc,)), made.notice)
            assert_apart(made, made.prompt.disc, made.prompt.sentence, made.prompt.quiet)
    made.notice.button.click()
    assert_fits(made)
