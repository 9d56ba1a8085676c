"""Draws the pictures of the kiosk beside this file. Nobody's photograph: a drawn figure stands in.

Run it from the project's folder: `QT_QPA_PLATFORM=offscreen PYTHONPATH=.:tests/helpers/people \
.venv/bin/python docs/pictures/draw.py`.
"""

# ruff: noqa: INP001 - a script, no module

from __future__ import annotations

from datetime import date
from pathlib import Path

from drawn_person import drawn_person
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPixmap
from PyQt6.QtWidgets import QApplication

from config.sections.vision.lane import LaneSettings
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.ui import strings
from kiosk.ui.look import fonts
from kiosk.ui.text import ScreenText, Speech
from kiosk.ui.window import KioskWindow

HERE = Path(__file__).parent
SITE = ScreenText("Harbour Street Library", "opening this door", "reception", "your card")
UPRIGHT, UPRIGHT_CAMERA = (1080, 1920), (480, 640)
WIDE, WIDE_CAMERA = (1280, 800), (640, 480)
PANEL_WIDTH, GAP = 420, 20
PAPER = QColor("#E9ECEF")

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
WRONG = View(Prompt.COME_CLOSER, Tone.WRONG)
RIGHT = View(Prompt.HOLD_STILL, Tone.RIGHT, 0.64)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
REFUSED = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)

CHOICE = EnrolmentView(Prompt.CONSENT_CHOICE, Tone.WAITING, asks=True, dots=(4, 5))
UNDO = EnrolmentView(
    Prompt.ANSWERED_YES,
    Tone.WAITING,
    asks=True,
    dots=(4, 5),
    until=Instant(2.4),
    answered=Answer.YES,
)
TURN = EnrolmentView(
    Prompt.TURN_LEFT,
    Tone.RIGHT,
    dots=(5, 5),
    directions=frozenset({PoseDirection.CENTRE}),
    wanted=PoseDirection.LEFT,
    fill=0.6,
)
CARD = EnrolmentView(Prompt.SHOW_DOCUMENT, Tone.WAITING, dots=(5, 5), document=True)
DATA = EnrolmentView(
    Prompt.DATA_TITLE,
    Tone.WAITING,
    asks=True,
    facts=(
        DataFact(FactKind.NUMBERS, count=4),
        DataFact(FactKind.SINCE, day=date(2026, 9, 27)),
        DataFact(FactKind.DOORS),
        DataFact(FactKind.FACTORS, "badge"),
        DataFact(FactKind.UNTIL, day=date(2027, 12, 31)),
    ),
)
ENROLLED = EnrolmentView(Prompt.ENROLLED, Tone.GRANTED, receipt="7Q4M-82KD-91TX")


def taken(view: View, size: tuple[int, int], camera: tuple[int, int], name: str = "") -> QPixmap:
    """One state of the screen."""
    window = KioskWindow(Speech(strings.load("en"), SITE), LaneSettings().lane())
    window.resize(*size)
    window.show()
    window.show_view(view, name)
    window.show_frame(Frame(drawn_person(*camera), Instant(0.0), 0))
    return window.grab()


def step(
    view: EnrolmentView, size: tuple[int, int], camera: tuple[int, int], language: str = "en"
) -> QPixmap:
    """One step of an enrolment."""
    site = SITE if language == "en" else ScreenText(SITE.organisation)
    speech = Speech(strings.load(language), site)
    window = KioskWindow(speech, LaneSettings().lane(), lambda: 0.0)
    window.resize(*size)
    window.show()
    window.show_enrolment(view)
    window.show_frame(Frame(drawn_person(*camera), Instant(0.0), 0))
    return window.grab()


def side_by_side(pictures: list[QPixmap]) -> QImage:
    """Several states in one picture."""
    smooth = Qt.TransformationMode.SmoothTransformation
    panels = [picture.scaledToWidth(PANEL_WIDTH, smooth) for picture in pictures]
    width = len(panels) * (PANEL_WIDTH + GAP) + GAP
    sheet = QImage(width, panels[0].height() + 2 * GAP, QImage.Format.Format_RGB32)
    sheet.fill(PAPER)
    painter = QPainter(sheet)
    for number, panel in enumerate(panels):
        painter.drawPixmap(GAP + number * (PANEL_WIDTH + GAP), GAP, panel)
    painter.end()
    return sheet


def main() -> None:
    """Draw all of them."""
    _app = QApplication([])
    fonts.install()
    states = [(IDLE, ""), (WRONG, ""), (RIGHT, ""), (GRANTED, "Grace"), (REFUSED, "")]
    panels = [taken(view, UPRIGHT, UPRIGHT_CAMERA, name) for view, name in states]
    side_by_side(panels).save(str(HERE / "kiosk.png"))
    taken(RIGHT, WIDE, WIDE_CAMERA).save(str(HERE / "kiosk-wide.png"))
    steps = [step(view, UPRIGHT, UPRIGHT_CAMERA) for view in (CHOICE, UNDO, TURN, CARD)]
    steps += [step(view, UPRIGHT, UPRIGHT_CAMERA) for view in (DATA, ENROLLED)]
    side_by_side(steps).save(str(HERE / "kiosk-enrolment.png"))
    step(CHOICE, WIDE, WIDE_CAMERA, "ar").save(str(HERE / "kiosk-arabic.png"))
    step(TURN, WIDE, WIDE_CAMERA, "zh").save(str(HERE / "kiosk-chinese.png"))


if __name__ == "__main__":
    main()
