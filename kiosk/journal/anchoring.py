"""Keeping the journal's end on other media, by a thread that may wait for them as long as it takes.

Media that are gone, full or slow keep nobody out: that is written down once, and once when it is
over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Self

from kiosk.domain.audit import Value
from kiosk.domain.errors import LintelError

CLOSE_SECONDS = 2.0
"""How long the kiosk's end waits for the last one to be written."""

Note = Callable[[str, dict[str, Value]], None]


class Anchoring:
    """Keeps an anchor until it is closed; closes as a context.

    Args:
        keep: writes it if there is something new to say; raises OSError or an error of ours.
        note: writes into the journal; may raise errors of ours.
        seconds: between two writings.
        works: whether it was in order when the kiosk started.
    """

    def __init__(
        self, keep: Callable[[], None], note: Note, seconds: float, *, works: bool
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
            self._tell(self._problem())
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

    def _tell(self, problem: str | None) -> None:
        """Once for each change; where it cannot be written down yet, with the next try."""
        works = problem is None
        if works is self._works:
            return
        try:
            self._note("anchor", {"works": works} | ({"problem": problem} if problem else {}))
        except LintelError:
            return
        self._works = works
