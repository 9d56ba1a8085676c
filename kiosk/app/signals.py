"""Signals that end a program. Each leads to the same orderly shutdown, in which the door is locked.

SIGKILL, SIGSTOP and the signals of a program fault (SIGSEGV and similar) cannot be handled. After
those, only a device that ends its releases by itself locks the door.
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
"""All signals that would end a process and can be caught. Python ignores SIGPIPE and SIGXFSZ."""

SUSPENDING = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
"""Signals of a terminal, ignored because a suspended kiosk would not end a release."""


def _nothing() -> None:
    return


class Signals:
    """Catches signals from the first `call` until the context ends. Main thread only.

    Attributes:
        arrived: the first signal that arrived; None before.
    """

    def __init__(self) -> None:
        self.arrived: int | None = None
        self._stop: Callable[[], None] = _nothing
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous signal handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # as returned by signal.signal
        self._before = {}

    def call(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` in the main thread on a signal from now on, and now if one has arrived.

        SIGHUP stays ignored if it was ignored at the start, as by `nohup`: the process then must
        outlive its terminal.
        """
        self._stop = stop
        if not self._before:
            self._catch()
        if self.arrived is not None:
            stop()

    def refuse(self) -> None:
        """Stop here if a signal has arrived.

        Raises:
            OutOfServiceError: a signal has arrived; the error names it.
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
    """Catch signals from the start, for code that polls for them."""
    with Signals() as signals:
        signals.call(_nothing)
        yield signals


def name_of(number: int) -> str:
    """The name of a signal; for a real-time signal, its number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
