"""The stack of pages: one is seen, those under it stay open, and focus and names follow."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from kiosk_screen import LANE, SITE, plain, pseudo, speech, window
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.installer import DoorNow, InstallerParts
from kiosk.ui.pages.page import Page, PageName
from kiosk.ui.pages.stack import PageStack
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
REFUSED = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)
PIN = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)


class Noted(Page):
    """A page that notes what becomes of it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.heard: list[str] = []

    def begin(self) -> None:
        self.heard.append("begin")

    def end(self) -> None:
        self.heard.append("end")


@pytest.fixture
def made(qtbot: QtBot) -> KioskWindow:
    parts = InstallerParts(
        check_pin=lambda _: pytest.fail("nobody enters a PIN here"),
        reading=lambda: DoorNow("secured", None),
        release=lambda: None,
        secure=lambda: None,
        test=list,
        doctor=list,
    )
    screen = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=parts)
    qtbot.addWidget(screen)
    screen.resize(1280, 800)
    screen.show()
    screen.activateWindow()
    screen.show_view(IDLE)
    qtbot.waitUntil(screen.isActiveWindow)
    return screen


@pytest.fixture
def stack(qtbot: QtBot) -> Iterator[PageStack]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = PageStack(parent, speech(SITE))
    for name in PageName:
        made.add(name, Noted(made))
    yield made
    parent.close()


def page(stack: PageStack, name: PageName) -> Noted:
    found = stack.widget(list(PageName).index(name))
    assert isinstance(found, Noted)
    return found


def test_a_window_is_gone_as_soon_as_nobody_keeps_it(qtbot: QtBot) -> None:
    """Whatever kept it in a circle would have it deleted in the middle of its painting."""
    assert qtbot
    made = window()
    made.show_view(REFUSED)
    made.show_view(View(Prompt.GRANTED, Tone.GRANTED, 1.0), "Grace")
    made.show_door("secured")
    made.show_view(View(Prompt.SHOW_BADGE, Tone.WAITING, asks=Factor.BADGE))
    gone = weakref.ref(made)
    gc.disable()
    del made
    found = gone()
    gc.enable()
    assert found is None


def test_the_first_page_is_seen(stack: PageStack) -> None:
    assert stack.currentWidget() is stack.shown is page(stack, PageName.CAMERA)


def test_a_page_begins_once_and_ends_once(stack: PageStack) -> None:
    for step in (stack.go_to, stack.go_to, stack.leave, stack.leave):
        step(PageName.HELP)
    assert page(stack, PageName.HELP).heard == ["begin", "end"]
    assert stack.shown is page(stack, PageName.CAMERA)


def test_pages_lie_on_each_other_and_any_can_be_left(stack: PageStack) -> None:
    stack.go_to(PageName.INSTALLER)
    stack.go_to(PageName.HELP)
    assert stack.shown is page(stack, PageName.HELP)
    stack.leave(PageName.INSTALLER)
    assert stack.shown is page(stack, PageName.HELP)
    assert page(stack, PageName.INSTALLER).heard == ["begin", "end"]
    page(stack, PageName.HELP).close_page()
    assert stack.shown is page(stack, PageName.CAMERA)


def test_the_bottom_changes_unseen_and_is_never_left(stack: PageStack) -> None:
    stack.go_to(PageName.HELP)
    stack.go_to(PageName.RESULT)
    assert stack.shown is page(stack, PageName.HELP)
    assert stack.is_open(PageName.RESULT)
    assert not stack.is_open(PageName.CAMERA)
    stack.leave(PageName.HELP)
    stack.leave(PageName.RESULT)
    assert stack.shown is page(stack, PageName.RESULT)


def test_the_page_that_is_seen_is_named_for_screen_readers_in_every_language(
    made: KioskWindow,
) -> None:
    assert made.pages.accessibleName() == "The camera's picture, with what to do"
    made.show_view(REFUSED)
    assert made.pages.accessibleName() == "The answer"
    made.notice.button.click()
    assert made.pages.accessibleName() == made.help_page.accessibleName() == "Help"
    made.change_language(pseudo())
    assert made.pages.accessibleName() == pseudo().texts["pages.help"].of(1)


def test_focus_goes_with_the_page_and_comes_back(made: KioskWindow) -> None:
    assert made.hasFocus()
    made._open_installer()
    assert made.installer is not None
    assert made.installer.pad.hasFocus()
    made.notice.button.click()
    assert made.help_page.back.hasFocus()
    made.help_page.close_page()
    assert made.installer.pad.hasFocus()
    made.installer.close_page()
    assert made.hasFocus()


def test_who_is_at_the_help_button_stays_there_while_results_come_and_go(
    qtbot: QtBot, made: KioskWindow
) -> None:
    qtbot.keyClick(made, Qt.Key.Key_Tab)
    assert made.notice.button.hasFocus()
    for view in (REFUSED, IDLE):
        made.show_view(view)
        assert made.notice.button.hasFocus()


def test_focus_leaves_a_pad_that_goes(made: KioskWindow) -> None:
    made.show_view(PIN)
    made.pad.digits[0].setFocus()
    made.show_view(REFUSED)
    assert made.hasFocus()


def test_a_page_that_is_covered_closes_all_the_same(made: KioskWindow) -> None:
    """The installer's minute runs on under the help."""
    made._open_installer()
    made.notice.button.click()
    assert made.installer is not None
    made.installer.close_page()
    made.help_page.close_page()
    assert made.pages.shown is made.camera


def test_every_page_has_its_size_before_it_is_seen(made: KioskWindow) -> None:
    assert made.installer is not None
    for each in (made.camera, made.result, made.help_page, made.installer):
        assert each.size() == made.pages.size()
        assert made.pages.height() == made.height() - made.notice.height()


def test_the_picture_goes_to_the_page_that_is_seen(made: KioskWindow) -> None:
    made.show_frame(plain(90))
    assert made.stage.oval() is not None
    made.show_view(REFUSED)
    made.show_frame(plain(90))
    assert made.stage.oval() is None
