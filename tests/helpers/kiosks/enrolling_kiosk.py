"""A whole kiosk in this process, at which people enrol before a camera that watches its screen.

Networks, vision, switch, session, services and store are the real ones. What the camera shows next
is decided by what the kiosk asks for, as a person decides it: so at each step somebody else can
stand there, or nobody.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from enrolment_films import AROUND, NOBODY, NOISE, frames_of, with_code
from filmed_people import composed
from kept_home import NAME
from real_kiosk import FilmedModels
from turned_heads import Turn, landmarks, turned

from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.steps import EnrolmentStep
from kiosk.domain.enrolment.view import EnrolmentView, enrolment_view
from kiosk.domain.errors import EndOfSource
from kiosk.domain.prompts import Prompt, View
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.pipeline.enrolment.parts import CheckBadges, EnrolmentParts, switch_of
from kiosk.pipeline.enrolment.switch import EnrolmentSwitch
from kiosk.pipeline.session import Session
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome
from kiosk.wiring.kiosk import replay_kiosk

FPS = 5
"""Slower than a camera, so that a session costs little; a head moves little in so short a time."""
LONGEST = 80 * FPS
"""No session of these tests lasts longer."""
SUBJECT = SubjectId("s-1")
YES, NO = "LINTEL-YES", "LINTEL-NO"
AFTER_SECONDS = 2.4
"""An answer code is held up so long after its question was shown."""
ENDINGS = {
    EnrolmentStep.DECLINED,
    EnrolmentStep.ENROLLED,
    EnrolmentStep.ABANDONED,
    EnrolmentStep.FAILED,
}
TURNS = dict(zip(list(PoseDirection)[1:], AROUND, strict=True))
RAMP = (0.35, 0.7, 1.0, 1.0, 1.0, 1.0)
"""How far a head has turned in the frames after it was asked for."""

_films = count()
Work = Callable[[], None]


@dataclass
class Actor:
    """Somebody, or something, before the camera.

    Attributes:
        frames: what is seen of them, again and again.
        turns: the same as they turn; whoever has none does not turn.
        answers: False for whoever holds no code up.
    """

    frames: Sequence[Pixels]
    turns: Mapping[PoseDirection, Sequence[Pixels]] = field(default_factory=dict)
    answers: bool = True
    _shown: int = 0
    _turning: tuple[PoseDirection | None, int] = (None, 0)

    def next(self, wanted: PoseDirection | None) -> Pixels:
        """The next frame, while that direction is asked for."""
        before, at = self._turning
        at = at + 1 if wanted is before else 0
        self._turning = (wanted, at)
        self._shown += 1
        if wanted in self.turns:
            turning = self.turns[wanted]
            return turning[min(at, len(turning) - 1 - at % 2)]
        return self.frames[self._shown % len(self.frames)]


@functools.cache
def _turning(person: str) -> Mapping[PoseDirection, Sequence[Pixels]]:
    frames = frames_of(person)[: len(RAMP)]
    points = [landmarks(frame) for frame in frames]

    def ramp(to: Turn) -> list[Pixels]:
        shown = zip(frames, points, RAMP, strict=True)
        return [turned(frame, at, Turn().towards(to, share)) for frame, at, share in shown]

    return {direction: ramp(turn) for direction, turn in TURNS.items()}


def alive(person: str) -> Actor:
    """A person, who turns as they are asked to."""
    return Actor(frames_of(person), _turning(person))


def nobody() -> Actor:
    """A wall."""
    return Actor([NOBODY], answers=False)


def beside(person: str, other: Sequence[Pixels]) -> Actor:
    """A person, who turns as they are asked to, with a second head at their side."""

    def both(frames: Sequence[Pixels]) -> list[Pixels]:
        return [_beside(frame, other[at % len(other)]) for at, frame in enumerate(frames)]

    return Actor(both(frames_of(person)), {d: both(f) for d, f in _turning(person).items()})


def _beside(frame: Pixels, strip: Pixels) -> Pixels:
    scene = frame.copy()
    scene[: len(strip), : strip.shape[1]] = strip
    return scene


@dataclass(frozen=True)
class Played:
    """What came of one session.

    Attributes:
        notes: each step that was recorded, with its reason.
        prompts: what was on the screen, in order.
        templates: every one that was made, of whomever.
        seconds: how long it lasted.
    """

    notes: Sequence[tuple[str, str | None]]
    prompts: Sequence[Prompt]
    templates: Sequence[Template]
    seconds: float

    @property
    def last(self) -> tuple[str, str | None]:
        """How it ended."""
        return self.notes[-1] if self.notes else ("none", None)


Act = Callable[["EnrolmentKiosk"], Iterator[Pixels]]
"""What the camera shows, frame by frame, given what is on the screen."""


class EnrolmentKiosk:
    """One kiosk with a home; it takes part in one session after another.

    Args:
        home: its folder.
        models: the real ones.
        settings: all of them.
    """

    def __init__(self, home: Path, models: FilmedModels, settings: Settings | None = None) -> None:
        self.home = home
        self.view: EnrolmentView | None = None
        self.open_home: OpenHome
        self.switch: EnrolmentSwitch
        self.held: list[Work] | None = None
        self.skipped = 0.0
        self.utc: Callable[[], datetime] = now_utc
        self.shown: list[Pixels] = []
        self.passed: list[str] = []
        self.met: list[str] = []
        self._models = models
        self._settings = settings or Settings()
        self._index = 0
        self._shown_at = 0
        self._prompts: list[Prompt] = []
        self._notes: list[NoteStep] = []

    # -- what a person sees

    @property
    def now(self) -> Instant:
        """Capture time of the next frame."""
        return Instant(self._index / FPS + self.skipped)

    @property
    def prompt(self) -> Prompt | None:
        """What is on the screen of an enrolment."""
        return None if self.view is None else self.view.prompt

    @property
    def shown_seconds(self) -> float:
        """How long that has been shown."""
        return (self._index - self._shown_at) / FPS

    @property
    def over(self) -> bool:
        """True once the session has ended, or the screen is the door's again."""
        if self.view is None:
            return bool(self._prompts)
        return bool(self._notes) and self._notes[-1].step in ENDINGS

    def show(self, view: View) -> None:
        """The door's view is nothing to whoever enrols."""

    def look(self) -> EnrolmentView | None:
        """What the session is at, also where the screen still says something else."""
        session = self.switch._session
        view = enrolment_view(session.state, session._policy)
        for name, moment in MOMENTS.items():
            if view is not None and moment(view) and name not in self.passed:
                self.passed.append(name)
        return view

    def enrol(self, view: EnrolmentView | None) -> None:
        """Hear what is on the screen."""
        if view is not None and view.prompt is not self.prompt:
            self._prompts.append(view.prompt)
            self._shown_at = self._index
        self.view = view

    # -- what is done

    def invite(self, language: str = "en") -> str:
        """The text of an invitation's code."""
        wanted = InvitationWish(SUBJECT, timedelta(days=1), NAME, language)
        with OpenHome.open(self.home) as open_home:
            return InvitationService(open_home).issue(wanted).text

    def tell(self, event: EnrolmentEvent) -> None:
        """A key, a button, or another part has something to say."""
        self.switch.inbox.put(event)

    def release(self) -> None:
        """Have the services do what was held back, and all that follows at once."""
        held, self.held = self.held or [], None
        for work in held:
            work()

    def play(self, act: Act) -> Played:
        """One session, from a frame before it to its end."""
        self.view, self._index, self._shown_at, self.skipped = None, 0, 0, 0.0
        self._prompts, self._notes = [], []
        self.shown, self.passed, self.met = [], [], []
        film = composed(f"enrolment-{next(_films)}", ())
        with OpenHome.open(self.home, self.utc) as self.open_home, self._watched():
            with self._models.showing(film):
                replay, door = replay_kiosk(
                    self._settings,
                    self._models.loaded,
                    self.open_home,
                    _Camera(self, act(self)),
                    Stopwatch(),
                    self._hear,
                    heard=self,
                )
            replay.run()
            door.close()
        memory = self._models._memory.items()
        made = [
            said for (name, stage, *_), said in memory if (name, stage) == (film.name, "extract")
        ]
        notes = [(n.step.value, n.reason and n.reason.value) for n in self._notes]
        return Played(notes, tuple(self._prompts), made, self._index / FPS)

    def frame(self, pixels: Pixels) -> Frame:
        """The picture as a camera would give it: with noise, and a time."""
        noise = NOISE[self._index % 10 :][: len(pixels)]
        at, self._index = self.now, self._index + 1
        noisy = np.asarray(cv2.add(pixels, noise), np.uint8)
        if self._index % 8 == 0:
            self.shown.append(noisy)
        return Frame(noisy, at, self._index)

    def _hear(self, happened: object) -> None:
        if isinstance(happened, NoteStep):
            self._notes.append(happened)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """The switch is ours to speak to, and its services can be held back."""

        def made(
            parts: EnrolmentParts,
            access: Session,
            commit: Callable[[Work], None],
            guide: Callable[[EnrolmentView | None], None],
            observe: Callable[[NoteStep], None],
            check_badge: CheckBadges,
        ) -> EnrolmentSwitch:
            def wait(work: Work) -> None:
                if self.held is None:
                    commit(work)
                else:
                    self.held.append(lambda: commit(work))

            self.switch = switch_of(parts, access, wait, guide, observe, check_badge)
            return self.switch

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kiosk.wiring.kiosk.switch_of", made)
            yield


class _Camera:
    def __init__(self, kiosk: EnrolmentKiosk, pictures: Iterator[Pixels]) -> None:
        self._kiosk, self._pictures = kiosk, pictures

    def read(self, timeout: float) -> Frame:
        assert timeout > 0.0
        pixels = next(self._pictures, None)
        if pixels is None:
            raise EndOfSource("session")
        return self._kiosk.frame(pixels)

    def close(self) -> None:
        """Nothing is held."""


# -- acts ----------------------------------------------------------------------------------------

Moment = Callable[[EnrolmentView], bool]


def at_prompt(prompt: Prompt) -> Moment:
    """While that is on the screen."""
    return lambda view: view.prompt is prompt


def at_direction(direction: PoseDirection) -> Moment:
    """While that direction is asked for."""
    return lambda view: view.wanted is direction


MOMENTS: Mapping[str, Moment] = {
    "hello": at_prompt(Prompt.INVITED_HELLO),
    "what": at_prompt(Prompt.CONSENT_WHAT),
    "use": at_prompt(Prompt.CONSENT_USE),
    "choice": at_prompt(Prompt.CONSENT_CHOICE),
    "centre": lambda view: view.wanted is PoseDirection.CENTRE and view.fill > 0.5,
    **{direction.value: at_direction(direction) for direction in TURNS},
}
"""The steps of an enrolment that a person sees, in their order; the first direction begins
with its first view: from then on it is known whose face it is."""
CAPTURE = [direction.value for direction in PoseDirection]


def enrolling(
    code: str,
    first: Actor,
    moment: Moment = lambda _: False,
    then: Actor | None = None,
    answers: Mapping[Prompt, str] | None = None,
    meanwhile: Callable[[EnrolmentKiosk], None] = lambda _: None,
    bringing: Actor | None = None,
) -> Act:
    """A session: the code is held up, questions are answered, and heads turned, as is asked.

    Args:
        code: of the invitation.
        first: who begins.
        moment: from then on another one is there, who does the same as far as they can.
        then: that one.
        answers: the codes that are held up, by question; yes to the consent if not given.
        meanwhile: called before each frame.
        bringing: who holds the code up; the first one if not given.
    """
    said = {Prompt.CONSENT_CHOICE: YES} if answers is None else answers

    def act(kiosk: EnrolmentKiosk) -> Iterator[Pixels]:
        who = first
        for _ in range(2):
            yield (bringing or who).next(None)
        while kiosk.view is None and kiosk.now < 4.0:
            yield with_code((bringing or who).next(None), code)
        while not kiosk.over and kiosk._index < LONGEST:
            view = kiosk.look()
            if view is not None and then is not None and who is first and moment(view):
                who, kiosk.met = then, kiosk.passed[-1:]
            meanwhile(kiosk)
            seen = who.next(None if view is None else view.wanted)
            due = who.answers and kiosk.shown_seconds >= AFTER_SECONDS
            answer = said.get(kiosk.prompt) if due else None
            yield seen if answer is None else with_code(seen, answer)
        for _ in range(2):
            yield who.next(None)

    return act
