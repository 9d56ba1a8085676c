"""A serial line to a child: a pty at the kiosk's end, a socket at the peer's, hands between.

The hands can cut the line, garble it, hold answers back, say them twice, and play again what the
kiosk once said. They belong to the test; the peer is real, and dies for real.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
import tty
from collections import deque

HELD_BYTES = 65536


class Tap:
    """The line. ``path`` is what the kiosk opens."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._lock = threading.Lock()
        self._peer: socket.socket | None = None
        self._cut = self._mute = self._twice = self._stopping = False
        self._delay = 0.0
        self._said = self._heard = b""
        self._late: deque[tuple[float, bytes]] = deque()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._carry, name="tap", daemon=True)
        self._thread.start()

    def plug(self) -> socket.socket:
        """A new peer's end; what was plugged before is out."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - the standard library's own
        with self._lock:
            old, self._peer = self._peer, ours
        if old is not None:
            old.close()
        self._ring()
        return theirs

    def cut(self) -> None:
        self._cut = True

    def mute(self) -> None:
        """What the kiosk says is lost; it hears everything."""
        self._mute = True

    def delay(self, seconds: float) -> None:
        self._delay = seconds

    def duplicate(self) -> None:
        self._twice = True

    def garble(self) -> None:
        """Noise in both directions, some of it like the beginning of a frame."""
        noise = os.urandom(60) + b"\x53\x81\xff\x00" + os.urandom(60) + b"\xff\x53"
        self._to_kiosk(noise)
        self._to_peer(noise)

    def say(self, data: bytes, *, to_kiosk: bool) -> None:
        """Put bytes of our own on the line."""
        (self._to_kiosk if to_kiosk else self._to_peer)(data)

    @property
    def said(self) -> bytes:
        """What the kiosk said lately."""
        with self._lock:
            return self._said

    @property
    def heard(self) -> bytes:
        """What the peer said lately."""
        with self._lock:
            return self._heard

    def mend(self) -> None:
        self._cut = self._mute = self._twice = False
        self._delay = 0.0
        self._late.clear()

    def close(self) -> None:
        self._stopping = True
        self._ring()
        self._thread.join(5.0)
        for end in (self._master, self._slave, self._bell):
            os.close(end)
        if self._peer is not None:
            self._peer.close()

    def _ring(self) -> None:
        os.eventfd_write(self._bell, 1)

    def _carry(self) -> None:
        while not self._stopping:
            peer = self._peer
            ends: list[object] = [self._bell, self._master]
            ready, _, _ = select.select(ends + ([peer] if peer else []), [], [], 0.02)
            if self._bell in ready:
                os.eventfd_read(self._bell)
            if self._master in ready:
                self._up()
            if peer is not None and peer in ready:
                self._down(peer)
            while self._late and self._late[0][0] <= time.monotonic():
                self._to_kiosk(self._late.popleft()[1])

    def _up(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except OSError:
            return
        if self._cut:
            return
        with self._lock:
            self._said = (self._said + data)[-HELD_BYTES:]
        if not self._mute:
            self._to_peer(data)

    def _down(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(4096)
        except OSError:
            data = b""
        if not data:
            with self._lock:
                if self._peer is peer:
                    self._peer = None
            peer.close()
            return
        if self._cut:
            return
        with self._lock:
            self._heard = (self._heard + data)[-HELD_BYTES:]
        if self._delay:
            self._late.append((time.monotonic() + self._delay, data))
            return
        self._to_kiosk(data)
        if self._twice:
            self._to_kiosk(data)

    def _to_kiosk(self, data: bytes) -> None:
        try:
            os.write(self._master, data)
        except OSError:
            return

    def _to_peer(self, data: bytes) -> None:
        with self._lock:
            peer = self._peer
        if peer is not None:
            try:
                peer.send(data)
            except OSError:
                return
