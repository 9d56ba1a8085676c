"""A serial line of two pseudo-terminals that can be cut, slowed, garbled and made to stutter.

Whoever asks opens `near`, whoever answers opens `far`. One thread carries the bytes between.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
import tty

GARBAGE = bytes(range(256))


class PtyProxy:
    """Two pseudo-terminals and what happens between them.

    Attributes:
        near: the path of the end that asks.
        far: the path of the end that answers.
    """

    def __init__(self) -> None:
        self._near, self._near_held = _raw_pty()
        self._far, self._far_held = _raw_pty()
        self.near, self.far = os.ttyname(self._near_held), os.ttyname(self._far_held)
        self._lock = threading.Lock()
        self._bell, self._ring = os.pipe()
        self._on_the_way: list[tuple[float, int, bytes]] = []
        self._whole, self._twice, self._garble, self._delay_seconds = True, False, False, 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Nothing passes until `mend`."""
        with self._lock:
            self._whole = False
            self._on_the_way.clear()

    def delay(self, seconds: float) -> None:
        """Every answer comes so much later, until `mend`."""
        with self._lock:
            self._delay_seconds = seconds

    def garble(self) -> None:
        """Garbage arrives now, and ahead of the next answer."""
        with self._lock:
            self._garble = True
        os.write(self._near, GARBAGE)

    def duplicate(self) -> None:
        """The next answer comes twice."""
        with self._lock:
            self._twice = True

    def mend(self) -> None:
        """All is well again; what is late already still comes."""
        with self._lock:
            self._whole, self._twice, self._garble, self._delay_seconds = True, False, False, 0.0

    def close(self) -> None:
        """End the thread, and both ends."""
        if self._closed:
            return
        self._closed = True
        os.write(self._ring, b"!")
        self._thread.join()
        for end in (self._near, self._near_held, self._far, self._far_held, self._bell, self._ring):
            os.close(end)

    def _carry(self) -> None:
        while True:
            with self._lock:
                due = min((at for at, _, _ in self._on_the_way), default=None)
            wait = None if due is None else max(0.0, due - time.monotonic())
            ready, _, _ = select.select([self._near, self._far, self._bell], [], [], wait)
            if self._bell in ready:
                return
            with self._lock:
                for end in ready:
                    self._take(end)
                self._deliver()

    def _take(self, end: int) -> None:
        chunk = os.read(end, 4096)
        if not self._whole:
            return
        if end == self._near:
            self._on_the_way.append((0.0, self._far, chunk))
            return
        said = (GARBAGE if self._garble else b"") + chunk * (2 if self._twice else 1)
        self._garble = self._twice = False
        self._on_the_way.append((time.monotonic() + self._delay_seconds, self._near, said))

    def _deliver(self) -> None:
        now = time.monotonic()
        due = [entry for entry in self._on_the_way if entry[0] <= now]
        self._on_the_way = [entry for entry in self._on_the_way if entry[0] > now]
        for _, end, chunk in due:
            with contextlib.suppress(BlockingIOError):  # nobody reads there: it is lost
                os.write(end, chunk)


def _raw_pty() -> tuple[int, int]:
    """Both ends of a pseudo-terminal that changes no byte; the second is held so that it stays."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave
