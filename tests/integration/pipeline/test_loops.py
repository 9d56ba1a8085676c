"""The threads: nothing is lost, nothing hangs in silence, everything ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from doorway import ANN, FRAME, POLICY
from hand_clock import HandClock
from pipeline_parts import BreakableDoor, BreakableJournal, Diary, door_parts

from kiosk.domain.access.machine import (
    Audit,
    Decision,
    Effect,
    Event,
    Faulted,
    Identified,
    Idle,
    Observed,
    Part,
    Reason,
    Recovered,
    Show,
)
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder
from kiosk.pipeline.loops import MOST_WAITING, DecisionLoop, EffectsLoop, Inbox
from kiosk.pipeline.session import Session
from kiosk.pipeline.slot import LatestSlot
from kiosk.pipeline.supervisor import HUNG_SECONDS, Supervisor

WAIT = 5.0
LOOK = View(Prompt.LOOK_HERE, Tone.WAITING)
REFUSAL = (
    Audit(Decision(Instant(1.0), Reason.NOT_RECOGNISED, None)),
    Show(Idle()),
)


def frame(index: int) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), Instant(index * FRAME), index)


class AnnStandsThere:
    """Sees the same enrolled person in every frame."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.measured: list[bool] = []
        self.decides: Callable[[], bool] = lambda: False
        self.decided: list[bool] = []

    def may_decide(self, at: Instant) -> bool:
        return at >= (POLICY.probes_required - 1) * FRAME

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:
        self.measured.append(measured)
        self.decided.append(self.decides())
        return Observed(frame.captured_at, (ANN.probe(frame.captured_at),))

    def answers(self, now: Instant) -> Sequence[Event]:  # noqa: ARG002 - nothing comes late
        return ()

    def close(self) -> None:
        self.closed.set()


def decisions(
    commit: Callable[[tuple[Effect, ...], View], None],
    observer: object,
    died: Callable[[str], None] = lambda _: None,
) -> tuple[DecisionLoop, LatestSlot[Frame], Inbox]:
    slot: LatestSlot[Frame] = LatestSlot(patience=None)
    inbox: Inbox = Inbox()
    session = Session(lambda: POLICY, commit, lambda _: None)
    clock = HandClock(0.0)
    loop = DecisionLoop(clock, died, slot, lambda: observer, session, inbox)  # type: ignore[arg-type, return-value]
    return loop, slot, inbox


def test_frames_in_decision_out() -> None:
    granted = threading.Event()
    observer = AnnStandsThere()
    loop, slot, _ = decisions(lambda *_: granted.set(), observer)
    waits: list[float] = []
    loop.took = waits.append
    loop.start()
    for index in range(POLICY.probes_required):
        slot.put(frame(index))
    assert granted.wait(WAIT)
    slot.finish()
    assert loop.join(WAIT)
    assert observer.closed.is_set(), "the models are let go by the thread that used them"
    assert loop.frames_seen == POLICY.probes_required
    assert waits == [-index * FRAME for index in range(POLICY.probes_required)], "by a clock at 0"


def test_while_the_door_is_asked_faces_are_found_and_no_more() -> None:
    observer = AnnStandsThere()
    loop, slot, _ = decisions(lambda *_: None, observer)
    loop.start()
    for index in range(POLICY.probes_required + 3):
        slot.put(frame(index))
    slot.finish()
    assert loop.join(WAIT)
    assert observer.measured == [True] * POLICY.probes_required + [False] * 3


def test_the_frame_that_decides_is_known_while_it_is_measured() -> None:
    observer = AnnStandsThere()
    loop, slot, _ = decisions(lambda *_: None, observer)
    observer.decides = lambda: loop.deciding
    loop.start()
    for index in range(POLICY.probes_required + 3):
        slot.put(frame(index))
    slot.finish()
    assert loop.join(WAIT)
    assert observer.decided == [False] * (POLICY.probes_required - 1) + [True] + [False] * 3
    assert not loop.deciding


class AnnIsAskedAbout(AnnStandsThere):
    """Sees her in every frame, and hears who she is after it."""

    def __init__(self) -> None:
        super().__init__()
        self._late: list[Event] = []

    def observe(self, frame: Frame, *, measured: bool = True) -> Observed:  # noqa: ARG002 - the same
        at = frame.captured_at
        self._late.append(Identified(at, TrackId(1), at, ANN.probe(at).candidates))
        return Observed(at, (ANN.but(ranked=False).probe(at),))

    def answers(self, now: Instant) -> Sequence[Event]:  # noqa: ARG002 - as soon as it is asked
        late, self._late = self._late, []
        return late


def test_late_answers_reach_the_session_without_another_frame() -> None:
    granted = threading.Event()
    loop, slot, _ = decisions(lambda *_: granted.set(), AnnIsAskedAbout())
    loop.start()
    for index in range(POLICY.probes_required):
        slot.put(frame(index))
    assert granted.wait(WAIT)
    slot.finish()
    assert loop.join(WAIT)


def test_a_fault_of_another_thread_reaches_the_session() -> None:
    committed: list[tuple[Effect, ...]] = []
    seen = threading.Event()

    def commit(effects: tuple[Effect, ...], _view: View) -> None:
        committed.append(effects)
        seen.set()

    loop, slot, inbox = decisions(commit, AnnStandsThere())
    inbox.put(Faulted(Instant(0.0), Part.CAMERA, "gone"))
    loop.start()
    assert seen.wait(WAIT)
    loop.ask_to_stop()
    slot.close()
    assert loop.join(WAIT)
    assert isinstance(committed[0][1], Show)


def test_models_that_cannot_be_loaded_are_told_not_swallowed() -> None:
    told: list[str] = []

    def broken() -> object:
        raise RuntimeError("secret detail")

    slot: LatestSlot[Frame] = LatestSlot(patience=None)
    session = Session(lambda: POLICY, lambda *_: None, lambda _: None)
    loop = DecisionLoop(HandClock(), told.append, slot, broken, session, Inbox())  # type: ignore[arg-type]
    loop.start()
    assert loop.join(WAIT)
    assert told == ["vision ended by RuntimeError"]


class SlowStreet:
    """Effects behind a door that answers when a test lets it."""

    def __init__(self, first: Callable[[], None] = lambda: None) -> None:
        self.diary = Diary()
        self.may_go = threading.Event()
        self.reported: list[Event] = []
        self.tended = threading.Event()
        self.queue = DoorQueue()
        clock = HandClock(0.0)
        subsystem = DoorSubsystem(
            door_parts(BreakableDoor(self.diary)),
            JournalRecorder(BreakableJournal(self.diary), clock.utc),
            clock,
            DoorListeners(self._show, self.reported.append, lambda _: None, lambda _: None),
        )
        self.loop = EffectsLoop(
            clock,
            lambda _: None,
            subsystem,
            self.queue,
            self.reported.append,
            self.tended.set,
            first,
        )

    def _show(self, view: View) -> None:
        self.may_go.wait(WAIT)
        self.diary.add("show", view)


def test_a_slow_door_loses_nothing_and_becomes_a_fault() -> None:
    street = SlowStreet()
    street.loop.start()
    for _ in range(MOST_WAITING + 5):
        street.loop.commit(REFUSAL, LOOK)
    assert [type(event) for event in street.reported] == [Faulted]
    street.may_go.set()
    street.loop.ask_to_stop()
    assert street.loop.join(WAIT)
    assert street.diary.names.count("audit decision") == MOST_WAITING + 5


def test_a_door_that_caught_up_recovers() -> None:
    street = SlowStreet()
    street.may_go.set()
    for _ in range(MOST_WAITING + 2):
        street.loop.commit(REFUSAL, LOOK)
    street.loop.start()
    assert street.tended.wait(WAIT)
    street.loop.ask_to_stop()
    assert street.loop.join(WAIT)
    assert [type(event) for event in street.reported] == [Faulted, Recovered]


def test_nothing_is_done_at_the_door_on_old_news() -> None:
    """What is enrolled is looked at before each decision is carried out, and not after."""
    street = SlowStreet(first=lambda: street.diary.add("look"))
    street.may_go.set()
    street.loop.commit(REFUSAL, LOOK)
    street.queue.do(lambda _: street.diary.add("work"))
    street.loop.start()
    street.loop.ask_to_stop()
    assert street.loop.join(WAIT)
    told = [name for name in street.diary.names if name in {"look", "audit decision", "work"}]
    assert told == ["look", "audit decision", "look", "work"]


class Sleeper:
    """A loop that beats when a test says so."""

    name = "sleeper"

    def __init__(self) -> None:
        self.beat_at = Instant(0.0)
        self.asked = False

    def start(self) -> None:
        return

    def ask_to_stop(self) -> None:
        self.asked = True

    def join(self, timeout: float) -> bool:
        return timeout < 0


def test_a_loop_that_hangs_shuts_the_door_once_and_recovers_when_it_beats() -> None:
    clock, sleeper = HandClock(0.0), Sleeper()
    reported: list[Event] = []
    shut: list[str] = []
    supervisor = Supervisor(clock, [sleeper], reported.append, shut.append)
    supervisor.check()
    assert shut == []
    clock.pass_(HUNG_SECONDS + 0.1)
    supervisor.check()
    supervisor.check()
    assert shut == ["sleeper hangs"]
    sleeper.beat_at = clock.monotonic()
    supervisor.check()
    assert [type(event) for event in reported] == [Faulted, Recovered]


def test_what_did_not_stop_in_time_is_named() -> None:
    sleeper = Sleeper()
    supervisor = Supervisor(HandClock(), [sleeper], lambda _: None, lambda _: None)
    supervisor.start()
    assert supervisor.stop() == ["sleeper"]
    assert sleeper.asked


@pytest.mark.parametrize("part", [Part.KIOSK])
def test_a_dead_loop_is_a_fault_of_the_kiosk(part: Part) -> None:
    reported: list[Event] = []
    shut: list[str] = []
    Supervisor(HandClock(3.0), [], reported.append, shut.append).died("vision ended")
    assert shut == ["vision ended"]
    assert reported == [Faulted(Instant(3.0), part, "vision ended")]
