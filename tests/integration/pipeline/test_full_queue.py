"""More decisions than a slow door can answer: a fault, a locked door, and nothing released late.

The door's end of a kiosk with all that is real: its thread, its driver, and a relay board behind a
wire that hangs, or answers too late.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator

import pytest
from door_rig import RULES, Fault, eventually
from doorway import POLICY
from pipeline_parts import BreakableJournal, Diary, door_parts
from rig_modbus import ANSWER_SECONDS, FLASH_COIL, ModbusTcpRig

from kiosk.domain.access.machine import (
    Admit,
    Audit,
    Event,
    Evidence,
    Faulted,
    Idle,
    Part,
    Recognised,
    Recovered,
)
from kiosk.domain.door.model import Condition
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.template import SubjectId
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.loops import MOST_WAITING, EffectsLoop
from kiosk.pipeline.session import Session

ANN = SubjectId("ann")
WELCOME = View(Prompt.LOOK_HERE, Tone.GRANTED)
GRANTS = MOST_WAITING + 10

BREAKS: dict[str, Callable[[ModbusTcpRig], None]] = {
    "hangs": lambda rig: rig.proxy.hang(),
    "answers too late": lambda rig: rig.break_(Fault.LATE),
}


class Kiosk:
    """A session and its door's end; the test's own thread is vision."""

    def __init__(self, rig: ModbusTcpRig) -> None:
        self.diary = Diary()
        self.seen: list[Event] = []
        self.died: list[str] = []
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._clock = SystemClock()
        self.end = DoorSubsystem(
            door_parts(rig.door),
            JournalRecorder(BreakableJournal(self.diary), self._clock.utc),
            self._clock,
            DoorListeners(lambda _: None, self._events.put, lambda _: None, lambda _: None),
        )
        self.loop = EffectsLoop(
            self._clock,
            self.died.append,
            self.end,
            DoorQueue(),
            self._events.put,
            lambda: None,
        )
        self.session = Session(lambda: POLICY, self.loop.commit, lambda _: None)

    def grant(self) -> None:
        """Somebody was recognised just now."""
        at = self._clock.monotonic()
        face = Evidence(at, PadResult(1.0, "test"), ANN, ambiguous=False, best=None, margin=1.0)
        person = Recognised(at, ANN, at, (face,))
        self.loop.commit((Audit(person), Admit(person)), WELCOME)

    def told(self, kind: type[Event]) -> bool:
        """Whether the session was told such a thing of the door; it hears what waits first."""
        while not self._events.empty():
            self.seen.append(self._events.get())
            self.session.handle(self.seen[-1])
        return any(isinstance(event, kind) and event.part is Part.DOOR for event in self.seen)  # type: ignore[union-attr] # both kinds have one

    def is_well(self) -> bool:
        return self.end.condition is Condition.SECURED


@pytest.fixture
def rig() -> Iterator[ModbusTcpRig]:
    made = ModbusTcpRig(**FLASH_COIL)
    yield made
    made.close()


@pytest.fixture
def kiosk(rig: ModbusTcpRig) -> Iterator[Kiosk]:
    made = Kiosk(rig)
    made.loop.start()
    assert eventually(made.is_well)
    yield made
    made.loop.ask_to_stop()
    assert made.loop.join(30.0)
    assert made.died == []


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_grants_that_wait_for_a_slow_door_are_never_released_late(
    rig: ModbusTcpRig, kiosk: Kiosk, breaks: Callable[[ModbusTcpRig], None]
) -> None:
    breaks(rig)
    for _ in range(GRANTS):
        kiosk.grant()
    # An order that went out just before it grew stale may be answered so much later.
    over_at = time.monotonic() + RULES.max_age_seconds + ANSWER_SECONDS
    assert kiosk.told(Faulted), "the queue is full, and nobody was told"
    assert not isinstance(kiosk.session.state, Idle), "the kiosk goes on"

    assert eventually(lambda: time.monotonic() > over_at + 0.1)
    moved = rig.releases
    rig.mend()
    assert eventually(lambda: kiosk.told(Recovered), within=30.0)
    assert not eventually(lambda: rig.unlocked, within=0.5)
    assert rig.releases == moved, "somebody was let in who had left"
    assert kiosk.diary.names.count("audit authorised") == GRANTS, "a decision was lost"
    assert eventually(lambda: {"audit fault", "audit recovered"} <= set(kiosk.diary.names))

    kiosk.grant()
    assert eventually(lambda: rig.releases == moved + 1)
