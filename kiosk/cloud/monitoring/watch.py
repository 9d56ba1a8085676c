"""What watches Rekognition in a process: who calls tells it, a thread of its own passes it on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol

from kiosk.cloud.client.observing import CallGroup, CallReport
from kiosk.cloud.monitoring import metrics
from kiosk.cloud.monitoring.changes import CloudChanges, CloudStanding
from kiosk.cloud.monitoring.counting import Counting, MetricSink
from kiosk.cloud.monitoring.decision_counts import DecisionTally
from kiosk.cloud.monitoring.prometheus import PrometheusSink
from kiosk.cloud.monitoring.sampling import Sampling
from kiosk.domain.cloud.faces import MOST_FACES, CollectionFacts, DetectedFace, SearchAnswer
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import LintelError
from kiosk.journal.background import BackgroundThread
from kiosk.journal.events.event import JournalEvent

SEND_SECONDS: Final = 60.0
"""Between two batches for CloudWatch, which keeps minutes."""
STOP_SECONDS: Final = 5.0


class SendingSink(MetricSink, Protocol):
    """A sink that sends what it keeps; see `CloudWatchSink`."""

    def send(self) -> int:
        """Send it; returns how many values were lost."""
        ...


class CloudWatchers:
    """Hears of everything about Rekognition in this process.

    A `CallObserver` and an `AnswerObserver`; any thread may tell it.

    Args:
        away: sends values elsewhere; None for nowhere.
        most_faces: that a collection holds.

    Attributes:
        door: counts decisions, and the calls that the door makes for them.
    """

    def __init__(self, away: SendingSink | None = None, most_faces: int = MOST_FACES) -> None:
        self.kept, self.away = PrometheusSink(), away
        self.counting = Counting([self.kept, *([away] if away else [])], most_faces)
        self.changes = CloudChanges(lambda: datetime.now(UTC), most_faces)
        self._sampling = Sampling(0, self.changes.sampled)
        self.door = DecisionTally()

    @property
    def standing(self) -> CloudStanding:
        """How it stands with Rekognition now."""
        return self.changes.standing

    def called(self, report: CallReport) -> None:
        """A call has ended."""
        self.counting.called(report)
        self.changes.called(report)

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        """Calls of a group are not sent for a while, or they are again."""
        self.counting.circuit(group, shut=shut)
        self.changes.circuit(group, shut=shut)

    def sample(self, every: int) -> None:
        """Describe each so many-th comparison in the journal from now on; 0 for none."""
        self._sampling = Sampling(every, self.changes.sampled)

    def searched(
        self, answer: SearchAnswer, operation: Operation, size: tuple[int, int] | None = None
    ) -> None:
        """A search has answered."""
        self.counting.searched(answer, operation)
        self._sampling.searched(answer, operation, size)

    def detected(self, faces: Sequence[DetectedFace]) -> None:
        """Faces in a picture were described."""
        self.counting.detected(faces)

    def compared(self, similarities: Sequence[float]) -> None:
        """Two pictures were compared; none of these where they show different people."""
        self.counting.compared(same=bool(similarities))
        self._sampling.compared(similarities)

    def changed(self, change: str, faces: int) -> None:
        """Faces were indexed or deleted."""
        self.counting.changed(change, faces)

    def described(self, facts: CollectionFacts) -> None:
        """A collection said how many faces it holds."""
        self.counting.described(facts)
        self.changes.described(facts)


class Watch(BackgroundThread):
    """The thread that writes changes to the journal, and sends values; a context manager.

    Args:
        watchers: what they come from.
        note: writes an event to the journal.
        look: looks at what nobody tells of, such as the outbox, and keeps what is counted; called
            before values are sent, be it nowhere.
        send_seconds: between two batches.
    """

    def __init__(
        self,
        watchers: CloudWatchers,
        note: Callable[[JournalEvent], None],
        look: Callable[[], None] = lambda: None,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        super().__init__("cloud-watch", STOP_SECONDS, watchers.changes.happened)
        self._watchers, self._note, self._look = watchers, note, look
        self._send_seconds = send_seconds

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        self._write()

    def _run(self) -> None:
        send_at = time.monotonic() + self._send_seconds
        while not self._stop.is_set():
            self._now.wait(max(0.0, send_at - time.monotonic()))
            self._write()
            if time.monotonic() >= send_at:
                send_at = time.monotonic() + self._send_seconds
                self._send()
        self._send()

    def _write(self) -> None:
        for event in self._watchers.changes.taken():
            with suppress(LintelError):  # a journal that cannot be written is told of elsewhere
                self._note(event)

    def _send(self) -> None:
        self._look()
        if self._watchers.away is None:
            return
        lost = self._watchers.away.send()
        if lost:
            self._watchers.kept.add(metrics.LOST, lost)
