"""Where a panel decides the screen asks for a moment, and says yes only after the panel did.

The panel is a real one, in a process of its own; decision and effects run in their own threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from door_rig import eventually
from osdp_panel_peer import Answer
from panelled_kiosk import PanelledKiosk
from rig_osdp_pd import PanelRig

from kiosk.domain.access.factors import Factor, Factors
from kiosk.domain.access.policy import Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import Condition
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.template import SubjectId
from kiosk.door.subsystem import DoorSubsystem

pytestmark = pytest.mark.usefixtures("real_time")

PATIENT = 10.0
"""Seconds in which the test says what the panel answers."""
SHORT = 0.4
PIN = "4927"


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[PanelRig]:
    rig = PanelRig(panel_seconds=getattr(request, "param", PATIENT))
    rig.power_up()
    assert rig.ready()
    yield rig
    rig.close()


@pytest.fixture
def kiosk(rig: PanelRig) -> Iterator[PanelledKiosk]:
    kiosk = PanelledKiosk(rig)
    assert eventually(lambda: kiosk.end.condition is Condition.SECURED)
    yield kiosk
    rig.says(Answer.RED)
    kiosk.close()


def comes(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    """Ann is recognised, and the panel has heard of it."""
    kiosk.ann.here = True
    assert kiosk.see(lambda: rig.cards == 1)
    assert kiosk.shows(Prompt.ONE_MOMENT)


def test_nobody_is_told_yes_before_the_panel_said_so(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    comes(kiosk, rig)
    seen = kiosk.decisions.frames_seen
    assert kiosk.see(lambda: kiosk.decisions.frames_seen >= seen + 20)
    assert kiosk.shows(Prompt.ONE_MOMENT)
    rig.says(Answer.GREEN)
    assert kiosk.see(lambda: kiosk.shows(Prompt.GRANTED))
    assert kiosk.prompts[-2:] == [Prompt.ONE_MOMENT, Prompt.GRANTED]
    assert kiosk.prompts.count(Prompt.GRANTED) == 1
    assert kiosk.views[-1].subject == SubjectId("ann")
    assert rig.cards == 1
    assert kiosk.written("not_released") == []


def test_a_panel_that_says_no_is_believed(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    comes(kiosk, rig)
    rig.says(Answer.RED)
    assert kiosk.see(lambda: kiosk.shows(Prompt.PANEL_SAYS_NO))
    assert kiosk.prompts[-2] is Prompt.ONE_MOMENT
    assert Prompt.GRANTED not in kiosk.prompts
    assert kiosk.written("not_released") == [{"subject": "ann", "reason": "panel_denied"}]
    assert rig.cards == 1


@pytest.mark.parametrize("rig", [SHORT], indirect=True)
def test_a_panel_that_says_nothing_has_not_said_yes(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    comes(kiosk, rig)
    assert kiosk.see(lambda: kiosk.shows(Prompt.PANEL_SILENT))
    assert kiosk.prompts[-2] is Prompt.ONE_MOMENT
    assert Prompt.GRANTED not in kiosk.prompts
    assert rig.cards == 1
    assert Prompt.OUT_OF_SERVICE not in kiosk.prompts


def test_whoever_the_panel_does_not_know_is_not_announced(
    kiosk: PanelledKiosk, rig: PanelRig
) -> None:
    kiosk.people.rules = PersonRules()
    kiosk.ann.here = True
    assert kiosk.see(lambda: kiosk.shows(Prompt.PANEL_SAYS_NO))
    assert rig.cards == 0


def test_a_pin_comes_before_the_panel(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    factors = Factors().with_pin(PIN, b"s" * 16)
    kiosk.people.factors = replace(factors, required=Factor.PIN)
    kiosk.ann.here = True
    assert kiosk.see(lambda: kiosk.shows(Prompt.ENTER_PIN))
    assert rig.cards == 0
    kiosk.types(PIN)
    assert kiosk.see(lambda: rig.cards == 1)
    asked = kiosk.prompts.index(Prompt.ENTER_PIN)
    assert kiosk.prompts[asked + 1] is Prompt.LOOK_HERE, "the same face, once more"
    assert kiosk.prompts[-1] is Prompt.ONE_MOMENT
    rig.says(Answer.GREEN)
    assert kiosk.see(lambda: kiosk.shows(Prompt.GRANTED))


# -- what an operator orders -----------------------------------------------------------------------


def test_a_lockdown_announces_nobody(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    reasons: list[Reason | None] = []
    kiosk.do(lambda end: end.begin(Hold.LOCKED_DOWN))
    assert eventually(lambda: kiosk.end.condition is Condition.LOCKED_DOWN)
    kiosk.ann.here = True
    seen = kiosk.decisions.frames_seen
    assert kiosk.see(lambda: kiosk.decisions.frames_seen >= seen + 40)
    assert kiosk.shows(Prompt.DOOR_CLOSED)
    kiosk.do(lambda end: reasons.append(end.release()))
    assert eventually(lambda: reasons == [Reason.PANEL_DENIED])
    assert rig.cards == 0
    kiosk.do(lambda end: end.end(Hold.LOCKED_DOWN))
    assert kiosk.see(lambda: rig.cards == 1)


def test_a_lockdown_while_the_panel_decides_ends_what_it_grants(
    kiosk: PanelledKiosk, rig: PanelRig
) -> None:
    """The number is out already: the panel's own lockdown has to hold the lock."""
    comes(kiosk, rig)
    kiosk.do(lambda end: end.begin(Hold.LOCKED_DOWN))
    rig.says(Answer.GREEN)
    assert kiosk.see(lambda: kiosk.end.condition is Condition.LOCKED_DOWN)
    assert rig.door.status().lock.value == "secured"
    assert rig.cards == 1


def test_an_operator_cannot_release_a_panels_lock_and_hears_so(
    kiosk: PanelledKiosk, rig: PanelRig
) -> None:
    rig.will(Answer.GREEN)
    reasons: list[Reason | None] = []

    def release(end: DoorSubsystem) -> None:
        reasons.append(end.release())

    kiosk.do(release)
    assert eventually(lambda: reasons == [Reason.PANEL_DENIED])
    assert rig.cards == 0


# -- the panel's line ------------------------------------------------------------------------------


def test_a_panel_that_is_lost_and_found_again(kiosk: PanelledKiosk, rig: PanelRig) -> None:
    rig.will(Answer.GREEN)
    rig.panel.kill()
    assert kiosk.see(lambda: kiosk.end.condition is Condition.UNKNOWN)
    assert kiosk.see(lambda: kiosk.shows(Prompt.OUT_OF_SERVICE))
    kiosk.ann.here = True
    rig.power_up()
    assert kiosk.see(lambda: kiosk.shows(Prompt.GRANTED))
    assert rig.cards == 1
