"""The basic strokes of all icons, in a square of 24 units."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainterPath, QTransform

SIDE = 24.0
PEN = 2.0
"""Width of the pen, in units."""

Point = tuple[float, float]


def line(*points: Point) -> QPainterPath:
    """Straight strokes from point to point."""
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    return path


def circle(x: float, y: float, radius: float) -> QPainterPath:
    """A circle round (x, y)."""
    return ellipse(x, y, radius, radius)


def ellipse(x: float, y: float, radius_x: float, radius_y: float) -> QPainterPath:
    """An ellipse round (x, y)."""
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius_x, radius_y)
    return path


def arc(x: float, y: float, radius: float, start: float, span: float) -> QPainterPath:
    """Part of a circle; degrees, counter-clockwise from three o'clock."""
    box = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
    path = QPainterPath()
    path.arcMoveTo(box, start)
    path.arcTo(box, start, span)
    return path


def curve(start: Point, first: Point, second: Point, end: Point) -> QPainterPath:
    """One cubic curve."""
    path = QPainterPath(QPointF(*start))
    path.cubicTo(*first, *second, *end)
    return path


def dot(x: float, y: float) -> QPainterPath:
    """A point as wide as the pen: a stroke of negligible length with round ends."""
    return line((x, y), (x + 0.01, y))


def spot(x: float, y: float) -> QPainterPath:
    """A larger point."""
    return together(circle(x, y, 0.7), dot(x, y))


def rounded(x: float, y: float, width: float, height: float, radius: float) -> QPainterPath:
    """A rectangle with round corners."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def together(*paths: QPainterPath) -> QPainterPath:
    """Several strokes as one icon."""
    whole = QPainterPath()
    for path in paths:
        whole.addPath(path)
    return whole


def turned(path: QPainterPath, degrees: float) -> QPainterPath:
    """The same strokes rotated clockwise about the middle of the square."""
    middle = SIDE / 2
    turn = QTransform().translate(middle, middle).rotate(degrees).translate(-middle, -middle)
    return turn.map(path)
