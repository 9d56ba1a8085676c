"""The only owner of the enrolment state. Every event passes through `handle`, in one thread.

What must not be lost is committed, in order; what a person is to do now is shown, the newest
replaces older ones, and it is held as at the door, so that nothing flickers.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.enrolment.effects import EnrolmentEffect, ShowEnrolment
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.machine import advance_enrolment
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.states import (
    Committing,
    Dormant,
    EnrolmentState,
    Judging,
    LookingUp,
    Withdrawing,
    active,
)
from kiosk.domain.enrolment.view import EnrolmentView, enrolment_view
from kiosk.domain.guidance import Guidance
from kiosk.domain.vision.frame import Instant

CommitEnrolment = Callable[[tuple[EnrolmentEffect, ...]], None]
"""Receives effects to carry out in order; none may be lost."""


class EnrolmentSession:
    """Advances the enrolment session.

    Args:
        policy: its parameters.
        commit: receives effects that must be carried out.
        guide: shows what a person is to do; None clears the screen for the door.
    """

    def __init__(
        self,
        policy: SessionPolicy,
        commit: CommitEnrolment,
        guide: Callable[[EnrolmentView | None], None],
    ) -> None:
        self.state: EnrolmentState = Dormant()
        self._policy = policy
        self._commit = commit
        self._guide = guide
        self._guidance: Guidance[EnrolmentView] | None = None

    @property
    def active(self) -> bool:
        """True if a session is going on: the frames are its."""
        return active(self.state)

    @property
    def waiting(self) -> bool:
        """True if a service is to answer next."""
        return isinstance(self.state, Judging | LookingUp | Committing | Withdrawing)

    @property
    def showing(self) -> bool:
        """True if something of it is on the screen: a session, or its result."""
        return not isinstance(self.state, Dormant)

    def handle(self, event: EnrolmentEvent) -> None:
        """Process one event."""
        move = advance_enrolment(self.state, event, self._policy)
        self.state = move.state
        lasting = tuple(each for each in move.effects if not isinstance(each, ShowEnrolment))
        if lasting:
            self._commit(lasting)
        self._show(enrolment_view(self.state, self._policy), event.at)

    def _show(self, view: EnrolmentView | None, at: Instant) -> None:
        """Show a view once it has settled, and the one before could be read."""
        before = self._guidance
        if view is None:
            self._guidance = None
        else:
            self._guidance = before.follow(view, at) if before else Guidance(view, at)
        if _shown(self._guidance) != _shown(before):
            self._guide(_shown(self._guidance))


def _shown(guidance: Guidance[EnrolmentView] | None) -> EnrolmentView | None:
    return None if guidance is None else guidance.shown
