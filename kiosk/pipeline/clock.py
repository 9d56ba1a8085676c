"""Clocks for the loops. A live kiosk uses the system clock, a replay the recording's time.

A decision's time always comes from its frame, so a replay gives the same decisions on every
machine. These clocks add the time between a frame and its effects.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Instant


class SystemClock:
    """The clocks of this machine."""

    def monotonic(self) -> Instant:
        """Seconds since an arbitrary moment before this process; never jumps."""
        return Instant(time.monotonic())

    def utc(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)


class ReplayClock:
    """The time of the last frame read, plus the real time elapsed since.

    Ages and latencies are therefore those of real work, at any replay speed. On a machine slower
    than the recording the clock steps back to each new frame, so that the delay does not
    accumulate; it is never earlier than any frame that was read.

    Args:
        real: real monotonic seconds.
    """

    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._frame_at, self._read_at = 0.0, real()

    def follow(self, frame: Frame) -> None:
        """Set the time to a frame that has just been read."""
        with self._lock:
            self._frame_at, self._read_at = frame.captured_at, self._real()

    def monotonic(self) -> Instant:
        """Seconds in the recording's time."""
        with self._lock:
            return Instant(self._frame_at + max(0.0, self._real() - self._read_at))

    def utc(self) -> datetime:
        """The wall clock, UTC: a replay happens now, whenever it was recorded."""
        return datetime.now(UTC)


class FollowedCamera:
    """A replaying camera whose frames drive a `ReplayClock` as they are read."""

    def __init__(self, camera: Camera, clock: ReplayClock) -> None:
        self._camera = camera
        self._clock = clock

    def read(self, timeout: float) -> Frame:
        """See `Camera.read`."""
        frame = self._camera.read(timeout)
        self._clock.follow(frame)
        return frame

    def close(self) -> None:
        """See `Camera.close`."""
        self._camera.close()
