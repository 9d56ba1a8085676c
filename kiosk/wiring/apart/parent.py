"""The parent of a process: its child ends with it, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import Any


def end_with_parent() -> None:
    """See to it that this process ends with the one that started it, which alone hears Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, name="parent", daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    sentinels: list[Any] = [] if parent is None else [parent.sentinel]
    wait(sentinels)
    os._exit(1)
