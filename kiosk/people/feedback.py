"""What people say about a result at the kiosk, without a name and without a text.

Whoever is said to have been mistaken for somebody else within a minute of a grant is asked for
their second factor until a person has looked, and so is whoever came near in that recognition. A
stranger's touch shuts nobody out: there are few of these in an hour, each grant takes one, and
whoever has no factor is sent to an operator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kiosk.domain.access.factors import StepUp
from kiosk.domain.access.machine import Decision
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import FeedbackNoted
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome

AFTER_GRANT_SECONDS = 60.0
HOUR_SECONDS = 3600.0
MOST_EFFECTIVE = 3
"""Reports in an hour that have an effect; further ones are only recorded."""
MOST_RECORDED = 30
"""Reports in an hour that are recorded; a button that is held down fills no disk."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """The last grant: who was let in, who came near, and when."""

    people: tuple[SubjectId, ...]
    at: Instant


class FeedbackService:
    """Takes feedback, and knows the last grant that it may be about. Any thread may call it.

    Args:
        open_home: holds people and journal.
        now: the monotonic clock.
    """

    def __init__(self, open_home: OpenHome, now: Callable[[], Instant]) -> None:
        self._people = PeopleService(open_home)
        self._recorder = open_home.recorder
        self._now = now
        self._turn = threading.Lock()
        self._last: _Grant | None = None
        self._recorded: list[Instant] = []
        self._effective: list[Instant] = []

    def granted(self, decision: Decision) -> None:
        """Remember the last grant, once the door was released for it."""
        near = [each.runner_up for each in decision.evidence if each.runner_up is not None]
        found = (decision.subject, *near[-1:])
        people = tuple(dict.fromkeys(each for each in found if each is not None))
        with self._turn:
            self._last = _Grant(people, self._now())

    def give(self, feedback: Feedback, at: Instant) -> None:
        """Record feedback, and have it take effect where it is about the last grant.

        Args:
            feedback: what was said.
            at: when.

        Raises:
            JournalUnwritable, StoreError: it could not be recorded, or has no effect.
        """
        with self._turn:
            self._recorded = _recent(self._recorded, at)
            if len(self._recorded) >= MOST_RECORDED:
                return
            self._recorded.append(at)
            concerned = self._concerned(feedback, at)
        self._recorder.note(FeedbackNoted(feedback, bool(concerned)))
        for subject in concerned:
            with suppress(SubjectUnknown):  # erased since
                self._people.step_up(subject, StepUp.REPORTED)

    def _concerned(self, feedback: Feedback, at: Instant) -> tuple[SubjectId, ...]:
        """Whom it has an effect on; each grant and each hour has few such reports."""
        last, self._effective = self._last, _recent(self._effective, at)
        if feedback is not Feedback.NOT_ME or last is None:
            return ()
        if not 0.0 <= at - last.at <= AFTER_GRANT_SECONDS:
            return ()
        if len(self._effective) >= MOST_EFFECTIVE:
            return ()
        self._last = None
        self._effective.append(at)
        return last.people


def _recent(times: list[Instant], at: Instant) -> list[Instant]:
    return [each for each in times if at - each < HOUR_SECONDS]
