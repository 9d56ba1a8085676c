"""Watching over the threads: a loop that died or hangs takes the kiosk out of service.

The supervisor needs nothing that could hang with them: it tells the screen and the door itself.
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
"""A loop that has not beaten for so long hangs; longer than any device's own time-out."""

STOP_SECONDS = 3.0


class Supervised(Protocol):
    """What the supervisor needs of a loop."""

    beat_at: Instant

    @property
    def name(self) -> str:
        """Of the thread."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def ask_to_stop(self) -> None:
        """Tell it to end; returns at once."""
        ...

    def join(self, timeout: float) -> bool:
        """Wait for its end; False if it did not come in time."""
        ...


class Supervisor:
    """Starts the loops, watches them, stops them.

    Args:
        clock: to tell how old a heartbeat is.
        loops: in the order of their start; asked to stop all at once, joined in this order.
        report: takes faults to the session.
        shut: secures the door and says out of service, whatever the loops do.
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
        """Start every loop, then the watch over them."""
        for loop in self._loops:
            loop.start()
        self._thread.start()

    def stop(self) -> list[str]:
        """Stop everything; the names of loops that did not end in time."""
        self._stopping.set()
        for loop in self._loops:
            loop.ask_to_stop()
        return [loop.name for loop in self._loops if not loop.join(STOP_SECONDS)]

    def died(self, detail: str) -> None:
        """A loop has ended by an exception: this kiosk cannot decide any more."""
        self._shut(detail)
        self._report(Faulted(self._clock.monotonic(), Part.KIOSK, detail))

    def check(self) -> None:
        """Look at every heartbeat once."""
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
