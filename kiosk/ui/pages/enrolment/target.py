"""The mirrored picture while pictures are taken: an oval in a ring of ticks, or a card's frame.

The oval's outline shows the view straight ahead, and a quarter of the ring each of the other
directions: all of its ticks are long, thick and green once that is taken, and some, from its middle
on, while the head turns. The arrow points to the direction that is wanted. Left and right are the
person's own, as in a mirror, whatever the language.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.document import CardFrame, DocumentKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Tone
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.oval import Oval
from kiosk.ui.geometry import Laid, lay_around
from kiosk.ui.look import palette
from kiosk.ui.widgets.outline import draw_outline, draw_progress, widest
from kiosk.ui.widgets.stage import Stage, ground
from kiosk.ui.widgets.worded import Wording

TICKS = 18
"""The ticks of a quarter."""

QUARTERS = {
    PoseDirection.UP: 0.0,
    PoseDirection.RIGHT: 90.0,
    PoseDirection.DOWN: 180.0,
    PoseDirection.LEFT: 270.0,
}
"""The middle of each direction's quarter: degrees clockwise from the top."""

ARROWS = {
    PoseDirection.UP: (0.0, -1.0),
    PoseDirection.RIGHT: (1.0, 0.0),
    PoseDirection.DOWN: (0.0, 1.0),
    PoseDirection.LEFT: (-1.0, 0.0),
}

# Shares of the stage's shorter side.
GAP = 0.012
SHORT, LONG = 0.016, 0.032
THIN, THICK = 0.004, 0.008
ARROW = 0.034
"""Length of the arrow; it is twice as wide."""

AROUND = GAP + LONG + GAP + ARROW
"""What the ring and the arrow take round the oval."""

CASING = 2.0
"""Thickness of a tick's dark casing, as a multiple: it stands out from any picture."""

CARD_ROUND = 3.18 / 85.6
"""Radius of a card's corners as a share of its width, by the same standard."""

CARD_PEN = 0.016
CARD_DASHES = {Tone.WAITING: (0.01, 2.2), Tone.WRONG: (2.2, 1.6)}


class CaptureStage(Stage):
    """The picture with the ring or with the card's frame.

    Args:
        parent: the page.
        lane: its ellipse is the oval.
        wording: the name for screen readers.
    """

    def __init__(self, parent: QWidget, lane: Lane, wording: Wording) -> None:
        super().__init__(parent, lane, wording)
        self._directions: frozenset[PoseDirection] = frozenset()
        self._wanted: PoseDirection | None = None
        self._fill = 0.0
        self._coaching = False
        self._document = False
        self._beside = 0

    def show_enrolment(self, view: EnrolmentView) -> None:
        """Show the target of another view."""
        coaching = view.wanted is not None or bool(view.directions)
        if view.document is not self._document or coaching is not self._coaching:
            self.redraw()
        self._directions, self._wanted = view.directions, view.wanted
        self._fill = min(max(view.fill, 0.0), 1.0)
        self._coaching, self._document = coaching, view.document
        self.show_tone(view.tone, 0.0)

    def lay(self, size: tuple[int, int]) -> Laid:
        """The placement of a picture: its oval, or the frame for a card, is seen completely."""
        if not self._document:
            return super().lay(size)
        place = CardFrame.of(*size, DocumentKind.ID_CARD)
        middle = (place.left + place.width / 2, place.top + place.height / 2)
        around, room = Oval(*middle, place.width / 2, place.height / 2), self.room()
        pen = CARD_PEN * self.side
        room = replace(room, beside=max(room.beside, self._beside + pen))
        return lay_around(size, room, around)

    def keep_card_clear(self, beside: int) -> None:
        """Reserve pixels at both sides of the frame for a card."""
        self._beside = beside
        self.redraw()

    def card(self) -> QRectF:
        """The frame for a card, in the stage's pixels; nowhere while there is no picture."""
        laid = self.laid()
        if laid is None:
            return QRectF()
        place = CardFrame.of(laid.frame_width, laid.frame_height, DocumentKind.ID_CARD)
        right, top = laid.point(place.left, place.top)
        size = QSizeF(place.width * laid.scale, place.height * laid.scale)
        return QRectF(QPointF(right - size.width(), top), size)

    def draw_target(self, painter: QPainter, place: Oval) -> None:
        """Draw the oval's outline, or the frame."""
        if not self._document:
            super().draw_target(painter, place)
            return
        frame, card = QPainterPath(), self.card()
        radius = card.width() * CARD_ROUND
        frame.addRoundedRect(card, radius, radius)
        painter.fillPath(self.outside(frame), ground(palette.DIM_ALPHA))
        width = max(3.0, CARD_PEN * self.side)
        dashes = CARD_DASHES.get(self.tone, ())
        for colour, share in ((palette.GROUND, 1.7), (palette.SIGN[self.tone], 1.0)):
            pen = QPen(QColor(colour), width * share, cap=Qt.PenCapStyle.RoundCap)
            if dashes:
                pen.setDashPattern([length / share for length in dashes])
            painter.strokePath(frame, pen)

    def draw_live(self, painter: QPainter, place: Oval) -> None:
        """Draw the ring and the arrow."""
        if self._document or not self._coaching:
            return
        self._draw_centre(painter, place)
        for direction, middle in QUARTERS.items():
            filled = self._filled(direction)
            for turn, rank in _ticks(middle):
                self._draw_tick(painter, place, turn, taken=rank < filled)
        if self._wanted in ARROWS:
            self._draw_arrow(painter, place, *ARROWS[self._wanted])

    def _filled(self, direction: PoseDirection) -> float:
        """The share of a direction that is done."""
        if direction in self._directions:
            return 1.0
        return self._fill if direction is self._wanted else 0.0

    def _draw_centre(self, painter: QPainter, place: Oval) -> None:
        done = self._filled(PoseDirection.CENTRE)
        if done >= 1.0:
            draw_outline(painter, place, Tone.RIGHT, self.side)
        draw_progress(painter, place, Tone.RIGHT, self.side, done)

    def _draw_tick(self, painter: QPainter, place: Oval, turn: float, *, taken: bool) -> None:
        start = widest(self.side) / 2 + GAP * self.side
        length = (LONG if taken else SHORT) * self.side
        ends = _beyond(place, turn, start), _beyond(place, turn, start + length)
        width = max(2.0, (THICK if taken else THIN) * self.side)
        sign = palette.GREEN if taken else palette.NEUTRAL
        for colour, share in ((palette.GROUND, CASING), (sign, 1.0)):
            painter.setPen(QPen(QColor(colour), width * share, cap=Qt.PenCapStyle.RoundCap))
            painter.drawLine(*ends)

    def _draw_arrow(self, painter: QPainter, place: Oval, across: float, down: float) -> None:
        """A triangle outside of the ring."""
        size = ARROW * self.side
        away = widest(self.side) / 2 + (2 * GAP + LONG) * self.side
        base = QPointF(
            place.centre_x + across * (place.radius_x + away),
            place.centre_y + down * (place.radius_y + away),
        )
        tip = base + QPointF(across, down) * size
        side = QPointF(-down, across) * size
        painter.setPen(QPen(QColor(palette.GROUND), max(2.0, THIN * self.side)))
        painter.setBrush(QColor(palette.NEUTRAL))
        painter.drawPolygon(QPolygonF([tip, base + side, base - side]))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _ticks(middle: float) -> Iterator[tuple[float, float]]:
    """The ticks of a quarter: degrees clockwise from the top, and from which fill on it is taken.

    Args:
        middle: of the quarter, degrees.
    """
    for number in range(TICKS):
        off = number - (TICKS - 1) / 2
        yield middle + off * 90 / TICKS, (abs(off) - 0.5) / (TICKS / 2)


def _beyond(place: Oval, turn: float, away: float) -> QPointF:
    """The point that lies so many pixels outside of the oval in a direction."""
    across, down = math.sin(math.radians(turn)), -math.cos(math.radians(turn))
    x, y = place.radius_x * across, place.radius_y * down
    normal_x, normal_y = across / place.radius_x, down / place.radius_y
    length = math.hypot(normal_x, normal_y)
    return QPointF(
        place.centre_x + x + away * normal_x / length,
        place.centre_y + y + away * normal_y / length,
    )
