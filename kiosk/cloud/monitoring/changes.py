"""What changes about Rekognition: kept for an installer, and written to the journal, once each.

A journal holds no line for each call. Events are written by a thread of their own (`Watch`), never
by whoever called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.cloud.client.observing import CallGroup, CallReport, Outcome
from kiosk.cloud.monitoring.counting import USABLE
from kiosk.domain.cloud.faces import MOST_FACES, CollectionFacts
from kiosk.domain.cloud.planning import ALARM_FILL
from kiosk.journal.events.cloud import (
    CloudCircuitChanged,
    CloudCollectionFilling,
    CloudSpendingChanged,
)
from kiosk.journal.events.event import JournalEvent


@dataclass(frozen=True, slots=True)
class CloudStanding:
    """How it stands with Rekognition.

    Attributes:
        answered_at: when it last answered, UTC; None if it never did since the start.
        gone_since: since when each call failed, UTC; None if the last one was answered.
    """

    answered_at: datetime | None = None
    gone_since: datetime | None = None


class CloudChanges:
    """Notices changes. A `CallObserver`; any thread may tell it.

    Args:
        now: UTC.
        most_faces: that a collection holds.
    """

    def __init__(self, now: Callable[[], datetime], most_faces: int = MOST_FACES) -> None:
        self._now, self._most_faces = now, most_faces
        self._lock = threading.Lock()
        self._standing = CloudStanding()
        self._spent_up = False
        self._filling: set[str] = set()
        self._events: list[JournalEvent] = []
        self.happened = threading.Event()

    @property
    def standing(self) -> CloudStanding:
        """How it stands now."""
        return self._standing

    def taken(self) -> Sequence[JournalEvent]:
        """What has happened since the last time."""
        with self._lock:
            self.happened.clear()
            events, self._events = self._events, []
        return events

    def called(self, report: CallReport) -> None:
        """A call has ended."""
        with self._lock:
            if report.outcome in USABLE:
                self._standing = CloudStanding(self._now())
            elif self._standing.gone_since is None:
                self._standing = replace(self._standing, gone_since=self._now())
            if report.operation.costs and report.outcome in {*USABLE, Outcome.SPENT}:
                stopped = report.outcome is Outcome.SPENT
                if stopped is not self._spent_up:
                    self._spent_up = stopped
                    self._tell(CloudSpendingChanged(stopped))

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        """Calls of a group are not sent for a while, or they are again."""
        with self._lock:
            self._tell(CloudCircuitChanged(group.value, shut))

    def described(self, facts: CollectionFacts) -> None:
        """A collection said how many faces it holds."""
        with self._lock:
            full = facts.faces >= self._most_faces * ALARM_FILL
            if full and facts.name not in self._filling:
                self._tell(CloudCollectionFilling(facts.name, facts.faces, self._most_faces))
            (self._filling.add if full else self._filling.discard)(facts.name)

    def sampled(self, event: JournalEvent) -> None:
        """A comparison is to be described in the journal."""
        with self._lock:
            self._tell(event)

    def _tell(self, event: JournalEvent) -> None:
        self._events.append(event)
        self.happened.set()
