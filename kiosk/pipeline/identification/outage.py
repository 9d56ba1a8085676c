"""Outages of a matcher: the first failure and the recovery after it are reported, once each.

A face that cannot be compared is reported each time, so that its session ends kindly. After a
failure the matcher is left alone for a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.domain.access.machine import Event, Faulted, Identified, Part, Recovered
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant

PAUSE_SECONDS = 1.0
"""The least time from a failure to the next question."""


class MatcherOutage:
    """Collects what is to be reported about a matcher. Owned by one thread."""

    def __init__(self) -> None:
        self._again_at = Instant(float("-inf"))
        self._failing = False
        self._reports: list[Event] = []

    def pauses(self, at: Instant) -> bool:
        """True right after a failure."""
        return at < self._again_at

    def failed(self, track: TrackId, captured_at: Instant, now: Instant, detail: str) -> None:
        """Nobody was compared with this face, and why."""
        self.fault(now, detail)
        self.unanswered(track, captured_at, now)

    def unanswered(
        self, track: TrackId, captured_at: Instant, now: Instant, *, used_up: bool = False
    ) -> None:
        """Nobody is compared with this face, though nothing failed; see `Identified`."""
        self._reports.append(Identified(now, track, captured_at, None, used_up))

    def fault(self, now: Instant, detail: str) -> None:
        """The matcher gave no answer, and why; somebody else stands in for it."""
        self._again_at = Instant(now + PAUSE_SECONDS)
        if not self._failing:
            self._failing = True
            self._reports.append(Faulted(now, Part.MATCHER, detail))

    def answered(self, now: Instant) -> None:
        """The matcher gave an answer."""
        if self._failing:
            self._failing = False
            self._reports.append(Recovered(now, Part.MATCHER))

    def report(self, event: Event) -> None:
        """Keep another event for the next reports."""
        self._reports.append(event)

    def reports(self, now: Instant) -> Sequence[Event]:
        """Everything since the last call, in order, stamped with the time of this one."""
        reports, self._reports = self._reports, []
        return [replace(report, at=now) for report in reports]
