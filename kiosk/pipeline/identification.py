"""Identification as a stage: the matcher may answer at once, later, or not at all.

One question is under way at a time. Each answer carries the face and the frame that it is about, so
that the session takes it for these and for no others. A matcher that fails, or that does not answer
in time, answers nobody: the session is told, and the first failure and the recovery after it are
reported. It is asked again with the next face, after a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.access.machine import Event, Faulted, Identified, Part, Probe, Recovered
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.ports import LateAnswer, Matcher
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Face, TrackId
from kiosk.domain.vision.frame import Frame, Instant

ANSWER_SECONDS = 2.0
"""The most that an answer may be later than its frame."""

PAUSE_SECONDS = 1.0
"""The least time from a failure to the next question."""

NO_ANSWER = "The matcher gave no answer in time."


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
        self._again_at = Instant(float("-inf"))
        self._failing = False
        self._reports: list[Event] = []

    def ask(self, frame: Frame, face: Face, probe: Probe) -> Probe:
        """The probe, with its candidates if the matcher answers at once.

        Not asked at all while another question about this face is under way, nor right after a
        failure. A question about another face is given up: that face is no longer looked at.
        """
        if self._question is not None and self._question.track != probe.track:
            self.close()
        if self._question is not None or probe.captured_at < self._again_at:
            return probe
        try:
            answer = self._matcher.match(frame, face)
        except MatchingUnavailable as error:
            self._failed(probe.track, probe.captured_at, probe.captured_at, error.problem)
            return probe
        if isinstance(answer, CandidateList):
            self._works(probe.captured_at)
            return replace(probe, candidates=answer)
        self._question = _Question(probe.track, probe.captured_at, answer)
        return probe

    def answers(self, now: Instant) -> Sequence[Event]:
        """What came since the last call: an answer, that none will come, a failure, its end."""
        if self._question is not None:
            self._look(self._question, now)
        reports, self._reports = self._reports, []
        return [replace(report, at=now) for report in reports]

    def close(self) -> None:
        """Give up the question under way."""
        if self._question is not None:
            self._question.answer.cancel()
            self._question = None

    def _look(self, question: _Question, now: Instant) -> None:
        """Take the answer if it has come; one that comes too late is not read any more."""
        if not now - question.captured_at < self._answer_seconds:
            self.close()
            self._failed(question.track, question.captured_at, now, NO_ANSWER)
        elif question.answer.done():
            self._question = None
            self._take(question, now)

    def _take(self, question: _Question, now: Instant) -> None:
        track, captured_at = question.track, question.captured_at
        try:
            candidates = question.answer.result()
        except MatchingUnavailable as error:
            self._failed(track, captured_at, now, error.problem)
        else:
            self._works(now)
            self._reports.append(Identified(now, track, captured_at, candidates))

    def _failed(self, track: TrackId, captured_at: Instant, now: Instant, detail: str) -> None:
        self._again_at = Instant(now + PAUSE_SECONDS)
        if not self._failing:
            self._failing = True
            self._reports.append(Faulted(now, Part.MATCHER, detail))
        self._reports.append(Identified(now, track, captured_at, None))

    def _works(self, now: Instant) -> None:
        if self._failing:
            self._failing = False
            self._reports.append(Recovered(now, Part.MATCHER))
