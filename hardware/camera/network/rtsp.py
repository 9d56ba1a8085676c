"""A camera's images over RTSP, with or without TLS. It connects to that one camera only.

FFmpeg speaks RTSP, but gets no network access: it connects to a loopback socket that admits only
this process, and a thread relays the data over this module's own connection. All traffic uses that
one connection, including images.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from pathlib import Path

from hardware.camera.network.address import Address
from hardware.camera.network.faults import no_answer, redirected, refused, unknown_login, unverified
from hardware.camera.network.rtsp_answers import Answers, NotUnderstood, Redirected
from hardware.camera.network.web import MOST_BETWEEN_PICTURES
from hardware.trust import untrusted
from kiosk.domain.errors import CameraLost

PIECE_BYTES = 65536
LOOK_SECONDS = 0.2
"""Interval at which the thread checks whether to end."""
JOIN_SECONDS = 2.0
FIRST_ERROR = 400
UNAUTHORIZED = 401
FORBIDDEN = 403


class RtspLine:
    """A connection to a camera, and the local socket that relays it.

    Args:
        address: of the camera.
        tls: the TLS context; not used over plain RTSP.
        answer_seconds: timeout of the answer.
        read_seconds: timeout within a message.

    Raises:
        CameraLost: it cannot be reached, or its certificate is not trusted.
    """

    def __init__(
        self, address: Address, tls: ssl.SSLContext, answer_seconds: float, read_seconds: float
    ) -> None:
        self._address = address
        self._answer_seconds = answer_seconds
        self._read_seconds = read_seconds
        self._camera = _connected(address, tls, answer_seconds)
        self._offered = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.url = address.on_this_machine(self._offered.getsockname()[1])
        """The URL for FFmpeg. Contains the login: never shown."""
        self._answers = Answers()
        self._redirected = False
        self._since_picture = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"line {address}", daemon=True)
        self._thread.start()

    @property
    def refusal(self) -> CameraLost | None:
        """The camera's reason for delivering nothing; None if it stated none."""
        if self._redirected:
            return redirected(self._address)
        if self._answers.status in {UNAUTHORIZED, FORBIDDEN}:
            return unknown_login(self._address)
        if self._answers.status >= FIRST_ERROR:
            return refused(self._address, str(self._answers.status))
        return None

    def took_picture(self) -> None:
        """Record that a complete image was decoded from the relayed data."""
        self._since_picture = 0

    def interrupt(self) -> None:
        """End the connection, from any thread."""
        self._stop.set()
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._camera, socket.SHUT_RDWR)  # beneath TLS, which is in use

    def close(self) -> None:
        """Close the connection."""
        self.interrupt()
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        """Run the relay thread. Whatever ends it, FFmpeg finds its own connection closed."""
        player = None
        try:
            player = self._admitted()
            if player is not None:
                self._pass_on(player)
        except Redirected:
            self._redirected = True
        except (OSError, NotUnderstood):
            pass
        finally:
            for line in (self._offered, self._camera, player):
                if line is not None:
                    line.close()

    def _admitted(self) -> socket.socket | None:
        """Accept this process's own connection, and no other that found the port."""
        self._offered.settimeout(self._answer_seconds)
        while not self._stop.is_set():
            player, peer = self._offered.accept()
            if _is_ours(peer):
                self._offered.close()
                player.settimeout(self._read_seconds)
                return player
            player.close()
        return None

    def _pass_on(self, player: socket.socket) -> None:
        self._camera.settimeout(self._read_seconds)
        while not self._stop.is_set():
            heard = _ready(self._camera, player)
            if player in heard:
                said = player.recv(PIECE_BYTES)
                if not said:
                    return
                self._camera.sendall(said)
            if self._camera in heard:
                filmed = self._camera.recv(PIECE_BYTES)
                self._since_picture += len(filmed)
                if not filmed or self._since_picture > MOST_BETWEEN_PICTURES:
                    return
                player.sendall(self._answers.take(filmed))


def _connected(address: Address, tls: ssl.SSLContext, seconds: float) -> socket.socket:
    plain = None
    try:
        plain = socket.create_connection((address.host, address.port), seconds)
        return tls.wrap_socket(plain, server_hostname=address.host) if address.encrypted else plain
    except (OSError, ValueError) as error:
        if plain is not None:
            plain.close()
        why = untrusted(error)
        raise (no_answer(address) if why is None else unverified(address, why)) from None


def _ready(camera: socket.socket, player: socket.socket) -> list[socket.socket]:
    """Sockets with data to read; `select` does not see data that TLS has already decrypted."""
    if isinstance(camera, ssl.SSLSocket) and camera.pending():
        return [camera, *select.select([player], [], [], 0.0)[0]]
    return select.select([camera, player], [], [], LOOK_SECONDS)[0]


def _is_ours(peer: tuple[str, int]) -> bool:
    """True if the far end of a local connection is a socket of this process."""
    place = "{:08X}:{:04X}".format(int.from_bytes(socket.inet_aton(peer[0]), "little"), peer[1])
    with contextlib.suppress(OSError):
        rows = Path("/proc/self/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        inodes = {f"socket:[{row[9]}]" for row in map(str.split, rows) if row[1] == place}
        return any(_target(each) in inodes for each in Path("/proc/self/fd").iterdir())
    return False


def _target(entry: Path) -> str:
    with contextlib.suppress(OSError):
        return str(entry.readlink())
    return ""
