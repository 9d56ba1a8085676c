"""A matcher that answers when a test says so: late, never, twice, in the wrong order, or with an
error, from a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from doorway import SPACE

from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId

WAIT = 5.0
THROTTLED = MatchingUnavailable("The service was asked too often.", "Wait.")

Said = CandidateList | MatchingUnavailable


def somebody(name: str, score: float = 0.9) -> CandidateList:
    """Who it is, and nobody near."""
    return CandidateList(SPACE, (Candidate(SubjectId(name), score),))


@dataclass
class Question:
    """One question and what was said to it; the last word stands, as on a careless wire."""

    asked_at: Instant
    cancelled: bool = False
    said: list[Said] = field(default_factory=list)

    def done(self) -> bool:
        return bool(self.said)

    def result(self) -> CandidateList:
        last = self.said[-1]
        if isinstance(last, MatchingUnavailable):
            raise last
        return last

    def cancel(self) -> None:
        self.cancelled = True


class LateMatcher:
    """Fulfils `Matcher`. It keeps the capture time of what it was asked about, and no picture.

    Attributes:
        asked: every question, oldest first.
        refusing: raised by every question from now on; None to take them.
        at_once: answers in the call itself; None to answer later.
    """

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.refusing: MatchingUnavailable | None = None
        self.at_once: CandidateList | None = None
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._answer, name="matcher", daemon=True)
        self._thread.start()

    def match(self, frame: Frame, face: Face) -> CandidateList | Question:  # noqa: ARG002 - port
        question = Question(frame.captured_at)
        under_way = [q for q in self.asked if not (q.said or q.cancelled)]
        assert not under_way, "one question at a time"
        self.asked.append(question)
        if self.refusing is not None:
            question.said.append(self.refusing)
            raise self.refusing
        if self.at_once is not None:
            question.said.append(self.at_once)
            return self.at_once
        return question

    def answer(self, said: Said, number: int = -1) -> None:
        """Answer a question, the newest if no other is named, in the matcher's own thread."""
        question, answered = self.asked[number], threading.Event()

        def work() -> None:
            question.said.append(said)
            answered.set()

        self._work.put(work)
        assert answered.wait(WAIT)

    def close(self) -> None:
        self._work.put(None)
        self._thread.join(WAIT)

    def _answer(self) -> None:
        while (work := self._work.get()) is not None:
            work()
