"""The threads. Each owns its state, sends a heartbeat, and stops on request.

A loop contains no decisions: it receives, calls one step, and passes the result on. A loop that
dies or hangs is a fault of the kiosk and is never silent.
"""

from __future__ import annotations

import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from kiosk.domain.access.machine import Effect, Event, Faulted, Observed, Part, Ticked
from kiosk.domain.ports import Clock
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorSubsystem
from kiosk.pipeline.enrolment.switch import EnrolmentSwitch
from kiosk.pipeline.session import Session
from kiosk.pipeline.slot import Closed, LatestSlot

TICK_SECONDS = 0.1
"""Without a frame for this long the session receives a time tick."""

MOST_WAITING = 64
"""Most steps that may wait for a slow door. More is a fault; even then none is lost."""

LAST_ANSWER_SECONDS = 1.0
"""At the end of a recording an enrolment waits so long for a service; the loop still beats."""

IDLE_SECONDS = 1.0
"""The interval at which the effects loop retries broken parts and checks for changes."""


Inbox = queue.SimpleQueue[Event]
"""What others have to say to the thread that owns the state."""


class Loop(ABC):
    """A named thread with a heartbeat.

    Args:
        name: the name of the thread.
        clock: stamps the heartbeat.
        died: receives the reason if the thread ends by an exception.
    """

    def __init__(self, name: str, clock: Clock, died: Callable[[str], None]) -> None:
        self._clock = clock
        self._died = died
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)
        self.beat_at = clock.monotonic()

    @property
    def name(self) -> str:
        """The name of the thread."""
        return self._thread.name

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Request the end; returns at once."""
        self._stopping.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False if it did not come in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @abstractmethod
    def run(self) -> None:
        """Prepare once, then work and beat until asked to stop."""

    def beat(self) -> None:
        """Record a heartbeat."""
        self.beat_at = self._clock.monotonic()

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:  # noqa: BLE001 - any error that kills a loop must be reported
            self._died(f"{self.name} ended by {type(error).__name__}")


class Observer(Protocol):
    """Turns frames into observations."""

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:
        """The observation of one frame; without measures it only says who is there."""
        ...

    def may_decide(self, at: Instant, /) -> bool:
        """True if a frame captured then probably decides."""
        ...

    def answers(self, now: Instant) -> Sequence[Event]:
        """What came late about earlier frames, stamped with the time of this call; never waits."""
        ...

    def close(self) -> None:
        """Close the models."""
        ...


class DecisionLoop(Loop):
    """Frames in, decisions out. The only thread that uses the session and the models.

    Args:
        clock: for heartbeat and ticks.
        died: called if the thread dies.
        frames: the newest frame.
        prepare: loads the models.
        session: the owner of the state.
        inbox: events from other threads; handled before the next frame.
        enrolment: takes the frames while somebody enrols; None where nobody can.

    Attributes:
        took: told how long each frame has waited since its capture, in seconds.
        deciding: a frame is measured that probably decides: nothing else should take the processor.
    """

    def __init__(
        self,
        clock: Clock,
        died: Callable[[str], None],
        frames: LatestSlot[Frame],
        prepare: Callable[[], Observer],
        session: Session,
        inbox: Inbox,
        enrolment: EnrolmentSwitch | None = None,
    ) -> None:
        super().__init__("vision", clock, died)
        self._enrolment = enrolment
        self._frames = frames
        self._prepare = prepare
        self._session = session
        self._inbox = inbox
        self.ready = threading.Event()
        self.frames_seen = 0
        self.took: Callable[[float], None] = lambda _: None
        self.deciding = False

    def run(self) -> None:
        """Load the models, then observe the newest frame repeatedly."""
        observer = self._prepare()
        self.ready.set()
        try:
            self._observe_with(observer)
        finally:
            observer.close()

    def _observe_with(self, observer: Observer) -> None:
        while not self._stopping.is_set():
            self.beat()
            self._handle_reports()
            try:
                frame = self._frames.take(TICK_SECONDS)
            except Closed:
                self._conclude()
                break
            self._handle_answers(observer)
            if frame is None:
                self._tick(self._clock.monotonic())
                continue
            self.took(self._clock.monotonic() - frame.captured_at)
            if self._enrolment is None or not self._enrolment.takes(frame):
                self._decide(observer, frame)
            self.frames_seen += 1
        self._handle_reports()

    def _decide(self, observer: Observer, frame: Frame) -> None:
        measured = self._session.gathers(frame.captured_at)
        self.deciding = measured and observer.may_decide(frame.captured_at)
        try:
            self._session.handle(observer.observe(frame, measured=measured))
        finally:
            self.deciding = False

    def _tick(self, now: Instant) -> None:
        if self._enrolment is not None:
            self._enrolment.tick(now)
        self._session.handle(Ticked(now))

    def _handle_answers(self, observer: Observer) -> None:
        for event in observer.answers(self._clock.monotonic()):
            self._session.handle(event)

    def _conclude(self) -> None:
        """End a replay: anybody still in the lane counts as gone."""
        gone = Instant(self._clock.monotonic() + self._session.absence_seconds)
        if self._enrolment is not None:
            self._enrolment.end(gone, LAST_ANSWER_SECONDS)
        self._session.handle(Ticked(gone))

    def _handle_reports(self) -> None:
        while not self._inbox.empty():
            event = self._inbox.get()
            self._session.handle(event)
            if self._enrolment is not None:
                self._enrolment.tell(event)


class EffectsLoop(Loop):
    """Carries out effects in order, so that a slow door cannot stall vision.

    Args:
        clock: for the heartbeat.
        died: called if the thread dies.
        subsystem: carries the effects out.
        work: what is to be done in this thread.
        overflowed: called when the queue is full.
        now_and_then: called about once a second.
        first: called before each piece of work: nothing is done on old news.
    """

    def __init__(
        self,
        clock: Clock,
        died: Callable[[str], None],
        subsystem: DoorSubsystem,
        work: DoorQueue,
        overflowed: Callable[[Event], None],
        now_and_then: Callable[[], None],
        first: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("effects", clock, died)
        self._subsystem = subsystem
        self._work = work
        self._overflowed = overflowed
        self._now_and_then = now_and_then
        self._first = first
        self._too_slow = threading.Event()
        self._tended_at = Instant(float("-inf"))

    def commit(self, effects: tuple[Effect, ...], view: View) -> None:
        """Queue one step's effects. Never blocks and never drops.

        A fault stops further decisions, so that the queue grows past its limit by a few steps at
        most.
        """
        self._work.put(lambda subsystem: subsystem.carry_out(effects, view))
        if self._work.waiting > MOST_WAITING and not self._too_slow.is_set():
            self._too_slow.set()
            detail = "decisions came faster than the door could answer"
            self._overflowed(Faulted(self._clock.monotonic(), Part.DOOR, detail))

    def commit_enrolment(self, work: Callable[[], None]) -> None:
        """Queue what an enrolment asks for; a failure of it is a fault of the part concerned."""
        self._work.put(lambda subsystem: subsystem.guard(work))

    def run(self) -> None:
        """Carry out effects until asked to stop and the queue is empty."""
        while not self._stopping.is_set() or self._work.waiting:
            self.beat()
            work = self._work.take(TICK_SECONDS)
            if work is None:
                self._tend()
            else:
                self._first()
                work(self._subsystem)

    def _tend(self) -> None:
        self._subsystem.tend()
        now = self._clock.monotonic()
        if now - self._tended_at >= IDLE_SECONDS:
            self._tended_at = now
            if self._too_slow.is_set():
                self._too_slow.clear()
                self._subsystem.suspect(Part.DOOR)
            self._subsystem.try_to_recover()
            self._now_and_then()
