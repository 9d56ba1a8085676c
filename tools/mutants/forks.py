"""Children of this process: each has all that was imported, and leaves nothing behind."""

from __future__ import annotations

import math
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import hypothesis

PASSED, FOUND, BROKE = 0, 1, 70
"""No test failed; one did; it never got as far as its tests."""
MOST_SECONDS = 600
EACH = 50
"""Of the processor for a child, where its work asks for no less; waiting does not count."""
MOST_BYTES = 4 * 2**30
"""Of memory for a child: a changed loop may collect things for ever."""

T = TypeVar("T")
U = TypeVar("U")

ARGUMENTS = [
    "-xqs",
    "--assert=plain",
    "--tb=no",
    "-c",
    os.devnull,
    "--import-mode=importlib",
    "-pno:cacheprovider",
    "-pno:faulthandler",
    "-pno:unraisableexception",  # collects garbage at each end, which is most of a short trial
    "--noconftest",
]
"""How pytest is run here: nothing of the project's configuration, nothing kept."""


def few_examples() -> None:
    """The same few examples of each property in every child."""
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutants")


def codes(work: Callable[[T], int], given: Iterable[T], at_once: int, about: str) -> list[int]:
    """What each piece of work ends with, in a child of its own.

    A child that uses up its time counts as one in which a test failed. Says how far it is on the
    standard error stream, under the name ``about``.
    """
    waiting = list(enumerate(given))[::-1]
    found = [BROKE] * len(waiting)
    running: dict[int, int] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            index, one = waiting.pop()
            running[_forked(work, one)] = index
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        found[running.pop(pid)] = FOUND if code == -signal.SIGXCPU else code
        done = len(found) - len(waiting) - len(running)
        if done % EACH == 0 or done == len(found):
            print(f"{about}: {done} of {len(found)}", file=sys.stderr, flush=True)
    return found


def limit(seconds: int) -> None:
    """End this process once it has used so much more of the processor."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))


def _forked(work: Callable[[T], int], given: T) -> int:
    pid = os.fork()
    if pid == 0:
        code = BROKE
        try:
            limit(MOST_SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
            _be_silent()
            code = work(given)
        finally:
            os._exit(code)
    return pid


def told(work: Callable[[], U]) -> U:
    """What some work in a child comes to.

    Raises:
        RuntimeError: it came to nothing.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        _tell(work, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    if not said:
        raise RuntimeError("a child came to nothing; its own words are above")
    found: U = pickle.loads(said)  # noqa: S301 - our own child's
    return found


def _tell(work: Callable[[], object], pipe: int) -> None:
    try:
        said = pickle.dumps(work())
        with os.fdopen(pipe, "wb") as out:
            out.write(said)
    except BaseException as error:  # noqa: BLE001 - said, and the parent hears of it
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()  # whole lines of pytest's, before the parent's next one
        sys.stderr.flush()
        os._exit(0)


def _be_silent() -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
