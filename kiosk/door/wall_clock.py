"""Whether the clock on the wall is to be relied on: asked by whoever lets in by it.

A clock that was set back brings orders to life and hours back, so what was known once is a floor,
and the floor is durable. What cannot be told is no reason to let in.
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
    """What is known of the clock beside what it shows. May be asked by any thread."""

    def problem(self) -> str | None:
        """Why it is not to be relied on; None where nothing speaks against it."""
        ...

    def latest_ms(self) -> int:
        """No moment that is known was later, milliseconds since 1970."""
        ...


class Trusted:
    """A clock of which nothing is known: what it shows counts."""

    def problem(self) -> str | None:
        """None."""
        return None

    def latest_ms(self) -> int:
        """0."""
        return 0


TRUSTED = Trusted()


class WatchedClock:
    """The machine's clock, looked at once a second.

    Args:
        clock: the machine's.
        latest_ms: the floor that was kept; may raise an error of ours.
        synchronised: whether a time server has set the clock since the machine was started; None
            where nobody knows.
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
        """Why it is not to be relied on, a second old at most."""
        with self._alone:
            now = self._clock.monotonic()
            if now >= self._look_at:
                self._problem = self._look()
                self._look_at = type(now)(now + LOOK_SECONDS)
            return self._problem

    def latest_ms(self) -> int:
        """The floor that was kept. Raises what reading it does."""
        return self._latest_ms()

    def _look(self) -> str | None:
        try:
            latest = self._latest_ms()
        except LintelError as error:
            return error.problem.rstrip(".")
        return problem(self._clock.utc(), latest, synchronised=self._synchronised())
