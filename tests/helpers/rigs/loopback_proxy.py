"""A wire on the loopback that can be cut, hung, garbled, slowed, doubled and played again.

It stands between a driver and its peer and knows nothing of what they say: an answer is what the
peer sends in one go. What hangs is kept only for those who still wait for it, as on a real wire.
One thread owns every socket; whatever is asked of the wire is done there, and done on return.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import socket
import struct
import threading
import time
from collections.abc import Callable

GARBAGE = bytes(range(256))
_GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR
_RESET = struct.pack("ii", 1, 0)
_CHUNK = 65536
_PATIENCE_SECONDS = 1.0

_Catch = tuple[Callable[[bytes], bool], Callable[[], object] | None]
"""What is listened for, and what is done about it."""
_NOTHING: _Catch = (lambda _: False, None)


class LoopbackProxy:
    """A TCP proxy.

    Args:
        target_port: where the peer listens, on the loopback; may be changed, for new connections.

    Attributes:
        port: where the driver connects.
        sent: what clients said, one entry for all that came before an answer, oldest first.
        answered: what was answered, each with the first of its answer.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.sent: list[bytes] = []
        self.answered: list[tuple[bytes, bytes]] = []
        self._links: list[_Link] = []
        self._hanging = self._garble = self._duplicate = self._closed = False
        self._delay_seconds = 0.0
        self._catch: _Catch = _NOTHING
        self._place = _bound(0)  # holds the port while nobody listens on it
        self.port: int = self._place.getsockname()[1]
        self._listener: socket.socket | None = _listening(self.port)
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._bell = os.eventfd(0)
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Connections are reset, and new ones refused, until `mend`."""
        self._tell(self._cut)

    def hang(self) -> None:
        """Connections are accepted and nothing passes, either way, until `mend`."""
        self._tell(lambda: setattr(self, "_hanging", True))

    def delay(self, seconds: float) -> None:
        """Every answer comes so much later, until `mend`."""
        self._tell(lambda: setattr(self, "_delay_seconds", seconds))

    def garble(self) -> None:
        """Garbage comes out of every connection now, and once more ahead of the next answer."""
        self._tell(self._garble_now)

    def duplicate(self) -> None:
        """The next answer comes twice."""
        self._tell(lambda: setattr(self, "_duplicate", True))

    def replay(self, said: bytes | None = None) -> bytes:
        """Say something again on a connection of its own, as an eavesdropper would.

        Args:
            said: what; the last of ``sent`` if left out.

        Returns:
            The peer's first answer; empty where it hung up or kept silent for half a second.
        """
        again = self.sent[-1] if said is None else said
        with contextlib.suppress(OSError), _reach(self.target_port) as line:
            line.settimeout(0.5)
            line.sendall(again)
            return line.recv(_CHUNK)
        return b""

    def ahead(self, listens_for: Callable[[bytes], bool]) -> None:
        """Say the next such question before its end arrives, and throw the answer away."""
        self._tell(lambda: setattr(self, "_catch", (listens_for, self.replay)))

    def withhold(self, listens_for: Callable[[bytes], bool]) -> None:
        """Take the next such question off the wire, and hang up; it is the last of ``sent``."""
        self._tell(lambda: setattr(self, "_catch", (listens_for, None)))

    def mend(self) -> None:
        """All is well again."""
        self._tell(self._mend)

    def close(self) -> None:
        """End every connection and the thread; may be called twice."""
        if self._closed:
            return
        self._tell(self._close)
        self._thread.join()
        os.close(self._bell)

    # -- what is asked, carried out by the thread ------------------------------------------------

    def _tell(self, order: Callable[[], None]) -> None:
        """Have the thread do it, and wait until it is done."""
        done = threading.Event()
        self._orders.put(order)
        self._orders.put(done.set)
        os.eventfd_write(self._bell, 1)
        if not done.wait(5.0):
            raise TimeoutError("the loopback proxy does not answer")

    def _cut(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._listener = None
        for link in tuple(self._links):
            self._drop(link)

    def _garble_now(self) -> None:
        self._garble = True
        for link in self._links:
            link.answers.append((time.monotonic(), GARBAGE))

    def _mend(self) -> None:
        for link in tuple(self._links):
            if self._hanging and link.client_gone():
                self._drop(link)
        self._hanging = self._garble = self._duplicate = False
        self._delay_seconds = 0.0
        self._listener = self._listener or _listening(self.port)

    def _close(self) -> None:
        self._cut()
        self._place.close()
        self._closed = True

    # -- the thread ------------------------------------------------------------------------------

    def _loop(self) -> None:
        while not self._closed:
            ready = self._wait()
            if self._bell in ready:
                self._obey()
                continue  # the sockets may have changed
            if self._listener in ready:
                self._accept()
            for link in tuple(self._links):
                self._serve(link, ready)

    def _wait(self) -> list[object]:
        watched: list[object] = [self._bell]
        if self._listener is not None:
            watched.append(self._listener)
        due = [link.answers[0][0] for link in self._links if link.answers]
        if not self._hanging:
            watched += [link.client for link in self._links]
            watched += [link.peer for link in self._links if not link.over]
        timeout = max(0.0, min(due) - time.monotonic()) if due and not self._hanging else None
        return list(select.select(watched, [], [], timeout)[0])

    def _obey(self) -> None:
        os.eventfd_read(self._bell)
        while not self._orders.empty():
            self._orders.get()()

    def _accept(self) -> None:
        assert self._listener is not None
        client, _ = self._listener.accept()
        _hurry(client)
        try:
            self._links.append(_Link(client, _reach(self.target_port)))
        except OSError:
            _reset(client)  # the peer is down: so is the way to it

    def _serve(self, link: _Link, ready: list[object]) -> None:
        try:
            whole = self._ask(link) if link.client in ready else True
            if link.peer in ready:
                self._take_answer(link)
            whole = self._deliver(link) and whole
        except OSError:
            whole = False
        if not whole:
            self._drop(link)

    def _ask(self, link: _Link) -> bool:
        """Client to peer; False at its end."""
        chunk = link.client.recv(_CHUNK)
        if not chunk:
            return False
        if link.answered or not self.sent:
            self.sent.append(chunk)
        else:
            self.sent[-1] += chunk
        link.said = chunk if link.answered else link.said + chunk
        link.answered = False
        listens_for, then = self._catch
        if listens_for(self.sent[-1]):
            self._catch = _NOTHING
            if then is None:
                return False
            then()
        link.peer.sendall(chunk)
        return True

    def _take_answer(self, link: _Link) -> None:
        """Peer to client, as soon as it is due; its end is due after all else."""
        chunk = link.peer.recv(_CHUNK)
        if chunk and not link.answered:
            self.answered.append((link.said, chunk))
        link.answered = True
        text = chunk
        if chunk:
            text = (GARBAGE if self._garble else b"") + chunk * (2 if self._duplicate else 1)
            self._garble = self._duplicate = False
        link.over = not chunk
        link.answers.append((time.monotonic() + self._delay_seconds, text))

    def _deliver(self, link: _Link) -> bool:
        """What is due; False at its end."""
        while not self._hanging and link.answers and link.answers[0][0] <= time.monotonic():
            text = link.answers.pop(0)[1]
            if not text:
                link.hang_up()
                return False
            link.client.sendall(text)
        return True

    def _drop(self, link: _Link) -> None:
        self._links.remove(link)
        _reset(link.client)
        _reset(link.peer)


class _Link:
    """A client's connection, the one to the peer, and the answers that are on their way."""

    def __init__(self, client: socket.socket, peer: socket.socket) -> None:
        self.client = client
        self.peer = peer
        self.answers: list[tuple[float, bytes]] = []
        self.said = b""
        self.answered = True
        self.over = False

    def hang_up(self) -> None:
        """In good order: the client may read on what it was sent."""
        self.client.close()

    def client_gone(self) -> bool:
        """Whether nobody waits at the driver's end any more."""
        poll = select.poll()
        poll.register(self.client, _GONE)
        return bool(poll.poll(0))


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def _listening(port: int) -> socket.socket:
    made = _bound(port)
    made.listen(64)
    return made


def _reach(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
    _hurry(line)
    return line


def _hurry(line: socket.socket) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.settimeout(_PATIENCE_SECONDS)


def _reset(end: socket.socket) -> None:
    """What is still on its way is lost; nothing where it was closed before."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.close()
