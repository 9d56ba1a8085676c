"""The frame rate of the preview on the screen, counted only while it is visible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kiosk.domain.prompts import RESULTS, View


class PreviewWitness:
    """Counts the frames that a window takes. May be called by any thread.

    A result covers the preview; that time does not count. A preview that is visible but does not
    move does count, however long.

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
        """Count a frame that the window has taken and shows."""
        with self._lock:
            if not self._began:
                self._began, self._seen_since = True, self._now()
            elif self._seen_since is not None:
                self._pass()
                self._frames += 1

    def shown(self, view: View) -> None:
        """Note that another view is on the screen."""
        with self._lock:
            if self._began:
                self._pass()
                self._seen_since = None if view.tone in RESULTS else self._now()

    def frames_per_second(self) -> float | None:
        """Frames per visible second, up to the last frame or view; None if it was never visible."""
        with self._lock:
            return self._frames / self._seconds if self._seconds > 0.0 else None

    def _pass(self) -> None:
        if self._seen_since is not None:
            now = self._now()
            self._seconds += now - self._seen_since
            self._seen_since = now
