"""A non-blocking output stream for a running kiosk: a lost line never delays the door.

The reader of standard output or standard error may exit, stop reading (Ctrl-S, a blocked pipe) or
have a full disk. So every line goes into a queue, and a separate thread writes it and may block as
long as needed. A line that finds the queue full is dropped and counted; the loss is reported once.
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
"""A reader that has not taken a line for this long counts as not reading."""
UNREAD = "nobody reads it"
_MOST_BYTES = 65536
"""The maximum length of a line; the rest becomes another line."""


class Outlet(io.TextIOBase):
    """A text stream that never raises and never blocks.

    Args:
        descriptor: the underlying file descriptor.
        name: its name for people.
        encoding: the text encoding; characters outside it are written as escapes.

    Attributes:
        name: its name for people.
        lost: the number of lines that were not written.
        problem: why the last line was not written; None after a line was written again.
        patience_seconds: how long a line may wait for space, for programs where nothing else would
            be delayed by it.
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
        """The reason why output is not being read at present; None if it is."""
        with self._changed:
            stuck = self._writing and time.monotonic() - self._writing_since > STUCK_SECONDS
            return self.problem or (UNREAD if stuck else None)

    @property
    def missing(self) -> int:
        """The number of lines not written, or not yet written."""
        with self._changed:
            return self.lost + len(self._lines) + self._writing

    @property
    def encoding(self) -> str:  # type: ignore[override] # a read-only attribute
        """The text encoding."""
        return self._encoding

    def writable(self) -> bool:
        """Always True."""
        return True

    def write(self, text: str) -> int:
        """Queue text; each line is output once it is complete."""
        with self._changed:
            *whole, self._begun = (self._begun + text).split("\n")
            if len(self._begun) > _MOST_BYTES:
                whole, self._begun = [*whole, self._begun], ""
        self.put(f"{line}\n".encode(self._encoding, "backslashreplace") for line in whole)
        return len(text)

    def put(self, lines: Iterable[bytes]) -> None:
        """Queue complete lines."""
        with self._changed:
            for line in lines:
                if self._has_room():
                    self._lines.append(line)
                    self._bytes += len(line)
                    self._changed.notify_all()
                else:
                    self._lose(UNREAD)

    def settle(self, seconds: float) -> None:
        """Wait until every line is written or lost, at most for the given seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._lines or self._writing), seconds)

    def finish(self, seconds: float) -> None:
        """Wait as `settle` does, then close the stream; the remaining lines are lost."""
        self.settle(seconds)
        with self._changed:
            self._closing = True
            self.lost += len(self._lines)
            self._lines.clear()
            self._changed.notify_all()

    def give_back(self, descriptor: int) -> None:
        """Put what it writes to under a descriptor again."""
        os.dup2(self._descriptor, descriptor)

    def _has_room(self) -> bool:
        """Wait for space. After one failed wait, do not wait again until a line was written."""
        patience = 0.0 if self.problem else self.patience_seconds
        return self._changed.wait_for(
            lambda: len(self._lines) < MOST_LINES and self._bytes < MOST_WAITING_BYTES, patience
        )

    def _lose(self, problem: str) -> None:
        self.lost += 1
        self.problem = problem

    # -- writer thread ---------------------------------------------------------------------------

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
        """The reason why a line could not be written; None if it was.

        After a partly written line, the next one starts on a new line.
        """
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
        """Write part of the data, and wait for space if the descriptor is set to non-blocking."""
        try:
            return os.write(self._descriptor, rest)
        except BlockingIOError:
            room = select.poll()
            room.register(self._descriptor, select.POLLOUT)
            room.poll()
            return 0
