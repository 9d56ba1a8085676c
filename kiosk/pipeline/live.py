"""The live kiosk: camera, vision and effects in their threads, and their supervisor.

Frames flow one way, and the newest replaces older ones. Effects flow one way, and none is lost.
Faults return to the one thread that owns the state.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Event, Faulted, Part, Presented, Recovered
from kiosk.domain.door.model import Condition
from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import BadInput, DoorError
from kiosk.domain.ports import Camera, Clock
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.door.calls import DoorQueue, Work
from kiosk.door.effect_runner import Happened
from kiosk.door.screen_writer import ScreenWriter
from kiosk.door.subsystem import DoorListeners, DoorParts, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder
from kiosk.pipeline.capture import Capture, CaptureRules
from kiosk.pipeline.enrolment.keys import EnrolmentKeys
from kiosk.pipeline.enrolment.parts import EnrolmentParts, switch_of
from kiosk.pipeline.enrolment.switch import EnrolmentInbox, EnrolmentSwitch
from kiosk.pipeline.gallery.capacity import CrowdWatch
from kiosk.pipeline.gallery.feed import GalleryFeed
from kiosk.pipeline.loops import DecisionLoop, EffectsLoop, Inbox, Observer
from kiosk.pipeline.session import Session
from kiosk.pipeline.slot import Closed, LatestSlot
from kiosk.pipeline.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class CameraSource:
    """The camera.

    Attributes:
        open_camera: opens it.
        rules: when it counts as lost.
        patience: seconds that it waits with a new frame until the one before it is looked at: none
            for a live camera, since nobody at a door can be asked to wait.
    """

    open_camera: Callable[[], Camera]
    rules: CaptureRules
    patience: float = 0.0


def _nobody_asks(_: Condition) -> None:
    return


def _nobody_enrols(_: EnrolmentView | None) -> None:
    return


@dataclass(frozen=True, slots=True)
class Listeners:
    """Callbacks of the live kiosk.

    Attributes:
        show: puts a view on the screen.
        observe: receives every decision that was carried out, and faults.
        ended: called at the end of a replay, with its error if there was one.
        changed: called on each change of the door status.
        enrol: puts the view of an enrolment on the screen; None gives the screen back to the door.
    """

    show: Callable[[View], None]
    observe: Callable[[Happened], None]
    ended: Callable[[BadInput | None], None]
    changed: Callable[[Condition], None] = _nobody_asks
    enrol: Callable[[EnrolmentView | None], None] = _nobody_enrols

    def of_door(
        self, show: Callable[[View], None], report: Callable[[Event], None]
    ) -> DoorListeners:
        """The callbacks of the door subsystem, which writes to the screen through ``show``."""
        return DoorListeners(show, report, self.observe, self.changed)


class LiveKiosk:
    """Starts, feeds and stops the threads.

    Args:
        source: the camera.
        prepare: loads the models; called in the vision thread.
        people: gallery and policy.
        recorder: writes the journal.
        door: the parts of the door subsystem; its driver is closed at the end.
        clock: the system clock.
        listeners: the callbacks.
        work: what is to be done in the door's thread; operators' channels may fill it from before.
        enrolment: what there is for self-enrolment; None where nobody can enrol.

    Attributes:
        enrolment: gives frames to enrolments; None where nobody can enrol.
        look: where the access session stands; for the vision thread alone.
    """

    def __init__(
        self,
        *,
        source: CameraSource,
        prepare: Callable[[], Observer],
        people: GalleryFeed,
        recorder: JournalRecorder,
        door: DoorParts,
        clock: Clock,
        listeners: Listeners,
        work: DoorQueue,
        enrolment: EnrolmentParts | None = None,
    ) -> None:
        self._door, self._clock, self._work = door.door, clock, work
        self._screen = ScreenWriter(listeners.show, listeners.enrol)
        self._seen: LatestSlot[Frame] = LatestSlot(source.patience)
        self._preview: LatestSlot[Frame] = LatestSlot()
        self._inbox: Inbox = Inbox()
        self.failed = threading.Event()
        self._subsystem = DoorSubsystem(
            door, recorder, clock, listeners.of_door(self._screen.show, self._inbox.put)
        )
        self._crowding = CrowdWatch(people, recorder.note)
        self._effects_loop = EffectsLoop(
            clock,
            self._died,
            self._subsystem,
            work,
            overflowed=self._inbox.put,
            now_and_then=lambda: self._look_around(people),
            first=lambda: self._refresh(people),
        )
        session = Session(
            lambda: self._subsystem.policy(people.policy()),
            self._effects_loop.commit,
            self._screen.show,
            self._subsystem.held,
        )
        self.enrolment, self.look = self._switch(enrolment, session, listeners), session.look
        self.decisions = DecisionLoop(
            clock, self._died, self._seen, prepare, session, self._inbox, self.enrolment
        )
        self._capture = Capture(
            clock=clock,
            died=self._died,
            open_camera=source.open_camera,
            slots=(self._seen, self._preview),
            report=self._inbox.put,
            ended=listeners.ended,
            rules=source.rules,
        )
        loops = (self._capture, self.decisions, self._effects_loop)
        self._supervisor = Supervisor(clock, loops, self._report, self._shut)

    def start(self) -> None:
        """Start every thread."""
        self._supervisor.start()

    @property
    def began_at(self) -> Instant:
        """The capture time of the first frame; the current time before that."""
        return self._capture.began_at or self._clock.monotonic()

    def preview(self) -> Frame | None:
        """The newest frame not yet shown, for the screen; none while a frame probably decides.

        Painting it would hold up the door: only one thread at a time runs Python.
        """
        if self.decisions.deciding:
            return None
        try:
            return self._preview.take(0.0)
        except Closed:
            return None

    def type_pin(self, code: str) -> None:
        """Take a PIN typed now, for the door or for somebody's data; returns at once."""
        if self.enrolling:
            self.keys.type_pin(code)
            return
        self._inbox.put(Presented(self._clock.monotonic(), Factor.PIN, code))

    def show_badge(self, text: str) -> None:
        """Take a code held in front of the camera now; returns at once."""
        self._inbox.put(Presented(self._clock.monotonic(), Factor.BADGE, text))

    @property
    def keys(self) -> EnrolmentKeys:
        """What a person says to an enrolment by touch or key; nothing comes of it without one."""
        inbox = EnrolmentInbox() if self.enrolment is None else self.enrolment.inbox
        return EnrolmentKeys(inbox, self._clock.monotonic)

    @property
    def enrolling(self) -> bool:
        """True if somebody enrols now, or looks at their data."""
        return self.enrolment is not None and self.enrolment.active

    def do(self, work: Work) -> None:
        """Queue work for the door subsystem; returns at once."""
        self._work.do(work)

    def look_at_people(self) -> None:
        """Look soon whether other people are enrolled than before; returns at once."""
        self._work.do(lambda _: None)  # before any work it looks

    def door_status(self) -> DoorReading:
        """The door's current reading, requested in the caller's thread.

        Raises:
            DoorError: the door does not answer.
        """
        return self._door.status()

    def fault(self, detail: str) -> None:
        """Take the kiosk out of service after a failure outside the threads, as of the screen."""
        self._shut(detail)
        self._inbox.put(Faulted(self._clock.monotonic(), Part.KIOSK, detail))

    def finish(self, timeout: float) -> bool:
        """After the end of a replay, wait for the decision on its last frame."""
        return self.decisions.join(timeout)

    def stop(self) -> list[str]:
        """Stop everything and secure the door; returns the threads that did not end in time."""
        late = self._supervisor.stop()
        self._seen.close()
        self._preview.close()
        self._door.close()
        return late

    def _switch(
        self, parts: EnrolmentParts | None, session: Session, listeners: Listeners
    ) -> EnrolmentSwitch | None:
        if parts is None:
            return None
        commit, guide = self._effects_loop.commit_enrolment, self._screen.show_enrolment
        check = self._subsystem.factors.holder
        return switch_of(parts, session, commit, guide, listeners.observe, check)

    def _look_around(self, people: GalleryFeed) -> None:
        self._refresh(people)
        self._subsystem.guard(self._crowding.look)

    def _refresh(self, people: GalleryFeed) -> None:
        """Pass enrolments and erasures by other processes on to vision and door."""
        if people.refresh(self._clock, self._inbox.put):
            self._subsystem.guard(self._subsystem.forget_erased)

    def _died(self, detail: str) -> None:
        self.failed.set()
        self._supervisor.died(detail)

    def _shut(self, _detail: str) -> None:
        with contextlib.suppress(DoorError):
            self._door.secure()
        self._screen.shut()

    def _report(self, event: Event) -> None:
        """Pass on what the supervisor found; after a recovery the session's views count again."""
        if isinstance(event, Recovered) and not self.failed.is_set():
            self._screen.reopen()
        self._inbox.put(event)
