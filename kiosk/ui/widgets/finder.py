"""The target for a badge: a square with bold corners in the middle of the picture."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from kiosk.domain.prompts import Tone
from kiosk.ui.look import palette

SIDE_SHARE = 0.56
"""Side of the square as a share of the shorter side of the area below the text."""

ROUND_SHARE = 0.08
CORNER_SHARE = 0.22
"""Radius and length of a corner, as shares of the square."""

PEN_SHARE = 0.03
CASING = 1.7
CAPTION_SHARE = 0.16
"""Height of the text under the square."""


def square_in(width: int, height: int, words: int) -> QRectF:
    """The square on a stage of that size, below a band of text of height ``words``."""
    room = height - words
    side = min(width, room) * SIDE_SHARE
    return QRectF((width - side) / 2, words + (room - side * (1 + CAPTION_SHARE)) / 2, side, side)


def path_of_square(square: QRectF) -> QPainterPath:
    """The square with its round corners."""
    path = QPainterPath()
    radius = square.width() * ROUND_SHARE
    path.addRoundedRect(square, radius, radius)
    return path


def draw_corners(painter: QPainter, square: QRectF, tone: Tone) -> None:
    """Draw the four corners over a dark casing, so that they stand out from any picture."""
    path = _corners(square)
    pen = square.width() * PEN_SHARE
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((palette.GROUND, pen * CASING), (palette.SIGN[tone], pen)):
        painter.setPen(QPen(QColor(colour), width, cap=Qt.PenCapStyle.RoundCap))
        painter.drawPath(path)


def _corners(square: QRectF) -> QPainterPath:
    """One corner, and its rotations to the other three."""
    reach, radius = square.width() * CORNER_SHARE, square.width() * ROUND_SHARE
    left, top = square.left(), square.top()
    corner = QPainterPath(QPointF(left, top + reach))
    corner.lineTo(left, top + radius)
    corner.quadTo(QPointF(left, top), QPointF(left + radius, top))
    corner.lineTo(left + reach, top)
    middle = square.center()
    whole = QPainterPath()
    for quarter in range(4):
        turn = QTransform().translate(middle.x(), middle.y()).rotate(90 * quarter)
        whole.addPath(turn.translate(-middle.x(), -middle.y()).map(corner))
    return whole
