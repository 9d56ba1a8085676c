"""The output of a run: each decision and fault as it happens, and a summary at the end.

Other programs read the JSON form; its keys are a stable interface. Comparison scores are never
output.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from kiosk.app.age import seconds_since_start
from kiosk.app.console import print_json
from kiosk.domain.access.machine import AuditFault
from kiosk.domain.access.policy import MAKE_ROOM
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.running import GalleryOutgrown
from kiosk.pipeline.memory import peak_rss_mb
from kiosk.pipeline.stopwatch import Stopwatch

Told = TypeVar("Told")


class Reporter:
    """Prints events and counts them for the summary. May be called by any thread.

    Args:
        json: True for one JSON object per line, else plain words.
    """

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._lock = threading.Lock()
        self._decisions = 0
        self._releases = 0
        self._reached: set[str] = set()
        self._started = time.perf_counter()
        self.began_at: Callable[[], float] = lambda: 0.0
        self.heard: Callable[[], bool] = lambda: True
        """True if the output is still being read."""
        self.also: list[Callable[[Happened], None]] = []
        """Told of the same before it is printed."""
        self.stopwatch = Stopwatch()
        """Times the stages, for the summary."""

    def restart(self) -> None:
        """Restart the clock of the summary, so that loading is not counted."""
        self._started = time.perf_counter()

    def observe(self, happened: Happened) -> None:
        """Report a decision that was carried out, or a part that failed or recovered."""
        for hear in self.also:
            hear(happened)
        with self._lock:
            if isinstance(happened, AuditFault):
                self._print(fault_line(happened, self.began_at()))
                return
            if isinstance(happened, NoteStep):
                self._print(enrolment_line(happened, self.began_at()))
                return
            self._decisions += 1
            self._releases += happened.released
            self._print(decision_line(happened, self.began_at()))

    def reached(self, mark: str) -> bool:
        """Report a start-up milestone, once each and only in JSON form. True the first time.

        Args:
            mark: ``preview`` (the first frame is on the screen) or ``ready`` (the first frame was
                analysed).
        """
        with self._lock:
            if mark in self._reached:
                return False
            self._reached.add(mark)
            if self._json:
                print_json({"event": mark, "after_seconds": round(seconds_since_start(), 2)})
            return True

    def summarise(self, frames: int) -> None:
        """Print the summary as the last line."""
        seconds = max(time.perf_counter() - self._started, 1e-9)
        medians = {
            stage: round(statistics.median(kept), 2)
            for stage, kept in self.stopwatch.milliseconds().items()
        }
        self._print(
            {
                "event": "summary",
                "frames": frames,
                "decisions": self._decisions,
                "door_releases": self._releases,
                "frames_per_second": round(frames / seconds, 1),
                "stage_ms": medians,
                "peak_rss_mb": round(peak_rss_mb(), 1),
            }
        )

    def _print(self, event: dict[str, Any]) -> None:
        if self._json:
            print_json(event)
        else:
            words = (f"{key} {value}" for key, value in event.items() if value is not None)
            print(", ".join(words).removeprefix("event "), flush=True)


def decision_line(outcome: DecisionOutcome, began_at: float) -> dict[str, Any]:
    """A decision in the form for other programs."""
    decision = outcome.decision
    return {
        "event": "decision",
        "outcome": "granted" if decision.granted else "refused",
        "reason": decision.reason.value,
        "subject": decision.subject if decision.granted else None,
        "at_seconds": round(decision.at - began_at, 3),
        "capture_to_release_ms": _rounded(outcome.release_ms, 2),
        "pad": _rounded(decision.pad, 4),
        "probes": len(decision.evidence),
        "defect": decision.defect.value if decision.defect else None,
    }


def enrolment_line(noted: NoteStep, began_at: float) -> dict[str, Any]:
    """A step of an enrolment in the form for other programs."""
    return {
        "event": "enrolment",
        "step": noted.step.value,
        "subject": noted.subject,
        "reason": None if noted.reason is None else noted.reason.value,
        "at_seconds": round(max(0.0, noted.at - began_at), 3),
    }


def fault_line(fault: AuditFault, began_at: float) -> dict[str, Any]:
    """A fault or its end in the form for other programs."""
    return {
        "event": "recovered" if fault.recovered else "fault",
        "part": fault.part.value,
        "detail": fault.detail or None,
        "at_seconds": round(max(0.0, fault.at - began_at), 3),
    }


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)


def warn(event: JournalEvent, _at: datetime) -> None:
    """Print events that must be seen at once by the person who starts a kiosk."""
    if isinstance(event, GalleryOutgrown):
        print(f"kiosk: {event.sentence()}\n       {MAKE_ROOM}", file=sys.stderr)


def both(first: Callable[[Told], None], other: Callable[[Told], None]) -> Callable[[Told], None]:
    """Tell two listeners, one after the other."""

    def tell(news: Told) -> None:
        first(news)
        other(news)

    return tell
