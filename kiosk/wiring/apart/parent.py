"""The parent of a process: its child ends with it, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import Any


def end_with_parent(sentinel: int | None = None) -> None:
    """See to it that this process ends with the one that started it, which alone hears Ctrl-C.

    Args:
        sentinel: a descriptor that is at its end once the parent has ended; None for that of a
            process of `multiprocessing`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    sentinels: list[Any] = [] if parent is None else [parent.sentinel]
    watched = sentinels if sentinel is None else [sentinel]
    threading.Thread(target=_watch, args=(watched,), name="parent", daemon=True).start()


def _watch(sentinels: list[Any]) -> None:
    wait(sentinels)
    os._exit(1)
