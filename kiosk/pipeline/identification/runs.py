"""Identification of a run: a few of its frames are compared, by the mean of their templates.

The rules are those of `kiosk.domain.vision.run`; here they meet the models. A run is one face, seen
without a break: it ends as the evidence of the access session does, with a poor view, a second
face, an empty lane or another track. Its templates are forgotten then, and are nowhere else.

A face that does not agree with the run is another's, who came into the same place without a gap. It
is given a track of its own, so that the session ends as it does whenever somebody else is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kiosk.domain.access.machine import Event, Observed, Probe
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.ports import TemplateMatcher
from kiosk.domain.vision.face import Face, TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.run import ComparedRun, ComparisonPlan
from kiosk.pipeline.identification.outage import MatcherOutage

FORGET_SECONDS = 1.0
"""Without a frame for so long, a run has ended."""


class RunIdentification:
    """Compares the runs of one face after another. Owned by one thread.

    Args:
        matcher: makes templates, and compares them with the gallery.
        plan: which frames are compared, and what is another face.
    """

    def __init__(self, matcher: TemplateMatcher, plan: ComparisonPlan) -> None:
        self._matcher = matcher
        self._plan = plan
        self._run: ComparedRun | None = None
        self._track: TrackId | None = None
        self._seen_at = Instant(float("-inf"))
        self._outage = MatcherOutage()

    def wants(self, probe: Probe) -> bool:
        """Count this frame; True if it is one of the few that are compared."""
        at, run = probe.captured_at, self._run
        if run is None or probe.track != self._track:
            run, self._track = ComparedRun(at), probe.track
        self._run = run.counting()
        return run.due(at, self._plan) and not self._outage.pauses(at)

    def may_decide(self, at: Instant) -> bool:
        """True if a comparison in a frame captured then would complete the mean of a run."""
        run, plan = self._run, self._plan
        if run is None or run.made < plan.comparisons - 1:
            return False
        return run.counting().due(at, plan)

    @property
    def began_at(self) -> Instant | None:
        """Capture time of the first frame of the run; None without one."""
        return None if self._run is None else self._run.began_at

    def ask(
        self,
        frame: Frame,
        face: Face,
        probe: Probe,
        apart: Callable[[], TrackId],
        _others: Sequence[Face] = (),
    ) -> Probe:
        """The probe, with the candidates for the mean of its run."""
        at = probe.captured_at
        try:
            template = self._matcher.extract(frame, face)
            run = self._run or ComparedRun(at, frames=1)
            if not run.agrees(template, self._plan):
                self._track = apart()
                probe, run = replace(probe, track=self._track), ComparedRun(at, frames=1)
            self._run = run.comparing(at, template, self._plan)
            candidates = self._matcher.identify(self._run.mean)
        except MatchingUnavailable as error:
            self.close()
            self._outage.failed(probe.track, at, at, error.problem)
            return probe
        self._outage.answered(at)
        return replace(probe, candidates=candidates, since=self._run.since)

    def follow(self, observed: Observed) -> None:
        """Forget the run unless its face was seen in this frame, alone, and well if measured."""
        self._seen_at = observed.at
        match observed.probes:
            case (probe,) if self._goes_on(probe):
                pass
            case _:
                self.close()

    def answers(self, now: Instant) -> Sequence[Event]:
        """A failure and its end; here answers come at once."""
        if not now - self._seen_at < FORGET_SECONDS:
            self.close()
        return self._outage.reports(now)

    def close(self) -> None:
        """Forget the run."""
        self._run = None

    def _goes_on(self, probe: Probe) -> bool:
        well = probe.quality is not None and probe.quality.acceptable
        return probe.track == self._track and (well or probe.passed_over)
