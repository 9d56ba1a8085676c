"""A kiosk that plays a recording with a window: in the recording's time, and no faster than real.

`LiveKiosk` loses frames on a busy machine, as it must at a door. Nobody who enrols before a real
camera moves as far between two frames as the person of a recording then seems to; so this one plays
more slowly instead, and decides alike on every machine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kiosk.domain.errors import BadInput
from kiosk.domain.ports import Camera, Door
from kiosk.domain.vision.frame import Frame
from kiosk.pipeline.replay import Replay

STOP_SECONDS = 15.0


class ShownCamera:
    """Gives the frames of a recording when they are due, with the recording's time.

    Args:
        replay: the recording.
        wait: sleeps for so many seconds.
        now: real monotonic seconds.
    """

    def __init__(
        self,
        replay: Camera,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._replay, self._wait, self._now = replay, wait, now
        self._start: float | None = None
        self._newest: Frame | None = None

    def read(self, timeout: float) -> Frame:
        """The next frame, when it is due; at once where it was due before.

        Raises:
            EndOfSource: the recording has ended.
        """
        frame = self._replay.read(timeout)
        now = self._now()
        start = now - frame.captured_at if self._start is None else self._start
        early = start + frame.captured_at - now
        self._start = start + max(0.0, -early)
        if early > 0.0:
            self._wait(early)
        self._newest = frame
        return frame

    def close(self) -> None:
        """Close the recording."""
        self._replay.close()

    def preview(self) -> Frame | None:
        """The newest frame not yet shown."""
        newest, self._newest = self._newest, None
        return newest


class ReplayedKiosk:
    """A kiosk that plays a recording in a thread of its own.

    Args:
        camera: the recording.
        make: makes the replay and its door; called in that thread, for which models are loaded.
        ended: called there at the end.

    Attributes:
        failed: set if it has failed.
    """

    def __init__(
        self,
        camera: ShownCamera,
        make: Callable[[], tuple[Replay, Door]],
        ended: Callable[[BadInput | None], None],
    ) -> None:
        self.preview = camera.preview
        self.failed = threading.Event()
        self._make, self._ended = make, ended
        self._stopping = threading.Event()
        self._replay: Replay | None = None
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        """Start playing."""
        self._thread.start()

    def stop(self) -> list[str]:
        """Stop before the next frame; returns the thread if it did not end in time."""
        self._stopping.set()
        if self._replay is not None:
            self._replay.stop()
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        return [self._thread.name] if self._thread.is_alive() else []

    def _run(self) -> None:
        self.failed.set()  # unless it comes to its end
        try:
            self._play()
            self.failed.clear()
        finally:
            if not self._stopping.is_set():
                self._ended(None)

    def _play(self) -> None:
        replay, door = self._make()
        try:
            self._replay = replay
            if not self._stopping.is_set():
                replay.run()
        finally:
            door.close()
