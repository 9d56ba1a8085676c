"""The thread that keeps a kiosk up to date: it syncs now and then, and never all kiosks at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from kiosk.domain.errors import LintelError

JITTER = 0.2
"""Each wait is longer or shorter by up to this share."""
STOP_SECONDS = 15.0


class FleetPolling:
    """Syncs until it is left; a context manager.

    Args:
        sync: syncs once; raises LintelError where it cannot, which the next one may.
        seconds: between two syncs.
        failed: told of an error that is none of this program's; the next sync is tried all the
            same.
    """

    def __init__(
        self, sync: Callable[[], object], seconds: float, failed: Callable[[str], None]
    ) -> None:
        self._sync, self._seconds, self._failed = sync, seconds, failed
        self._stop, self._now = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)

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
        self._thread.join(STOP_SECONDS)

    def look_now(self) -> None:
        """Sync without waiting; whoever asks for it is trusted with nothing more."""
        self._now.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._sync()
            except LintelError:
                pass  # the updater has written it down, and the cache serves as long as it may
            except Exception as error:  # noqa: BLE001 - a sync that fails ends no kiosk
                self._failed(f"A sync ended by {type(error).__name__}.")
            chance = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, no secret
            self._now.wait(self._seconds * chance)
            self._now.clear()
