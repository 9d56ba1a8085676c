"""A network camera on the loopback: real HTTP, real JPEG bytes, and a test's hand on its cable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from kiosk.domain.vision.frame import Pixels

WIDTH, HEIGHT, FPS = 160, 120, 12.5
LEVEL_STEP = 4


def picture(number: int) -> bytes:
    """A JPEG whose upper half tells its number and whose lower half is its own noise."""
    noise = np.random.default_rng(number).integers(40, 210, (HEIGHT, WIDTH, 3), np.uint8)
    noise[: HEIGHT // 2] = 20 + (number % 50) * LEVEL_STEP
    return jpeg(noise)


def number_of(pixels: Pixels) -> int:
    """The number that a picture tells, modulo 50."""
    return round((float(pixels[4 : HEIGHT // 2 - 12].mean()) - 20) / LEVEL_STEP)


def jpeg(pixels: Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", pixels)
    assert done
    return data.tobytes()


BLACK = jpeg(np.zeros((HEIGHT, WIDTH, 3), np.uint8))


class MjpegCamera:
    """Serves one endless MJPEG stream to whoever asks.

    Its verbs are what happens to cameras: it stalls, freezes, goes black, is unplugged and
    comes back under the same address.

    Args:
        show: the JPEG with a number.
    """

    def __init__(self, show: Callable[[int], bytes] = picture) -> None:
        self._show = show
        self._flow = threading.Event()
        self._flow.set()
        self._gone = threading.Event()
        self._frozen: bytes | None = None
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.served = 0

    def __enter__(self) -> Self:
        self.come_back()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.go_away()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream"

    def stall(self) -> None:
        """The connection stays, nothing comes."""
        self._flow.clear()

    def flow(self) -> None:
        """Living pictures come."""
        self._frozen = None
        self._flow.set()

    def freeze(self) -> None:
        """The same picture comes again and again."""
        self._frozen = picture(7)

    def go_black(self) -> None:
        """Black pictures come."""
        self._frozen = BLACK

    def go_away(self) -> None:
        """Nobody is at that address any more."""
        server, self._server = self._server, None
        self._gone.set()
        self._flow.set()
        if server is not None:
            server.shutdown()
            server.server_close()

    def come_back(self) -> None:
        """Somebody is at the same address again."""
        self._gone = gone = threading.Event()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    camera._stream(self, gone)
                except OSError:
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = False

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _stream(self, request: BaseHTTPRequestHandler, gone: threading.Event) -> None:
        number = 0
        while not gone.is_set():
            self._flow.wait()
            if gone.is_set():
                return
            data = self._frozen or self._show(number)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            request.wfile.write(head.encode() + data + b"\r\n")
            number += 1
            self.served += 1
            time.sleep(1 / FPS)
