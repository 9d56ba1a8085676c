"""Replays a recording without threads: every frame, in order.

Uses the same vision, session and effects as the live kiosk, driven by the recording's own time, so
that a recording gives the same decisions on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.access.machine import Event, Faulted, Part, Recovered, Ticked
from kiosk.domain.errors import EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.enrolment.switch import EnrolmentSwitch
from kiosk.pipeline.frame_health import FrameWatch
from kiosk.pipeline.loops import Observer
from kiosk.pipeline.session import Session

READ_SECONDS = 10.0


class Replay:
    """Plays a camera that ends.

    Args:
        camera: gives every frame, then ends.
        watch: detects frozen and black pictures.
        observer: turns a frame into observations; closed at the end.
        session: decides.
        reports: events reported by effects; each is handled before the next frame.
        tend: tends the door between the frames.
        enrolment: takes the frames while somebody enrols; None where nobody can.
    """

    def __init__(
        self,
        camera: Camera,
        watch: FrameWatch,
        observer: Observer,
        session: Session,
        reports: list[Event],
        tend: Callable[[], None],
        enrolment: EnrolmentSwitch | None = None,
    ) -> None:
        self._enrolment = enrolment
        self._camera = camera
        self._watch = watch
        self._observer = observer
        self._session = session
        self._lost = False
        self._reports = reports
        self._tend = tend
        self._stopping = False
        self.frames = 0
        self.began_at: Instant | None = None

    def stop(self) -> None:
        """Stop before the next frame."""
        self._stopping = True

    def run(self) -> None:
        """Play to the end; then anybody still in the lane counts as gone."""
        try:
            self._play()
        finally:
            self._observer.close()

    def _play(self) -> None:
        last = Instant(0.0)
        while (frame := self._next()) is not None:
            self.began_at = frame.captured_at if self.began_at is None else self.began_at
            last = frame.captured_at
            self._step(frame)
            self.frames += 1
        end = Instant(last + self._session.absence_seconds)
        if self._enrolment is not None:
            self._enrolment.end(end)
        self._session.handle(Ticked(end))
        self._handle_reports()

    def _next(self) -> Frame | None:
        if self._stopping:
            return None
        try:
            return self._camera.read(READ_SECONDS)
        except EndOfSource:
            return None

    def _step(self, frame: Frame) -> None:
        self._tend()
        self._handle_reports()
        self._look_at_camera(frame)
        if not self._lost:
            seen = replace(frame, still=True) if self._watch.still else frame
            if self._enrolment is not None and self._enrolment.takes(seen):
                self._handle_reports()
                return
            for event in self._observer.answers(frame.captured_at):
                self._session.handle(event)
            measured = self._session.gathers(seen.captured_at)
            self._session.handle(self._observer.observe(seen, measured=measured))
            self._handle_reports()

    def _look_at_camera(self, frame: Frame) -> None:
        detail = self._watch.check(frame)
        if detail is not None and not self._lost:
            self._session.handle(Faulted(frame.captured_at, Part.CAMERA, detail))
        elif detail is None and self._lost:
            self._session.handle(Recovered(frame.captured_at, Part.CAMERA))
        self._lost = detail is not None

    def _handle_reports(self) -> None:
        while self._reports:
            event = self._reports.pop(0)
            self._session.handle(event)
            if self._enrolment is not None:
                self._enrolment.tell(event)
