"""Identification frame by frame: the matcher may answer at once, later, or not at all.

One question is under way at a time. Each answer carries the face and the frame that it is about, so
that the session takes it for these and for no others. A matcher that fails, or that does not answer
in time, answers nobody: the session is told, and the first failure and the recovery after it are
reported. It is asked again with the next face, after a pause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.domain.access.machine import Event, Identified, Observed, Probe
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.ports import LateAnswer, Matcher
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Face, TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.identification.outage import MatcherOutage

ANSWER_SECONDS = 2.0
"""The most that an answer may be later than its frame."""

NO_ANSWER = "The matcher gave no answer in time."


class Identifier(Protocol):
    """The identification as a stage: frame by frame (here), or of runs (`RunIdentification`).

    `CloudIdentification` asks a service besides.

    For each frame with a face that passed quality and attack detection: `wants`, then `ask` if that
    is True. For each frame whatsoever: `follow`.
    """

    def wants(self, probe: Probe) -> bool:
        """Count this frame; True if it is to be compared."""
        ...

    def may_decide(self, at: Instant, /) -> bool:
        """True if a comparison in a frame captured then probably decides."""
        ...

    def ask(
        self,
        frame: Frame,
        face: Face,
        probe: Probe,
        apart: Callable[[], TrackId],
        others: Sequence[Face],
        /,
    ) -> Probe:
        """The probe, with its candidates if there is an answer at once.

        Args:
            frame: the frame.
            face: the face in it.
            probe: what is known of it.
            apart: gives the face a track of its own, if it is not that of the frames before.
            others: faces of people who are not in the lane, for whoever cuts a picture out.
        """
        ...

    def follow(self, observed: Observed) -> None:
        """What was observed in the frame as a whole: it may end the run of a face."""
        ...

    def answers(self, now: Instant) -> Sequence[Event]:
        """What came since the last call: an answer, that none will come, a failure, its end."""
        ...

    def close(self) -> None:
        """Give up what is under way."""
        ...


@dataclass(frozen=True, slots=True)
class _Question:
    """A question under way. It keeps nothing of the picture."""

    track: TrackId
    captured_at: Instant
    answer: LateAnswer


class Identification:
    """Asks a matcher about one face after another. Owned by one thread.

    Args:
        matcher: compares a face with the gallery.
        answer_seconds: the most that an answer may be later than its frame.
    """

    def __init__(self, matcher: Matcher, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._matcher = matcher
        self._answer_seconds = answer_seconds
        self._question: _Question | None = None
        self._outage = MatcherOutage()

    def wants(self, probe: Probe) -> bool:
        """True unless another question about this face is under way, or right after a failure.

        A question about another face is given up: that face is no longer looked at.
        """
        if self._question is not None and self._question.track != probe.track:
            self.close()
        return self._question is None and not self._outage.pauses(probe.captured_at)

    def may_decide(self, _at: Instant, /) -> bool:
        """False: the answer comes later."""
        return False

    def ask(
        self,
        frame: Frame,
        face: Face,
        probe: Probe,
        _apart: Callable[[], TrackId],
        _others: Sequence[Face] = (),
        /,
    ) -> Probe:
        """The probe, with its candidates if the matcher answers at once.

        Each frame stands for itself, so none is told apart from the frames before.
        """
        at = probe.captured_at
        try:
            answer = self._matcher.match(frame, face)
        except MatchingUnavailable as error:
            self._outage.failed(probe.track, at, at, error.problem)
            return probe
        if isinstance(answer, CandidateList):
            self._outage.answered(at)
            return replace(probe, candidates=answer)
        self._question = _Question(probe.track, at, answer)
        return probe

    def follow(self, observed: Observed) -> None:
        """Nothing: an answer is about its own frame, whatever follows."""

    def answers(self, now: Instant) -> Sequence[Event]:
        """What came since the last call: an answer, that none will come, a failure, its end."""
        if self._question is not None:
            self._look(self._question, now)
        return self._outage.reports(now)

    def close(self) -> None:
        """Give up the question under way."""
        if self._question is not None:
            self._question.answer.cancel()
            self._question = None

    def _look(self, question: _Question, now: Instant) -> None:
        """Take the answer if it has come; one that comes too late is not read any more."""
        if not now - question.captured_at < self._answer_seconds:
            self.close()
            self._outage.failed(question.track, question.captured_at, now, NO_ANSWER)
        elif question.answer.done():
            self._question = None
            self._take(question, now)

    def _take(self, question: _Question, now: Instant) -> None:
        track, captured_at = question.track, question.captured_at
        try:
            candidates = question.answer.result()
        except MatchingUnavailable as error:
            self._outage.failed(track, captured_at, now, error.problem)
        else:
            self._outage.answered(now)
            self._outage.report(Identified(now, track, captured_at, candidates))
