"""A change of a whole home that is killed without warning, at a step or at a moment."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from typing import NoReturn

STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir", "open", "write")
"""What changes a disk, other than SQLite's own."""


def killed_at_step(change: Callable[[], object], step: int) -> bool:
    """Run a change in a child that is killed before so many calls to the system; False if it ended.

    A change that fails fails the test: its error is on standard error, and the result is an
    AssertionError.
    """
    child = os.fork()
    if not child:
        _die_at(step)
        _end_after(change)
    return _was_killed(child)


def killed_after(change: Callable[[], object], most_seconds: float, chance: random.Random) -> bool:
    """Run a change in a child that is killed at any moment; False if it was done before."""
    child = os.fork()
    if not child:
        _end_after(change)
    time.sleep(chance.uniform(0, most_seconds))
    os.kill(child, signal.SIGKILL)
    return _was_killed(child)


def seconds_of(change: Callable[[], object]) -> float:
    """How long a change takes that nobody kills, in a child like the others."""
    begun, child = time.monotonic(), os.fork()
    if not child:
        _end_after(change)
    assert not _was_killed(child)
    return time.monotonic() - begun


def _die_at(step: int) -> None:
    left = [step]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def _end_after(change: Callable[[], object]) -> NoReturn:
    code = 1
    try:
        change()
        code = 0
    finally:
        os._exit(code)


def _was_killed(child: int) -> bool:
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL}
    return code != 0
