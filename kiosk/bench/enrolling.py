"""What a frame costs while somebody enrols, and what it costs at the door, in turn in one run.

The kiosk's own switch gives the same frames of a walk to the door and to each stage of an
enrolment. Nobody is enrolled: the services are left out, and every session is stopped.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from config.settings import Settings
from kiosk.bench.person import Walk
from kiosk.domain.access.machine import Effect, Event
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.effects import EnrolmentEffect, JudgeInvitation
from kiosk.domain.enrolment.events import EnrolmentEvent, Judged, Replied, StopWanted
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.states import Capturing, Consenting, EnrolmentState, Layer, Recognising
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.prompts import Prompt, View
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import SubjectId
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.pipeline.clock import ReplayClock
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.enrolment.switch import EnrolmentInbox, EnrolmentSwitch, Sees
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import Vision
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors
from kiosk.wiring.enrolment import session_policy
from kiosk.wiring.kiosk import seeing
from kiosk.wiring.vision import Weights, gallery_feed, load_vision

DOOR = "door"
STATES: Mapping[str, type[EnrolmentState]] = {
    "notice": Consenting,
    "pictures": Capturing,
    "my_data": Recognising,
}
"""The stages of an enrolment in which a face is looked at, and their states."""


def processor_ms(
    settings: Settings, loaded: Weights, home: Path, walk: Walk, rounds: int
) -> dict[str, list[float]]:
    """The processor time of each frame with a face, milliseconds, at the door and at each stage.

    Args:
        settings: of the measured kiosk.
        loaded: its model pack.
        home: the home in which the person is enrolled.
        walk: the person; they are seen in the same frames everywhere.
        rounds: how often; one more comes first, which finds cold caches and is not counted.
    """
    with OpenHome.open(home) as open_home:
        kiosk = _Kiosk(settings, loaded, open_home, walk.fps)
        with closing(kiosk.vision):
            for _ in range(1 + rounds):
                kiosk.at_the_door(walk)
                for stage in STATES:
                    kiosk.enrolling(stage, walk)
                kiosk.next_round()
    return kiosk.taken


class _Kiosk:
    """A kiosk without threads, whose frames are timed."""

    def __init__(
        self, settings: Settings, loaded: Weights, open_home: OpenHome, fps: float
    ) -> None:
        self._fps = fps
        self._count = 0
        self._rounds = 0
        self.taken: dict[str, list[float]] = {}
        self._round: defaultdict[str, list[float]] = defaultdict(list)
        self._clock, stopwatch = ReplayClock(), Stopwatch()
        people = gallery_feed(settings, loaded.pack, open_home)
        lock = doors.door(settings, self._clock)
        self._events: list[Event] = []
        self._steps: list[tuple[tuple[Effect, ...], View]] = []
        self._door = DoorSubsystem(
            doors.door_parts(settings, open_home, lock, people.people),
            open_home.recorder,
            self._clock,
            DoorListeners(_nobody_looks, self._events.append, _nobody_looks, _nobody_looks),
        )
        self._access = Session(people.policy, lambda *step: self._steps.append(step), _nobody_looks)
        self._inbox = EnrolmentInbox()
        policy = session_policy(settings, loaded.pack)
        self._session = EnrolmentSession(policy, self._judge, _nobody_looks)
        self._switch = EnrolmentSwitch(self._session, self._access, self._inbox)
        sees = seeing(self._switch, settings, stopwatch)
        self.vision: Vision = load_vision(
            settings, loaded, people, stopwatch, _nobody_looks, sees=sees
        )
        self._watched = _Watched(self._switch.sees)
        self._switch.sees = self._watched
        self._invitee = _invitee(enrolled=False)

    def at_the_door(self, walk: Walk) -> None:
        """Somebody walks up to the door."""
        for pixels in (*walk.pictures, *walk.empty):
            self._timed(pixels, None)

    def enrolling(self, stage: str, walk: Walk) -> None:
        """The same person, at a stage of an enrolment; they walk away from it."""
        self._begin(stage, walk.empty[0])
        for pixels in walk.pictures:
            self._timed(pixels, stage)
        self._inbox.put(StopWanted(self._now))
        for pixels in walk.empty:
            self._timed(pixels, None)

    def next_round(self) -> None:
        """Count what was taken since the last round, unless that was the first."""
        self._rounds += 1
        if self._rounds > 1:
            for name, taken in self._round.items():
                self.taken.setdefault(name, []).extend(taken)
        self._round.clear()

    @property
    def _now(self) -> Instant:
        return Instant(self._count / self._fps)

    def _begin(self, stage: str, nobody: Pixels) -> None:
        """An invitation, and touches as far as the stage."""
        self._invitee = _invitee(enrolled=STATES[stage] is Recognising)
        self._switch.show_code(f"{MARK}{self._count}", self._now)
        self._timed(nobody, None)
        if STATES[stage] is Capturing:
            for layer in Layer:
                answer = Answer.NO if layer in {Layer.CLOUD, Layer.PICTURE} else Answer.YES
                self._timed(nobody, None)
                given = Given(answer, Act.TOUCH, self._now)
                self._inbox.put(Replied(Prompt(layer.value), given))
        self._timed(nobody, None)
        reached = isinstance(self._session.state, STATES[stage])
        if not reached:
            raise OutOfServiceError(
                f"No measured enrolment came to the stage '{stage}'.", "Try `kiosk run` by itself."
            )

    def _timed(self, pixels: Pixels, stage: str | None) -> None:
        """Process a frame; it counts where a face is there at the stage, or at the door."""
        frame = Frame(pixels, self._now, self._count)
        self._count += 1
        self._clock.follow(frame)
        self._watched.there = False
        state = self._session.state
        began = time.process_time()
        taken = self._switch.takes(frame)
        walking_up = not taken and self._decide(frame)
        took = (time.process_time() - began) * 1000
        if walking_up:
            self._round[DOOR].append(took)
        elif stage is not None and isinstance(state, STATES[stage]) and self._watched.there:
            self._round[stage].append(took)
        self._carry_out()

    def _decide(self, frame: Frame) -> bool:
        """Give the frame to the door; true if a face was there and might be decided on."""
        measured = self._access.gathers(frame.captured_at)
        observed = self.vision.observe(frame, measured=measured)
        self._access.handle(observed)
        return measured and bool(observed.probes)

    def _carry_out(self) -> None:
        while self._steps:
            self._door.carry_out(*self._steps.pop(0))
            while self._events:
                self._access.handle(self._events.pop(0))

    def _judge(self, effects: Iterable[EnrolmentEffect]) -> None:
        """Accept every invitation, and do nothing else."""
        for effect in effects:
            if isinstance(effect, JudgeInvitation):
                self._inbox.put(Judged(self._now, self._invitee, text=effect.text))


class _Watched:
    """What an enrolment sees, and if somebody was there in the last frame."""

    def __init__(self, sees: Sees | None) -> None:
        if sees is None:
            raise RuntimeError("an enrolment sees by nothing")
        self._sees = sees
        self.there = False

    def observe(self, frame: Frame, state: EnrolmentState) -> Sequence[EnrolmentEvent]:
        events = self._sees.observe(frame, state)
        self.there = any(isinstance(event, Looked) and event.faces for event in events)
        return events


def _invitee(*, enrolled: bool) -> Invitee:
    return Invitee(SubjectId("bench-2"), "0" * 32, enrolled=enrolled)


def _nobody_looks(_said: object) -> None:
    """Ignore the value: there is no screen and no listener."""
