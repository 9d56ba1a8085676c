"""Orders from the kiosk's own machine: a socket in its home, one line in and one line out.

Only the kiosk's own user and root get as far as being heard, and what they say must be signed all
the same: being let in here orders nothing.
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
from kiosk.domain.operators import MOST_BYTES

NAME = "control.sock"
CHANNEL = "local"
LINE_SECONDS = 2.0
"""Whoever connects must have said all by then."""
ANSWER_SECONDS = 10.0
"""How long `say` waits."""
LOOK_SECONDS = 0.5
MOST_AT_ONCE = 8
_CREDENTIALS = struct.Struct("iII")

Hear = Callable[[bytes], bytes]
"""Takes an order as it came, and gives the answer; raises nothing."""
Changed = Callable[[str, str | None], None]
"""Takes a channel's name and what is wrong with it; None once it works."""


class LocalChannel:
    """Listens on the socket, in a thread of its own, until it is closed.

    Args:
        home: the kiosk's folder.
        hear: is given every order.
        changed: is told when the channel works, and when it does not any more.
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
        """End; may be called twice."""
        self._closing.set()
        self._thread.join()

    # -- the thread ------------------------------------------------------------------------------

    def _keep(self) -> None:
        """A socket that was taken away, or could not be made, is made again."""
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
    """Hand an order to the kiosk that runs in a home, and take its answer.

    Raises:
        OutOfServiceError: none runs there, or it does not answer.
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
                "Start it with `kiosk run`, or give another --home; be its own user, or root.",
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
    """The socket's address and its folder; a home may have a longer path than a socket can."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}", descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _listening(home: Path) -> Iterator[tuple[socket.socket, Callable[[], bool]]]:
    """The socket, for its owner only before anybody can connect, and whether it is still there."""
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
    """Take away the socket of a kiosk that was killed, and nothing else."""
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
    """What is said before the first line feed; empty where there is none in time or in bounds."""
    heard, end = b"", time.monotonic() + seconds
    while b"\n" not in heard and len(heard) <= MOST_BYTES:
        line.settimeout(max(0.001, end - time.monotonic()))
        piece = line.recv(MOST_BYTES)
        if not piece:
            return b""
        heard += piece
    said, ended, _ = heard.partition(b"\n")
    return said if ended else b""
