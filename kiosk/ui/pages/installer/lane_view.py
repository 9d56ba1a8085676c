"""The camera's whole picture with the lane drawn on it, for mounting the camera.

It is mirrored, as people at the door see it, and not dimmed: the surroundings of the lane matter
here.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QTransform
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Tone
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.geometry import Laid, PictureArea, contain, oval
from kiosk.ui.look import palette
from kiosk.ui.widgets.images import image_of
from kiosk.ui.widgets.outline import draw_outline

LINE = 3
"""Thickness of the outline relative to the stage's, larger because the picture is small."""


class LaneView(QWidget):
    """A small picture.

    Args:
        parent: the page.
        lane: the region of the picture where a face counts.
    """

    def __init__(self, parent: QWidget, lane: Lane) -> None:
        super().__init__(parent)
        self._lane = lane
        self._frame: Frame | None = None

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture."""
        self._frame = frame
        self.update()

    def forget(self) -> None:
        """Discard the picture."""
        self._frame = None
        self.update()

    def laid(self) -> Laid | None:
        """The placement of the picture in the widget; None if there is no picture."""
        if self._frame is None or self.width() < 1 or self.height() < 1:
            return None
        room = PictureArea(0, 0, self.width(), self.height())
        return contain((self._frame.width, self._frame.height), room)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the picture, and the lane on it."""
        painter = QPainter(self)
        laid = self.laid()
        if self._frame is None or laid is None:
            painter.fillRect(QRectF(self.rect()), QColor(palette.RAISED))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(QTransform(-laid.scale, 0, 0, laid.scale, laid.right, laid.top))
            painter.drawImage(0, 0, image_of(self._frame))
            painter.resetTransform()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = LINE * min(self.width(), self.height())
            draw_outline(painter, oval(self._lane, laid), Tone.WAITING, side)
        painter.end()
