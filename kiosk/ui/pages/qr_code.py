"""A short text as a QR code, for whoever wants to take it along: a receipt, a fingerprint."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

QUIET_ZONE = 4
"""Modules round the code (ISO/IEC 18004)."""


class QrCode(QWidget):
    """A QR code, black on white, as large as the widget allows.

    Args:
        parent: the page.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[bytes, ...] = ()
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show another text; empty for none."""
        self.setVisible(bool(text))
        if text == self.text:
            return
        self.text = text
        self._rows = _rows_of(text) if text else ()
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw whole pixels a module, so that every camera reads it."""
        if not self._rows:
            return
        painter = QPainter(self)
        modules = len(self._rows) + 2 * QUIET_ZONE
        side = max(1, min(self.width(), self.height()) // modules)
        whole = side * modules
        left, top = (self.width() - whole) // 2, (self.height() - whole) // 2
        painter.fillRect(QRectF(left, top, whole, whole), QColor("white"))
        for y, row in enumerate(self._rows, QUIET_ZONE):
            for x, dark in enumerate(row, QUIET_ZONE):
                if dark:
                    place = QRectF(left + x * side, top + y * side, side, side)
                    painter.fillRect(place, QColor("black"))
        painter.end()


def _rows_of(text: str) -> tuple[bytes, ...]:
    """The modules of the code: 1 for a dark one."""
    import segno  # noqa: PLC0415 - only who shows one waits for it

    return tuple(bytes(row) for row in segno.make_qr(text, error="m").matrix)
