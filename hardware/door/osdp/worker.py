"""A thread that owns an OSDP line and the library; callers submit a job and wait.

A job is claimed once: by the thread that runs it, or by the caller that stops waiting. So an
abandoned job is never run later. A secure job goes first, and ends the wait of releases that it has
voided. A thread that died is restarted by the next caller.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kiosk.domain.errors import DoorError, DoorTimeout

Step = dict[str, Any]
"""One command or event, in libosdp's format."""
Steps = tuple[Step, ...]


class LineJob:
    """A job that a caller waits for.

    Args:
        steps: steps to send, in order.
        signals: steps to send after the job was reported as done; no caller waits for them.
        check: for a release, called right before it is sent; a `DoorError` from it goes to the
            caller.
        urgent: True to run first, and to end jobs that may not be sent any more.
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
        self._check = check
        self._claim = threading.Lock()
        self._done = threading.Event()
        self._error: DoorError | None = None

    def claim(self) -> bool:
        """Claim the job, permanently; False if it is already claimed."""
        return self._claim.acquire(blocking=False)

    def refusal(self) -> DoorError | None:
        """The error that forbids sending the job now; None if it may be sent."""
        try:
            if self._check is not None:
                self._check()
        except DoorError as error:
            return error
        return None

    def finish(self, error: DoorError | None = None) -> None:
        """Record that the job is done, or has failed."""
        if not self._done.is_set():
            self._error = error
            self._done.set()

    def wait(self, seconds: float, begun_seconds: float = 0.0) -> bool:
        """Wait for the job; False if it was abandoned before it started.

        Args:
            seconds: maximum time until it starts.
            begun_seconds: additional time to finish, once it has started.

        Raises:
            DoorError: it failed, or had started and was not answered.
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
    """A restartable thread, and its jobs.

    Args:
        name: of the thread.
        run: its loop; returns or raises when it is over.
        wake: ends the loop's wait.
    """

    def __init__(self, name: str, run: Callable[[], None], wake: Callable[[], None]) -> None:
        self._name, self._run, self._wake = name, run, wake
        self._lock = threading.Lock()
        self._jobs: deque[LineJob] = deque()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def stopping(self) -> bool:
        """True if the loop must end."""
        return self._stopped

    def start(self) -> None:
        """Start the thread if it is not running."""
        with self._lock:
            self._start()

    def submit(self, job: LineJob) -> bool:
        """Submit a job; False once the worker was stopped."""
        with self._lock:
            if self._stopped:
                return False
            if job.urgent:
                _give_up_refused(self._jobs)
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
            self._start()
            self._wake()
        return True

    def withdraw(self, job: LineJob) -> None:
        """Remove a job that its caller has abandoned."""
        with self._lock, suppress(ValueError):
            self._jobs.remove(job)

    def next_job(self) -> LineJob | None:
        """The next job that was not abandoned, claimed."""
        with self._lock:
            while self._jobs:
                job = self._jobs.popleft()
                if job.claim():
                    return job
        return None

    def stop(self, seconds: float) -> bool:
        """Stop the thread; False if it did not end in time, or had been stopped before."""
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
        """Run the loop; an exception ends only this thread, and the next caller restarts it."""
        try:
            self._run()
        except Exception:  # noqa: BLE001 - whatever it was; callers notice by their timeout
            return


def _give_up_refused(jobs: deque[LineJob]) -> None:
    """End jobs that may not be sent any more, as releases once the door is secured."""
    for job in tuple(jobs):
        refusal = job.refusal()
        if refusal is not None and job.claim():
            jobs.remove(job)
            job.finish(refusal)


def _unanswered(seconds: float) -> DoorTimeout:
    return DoorTimeout(
        f"The door did not acknowledge within {seconds:g} s.",
        "Check its line and its power; what was ordered may have happened.",
    )
