"""The owner of the enrolment state: effects are committed in order, and a view is shown once."""

from __future__ import annotations

import pytest
from enrolling import INVITATION, INVITEE, POLICY

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.effects import EnrolmentEffect, JudgeInvitation, NoteStep
from kiosk.domain.enrolment.events import CodesRead, Judged
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
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
