"""Which frames of a run are measured: as many as a decision takes, not as many as the camera gives.

Each frame is searched for faces and tracked, and who is alone is judged in each. Only the measures
of the face (quality, attack detection, comparison) wait for the next probe to be due.

Nobody waits longer because of it: a run has its probes in the time that it takes in any case, the
frame that ends that time is measured, and so is each frame until one is acceptable. Once a frame of
a run has failed attack detection, each further one is measured: a person before a grainy camera
needs as many good frames as anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.access.machine import Observed, Probe
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant

LEAST_PER_SECOND = 15.0
"""Probes a second, however few the settings need."""

EARLY = 0.98
"""Of the time between two probes: a camera's frames come a little early and late."""


@dataclass(frozen=True, slots=True)
class ProbePace:
    """How often a face is measured.

    Attributes:
        interval: seconds between two probes; 0 to measure each frame.
        spans: seconds from the first probe of a run after which a frame may decide.
    """

    interval: float
    spans: tuple[float, ...] = ()


EVERY_FRAME = ProbePace(0.0)


def pace_of(*runs: tuple[int, float]) -> ProbePace:
    """The pace at which each of these runs has its probes in its time.

    Args:
        runs: probes and seconds that a decision takes.
    """
    apart = (seconds / (probes - 1) for probes, seconds in runs if probes > 1)
    interval = EARLY * min((1 / LEAST_PER_SECOND, *apart))
    return ProbePace(interval, tuple(seconds for _, seconds in runs))


class Pacing:
    """Follows the run of one face, and says which frames need not be measured. Owned by one thread.

    Args:
        pace: how often a face is measured.
        pad_threshold: the bona fide score below which a frame proves nothing.
    """

    def __init__(self, pace: ProbePace, pad_threshold: float) -> None:
        self._pace = pace
        self._pad_threshold = pad_threshold
        self._track: TrackId | None = None
        self._failed = False
        self._began = self._last = self._due = self._seen_at = Instant(float("-inf"))

    def passes_over(self, track: TrackId, at: Instant) -> bool:
        """True if this face was measured well so recently that this frame need not be.

        Of two frames about the time at which the next probe is due, the nearer one is measured.
        """
        near = (at - self._seen_at) / 2
        if self._failed or track != self._track:
            return False
        soon = near < self._due - at <= self._pace.interval
        return soon and not any(self._ends(span, at) for span in self._pace.spans)

    def follow(self, observed: Observed) -> None:
        """What was observed in a frame; whatever breaks a run ends the pace."""
        match observed.probes:
            case (Probe(passed_over=True),):
                pass
            case (Probe(track=track, quality=quality, pad=pad),) if quality and quality.acceptable:
                self._measured(track, observed.at)
                self._failed |= pad is not None and not pad.passes(self._pad_threshold)
            case _:
                self._track = None
        self._seen_at = observed.at

    def _measured(self, track: TrackId, at: Instant) -> None:
        if track != self._track:
            self._track, self._began, self._due, self._failed = track, at, at, False
        # A frame that came late or early does not move the next: the pace is kept on average.
        latest, earliest = at + (at - self._seen_at) / 2, at - self._pace.interval
        due = max(min(self._due, latest), earliest)
        self._last, self._due = at, Instant(due + self._pace.interval)

    def _ends(self, span: float, at: Instant) -> bool:
        return at - self._began >= span > self._last - self._began
