"""The thread that does the work of the outbox while a kiosk runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from kiosk.cloud.flows.service import CloudFlows
from kiosk.cloud.flows.worker import CloudWorker
from kiosk.domain.errors import LintelError
from kiosk.journal.background import BackgroundThread

ROUND_SECONDS = 5.0
"""Between two looks into the outbox."""
SWEEP_SECONDS = 60.0
"""Between two looks for interrupted flows, and for people who are not enrolled any more."""
STOP_SECONDS = 10.0


class CloudBackground(BackgroundThread):
    """Works until it is left; a context manager.

    Args:
        flows: the flows.
        worker: does the work.
        finds: each finds who has to be deleted; how many it found.
        failed: told of an error that is none of this program's; the next round is tried all the
            same.
        sweep_seconds: between two sweeps; longer where the metadata are in a table.
        woken: set by others to have work done soon; None for one of its own.
    """

    def __init__(
        self,
        flows: CloudFlows,
        worker: CloudWorker,
        finds: Sequence[Callable[[], int]],
        failed: Callable[[str], None],
        sweep_seconds: float = SWEEP_SECONDS,
        woken: threading.Event | None = None,
    ) -> None:
        super().__init__("cloud", STOP_SECONDS, woken)
        self._flows, self._worker, self._finds, self._failed = flows, worker, finds, failed
        self._sweep_seconds = sweep_seconds
        self._swept_at = float("-inf")

    def wake(self) -> None:
        """Work soon."""
        self._now.set()

    def round(self) -> None:
        """One look: interrupted flows and people who left now and then, then the outbox."""
        if time.monotonic() - self._swept_at >= self._sweep_seconds:
            self._swept_at = time.monotonic()
            self._safely(lambda: self._flows.resume(_told_already))
            for find in self._finds:
                self._safely(find)
        while self._safely(self._worker.run_once) and not self._stop.is_set():
            pass

    def _run(self) -> None:
        while not self._stop.is_set():
            self._now.clear()
            self.round()
            self._now.wait(ROUND_SECONDS)

    def _safely(self, work: Callable[[], int]) -> int:
        try:
            return work()
        except LintelError:  # an outbox or the metadata cannot be used now: the next round may
            return 0
        except Exception as error:  # noqa: BLE001 - a round that fails ends no kiosk
            self._failed(f"The work for the cloud ended by {type(error).__name__}.")
            return 0


def _told_already(_error: LintelError) -> None:
    """An interrupted flow cannot be ended now; its record stays, and the status shows it."""
