"""The thread of a service that works until it is left.

It lies here because every service knows the journal, and none knows all the others.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class BackgroundThread(ABC):
    """Runs `_run` in a daemon thread of its own until it is left; a context manager.

    Args:
        name: of the thread.
        stop_seconds: the most that its end is waited for.
        woken: set by others to have work done soon; None for one of its own.
    """

    def __init__(
        self, name: str, stop_seconds: float, woken: threading.Event | None = None
    ) -> None:
        self._stop, self._now = threading.Event(), woken or threading.Event()
        self._stop_seconds = stop_seconds
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._now.set()
        self._thread.join(self._stop_seconds)

    @abstractmethod
    def _run(self) -> None:
        """Work until `_stop` is set; `_now` is set when there is something to do, or to stop."""
