"""Standard output and standard error of a kiosk that runs: a lost line never holds up a door.

Whoever reads them may go away, stop reading (Ctrl-S, a stuck pipe) or have a disk that is full. So
what is written goes into a queue, and a thread of its own writes it out and may wait as long as it
likes. What finds no room is dropped, counted, and told once.
"""

from __future__ import annotations

import io
import os
import select
import threading
import time
from collections import deque
from collections.abc import Iterable

MOST_LINES = 4096
MOST_WAITING_BYTES = 1_048_576
STUCK_SECONDS = 5.0
"""Whoever did not take a line for so long does not read."""
UNREAD = "nobody reads it"
_MOST_BYTES = 65536
"""No line is longer; the rest of it is another one."""


class Outlet(io.TextIOBase):
    """A text stream that never raises, and waits for nobody.

    Args:
        descriptor: of the file behind it.
        name: as a person calls it.
        encoding: of its text; what it cannot say is written as an escape.

    Attributes:
        name: as a person calls it.
        lost: lines that were not written.
        problem: why the last line was not; None once one was written again.
        patience_seconds: how long a line may wait for room, where nothing else waits for it.
    """

    def __init__(self, descriptor: int, name: str, encoding: str) -> None:
        super().__init__()
        self.name = name
        self.lost = 0
        self.problem: str | None = None
        self.patience_seconds = 0.0
        self._descriptor = descriptor
        self._encoding = encoding
        self._begun = ""
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._torn = self._writing = self._closing = False
        self._writing_since = 0.0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why nobody takes what is written now; None where somebody does."""
        with self._changed:
            stuck = self._writing and time.monotonic() - self._writing_since > STUCK_SECONDS
            return self.problem or (UNREAD if stuck else None)

    @property
    def missing(self) -> int:
        """Lines that were not written, or not yet."""
        with self._changed:
            return self.lost + len(self._lines) + self._writing

    @property
    def encoding(self) -> str:  # type: ignore[override] # an attribute, to be read only
        """Of its text."""
        return self._encoding

    def writable(self) -> bool:
        """It always is."""
        return True

    def write(self, text: str) -> int:
        """Take text; each line goes out once it is whole."""
        with self._changed:
            *whole, self._begun = (self._begun + text).split("\n")
            if len(self._begun) > _MOST_BYTES:
                whole, self._begun = [*whole, self._begun], ""
        self.put(f"{line}\n".encode(self._encoding, "backslashreplace") for line in whole)
        return len(text)

    def put(self, lines: Iterable[bytes]) -> None:
        """Take whole lines."""
        with self._changed:
            for line in lines:
                if self._has_room():
                    self._lines.append(line)
                    self._bytes += len(line)
                    self._changed.notify_all()
                else:
                    self._lose(UNREAD)

    def settle(self, seconds: float) -> None:
        """Wait until everything was written or lost, for no longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._lines or self._writing), seconds)

    def finish(self, seconds: float) -> None:
        """The same, for good: what then is left is lost."""
        self.settle(seconds)
        with self._changed:
            self._closing = True
            self.lost += len(self._lines)
            self._lines.clear()
            self._changed.notify_all()

    def _has_room(self) -> bool:
        """Whoever waited in vain once waits no more, until a line went out."""
        patience = 0.0 if self.problem else self.patience_seconds
        return self._changed.wait_for(
            lambda: len(self._lines) < MOST_LINES and self._bytes < MOST_WAITING_BYTES, patience
        )

    def _lose(self, problem: str) -> None:
        self.lost += 1
        self.problem = problem

    # -- its own thread --------------------------------------------------------------------------

    def _serve(self) -> None:
        while (line := self._next()) is not None:
            problem = self._wrote(line)
            with self._changed:
                self._writing = False
                self.problem = problem
                self.lost += problem is not None
                self._changed.notify_all()

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closing)
            if not self._lines:
                return None
            self._writing, self._writing_since = True, time.monotonic()
            self._changed.notify_all()
            line = self._lines.popleft()
            self._bytes -= len(line)
            return line

    def _wrote(self, line: bytes) -> str | None:
        """Why a line could not be written; one that was torn keeps its end from the next."""
        rest = memoryview(b"\n" + line if self._torn else line)
        whole = len(rest)
        try:
            while rest:
                rest = rest[self._send(rest) :]
        except OSError as error:
            self._torn = self._torn if len(rest) == whole else True
            return error.strerror or "it cannot be written"
        self._torn = False
        return None

    def _send(self, rest: memoryview) -> int:
        """Some of it, once there is room; whoever opened the file may have set it not to wait."""
        try:
            return os.write(self._descriptor, rest)
        except BlockingIOError:
            room = select.poll()
            room.register(self._descriptor, select.POLLOUT)
            room.poll()
            return 0
