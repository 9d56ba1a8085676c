"""A camera's pictures over RTSP, with TLS or without. It speaks to that one camera and nobody else.

FFmpeg knows RTSP, and is not let to the network: it speaks to a socket on the loopback, to which
only this process is admitted, and a thread passes on what is said over a line of ours. All of it
goes over that one line, pictures too.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from pathlib import Path

from hardware.camera.address import Address
from hardware.camera.faults import no_answer, redirected, refused, unknown_login, unverified
from hardware.camera.rtsp_answers import Answers, NotUnderstood, Redirected
from hardware.camera.web import MOST_BETWEEN_PICTURES
from hardware.trust import untrusted
from kiosk.domain.errors import CameraLost

PIECE_BYTES = 65536
LOOK_SECONDS = 0.2
"""How often the thread looks whether it is to end."""
JOIN_SECONDS = 2.0
FIRST_ERROR = 400
UNAUTHORIZED = 401
FORBIDDEN = 403


class RtspLine:
    """A line to a camera, and the place on this machine where it is offered.

    Args:
        address: where.
        tls: who vouches for it; not used over plain RTSP.
        answer_seconds: how long it may take to answer.
        read_seconds: how long a part of a message may keep the line waiting.

    Raises:
        CameraLost: it cannot be reached, or is somebody else.
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
        """For FFmpeg. Holds the login: never shown."""
        self._answers = Answers()
        self._redirected = False
        self._since_picture = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"line {address}", daemon=True)
        self._thread.start()

    @property
    def refusal(self) -> CameraLost | None:
        """Why the camera gave nothing, if it said so."""
        if self._redirected:
            return redirected(self._address)
        if self._answers.status in {UNAUTHORIZED, FORBIDDEN}:
            return unknown_login(self._address)
        if self._answers.status >= FIRST_ERROR:
            return refused(self._address, str(self._answers.status))
        return None

    def took_picture(self) -> None:
        """A whole picture came out of what was passed on."""
        self._since_picture = 0

    def interrupt(self) -> None:
        """From any thread: end the line."""
        self._stop.set()
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._camera, socket.SHUT_RDWR)  # beneath TLS, which is in use

    def close(self) -> None:
        """Let it go."""
        self.interrupt()
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        """The thread's whole life. Whatever ends it, FFmpeg finds its own line closed."""
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
        """Ours, and nobody else who found the port."""
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
    """Who has something to say; what TLS has unpacked already is not seen by `select`."""
    if isinstance(camera, ssl.SSLSocket) and camera.pending():
        return [camera, *select.select([player], [], [], 0.0)[0]]
    return select.select([camera, player], [], [], LOOK_SECONDS)[0]


def _is_ours(peer: tuple[str, int]) -> bool:
    """Whether the far end of a connection on this machine is a socket of this process."""
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
