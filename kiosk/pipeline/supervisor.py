"""Supervises the threads: a loop that died or hangs takes the kiosk out of service.

The supervisor depends on nothing that could hang with them: it acts on screen and door directly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant

CHECK_SECONDS = 0.5
HUNG_SECONDS = 4.0
"""A loop without a heartbeat for this long hangs; longer than any device's own timeout."""

STOP_SECONDS = 3.0


class Supervised(Protocol):
    """The interface of a supervised loop."""

    beat_at: Instant

    @property
    def name(self) -> str:
        """The name of the thread."""
        ...

    def start(self) -> None:
        """Start the thread."""
        ...

    def ask_to_stop(self) -> None:
        """Request the end; returns at once."""
        ...

    def join(self, timeout: float) -> bool:
        """Wait for the end; False if it did not come in time."""
        ...


class Supervisor:
    """Starts, watches and stops the loops.

    Args:
        clock: measures the age of a heartbeat.
        loops: in starting order; all are asked to stop at once, then joined in this order.
        report: passes faults to the session.
        shut: secures the door and shows "out of service", independently of the loops.
    """

    def __init__(
        self,
        clock: Clock,
        loops: Sequence[Supervised],
        report: Callable[[Event], None],
        shut: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._loops = loops
        self._report = report
        self._shut = shut
        self._hung: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start every loop, then the supervision."""
        for loop in self._loops:
            loop.start()
        self._thread.start()

    def stop(self) -> list[str]:
        """Stop everything; returns the names of loops that did not end in time."""
        self._stopping.set()
        for loop in self._loops:
            loop.ask_to_stop()
        return [loop.name for loop in self._loops if not loop.join(STOP_SECONDS)]

    def died(self, detail: str) -> None:
        """Handle a loop that ended by an exception: this kiosk cannot decide any more."""
        self._shut(detail)
        self._report(Faulted(self._clock.monotonic(), Part.KIOSK, detail))

    def check(self) -> None:
        """Check every heartbeat once."""
        for loop in self._loops:
            self._check(loop)

    def _watch(self) -> None:
        while not self._stopping.wait(CHECK_SECONDS):
            self.check()

    def _check(self, loop: Supervised) -> None:
        now = self._clock.monotonic()
        hangs = now - loop.beat_at > HUNG_SECONDS
        if hangs and loop.name not in self._hung:
            self._hung.add(loop.name)
            self._shut(f"{loop.name} hangs")
            self._report(Faulted(now, Part.KIOSK, f"{loop.name} hangs"))
        elif not hangs and loop.name in self._hung:
            self._hung.discard(loop.name)
            if not self._hung:
                self._report(Recovered(now, Part.KIOSK))
