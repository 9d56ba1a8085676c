"""TimedAttempts that are waited for no longer than a deadline, whatever they do.

Neither the look-up of a name nor an answer that comes byte by byte keeps to the time-outs of a
connection; so each attempt has a thread of its own, which is left behind when its time is up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


class TooManyAtOnce(Exception):
    """As many attempts are under way as there may be."""


class TimedAttempts:
    """Makes attempts, so many at once.

    Args:
        most: attempts at once; one that was left behind counts until it has ended.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.Semaphore(most)

    def make(self, attempt: Callable[[], Answer], seconds: float) -> Answer:
        """The answer of an attempt.

        Args:
            attempt: what is tried.
            seconds: to wait for a free place, and for its end.

        Raises:
            TooManyAtOnce: no place came free.
            TimeoutError: it has not ended.
            Exception: what the attempt raises.
        """
        until = time.monotonic() + seconds
        if not self._free.acquire(timeout=max(0.0, seconds)):
            raise TooManyAtOnce
        ended: Future[Answer] = Future()

        def run() -> None:
            try:
                ended.set_result(attempt())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                ended.set_exception(error)
            finally:
                self._free.release()

        threading.Thread(target=run, name="cloud-call", daemon=True).start()
        return ended.result(timeout=max(0.0, until - time.monotonic()))
