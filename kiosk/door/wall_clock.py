"""Checks if the wall clock is reliable, for rules that depend on the time of day.

A clock that was set back revives expired orders and past hours. The latest known time is therefore
a lower bound, and the bound is durable. Time that cannot be verified is no reason to admit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.errors import LintelError
from kiosk.domain.ports import Clock
from kiosk.domain.walltime import problem

LOOK_SECONDS = 1.0


class Wall(Protocol):
    """Knowledge about the wall clock beyond its reading. May be called by any thread."""

    def problem(self) -> str | None:
        """The reason why the clock is not reliable; None where nothing speaks against it."""
        ...

    def latest_ms(self) -> int:
        """The latest time known to have passed, milliseconds since 1970."""
        ...


class Trusted:
    """A clock about which nothing else is known: its reading counts."""

    def problem(self) -> str | None:
        """None."""
        return None

    def latest_ms(self) -> int:
        """0."""
        return 0


TRUSTED = Trusted()


class WatchedClock:
    """The system clock, checked once a second.

    Args:
        clock: the system clock.
        latest_ms: the stored lower bound; may raise a `LintelError`.
        synchronised: True if a time server has set the clock since boot; None where unknown.
    """

    def __init__(
        self,
        clock: Clock,
        latest_ms: Callable[[], int],
        synchronised: Callable[[], bool | None],
    ) -> None:
        self._clock = clock
        self._latest_ms = latest_ms
        self._synchronised = synchronised
        self._alone = threading.Lock()
        self._look_at = clock.monotonic()
        self._problem: str | None = None

    def problem(self) -> str | None:
        """The reason why the clock is not reliable, at most one second old."""
        with self._alone:
            now = self._clock.monotonic()
            if now >= self._look_at:
                self._problem = self._look()
                self._look_at = type(now)(now + LOOK_SECONDS)
            return self._problem

    def latest_ms(self) -> int:
        """The stored lower bound. Raises any error of reading it."""
        return self._latest_ms()

    def _look(self) -> str | None:
        try:
            latest = self._latest_ms()
        except LintelError as error:
            return error.problem.rstrip(".")
        return problem(self._clock.utc(), latest, synchronised=self._synchronised())
