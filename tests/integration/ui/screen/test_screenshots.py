"""The demonstration's pictures of the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from kiosk_screen import clear_windows, window
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.screenshots import Screenshots
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)


@pytest.fixture
def screen(qapp: QApplication, qtbot: QtBot) -> KioskWindow:
    clear_windows(qapp)
    made = window((640, 400))
    qtbot.addWidget(made)
    made.show()
    return made


def test_each_state_is_taken_once_under_its_scenes_name(
    qtbot: QtBot, screen: KioskWindow, tmp_path: Path
) -> None:
    taker = Screenshots(tmp_path, lambda: "two at once")
    screen.show_view(IDLE)
    screen.show_view(IDLE)
    picture = tmp_path / "two-at-once-look-here.png"
    qtbot.waitUntil(picture.exists)
    assert QImage(str(picture)).width() == 640
    screen.show_view(OFF)
    qtbot.waitUntil((tmp_path / "two-at-once-out-of-service.png").exists)
    assert len(list(tmp_path.iterdir())) == len(taker._taken) == 2


def test_a_view_that_has_gone_is_not_taken(
    qtbot: QtBot, screen: KioskWindow, tmp_path: Path
) -> None:
    taker = Screenshots(tmp_path, lambda: "a stranger")
    screen.show_view(IDLE)
    screen.show_view(OFF)
    qtbot.waitUntil((tmp_path / "a-stranger-out-of-service.png").exists)
    qtbot.waitUntil(lambda: taker._taken == {"a-stranger-out-of-service"})
    assert [path.name for path in tmp_path.iterdir()] == ["a-stranger-out-of-service.png"]
