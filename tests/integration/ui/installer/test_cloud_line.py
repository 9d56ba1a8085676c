"""Amazon Rekognition on the installer's page: its mode, its last answer, and spending."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from kiosk_screen import LANE, SITE, assert_apart, assert_fits, speech
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import SettingsError
from kiosk.store.secrets.admin_pin import Attempt
from kiosk.ui import strings
from kiosk.ui.installer import CloudNow, DoorNow, InstallerParts
from kiosk.ui.pages.installer.cloud_line import CloudLine
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.window import KioskWindow

NOW = datetime.now().astimezone().replace(hour=14, minute=32)
ANSWERS = CloudNow("both-agree", NOW, None, 0.034)
GONE = CloudNow("local-then-cloud", NOW, NOW - timedelta(minutes=2), 1.0)


@dataclass
class Cloud:
    """What the page is told."""

    now: CloudNow = ANSWERS
    error: Exception | None = None

    def __call__(self) -> CloudNow:
        if self.error is not None:
            raise self.error
        return self.now


def opened(qtbot: QtBot, cloud: Cloud | None) -> tuple[KioskWindow, InstallerPage]:
    parts = InstallerParts(
        check_pin=lambda _: Attempt(right=True, left=5, wait_seconds=0.0),
        reading=lambda: DoorNow("secured", None),
        release=lambda: None,
        secure=lambda: None,
        test=lambda: (),
        doctor=lambda: (),
        cloud=cloud,
    )
    window = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=parts)
    qtbot.addWidget(window)
    window.resize(800, 480)
    window.show()
    page = window.installer
    assert page is not None
    window._open_installer()
    page._open_panel()
    if cloud is not None:
        qtbot.waitUntil(lambda: bool(line_of(page).text()))
    return window, page


def line_of(page: InstallerPage) -> CloudLine:
    assert page.panel.cloud is not None
    return page.panel.cloud


def test_it_says_the_mode_the_last_answer_and_what_is_spent(qtbot: QtBot) -> None:
    _, page = opened(qtbot, Cloud())
    said = line_of(page).text()
    assert said == (
        "Rekognition: both-agree \u00b7 Last answer: today at 14:32 \u00b7 Spent this month: 3 %"
    )


def test_it_says_since_when_nothing_answers(qtbot: QtBot) -> None:
    _, page = opened(qtbot, Cloud(GONE))
    said = line_of(page).text()
    assert "No answer since: today at 14:30" in said
    assert "Last answer" not in said
    assert "Spent this month: 100 %" in said


def test_before_the_first_answer_it_says_never_and_no_share_that_is_not_known(
    qtbot: QtBot,
) -> None:
    _, page = opened(qtbot, Cloud(CloudNow("cloud")))
    assert line_of(page).text() == "Rekognition: cloud \u00b7 Last answer: never"


def test_it_says_why_nothing_is_known(qtbot: QtBot) -> None:
    _, page = opened(qtbot, Cloud(error=SettingsError("cloud.region is not set.", "Set it.")))
    assert "cloud.region is not set." in line_of(page).text()


def test_a_kiosk_without_it_has_no_line(qtbot: QtBot) -> None:
    _, page = opened(qtbot, None)
    assert page.panel.cloud is None


@pytest.mark.parametrize("language", strings.languages())
def test_it_fits_a_small_screen_in_every_language(qtbot: QtBot, language: str) -> None:
    window, page = opened(qtbot, Cloud(GONE))
    window.change_language(strings.load(language))
    QApplication.processEvents()
    line, panel = line_of(page), page.panel
    assert_fits(window)
    assert_apart(window, panel.title, panel.version, panel.address, line, panel.now, panel.status)
    assert line.height() >= line.heightForWidth(line.width())
    assert "Rekognition" in line.text()
    folder = os.environ.get("KIOSK_SCREENSHOTS")
    if folder is not None:
        window.grab().save(f"{folder}/installer-cloud-{language}.png")
