"""The PIN pad: what is typed is seen by nobody, and is handed over once."""

from __future__ import annotations

import math

import pytest
from kiosk_screen import LANE, SITE, plain, speech
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.pad import DIGITS, FORGET_MS
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
ASKED = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)
AGAIN = View(Prompt.CODE_UNKNOWN, Tone.WRONG, asks=Factor.PIN)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)


@pytest.fixture
def codes() -> list[str]:
    return []


@pytest.fixture
def made(qtbot: QtBot, codes: list[str]) -> KioskWindow:
    screen = KioskWindow(speech(SITE), LANE, lambda: 100.0, codes.append)
    qtbot.addWidget(screen)
    screen.resize(1280, 800)
    screen.show()
    screen.show_frame(plain(128))
    screen.show_view(ASKED)
    return screen


def key(made: KioskWindow, digit: str) -> Key:
    (found,) = (key for key in made.pad.digits if key.text() == digit)
    return found


def press(made: KioskWindow, code: str) -> None:
    for digit in code:
        key(made, digit).click()


def order(made: KioskWindow) -> str:
    return "".join(key.text() for key in made.pad.digits)


def test_a_pin_is_handed_over_once_and_gone(made: KioskWindow, codes: list[str]) -> None:
    press(made, "40718")
    assert made.pad.dots.count == 5
    made.pad.enter.click()
    made.pad.enter.click()
    assert codes == ["40718"]
    assert made.pad.dots.count == 0
    assert made.pad._typed == []


def test_each_mistake_is_seen_and_heard(made: KioskWindow, codes: list[str]) -> None:
    """A second one looks like the first: between the two the screen says that it was taken."""
    said: list[str] = []
    made.said.connect(lambda _, message: said.append(message.sentence))
    for _ in range(2):
        press(made, "1111")
        made.pad.enter.click()
        assert not made.pad.isHidden()
        made.show_view(AGAIN)
    assert codes == ["1111", "1111"]
    assert said == ["One moment, please", "That code didn't work"] * 2


def test_a_keyboard_does_as_well(qtbot: QtBot, made: KioskWindow, codes: list[str]) -> None:
    qtbot.keyClicks(made.pad, "40x719")
    qtbot.keyClick(made.pad, Qt.Key.Key_Backspace)
    qtbot.keyClicks(made, "8")
    qtbot.keyClick(made.notice.button, Qt.Key.Key_Return)
    assert codes == ["40718"]


def test_keyboard_digits_reach_the_pad_from_each_of_its_keys(
    qtbot: QtBot, made: KioskWindow, codes: list[str]
) -> None:
    qtbot.keyClicks(made.pad.delete, "1234")
    qtbot.keyClick(made.pad, Qt.Key.Key_Enter)
    assert codes == ["1234"]


def test_fewer_than_four_digits_are_no_pin_and_more_than_twelve_are_not_taken(
    made: KioskWindow, codes: list[str]
) -> None:
    press(made, "407")
    assert not made.pad.enter.isEnabled()
    made.pad._submit()
    assert codes == []
    press(made, "1802596341")
    assert made.pad.dots.count == 12
    made.pad.enter.click()
    assert codes == ["407180259634"]


def test_the_digits_lie_in_another_order_each_time(made: KioskWindow) -> None:
    orders = set()
    for _ in range(8):
        made.show_view(IDLE)
        made.show_view(ASKED)
        orders.add(order(made))
    assert all(sorted(seen) == sorted(DIGITS) for seen in orders)
    assert len(orders) > 4, f"of {math.factorial(10)} orders the same came again and again"


def test_no_digit_has_a_place_of_its_own(made: KioskWindow) -> None:
    places: dict[str, set[int]] = {digit: set() for digit in DIGITS}
    for _ in range(200):
        made.pad.open_pad()
        for place, digit in enumerate(order(made)):
            places[digit].add(place)
    assert all(len(seen) == 10 for seen in places.values())


def test_a_view_that_stays_leaves_pad_and_dots_as_they_are(made: KioskWindow) -> None:
    press(made, "407")
    before = order(made)
    made.show_view(ASKED)
    made.show_view(AGAIN)
    assert order(made) == before
    assert made.pad.dots.count == 3


def test_the_order_is_another_one_after_each_code(made: KioskWindow) -> None:
    orders = set()
    for _ in range(8):
        orders.add(order(made))
        press(made, "4071")
        made.pad.enter.click()
    assert len(orders) > 4


@pytest.mark.parametrize("view", [IDLE, GRANTED], ids=["idle", "granted"])
def test_what_was_typed_goes_with_the_pad(made: KioskWindow, codes: list[str], view: View) -> None:
    press(made, "4071")
    made.show_view(view)
    assert made.pad.isHidden()
    assert made.pad._typed == []
    made.show_view(ASKED)
    assert made.pad.dots.count == 0
    assert codes == []


def test_what_was_typed_is_forgotten_after_a_while(qtbot: QtBot, made: KioskWindow) -> None:
    assert made.pad._timer.interval() == FORGET_MS
    made.pad._timer.setInterval(1)
    press(made, "4071")
    qtbot.waitUntil(lambda: made.pad.dots.count == 0)
    assert made.pad._typed == []


def test_help_forgets_what_was_typed_and_takes_no_digits(qtbot: QtBot, made: KioskWindow) -> None:
    press(made, "4071")
    made.notice.button.click()
    qtbot.keyClicks(made, "123")
    assert made.pad.dots.count == 0
    made.help_page.close_page()
    qtbot.keyClicks(made, "123")
    assert made.pad.dots.count == 3


def test_keys_are_spoken_of_without_their_digits(made: KioskWindow) -> None:
    heard: list[str] = []
    made.echoed.connect(heard.append)
    press(made, "40718")
    made.pad.delete.click()
    made.pad.enter.click()
    assert heard == ["digit"] * 5 + ["deleted", "one moment"]


def test_nothing_on_the_screen_says_what_was_typed(made: KioskWindow) -> None:
    press(made, "4071")
    words = [str(label.text()) for label in made.findChildren(QLabel)]
    described = [made.pad.dots.accessibleName(), made.pad.dots.accessibleDescription()]
    held = [repr(made.pad), repr(made), made.pad.dots.toolTip()]
    assert "4071" not in " ".join([*words, *described, *held])


def test_the_way_out_is_spoken_and_shown(made: KioskWindow) -> None:
    spoken = made._message().spoken
    assert "on a keyboard" in spoken
    assert "call for help" in spoken
    assert made.notice.button.isVisible()
    assert "call for help" in made.prompt.quiet.text()


def test_no_picture_is_pulled_or_kept_behind_the_pad(made: KioskWindow) -> None:
    assert not made.wants_frames
    assert made.stage.oval() is None
    made.show_view(IDLE)
    assert made.wants_frames


def test_a_refusal_for_want_of_a_code_is_a_result_and_no_pad(made: KioskWindow) -> None:
    made.show_view(View(Prompt.CODE_UNKNOWN, Tone.REFUSED))
    assert made.pad.isHidden()
    assert made.result.isVisible()


@pytest.mark.parametrize("size", [(1280, 800), (1080, 1920)], ids=str)
def test_keys_are_at_least_twenty_millimetres_and_apart(
    made: KioskWindow, size: tuple[int, int]
) -> None:
    made.resize(*size)
    QApplication.processEvents()
    screen = made.screen()
    assert screen is not None
    least = 20 / 25.4 * screen.physicalDotsPerInch()
    keys = [*made.pad.digits, made.pad.delete, made.pad.enter]
    assert min(min(key.width(), key.height()) for key in keys) >= least
    assert all(made.pad.rect().contains(key.geometry()) for key in keys)
    for number, first in enumerate(keys):
        assert not any(
            first.geometry().intersects(other.geometry()) for other in keys[number + 1 :]
        )


def test_every_key_has_its_name(made: KioskWindow) -> None:
    assert {key.accessibleName() for key in made.pad.digits} == set(DIGITS)
    assert [made.pad.delete.accessibleName(), made.pad.enter.accessibleName()] == ["Delete", "OK"]
