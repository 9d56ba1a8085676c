"""Icons: drawn, without letters, one per prompt. The colour comes from the tone, not the icon."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from kiosk.domain.prompts import Prompt
from kiosk.ui.icons import answers, drawings, enrolment
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
    Prompt.NOISY: drawings.grainy_moon,
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
    Prompt.ONE_MOMENT: answers.hourglass,
    Prompt.ENTER_PIN: answers.pin_field,
    Prompt.SHOW_BADGE: answers.badge,
    Prompt.CODE_UNKNOWN: answers.code_again,
    Prompt.CODE_MISSING: answers.empty_field,
    Prompt.NOT_VALID: answers.day_crossed,
    Prompt.NOT_HERE: answers.other_way,
    Prompt.NOT_NOW: answers.hour_of_day,
    Prompt.ALREADY_IN: answers.way_out,
    Prompt.JUST_CAME: answers.stopwatch,
    Prompt.NOT_YET_OPEN: answers.key,
    Prompt.DOOR_CLOSED: answers.padlock,
    Prompt.SOMEBODY_PASSING: answers.passing,
    Prompt.OTHER_DOOR: answers.two_doors,
    Prompt.PANEL_SAYS_NO: answers.no_entry,
    Prompt.PANEL_SILENT: answers.unplugged,
    Prompt.ASK_FOR_HELP: answers.speech,
    Prompt.FACE_PAUSED: answers.pause,
    Prompt.LOCKED_OUT: drawings.clock,
    Prompt.OUT_OF_SERVICE: drawings.power,
    Prompt.INVITED_HELLO: enrolment.greeting,
    Prompt.CONSENT_WHAT: enrolment.numbers,
    Prompt.CONSENT_USE: enrolment.door_of_face,
    Prompt.CONSENT_CHOICE: enrolment.choice,
    Prompt.CONSENT_CLOUD: enrolment.face_in_cloud,
    Prompt.CONSENT_PICTURE: enrolment.picture_locked,
    Prompt.ANSWERED_YES: enrolment.yes,
    Prompt.ANSWERED_NO: enrolment.no,
    Prompt.DECLINED: enrolment.hand,
    Prompt.FACE_IN_OVAL: enrolment.into_oval,
    Prompt.TURN_LEFT: enrolment.turned_left,
    Prompt.TURN_RIGHT: enrolment.turned_right,
    Prompt.LOOK_UP: enrolment.turned_up,
    Prompt.LOOK_DOWN: enrolment.turned_down,
    Prompt.POSE_TAKEN: enrolment.taken,
    Prompt.POSE_PASSED: enrolment.passed,
    Prompt.SHOW_DOCUMENT: enrolment.card,
    Prompt.DOCUMENT_BLURRED: enrolment.card_shaken,
    Prompt.DOCUMENT_GLARE: enrolment.card_glare,
    Prompt.DOCUMENT_FACELESS: enrolment.card_faceless,
    Prompt.DOCUMENT_EXPIRED: enrolment.card_crossed,
    Prompt.DOCUMENT_UNKNOWN: enrolment.card_unknown,
    Prompt.SHOW_ZONE: enrolment.card_turned,
    Prompt.DOCUMENT_CONFIRM: enrolment.card_lines,
    Prompt.IDENTITY_FITS: enrolment.card_ticked,
    Prompt.SEE_RECEPTION: enrolment.desk,
    Prompt.ENROLLED: enrolment.face_ticked,
    Prompt.CODE_USED: enrolment.code_ticked,
    Prompt.CODE_EXPIRED: enrolment.code_clock,
    Prompt.CODE_ELSEWHERE: enrolment.code_away,
    Prompt.CODE_UNREADABLE: enrolment.code_crossed,
    Prompt.CODE_WAIT: enrolment.code_paused,
    Prompt.STILL_THERE: enrolment.person_asked,
    Prompt.STOPPED: enrolment.stop,
    Prompt.DATA_BADGE: enrolment.code_listed,
    Prompt.DATA_TITLE: enrolment.list_of_facts,
    Prompt.DATA_CONFIRM_WITHDRAW: enrolment.bin_asked,
    Prompt.DATA_WITHDRAWN: enrolment.bin_ticked,
    Prompt.DATA_RENEWED: enrolment.renewed,
    Prompt.FEEDBACK_THANKS: enrolment.letter,
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
