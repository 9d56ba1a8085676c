"""Network cameras. The kiosk makes the connection, with its own TLS; FFmpeg gets only the bytes."""

from __future__ import annotations

import ssl

from hardware.camera.live import Taken
from hardware.camera.network.address import Address
from hardware.camera.network.faults import REMEDY, lost
from hardware.camera.network.rtsp import RtspLine
from hardware.camera.network.web import WebLine
from hardware.camera.video import LIVE, Foreign, TooLarge, Video
from kiosk.domain.errors import CameraLost
from kiosk.domain.vision.frame import MOST_PIXELS

READ_SECONDS = 1.5
"""Read timeout of a stream. Shorter than the 2 s in which a loss must be reported."""
RTSP = {
    # Over the kiosk's one connection; no port is opened for a camera to send to.
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "protocol_whitelist": "tcp",
}


class StreamFeed:
    """A camera by its address. Implements `live.Feed`.

    Args:
        address: address and login.
        tls: the TLS context.
        open_seconds: timeout of the answer, and then of the first image.
    """

    remedy = REMEDY

    def __init__(self, address: Address, tls: ssl.SSLContext, open_seconds: float) -> None:
        self._address = address
        self._tls = tls
        self._open_seconds = open_seconds
        self._line: WebLine | RtspLine | None = None
        self._video: Video | None = None
        self._stopped = False

    def open(self) -> None:
        """Connect, and identify the video format.

        Raises:
            CameraLost: the reason why there is no image.
        """
        kind = RtspLine if self._address.scheme.startswith("rtsp") else WebLine
        self._line = kind(self._address, self._tls, self._open_seconds, READ_SECONDS)
        if self._stopped:
            return
        source: str | WebLine = self._line.url if isinstance(self._line, RtspLine) else self._line
        options = LIVE | (RTSP if isinstance(self._line, RtspLine) else {})
        try:
            self._video = Video(
                source, options, open_seconds=self._open_seconds, read_seconds=READ_SECONDS
            )
        except TooLarge as error:
            raise lost(
                self._address,
                f"gives pictures of {error.width}x{error.height}, and {MOST_PIXELS:,} pixels are "
                "allowed",
                "Set a smaller picture at the camera.",
            ) from None
        except Foreign:
            raise (self._line.refusal or self._no_picture()) from None

    def read(self) -> Taken | None:
        """The next image; None at the end.

        Raises:
            CameraLost: the connection broke.
        """
        if self._video is None or self._line is None:
            return None
        try:
            picture = self._video.read()
        except Foreign:
            raise (self._line.refusal or lost(self._address, "stopped")) from None
        if picture is None:
            return None
        self._line.took_picture()
        return Taken(picture.pixels, picture.fresh)

    def interrupt(self) -> None:
        """End a waiting call."""
        self._stopped = True
        if self._line is not None:
            self._line.interrupt()

    def close(self) -> None:
        """Close video and connection."""
        if self._video is not None:
            self._video.close()
        if self._line is not None:
            self._line.close()

    def _no_picture(self) -> CameraLost:
        return lost(
            self._address,
            f"cannot be opened: it sends no video that can be read, or pictures of more than "
            f"{MOST_PIXELS:,} pixels",
            "Check its path; the kiosk reads H.264, H.265 and Motion JPEG.",
        )
