"""The owner of the enrolment state: effects are committed in order, and a view is shown once."""

from __future__ import annotations

from itertools import groupby

import pytest
from enrolling import ANN, BEN, INVITATION, INVITEE, POLICY, Visit

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.effects import (
    EnrolmentEffect,
    EnrolmentMove,
    JudgeInvitation,
    NoteStep,
)
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent, Judged
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.guidance import READ_SECONDS, SETTLE_SECONDS
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.pipeline.enrolment.session import EnrolmentSession


class Watched:
    """A session, and what it asked for."""

    def __init__(self) -> None:
        self.committed: list[tuple[EnrolmentEffect, ...]] = []
        self.shown: list[EnrolmentView | None] = []
        self.session = EnrolmentSession(POLICY, self.committed.append, self.shown.append)

    def invite(self) -> None:
        self.session.handle(CodesRead(Instant(1.0), frozenset({INVITATION})))
        self.session.handle(Judged(Instant(1.1), INVITEE, text=INVITATION))


def test_before_anybody_comes_nothing_is_asked_for_or_shown() -> None:
    watched = Watched()
    watched.session.handle(Ticked(Instant(1.0)))
    assert (watched.committed, watched.shown) == ([], [])
    session = watched.session
    assert (session.active, session.showing, session.waiting) == (False, False, False)


def test_effects_are_committed_in_their_order_and_none_only_shows() -> None:
    watched = Watched()
    watched.invite()
    (judge,), (note,) = watched.committed
    assert judge == JudgeInvitation(INVITATION, Instant(1.0))
    assert note == NoteStep(Instant(1.1), EnrolmentStep.INVITED, INVITEE.subject)
    assert watched.session.active
    assert not watched.session.waiting


def test_a_service_is_waited_for_until_it_has_answered() -> None:
    watched = Watched()
    watched.session.handle(CodesRead(Instant(1.0), frozenset({INVITATION})))
    assert watched.session.waiting


def test_a_view_is_shown_once_and_the_screen_given_back_at_the_end() -> None:
    watched = Watched()
    watched.invite()
    before = len(watched.shown)
    watched.session.handle(Ticked(Instant(1.2)))
    assert len(watched.shown) == before, "nothing has changed"
    watched.session.handle(Faulted(Instant(1.3), Part.CAMERA, "unplugged"))
    last = watched.shown[-1]
    assert last is not None
    assert last.prompt is Prompt.SEE_RECEPTION
    assert watched.session.showing
    assert not watched.session.active
    watched.session.handle(Ticked(Instant(1.4 + POLICY.result_seconds)))
    assert watched.shown[-1] is None
    assert not watched.session.showing


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.MATCHER])
def test_a_part_that_fails_ends_it(part: Part) -> None:
    watched = Watched()
    watched.invite()
    watched.session.handle(Faulted(Instant(1.3), part, "gone"))
    (note,) = watched.committed[-1]
    assert isinstance(note, NoteStep)
    assert (note.step, note.reason) == (EnrolmentStep.FAILED, EndReason.FAULT)


# -- nothing flickers ----------------------------------------------------------------------------

DARK, BLURRED = ANN.but(defects=(Defect.TOO_DARK,)), ANN.but(defects=(Defect.BLURRED,))


class OnScreen(Visit):
    """People who enrol, and what their screen shows, when."""

    def __init__(self) -> None:
        super().__init__()
        self.screen: list[tuple[float, EnrolmentView | None]] = []
        self.session = EnrolmentSession(
            POLICY, lambda _: None, lambda view: self.screen.append((self.now, view))
        )

    def handle(self, event: EnrolmentEvent) -> EnrolmentMove:
        self.session.handle(event)
        self.state = self.session.state
        return EnrolmentMove(self.state)

    @property
    def shown(self) -> EnrolmentView:
        _, view = self.screen[-1]
        assert view is not None
        return view

    def sentences(self, since: float) -> list[tuple[Prompt, float]]:
        """Each sentence since then, and when it came."""
        views = [(at, view) for at, view in self.screen if view is not None and at >= since]
        every = groupby(views, key=lambda each: each[1].prompt)
        return [(prompt, next(those)[0]) for prompt, those in every]


def posing() -> OnScreen:
    """Somebody who is asked to look straight ahead, and does not quite yet."""
    people = OnScreen()
    people.agree()
    people.stand(1.0, ANN.but(measured=False, pad=None, extracted=False))
    assert people.shown.prompt is Prompt.LOOK_STRAIGHT
    return people


@pytest.mark.parametrize("frames", [1, 2])
def test_alternating_defects_do_not_flicker(frames: int) -> None:
    people = posing()
    since = people.now
    for _ in range(15):
        people.see(DARK, times=frames)
        people.see(BLURRED, times=frames)
    assert {prompt for prompt, _ in people.sentences(since)} <= {Prompt.LOOK_STRAIGHT}


def test_a_face_that_is_lost_for_a_frame_changes_nothing() -> None:
    people = posing()
    since = people.now
    for _ in range(10):
        people.see(ANN.but(measured=False, pad=None, extracted=False), times=3)
        people.see()
    assert {prompt for prompt, _ in people.sentences(since)} <= {Prompt.LOOK_STRAIGHT}


def test_a_second_face_is_told_of_once_it_lasts_and_the_ring_empties_at_once() -> None:
    people = posing()
    people.see(ANN.but(yaw=8.0, measured=False))
    assert people.shown.fill > 0.0
    began = people.now
    people.see(ANN, BEN)
    assert (people.shown.prompt, people.shown.fill) == (Prompt.LOOK_STRAIGHT, 0.0)
    people.see(ANN, BEN, times=12)
    assert people.shown.prompt is Prompt.ONE_AT_A_TIME
    assert people.sentences(began)[-1][1] - began >= SETTLE_SECONDS


def test_what_became_of_a_turn_is_said_at_once_and_can_be_read() -> None:
    people = posing()
    since = people.now
    people.turn(PoseDirection.CENTRE)
    assert people.shown.prompt is Prompt.POSE_TAKEN
    people.see(BLURRED)
    people.stand(1.5)
    assert people.shown.prompt is Prompt.TURN_LEFT
    taken, following = people.sentences(since)[-2:]
    assert (taken[0], following[0]) == (Prompt.POSE_TAKEN, Prompt.TURN_LEFT)
    assert READ_SECONDS <= following[1] - taken[1] <= READ_SECONDS + 0.3


def test_a_question_and_a_result_never_wait() -> None:
    people = OnScreen()
    people.invite()
    assert people.shown.prompt is Prompt.INVITED_HELLO
    people.read()
    assert people.shown.prompt is Prompt.CONSENT_CHOICE
    people.handle(Faulted(people.at(), Part.CAMERA, "unplugged"))
    assert people.shown.prompt is Prompt.SEE_RECEPTION
