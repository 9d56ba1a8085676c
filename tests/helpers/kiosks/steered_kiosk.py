"""The watched kiosk with a test's hand on clock, PIN pad and windows; it says what it shows.

In its environment ``LINTEL_TEST_CLOCK`` may name a file with what the clock shows, in milliseconds
since 1970, ``LINTEL_TEST_SYNCHRONISED`` may say whether a time server has set it (``yes``, ``no``;
else nobody knows), and ``LINTEL_TEST_PAD`` may name a pipe over which PINs come, one a line. The
line ``close`` closes every window instead, as Alt+F4 or the end of a session does.
"""

from __future__ import annotations

import os
import runpy
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from PyQt6.QtCore import QMetaObject, Qt
from PyQt6.QtWidgets import QApplication

from config.settings import Settings
from kiosk.app import running
from kiosk.app.console import print_json
from kiosk.domain.prompts import View
from kiosk.door.calls import DoorQueue
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.live import CameraSource, Listeners, LiveKiosk
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors, operators
from kiosk.wiring.kiosk import live_kiosk
from kiosk.wiring.networks import Networks
from kiosk.wiring.vision import Weights

CLOCK = os.environ.get("LINTEL_TEST_CLOCK")
SYNCHRONISED = {"yes": True, "no": False}.get(os.environ.get("LINTEL_TEST_SYNCHRONISED", ""))
PAD = os.environ.get("LINTEL_TEST_PAD")
REAL_LIVE = live_kiosk


def _shown_by_the_clock(_: object) -> datetime:
    return datetime.fromtimestamp(int(Path(CLOCK or "").read_text("ascii")) / 1000, UTC)


def _live(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    source: CameraSource,
    stopwatch: Stopwatch,
    listeners: Listeners,
    work: DoorQueue,
    take: Callable[[], Networks],
    elsewhere: Elsewhere | None,
) -> LiveKiosk:
    told = replace(listeners, show=_telling(listeners.show))
    kiosk = REAL_LIVE(settings, loaded, open_home, source, stopwatch, told, work, take, elsewhere)
    if PAD is not None:
        threading.Thread(target=_type, args=(kiosk, PAD), daemon=True).start()
    return kiosk


def _telling(show: Callable[[View], None]) -> Callable[[View], None]:
    shown: list[View] = []

    def tell(view: View) -> None:
        if not shown or shown[-1].prompt is not view.prompt:
            shown[:] = [view]
            print_json({"event": "view", "prompt": view.prompt.value})
        show(view)

    return tell


def _type(kiosk: LiveKiosk, pad: str) -> None:
    while True:
        with open(pad, encoding="ascii") as typed:  # noqa: PTH123 - waits for whoever types
            for line in typed:
                if line.strip() == "close":
                    _close_windows()
                else:
                    kiosk.type_pin(line.strip())


def _close_windows() -> None:
    """By the main thread; says so when it is done."""
    in_turn = Qt.ConnectionType.BlockingQueuedConnection
    QMetaObject.invokeMethod(QApplication.instance(), "closeAllWindows", in_turn)
    print_json({"event": "closed"})


if __name__ == "__main__":
    running.live_kiosk = _live
    if CLOCK is not None:
        SystemClock.utc = _shown_by_the_clock  # type: ignore[method-assign] # in a test's hand
        # The test says what this machine's time service would.
        for wired in (doors, operators):
            patch.object(wired, "Synchronisation", return_value=lambda: SYNCHRONISED).start()
    runpy.run_path(str(Path(__file__).with_name("watched_kiosk.py")), run_name="__main__")
