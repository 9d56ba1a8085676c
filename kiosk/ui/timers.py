"""Timers, and queued calls into the main thread."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QMetaObject, QObject, Qt, QTimer, pyqtBoundSignal


def every(parent: QObject, milliseconds: int, slot: Callable[[], object]) -> QTimer:
    """A timer that calls a slot repeatedly once it is started."""
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer


def once(parent: QObject, milliseconds: int, slot: Callable[[], object]) -> QTimer:
    """A timer that calls a slot one time after each start."""
    timer = every(parent, milliseconds, slot)
    timer.setSingleShot(True)
    return timer


def queued(signal: pyqtBoundSignal, slot: Callable[..., object]) -> QMetaObject.Connection:
    """Connect so that the slot runs in its own thread's event loop, in the order of the calls."""
    kind = Qt.ConnectionType.QueuedConnection
    return signal.connect(slot, kind)  # type: ignore[call-arg]  # missing in PyQt6's stub
