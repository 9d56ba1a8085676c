"""A doorway in which tests play people: who stands there, frame by frame, and what came of it.

Frames are an eighth of a second apart, and the policy's spans are multiples of it, so that times
add up exactly and a boundary is met on the dot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Admit,
    Audit,
    Authorised,
    Decision,
    Effect,
    Event,
    Faulted,
    Idle,
    Observed,
    Part,
    Probe,
    Reason,
    Recognised,
    Recovered,
    Released,
    State,
    Step,
    Ticked,
    advance,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment, QualityMeasures
from kiosk.domain.vision.surroundings import Motion
from kiosk.domain.vision.template import SpaceId, SubjectId

FRAME = 0.125
"""Seconds from frame to frame."""

SPACE = SpaceId("test/1")

POLICY = AccessPolicy(
    space=SPACE,
    decision_threshold=0.6,
    margin=0.0625,
    pad_threshold=0.5,
    attack_threshold=0.25,
    probes_required=4,
    comparisons_required=3,
    span_seconds=0.375,
    refusal_probes=8,
    refusal_span_seconds=0.875,
    window_seconds=2.0,
    absence_seconds=0.5,
    session_timeout_seconds=5.0,
    granted_hold_seconds=2.0,
    refused_hold_seconds=1.5,
    retry_seconds=4.0,
    failures_allowed=3,
    failure_window_seconds=60.0,
    lockout_seconds=20.0,
    factor_seconds=20.0,
    factor_absence_seconds=6.0,
)

MEASURES = QualityMeasures(
    yaw=0.0,
    pitch=0.0,
    roll=0.0,
    size_px=160.0,
    sharpness=60.0,
    brightness=50.0,
    noise=1.0,
    overexposed=0.0,
    eyes_closed=0.1,
    sunglasses=0.0,
    mask=0.0,
)


@dataclass(frozen=True)
class Look:
    """How one face looks in one frame. The default is an enrolled person, well seen.

    Attributes:
        rival: score of the second person; None where one person only is enrolled.
        ranked: False where the pipeline made no comparison.
        late: seconds by which the probe is older than its frame says.
        motion: of the face and what is beside it; None where it is not known.
        looked: False where the face was followed only, and the frame not searched for others.
        back: seconds that the mean reaches back which was compared; None where the frame was alone.
    """

    track: int = 1
    subject: str | None = "ann"
    score: float = 0.9
    rival: float | None = 0.25
    pad: float | None = 0.625
    defects: tuple[Defect, ...] = ()
    space: SpaceId = SPACE
    measured: bool = True
    ranked: bool = True
    late: float = 0.0
    looked: bool = True
    back: float | None = None
    motion: Motion | None = None

    def probe(self, at: float) -> Probe:
        """The face as the pipeline would hand it over."""
        quality = QualityAssessment(MEASURES, self.defects) if self.measured else None
        pad = None if self.pad is None else PadResult(self.pad, "detector/1", self.motion)
        candidates = CandidateList(self.space, self._candidates()) if self.ranked else None
        probe = Probe(TrackId(self.track), Instant(at - self.late), quality, pad, candidates)
        since = None if self.back is None else Instant(at - self.back)
        return replace(probe, looked=self.looked, since=since)

    def _candidates(self) -> tuple[Candidate, ...]:
        if self.subject is None:
            return ()
        best = Candidate(SubjectId(self.subject), self.score)
        second = Candidate(SubjectId("zoe"), self.rival) if self.rival is not None else None
        return (best, second) if second else (best,)

    def but(self, **changes: object) -> Look:
        """The same look with something different."""
        return replace(self, **changes)  # type: ignore[arg-type] # a test says which field


ANN = Look()
"""Enrolled, alive, well seen."""

BOB = Look(subject="bob", track=2)
"""Another enrolled person."""

STRANGER = Look(score=0.3, rival=0.28, track=3)
"""Alive, well seen, and not enrolled."""

PHOTOGRAPH = ANN.but(pad=0.0, track=4)
"""A picture of Ann."""


@dataclass
class Doorway:
    """Plays events through the machine and keeps everything that came of them.

    Attributes:
        agrees: True if rules, factor and door let in at once whoever is recognised.
    """

    policy: AccessPolicy = POLICY
    state: State = field(default_factory=Idle)
    now: float = 1000.0
    steps: list[Step] = field(default_factory=list)
    agrees: bool = True

    def handle(self, event: Event) -> Step:
        """Any event."""
        step = advance(self.state, event, self.policy)
        self.state = step.state
        self.steps.append(step)
        if self.agrees and any(isinstance(effect, Admit) for effect in step.effects):
            self.lets_in()
        return step

    def lets_in(self) -> Step:
        """Rules, factor and door let in whoever was recognised last."""
        person = self.people[-1]
        by = Authorised(person, Factor.NONE)
        return self.handle(Released(Instant(max(self.now, person.at)), by))

    def see(self, *looks: Look, times: int = 1, every: float = FRAME) -> Step:
        """Frames with these faces in the lane; none stands for an empty lane."""
        step = Step(self.state)
        for _ in range(times):
            self.now += every
            probes = tuple(look.probe(self.now) for look in looks)
            step = self.handle(Observed(Instant(self.now), probes))
        return step

    def empty(self, seconds: float) -> None:
        """Nobody in the lane for a time."""
        self.see(times=round(seconds / FRAME))

    def tick(self, seconds: float) -> Step:
        """Time goes by without a frame."""
        self.now += seconds
        return self.handle(Ticked(Instant(self.now)))

    def breaks(self, part: Part = Part.CAMERA, after: float = FRAME) -> Step:
        """A part fails."""
        self.now += after
        return self.handle(Faulted(Instant(self.now), part, f"the {part.value} is gone"))

    def mended(self, part: Part = Part.CAMERA, after: float = FRAME) -> Step:
        """A part works again."""
        self.now += after
        return self.handle(Recovered(Instant(self.now), part))

    @property
    def effects(self) -> list[Effect]:
        """Everything that was asked of the world so far, in order."""
        return [effect for step in self.steps for effect in step.effects]

    @property
    def people(self) -> list[Recognised]:
        """Whom the door subsystem was asked to admit."""
        return [effect.person for effect in self.effects if isinstance(effect, Admit)]

    @property
    def written(self) -> list[Decision | Recognised]:
        """Everything that was written down about sessions."""
        return [effect.record for effect in self.effects if isinstance(effect, Audit)]

    @property
    def decisions(self) -> list[Decision]:
        """The refusals that were written down."""
        return [record for record in self.written if isinstance(record, Decision)]

    @property
    def reasons(self) -> list[Reason]:
        """Why the sessions ended; `MATCHED` where somebody was recognised."""
        return [getattr(record, "reason", Reason.MATCHED) for record in self.written]


def played(frames: Iterable[tuple[Look, ...]], policy: AccessPolicy = POLICY) -> Doorway:
    """A doorway after these frames."""
    doorway = Doorway(policy)
    for looks in frames:
        doorway.see(*looks)
    return doorway
