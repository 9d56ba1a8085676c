"""Looking for badges in the frames that pass: now and then, and each text once while it is up."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.ports import CodeReader
from kiosk.domain.vision.frame import Frame, Instant

LOOK_SECONDS = 0.2
"""Somebody who holds up a badge does so for longer."""

AGAIN_SECONDS = 3.0
"""A text that was not seen for so long is shown anew."""


class BadgeWatch:
    """Tells of each code that is held before the camera. Owned by one thread.

    Args:
        reader: finds codes in a frame.
        shown: takes the text of one; must not wait.
    """

    def __init__(self, reader: CodeReader, shown: Callable[[str], None]) -> None:
        self._reader = reader
        self._shown = shown
        self._looked_at = Instant(float("-inf"))
        self._seen: dict[str, Instant] = {}

    def look(self, frame: Frame) -> None:
        """Look at this frame, if it is time to."""
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
