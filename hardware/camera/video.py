"""Video demultiplexed and decoded by FFmpeg. Import av from here.

FFmpeg gets bytes and returns images. Containers and decoders are allow-listed; nothing else is
accepted: no playlist, no address, no second file. It is given open files and connections of this
process, opens nothing itself, and environment variables have no effect.
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

av.logging.set_level(None)  # its messages may contain an address; our errors cover their content

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,nut,ivf,"
    "h264,hevc,m4v,mjpeg,mpjpeg,rtsp,sdp"
)
"""Containers. None of them refers to other files, except QuickTime, where that is blocked; `sdp` is
the stream description of RTSP."""
DECODERS = (
    "h264,hevc,mjpeg,mpeg4,msmpeg4v2,msmpeg4,mpeg1video,mpeg2video,h263,flv,wmv2,wmv3,vc1,theora,"
    "vp8,vp9,libdav1d,av1,ffv1,prores,rawvideo"
)
ODDS_AND_ENDS = {
    "format_whitelist": FORMATS,
    "codec_whitelist": DECODERS,
    "max_pixels": str(MOST_PIXELS),
    "fflags": "+discardcorrupt",  # drops half a frame at a cut-off end
}
LIVE = {
    # A live image counts on arrival, so little data is probed before the first one.
    "analyzeduration": "1000000",
    "fpsprobesize": "0",
}
BUFFER_BYTES = 32768


class Foreign(Exception):
    """A failure of FFmpeg; the caller turns it into an error message."""


class TooLarge(Foreign):
    """Images of more than `MOST_PIXELS`.

    Args:
        width: pixels.
        height: pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width}x{height}")
        self.width = width
        self.height = height


class Readable(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """At least one and at most ``size`` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded image.

    Attributes:
        pixels: (height, width, 3) BGR, rotated upright according to the video.
        seconds: the video's own time; None if it has none.
        fresh: True if the video proves that the image is new. See `Frame.fresh`.
    """

    pixels: Pixels
    seconds: float | None
    fresh: bool


class Video:
    """A video that is being read.

    Args:
        source: an open file, a byte source, or the URL of a local relay connection.
        options: FFmpeg options in addition to the fixed ones.
        open_seconds: time limit for identifying the format; None for no limit.
        read_seconds: timeout of the next bytes.

    Raises:
        TooLarge: its images have too many pixels.
        Foreign: it is not a video, or of a kind that is not allowed.
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
        """Frames per second as stated in the video; 0 if not stated."""
        return float(self._stream.average_rate or 0)

    def read(self) -> Picture | None:
        """The next image; None at the end.

        Raises:
            Foreign: the video is damaged or the connection broke.
        """
        return next(self._pictures, None)

    def first(self) -> Picture:
        """The first image.

        Raises:
            Foreign: there is none.
        """
        picture = self.read()
        if picture is None:
            raise Foreign("no whole picture in it")
        return picture

    def close(self) -> None:
        """Close the video."""
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
        context.thread_type = "SLICE"  # frame threading would delay images
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
    """Refuse to open anything that a file refers to."""
    raise PermissionError("a video refers to something else")


def _frames(packet: Packet[VideoStream]) -> list[VideoFrame]:
    """The decoded frames; none if the packet is damaged, since the next one will do."""
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def _upright(frame: VideoFrame) -> Pixels:
    """(height, width, 3) BGR."""
    pixels = np.asarray(frame.to_ndarray(format="bgr24", interpolation="BICUBIC"), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))
