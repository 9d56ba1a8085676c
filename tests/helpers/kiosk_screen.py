"""A window of one door, with made-up particulars, for tests of the screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.ui import strings
from kiosk.ui.text import ScreenText, Speech
from kiosk.ui.window import KioskWindow

LANE = Lane(0.5, 0.5, 0.9, 0.2, 0.8, 0.1)
SITE = ScreenText("Harbour Library", "opening this door", "reception", "your card")
LONG_SITE = ScreenText(
    organisation="Gesellschaft für Zutrittsverwaltung und Gebäudesicherheit mbH"[:60],
    purpose="opening the staff entrance of the northern warehouse building"[:60],
    contact="the security desk on the second floor, telephone 0800 555 0100, day and night"[:80],
    other_way="the badge reader at the loading bay to the left of this door"[:60],
)


def speech(site: ScreenText = SITE) -> Speech:
    """The English words of a door."""
    return Speech(strings.load("en"), site)


def window(size: tuple[int, int] = (1280, 800), site: ScreenText = SITE) -> KioskWindow:
    """A window of a size, not shown yet; its clock stands at 100 s."""
    made = KioskWindow(speech(site), LANE, clock=lambda: 100.0)
    made.resize(*size)
    return made


def frame(pixels: NDArray[np.uint8], index: int = 0) -> Frame:
    """A picture as the camera hands it over."""
    return Frame(pixels, Instant(float(index)), index)


def plain(level: int, width: int = 640, height: int = 480) -> Frame:
    """A picture of one grey."""
    return frame(np.full((height, width, 3), level, np.uint8))


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 3) uint8, red-green-blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    memory = image.constBits()
    assert memory is not None
    rows = np.frombuffer(memory.asarray(image.sizeInBytes()), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
