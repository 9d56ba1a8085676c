"""Standard output and standard error of a running kiosk, written through outlets.

Libraries write to the file descriptors directly, past Python. So the descriptors are replaced by
pipes that never block a writer, and their output is forwarded to the same outlets.
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
from typing import TextIO, cast

from kiosk.app.outlet import Outlet
from kiosk.domain.errors import OutOfServiceError
from kiosk.journal.events.running import OutputChanged
from kiosk.journal.recorder import Writes

NAMES = {1: "standard output", 2: "standard error"}
FINISH_SECONDS = 2.0
"""The maximum wait for the reader at the end of the program; the rest is lost."""
SETTLE_SECONDS = 0.5
"""The wait before lines are counted as lost in the journal entry of the end."""
REPLAY_PATIENCE_SECONDS = 5.0
"""The maximum time that a replay waits for the reader of its output."""
TOLD_SECONDS = 60.0
"""The minimum interval between journal entries about an output that fails and recovers."""
_LOOK_SECONDS = 0.25
_PIPE_BYTES = 262144
_CHUNK = 65536


class StandardStreams:
    """Both output streams of this process. Create it once, in the main thread.

    Args:
        patience_seconds: how long a line may wait for space; 0 while a door is controlled.

    Attributes:
        outlets: by descriptor; none for streams that are not the process's own, as in a test.
    """

    def __init__(self, patience_seconds: float = 0.0) -> None:
        self.outlets: dict[int, Outlet] = {}
        self._note: Writes | None = None
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

    def tell(self, note: Writes | None) -> None:
        """Record losses with ``note``, which raises nothing, from now on."""
        with self._lock:
            self._note = note

    @property
    def lost(self) -> int:
        """The number of lines that were not written."""
        return sum(outlet.lost for outlet in self.outlets.values())

    @property
    def losses(self) -> int:
        """The number of lost lines, for the journal entry of a kiosk's end."""
        until = time.monotonic() + SETTLE_SECONDS
        for outlet in self.outlets.values():
            outlet.settle(max(0.0, until - time.monotonic()))
        return sum(outlet.missing for outlet in self.outlets.values())

    def require(self) -> None:
        """Require that every line is written, for a program whose output is its only result.

        Raises:
            OutOfServiceError: lines were lost; the error gives the number and the reason.
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
        """Write the remaining lines as far as they are read; may be called twice."""
        if self._finished.is_set():
            return
        self._finished.set()
        self._thread.join(FINISH_SECONDS)
        until = time.monotonic() + FINISH_SECONDS
        for outlet in self.outlets.values():
            outlet.finish(max(0.0, until - time.monotonic()))

    def give_back(self) -> None:
        """Write the remaining lines, and leave the descriptors as they were for another program."""
        self.finish()
        for descriptor, outlet in self.outlets.items():
            outlet.give_back(descriptor)

    # -- internals -------------------------------------------------------------------------------

    def _put_behind(self, descriptor: int, stream: TextIO, patience_seconds: float) -> None:
        """Replace a stream and its descriptor by an outlet to their original target."""
        stream.flush()
        kept = os.dup(descriptor)
        outlet = Outlet(kept, NAMES[descriptor], stream.encoding or "utf-8")
        outlet.patience_seconds = patience_seconds
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):  # a smaller pipe is sufficient
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
        """Record once that output on a stream fails, and once that it works again."""
        with self._lock:
            if self._note is None:
                return
            for descriptor, outlet in self.outlets.items():
                told, at = self._told.get(descriptor, (True, float("-inf")))
                works, now = outlet.trouble is None, time.monotonic()
                if works is not told and now - at >= TOLD_SECONDS * works:
                    self._told[descriptor] = (works, now)
                    self._note(_changed(outlet))


def _is_behind(stream: object, descriptor: int) -> bool:
    """True if the stream is Python's own on that descriptor."""
    try:
        return isinstance(stream, io.TextIOWrapper) and stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def _changed(outlet: Outlet) -> OutputChanged:
    trouble = outlet.trouble
    return OutputChanged(outlet.name, trouble is None, outlet.lost, trouble)
