"""Software timer that switches outputs off by the kiosk's clock, for devices without a timer.

A switch-off that fails is retried until it succeeds: locking twice does no harm. It works only
while the kiosk runs, so a timer in the device is better; `docs/doors` lists the consequences.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from kiosk.domain.errors import DoorTimeout
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant

Timed = TypeVar("Timed", bound=int)

PAUSE_SECONDS = 0.5
"""Pause between two attempts to switch an output off."""


class KioskTimer(Generic[Timed]):
    """A thread that switches outputs off when their time is up. Start it once the device is ready.

    Args:
        end: switches an output off, and calls `done`; called by the thread. It must hold the
            device's lock and then check `due` again, since the output may have been rearmed.
        clock: the time source.
        outputs: outputs that are switched off at once, whatever state an earlier kiosk process
            left.
    """

    def __init__(
        self, end: Callable[[Timed], None], clock: Clock, outputs: tuple[Timed, ...]
    ) -> None:
        self._end: Callable[[Timed], None] = end
        self._clock = clock
        self._changed = threading.Condition()
        self._ends: dict[Timed, Instant] = dict.fromkeys(outputs, clock.monotonic())
        self._closed = False
        self._thread = self._made()

    def start(self) -> None:
        """Start the thread; outputs that are already armed are due."""
        self._thread.start()

    def arm(self, output: Timed, seconds: float) -> None:
        """Set the output to end in so many seconds from now, replacing an earlier end."""
        with self._changed:
            self._ends[output] = Instant(self._clock.monotonic() + seconds)
            self._changed.notify_all()

    def due(self, output: Timed) -> bool:
        """True if the output's time is up and it has not been switched off yet."""
        with self._changed:
            end = self._ends.get(output)
            return end is not None and self._clock.monotonic() >= end

    def done(self, output: Timed) -> None:
        """Record that the output is off."""
        with self._changed:
            self._ends.pop(output, None)

    def revive(self) -> bool:
        """Restart the thread if it died; True if it had."""
        with self._changed:
            if self._closed or self._thread.is_alive():
                return False
            self._thread = self._made()
            self._thread.start()
            return True

    def require(self) -> None:
        """Check that the thread is alive before an output is armed.

        Raises:
            DoorTimeout: it had died; it has been restarted.
        """
        if self.revive():
            raise DoorTimeout(
                "The timer that ends the door's releases had stopped.",
                "It was restarted, and the door is locked; if this returns, restart the kiosk.",
            )

    def close(self, timeout: float) -> None:
        """Stop the thread; no further output is switched off."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _made(self) -> threading.Thread:
        return threading.Thread(target=self._loop, name="door timer", daemon=True)

    def _loop(self) -> None:
        while (due := self._wait_for_due()) is not None:
            ended = [self._ended(output) for output in due]
            if not all(ended):
                self._pause()

    def _wait_for_due(self) -> list[Timed] | None:
        """Outputs whose time is up; None once closed."""
        with self._changed:
            while not self._closed:
                now = self._clock.monotonic()
                if due := [output for output, end in self._ends.items() if end <= now]:
                    return due
                self._changed.wait(min(self._ends.values()) - now if self._ends else None)
            return None

    def _ended(self, output: Timed) -> bool:
        try:
            self._end(output)
        except Exception:  # noqa: BLE001 - whatever failed, the output must still be switched off
            return False
        return True

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, PAUSE_SECONDS)
