"""A window of one door, with made-up particulars, for tests of the screen."""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QRect
from PyQt6.QtGui import QFontMetricsF, QImage
from PyQt6.QtWidgets import QApplication, QWidget

from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.ui import strings
from kiosk.ui.look.fonts import block_size
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.strings.texts import Strings, Text, WritingDirection
from kiosk.ui.text import ScreenText, Speech
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.window import KioskWindow

LATIN = string.ascii_letters
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


def pseudo(
    language: str = "de", direction: WritingDirection = WritingDirection.LEFT_TO_RIGHT
) -> Strings:
    """A language in which every English letter is another one, and every text is longer."""
    english = strings.load("en")
    texts = {
        key: Text({form: _disguised(words) for form, words in text.forms.items()}, text.rule)
        for key, text in english.texts.items()
    }
    return Strings(language, "Pseudo", direction, texts)


def _disguised(words: str) -> str:
    """Cyrillic letters for Latin ones, outside of placeholders."""
    other = str.maketrans({letter: chr(0x430 + ord(letter.lower()) - 97) for letter in LATIN})
    parts = list(string.Formatter().parse(words))
    said = "".join(
        f"{text.translate(other)}{{{key}}}" if key else text.translate(other)
        for text, key, _, _ in parts
    )
    return f"{said} \u0436\u0436\u0436" if said else ""


def window(size: tuple[int, int] = (1280, 800), site: ScreenText = SITE) -> KioskWindow:
    """A window of a size, not shown yet; its clock stands at 100 s."""
    made = KioskWindow(speech(site), LANE, clock=lambda: 100.0)
    made.resize(*size)
    return made


def clear_windows(app: QApplication) -> None:
    """Delete every window: what a test's own functions keep alive is left to whoever comes next."""
    for made in app.topLevelWidgets():
        made.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


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


def visible(made: KioskWindow, kind: type[QWidget]) -> list[QWidget]:
    """All visible widgets of a kind."""
    return [child for child in made.findChildren(kind) if child.isVisible()]


def place(made: KioskWindow, child: QWidget) -> QRect:
    """The place of a widget in the window's pixels."""
    return QRect(child.mapTo(made, child.rect().topLeft()), child.size())


def assert_fits(made: KioskWindow) -> None:
    """Every visible word lies wholly in its widget, and each of those in the window."""
    for key in visible(made, Key):
        assert made.rect().contains(place(made, key))
    for line in visible(made, LineLabel):
        assert isinstance(line, LineLabel)
        letters = QFontMetricsF(line.letters())
        assert letters.horizontalAdvance(line.text()) <= line.width() + 0.01, line.text()
        assert letters.height() <= line.height() + 0.01, line.text()
        assert made.rect().contains(place(made, line)), line.text()
    for text in visible(made, Paragraph):
        assert isinstance(text, Paragraph)
        size = block_size(text.text(), text.letters(), text.width())
        assert size.width() <= text.width(), text.text()
        assert size.height() <= text.height(), text.text()
        assert made.rect().contains(place(made, text)), text.text()


def assert_apart(made: KioskWindow, *parts: QWidget) -> None:
    """No two of these cover each other where they are visible."""
    places = [place(made, part) for part in parts if part.isVisible()]
    for number, first in enumerate(places):
        for second in places[number + 1 :]:
            assert not first.intersects(second), (first, second)


def installer_of(screen: KioskWindow) -> InstallerPage:
    """The installer's page, of a window that has one."""
    assert screen.installer is not None
    return screen.installer


def enter(page: InstallerPage, code: str) -> None:
    """Type a PIN on its pad."""
    for digit in code:
        next(key for key in page.pad.digits if key.text() == digit).click()
    page.pad.enter.click()
