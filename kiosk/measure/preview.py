"""How fast the picture on the screen moves, counted only while it is there to be seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kiosk.domain.prompts import RESULTS, View


class PreviewWitness:
    """Counts the frames that a window takes. May be told by any thread.

    A result covers the picture; that time does not count. A screen that stands still while its
    picture is to be seen does count, however long.

    Args:
        now: real monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._began = False
        self._seen_since: float | None = None
        self._seconds = 0.0
        self._frames = 0

    def given(self) -> None:
        """The window has taken a frame, and shows it."""
        with self._lock:
            if not self._began:
                self._began, self._seen_since = True, self._now()
            elif self._seen_since is not None:
                self._pass()
                self._frames += 1

    def shown(self, view: View) -> None:
        """Something else is on the screen."""
        with self._lock:
            if self._began:
                self._pass()
                self._seen_since = None if view.tone in RESULTS else self._now()

    def frames_per_second(self) -> float | None:
        """While the picture was to be seen, up to the last frame or view; None of no time."""
        with self._lock:
            return self._frames / self._seconds if self._seconds > 0.0 else None

    def _pass(self) -> None:
        if self._seen_since is not None:
            now = self._now()
            self._seconds += now - self._seen_since
            self._seen_since = now
