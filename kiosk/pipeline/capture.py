"""The capture loop: keeps a camera open, checks its picture and passes frames on.

It waits only in the camera's read, so it costs nothing while no frame comes. A lost camera is
closed, and reopened after a pause, without limit. A loss is reported once, and its end only when a
picture has proved that the camera works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.errors import BadInput, CameraLost, EndOfSource
from kiosk.domain.ports import Camera, Clock
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.frame_health import FrameWatch
from kiosk.pipeline.loops import Loop
from kiosk.pipeline.slot import Closed, LatestSlot

BEAT_SECONDS = 0.5
"""The heartbeat interval during a pause, which must not look like a dead thread."""


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """The rules for when a camera counts as lost.

    Attributes:
        stall_seconds: lost after this long without a frame.
        frozen_seconds: lost after this long with identical frames.
        black_seconds: lost after this long with black frames.
        reopen_seconds: the pause before the camera is reopened.
        open_seconds: the time allowed for the first frame after opening.
        endless: True for a live camera; a source that ends is opened once only.
    """

    stall_seconds: float
    frozen_seconds: float
    black_seconds: float
    reopen_seconds: float
    open_seconds: float = 3.0
    endless: bool = True


class Capture(Loop):
    """The thread that owns the camera.

    Args:
        clock: for heartbeat and losses.
        died: called if the thread dies.
        open_camera: returns the camera, opened or opening. Its `close` must end a waiting `read`.
        slots: the mailboxes for each frame; finished when the source has ended.
        report: receives `Faulted` and `Recovered` of the camera.
        ended: called at the end of a replay, with its error if there was one.
        rules: the rules for when a camera counts as lost.
    """

    def __init__(
        self,
        clock: Clock,
        died: Callable[[str], None],
        *,
        open_camera: Callable[[], Camera],
        slots: Sequence[LatestSlot[Frame]],
        report: Callable[[Event], None],
        ended: Callable[[BadInput | None], None],
        rules: CaptureRules,
    ) -> None:
        super().__init__("capture", clock, died)
        self._open_camera = open_camera
        self._slots = slots
        self._report = report
        self._ended = ended
        self._rules = rules
        self._watch = FrameWatch(rules.frozen_seconds, rules.black_seconds)
        self._camera: Camera | None = None
        self._lost = False
        self.frames = 0
        self.began_at: Instant | None = None

    def ask_to_stop(self) -> None:
        """Request the end; a waiting read ends at once."""
        super().ask_to_stop()
        camera = self._camera
        if camera is not None:
            camera.close()

    def run(self) -> None:
        """Open, pass frames on, close, pause; until asked to stop or the source has ended."""
        try:
            while not self._stopping.is_set():
                self._attend()
                self._pause(self._rules.reopen_seconds)
        except EndOfSource:
            self._finish(None)
        except BadInput as error:
            self._finish(error)
        except Closed:
            return
        finally:
            self._close_device()

    def _attend(self) -> None:
        """Use the camera from one opening until it is lost."""
        try:
            self.beat()
            camera = self._camera or self._open_camera()
            self._camera = camera
            self._hand_on(camera)
        except CameraLost as loss:
            self._lose(self._clock.monotonic(), loss.problem)
        if self._rules.endless:
            self._close_device()

    def _hand_on(self, camera: Camera) -> None:
        self._watch.reset()
        patience = self._rules.open_seconds
        while not self._stopping.is_set():
            self.beat()
            frame = camera.read(patience)
            patience = self._rules.stall_seconds
            self.frames += 1
            self.began_at = self.began_at or frame.captured_at
            if not self._usable(frame):
                return
            if not self._lost:
                seen = replace(frame, still=True) if self._watch.still else frame
                for slot in self._slots:
                    slot.put(seen)

    def _usable(self, frame: Frame) -> bool:
        """Check the picture; False where the camera should be reopened."""
        complaint = self._watch.check(frame)
        if complaint is not None:
            self._lose(frame.captured_at, complaint)
            return self._watch.slow or not self._rules.endless
        if self._lost and self._watch.lively:
            self._lost = False
            self._report(Recovered(frame.captured_at, Part.CAMERA))
        return True

    def _lose(self, at: Instant, detail: str) -> None:
        if not self._lost and not self._stopping.is_set():
            self._lost = True
            self._report(Faulted(at, Part.CAMERA, detail))

    def _close_device(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def _finish(self, error: BadInput | None) -> None:
        """Finish the slots; readers still get the last frame."""
        for slot in self._slots:
            slot.finish()
        self._ended(error)

    def _pause(self, seconds: float) -> None:
        left = seconds
        while left > 0.0 and not self._stopping.wait(min(left, BEAT_SECONDS)):
            self.beat()
            left -= BEAT_SECONDS
