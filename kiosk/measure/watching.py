"""One presentation before the door's own eyes: what would the attack detection have let pass?

The rule is not written again here. Frames go through the kiosk's own vision, with a matcher that
takes everybody for the same enrolled person, and through the kiosk's own access machine: what
is left of its decision is presentation attack detection alone. Each session that ends on the screen
is an attempt. When one ends, the next begins at once: neither the pause between sessions nor the
lockout protects the detector here.

Attempts count as they do at the door. A person who is refused has been refused, whatever comes of
a second try: the first attempt is their result. An attack that works once has worked: the worst
attempt is its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kiosk.domain.access.machine import (
    Audit,
    Idle,
    LockedOut,
    Reason,
    ReleaseDoor,
    Resolved,
    advance,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Observed, State
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
    """What an attempt, or a whole presentation, was taken for."""

    BONA_FIDE = "bona_fide"
    """The door's rule was satisfied."""
    ATTACK = "attack"
    """Refused as an attack."""
    UNDECIDED = "undecided"
    """There was not enough evidence for either."""
    NO_RESPONSE = "no_response"
    """No acceptable face was seen."""


class AnyoneMatcher:
    """The `Matcher` port for measuring attack detection: everybody is the same person."""

    def __init__(self, space: SpaceId) -> None:
        self._found = CandidateList(space, (Candidate(SubjectId("anyone"), CERTAIN),))

    def match(self, frame: Frame, face: Face) -> CandidateList:  # noqa: ARG002 - the port's own
        """The one person, without looking."""
        return self._found


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of one presentation.

    Attributes:
        frames: how many there were.
        scores: the bona fide score of each frame with an acceptable face, in order.
        attempts: what each attempt was taken for, in order; at least one.
    """

    frames: int
    scores: tuple[float, ...]
    attempts: tuple[PadVerdict, ...]

    @property
    def first(self) -> PadVerdict:
        """What a person's presentation was taken for."""
        return self.attempts[0]

    @property
    def worst(self) -> PadVerdict:
        """What an attack's presentation was taken for: a release counts more than any refusal."""
        return _worse(*self.attempts)


def watch(camera: Camera, observer: Observer, policy: AccessPolicy) -> Watched:
    """Play a presentation to its end.

    Args:
        camera: gives its frames and ends.
        observer: the kiosk's vision over an `AnyoneMatcher`; it starts with this presentation.
        policy: the door's, as it is shipped or configured.

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
        if isinstance(state, Resolved | LockedOut):
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
    """One step of the door's own machine, and what it decided."""
    step = advance(state, observed, policy)
    said = PadVerdict.NO_RESPONSE
    for effect in step.effects:
        if isinstance(effect, ReleaseDoor):
            said = PadVerdict.BONA_FIDE
        elif isinstance(effect, Audit) and effect.decision.reason is Reason.PRESENTATION_ATTACK:
            said = PadVerdict.ATTACK
    return step.state, said


def _scores(observed: Observed) -> list[float]:
    return [probe.pad.score for probe in observed.probes if probe.pad is not None]


_RANKS = (PadVerdict.NO_RESPONSE, PadVerdict.UNDECIDED, PadVerdict.ATTACK, PadVerdict.BONA_FIDE)


def _worse(*verdicts: PadVerdict) -> PadVerdict:
    """The one that counts most."""
    return max(verdicts, key=_RANKS.index)
