"""Parser for a camera's RTSP messages; they are rebuilt before they are passed to FFmpeg.

FFmpeg follows a redirect to any address. So message heads are parsed strictly here, and only parsed
fields are passed on, in one canonical form: a redirect cannot be written so that this parser and
FFmpeg read it differently. Other data (images, descriptions) is passed on by its length.
"""

from __future__ import annotations

import re

MOST_HEAD_BYTES = 16384
MOST_LINE_BYTES = 2048
MOST_BODY_BYTES = 65536
REDIRECTIONS = range(300, 400)
REDIRECT = b"REDIRECT"
_STATUS = re.compile(rb"RTSP/1\.0 ([1-5][0-9]{2})(?: [\t -~\x80-\xff]*)?")
_REQUEST = re.compile(rb"[A-Z_]{3,20} [!-~]{1,1024} RTSP/1\.0")
_FIELD = re.compile(rb"([A-Za-z0-9-]{1,64}): *([\t -~\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]{1,6}")
_FRAME_HEAD_BYTES = 4


class NotUnderstood(Exception):
    """The data is not RTSP in the accepted form."""


class Redirected(Exception):
    """The camera redirects to another address."""


class Answers:
    """Filters the messages of one camera."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._passing = 0
        self.status = 0
        """Status of the last answer; 0 before the first."""

    def take(self, piece: bytes) -> bytes:
        """The part of the data that may be passed on; the rest is held until more comes.

        Raises:
            Redirected: the camera redirects to another address.
            NotUnderstood: the data is not RTSP.
        """
        self._held += piece
        passed = bytearray()
        while self._held:
            before = len(self._held), self._passing
            passed += self._next()
            if (len(self._held), self._passing) == before:
                break
        return bytes(passed)

    def _next(self) -> bytes:
        """Take one step: pass on data by its length, or one complete message head."""
        if self._passing:
            part = self._cut(min(self._passing, len(self._held)))
            self._passing -= len(part)
            return part
        if self._held[:1] == b"$":
            return self._frame()
        return self._head()

    def _frame(self) -> bytes:
        """Start of an interleaved frame: a channel and a length, followed by media data."""
        if len(self._held) < _FRAME_HEAD_BYTES:
            return b""
        self._passing = int.from_bytes(self._held[2:4], "big")
        return self._cut(_FRAME_HEAD_BYTES)

    def _head(self) -> bytes:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > MOST_HEAD_BYTES:
                raise NotUnderstood
            return b""
        first, *fields = self._cut(end + 4)[:-4].split(b"\r\n")
        if any(len(line) > MOST_LINE_BYTES for line in (first, *fields)):
            raise NotUnderstood
        self._look_at(first)
        return self._rebuilt(first, fields)

    def _look_at(self, first: bytes) -> None:
        answer = _STATUS.fullmatch(first)
        if answer is None and _REQUEST.fullmatch(first) is None:
            raise NotUnderstood
        if answer is not None:
            self.status = int(answer[1])
        if first.startswith(REDIRECT) or (answer is not None and self.status in REDIRECTIONS):
            raise Redirected

    def _rebuilt(self, first: bytes, fields: list[bytes]) -> bytes:
        lines = [first]
        for line in fields:
            field = _FIELD.fullmatch(line)
            if field is None:
                raise NotUnderstood
            name = field[1].lower()
            if name == b"content-length":
                self._passing = _length(field[2], self._passing)
            if name != b"location":
                lines.append(field[1] + b": " + field[2])
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _cut(self, count: int) -> bytes:
        part = bytes(self._held[:count])
        del self._held[:count]
        return part


def _length(value: bytes, known: int) -> int:
    """The length of the body after a head; it may be given once, up to a limit."""
    if known or _LENGTH.fullmatch(value.strip()) is None or int(value) > MOST_BODY_BYTES:
        raise NotUnderstood
    return int(value)
