"""The two hooks that end the window's program or keep it running: signals and exceptions.

Python cannot run a signal handler while Qt waits, so the signal's byte is written to a socket that
Qt watches. An exception in a slot would abort the process; the hook keeps it running instead.
"""

from __future__ import annotations

import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType

from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal, pyqtSlot
from PyQt6.sip import voidptr

SIGNALS: Sequence[int] = (signal.SIGTERM, signal.SIGINT)


class SignalWatch(QObject):
    """Turns signals into a Qt signal. Create it in the main thread; close it at the end.

    Args:
        numbers: the signals that end the program, except those that are ignored at its start.
    """

    arrived = pyqtSignal(int)

    def __init__(self, numbers: Sequence[int] = SIGNALS) -> None:
        super().__init__()
        self._numbers = frozenset(numbers)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)  # noqa: FBT003 - the socket's own signature
        self._write.setblocking(False)  # noqa: FBT003 - the socket's own signature
        self._notifier = QSocketNotifier(
            voidptr(self._read.fileno()), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._take)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        heeded = (each for each in numbers if signal.getsignal(each) is not signal.SIG_IGN)
        self._old = {number: signal.signal(number, _noted) for number in heeded}

    def close(self) -> None:
        """Restore the previous signal handlers."""
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._old = {}
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    @pyqtSlot()
    def _take(self) -> None:
        for number in self._read.recv(64):
            if number in self._numbers:
                self.arrived.emit(number)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the byte on the socket is enough, but without a handler there would be none."""


class FaultHook:
    """Receives every exception that reaches Qt, so that the process is not aborted.

    Args:
        on_fault: called once for each place that fails, with a text that contains no values.
    """

    def __init__(self, on_fault: Callable[[str], None]) -> None:
        self._on_fault = on_fault
        self._told: set[str] = set()
        self._old = sys.excepthook
        sys.excepthook = self._hook

    def close(self) -> None:
        """Restore the previous hook."""
        sys.excepthook = self._old

    def _hook(
        self, kind: type[BaseException], _error: BaseException, trace: TracebackType | None
    ) -> None:
        detail = describe(kind, trace)
        if detail in self._told:
            return
        self._told.add(detail)
        try:
            self._on_fault(detail)
        except Exception:  # noqa: BLE001 - a hook that raises would abort the process
            sys.stderr.write(f"kiosk: {detail}, and it could not be reported.\n")


def describe(kind: type[BaseException], trace: TracebackType | None) -> str:
    """The exception's type and place, without its message, which may contain personal data."""
    steps = traceback.extract_tb(trace)
    where = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    return f"{kind.__name__}{where}"
