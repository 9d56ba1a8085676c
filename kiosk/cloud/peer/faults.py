"""Faults of the peer that tests and demonstrations switch on, and off again."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import Enum


class PeerFault(Enum):
    """What goes wrong."""

    BLACK_HOLE = "black hole"
    """The request is taken and never answered; nothing is done."""
    LOST = "lost"
    """The request is done, and the answer never comes."""
    REFUSED = "refused"
    """The error that the fault names, before anything is done."""
    FAILED = "failed"
    """The error that the fault names, after it was done."""
    CLOSED = "closed"
    """The connection is closed in the middle of the answer; it was done."""
    SHORT = "short"
    """The answer announces more bytes than come."""
    WITHOUT = "without"
    """The answer lacks the member that the fault names."""
    NO_JSON = "no JSON"
    """The answer is no JSON."""
    AFTER_NEXT = "after next"
    """The answer waits until a later one has been sent, or for the fault's seconds."""
    SIMILARITY = "similarity"
    """Every match has the similarity that the fault gives."""


@dataclass(slots=True)
class FaultRule:
    """A fault and when it happens.

    Attributes:
        fault: what goes wrong.
        operation: of which operation; None for all.
        times: how often; None until it is lifted.
        share: of the requests, 0 to 1.
        name: of an error or of a member.
        value: a number: seconds or a similarity.
    """

    fault: PeerFault
    operation: str | None = None
    times: int | None = None
    share: float = 1.0
    name: str = "InternalServerError"
    value: float = 2.0


class PeerFaults:
    """The faults in force. Used by any thread."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[FaultRule] = []
        self._latency: dict[str | None, float] = {}
        self._random = random.Random(seed)  # noqa: S311 - which requests fail, not a secret
        self._lock = threading.Lock()

    def add(self, rule: FaultRule) -> FaultRule:
        """Put a fault in force."""
        with self._lock:
            self._rules.append(rule)
        return rule

    def lift(self, rule: FaultRule | None = None) -> None:
        """Lift a fault; all of them, and every latency, for None."""
        with self._lock:
            if rule is None:
                self._rules.clear()
                self._latency.clear()
            elif rule in self._rules:
                self._rules.remove(rule)

    def slow(self, seconds: float, operation: str | None = None) -> None:
        """Let each answer of an operation, or of all, take so much longer."""
        with self._lock:
            self._latency[operation] = seconds

    def latency(self, operation: str) -> float:
        """Seconds that an operation's answer takes longer."""
        with self._lock:
            return self._latency.get(operation, self._latency.get(None, 0.0))

    def drawn(self, operation: str) -> dict[PeerFault, FaultRule]:
        """The faults that happen to one request; a limited one is used up by it."""
        with self._lock:
            happening: dict[PeerFault, FaultRule] = {}
            for rule in list(self._rules):
                if rule.operation not in {None, operation} or rule.fault in happening:
                    continue
                if rule.share < 1.0 and self._random.random() >= rule.share:
                    continue
                happening[rule.fault] = rule
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times <= 0:
                        self._rules.remove(rule)
            return happening
