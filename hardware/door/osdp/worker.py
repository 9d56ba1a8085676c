"""One thread owns an OSDP line and the library; whoever wants something hands it a job and waits.

A job is claimed once: by the thread that will do it, or by the caller who stops waiting. So what
was given up is never done later. Whoever asks to secure goes first, and releases that nobody has
begun are given up for it. A thread that died is started anew by the next caller.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kiosk.domain.errors import DoorError, DoorTimeout

Step = dict[str, Any]
"""One command or event, as libosdp takes it."""
Steps = tuple[Step, ...]


class LineJob:
    """Something that a caller waits for.

    Args:
        steps: what to send, in order.
        signals: what to send once its caller was told that it is done; nobody waits for it.
        check: of a release, asked right before it goes out; what it raises is told the caller.
        urgent: goes first, and releases that nobody has begun are given up.
    """

    def __init__(
        self,
        steps: Steps,
        *,
        signals: Steps = (),
        check: Callable[[], None] | None = None,
        urgent: bool = False,
    ) -> None:
        self.steps, self.signals = steps, signals
        self.urgent = urgent
        self.reports: dict[int, bytes] = {}
        self.releases = check is not None
        self._check = check
        self._claim = threading.Lock()
        self._done = threading.Event()
        self._error: DoorError | None = None

    def claim(self) -> bool:
        """Take it, for good; False if somebody has."""
        return self._claim.acquire(blocking=False)

    def refusal(self) -> DoorError | None:
        """Why it may not go out now, if so."""
        try:
            if self._check is not None:
                self._check()
        except DoorError as error:
            return error
        return None

    def finish(self, error: DoorError | None = None) -> None:
        """It is done, or has failed."""
        if not self._done.is_set():
            self._error = error
            self._done.set()

    def wait(self, seconds: float, begun_seconds: float = 0.0) -> bool:
        """Wait for it; False if it was given up unbegun.

        Args:
            seconds: until it must have been begun.
            begun_seconds: how much longer it may take once it has.

        Raises:
            DoorError: it failed, or had begun and was not answered.
        """
        if not self._done.wait(seconds):
            if self.claim():
                return False
            if not self._done.wait(begun_seconds):
                raise _unanswered(seconds + begun_seconds)
        if self._error is not None:
            raise self._error
        return True


class Worker:
    """A thread that can be started anew, and its jobs.

    Args:
        name: of the thread.
        run: its loop; returns or raises when it is over.
        wake: ends the loop's waiting.
    """

    def __init__(self, name: str, run: Callable[[], None], wake: Callable[[], None]) -> None:
        self._name, self._run, self._wake = name, run, wake
        self._lock = threading.Lock()
        self._jobs: deque[LineJob] = deque()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def stopping(self) -> bool:
        """Whether the loop shall end."""
        return self._stopped

    def start(self) -> None:
        """See that the thread lives."""
        with self._lock:
            self._start()

    def submit(self, job: LineJob) -> bool:
        """Hand over a job; False once the worker was stopped."""
        with self._lock:
            if self._stopped:
                return False
            if job.urgent:
                _give_up_releases(self._jobs)
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
            self._start()
            self._wake()
        return True

    def withdraw(self, job: LineJob) -> None:
        """Take back a job that its caller gave up."""
        with self._lock, suppress(ValueError):
            self._jobs.remove(job)

    def next_job(self) -> LineJob | None:
        """The next job that nobody gave up, claimed."""
        with self._lock:
            while self._jobs:
                job = self._jobs.popleft()
                if job.claim():
                    return job
        return None

    def stop(self, seconds: float) -> bool:
        """End the thread; False if it did not end in time, or had stopped before."""
        with self._lock:
            if self._stopped:
                return False
            self._stopped = True
            thread = self._thread
        self._wake()
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _start(self) -> None:
        if not self._stopped and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._live, name=self._name, daemon=True)
            self._thread.start()

    def _live(self) -> None:
        """What goes wrong ends the thread, not the kiosk: the next caller starts it anew."""
        try:
            self._run()
        except Exception:  # noqa: BLE001 - whatever it was; callers are told by their deadline
            return


def _give_up_releases(jobs: deque[LineJob]) -> None:
    """Releases that nobody has begun, for somebody secures; what only asks may stay."""
    for job in tuple(jobs):
        if job.releases and job.claim():
            jobs.remove(job)
            job.finish(DoorTimeout("The release was not sent: the door was secured."))


def _unanswered(seconds: float) -> DoorTimeout:
    return DoorTimeout(
        f"The door did not acknowledge within {seconds:g} s.",
        "Check its line and its power; what was ordered may have happened.",
    )
