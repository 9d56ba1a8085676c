"""Ends by the kiosk's clock what the device behind the wire cannot end by itself.

An end that fails is tried again until it is done: locking twice harms nobody. The kiosk has to
live for it, so this is second best to a timer in the device; `docs/doors` says what it costs.
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
"""Between two tries to end something."""


class KioskTimer(Generic[Timed]):
    """A thread that ends outputs when their time is up. To be started once all is in place.

    Args:
        end: switches an output off, and says `done`; called by the thread. It has to hold what
            guards the device and then ask `due` again, since the output may have been armed anew.
        clock: the time.
        outputs: what is to be switched off at once, whatever a kiosk before this one left.
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
        """Begin; what is armed already is due."""
        self._thread.start()

    def arm(self, output: Timed, seconds: float) -> None:
        """From now on the output ends in so many seconds, whatever was armed before."""
        with self._changed:
            self._ends[output] = Instant(self._clock.monotonic() + seconds)
            self._changed.notify_all()

    def due(self, output: Timed) -> bool:
        """Whether the output's time is up, and nobody has ended it yet."""
        with self._changed:
            end = self._ends.get(output)
            return end is not None and self._clock.monotonic() >= end

    def done(self, output: Timed) -> None:
        """The output is off."""
        with self._changed:
            self._ends.pop(output, None)

    def revive(self) -> bool:
        """Start the thread anew if it died; whether it had."""
        with self._changed:
            if self._closed or self._thread.is_alive():
                return False
            self._thread = self._made()
            self._thread.start()
            return True

    def require(self) -> None:
        """See that the thread lives, before anything is left for it to end.

        Raises:
            DoorTimeout: it had died; it is started anew.
        """
        if self.revive():
            raise DoorTimeout(
                "What ends the door's releases had stopped.",
                "It was started anew, and the door is locked; if this returns, restart the kiosk.",
            )

    def close(self, timeout: float) -> None:
        """End the thread; nothing more is switched off."""
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
        except Exception:  # noqa: BLE001 - whatever it was, the output is still to be switched off
            return False
        return True

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, PAUSE_SECONDS)
