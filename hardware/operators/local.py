"""Operator orders from the local machine: a Unix socket in the kiosk's home, one line each way.

Only the kiosk's own user and root may connect, and their orders must be signed all the same: access
to the socket authorizes nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.operators.encoding import MOST_BYTES
from kiosk.domain.remedies import NextStep, Remedy

NAME = "control.sock"
CHANNEL = "local"
LINE_SECONDS = 2.0
"""Time limit for the client to send its line."""
ANSWER_SECONDS = 10.0
"""Answer timeout of `say`."""
LOOK_SECONDS = 0.5
MOST_AT_ONCE = 8
_CREDENTIALS = struct.Struct("iII")

Hear = Callable[[bytes], bytes]
"""Takes an order as received, and returns the answer; raises nothing."""
Changed = Callable[[str, str | None], None]
"""Takes a channel's name and its problem; None once it works."""


class LocalChannel:
    """Listens on the socket, in a thread of its own, until it is closed.

    Args:
        home: the kiosk's home directory.
        hear: receives every order.
        changed: called when the channel starts to work, and when it stops working.
    """

    def __init__(self, home: Path, hear: Hear, changed: Changed) -> None:
        self._home = home
        self._hear = hear
        self._changed = changed
        self._closing = threading.Event()
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._thread = threading.Thread(target=self._keep, name="operators-local", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; may be called twice."""
        self._closing.set()
        self._thread.join()

    # -- the thread ------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Create the socket, and recreate it if it was removed or could not be created."""
        told: str | None = ""
        while not self._closing.is_set():
            try:
                with _listening(self._home) as (listener, is_there):
                    if told is not None:
                        told = None
                        self._changed(CHANNEL, None)
                    self._serve(listener, is_there)
                problem = f"Somebody took {NAME} away from the kiosk's home."
            except OSError as error:
                problem = f"{NAME} in the kiosk's home cannot be used: {error.strerror}."
            if not self._closing.is_set() and problem != told:
                told = problem
                self._changed(CHANNEL, problem)
            self._closing.wait(LOOK_SECONDS)

    def _serve(self, listener: socket.socket, is_there: Callable[[], bool]) -> None:
        listener.settimeout(LOOK_SECONDS)
        while not self._closing.is_set() and is_there():
            try:
                line, _ = listener.accept()
            except TimeoutError:
                continue
            if self._room.acquire(blocking=False):
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()
            else:
                line.close()

    def _talk(self, line: socket.socket) -> None:
        try:
            with line, contextlib.suppress(OSError):
                said = _line(line, LINE_SECONDS) if _is_ours(line) else b""
                if said:
                    line.sendall(self._hear(said) + b"\n")
        finally:
            self._room.release()


def say(home: Path, order: bytes) -> bytes:
    """Send an order to the kiosk that runs in this home, and return its answer.

    Raises:
        OutOfServiceError: no kiosk runs there, or it does not answer.
    """
    answer = b""
    with contextlib.ExitStack() as stack:
        try:
            address, _ = stack.enter_context(_folder(home))
            line = stack.enter_context(socket.socket(socket.AF_UNIX))
            line.settimeout(LINE_SECONDS)
            line.connect(address)
        except OSError as error:
            raise OutOfServiceError(
                f"No kiosk listens in the home {home}: {error.strerror or 'no answer'}.",
                Remedy(
                    "Start the kiosk, or choose another home; be its own user, or root.",
                    NextStep.START_KIOSK,
                ),
            ) from error
        with contextlib.suppress(OSError):
            line.sendall(order + b"\n")
            answer = _line(line, ANSWER_SECONDS)
    if not answer:
        raise OutOfServiceError(
            f"The kiosk in the home {home} gave no answer.",
            "Look whether the order took effect before you give it again.",
        )
    return answer


# -- the socket ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _folder(home: Path) -> Iterator[tuple[str, int]]:
    """The socket's address and its directory; a home path may be too long for a socket address."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}", descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _listening(home: Path) -> Iterator[tuple[socket.socket, Callable[[], bool]]]:
    """The listening socket, private before any client can connect, and an existence check."""
    with _folder(home) as (address, folder), socket.socket(socket.AF_UNIX) as listener:
        _clear(address, folder)
        listener.bind(address)
        os.chmod(NAME, 0o600, dir_fd=folder)
        ours = os.stat(NAME, dir_fd=folder, follow_symlinks=False).st_ino
        listener.listen(MOST_AT_ONCE)

        def is_there() -> bool:
            with contextlib.suppress(OSError):
                return os.stat(NAME, dir_fd=folder, follow_symlinks=False).st_ino == ours
            return False

        try:
            yield listener, is_there
        finally:
            if is_there():
                os.unlink(NAME, dir_fd=folder)


def _clear(address: str, folder: int) -> None:
    """Remove the socket of a killed kiosk process, and nothing else."""
    try:
        kind = os.stat(NAME, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise FileExistsError(errno.EEXIST, "something else has that name")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(LINE_SECONDS)
        if probe.connect_ex(address) != errno.ECONNREFUSED:
            raise OSError(errno.EADDRINUSE, "another kiosk runs there")
    os.unlink(NAME, dir_fd=folder)


def _is_ours(line: socket.socket) -> bool:
    held = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(held)
    return user in {0, os.geteuid()}


def _line(line: socket.socket, seconds: float) -> bytes:
    """The bytes before the first line feed; empty if none comes in time or they are too many."""
    heard, end = b"", time.monotonic() + seconds
    while b"\n" not in heard and len(heard) <= MOST_BYTES:
        line.settimeout(max(0.001, end - time.monotonic()))
        piece = line.recv(MOST_BYTES)
        if not piece:
            return b""
        heard += piece
    said, ended, _ = heard.partition(b"\n")
    return said if ended else b""
