"""Icons: drawn, never lettered, one for each prompt. The tone gives the colour, not the icon."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from kiosk.domain.guidance import Prompt
from kiosk.ui.icons import drawings
from kiosk.ui.icons.strokes import PEN, SIDE

OF_PROMPT: dict[Prompt, Callable[[], QPainterPath]] = {
    Prompt.STARTING: drawings.dots,
    Prompt.LOOK_HERE: drawings.viewfinder,
    Prompt.COME_CLOSER: drawings.closer,
    Prompt.STEP_BACK: drawings.back,
    Prompt.MOVE_LEFT: drawings.arrow_left,
    Prompt.MOVE_RIGHT: drawings.arrow_right,
    Prompt.MOVE_UP: drawings.arrow_up,
    Prompt.MOVE_DOWN: drawings.arrow_down,
    Prompt.LOOK_STRAIGHT: drawings.face_ahead,
    Prompt.LIFT_CHIN: drawings.chin_up,
    Prompt.LOWER_CHIN: drawings.chin_down,
    Prompt.HEAD_UPRIGHT: drawings.upright,
    Prompt.OPEN_EYES: drawings.eye,
    Prompt.TAKE_OFF_SUNGLASSES: drawings.sunglasses,
    Prompt.LOWER_MASK: drawings.mask,
    Prompt.TOO_DARK: drawings.moon,
    Prompt.TOO_BRIGHT: drawings.sun,
    Prompt.BLURRED: drawings.waves,
    Prompt.ONE_AT_A_TIME: drawings.two_persons,
    Prompt.HOLD_STILL: drawings.still,
    Prompt.GRANTED: drawings.tick,
    Prompt.NOT_RECOGNISED: drawings.question,
    Prompt.SECOND_FACTOR: drawings.keypad,
    Prompt.OWN_FACE: drawings.own_face,
    Prompt.NOT_SEEN_WELL: drawings.eye_crossed,
    Prompt.ONE_PERSON_ONLY: drawings.one_person,
    Prompt.ONE_MOMENT: drawings.dots,
    Prompt.ENTER_PIN: drawings.keypad,
    Prompt.SHOW_BADGE: drawings.viewfinder,
    Prompt.CODE_UNKNOWN: drawings.keypad,
    Prompt.CODE_MISSING: drawings.keypad,
    Prompt.NOT_VALID: drawings.clock,
    Prompt.NOT_HERE: drawings.question,
    Prompt.NOT_NOW: drawings.clock,
    Prompt.ALREADY_IN: drawings.one_person,
    Prompt.JUST_CAME: drawings.clock,
    Prompt.NOT_YET_OPEN: drawings.clock,
    Prompt.DOOR_CLOSED: drawings.power,
    Prompt.SOMEBODY_PASSING: drawings.two_persons,
    Prompt.OTHER_DOOR: drawings.clock,
    Prompt.PANEL_SAYS_NO: drawings.question,
    Prompt.PANEL_SILENT: drawings.dots,
    Prompt.ASK_FOR_HELP: drawings.lifebuoy,
    Prompt.FACE_PAUSED: drawings.eye_crossed,
    Prompt.LOCKED_OUT: drawings.clock,
    Prompt.OUT_OF_SERVICE: drawings.power,
}


def icon_of(prompt: Prompt) -> QPainterPath:
    """The strokes of a prompt's icon, in a square of 24 units."""
    return OF_PROMPT[prompt]()


def stroke(painter: QPainter, path: QPainterPath, box: QRectF, colour: QColor) -> None:
    """Draw an icon into a square of the screen."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / SIDE, box.height() / SIDE)
    painter.setPen(QPen(colour, PEN, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()
