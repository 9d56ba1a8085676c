"""The fleet on the installer's page: its fingerprint to be scanned, and when each was heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import zxingcpp
from kiosk_screen import LANE, SITE, assert_apart, assert_fits, speech
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import StoreCorrupt
from kiosk.store.secrets.admin_pin import Attempt
from kiosk.ui import strings
from kiosk.ui.installer import DoorNow, FleetNow, InstallerParts, VouchParts
from kiosk.ui.pages.installer.fleet_view import FleetView
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.window import KioskWindow

FINGERPRINT = "00112233445566778899aabbccddeeff"
NOW = datetime.now().astimezone()
WAITING = FleetNow(
    FINGERPRINT,
    "s3://lintel-fleet/site/north?endpoint=https://store.example:9000",
    approved=False,
    asked_at=NOW,
    problem=f"Device {FINGERPRINT} is not approved.",
)
APPROVED = replace(
    WAITING, approved=True, scopes=("harbour", "library"), signed_at=NOW, problem=None
)
SIZES = [(1080, 1920), (1280, 800), (800, 480)]


@dataclass
class Fleet:
    """What the page is told."""

    now: FleetNow = WAITING
    error: Exception | None = None

    def __call__(self) -> FleetNow:
        if self.error is not None:
            raise self.error
        return self.now


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def window_of(qtbot: QtBot, fleet: Callable[[], FleetNow] | None) -> KioskWindow:
    parts = InstallerParts(
        check_pin=lambda _: Attempt(right=True, left=5, wait_seconds=0.0),
        reading=lambda: DoorNow("secured", None),
        release=lambda: None,
        secure=lambda: None,
        test=lambda: (),
        doctor=lambda: (),
        vouch=VouchParts(list, lambda *_: None, lambda *_: None, lambda: False, 5),
        fleet=fleet,
    )
    made = KioskWindow(speech(SITE), LANE, lambda: 100.0, installer=parts)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    return made


@pytest.fixture
def window(qtbot: QtBot, fleet: Fleet) -> KioskWindow:
    return window_of(qtbot, fleet)


def opened(qtbot: QtBot, window: KioskWindow) -> tuple[InstallerPage, FleetView]:
    page = window.installer
    assert page is not None
    view = page.panel.fleet
    assert view is not None
    window._open_installer()
    page._open_panel()
    qtbot.waitUntil(lambda: bool(view.whole.text()))
    return page, view


def scanned(window: KioskWindow) -> list[str]:
    """What a telephone reads on the screen."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint8)
    pixels = rows.reshape(image.height(), image.bytesPerLine())[:, : image.width()]
    return [each.text for each in zxingcpp.read_barcodes(np.ascontiguousarray(pixels))]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_kiosk_that_waits_shows_its_fingerprint_to_be_scanned(
    qtbot: QtBot, window: KioskWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    page, view = opened(qtbot, window)
    qtbot.waitUntil(view.isVisible)
    qtbot.waitUntil(lambda: scanned(window) == [FINGERPRINT.upper()])  # once it is laid out
    assert not page.panel.picture.isVisible()
    assert "0011 2233 4455" in view.facts["fingerprint"].text()
    assert view.facts["problem"].text() == WAITING.problem


def test_once_it_is_approved_the_code_is_gone_and_the_times_are_there(
    qtbot: QtBot, window: KioskWindow, fleet: Fleet
) -> None:
    page, view = opened(qtbot, window)
    qtbot.waitUntil(view.isVisible)
    fleet.now = APPROVED
    qtbot.waitUntil(lambda: not page._jobs.busy("fleet"))
    page._read()
    qtbot.waitUntil(lambda: view.facts["problem"].text() == "none")
    assert f"today at {NOW:%H:%M}" == view.facts["signed"].text() == view.facts["asked"].text()
    assert "harbour, library" in view.facts["scopes"].text()
    assert not view.code.isVisible()
    assert scanned(window) == []


def test_a_kiosk_that_belongs_to_its_fleet_shows_the_camera_first(
    qtbot: QtBot, window: KioskWindow, fleet: Fleet
) -> None:
    fleet.now = APPROVED
    page, view = opened(qtbot, window)
    assert page.panel.turn is not None
    assert page.panel.turn.text() == "Fleet"
    assert page.panel.picture.isVisible()
    page.panel.turn.click()
    assert view.isVisible()
    assert page.panel.turn.text() == "Camera"
    page.panel.buttons["doctor"].click()
    assert page.panel.findings.isVisible()
    assert not view.isVisible()


def test_whoever_turned_to_the_camera_is_not_turned_back(
    qtbot: QtBot, window: KioskWindow, fleet: Fleet
) -> None:
    page, view = opened(qtbot, window)
    assert page.panel.turn is not None
    qtbot.waitUntil(view.isVisible)
    page.panel.turn.click()
    fleet.now = replace(WAITING, problem="Another one.")
    qtbot.waitUntil(lambda: not page._jobs.busy("fleet"))
    page._ask_fleet()
    qtbot.waitUntil(lambda: view.facts["problem"].text() == "Another one.")
    assert not view.isVisible()


def test_what_cannot_be_read_is_said_in_its_place(
    qtbot: QtBot, window: KioskWindow, fleet: Fleet
) -> None:
    page, view = opened(qtbot, window)
    fleet.error = StoreCorrupt("The fleet's file was changed.", "Enrol again.")
    qtbot.waitUntil(lambda: not page._jobs.busy("fleet"))
    page._ask_fleet()
    qtbot.waitUntil(lambda: "was changed" in view.whole.text())
    assert view.facts["fingerprint"].text() == ""
    assert not view.code.isVisible()


def test_without_a_fleet_there_is_no_button(qtbot: QtBot) -> None:
    page = window_of(qtbot, None).installer
    assert page is not None
    assert (page.panel.turn, page.panel.fleet) == (None, None)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("now", [WAITING, APPROVED], ids=["waiting", "approved"])
def test_it_fits_in_every_language(
    qtbot: QtBot, window: KioskWindow, fleet: Fleet, now: FleetNow, size: tuple[int, int]
) -> None:
    long_ago = datetime.now(UTC).astimezone() - timedelta(days=40)
    fleet.now = replace(now, signed_at=now.signed_at and long_ago)
    window.resize(*size)
    page, view = opened(qtbot, window)
    page.panel.turn_over(to_fleet=True)
    for language in strings.languages():
        window.change_language(strings.load(language))
        qtbot.waitUntil(lambda: not page._jobs.busy("fleet"))
        page._ask_fleet()
        qtbot.waitUntil(lambda: not page._jobs.busy("fleet"))
        QApplication.processEvents()
        assert_fits(window)
        corners = (window.notice.button, window.notice.languages)
        keys = page.panel._more
        assert_apart(window, view, *keys, *page.panel.buttons.values(), *corners)
        for key in keys:
            assert key.fontMetrics().horizontalAdvance(key.text()) <= key.width(), key.text()
