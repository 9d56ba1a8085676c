"""The one writer to the screen: every view of a kiosk goes through it, whatever thread it is from.

Guidance comes from the vision thread, results from the effects thread. A view that one of them had
on the way must not appear over "out of service", which the supervisor shows while they hang.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.domain.prompts import Prompt, Tone, View

OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
PATIENCE_SECONDS = 1.0
"""A writer that hangs cannot keep "out of service" from the screen for longer."""


class ScreenWriter:
    """Puts one view at a time on the screen. May be used by any thread.

    Args:
        write: puts a view on the screen; called by one thread at a time, but for one that hangs.
    """

    def __init__(self, write: Callable[[View], None]) -> None:
        self._write = write
        self._turn = threading.Lock()
        self._shut = threading.Event()

    def show(self, view: View) -> None:
        """Put a view on the screen, unless it is shut."""
        with self._turn:
            if not self._shut.is_set():
                self._write(view)

    def shut(self) -> None:
        """Put "out of service" on the screen, where it stays until `reopen`."""
        self._shut.set()
        taken = self._turn.acquire(timeout=PATIENCE_SECONDS)
        try:
            self._write(OFF)
        finally:
            if taken:
                self._turn.release()

    def reopen(self) -> None:
        """Let views through again; the next one replaces "out of service"."""
        self._shut.clear()
