"""What a person does on the pages of an enrolment: touch, keys, undo, stop, and what is shown."""

from __future__ import annotations

import pytest
import zxingcpp
from enrolment_screens import FACTS, READ, RECEIPT, answered, asked, coached, ended
from hand_clock import HandClock
from kiosk_screen import LANE, SITE, pixels_of, plain, speech
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Instant
from kiosk.ui import strings
from kiosk.ui.pages.enrolment.answers import AnswerKey
from kiosk.ui.pages.enrolment.facts import fact_line
from kiosk.ui.text import Speech
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
CHOICE = asked(Prompt.CONSENT_CHOICE, 4)
DATA = EnrolmentView(Prompt.DATA_TITLE, Tone.WAITING, asks=True, facts=FACTS)
CONFIRM = EnrolmentView(Prompt.DOCUMENT_CONFIRM, Tone.WAITING, asks=True, facts=READ)
NO_NOW = Qt.KeyboardModifier.NoModifier


class Person:
    """What the window told of a person's input."""

    def __init__(self, made: KioskWindow) -> None:
        self.answers: list[tuple[Prompt, Answer, Act]] = []
        self.stops = 0
        made.answered.connect(lambda *given: self.answers.append(given))
        made.stop_wanted.connect(self._stop)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def clock() -> HandClock:
    return HandClock(100.0)


@pytest.fixture
def made(qtbot: QtBot, clock: HandClock) -> KioskWindow:
    screen = KioskWindow(speech(SITE), LANE, clock.monotonic)
    qtbot.addWidget(screen)
    screen.resize(1280, 800)
    screen.show()
    screen.activateWindow()
    screen.show_view(IDLE)
    qtbot.waitUntil(screen.isActiveWindow)
    return screen


@pytest.fixture
def person(made: KioskWindow) -> Person:
    return Person(made)


def ask(made: KioskWindow, clock: HandClock, view: EnrolmentView) -> None:
    """Show a question, for long enough that a press counts."""
    made.show_enrolment(view)
    clock.pass_(1.0)


def key_of(made: KioskWindow, answer: Answer) -> AnswerKey:
    page = made.enrolment.question
    if not page.isVisible():
        return made.enrolment.facts.answers.keys[answer]
    return page.answers.keys[answer]


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", Answer, ids=lambda answer: answer.value)
def test_a_touch_answers_the_question_that_stands(
    qtbot: QtBot, made: KioskWindow, clock: HandClock, person: Person, answer: Answer
) -> None:
    ask(made, clock, CHOICE)
    qtbot.mouseClick(key_of(made, answer), Qt.MouseButton.LeftButton)
    assert person.answers == [(Prompt.CONSENT_CHOICE, answer, Act.TOUCH)]


@pytest.mark.parametrize(
    ("language", "letter", "answer"),
    [
        ("en", "y", Answer.YES),
        ("en", "N", Answer.NO),
        ("de", "j", Answer.YES),
        ("fr", "o", Answer.YES),
        ("es", "S", Answer.YES),
        ("es", "y", Answer.YES),
        ("ar", "\u0646", Answer.YES),
        ("ar", "\u0644", Answer.NO),
        ("zh", "y", Answer.YES),
    ],
)
def test_a_letter_answers(
    made: KioskWindow, clock: HandClock, person: Person, language: str, letter: str, answer: Answer
) -> None:
    made.change_language(strings.load(language))
    ask(made, clock, CHOICE)
    press = QKeyEvent(QEvent.Type.KeyPress, 0, NO_NOW, letter)
    QApplication.sendEvent(made, press)
    assert person.answers == [(Prompt.CONSENT_CHOICE, answer, Act.KEY)]


@pytest.mark.parametrize(
    ("arrow", "answer"), [(Qt.Key.Key_Left, Answer.NO), (Qt.Key.Key_Right, Answer.YES)]
)
@pytest.mark.parametrize("enter", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_an_arrow_and_enter_answer(
    qtbot: QtBot,
    made: KioskWindow,
    clock: HandClock,
    person: Person,
    arrow: Qt.Key,
    answer: Answer,
    enter: Qt.Key,
) -> None:
    ask(made, clock, CHOICE)
    qtbot.keyClick(made, enter)
    assert person.answers == []
    qtbot.keyClick(made, Qt.Key.Key_Left)
    qtbot.keyClick(QApplication.focusWidget(), arrow)
    assert key_of(made, answer).hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), enter)
    assert person.answers == [(Prompt.CONSENT_CHOICE, answer, Act.KEY)]


def test_a_key_that_is_held_down_answers_once(
    made: KioskWindow, clock: HandClock, person: Person
) -> None:
    ask(made, clock, CHOICE)
    for repeated in (False, True, True):
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Y, NO_NOW, "y", repeated)
        QApplication.sendEvent(made, press)
    key_of(made, Answer.NO).setFocus()
    for repeated in (True, True):
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, NO_NOW, "\r", repeated)
        QApplication.sendEvent(key_of(made, Answer.NO), press)
    assert [answer for _, answer, _ in person.answers] == [Answer.YES]


def test_a_press_meant_for_the_question_before_answers_nothing(
    qtbot: QtBot, made: KioskWindow, clock: HandClock, person: Person
) -> None:
    """The layers of the notice follow each other by themselves."""
    ask(made, clock, asked(Prompt.CONSENT_USE, 3))
    made.show_enrolment(CHOICE)
    clock.pass_(0.3)
    qtbot.mouseClick(key_of(made, Answer.YES), Qt.MouseButton.LeftButton)
    qtbot.keyClick(made, Qt.Key.Key_Y)
    assert person.answers == []
    clock.pass_(0.3)
    qtbot.mouseClick(key_of(made, Answer.YES), Qt.MouseButton.LeftButton)
    assert person.answers == [(Prompt.CONSENT_CHOICE, Answer.YES, Act.TOUCH)]


@pytest.mark.parametrize("answer", Answer, ids=lambda answer: answer.value)
def test_an_answer_is_undone_by_the_other_key_while_its_bar_runs_out(
    qtbot: QtBot, made: KioskWindow, clock: HandClock, person: Person, answer: Answer
) -> None:
    (other,) = set(Answer) - {answer}
    ask(made, clock, answered(answer))
    assert key_of(made, answer).chosen
    assert not key_of(made, other).chosen
    assert key_of(made, other).words.text() == key_of(made, other).accessibleName() == "Undo"
    assert made.enrolment.question.text.sentence.text() == f"You said {answer.value}"
    full = key_of(made, other).grab().toImage()
    clock.pass_(0.7)
    qtbot.waitUntil(lambda: key_of(made, other).grab().toImage() != full)
    assert key_of(made, answer)._left is None
    qtbot.mouseClick(key_of(made, other), Qt.MouseButton.LeftButton)
    prompt = Prompt.ANSWERED_YES if answer is Answer.YES else Prompt.ANSWERED_NO
    assert person.answers == [(prompt, other, Act.TOUCH)]
    made.show_enrolment(CHOICE)
    assert not key_of(made, answer).chosen
    assert key_of(made, answer)._left is key_of(made, other)._left is None


def test_my_data_has_its_own_two_answers_in_equal_size(made: KioskWindow, clock: HandClock) -> None:
    ask(made, clock, DATA)
    no, yes = key_of(made, Answer.NO), key_of(made, Answer.YES)
    assert (no.words.text(), yes.words.text()) == ("Take it back", "Make new ones")
    assert no.size() == yes.size()
    assert made.enrolment.facts.rail.stop.text() == "Done"


# -- stop ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view",
    [CHOICE, DATA, coached(PoseDirection.UP), ended(Prompt.ENROLLED, Tone.GRANTED)],
    ids=lambda view: view.prompt.value,
)
def test_stop_is_a_button_and_the_escape_key(
    qtbot: QtBot, made: KioskWindow, person: Person, view: EnrolmentView
) -> None:
    made.show_enrolment(view)
    pages = (made.enrolment.question, made.enrolment.facts, made.enrolment.capture, made.result)
    (page,) = [page for page in pages if page.isVisible()]
    qtbot.mouseClick(page.rail.stop, Qt.MouseButton.LeftButton)
    assert person.stops == 1
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert person.stops == 2


def test_escape_means_nothing_at_the_door(qtbot: QtBot, made: KioskWindow, person: Person) -> None:
    for view in (IDLE, View(Prompt.NOT_RECOGNISED, Tone.REFUSED)):
        made.show_view(view)
        qtbot.keyClick(made, Qt.Key.Key_Escape)
        qtbot.keyClick(made, Qt.Key.Key_Y)
    assert person.stops == 0
    assert person.answers == []
    assert made.result.rail.isHidden()


def test_tab_goes_from_the_answers_to_stop(
    qtbot: QtBot, made: KioskWindow, clock: HandClock
) -> None:
    ask(made, clock, CHOICE)
    order = []
    qtbot.keyClick(made, Qt.Key.Key_Left)
    for _ in range(3):
        order.append(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    page = made.enrolment.question
    assert order == [*page.answers.keys.values(), page.rail.stop]


# -- what is shown ---------------------------------------------------------------------------------


def test_every_button_and_page_has_a_name_in_the_language(made: KioskWindow) -> None:
    made.notice.languages.click()
    made.notice.languages.click()
    for code in strings.languages():
        made.change_language(strings.load(code))
        for button in made.findChildren(QAbstractButton):
            assert button.accessibleName() or button.text()
        made.show_enrolment(CHOICE)
        expected = strings.load(code).texts
        assert made.pages.accessibleName() == expected["pages.question"].of(1)
        dots = made.enrolment.question.rail.dots
        assert "4" in dots.accessibleName()
        assert "6" in dots.accessibleName()


def test_each_fact_is_a_plain_line(made: KioskWindow) -> None:
    made.show_enrolment(DATA)
    assert made.enrolment.facts.lines.text().split("\n") == [
        "4 sets of numbers from your face",
        "Since 27 September 2026",
        "For these doors: Staff, Warehouse",
        "Beside your face: PIN, badge",
        "Until 31 December 2027",
        "An encrypted picture",
    ]
    made.change_language(strings.load("de"))
    assert "Seit dem 27. September 2026" in made.enrolment.facts.lines.text()


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        (DataFact(FactKind.NUMBERS, count=1), "1 set of numbers from your face"),
        (DataFact(FactKind.DOORS), "For these doors: every door here"),
        (DataFact(FactKind.DOORS, "Staff"), "For these doors: Staff"),
        (DataFact(FactKind.FACTORS, "pin"), "Beside your face: PIN"),
        (DataFact(FactKind.FACTORS, "unknown"), ""),
        (DataFact(FactKind.FACTORS), ""),
        (DataFact(FactKind.READ, "{contact}"), "{contact}"),
        (DataFact(FactKind.DOORS, "<b>{when}</b>"), "For these doors: <b>{when}</b>"),
    ],
)
def test_a_fact_in_words(fact: DataFact, line: str) -> None:
    assert fact_line(fact, speech(SITE)) == line


@pytest.mark.parametrize("language", strings.languages())
def test_every_kind_of_fact_has_words(language: str) -> None:
    speaker = Speech(strings.load(language), SITE)
    lines = [fact_line(fact, speaker) for fact in FACTS]
    assert len(set(lines)) == len(FACTS)
    assert all(lines)
    assert not any("{" in line for line in lines)


def test_a_receipt_is_text_and_a_code_that_a_camera_reads(made: KioskWindow) -> None:
    made.show_enrolment(ended(Prompt.DATA_WITHDRAWN, Tone.GRANTED, RECEIPT))
    assert made.result.receipt.text() == f"Receipt {RECEIPT}"
    read = zxingcpp.read_barcodes(pixels_of(made.grab().toImage()))
    assert [code.text for code in read] == [RECEIPT]
    made.show_enrolment(ended(Prompt.STOPPED, Tone.REFUSED))
    assert made.result.receipt.isHidden()
    assert zxingcpp.read_barcodes(pixels_of(made.grab().toImage())) == []


def test_nothing_of_a_person_is_left_on_any_page(made: KioskWindow) -> None:
    for view in (CHOICE, coached(PoseDirection.LEFT), DATA, ended(Prompt.ENROLLED, Tone.GRANTED)):
        made.show_enrolment(view)
        if made.wants_frames:
            made.show_frame(plain(90))
    made.show_enrolment(None)
    pages = made.enrolment
    assert pages.question.stage.oval() is pages.capture.stage.oval() is None
    assert pages.facts.lines.text() == ""
    assert made.result.code.text == "" or made.result.isHidden()


def test_the_picture_is_on_every_page_but_that_of_lines_and_the_result(made: KioskWindow) -> None:
    for view in (
        CHOICE,
        coached(PoseDirection.LEFT),
        EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING),
    ):
        made.show_enrolment(view)
        assert made.wants_frames
        made.show_frame(plain(90))
    for view in (DATA, CONFIRM, ended(Prompt.DECLINED, Tone.REFUSED)):
        made.show_enrolment(view)
        assert not made.wants_frames


def test_the_doors_views_wait_until_the_enrolment_is_over(made: KioskWindow) -> None:
    made.show_enrolment(CHOICE)
    made.show_view(View(Prompt.COME_CLOSER, Tone.WRONG))
    assert made.view == CHOICE
    assert made.enrolment.question.isVisible()
    made.show_enrolment(None)
    assert made.camera.isVisible()
    assert made.prompt.sentence.text() == "Come a little closer"


def test_a_screen_that_failed_shows_no_enrolment(made: KioskWindow) -> None:
    made.show_enrolment(CHOICE)
    made.fail()
    assert made.result.sentence.text() == "Face entry is off"
    made.show_enrolment(CHOICE)
    assert made.result.isVisible()


def test_a_step_is_told_once_however_often_it_is_shown(made: KioskWindow) -> None:
    told: list[Prompt] = []
    made.said.connect(lambda view, _: told.append(view.prompt))
    for fill in (0.1, 0.2, 0.3):
        made.show_enrolment(coached(PoseDirection.LEFT, fill))
    made.show_enrolment(coached(PoseDirection.RIGHT))
    assert told == [Prompt.TURN_LEFT, Prompt.TURN_RIGHT]


def test_whoever_is_asked_if_they_are_there_sees_how_long(
    qtbot: QtBot, made: KioskWindow, clock: HandClock
) -> None:
    view = EnrolmentView(Prompt.STILL_THERE, Tone.WAITING, asks=True, until=Instant(110.0))
    made.show_enrolment(view)
    assert key_of(made, Answer.NO)._left == 1.0
    clock.pass_(5.0)
    qtbot.waitUntil(lambda: key_of(made, Answer.NO)._left == pytest.approx(0.5))
