"""What a kiosk that runs says to its terminal, pipe or log file, put behind outlets.

Libraries write to the descriptors themselves, past Python. So these become the ends of pipes that
never make anybody wait, and what comes out of them takes the same way.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import io
import os
import selectors
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO, cast

from kiosk.app.outlet import Outlet
from kiosk.domain.audit import Value
from kiosk.domain.errors import OutOfServiceError

NAMES = {1: "standard output", 2: "standard error"}
FINISH_SECONDS = 2.0
"""Whoever does not read for so long does not hear the rest."""
SETTLE_SECONDS = 0.5
"""So long is waited before lines are counted as lost in the last entry."""
REPLAY_PATIENCE_SECONDS = 5.0
"""How long a replay waits for whoever reads what it says."""
TOLD_SECONDS = 60.0
"""A loss that comes and goes is told no more often."""
_LOOK_SECONDS = 0.25
_PIPE_BYTES = 262144
_CHUNK = 65536

Note = Callable[[str, dict[str, Value]], None]
"""Writes an entry into the journal; raises nothing."""


class StandardStreams:
    """Both streams of this process. To be made by the main thread, once.

    Args:
        patience_seconds: how long a line may wait for room; 0 where a door is kept.

    Attributes:
        outlets: by descriptor; none where these streams are nobody's files, as within a test.
    """

    def __init__(self, patience_seconds: float = 0.0) -> None:
        self.outlets: dict[int, Outlet] = {}
        self._note: Note | None = None
        self._told: dict[int, tuple[bool, float]] = {}
        self._pipes = selectors.DefaultSelector()
        self._begun: dict[int, bytes] = {}
        self._finished = threading.Event()
        self._lock = threading.Lock()
        for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
            if _is_behind(stream, descriptor):
                self._put_behind(descriptor, stream, patience_seconds)
        self._thread = threading.Thread(target=self._watch, name="output", daemon=True)
        self._thread.start()
        atexit.register(self.finish)

    def tell(self, note: Note | None) -> None:
        """From now on losses are written down by ``note``."""
        with self._lock:
            self._note = note

    @property
    def lost(self) -> int:
        """Lines that were not written."""
        return sum(outlet.lost for outlet in self.outlets.values())

    @property
    def losses(self) -> dict[str, Value]:
        """What the entry of a kiosk's end says of them; nothing where all were read."""
        until = time.monotonic() + SETTLE_SECONDS
        for outlet in self.outlets.values():
            outlet.settle(max(0.0, until - time.monotonic()))
        missing = sum(outlet.missing for outlet in self.outlets.values())
        return {"lost_lines": missing} if missing else {}

    def require(self) -> None:
        """See that every line is written, for whoever has nothing else to show.

        Raises:
            OutOfServiceError: names what became of them.
        """
        for outlet in self.outlets.values():
            outlet.settle(FINISH_SECONDS)
            if outlet.lost:
                why = outlet.problem or "nobody read it for a while"
                raise OutOfServiceError(
                    f"The {outlet.name} could not be written, {outlet.lost} lines are lost: {why}.",
                    "Give it to a program that reads on, or to a disk with room.",
                )

    def finish(self) -> None:
        """Write what is left, as far as somebody takes it; may be called twice."""
        if self._finished.is_set():
            return
        self._finished.set()
        self._thread.join(FINISH_SECONDS)
        until = time.monotonic() + FINISH_SECONDS
        for outlet in self.outlets.values():
            outlet.finish(max(0.0, until - time.monotonic()))

    # -- within ----------------------------------------------------------------------------------

    def _put_behind(self, descriptor: int, stream: TextIO, patience_seconds: float) -> None:
        """Put a stream and its descriptor behind an outlet to where they led before."""
        stream.flush()
        kept = os.dup(descriptor)
        outlet = Outlet(kept, NAMES[descriptor], stream.encoding or "utf-8")
        outlet.patience_seconds = patience_seconds
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):  # a smaller pipe does too
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(writing, False)
        os.set_blocking(reading, False)
        os.dup2(writing, descriptor)
        os.close(writing)
        self._pipes.register(reading, selectors.EVENT_READ, descriptor)
        self.outlets[descriptor], self._begun[descriptor] = outlet, b""
        setattr(sys, "stdout" if descriptor == 1 else "stderr", cast("TextIO", outlet))

    def _watch(self) -> None:
        while not self._finished.is_set():
            self._take_from_pipes()
            self._tell_losses()
        self._take_from_pipes()

    def _take_from_pipes(self) -> None:
        wait = 0.0 if self._finished.is_set() else _LOOK_SECONDS
        for key, _ in self._pipes.select(wait):
            with contextlib.suppress(BlockingIOError):
                self._pass_on(key.data, os.read(key.fd, _CHUNK))

    def _pass_on(self, descriptor: int, chunk: bytes) -> None:
        *whole, rest = (self._begun[descriptor] + chunk).split(b"\n")
        if len(rest) > _CHUNK:
            whole, rest = [*whole, rest], b""
        self._begun[descriptor] = rest
        self.outlets[descriptor].put(line + b"\n" for line in whole)

    def _tell_losses(self) -> None:
        """Say once that a stream is lost, and once that it is heard again."""
        with self._lock:
            if self._note is None:
                return
            for descriptor, outlet in self.outlets.items():
                told, at = self._told.get(descriptor, (True, float("-inf")))
                works, now = outlet.trouble is None, time.monotonic()
                if works is not told and now - at >= TOLD_SECONDS * works:
                    self._told[descriptor] = (works, now)
                    self._note("output", dict(_details(outlet)))


def _is_behind(stream: object, descriptor: int) -> bool:
    """Whether a stream is Python's own on that descriptor."""
    try:
        return isinstance(stream, io.TextIOWrapper) and stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def _details(outlet: Outlet) -> Iterator[tuple[str, Value]]:
    yield "stream", outlet.name
    trouble = outlet.trouble
    yield "works", trouble is None
    yield "lost_lines", outlet.lost
    if trouble is not None:
        yield "problem", trouble
