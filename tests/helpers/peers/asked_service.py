"""A service that a test answers for, and a kiosk that asks it beside its own matcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from asked_kiosk import ANSWER_SECONDS, HIGH, AskedKiosk
from doorway import POLICY, SPACE

from kiosk.domain.access.machine import Claimed, Reason
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.cloud.fusion import CloudRules, Scale
from kiosk.domain.cloud.modes import CloudMode, WhenGone
from kiosk.domain.cloud.opinion import SearchResult
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.vision.comparison import Candidate, CandidateList, Gallery
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.domain.vision.run import ComparisonPlan
from kiosk.domain.vision.template import (
    Reference,
    ReferenceId,
    SpaceId,
    SubjectId,
    Template,
    Vector,
)
from kiosk.pipeline.identification.asking import CloudParts
from kiosk.pipeline.identification.cloud import CloudIdentification
from kiosk.pipeline.identification.runs import RunIdentification

RUN = POLICY.probes_required
PLAN = ComparisonPlan(POLICY.comparisons_required, RUN, POLICY.span_seconds, agreement=0.5)
SERVICE = SpaceId("rekognition/7.0")
GONE = MatchingUnavailable("The service was asked too often.", "Wait.")


def unit(*parts: float) -> Vector:
    vector = np.array(parts, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


ANN, BOB, STRANGER = unit(1, 0, 0), unit(0, 1, 0), unit(0, 0, 1)
FACES = {"ann": ANN, "bob": BOB, "stranger": STRANGER, "either": unit(1, 0.99, 0)}


@dataclass
class OwnMatcher:
    """Fulfils `TemplateMatcher`: what it sees is what a test says."""

    now: str = "ann"
    enrolled: tuple[str, ...] = ("ann", "bob")

    def extract(self, *_: object) -> Template:
        return Template(FACES[self.now].copy(), SPACE)

    def identify(self, probe: Template) -> CandidateList:
        references = [
            Reference(ReferenceId(n), SubjectId(n), Template(FACES[n], SPACE))
            for n in self.enrolled
        ]
        return Gallery.of(SPACE, references).identify(probe)


Said = SearchResult | MatchingUnavailable


def named(*who: tuple[str, float], space: SpaceId = SERVICE, seen: bool = True) -> SearchResult:
    """What the service says."""
    return SearchResult(
        CandidateList(space, tuple(Candidate(SubjectId(n), s) for n, s in who)), seen
    )


@dataclass
class Search:
    """One search, what was sent, and what was said to it."""

    picture: bytes
    claimed: SubjectId | None
    seconds: float
    said: Said | None = None
    cancelled: bool = False

    def done(self) -> bool:
        return self.said is not None

    def result(self) -> SearchResult:
        assert not self.cancelled, "nobody reads the answer to a question that was given up"
        if isinstance(self.said, MatchingUnavailable):
            raise self.said
        assert self.said is not None
        return self.said

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Service:
    """Fulfils `CloudMatcher`."""

    searches: list[Search] = field(default_factory=list)
    refusing: MatchingUnavailable | None = None
    closed: bool = False

    def ask(self, picture: bytes, claimed: SubjectId | None, seconds: float) -> Search:
        assert all(s.cancelled or s.done() for s in self.searches), "one question at a time"
        self.searches.append(Search(picture, claimed, seconds))
        if self.refusing is not None:
            self.searches[-1].said = self.refusing
            raise self.refusing
        return self.searches[-1]

    def close(self) -> None:
        self.closed = True


@dataclass
class AskingKiosk:
    """A kiosk that asks a service. Its pictures are as they were cut out, not as JPEG."""

    mode: CloudMode = CloudMode.CLOUD
    when_gone: WhenGone = WhenGone.REFUSE
    agreed: Sequence[str] = ("ann", "bob")
    own: OwnMatcher = field(default_factory=OwnMatcher)
    service: Service = field(default_factory=Service)

    def __post_init__(self) -> None:
        rules = CloudRules(self.mode, self.when_gone, {SERVICE: Scale(99.0, 0.5)})
        self.policy: AccessPolicy = replace(POLICY, cloud=rules)
        parts = CloudParts(
            matcher=self.service,
            look=lambda: (self.kiosk.session.state, self.policy),
            agreed=lambda subject: subject in self.agreed,
            encode=self._encode,
            answer_seconds=ANSWER_SECONDS,
        )
        self.stage = CloudIdentification(RunIdentification(self.own, PLAN), parts)
        self.kiosk = AskedKiosk(self.stage, self.policy)
        self.shapes: list[tuple[int, ...]] = []

    def _encode(self, pixels: Pixels) -> bytes:
        self.shapes.append(pixels.shape)
        return b"a picture"

    def see(
        self, person: str = "ann", times: int = 1, *, sharp: bool = True, pad: float = 0.75
    ) -> None:
        """Frames of one person, all at the same place."""
        self.own.now = person
        self.kiosk.see(HIGH, sharp=sharp, pad=pad, times=times)

    def shows_badge(self, subject: str) -> None:
        at = Instant(self.kiosk.now)
        self.kiosk.session.handle(Claimed(at, SubjectId(subject), at))

    def says(self, said: Said, number: int = -1) -> None:
        self.service.searches[number].said = said

    @property
    def asked(self) -> int:
        return len(self.service.searches)

    @property
    def let_in(self) -> list[str]:
        return [person.subject for person in self.kiosk.people]

    @property
    def reasons(self) -> list[Reason]:
        return [decision.reason for decision in self.kiosk.decisions]
