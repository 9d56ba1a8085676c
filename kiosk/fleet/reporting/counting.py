"""The counts of a running kiosk that its fleet may see: how many, and how fast; never who.

Each is kept since the start, and for the last hour, so that a change of settings or models shows.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from kiosk.domain.access.states import Reason
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.running import PartFailed, PartRecovered

HOUR_SECONDS = 3600.0
BUCKET_SECONDS = 60.0
MOST_DURATIONS = 2000
"""Durations that are kept, the latest: enough for an hour of any door."""

SPEED_EDGES_MS = (
    *(50, 75, 100, 125, 150, 175, 200, 250, 300, 350, 400, 500, 600, 800, 1000, 1500, 2000),
    *(3000, 5000),
)
"""Where one class of speeds ends and the next begins."""


class RefusalClass(Enum):
    """Why people are refused, as far as a fleet is told."""

    RECOGNITION = "recognition"
    """Nobody was recognised, or two people looked too much alike."""
    ATTACK = "attack"
    VIEW = "view"
    """The face was not seen well enough or long enough."""
    RULES = "rules"
    FACTOR = "factor"
    DOOR = "door"
    """The door, a panel or an operator refused."""
    FAULT = "fault"


REFUSALS: Final[Mapping[Reason, RefusalClass]] = {
    Reason.NOT_RECOGNISED: RefusalClass.RECOGNITION,
    Reason.AMBIGUOUS: RefusalClass.RECOGNITION,
    Reason.PRESENTATION_ATTACK: RefusalClass.ATTACK,
    Reason.POOR_VIEW: RefusalClass.VIEW,
    Reason.TIMED_OUT: RefusalClass.VIEW,
    Reason.LEFT: RefusalClass.VIEW,
    Reason.CROWDED: RefusalClass.VIEW,
    Reason.NOT_VALID: RefusalClass.RULES,
    Reason.NOT_HERE: RefusalClass.RULES,
    Reason.NOT_NOW: RefusalClass.RULES,
    Reason.PASSED_BACK: RefusalClass.RULES,
    Reason.TOO_SOON: RefusalClass.RULES,
    Reason.FIRST_PERSON: RefusalClass.RULES,
    Reason.LOCKED_DOWN: RefusalClass.RULES,
    Reason.UNDER_REVIEW: RefusalClass.RULES,
    Reason.OUT_OF_DATE: RefusalClass.RULES,
    Reason.FACTOR_NEEDED: RefusalClass.FACTOR,
    Reason.FACTOR_SHOWN: RefusalClass.FACTOR,
    Reason.FACTOR_WRONG: RefusalClass.FACTOR,
    Reason.FACTOR_PAUSED: RefusalClass.FACTOR,
    Reason.FACTOR_MISSING: RefusalClass.FACTOR,
    Reason.PASSING: RefusalClass.DOOR,
    Reason.INTERLOCKED: RefusalClass.DOOR,
    Reason.PANEL_DENIED: RefusalClass.DOOR,
    Reason.PANEL_SILENT: RefusalClass.DOOR,
    Reason.OPERATOR_DENIED: RefusalClass.DOOR,
    Reason.FAULT: RefusalClass.FAULT,
    Reason.NOT_COMPARED: RefusalClass.FAULT,
    Reason.MATCHED: RefusalClass.DOOR,  # recognised and authorised, and the door did not obey
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How often something happened in a span of time.

    Attributes:
        decisions: grants and refusals.
        grants: decisions that let somebody in.
        refusals: by class; classes that did not occur are left out.
        faults: parts that failed.
    """

    decisions: int = 0
    grants: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """How long it took from the capture of the deciding evidence to the door's acknowledgement.

    Attributes:
        p50: the median, in milliseconds; None where nobody was let in.
        p95: the 95th percentile, in milliseconds.
        samples: how many grants of the last hour they are of.
    """

    p50: float | None = None
    p95: float | None = None
    samples: int = 0


class DoorCounts:
    """Counts what a running kiosk does. Any thread may call it.

    Args:
        now: monotonic seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._turn = now, threading.Lock()
        self._whole: Counter[str] = Counter()
        self._minutes: deque[tuple[float, Counter[str]]] = deque()
        self._durations: deque[tuple[float, float]] = deque(maxlen=MOST_DURATIONS)
        self._speeds = [0] * (len(SPEED_EDGES_MS) + 1)
        self._faults: dict[str, None] = {}
        self._door: dict[str, None] = {}

    def decided(self, reason: Reason, release_ms: float | None) -> None:
        """Count a decision.

        Args:
            reason: of the decision.
            release_ms: milliseconds from capture to the door's acknowledgement; None where it was
                not released.
        """
        with self._turn:
            if release_ms is None:
                self._count(REFUSALS[reason].value)
            else:
                self._count("grants")
                self._durations.append((self._now(), release_ms))
                self._speeds[bisect_left(SPEED_EDGES_MS, release_ms)] += 1

    def hear(self, event: JournalEvent, _: datetime) -> None:
        """Take an event of the journal into account; others than faults and the door's are not."""
        with self._turn:
            match event:
                case PartFailed():
                    self._faults[event.part] = None
                    self._count("faults")
                case PartRecovered():
                    self._faults.pop(event.part, None)
                case DoorChanged(begins=True):
                    self._door[event.state.value] = None
                case DoorChanged():
                    self._door.pop(event.state.value, None)
                case _:
                    pass

    @property
    def faults(self) -> Sequence[str]:
        """The parts that are out of order now."""
        with self._turn:
            return sorted(self._faults)

    @property
    def door(self) -> Sequence[str]:
        """The conditions of the door that have begun and not ended; none if it is secured."""
        with self._turn:
            return sorted(self._door)

    def since_start(self) -> Counts:
        """What was counted since the kiosk started."""
        with self._turn:
            return _counts(self._whole)

    def last_hour(self) -> Counts:
        """What was counted in the last hour, in steps of a minute."""
        with self._turn:
            self._forget()
            return _counts(sum((each for _, each in self._minutes), Counter()))

    def latency(self) -> Latency:
        """How fast the door was released in the last hour."""
        oldest = self._now() - HOUR_SECONDS
        with self._turn:
            kept = sorted(ms for at, ms in self._durations if at >= oldest)
        if not kept:
            return Latency()
        return Latency(_percentile(kept, 50), _percentile(kept, 95), len(kept))

    def speeds(self) -> Sequence[int]:
        """How many grants there were since the start, by class of speed, fastest first."""
        with self._turn:
            return tuple(self._speeds)

    def _count(self, what: str) -> None:
        now = self._now()
        if not self._minutes or now - self._minutes[-1][0] >= BUCKET_SECONDS:
            self._forget()
            self._minutes.append((now, Counter()))
        self._minutes[-1][1][what] += 1
        self._whole[what] += 1

    def _forget(self) -> None:
        oldest = self._now() - HOUR_SECONDS
        while self._minutes and self._minutes[0][0] < oldest:
            self._minutes.popleft()


def _counts(found: Counter[str]) -> Counts:
    refusals = {each.value: found[each.value] for each in RefusalClass if found[each.value]}
    # the class of faults is a refusal; a part that failed is counted apart
    decisions = found["grants"] + sum(refusals.values())
    return Counts(decisions, found["grants"], refusals, found["faults"])


def _percentile(kept: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of sorted values, to a tenth."""
    return round(kept[max(0, -(-len(kept) * percent // 100) - 1)], 1)
