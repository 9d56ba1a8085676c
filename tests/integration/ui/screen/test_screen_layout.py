"""One layout on every screen: nothing overflows, nothing overlaps, help stays where it is."""

from __future__ import annotations

import pytest
from kiosk_screen import LONG_SITE, SITE, assert_apart, assert_fits, place, plain, window
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Reason
from kiosk.domain.prompts import OF_FACTOR, OF_REASON, RESULTS, Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.ui.text import ScreenText
from kiosk.ui.widgets.notice import millimetres
from kiosk.ui.window import STARTING, KioskWindow

SIZES = [(1280, 800), (1080, 1920), (800, 480), (480, 800), (3840, 2160), (320, 320)]
LONG_NAME = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff"

RESULT_PROMPTS = {
    **{OF_REASON[reason]: Tone.REFUSED for reason in Reason if reason is not Reason.MATCHED},
    Prompt.GRANTED: Tone.GRANTED,
    Prompt.LOCKED_OUT: Tone.REFUSED,
    Prompt.OUT_OF_SERVICE: Tone.OFF,
    Prompt.FACE_PAUSED: Tone.OFF,
    Prompt.DOOR_CLOSED: Tone.OFF,
}
QUIETLY = dict.fromkeys((Prompt.STARTING, Prompt.LOOK_HERE, *OF_FACTOR.values()), Tone.WAITING)
ASKS = {Prompt.ENTER_PIN: Factor.PIN, Prompt.SHOW_BADGE: Factor.BADGE}


def view_of(prompt: Prompt) -> View:
    """A view of every prompt, in the tone that it comes in."""
    tone = RESULT_PROMPTS.get(prompt) or QUIETLY.get(prompt, Tone.WRONG)
    until = Instant(130.0) if prompt is Prompt.LOCKED_OUT else None
    if prompt is Prompt.HOLD_STILL:
        return View(prompt, Tone.RIGHT, 0.5)
    return View(prompt, tone, until=until, asks=ASKS.get(prompt))


def shown(qtbot: QtBot, size: tuple[int, int], site: ScreenText = SITE) -> KioskWindow:
    made = window(size, site)
    qtbot.addWidget(made)
    made.show()
    made.show_frame(plain(128))
    return made


@pytest.mark.parametrize("site", [SITE, LONG_SITE], ids=["short", "long"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_prompt_fits_on_every_screen(
    qtbot: QtBot, size: tuple[int, int], site: ScreenText
) -> None:
    made = shown(qtbot, size, site)
    for prompt in Prompt:
        made.show_view(view_of(prompt))
        assert_fits(made)
        assert_apart(made, made.prompt, made.pad, made.notice)
        assert_apart(made, made.prompt, made.stage.caption, made.notice)
        assert_apart(made, made.prompt.disc, made.prompt.sentence, made.prompt.quiet, made.notice)
        assert_apart(made, made.result.disc, made.result.sentence, made.result.quiet, made.notice)
        assert_apart(made, made.notice.headline, made.notice.details, made.notice.button)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_long_given_name_is_shown_whole(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = shown(qtbot, size)
    made.show_view(View(Prompt.GRANTED, Tone.GRANTED, 1.0), LONG_NAME)
    assert LONG_NAME in made.result.sentence.text()
    assert_fits(made)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_help_page_fits(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = shown(qtbot, size, LONG_SITE)
    made.notice.button.click()
    assert_fits(made)
    panel = made.help_page
    assert_apart(made, panel.title, *panel.lines, panel.back, made.notice)


@pytest.mark.parametrize("size", [(1280, 800), (1080, 1920)], ids=str)
def test_the_sentence_is_five_hundredths_of_the_screens_height(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    made = shown(qtbot, size)
    made.show_view(View(Prompt.MOVE_LEFT, Tone.WRONG))
    assert made.prompt.sentence.letters().pixelSize() == round(size[1] * 0.05)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_help_button_is_the_same_in_every_state(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = shown(qtbot, size)
    button = made.notice.button
    before = place(made, button)
    for prompt in Prompt:
        made.show_view(view_of(prompt))
        assert button.isVisible()
        assert place(made, button) == before
    made.show_view(STARTING)
    button.click()
    assert place(made, button) == before
    assert made.childAt(before.center()) is button


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_help_button_is_at_least_twenty_millimetres_a_side(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    made = shown(qtbot, size)
    screen = made.screen()
    assert screen is not None
    least = 20 / 25.4 * screen.physicalDotsPerInch()
    assert min(made.notice.button.width(), made.notice.button.height()) >= least


@pytest.mark.parametrize(
    ("dpi", "pixels"), [(96.0, 76), (254.0, 200), (0.0, 103), (1e6, 103), (float("nan"), 103)]
)
def test_a_screen_that_does_not_know_its_size_is_taken_for_a_usual_one(
    dpi: float, pixels: int
) -> None:
    assert millimetres(20.0, dpi) == pixels


def test_the_keyboard_reaches_help_first(qtbot: QtBot) -> None:
    made = shown(qtbot, (1280, 800))
    button = made.notice.button
    assert not button.hasFocus()
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    focusable = [
        child
        for child in made.findChildren(QWidget)
        if child.isVisible() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert focusable == [button, made.notice.languages]


def test_what_can_be_pressed_or_read_has_a_name_for_screen_readers(qtbot: QtBot) -> None:
    made = shown(qtbot, (1280, 800))
    made.notice.button.click()
    for button in made.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text()
    assert made.notice.button.accessibleDescription()
    assert made.stage.accessibleName()
    assert made.windowTitle()


def test_no_score_is_shown_anywhere(qtbot: QtBot) -> None:
    made = shown(qtbot, (1280, 800))
    for prompt in Prompt:
        view = view_of(prompt)
        made.show_view(View(prompt, view.tone, 0.8731, until=view.until))
        words = " ".join(str(label.text()) for label in made.findChildren(QLabel))
        assert "%" not in words
        assert "87" not in words
        digits = {word for word in words.split() if any(letter.isdigit() for letter in word)}
        assert digits <= {"30"}


def test_the_picture_is_covered_while_a_result_stands(qtbot: QtBot) -> None:
    made = shown(qtbot, (1280, 800))
    for prompt in Prompt:
        view = view_of(prompt)
        made.show_view(view)
        fills = view.tone in RESULTS
        assert made.wants_frames is not (fills or prompt is Prompt.ENTER_PIN)
        assert made.result.isVisible() is fills
        assert made.result.geometry() == made.stage.geometry()
        assert QRectF(made.rect()).height() == made.stage.height() + made.notice.height()


def test_no_picture_is_kept_behind_a_result(qtbot: QtBot) -> None:
    made = shown(qtbot, (1280, 800))
    assert made.stage.oval() is not None
    made.show_view(view_of(Prompt.GRANTED))
    made.show_frame(plain(128))
    assert made.stage.oval() is None


def test_the_notice_says_what_it_must(qtbot: QtBot) -> None:
    """R72: in use, for what, who is responsible, the other way in, whom to ask."""
    made = shown(qtbot, (1280, 800))
    assert made.notice.headline.text() == ("Face recognition is in use here for opening this door")
    for part in ("Harbour Library", "your card", "reception"):
        assert part in made.notice.details.text()
