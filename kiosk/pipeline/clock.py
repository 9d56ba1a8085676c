"""Time for the loops. A live kiosk follows the machine's clock, a replay the recording's.

A decision's time always comes from its frame, so a replay decides alike on every machine. What
these clocks add is the time between a frame and what is done about it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Instant


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> Instant:
        """Seconds since some moment before this process; never jumps."""
        return Instant(time.monotonic())

    def utc(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)


class ReplayClock:
    """The time of the frame last read, plus the real time that has gone by since.

    Ages and latencies are therefore those of real work, however fast the recording is run. On a
    machine slower than the recording the clock steps back to each new frame, so that being slow
    does not add up; it is never earlier than any frame that was read.

    Args:
        real: real monotonic seconds.
    """

    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._frame_at, self._read_at = 0.0, real()

    def follow(self, frame: Frame) -> None:
        """That frame has just been read."""
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
    """A replaying camera whose frames move a `ReplayClock` as they are read."""

    def __init__(self, camera: Camera, clock: ReplayClock) -> None:
        self._camera = camera
        self._clock = clock

    def read(self, timeout: float) -> Frame:
        """As the camera's own."""
        frame = self._camera.read(timeout)
        self._clock.follow(frame)
        return frame

    def close(self) -> None:
        """As the camera's own."""
        self._camera.close()
