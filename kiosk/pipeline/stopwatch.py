"""Stage durations. Numbers only; no data of any face."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

KEPT = 10_000
"""Most durations kept per stage, the latest: bounded, so that a kiosk can run for years."""


class Stopwatch:
    """Collects durations by stage, in milliseconds. Written by one thread."""

    def __init__(self) -> None:
        self._kept: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time the body of the `with` statement."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._kept[stage].append((time.perf_counter() - started) * 1000)

    def milliseconds(self) -> dict[str, tuple[float, ...]]:
        """Every kept duration by stage."""
        return {stage: tuple(kept) for stage, kept in self._kept.items()}
