"""Which of the door and an enrolment has a frame; the door is released by neither of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from doorway import ANN, BOB, FRAME, STRANGER, Doorway, Look
from doorway import POLICY as ACCESS
from enrolling import ANN as HER
from enrolling import BEN as HIM
from enrolling import INVITATION, INVITEE, Visage
from enrolling import POLICY as ENROLMENT

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Admit,
    Effect,
    Faulted,
    Idle,
    LockedOut,
    Observed,
    Part,
    Presented,
    Resolved,
    Ticked,
)
from kiosk.domain.access.states import Reason, State
from kiosk.domain.enrolment.effects import EnrolmentEffect, JudgeInvitation, NoteStep
from kiosk.domain.enrolment.events import CodesRead, DataWanted, EnrolmentEvent, Judged
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.states import Consenting, Dormant, EnrolmentState, Identifying, Judging
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.enrolment.switch import PENDING_SECONDS, EnrolmentSwitch, free
from kiosk.pipeline.session import Session

PIXELS = np.zeros((4, 4, 3), np.uint8)


class Kiosk:
    """Door and enrolment before one camera; a service that judges at once, or not at all."""

    def __init__(self, *, judges: bool = True) -> None:
        self.now = 100.0
        self.asked: list[Effect] = []
        self.steps: list[EnrolmentEffect] = []
        self.events: Sequence[EnrolmentEvent] = ()
        self.judges = judges
        self.refusal: InvitationRefusal | None = None
        self.access = Session(lambda: ACCESS, lambda e, _: self.asked.extend(e), lambda _: None)
        self.enrolment = EnrolmentSession(ENROLMENT, self._carry, lambda _: None)
        self.switch = EnrolmentSwitch(self.enrolment, self.access)
        self.switch.sees = self

    def observe(self, frame: Frame, state: EnrolmentState) -> Sequence[EnrolmentEvent]:  # noqa: ARG002
        return self.events

    def frame(
        self, *visages: Visage, codes: tuple[str, ...] = (), door: tuple[Look, ...] = ()
    ) -> bool:
        """One frame; returns whether it was the enrolment's."""
        self.now += FRAME
        at = Instant(self.now)
        faces = tuple(visage.face() for visage in visages)
        self.events = (CodesRead(at, frozenset(codes)), Looked(at, faces))
        if self.switch.takes(Frame(PIXELS, at, 0)):
            return True
        self.access.handle(Observed(at, tuple(look.probe(self.now) for look in door)))
        return False

    def door(self, *looks: Look, times: int = 1) -> None:
        """Frames that are the door's."""
        for _ in range(times):
            assert not self.frame(door=looks)

    def show(self, text: str = INVITATION) -> None:
        """A code is held up, as the door's scanner tells."""
        self.switch.show_code(text, Instant(self.now))

    def _carry(self, effects: tuple[EnrolmentEffect, ...]) -> None:
        self.steps += effects
        for effect in effects:
            if isinstance(effect, JudgeInvitation) and self.judges:
                invitee = INVITEE if self.refusal is None else None
                self.switch.inbox.put(Judged(effect.at, invitee, self.refusal, effect.text))


def released(kiosk: Kiosk) -> bool:
    return any(isinstance(effect, Admit) for effect in kiosk.asked)


# -- when it begins ------------------------------------------------------------------------------


def test_a_code_before_an_empty_door_begins_an_enrolment() -> None:
    kiosk = Kiosk()
    kiosk.door()
    kiosk.show()
    assert kiosk.frame(HER)
    assert kiosk.frame(HER)
    assert isinstance(kiosk.enrolment.state, Consenting)
    assert kiosk.access.state == Idle()


def test_while_somebody_enrols_the_door_sees_nobody() -> None:
    """Ann is enrolled already, and would be let in."""
    kiosk = Kiosk()
    kiosk.show()
    for _ in range(3 * ACCESS.probes_required):
        assert kiosk.frame(HER, door=(ANN,))
    assert kiosk.access.state == Idle()
    assert not released(kiosk)


def test_a_code_before_somebody_who_is_not_recognised_begins_it() -> None:
    kiosk = Kiosk()
    kiosk.door(STRANGER, times=ACCESS.probes_required - 1)
    kiosk.show()
    assert kiosk.frame(HER)


def test_a_code_beside_somebody_who_is_being_recognised_waits() -> None:
    """Nobody can hold a code between an enrolled person and the door."""
    kiosk = Kiosk()
    kiosk.door(ANN, times=ACCESS.probes_required - 2)
    kiosk.show()
    kiosk.door(ANN, times=2)
    assert released(kiosk)
    assert isinstance(kiosk.enrolment.state, Dormant)


def test_a_code_that_waited_too_long_begins_nothing() -> None:
    kiosk = Kiosk()
    kiosk.door(ANN, times=ACCESS.probes_required)
    kiosk.show()
    kiosk.door(times=round(PENDING_SECONDS / FRAME) + 1)
    kiosk.access.state = Idle()
    kiosk.door(times=3)
    assert kiosk.steps == []


def test_a_code_that_waited_a_little_begins_it_once_the_door_is_free() -> None:
    kiosk = Kiosk()
    kiosk.door(ANN, times=ACCESS.probes_required)
    kiosk.show()
    kiosk.door()
    kiosk.access.state = Idle()
    assert kiosk.frame(HER)


def test_a_second_code_during_an_enrolment_begins_no_other_after_it() -> None:
    kiosk = Kiosk()
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    kiosk.show(INVITATION + "2")
    kiosk.frame(HER)
    assert [e for e in kiosk.steps if isinstance(e, JudgeInvitation)] == [
        JudgeInvitation(INVITATION, Instant(100.0))
    ]


def of_door(plays: Callable[[Doorway], object], *, agrees: bool = True) -> State:
    """The door's state after somebody came."""
    doorway = Doorway(agrees=agrees)
    plays(doorway)
    return doorway.state


RUN, REFUSAL = ACCESS.probes_required, ACCESS.refusal_probes
CASES = {
    "nobody is there": (of_door(lambda d: d.empty(1.0)), True),
    "a stranger is looked at": (of_door(lambda d: d.see(STRANGER, times=2)), True),
    "a stranger is refused": (of_door(lambda d: d.see(STRANGER, times=REFUSAL)), True),
    "somebody is known so far": (of_door(lambda d: d.see(ANN)), False),
    "somebody is asked about": (of_door(lambda d: d.see(ANN, times=RUN), agrees=False), False),
    "somebody was just let in": (of_door(lambda d: d.see(BOB, times=RUN)), False),
    "the kiosk is out of service": (of_door(lambda d: d.breaks()), False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_door_is_free_while_it_decides_on_nobody(case: str) -> None:
    state, expected = CASES[case]
    assert free(state) is expected


def test_a_door_that_is_locked_out_is_free_and_stays_locked() -> None:
    kiosk = Kiosk()
    kiosk.access.state = LockedOut(until=Instant(1000.0))
    kiosk.show()
    assert kiosk.frame(HER)
    assert isinstance(kiosk.access.state, LockedOut)


def test_data_is_asked_for_before_a_free_door_and_after_a_decision_was_shown() -> None:
    at = Instant(2000.0)
    for case, (state, expected) in CASES.items():
        kiosk = Kiosk()
        kiosk.access.state, kiosk.now = state, at
        kiosk.switch.inbox.put(DataWanted(at))
        kiosk.switch.tick(at)
        decided = isinstance(state, Resolved)
        assert isinstance(kiosk.enrolment.state, Identifying) is (expected or decided), case


def test_data_asked_for_while_a_grant_is_fresh_waits_and_then_is_forgotten() -> None:
    kiosk = Kiosk()
    kiosk.door(ANN, times=ACCESS.probes_required)
    now = Instant(kiosk.now)
    until = Instant(now + 9.0)
    kiosk.access.state = Resolved(
        reason=Reason.MATCHED, subject=SubjectId("ann"), track=None, until=until, retry_at=until
    )
    kiosk.switch.inbox.put(DataWanted(now))
    kiosk.switch.tick(now)
    assert isinstance(kiosk.enrolment.state, Dormant)
    kiosk.switch.tick(Instant(now + PENDING_SECONDS + 0.1))
    kiosk.switch.tick(Instant(now + 10.0))
    assert isinstance(kiosk.enrolment.state, Dormant)


def test_somebody_vouched_for_begins_before_a_free_door_only() -> None:
    """An admin's word waits as a code does, also after a grant."""
    at = Instant(2000.0)
    for case, (state, expected) in CASES.items():
        kiosk = Kiosk()
        kiosk.access.state, kiosk.now = state, at
        kiosk.switch.inbox.put(Judged(at, INVITEE))
        kiosk.switch.tick(at)
        assert isinstance(kiosk.enrolment.state, Consenting) is expected, case


def test_nothing_begins_within_a_session_or_waits_for_its_end() -> None:
    kiosk = Kiosk()
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    for event in (DataWanted(Instant(kiosk.now)), Judged(Instant(kiosk.now), INVITEE)):
        kiosk.switch.inbox.put(event)
    kiosk.frame(HER)
    kiosk.switch.tell(Faulted(Instant(kiosk.now), Part.CAMERA, "unplugged"))
    kiosk.frame(HER)
    assert not kiosk.enrolment.active


# -- when it ends --------------------------------------------------------------------------------


def ended(kiosk: Kiosk) -> None:
    """An enrolment ends at a wish to stop."""
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    kiosk.switch.tell(Faulted(Instant(kiosk.now), Part.CAMERA, "unplugged"))
    assert not kiosk.enrolment.active


def test_whoever_was_told_the_result_is_not_refused_in_the_next_moment() -> None:
    kiosk = Kiosk()
    ended(kiosk)
    for _ in range(round(ENROLMENT.result_seconds / FRAME) - 2):
        assert kiosk.frame(HER, door=(STRANGER,))
    assert kiosk.access.state == Idle()
    kiosk.now += 1.0
    assert not kiosk.frame(HER, door=(STRANGER,))


@pytest.mark.parametrize("next_one", [(), (HIM,)], ids=["nobody", "another"])
def test_whoever_comes_next_does_not_wait_for_the_result_to_go(
    next_one: tuple[Visage, ...],
) -> None:
    kiosk = Kiosk()
    ended(kiosk)
    assert kiosk.frame(*next_one), "in this frame it is seen that somebody has gone"
    assert not kiosk.frame(*next_one, door=(BOB,))
    assert kiosk.enrolment.showing
    assert not kiosk.frame(HER), "whoever comes back is somebody who comes to the door"


def test_an_invitation_after_a_result_waits_its_turn() -> None:
    """It begins at once before a free door, and not while the door asks somebody."""
    kiosk = Kiosk()
    ended(kiosk)
    other = INVITATION + "-2"
    kiosk.frame(HER, codes=(other, "LINTEL-YES"))
    kiosk.frame(HER)
    assert [e.text for e in kiosk.steps if isinstance(e, JudgeInvitation)] == [INVITATION, other]


def test_a_code_that_is_refused_keeps_nobody_from_the_door() -> None:
    kiosk = Kiosk()
    kiosk.refusal = InvitationRefusal.ELSEWHERE
    kiosk.show()
    kiosk.switch.tick(Instant(kiosk.now))
    kiosk.switch.tick(Instant(kiosk.now))
    assert kiosk.enrolment.showing
    for _ in range(RUN):
        assert not kiosk.frame(HER, door=(ANN,))
    assert released(kiosk)


def test_a_part_that_fails_ends_it_and_what_else_is_told_does_not() -> None:
    kiosk = Kiosk()
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    kiosk.switch.tell(Ticked(Instant(kiosk.now)))
    kiosk.switch.tell(Presented(Instant(kiosk.now), Factor.PIN, "1234"))
    assert kiosk.enrolment.active
    kiosk.switch.tell(Faulted(Instant(kiosk.now), Part.STORE, "gone"))
    assert not kiosk.enrolment.active
    note = kiosk.steps[-1]
    assert isinstance(note, NoteStep)
    assert (note.step, note.reason) == (EnrolmentStep.FAILED, EndReason.FAULT)


def test_the_end_of_a_recording_ends_it() -> None:
    kiosk = Kiosk()
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    assert isinstance(kiosk.enrolment.state, Consenting)
    kiosk.switch.end(Instant(kiosk.now + 1.0))
    note = kiosk.steps[-1]
    assert isinstance(note, NoteStep)
    assert (note.step, note.reason) == (EnrolmentStep.ABANDONED, EndReason.LEFT)


def test_a_service_that_never_answers_holds_up_no_end() -> None:
    kiosk = Kiosk(judges=False)
    kiosk.show()
    kiosk.frame(HER)
    assert isinstance(kiosk.enrolment.state, Judging)
    kiosk.switch.end(Instant(kiosk.now + 1.0))
    assert not kiosk.enrolment.active


def test_without_networks_the_frames_are_the_doors() -> None:
    kiosk = Kiosk()
    kiosk.switch.sees = None
    kiosk.show()
    kiosk.door(ANN, times=RUN)
    assert released(kiosk)


def test_time_without_frames_ends_a_session_whose_person_has_gone() -> None:
    kiosk = Kiosk()
    kiosk.show()
    kiosk.frame(HER)
    kiosk.frame(HER)
    kiosk.switch.tick(Instant(kiosk.now + ENROLMENT.absence_seconds))
    kiosk.switch.tick(Instant(kiosk.now + ENROLMENT.hidden_seconds + 1.0))
    assert not kiosk.enrolment.active
    assert not isinstance(kiosk.access.state, Resolved)
