"""Scans passing frames for badges at intervals; reports each text once while it is in view."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.ports import CodeReader
from kiosk.domain.vision.frame import Frame, Instant

LOOK_SECONDS = 0.2
"""The scan interval; shorter than a badge is held up."""

AGAIN_SECONDS = 3.0
"""A text not seen for this long is reported again."""


class BadgeWatch:
    """Reports each code held in front of the camera. Owned by one thread.

    Args:
        reader: finds codes in a frame.
        shown: receives the text of each code; must not wait.
    """

    def __init__(self, reader: CodeReader, shown: Callable[[str], None]) -> None:
        self._reader = reader
        self._shown = shown
        self._looked_at = Instant(float("-inf"))
        self._seen: dict[str, Instant] = {}

    def look(self, frame: Frame) -> None:
        """Scan this frame if the interval is over."""
        now = frame.captured_at
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        self._seen = {t: at for t, at in self._seen.items() if now - at < AGAIN_SECONDS}
        for text in self._reader.read(frame):
            new = text not in self._seen
            self._seen[text] = now
            if new:
                self._shown(text)
