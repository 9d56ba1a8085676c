"""A peer on a TCP port that answers as a test says, whatever that is worth as Modbus."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

Answer = Callable[[bytes], bytes]


class ScriptedModbus:
    """Answers every question, of any connection, with what ``answer`` makes of it.

    Attributes:
        port: where it listens.
        answer: from a question's bytes to what is sent back; may be changed.
        questions: all that was asked, oldest first.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.questions: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._serve(self._listener.accept()[0])

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            while question := line.recv(256):
                self.questions.append(question)
                line.sendall(self.answer(question))
