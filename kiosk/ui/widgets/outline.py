"""The oval's outline: colour, thickness and pattern together show the state (R12).

Waiting is thin, dotted and neutral; wrong is thick, dashed and red; right is thick, solid and green
and fills like a ring. Each has a dark casing, so that it stands out from any picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from kiosk.domain.prompts import Tone
from kiosk.domain.vision.oval import Oval
from kiosk.ui.look import palette

QUARTER_TURN = 90.0


@dataclass(frozen=True, slots=True)
class Look:
    """The style of one tone's outline.

    Attributes:
        share: thickness as a share of the stage's shorter side.
        dashes: dash and gap as multiples of the thickness; empty for a solid line.
        fills: True if it fills with the evidence.
    """

    share: float
    dashes: tuple[float, ...] = ()
    fills: bool = False


LOOKS = {
    Tone.WAITING: Look(0.006, (0.01, 2.6)),
    Tone.WRONG: Look(0.017, (2.2, 1.6)),
    Tone.RIGHT: Look(0.017, fills=True),
}
CASING = 1.7
"""Thickness of the dark casing as a multiple of the line's."""

UNFILLED_ALPHA = 90
"""Opacity of the part of the ring that evidence has not filled yet, 0 to 255."""


def ellipse_of(oval: Oval) -> QRectF:
    """The oval's bounding box on the stage."""
    return QRectF(
        oval.centre_x - oval.radius_x,
        oval.centre_y - oval.radius_y,
        2 * oval.radius_x,
        2 * oval.radius_y,
    )


def path_of(oval: Oval) -> QPainterPath:
    """The oval, clockwise from its top."""
    path = QPainterPath()
    box = ellipse_of(oval)
    path.arcMoveTo(box, QUARTER_TURN)
    path.arcTo(box, QUARTER_TURN, -4 * QUARTER_TURN)
    path.closeSubpath()
    return path


def thickness(tone: Tone, side: int) -> float:
    """Thickness of a tone's line, in pixels, for the length of the stage's shorter side."""
    return max(2.0, LOOKS[tone].share * side)


def widest(side: int) -> float:
    """Thickness of the widest line with its casing, in pixels."""
    return CASING * max(thickness(tone, side) for tone in LOOKS)


def draw_outline(painter: QPainter, oval: Oval, tone: Tone, side: int) -> None:
    """Draw the part of the outline that is constant during a tone."""
    look = LOOKS[tone]
    width = thickness(tone, side)
    path = path_of(oval)
    casing = QColor(palette.GROUND)
    casing.setAlphaF(0.6)
    painter.strokePath(path, _pen(casing, width * CASING, look, CASING))
    colour = QColor(palette.SIGN[tone])
    if look.fills:
        colour.setAlpha(UNFILLED_ALPHA)
    painter.strokePath(path, _pen(colour, width, look, 1.0))


def draw_progress(painter: QPainter, oval: Oval, tone: Tone, side: int, progress: float) -> None:
    """Draw the part of the ring that evidence has filled, clockwise from the top."""
    if not LOOKS[tone].fills or progress <= 0:
        return
    path = QPainterPath()
    box = ellipse_of(oval)
    path.arcMoveTo(box, QUARTER_TURN)
    path.arcTo(box, QUARTER_TURN, -4 * QUARTER_TURN * min(1.0, progress))
    colour = QColor(palette.SIGN[tone])
    painter.strokePath(path, _pen(colour, thickness(tone, side), LOOKS[tone], 1.0))


def _pen(colour: QColor, width: float, look: Look, casing: float) -> QPen:
    """A pen. Dashes are counted in pen widths, so a wider casing needs smaller counts."""
    pen = QPen(colour, width, cap=Qt.PenCapStyle.RoundCap)
    if look.dashes:
        pen.setDashPattern([length / casing for length in look.dashes])
    return pen
