"""Writes the journal anchor to other media, in a thread that may wait for slow media.

Media that are missing, full or slow shut nobody out. The failure is recorded once, and so is its
end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Self

from kiosk.domain.errors import LintelError
from kiosk.journal.events.keeping import AnchorChanged
from kiosk.journal.recorder import Writes

CLOSE_SECONDS = 2.0
"""The longest wait for the last write when the kiosk ends."""


class Anchoring:
    """Writes an anchor periodically until it is closed; a context manager.

    Args:
        keep: writes the anchor if it has changed; raises OSError or a `LintelError`.
        note: writes to the journal; may raise a `LintelError`.
        seconds: the interval between two writes.
        works: True if the anchor was in order when the kiosk started.
    """

    def __init__(
        self, keep: Callable[[], None], note: Writes, seconds: float, *, works: bool
    ) -> None:
        self._keep = keep
        self._note = note
        self._seconds = seconds
        self._works = works
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="anchor", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(CLOSE_SECONDS)

    def _serve(self) -> None:
        while True:
            closing = self._closing.is_set()
            if self._tell(self._problem()):
                self._problem()  # what was told is the journal's newest end now
            if closing:
                return
            self._closing.wait(self._seconds)

    def _problem(self) -> str | None:
        try:
            self._keep()
        except LintelError as error:
            return error.problem
        except OSError as error:
            return f"{os.strerror(error.errno or 0)}."
        return None

    def _tell(self, problem: str | None) -> bool:
        """Record each change once; if it cannot be recorded yet, retry with the next write.

        Returns:
            True if something was recorded.
        """
        works = problem is None
        if works is self._works:
            return False
        try:
            self._note(AnchorChanged(works, problem))
        except LintelError:
            return False
        self._works = works
        return True
