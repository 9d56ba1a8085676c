"""Stage durations. Numbers only; no data of any face."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

KEPT = 10_000
"""Most durations kept per stage, the latest: bounded, so that a kiosk can run for years."""


class Stopwatch:
    """Collects durations by stage, in milliseconds. Written by one thread.

    Attributes:
        heard: told of each duration too, in seconds, in the thread that measures.
    """

    def __init__(self) -> None:
        self.heard: Callable[[str, float], None] = lambda _stage, _seconds: None
        self._kept: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time the body of the `with` statement."""
        started = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self._kept[stage].append(seconds * 1000)
            self.heard(stage, seconds)

    def milliseconds(self) -> dict[str, tuple[float, ...]]:
        """Every kept duration by stage."""
        return {stage: tuple(kept) for stage, kept in self._kept.items()}
