"""Attack detection on one presentation: the verdict that the door's own rules reach.

The rules are not implemented again here. Frames go through the kiosk's own vision, with a matcher
that takes everybody for the same enrolled person, and through the kiosk's own access state machine.
So its decision depends on presentation attack detection alone. Each session that ends on the screen
is an attempt. When one ends, the next begins at once: neither the pause between sessions nor the
lockout protects the detector here.

Attempts count as they do at the door. A person who was refused has been refused, whatever the
result of a second try: the first attempt is their result. An attack that succeeds once has
succeeded: the worst attempt is its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kiosk.domain.access.machine import (
    Admit,
    Admitting,
    Audit,
    Decision,
    Idle,
    LockedOut,
    Observed,
    Reason,
    Resolved,
    State,
    advance,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.errors import EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.pipeline.loops import Observer

READ_SECONDS = 10.0
CERTAIN = 1.0
"""The comparison score of a person with themself."""


class PadVerdict(Enum):
    """The classification of an attempt, or of a whole presentation."""

    BONA_FIDE = "bona_fide"
    """The door's rules were satisfied."""
    ATTACK = "attack"
    """Refused as an attack."""
    UNDECIDED = "undecided"
    """There was not enough evidence for either."""
    NO_RESPONSE = "no_response"
    """No acceptable face was seen."""


class AnyoneMatcher:
    """A `Matcher` for measuring attack detection: everybody is the same person."""

    def __init__(self, space: SpaceId) -> None:
        self._found = CandidateList(space, (Candidate(SubjectId("anyone"), CERTAIN),))

    def match(self, frame: Frame, face: Face) -> CandidateList:  # noqa: ARG002 - the port's own
        """The one person, for any face."""
        return self._found


@dataclass(frozen=True, slots=True)
class Watched:
    """The observations of one presentation.

    Attributes:
        frames: the number of frames.
        scores: the bona fide score of each frame with an acceptable face, in order.
        attempts: the verdict of each attempt, in order; at least one.
    """

    frames: int
    scores: tuple[float, ...]
    attempts: tuple[PadVerdict, ...]

    @property
    def first(self) -> PadVerdict:
        """The result of a person's presentation."""
        return self.attempts[0]

    @property
    def worst(self) -> PadVerdict:
        """The result of an attack presentation: a release counts more than any refusal."""
        return _worse(*self.attempts)


def watch(camera: Camera, observer: Observer, policy: AccessPolicy) -> Watched:
    """Play a presentation to its end.

    Args:
        camera: gives its frames and ends.
        observer: the kiosk's vision with an `AnyoneMatcher`, new for this presentation.
        policy: the door's access policy, as shipped or configured.

    Raises:
        BadInput: a frame cannot be read.
    """
    state: State = Idle()
    frames, scores = 0, list[float]()
    ended, current = list[PadVerdict](), PadVerdict.NO_RESPONSE
    for frame in frames_of(camera):
        frames += 1
        observed = observer.observe(frame)
        fresh = _scores(observed)
        scores += fresh
        state, said = _advance(state, observed, policy)
        current = _worse(current, PadVerdict.UNDECIDED if fresh else PadVerdict.NO_RESPONSE, said)
        if isinstance(state, Admitting | Resolved | LockedOut):
            ended.append(current)
            state, current = Idle(), PadVerdict.NO_RESPONSE
    if current is not PadVerdict.NO_RESPONSE or not ended:
        ended.append(current)
    return Watched(frames, tuple(scores), tuple(ended))


def frames_of(camera: Camera) -> Iterator[Frame]:
    """Every frame of a source that ends."""
    while True:
        try:
            yield camera.read(READ_SECONDS)
        except EndOfSource:
            return


def _advance(state: State, observed: Observed, policy: AccessPolicy) -> tuple[State, PadVerdict]:
    """One step of the door's own state machine, and the verdict of its decision."""
    step = advance(state, observed, policy)
    said = PadVerdict.NO_RESPONSE
    for effect in step.effects:
        match effect:
            case Admit():
                said = PadVerdict.BONA_FIDE
            case Audit(record=Decision(reason=Reason.PRESENTATION_ATTACK)):
                said = PadVerdict.ATTACK
    return step.state, said


def _scores(observed: Observed) -> list[float]:
    return [probe.pad.score for probe in observed.probes if probe.pad is not None]


_RANKS = (PadVerdict.NO_RESPONSE, PadVerdict.UNDECIDED, PadVerdict.ATTACK, PadVerdict.BONA_FIDE)


def _worse(*verdicts: PadVerdict) -> PadVerdict:
    """The verdict that counts most."""
    return max(verdicts, key=_RANKS.index)
