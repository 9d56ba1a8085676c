"""The admin's desk in every language: nothing is cut off, or lies over something else."""

from __future__ import annotations

import pytest
from kiosk_screen import LANE, SITE, assert_apart, assert_fits, speech, visible
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.vision.template import SubjectId
from kiosk.people.beginning.vouching import KnownSubject
from kiosk.store.secrets.admin_pin import Attempt
from kiosk.ui import strings
from kiosk.ui.installer import DoorNow, InstallerParts, VouchParts
from kiosk.ui.pages.installer.desk import EnrolmentDesk
from kiosk.ui.widgets.key import Key
from kiosk.ui.window import KioskWindow

KNOWN = [KnownSubject(SubjectId(f"staff-{each}:north.hall"), each > 4) for each in range(9)]
SIZES = [(1080, 1920), (1280, 800), (800, 480)]


@pytest.fixture
def window(qtbot: QtBot) -> KioskWindow:
    vouch = VouchParts(lambda: KNOWN, lambda *_: None, lambda *_: None, lambda: False, 5)
    parts = InstallerParts(
        check_pin=lambda _: Attempt(right=True, left=5, wait_seconds=0.0),
        reading=lambda: DoorNow("secured", None),
        release=lambda: None,
        secure=lambda: None,
        test=lambda: (),
        doctor=lambda: (),
        vouch=vouch,
    )
    made = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=parts)
    qtbot.addWidget(made)
    made.show()
    return made


def assert_well_placed(made: KioskWindow, desk: EnrolmentDesk) -> None:
    QApplication.processEvents()
    assert_fits(made)
    keys = [key for key in visible(made, Key) if desk.isAncestorOf(key)]
    corners = (made.notice.button, made.notice.languages)
    assert_apart(made, desk.ask, *keys, *corners)
    for key in keys:
        if isinstance(key, Key) and key.text():
            letters = key.fontMetrics()
            assert letters.horizontalAdvance(key.text()) <= key.width(), key.text()
            assert letters.height() <= key.height(), key.text()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_desk_in_every_language(
    qtbot: QtBot, window: KioskWindow, size: tuple[int, int]
) -> None:
    page = window.installer
    assert page is not None
    assert page.desk is not None
    desk = page.desk
    window.resize(*size)
    window._open_installer()
    page._open_panel()
    assert page.panel.enrol is not None
    for language in strings.languages():
        window.change_language(strings.load(language))
        QApplication.processEvents()
        assert_apart(window, page.panel.enrol, page.panel.back, window.notice.languages)
    page.panel.enrol.click()
    qtbot.waitUntil(lambda: not desk.busy)
    for language in strings.languages():
        window.change_language(strings.load(language))
        assert_well_placed(window, desk)
        desk.whom.directions.click()
        assert_well_placed(window, desk)
        desk.directions.back.click()
    page.close_page()
