"""Background jobs: done in a worker thread, with their results delivered in the main thread.

Each lane runs one job at a time, so a button pressed twice does its work once. Lanes do not wait
for each other, so a door can be secured while its release is still pending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from kiosk.domain.errors import LintelError
from kiosk.ui.endings import describe
from kiosk.ui.timers import queued

Work = Callable[[], Iterable[object]]


@dataclass(frozen=True, slots=True)
class BackgroundJob:
    """The work of a job, and the receivers of its results.

    Attributes:
        lane: the name of the queue; a job is refused while another of its lane runs.
        work: yields the results, in a worker thread.
        tell: receives each result, in the main thread.
        end: receives the end, in the main thread: an empty text, or the problem.
    """

    lane: str
    work: Work
    tell: Callable[[object], None]
    end: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _News:
    job: BackgroundJob
    item: object


@dataclass(frozen=True, slots=True)
class _Over:
    job: BackgroundJob
    problem: str


class Jobs(QObject):
    """Runs jobs. Create and use it in the main thread.

    It has no parent that could delete it while a worker thread emits its signal; whoever shows the
    results calls `forget` when it is deleted.
    """

    _came = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._busy: dict[str, BackgroundJob] = {}
        self._wanted: set[str] = set()
        queued(self._came, self._hear)

    def busy(self, lane: str) -> bool:
        """True if the last job of that lane still runs."""
        return lane in self._busy

    def start(self, job: BackgroundJob) -> bool:
        """Start a job, unless its lane is busy. True if it was started."""
        if self.busy(job.lane):
            return False
        self._busy[job.lane] = job
        self._wanted.add(job.lane)
        threading.Thread(target=self._work, args=(job,), name=job.lane, daemon=True).start()
        return True

    @pyqtSlot()
    def forget(self) -> None:
        """Drop the results of all running jobs; their lanes stay busy until they end."""
        self._wanted.clear()

    def _work(self, job: BackgroundJob) -> None:
        problem = ""
        try:
            for item in job.work():
                self._tell(_News(job, item))
        except LintelError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever the error, the screen must go on
            problem = describe(type(error), error.__traceback__)
        self._tell(_Over(job, problem))

    def _tell(self, what: _News | _Over) -> None:
        """Emit one queued signal; does nothing if the program has ended meanwhile."""
        try:
            self._came.emit(what)
        except RuntimeError:  # Qt has deleted its side of this object
            return

    @pyqtSlot(object)
    def _hear(self, what: _News | _Over) -> None:
        job = what.job
        wanted = job.lane in self._wanted
        if isinstance(what, _Over):
            self._busy.pop(job.lane, None)
            self._wanted.discard(job.lane)
            if wanted:
                job.end(what.problem)
        elif wanted:
            job.tell(what.item)
