"""Signals that end a program: each leads to the same orderly end, in which the door is locked.

Out of reach are SIGKILL, SIGSTOP, and what a fault of the program itself raises (SIGSEGV and its
like): after those only a device that ends its releases by itself locks the door.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from kiosk.domain.errors import OutOfServiceError

ENDING = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGABRT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGPWR,
    signal.SIGSTKFLT,
    signal.SIGXCPU,
    signal.SIGTRAP,
    signal.SIGSYS,
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
)
"""Whatever would end a process and can be caught; Python ignores SIGPIPE and SIGXFSZ already."""

SUSPENDING = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
"""A terminal's: a kiosk that is suspended would end no release."""


def _nothing() -> None:
    return


class Signals:
    """Catches signals from the first `call` until the context ends. For the main thread.

    Attributes:
        arrived: the first that came; None before.
    """

    def __init__(self) -> None:
        self.arrived: int | None = None
        self._stop: Callable[[], None] = _nothing
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave signals as they were found."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal.signal gave
        self._before = {}

    def call(self, stop: Callable[[], None]) -> None:
        """From now on a signal calls ``stop``, in the main thread; one that came before does too.

        Whoever was started with SIGHUP ignored, as `nohup` does, is to outlive its terminal.
        """
        self._stop = stop
        if not self._before:
            self._catch()
        if self.arrived is not None:
            stop()

    def refuse(self) -> None:
        """Go no further once one has come.

        Raises:
            OutOfServiceError: names the signal.
        """
        if self.arrived is not None:
            raise OutOfServiceError(
                f"The command was ended by {name_of(self.arrived)}; the door is locked.",
                "Run it again, if it is still needed.",
            )

    def _catch(self) -> None:
        for number in ENDING:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._noted)
        for number in SUSPENDING:
            self._before[number] = signal.signal(number, signal.SIG_IGN)

    def _noted(self, number: int, _: FrameType | None) -> None:
        if self.arrived is None:
            self.arrived = number
        self._stop()


@contextmanager
def caught() -> Iterator[Signals]:
    """Catch signals from the beginning, for whoever looks whether one has come."""
    with Signals() as signals:
        signals.call(_nothing)
        yield signals


def name_of(number: int) -> str:
    """A signal's name; of a real-time signal, its number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
