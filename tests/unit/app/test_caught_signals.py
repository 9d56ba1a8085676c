"""Which signals end a program in order, and that none is lost."""

from __future__ import annotations

import os
import signal

import pytest

from kiosk.app.signals import ENDING, SUSPENDING, Signals, name_of
from kiosk.domain.errors import OutOfServiceError

OF_A_FAULT = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
"""A handler of ours would be called again and again."""
UNCATCHABLE = {signal.SIGKILL, signal.SIGSTOP}
IGNORED = {signal.SIGPIPE, signal.SIGXFSZ}
"""By Python."""
HARMLESS = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH}


def test_no_signal_that_ends_or_suspends_a_process_is_left_out() -> None:
    left = signal.valid_signals() - OF_A_FAULT - UNCATCHABLE - IGNORED - HARMLESS
    assert set(ENDING) | set(SUSPENDING) == left


def test_signals_are_left_as_they_were_found() -> None:
    before = {number: signal.getsignal(number) for number in (*ENDING, *SUSPENDING)}
    with Signals() as signals:
        signals.call(lambda: None)
        assert signal.getsignal(signal.SIGHUP) is not before[signal.SIGHUP]
    assert {number: signal.getsignal(number) for number in before} == before


def test_one_that_came_early_counts_for_whoever_asks_to_be_called_later() -> None:
    called: list[str] = []
    with Signals() as signals:
        signals.call(lambda: called.append("early"))
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGUSR2)
        signals.call(lambda: called.append("late"))
    assert called == ["early", "early", "late"]
    assert signals.arrived == signal.SIGHUP


def test_it_is_named() -> None:
    with Signals() as signals:
        signals.refuse()
        signals.call(lambda: None)
        os.kill(os.getpid(), signal.SIGRTMIN + 3)
        with pytest.raises(OutOfServiceError, match=f"signal {signal.SIGRTMIN + 3}"):
            signals.refuse()
    assert name_of(signal.SIGHUP) == "SIGHUP"
