"""Work that may take a while: done in a thread of its own, told in the main thread.

Each lane has one job at a time, so a button pressed twice does its work once; lanes do not wait
for each other, so a door can be secured while its release still hangs.
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
    """What is done, and who hears of it.

    Attributes:
        lane: which jobs it keeps waiting.
        work: yields what there is to tell, in a worker thread.
        tell: hears each of it, in the main thread.
        end: hears the end, in the main thread: empty, or what went wrong.
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
    """Runs jobs. Made in the main thread, and used there."""

    _came = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._busy: dict[str, BackgroundJob] = {}
        self._wanted: set[str] = set()
        queued(self._came, self._hear)

    def busy(self, lane: str) -> bool:
        """Whether that lane's last job still runs."""
        return lane in self._busy

    def start(self, job: BackgroundJob) -> bool:
        """Begin a job, unless its lane is busy; whether it was begun."""
        if self.busy(job.lane):
            return False
        self._busy[job.lane] = job
        self._wanted.add(job.lane)
        threading.Thread(target=self._work, args=(job,), name=job.lane, daemon=True).start()
        return True

    def forget(self) -> None:
        """Nobody hears of what still runs; its lanes stay busy until it is over."""
        self._wanted.clear()

    def _work(self, job: BackgroundJob) -> None:
        problem = ""
        try:
            for item in job.work():
                self._tell(_News(job, item))
        except LintelError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen must go on
            problem = describe(type(error), error.__traceback__)
        self._tell(_Over(job, problem))

    def _tell(self, what: _News | _Over) -> None:
        """One queued signal; nothing where the program has ended meanwhile."""
        try:
            self._came.emit(what)
        except RuntimeError:  # Qt's side of this object is gone
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
