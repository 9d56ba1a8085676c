"""The thread that keeps a kiosk up to date: it syncs now and then, and never all kiosks at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from kiosk.domain.errors import LintelError
from kiosk.journal.background import BackgroundThread
from kiosk.store.home import now_utc

CHANCE = SystemRandom()
JITTER = 0.2
"""Each wait is longer or shorter by up to this share."""
SPREAD_SECONDS = 0.5
"""Kiosks that were told to look all at once do so within this time."""
GAP_SECONDS = 1.0
"""Between two syncs, however often somebody asks for one."""
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class LatestLook:
    """What came of the latest look into the store.

    Attributes:
        at: when it ended, UTC.
        problem: why nothing was taken over; None if all is as the store has it.
    """

    at: datetime
    problem: str | None = None


@dataclass(slots=True)
class PollingWatch:
    """The latest look, for whoever wants to know.

    Attributes:
        latest: None before the first one.
        applied: called once what a look has found is applied, be it nothing; must not wait.
    """

    latest: LatestLook | None = None
    applied: Callable[[], None] = lambda: None

    def tell_applied(self) -> None:
        """Tell whoever listens by now."""
        self.applied()


class FleetPolling(BackgroundThread):
    """Syncs until it is left; a context manager.

    Args:
        sync: syncs once, and returns what it found, which equals what it returned before where
            there is nothing new; raises LintelError where it cannot, which the next one may.
        seconds: between two syncs.
        failed: told of an error that is none of this program's; the next sync is tried all the
            same.
        watch: told of each look.
        spread_seconds: limit of the wait before a sync that was asked for.
        gap_seconds: least time between two syncs.
    """

    def __init__(
        self,
        sync: Callable[[], object],
        seconds: float,
        failed: Callable[[str], None],
        watch: PollingWatch | None = None,
        spread_seconds: float = SPREAD_SECONDS,
        gap_seconds: float = GAP_SECONDS,
    ) -> None:
        super().__init__("fleet", STOP_SECONDS)
        self._sync, self._seconds, self._failed = sync, seconds, failed
        self._watch = watch or PollingWatch()
        self._spread_seconds, self._gaps = spread_seconds, Gaps(gap_seconds, seconds)

    def look_now(self) -> None:
        """Sync soon; whoever asks for it is trusted with nothing more, and is not asked why.

        Asked without end, it syncs no more often than it would by itself, or once a second while
        there is something new.
        """
        self._now.set()

    def _run(self) -> None:
        asked = False
        while not self._stop.is_set():
            self._gaps.found(self._synced(), asked=asked)
            asked = self._wait()

    def _synced(self) -> object:
        """What a sync found; None where it failed."""
        result, problem = None, None
        try:
            result = self._sync()
        except LintelError as error:  # it is written down, and the cache serves as long as it may
            problem = error.problem
        except Exception as error:  # noqa: BLE001 - a sync that fails ends no kiosk
            problem = f"A sync ended by {type(error).__name__}."
            self._failed(problem)
        self._watch.latest = LatestLook(now_utc(), problem)
        return result

    def _wait(self) -> bool:
        """Wait until the next sync: a request shortens that, but not below the gap.

        Returns:
            True if somebody asked for it.
        """
        begun = time.monotonic()
        chance = CHANCE.uniform(1 - JITTER, 1 + JITTER)
        whole = self._seconds * chance
        asked = self._now.wait(whole)
        spread = CHANCE.uniform(0, self._spread_seconds)
        waited = time.monotonic() - begun
        if asked:
            least = max(spread, self._gaps.seconds + spread - waited)
            self._stop.wait(min(least, max(0.0, whole - waited)))
        self._now.clear()
        return asked


class Gaps:
    """The least time between two syncs: it doubles with each that was asked for and found nothing.

    Args:
        least_seconds: the gap after a sync that found something.
        most_seconds: limit of the gap.
    """

    def __init__(self, least_seconds: float, most_seconds: float) -> None:
        self._least, self._most = least_seconds, most_seconds
        self._last: object = None
        self.seconds = least_seconds

    def found(self, result: object, *, asked: bool) -> None:
        """Take what a sync found; None for one that failed."""
        news = result is not None and result != self._last
        self._last = self._last if result is None else result
        vain = asked and not news
        self.seconds = min(self.seconds * 2, self._most) if vain else self._least
