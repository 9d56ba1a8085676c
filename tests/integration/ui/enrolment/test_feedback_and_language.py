"""The corners of the screen: feedback about a result, and the language of the screen."""

from __future__ import annotations

import threading

import pytest
from enrolment_screens import asked, ended
from kiosk_screen import LANE, SITE, assert_fits, place, plain, speech
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import OF_REASON, Prompt, Tone, View
from kiosk.ui import strings
from kiosk.ui.app import Program, WindowParts
from kiosk.ui.bridge import Bridge, Presenter
from kiosk.ui.text import Speech
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.window import KioskWindow

IDLE = View(Prompt.LOOK_HERE, Tone.WAITING)
GRANTED = View(Prompt.GRANTED, Tone.GRANTED, 1.0)
UNKNOWN = View(Prompt.NOT_RECOGNISED, Tone.REFUSED)
PIN = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)
CHOICE = asked(Prompt.CONSENT_CHOICE)
SIZES = [(1080, 1920), (1280, 800), (800, 480)]
WORDS = {language: strings.load(language) for language in strings.languages()}


@pytest.fixture
def made(qtbot: QtBot) -> KioskWindow:
    screen = KioskWindow(speech(SITE), LANE, lambda: 100.0)
    qtbot.addWidget(screen)
    screen.resize(1280, 800)
    screen.show()
    screen.show_view(IDLE)
    return screen


def offered(made: KioskWindow) -> bool:
    (first, second) = (key.isVisible() for key in made.feedback.keys.values())
    assert first is second
    return first


def spoken(made: KioskWindow) -> str:
    return made._speech.strings.language


def in_german() -> EnrolmentView:
    return EnrolmentView(Prompt.CONSENT_CHOICE, Tone.WAITING, asks=True, language="de")


# -- feedback --------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [GRANTED, UNKNOWN], ids=["granted", "refused"])
def test_feedback_is_offered_after_each_result_and_beside_the_picture_then(
    made: KioskWindow, result: View
) -> None:
    assert not offered(made)
    made.show_view(result)
    assert offered(made)
    made.show_view(IDLE)
    assert offered(made)
    assert made.feedback._offered.interval() == 60_000
    made.feedback._offered.timeout.emit()
    made.feedback.withdraw()
    assert not offered(made)


def test_nothing_is_said_about_a_kiosk_that_is_off(made: KioskWindow) -> None:
    made.show_view(View(Prompt.OUT_OF_SERVICE, Tone.OFF))
    assert not offered(made)


@pytest.mark.parametrize("kind", Feedback, ids=lambda kind: kind.value)
def test_a_press_is_told_once_and_thanked(qtbot: QtBot, made: KioskWindow, kind: Feedback) -> None:
    given: list[Feedback] = []
    heard: list[str] = []
    made.feedback_given.connect(given.append)
    made.echoed.connect(heard.append)
    made.show_view(GRANTED)
    qtbot.mouseClick(made.feedback.keys[kind], Qt.MouseButton.LeftButton)
    assert given == [kind]
    assert not offered(made)
    assert made.feedback.thanks.isVisible()
    assert heard == ["Thank you. We'll look into it"]
    made.show_view(GRANTED)
    assert not offered(made)
    assert made.view == GRANTED
    made.show_view(IDLE)
    made.show_view(UNKNOWN)
    assert offered(made)
    assert made.feedback.thanks.isHidden()


def test_feedback_is_in_nobodys_way(made: KioskWindow) -> None:
    made.show_view(UNKNOWN)
    made.show_view(PIN)
    assert not offered(made)
    made.show_view(IDLE)
    assert offered(made)
    for button in (made.notice.button, made.notice.languages):
        button.click()
        assert not offered(made)
        button.click()
        assert offered(made)
    made.show_enrolment(CHOICE)
    assert not offered(made)
    made.show_enrolment(None)
    assert not offered(made)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_feedback_covers_no_word_and_not_the_oval(
    qtbot: QtBot, size: tuple[int, int], scale: float
) -> None:
    made = KioskWindow(speech(SITE), LANE, lambda: 100.0, text_scale=scale)
    qtbot.addWidget(made)
    made.resize(*size)
    made.show()
    for words in WORDS.values():
        made.change_language(words)
        for prompt in {*OF_REASON.values()} - {Prompt.OUT_OF_SERVICE, Prompt.GRANTED}:
            made.show_view(View(prompt, Tone.REFUSED))
            assert offered(made)
            for line in (made.result.sentence, made.result.quiet):
                for key in made.feedback.keys.values():
                    assert not place(made, key).intersects(letters_of(made, line)), line.text()
            assert_fits(made)
    made.show_view(IDLE)
    made.show_frame(plain(128, 480, 640) if size[1] > size[0] else plain(128))
    oval = made.stage.oval()
    assert oval is not None
    for key in (*made.feedback.keys.values(), made.notice.languages):
        box = place(made, key)
        near = (
            min(max(oval.centre_x, box.left()), box.right()),
            min(max(oval.centre_y, box.top()), box.bottom()),
        )
        across = (near[0] - oval.centre_x) / oval.radius_x
        assert across**2 + ((near[1] - oval.centre_y) / oval.radius_y) ** 2 > 1.0


def letters_of(made: KioskWindow, line: LineLabel) -> QRect:
    """Where the letters of a centred line are."""
    box, letters = place(made, line), QFontMetricsF(line.letters())
    wide, high = round(letters.horizontalAdvance(line.text())), round(letters.height())
    made_of = QRect(0, 0, wide, high)
    made_of.moveCenter(box.center())
    return made_of


# -- languages -------------------------------------------------------------------------------------


def test_a_session_speaks_its_language_and_the_next_person_finds_the_usual_one(
    made: KioskWindow,
) -> None:
    made.show_enrolment(in_german())
    assert spoken(made) == "de"
    assert made.enrolment.question.answers.keys[Answer.YES].words.text() == "Ja"
    made.show_enrolment(None)
    assert spoken(made) == "en"
    assert made.prompt.sentence.text() == "Look here to enter"


@pytest.mark.parametrize("language", ["xx", "../../etc/passwd", "", "EN"])
def test_a_language_that_is_not_there_changes_nothing(made: KioskWindow, language: str) -> None:
    made.show_enrolment(ended(Prompt.CODE_USED, Tone.REFUSED))
    made.show_enrolment(EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING, language=language))
    assert spoken(made) == "en"
    assert made.enrolment.capture.isVisible()


def test_whoever_chooses_a_language_has_it_at_once_and_the_kiosk_is_told(
    qtbot: QtBot, made: KioskWindow
) -> None:
    told: list[str] = []
    made.language_chosen.connect(told.append)
    made.show_enrolment(in_german())
    qtbot.mouseClick(made.notice.languages, Qt.MouseButton.LeftButton)
    assert made.languages.isVisible()
    qtbot.mouseClick(made.languages.keys["fr"], Qt.MouseButton.LeftButton)
    assert made.languages.isHidden()
    assert spoken(made) == "fr"
    assert told == ["fr"]
    made.show_enrolment(EnrolmentView(Prompt.FACE_IN_OVAL, Tone.WAITING, language="de"))
    assert spoken(made) == "fr", "a view that was on its way does not take it back"
    made.show_enrolment(EnrolmentView(Prompt.FACE_IN_OVAL, Tone.WAITING, language="fr"))
    assert spoken(made) == "fr"
    made.show_enrolment(None)
    assert spoken(made) == "en"


def test_a_language_chosen_at_the_door_is_kept_while_somebody_is_there(made: KioskWindow) -> None:
    made.notice.languages.click()
    made.languages.keys["es"].click()
    assert spoken(made) == "es"
    assert made.prompt.sentence.text() == WORDS["es"].texts["look_here.sentence"].of(1)
    timer = made._language._timer
    assert timer.interval() == 60_000
    timer.setInterval(90_000)
    timer.start(5)
    made.show_view(UNKNOWN)
    assert timer.interval() == 5
    made.show_view(IDLE)


def test_a_chosen_language_goes_by_itself(qtbot: QtBot, made: KioskWindow) -> None:
    made.notice.languages.click()
    made.languages.keys["ar"].click()
    assert made.layoutDirection() is Qt.LayoutDirection.RightToLeft
    with qtbot.waitSignal(made.language_changed) as changed:
        made._language._timer.start(1)
    assert changed.args == ["en"]
    assert made.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_the_languages_are_left_without_a_choice_too(qtbot: QtBot, made: KioskWindow) -> None:
    for close in (made.languages.back, made.notice.languages, made.notice.button):
        made.notice.languages.click()
        assert made.languages.isVisible()
        close.click()
        assert made.languages.isHidden()
    made.notice.button.click()
    made.notice.languages.click()
    made.languages._timer.start(1)
    qtbot.waitUntil(made.languages.isHidden)
    assert spoken(made) == "en"


# -- the program -----------------------------------------------------------------------------------


def test_views_of_an_enrolment_come_from_plain_threads_in_their_order(
    qtbot: QtBot, made: KioskWindow
) -> None:
    bridge = Bridge()
    presenter = Presenter(bridge, made, lambda: None)
    seen: list[Prompt] = []
    made.said.connect(lambda view, _: seen.append(view.prompt))
    order = (Prompt.INVITED_HELLO, Prompt.CONSENT_WHAT, Prompt.CONSENT_USE)

    def work() -> None:
        for prompt in order:
            bridge.enrol(asked(prompt))
        bridge.enrol(None)

    threading.Thread(target=work).start()
    qtbot.waitUntil(lambda: seen == [*order, Prompt.LOOK_HERE])
    presenter.stop()


def test_the_program_passes_on_what_a_person_says(qapp: QApplication) -> None:
    heard: list[object] = []
    parts = WindowParts(
        site=SITE,
        lane=LANE,
        latest=lambda: None,
        on_ready=lambda bridge: bridge.quit(),
        on_quit=lambda: None,
        on_fault=heard.append,
        on_answer=lambda *given: heard.append(given),
        on_stop=lambda: heard.append("stop"),
        on_language=heard.append,
        on_feedback=heard.append,
        on_voiced=heard.append,
        text_scale=1.25,
        load_words=lambda code: WORDS[code],
        fullscreen=False,
    )
    program = Program(qapp, parts)
    try:
        window = program.window
        window.answered.emit(Prompt.CONSENT_CHOICE, Answer.NO, Act.TOUCH)
        window.stop_wanted.emit()
        window._language.choose("pt")
        window.feedback_given.emit(Feedback.NOT_ME)
        program._on_spoken("consent_what")
        assert window._speech.strings is WORDS["pt"]
        assert window._text_scale == 1.25
    finally:
        program.close()
    assert heard == [
        (Prompt.CONSENT_CHOICE, Answer.NO, Act.TOUCH),
        "stop",
        "pt",
        Feedback.NOT_ME,
        Prompt.CONSENT_WHAT,
    ]


def test_a_site_with_words_of_its_own_has_them_in_every_language(qtbot: QtBot) -> None:
    own = Speech(WORDS["en"], SITE, lambda code: WORDS[code])
    screen = KioskWindow(own, LANE, lambda: 100.0)
    qtbot.addWidget(screen)
    screen.show_enrolment(in_german())
    assert screen._speech.strings is WORDS["de"]
