"""Somebody comes to their data by badge and PIN, at the screen: the whole way (R79, R83).

The window, the sessions, the services and the home are real; the camera is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_kiosk import RULES, DeskKiosk
from doorway import ANN as KNOWN
from doorway import FRAME
from doorway import POLICY as ACCESS
from enrolling import ANN, BEN, POLICY, template
from people_changes import POLICY as GATES
from people_changes import newcomer, sample
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Presented
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.people.enrolment import Sample, assess
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.template import SubjectId
from kiosk.people.service import PeopleService

HER, HIM = SubjectId("ann"), SubjectId("ben")
PIN, DURESS = "471180619253", "806147119253"


@pytest.fixture
def kiosk(tmp_path: Path, qtbot: QtBot) -> Iterator[DeskKiosk]:
    """Ann and Ben are enrolled; both have a badge, and Ann a PIN and one for duress."""
    made = DeskKiosk(tmp_path / "home")
    for who in (HER, HIM):
        view = Sample(who, sample(1).quality, sample(1).pad, template(who))
        made.people.enrol(newcomer(who, None), RULES.terms, lambda g, v=view: assess([v], g, GATES))
    made.people.set_pin(HER, PIN)
    made.people.set_pin(HER, DURESS, duress=True)
    qtbot.addWidget(made.window)
    made.window.show()
    made.frame()
    yield made
    made.close()


def badge(people: PeopleService, subject: SubjectId = HER) -> str:
    drawn = people.draw_badge(subject)
    people.issue_badge(drawn)
    return drawn.text


def ask(kiosk: DeskKiosk) -> None:
    """The button is touched, and the next frame is the enrolment's."""
    button = kiosk.window.notice.data
    assert button is not None
    assert button.isVisible()
    button.click()
    assert kiosk.frame(ANN)


def enter(kiosk: DeskKiosk, pin: str) -> None:
    page = kiosk.window.enrolment.pin
    assert page.isVisible()
    for digit in pin:
        next(key for key in page.pad.digits if key.text() == digit).click()
    page.pad.enter.click()
    kiosk.frame(ANN)
    kiosk.frame(ANN)


def shown(kiosk: DeskKiosk, text: str, pin: str = PIN) -> None:
    """The button, the badge and a PIN."""
    ask(kiosk)
    kiosk.frame(ANN, codes=(text,))
    kiosk.frame(ANN, codes=(text,))
    enter(kiosk, pin)


def test_ann_sees_her_data_by_badge_pin_and_face_and_takes_it_back(kiosk: DeskKiosk) -> None:
    text = badge(kiosk.people)
    ask(kiosk)
    assert kiosk.window.view.prompt is Prompt.DATA_BADGE
    assert not kiosk.window.notice.data.isVisible()  # type: ignore[union-attr]
    for _ in range(8):
        kiosk.frame(ANN, codes=(text,))
    enter(kiosk, PIN)
    kiosk.stand(1.0)
    assert kiosk.window.view.prompt is Prompt.DATA_TITLE
    kiosk.answer(Answer.NO)
    kiosk.answer(Answer.YES)
    kiosk.stand(POLICY.undo_seconds)
    assert kiosk.window.view.prompt is Prompt.DATA_WITHDRAWN
    with pytest.raises(SubjectUnknown):
        kiosk.people.person(HER)
    assert kiosk.written("badge_presented") == [{"subject": HER}]
    assert not kiosk.released
    journal = kiosk.open_home.home.journal.read_text()
    assert PIN not in journal
    assert text not in journal


def test_anns_badge_and_pin_before_bens_face_show_nothing(kiosk: DeskKiosk) -> None:
    shown(kiosk, badge(kiosk.people))
    kiosk.stand(1.0, BEN)
    assert kiosk.window.view.prompt is Prompt.SEE_RECEPTION
    assert kiosk.people.person(HER).references == 1


def test_a_stolen_badge_is_asked_for_its_pin_and_locked_by_the_doors_own_count(
    kiosk: DeskKiosk,
) -> None:
    shown(kiosk, badge(kiosk.people), "930847119250")
    assert kiosk.window.view.prompt is Prompt.CODE_UNKNOWN
    enter(kiosk, "930847119251")
    enter(kiosk, "930847119252")
    assert kiosk.window.view.prompt is Prompt.ASK_FOR_HELP
    assert kiosk.written("guessing") == [{"subject": HER, "wait_seconds": 30}]
    assert len(kiosk.written("factor")) == 3
    kiosk.stand(POLICY.result_seconds + 1.0)
    kiosk.frame()
    shown(kiosk, badge(kiosk.people))
    assert kiosk.window.view.prompt is Prompt.ASK_FOR_HELP, "nor is the right one checked"
    assert kiosk.written("badge_presented") == []


@pytest.mark.parametrize("kind", ["foreign", "altered", "replaced"])
def test_a_badge_that_is_none_gets_the_answer_of_a_wrong_pin(kiosk: DeskKiosk, kind: str) -> None:
    text = badge(kiosk.people)
    if kind == "replaced":
        badge(kiosk.people)
    said = {"foreign": f"LINTEL1:ann:00:{'0' * 32}", "altered": text[:-1] + "x", "replaced": text}
    shown(kiosk, said[kind])
    assert kiosk.window.view.prompt is Prompt.CODE_UNKNOWN
    assert kiosk.written("factor", "badge_presented") == []


def test_somebody_without_a_pin_comes_to_nothing_by_their_badge(kiosk: DeskKiosk) -> None:
    shown(kiosk, badge(kiosk.people, HIM), PIN)
    assert kiosk.window.view.prompt is Prompt.CODE_UNKNOWN


def test_the_duress_pin_opens_as_the_other_does_and_raises_the_alarm(kiosk: DeskKiosk) -> None:
    shown(kiosk, badge(kiosk.people), DURESS)
    kiosk.stand(1.0)
    assert kiosk.window.view.prompt is Prompt.DATA_TITLE
    assert kiosk.written("duress") == [{"subject": HER}]


# -- when it can be asked for --------------------------------------------------------------------


def test_the_button_is_gone_while_the_door_decides_on_somebody(kiosk: DeskKiosk) -> None:
    button = kiosk.window.notice.data
    assert button is not None
    assert button.isVisible()
    kiosk.window.show_view(View(Prompt.HOLD_STILL, Tone.RIGHT))
    assert not button.isVisible()
    kiosk.window.my_data.ask()
    kiosk.window.show_view(View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN))
    assert not button.isVisible()
    kiosk.window.my_data.ask()
    assert not kiosk.frame(ANN)
    assert not kiosk.enrolling


def test_whoever_is_let_in_first_asks_then_and_waits_until_the_answer_was_shown(
    kiosk: DeskKiosk,
) -> None:
    """Ann is enrolled: the door knows her before she can touch anything."""
    button = kiosk.window.notice.data
    assert button is not None
    for _ in range(ACCESS.probes_required):
        kiosk.frame(door=(KNOWN,))
    assert kiosk.released
    assert kiosk.window.view.prompt is Prompt.GRANTED
    held = round(ACCESS.granted_hold_seconds / FRAME) - 2
    for _ in range(held):
        assert not kiosk.frame(door=(KNOWN,))
    button.click()
    assert not kiosk.frame(door=(KNOWN,)), "her welcome stays its time"
    for _ in range(3):
        kiosk.frame(ANN)
    assert kiosk.window.view.prompt is Prompt.DATA_BADGE


def test_while_somebody_looks_for_a_badge_the_door_lets_nobody_in(kiosk: DeskKiosk) -> None:
    ask(kiosk)
    for _ in range(3 * ACCESS.probes_required):
        assert kiosk.frame(ANN, door=(KNOWN,))
    kiosk.access.handle(Presented(kiosk.clock.monotonic(), Factor.PIN, PIN))
    assert not kiosk.released


def test_a_keyboard_asks_types_and_stops(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    kiosk.window.activateWindow()
    qtbot.keyClick(kiosk.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert kiosk.frame(ANN)
    text = badge(kiosk.people)
    for _ in range(8):
        kiosk.frame(ANN, codes=(text,))
    page = kiosk.window.enrolment.pin
    assert page.isVisible()
    qtbot.keyClicks(kiosk.window, "4711")
    assert page.pad.dots.count == 4
    qtbot.keyClick(kiosk.window, Qt.Key.Key_Escape)
    kiosk.frame(ANN)
    assert not kiosk.enrolling
    assert page.pad.dots.count == 0


def test_where_nobody_enrols_there_is_no_such_button(kiosk: DeskKiosk) -> None:
    made = type(kiosk.window)(kiosk.window._speech, kiosk.window.camera.stage._lane)
    assert made.notice.data is None
    made.deleteLater()
