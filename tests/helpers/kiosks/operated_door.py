"""A door's end in its own thread, over a simulated door, as operators meet it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from pipeline_parts import BreakableJournal, Diary, Shelf, door_parts

from hardware.sim.door import SimulatedDoor
from kiosk.domain.access.machine import Event
from kiosk.domain.door.model import Condition
from kiosk.domain.door.protocol import DoorRules
from kiosk.domain.operators.orders import Order, OrderAnswer, Verb
from kiosk.domain.vision.template import SubjectId
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder, Listener
from kiosk.operators.executor import OrderExecutor
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.loops import EffectsLoop

LIFE_MS = 5000


class OperatedDoor:
    """Fulfils Doing.

    Attributes:
        diary: what was written down.
        shelf: what outlives a restart.
        reported: what the session was told.
    """

    def __init__(self, shelf: Shelf | None = None, noted: Listener | None = None) -> None:
        self.clock = SystemClock()
        self.door = SimulatedDoor(DoorRules(1.0, 60.0), self.clock, answer_seconds=0.3)
        self.diary = Diary()
        self.journal = BreakableJournal(self.diary)
        self.shelf = shelf or Shelf()
        self.reported: list[Event] = []
        self._heard = threading.Event()
        recorder = JournalRecorder(self.journal, self.clock.utc)
        if noted is not None:
            recorder.subscribe(noted)
        self.end = DoorSubsystem(
            door_parts(self.door, self.shelf),
            recorder,
            self.clock,
            DoorListeners(lambda _: None, self.reported.append, lambda _: None, self._changed),
        )
        self._work = DoorQueue()
        self._loop = EffectsLoop(
            self.clock, lambda _: None, self.end, self._work, self.reported.append, lambda: None
        )
        self.executor = OrderExecutor(self, self.clock)

    def start(self) -> None:
        """Begin, and wait until the door was heard."""
        self._loop.start()
        assert self._heard.wait(5.0)

    def do(self, work: Callable[[DoorSubsystem], None]) -> None:
        self._work.do(work)

    def busy(self) -> threading.Event:
        """Keep the thread from everything else, until the event is set."""
        goes_on = threading.Event()
        self._work.do(lambda _: goes_on.wait(10.0) or None)
        return goes_on

    def order(
        self,
        verb: Verb,
        seconds: float | None = None,
        subject: SubjectId | None = None,
        *,
        life_ms: int = LIFE_MS,
    ) -> Order:
        now = int(time.time() * 1000)
        ident = secrets.token_hex(16)
        return Order(ident, verb, "door", "anna", now, now + life_ms, seconds, subject)

    def obey(self, verb: Verb, seconds: float | None = None) -> OrderAnswer:
        return self.executor.obey(self.order(verb, seconds))

    def _changed(self, condition: Condition) -> None:
        if condition is not Condition.UNKNOWN:
            self._heard.set()

    def close(self) -> None:
        self._loop.ask_to_stop()
        assert self._loop.join(5.0)
        self.door.close()
