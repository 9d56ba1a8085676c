"""An admin beside a person begins their enrolment at the screen (R20, R91): the whole way.

The window, the sessions, the services and the home are real; the camera is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from desk_kiosk import ADMIN_PIN, DeskKiosk
from doorway import ANN as KNOWN
from doorway import POLICY as ACCESS
from enrolling import ANN, BEN, POLICY
from kiosk_screen import enter as type_on
from kiosk_screen import installer_of
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from config.settings import Settings
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.invitation import InvitationState
from kiosk.domain.enrolment.poses import PoseDirection, PosesReason
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.enrolment.switch import PENDING_SECONDS
from kiosk.ui.pages.installer.desk import EnrolmentDesk
from kiosk.ui.pages.installer.page import InstallerPage

HER = SubjectId("ann")


@pytest.fixture
def kiosk(tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[DeskKiosk]:
    made = DeskKiosk(tmp_path / "home", asks_document=getattr(request, "param", False))
    qtbot.addWidget(made.window)
    made.window.show()
    made.frame()
    yield made
    page = page_of(made)
    page.close_page()
    qtbot.waitUntil(lambda: not (desk_of(made).busy or page._jobs.busy("pin")))
    made.close()


def page_of(kiosk: DeskKiosk) -> InstallerPage:
    return installer_of(kiosk.window)


def desk_of(kiosk: DeskKiosk) -> EnrolmentDesk:
    desk = page_of(kiosk).desk
    assert desk is not None
    return desk


def enter(qtbot: QtBot, kiosk: DeskKiosk, code: str = ADMIN_PIN) -> None:
    """The admin PIN is typed on the pad."""
    page = page_of(kiosk)
    kiosk.window._open_installer()
    qtbot.waitUntil(page.pad.isEnabled)
    type_on(page, code)
    qtbot.waitUntil(lambda: page.panel.isVisible() or page.pad.isEnabled())


def at_desk(qtbot: QtBot, kiosk: DeskKiosk) -> EnrolmentDesk:
    """The admin has gone to the desk, and the people are listed."""
    enter(qtbot, kiosk)
    page = page_of(kiosk)
    assert page.panel.enrol is not None
    page.panel.enrol.click()
    desk = desk_of(kiosk)
    qtbot.waitUntil(lambda: not desk.busy)
    return desk


def begin(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    """The admin begins, and the page closes for the person."""
    desk_of(kiosk).whom.start.click()
    qtbot.waitUntil(page_of(kiosk).isHidden)


@pytest.mark.parametrize("kiosk", [True], ids=["where documents are asked for"], indirect=True)
def test_somebody_invited_is_enrolled_by_an_admin_with_what_the_invitation_says(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    """Whom an admin vouches for shows no document (R26)."""
    issued = kiosk.invite(given_name="Ann", groups=("staff",), valid_until=date(2030, 1, 31))
    enter(qtbot, kiosk, "111222")
    assert page_of(kiosk).panel.isHidden()
    desk = at_desk(qtbot, kiosk)
    assert [key.text() for key in desk.whom.choices if key.isVisible()] == ["ann: invited"]
    assert not desk.whom.start.isEnabled()
    desk.whom.choices[0].click()
    begin(qtbot, kiosk)

    assert kiosk.frame(ANN)
    assert kiosk.window.enrolment.question.isVisible()
    kiosk.agree()
    kiosk.turn(*PoseDirection)
    kiosk.frame(ANN)
    assert kiosk.window.view.prompt is Prompt.ENROLLED

    person = kiosk.people.person(HER)
    assert person.profile.given_name == "Ann"
    assert person.profile.rules.groups == ("staff",)
    assert person.profile.rules.valid_until == date(2030, 1, 31)
    assert person.profile.consent.act == "touch"
    ident = issued.invitation.ident
    kept = kiosk.invitations.get(ident)
    assert (kept.state, kept.attempts) == (InvitationState.USED, 0)
    assert kiosk.written("enrolment_vouched") == [{"subject": HER, "invitation": ident}]
    assert [entry["did"] for entry in kiosk.written("installer")] == ["wrong_pin", "opened"]
    assert [note.step.value for note in kiosk.steps] == [
        "invited",
        "consented",
        "captured",
        "enrolled",
    ]
    assert not kiosk.released
    assert ADMIN_PIN not in kiosk.open_home.home.journal.read_text()


def test_somebody_without_an_invitation_is_enrolled_under_a_typed_id_and_may_still_decline(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    desk = at_desk(qtbot, kiosk)
    for letter in "ann":
        desk.whom.board.letters[letter].click()
    desk.whom.board.letters["7"].click()
    desk.whom.board.delete.click()
    assert (desk.whom.subject, desk.whom.field.text()) == ("ann", "ann")
    begin(qtbot, kiosk)
    kiosk.frame(ANN)
    kiosk.answer(Answer.NO)
    assert [note.step.value for note in kiosk.steps] == ["invited", "declined"]
    with pytest.raises(SubjectUnknown):
        kiosk.people.person(HER)

    kiosk.stand(POLICY.result_seconds + 1.0)
    at_desk(qtbot, kiosk).whom.set_id("ann")
    begin(qtbot, kiosk)
    kiosk.frame(ANN)
    kiosk.agree()
    kiosk.turn(*PoseDirection)
    kiosk.frame(ANN)
    assert kiosk.people.person(HER).profile.rules.groups == ()
    assert kiosk.written("enrolment_vouched") == [{"subject": HER, "invitation": None}] * 2


def enrolled(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    at_desk(qtbot, kiosk).whom.set_id("ann")
    begin(qtbot, kiosk)
    kiosk.frame(ANN)
    kiosk.agree()
    kiosk.turn(*PoseDirection)
    kiosk.frame(ANN)
    kiosk.stand(POLICY.result_seconds + 1.0)
    kiosk.frame()


def test_an_admin_opens_the_data_of_somebody_known_before_their_own_face_only(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    enrolled(qtbot, kiosk)
    desk = at_desk(qtbot, kiosk)
    assert not any(key.isVisible() for key in desk.whom.choices), "nobody is listed unasked"
    desk.whom.board.letters["a"].click()
    assert desk.whom.choices[0].text() == "ann: enrolled"
    desk.whom.choices[0].click()
    begin(qtbot, kiosk)
    kiosk.stand(1.0, BEN)
    assert kiosk.window.view.prompt is Prompt.SEE_RECEPTION
    kiosk.stand(POLICY.result_seconds + 1.0, BEN)
    kiosk.frame()

    at_desk(qtbot, kiosk).whom.set_id("ann")
    begin(qtbot, kiosk)
    kiosk.stand(1.0)
    assert kiosk.window.view.prompt is Prompt.DATA_TITLE


def test_nobody_else_is_enrolled_where_somebody_is_let_in_just_then(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    """A person at the door while the page is open: the door's decision stands."""
    at_desk(qtbot, kiosk).whom.set_id("ann")
    for _ in range(ACCESS.probes_required):
        assert not kiosk.frame(door=(KNOWN,))
    assert kiosk.released
    begin(qtbot, kiosk)
    for _ in range(5):
        assert not kiosk.frame(door=(KNOWN,))
    assert not kiosk.enrolling
    kiosk.clock.pass_(PENDING_SECONDS)
    kiosk.frame()
    assert not kiosk.enrolling


# -- fewer directions ----------------------------------------------------------------------------


def test_an_admin_lets_somebody_do_with_one_direction_while_pictures_are_taken(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    code = kiosk.invite().text
    kiosk.switch.show_code(code, kiosk.clock.monotonic())
    kiosk.frame(ANN, codes=(code,))
    kiosk.frame(ANN)
    kiosk.agree()
    kiosk.turn(PoseDirection.CENTRE)
    desk = at_desk(qtbot, kiosk)
    assert desk.whom.isHidden(), "nobody else can be begun with now"
    assert list(desk.directions.numbers) == [1, 2]
    desk.directions.numbers[1].click()
    desk.directions.reasons[PosesReason.WISH].click()
    qtbot.waitUntil(page_of(kiosk).isHidden)
    kiosk.stand(4 * POLICY.poses.direction_seconds + 1.0)
    assert kiosk.window.view.prompt is Prompt.ENROLLED
    assert kiosk.written("fewer_directions") == [
        {"subject": HER, "directions": 1, "reason": "wish"}
    ]
    assert [entry["did"] for entry in kiosk.written("installer")] == ["opened", "fewer_directions"]


def test_an_admin_asks_for_fewer_directions_from_the_start(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    desk = at_desk(qtbot, kiosk)
    desk.whom.set_id("ann")
    desk.whom.directions.click()
    desk.directions.reasons[PosesReason.PLACE].click()
    assert desk.whom.directions.text() == "Directions: 2"
    begin(qtbot, kiosk)
    kiosk.frame(ANN)
    kiosk.agree()
    kiosk.turn(PoseDirection.CENTRE, PoseDirection.LEFT)
    kiosk.stand(3 * POLICY.poses.direction_seconds + 1.0)
    assert kiosk.window.view.prompt is Prompt.ENROLLED
    assert [entry["reason"] for entry in kiosk.written("fewer_directions")] == ["place"]


def test_a_session_that_has_ended_meanwhile_takes_no_directions(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    at_desk(qtbot, kiosk).whom.set_id("ann")
    begin(qtbot, kiosk)
    kiosk.frame(ANN)
    desk = at_desk(qtbot, kiosk)
    kiosk.keys.stop()
    kiosk.frame(ANN)
    desk.directions.reasons[PosesReason.WISH].click()
    qtbot.waitUntil(lambda: desk.ask.text().startswith("Nobody enrols any more."))
    assert page_of(kiosk).isVisible()


# -- behind the PIN ------------------------------------------------------------------------------


def test_an_id_that_is_none_begins_nothing_and_says_why(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    desk = at_desk(qtbot, kiosk)
    desk.whom.set_id("-")
    desk.whom.start.click()
    qtbot.waitUntil(lambda: desk.ask.text().startswith("'-' cannot be a subject's id."))
    kiosk.frame(ANN)
    assert not kiosk.enrolling
    assert kiosk.written("enrolment_vouched") == []


def test_whoever_comes_after_the_admin_has_gone_finds_neither_page_nor_id(
    qtbot: QtBot, kiosk: DeskKiosk
) -> None:
    desk = at_desk(qtbot, kiosk)
    desk.whom.set_id("ann")
    timer = page_of(kiosk)._timer
    assert timer.isActive(), "walking away closes it"
    timer.timeout.emit()
    assert page_of(kiosk).isHidden()
    assert desk.whom.subject == ""
    kiosk.window._open_installer()
    assert page_of(kiosk).pad.isVisible()
    assert desk.isHidden()


def test_a_keyboard_types_the_id_and_begins(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    at_desk(qtbot, kiosk)
    page = page_of(kiosk)
    qtbot.keyClicks(page, "ann.B x")
    qtbot.keyClick(page, Qt.Key.Key_Backspace)
    assert desk_of(kiosk).whom.subject == "ann.B"
    qtbot.keyClick(page, Qt.Key.Key_Return)
    qtbot.waitUntil(page.isHidden)
    kiosk.frame(ANN)
    assert kiosk.written("enrolment_vouched") == [{"subject": "ann.B", "invitation": None}]


def test_back_leads_to_the_panel_and_forgets_the_id(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    desk = at_desk(qtbot, kiosk)
    desk.whom.set_id("ann")
    desk.whom.back.click()
    assert page_of(kiosk).panel.isVisible()
    assert desk.isHidden()
    assert desk.whom.subject == ""


def test_too_many_wrong_admin_pins_are_told_to_operators(qtbot: QtBot, kiosk: DeskKiosk) -> None:
    for _ in range(6):
        enter(qtbot, kiosk, "111222")
    enter(qtbot, kiosk)
    assert page_of(kiosk).panel.isHidden(), "the right one does not end the wait"
    (told,) = kiosk.written("admin_guessing")
    assert told["wait_seconds"] == 60
    assert [entry["did"] for entry in kiosk.written("installer")] == ["wrong_pin"] * 5


def test_where_nobody_enrols_at_the_kiosk_there_is_no_such_button(
    tmp_path: Path, qtbot: QtBot
) -> None:
    usual = Settings()
    none = usual.enrolment.model_copy(update={"at_kiosk": False})
    made = DeskKiosk(tmp_path / "home", usual.model_copy(update={"enrolment": none}))
    qtbot.addWidget(made.window)
    assert page_of(made).desk is None
    assert page_of(made).panel.enrol is None
    made.close()
