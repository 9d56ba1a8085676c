"""People who enrol themselves, as the observer, the code reader and the screen tell of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace

import numpy as np
from doorway import FRAME, MEASURES, SPACE

from kiosk.domain.access.events import Ticked
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.effects import (
    Enrol,
    EnrolmentCandidate,
    EnrolmentEffect,
    EnrolmentMove,
    NoteStep,
    Renew,
    ShowEnrolment,
)
from kiosk.domain.enrolment.events import CodesRead, DataFound, EnrolmentEvent, Judged, Replied
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.machine import advance_enrolment
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import Dormant, EnrolmentState
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import EnrolmentView, enrolment_view
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Pose, TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SpaceId, SubjectId, Template

PEOPLE = ("ann", "ben", "cleo")


def template(person: str, apart: float = 0.0, space: SpaceId = SPACE) -> Template:
    """A person's features; people share nothing.

    Args:
        person: who.
        apart: the angle to their usual features, radians.
        space: the space.
    """
    vector = np.zeros(len(PEOPLE) + 1, np.float32)
    vector[PEOPLE.index(person)], vector[-1] = np.cos(apart), np.sin(apart)
    return Template(vector, space)


@dataclass(frozen=True)
class Visage:
    """How a face looks in one frame. The default is Ann, alive, who looks straight ahead.

    Attributes:
        apart: the angle to her usual features.
        extracted: False where no template was made.
        space: the space of the template.
    """

    person: str = "ann"
    track: int = 1
    yaw: float = 0.0
    pitch: float = 0.0
    across: float = 0.0
    inside: bool = True
    pad: float | None = 0.75
    sharpness: float = 60.0
    defects: tuple[Defect, ...] = ()
    measured: bool = True
    apart: float = 0.0
    extracted: bool = True
    picture: bool = False
    space: SpaceId = SPACE

    def face(self) -> LookedFace:
        """The face of a frame."""
        measures = replace(MEASURES, yaw=self.yaw, pitch=self.pitch, sharpness=self.sharpness)
        return LookedFace(
            track=TrackId(self.track),
            pose=Pose(self.yaw, self.pitch, 0.0),
            across=self.across,
            inside=self.inside,
            quality=QualityAssessment(measures, self.defects) if self.measured else None,
            pad=None if self.pad is None else PadResult(self.pad, "detector/1"),
            template=template(self.person, self.apart, self.space) if self.extracted else None,
            picture=np.zeros((2, 2, 3), np.uint8) if self.picture else None,
            surroundings=3.0,
        )

    def but(self, **changes: object) -> Visage:
        """The same face with something different."""
        return replace(self, **changes)  # type: ignore[arg-type] # a test says which field


ANN = Visage()
BEN = Visage(person="ben", track=2)
"""Another person."""


POLICY = SessionPolicy(
    same_person_threshold=0.5,
    pad_threshold=0.5,
    attack_threshold=0.25,
    attack_views=6,
    recognition_views=3,
)
INVITATION = "LINTEL-INVITE:ann"
INVITEE = Invitee(SubjectId("ann"), "17", language="en")
ENROLLED = replace(INVITEE, enrolled=True)
NOD = (0.0, -8.0, -16.0, -8.0, 0.0, -8.0, -16.0)
SHAKE = (0.0, -10.0, -20.0, 0.0, 20.0, 0.0, -20.0, 0.0)
TURNS = {
    PoseDirection.CENTRE: {},
    PoseDirection.LEFT: {"yaw": 20.0},
    PoseDirection.RIGHT: {"yaw": -20.0},
    PoseDirection.UP: {"pitch": 12.0},
    PoseDirection.DOWN: {"pitch": -12.0},
}


@dataclass
class Visit:
    """Plays people who enrol through the machine, and keeps everything that came of them."""

    policy: SessionPolicy = POLICY
    state: EnrolmentState = field(default_factory=Dormant)
    now: float = 100.0
    moves: list[EnrolmentMove] = field(default_factory=list)

    def handle(self, event: EnrolmentEvent) -> EnrolmentMove:
        """Any event."""
        move = advance_enrolment(self.state, event, self.policy)
        self.state = move.state
        self.moves.append(move)
        return move

    def at(self, after: float = FRAME) -> Instant:
        """The next moment."""
        self.now += after
        return Instant(self.now)

    # -- what is seen

    def see(self, *visages: Visage, codes: tuple[str, ...] = (), times: int = 1) -> None:
        """Frames with these faces and codes, searched for both."""
        for _ in range(times):
            at = self.at()
            self.handle(CodesRead(at, frozenset(codes)))
            self.handle(Looked(at, tuple(visage.face() for visage in visages)))

    def follow(self, *visages: Visage) -> None:
        """A frame in which faces were only followed: somebody may stand beside them."""
        faces = tuple(visage.face() for visage in visages)
        self.handle(Looked(self.at(), faces, searched=False))

    def outside(self, visage: Visage, defect: Defect) -> None:
        """A frame with a face that has yet to come into the oval."""
        self.handle(Looked(self.at(), (visage.face(),), outside=defect))

    def stand(self, seconds: float, visage: Visage = ANN, codes: tuple[str, ...] = ()) -> None:
        """Somebody stands there and does nothing."""
        self.see(visage, codes=codes, times=round(seconds / FRAME))

    def nobody(self, seconds: float, codes: tuple[str, ...] = ()) -> None:
        """Nobody is seen for a time."""
        self.see(codes=codes, times=round(seconds / FRAME))

    def tick(self, seconds: float) -> None:
        """Time goes by without a frame."""
        self.handle(Ticked(self.at(seconds)))

    # -- what a person does

    def invite(self, invitee: Invitee = INVITEE, visage: Visage = ANN) -> None:
        """An invitation is held up and accepted."""
        self.see(visage, codes=(INVITATION,))
        self.handle(Judged(self.at(), invitee, text=INVITATION))

    def nod(self, visage: Visage = ANN) -> None:
        """Yes, with the head, as long as it takes."""
        for pitch in NOD:
            self.see(visage.but(pitch=pitch))

    def shake(self, visage: Visage = ANN) -> None:
        """No, with the head."""
        for yaw in SHAKE:
            self.see(visage.but(yaw=yaw))

    def hold_up(self, code: str, visage: Visage | None = ANN, seconds: float = 0.5) -> None:
        """A code that was away before."""
        faces = () if visage is None else (visage,)
        self.see(*faces, codes=(code,), times=round(seconds / FRAME) + 1)

    def touch(self, answer: Answer, act: Act = Act.TOUCH, asked: Prompt | None = None) -> None:
        """A button of the question on the screen, or of another."""
        at = self.at()
        self.handle(Replied(asked or self.view.prompt, Given(answer, act, at)))

    def read(self, visage: Visage = ANN) -> None:
        """The layers of the notice before the choice."""
        self.stand(3 * self.policy.layer_seconds + 2 * FRAME, visage)

    def agree(self, visage: Visage = ANN) -> None:
        """An invitation, the notice and the choice, by touch."""
        self.invite(visage=visage)
        self.read(visage)
        self.touch(Answer.YES)

    def turn(self, *directions: PoseDirection, visage: Visage = ANN) -> None:
        """All views of these directions."""
        for direction in directions:
            turned = visage.but(**TURNS[direction])
            self.see(turned, times=self.policy.poses.views)

    def enrol(self, visage: Visage = ANN) -> None:
        """Everything up to the saga."""
        self.agree(visage)
        self.turn(*PoseDirection, visage=visage)

    def my_data(self, visage: Visage = ANN) -> None:
        """Everything up to the facts."""
        self.invite(ENROLLED, visage)
        self.see(visage, times=self.policy.recognition_views)
        self.handle(DataFound(self.at(), SubjectId("ann"), FACTS))

    # -- what came of it

    @property
    def effects(self) -> list[EnrolmentEffect]:
        """Everything that was asked of the world, in order, but what is shown."""
        every = [effect for move in self.moves for effect in move.effects]
        return [effect for effect in every if not isinstance(effect, ShowEnrolment)]

    @property
    def notes(self) -> list[tuple[EnrolmentStep, EndReason | None]]:
        """The steps that were recorded."""
        return [(e.step, e.reason) for e in self.effects if isinstance(e, NoteStep)]

    @property
    def candidates(self) -> list[EnrolmentCandidate]:
        """Whom the saga was asked to enrol or renew."""
        return [e.candidate for e in self.effects if isinstance(e, Enrol | Renew)]

    @property
    def view(self) -> EnrolmentView:
        """What the screen shows."""
        view = enrolment_view(self.state, self.policy)
        assert view is not None
        return view


FACTS = (DataFact(FactKind.NUMBERS, count=5),)


def kept(value: object) -> list[object]:
    """Every template, picture and result of attack detection within a value, however deep."""
    if isinstance(value, Template | PadResult | np.ndarray):
        return [value]
    if isinstance(value, tuple | list | frozenset | set):
        return [found for item in value for found in kept(item)]
    if isinstance(value, dict):
        return kept(list(value.values()))
    if is_dataclass(value):
        return [found for item in fields(value) for found in kept(getattr(value, item.name))]
    return []
