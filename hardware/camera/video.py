"""Video that FFmpeg takes apart and decodes. Import av from here.

FFmpeg gets bytes and gives pictures. What it may read, understand and decode stands in lists; what
is not in them does not exist: no playlist, no address, no second file. It is handed open files and
lines of ours, so it opens nothing by itself, and the environment has no say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Protocol

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kiosk.domain.vision.frame import MOST_PIXELS, Pixels

av.logging.set_level(None)  # its messages may hold an address; what they would say is in our errors

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,nut,ivf,"
    "h264,hevc,m4v,mjpeg,mpjpeg,rtsp,sdp"
)
"""Containers. None of them refers to other files, but for QuickTime, which is not let; `sdp` is how
RTSP describes a stream."""
DECODERS = (
    "h264,hevc,mjpeg,mpeg4,msmpeg4v2,msmpeg4,mpeg1video,mpeg2video,h263,flv,wmv2,wmv3,vc1,theora,"
    "vp8,vp9,libdav1d,av1,ffv1,prores,rawvideo"
)
ODDS_AND_ENDS = {
    "format_whitelist": FORMATS,
    "codec_whitelist": DECODERS,
    "max_pixels": str(MOST_PIXELS),
    "fflags": "+discardcorrupt",  # half a frame at a torn end is dropped
}
LIVE = {
    # A picture counts when it comes, so little is gathered to learn about the stream first.
    "analyzeduration": "1000000",
    "fpsprobesize": "0",
}
BUFFER_BYTES = 32768


class Foreign(Exception):
    """What FFmpeg could not do; told by whoever asked for it."""


class TooLarge(Foreign):
    """Pictures of more than `MOST_PIXELS`.

    Args:
        width: pixels.
        height: pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width}x{height}")
        self.width = width
        self.height = height


class Readable(Protocol):
    """Bytes as they come."""

    def read(self, size: int, /) -> bytes:
        """At least one and at most so many; none at the end."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: (height, width, 3) BGR, upright as the video says.
        seconds: the video's own time; None where it has none.
        fresh: the video proves that it is a new one. See `Frame.fresh`.
    """

    pixels: Pixels
    seconds: float | None
    fresh: bool


class Video:
    """A video that is being read.

    Args:
        source: an open file, a line, or the address of a line on this machine.
        options: FFmpeg's, besides those that always hold.
        open_seconds: how long it may take to understand what comes; None to wait for ever.
        read_seconds: how long the next bytes may take.

    Raises:
        TooLarge: its pictures have too many pixels.
        Foreign: it is no video, or of a kind that is not in the lists.
    """

    def __init__(
        self,
        source: BinaryIO | Readable | str,
        options: dict[str, str] | None = None,
        *,
        open_seconds: float | None = None,
        read_seconds: float | None = None,
    ) -> None:
        self._container = _opened(
            source, ODDS_AND_ENDS | (options or {}), (open_seconds, read_seconds)
        )
        try:
            self._stream = self._understood()
        except BaseException:
            self._container.close()
            raise
        self._last: float | None = None
        self._pictures = self._decoded()

    @property
    def fps(self) -> float:
        """As the video says; 0 where it does not."""
        return float(self._stream.average_rate or 0)

    def read(self) -> Picture | None:
        """The next picture; None at the end.

        Raises:
            Foreign: it broke.
        """
        return next(self._pictures, None)

    def first(self) -> Picture:
        """The first picture.

        Raises:
            Foreign: there is none.
        """
        picture = self.read()
        if picture is None:
            raise Foreign("no whole picture in it")
        return picture

    def close(self) -> None:
        """Let it go."""
        self._container.close()

    def _understood(self) -> VideoStream:
        streams = self._container.streams.video
        if not streams:
            raise Foreign("no picture in it")
        stream = streams[0]
        context = stream.codec_context
        if context.width * context.height > MOST_PIXELS:
            raise TooLarge(context.width, context.height)
        if not context.width or not context.height:
            raise Foreign("no picture in it that can be read")
        context.options = {"max_pixels": str(MOST_PIXELS)}
        context.thread_type = "SLICE"  # threads for whole frames would hold pictures back
        return stream

    def _decoded(self) -> Iterator[Picture]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError) as error:
                raise Foreign(type(error).__name__) from error
            if packet is None:
                return
            yield from map(self._picture, _frames(packet))

    def _picture(self, frame: VideoFrame) -> Picture:
        seconds = None if frame.pts is None or frame.time_base is None else frame.time
        if seconds is not None and self._stream.start_time is not None:
            seconds -= float(self._stream.start_time * (self._stream.time_base or 0))
        later = seconds is not None and (self._last is None or seconds > self._last)
        self._last = seconds if later else self._last
        fresh = later and not self._stream.codec_context.codec.intra_only
        return Picture(_upright(frame), seconds, fresh)


def _opened(
    source: BinaryIO | Readable | str,
    options: dict[str, str],
    patience: tuple[float | None, float | None],
) -> InputContainer:
    try:
        return av.open(
            source,
            "r",
            options=options,
            buffer_size=BUFFER_BYTES,
            timeout=patience,
            io_open=_open_nothing,
        )
    except (av.FFmpegError, OSError) as error:
        raise Foreign(type(error).__name__) from error


def _open_nothing(*_: object) -> NoReturn:
    """What a file refers to is not opened, whatever the kind."""
    raise PermissionError("a video refers to something else")


def _frames(packet: Packet[VideoStream]) -> list[VideoFrame]:
    """None where it is torn: the next whole one helps."""
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def _upright(frame: VideoFrame) -> Pixels:
    """(height, width, 3) BGR."""
    pixels = np.asarray(frame.to_ndarray(format="bgr24", interpolation="BICUBIC"), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))
