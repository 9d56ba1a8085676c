"""What two matchers say of one face, and what follows from both: pure functions, in a table.

Each matcher is judged by the scale of its own space: a cosine and a similarity never meet. A list
of candidates of a space that has no scale is no evidence.

Where both name somebody and these are two people, the face is ambiguous, whatever the mode. Nobody
is sent to a service of whom the kiosk's own matcher says nothing, unless a badge has said who they
claim to be; and nobody whose own consent does not name the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from kiosk.domain.cloud.modes import CloudMode, WhenGone
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.template import SpaceId, SubjectId


def space_of(model: str) -> SpaceId:
    """The space of the similarities that a service's face model gives."""
    return SpaceId(f"rekognition/{model}")


@dataclass(frozen=True, slots=True)
class Scale:
    """How scores of one space are judged.

    Attributes:
        threshold: the least score by which somebody is known.
        margin: the least lead over the second person.
    """

    threshold: float
    margin: float


@dataclass(frozen=True, slots=True)
class CloudRules:
    """What a service counts beside the kiosk's own matcher.

    Attributes:
        mode: who decides.
        when_gone: what happens without its answer.
        scales: by its spaces; a space that is not named proves nothing.
    """

    mode: CloudMode = CloudMode.LOCAL
    when_gone: WhenGone = WhenGone.REFUSE
    scales: Mapping[SpaceId, Scale] = field(default_factory=dict)

    @property
    def used(self) -> bool:
        """True if the service is ever asked."""
        return self.mode is not CloudMode.LOCAL


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one matcher says of a face, or both together.

    Attributes:
        space: of the scores; None where no list was judged.
        threshold: by which they were judged.
        subject: whom it names; None for nobody.
        ambiguous: True if a second person is too close.
        best: the best person of the comparison.
        margin: the lead of the best person.
        near: the people, best first, who lack less than the margin to be known.
        another: against a claim, the person whom it clearly is instead; else None.
        unconfirmed: True if the kiosk's own matcher stands in for a service that gave no answer,
            and a second factor has to make up for it.
    """

    space: SpaceId | None
    threshold: float
    subject: SubjectId | None = None
    ambiguous: bool = False
    best: Candidate | None = None
    margin: float = float("inf")
    near: tuple[SubjectId, ...] = ()
    another: SubjectId | None = None
    unconfirmed: bool = False

    @property
    def known(self) -> bool:
        """True if the face is that of an enrolled person, or of one of two."""
        return self.ambiguous or self.subject is not None

    @property
    def runner_up(self) -> SubjectId | None:
        """The second person, if they came near; else None."""
        return next(iter(self.near[1:]), None)


def judge(candidates: CandidateList, scale: Scale, claimed: SubjectId | None = None) -> Verdict:
    """Judge a list of candidates by the scale of its space.

    With a claim it is a verification: only that person counts, and a close score of another makes
    no ambiguity; but a face that is clearly another's is not theirs. Comparisons are written so
    that NaN fails them.
    """
    if claimed is not None:
        return _verified(candidates, scale, claimed)
    reached = [c.subject for c in candidates.candidates[:1] if c.score >= scale.threshold]
    clear = candidates.margin >= scale.margin
    return Verdict(
        candidates.space,
        scale.threshold,
        subject=reached[0] if reached and clear else None,
        ambiguous=bool(reached) and not clear,
        best=candidates.best,
        margin=candidates.margin,
        near=tuple(
            c.subject for c in candidates.candidates if c.score + scale.margin >= scale.threshold
        ),
    )


def _verified(candidates: CandidateList, scale: Scale, subject: SubjectId) -> Verdict:
    claimed = next((c for c in candidates.candidates if c.subject == subject), None)
    clear = candidates.margin >= scale.margin
    ahead = [c for c in candidates.candidates[:1] if c is not claimed and clear]
    named = [c for c in (claimed,) if c is not None and c.score >= scale.threshold and not ahead]
    others = (c.subject for c in ahead if c.score >= scale.threshold)
    return Verdict(
        candidates.space,
        scale.threshold,
        subject=subject if named else None,
        best=claimed,
        margin=candidates.margin,
        another=next(others, None),
    )


def fuse(
    rules: CloudRules,
    local: Verdict,
    cloud: Verdict | None,
    *,
    gone: bool = False,
    claimed: bool = False,
) -> Verdict | None:
    """What follows from both matchers; None while the service's answer is awaited.

    Args:
        rules: the mode, and what happens without an answer.
        local: what the kiosk's own matcher says.
        cloud: what the service says; None without an answer.
        gone: True if no answer will come.
        claimed: True if a badge has said who they claim to be.
    """
    if not awaits(rules.mode, local, claimed=claimed):
        return local
    if cloud is None:
        return _without(rules.when_gone, local) if gone else None
    if _two_names(local, cloud, claimed=claimed):
        return replace(cloud, subject=None, ambiguous=cloud.ambiguous or cloud.subject is not None)
    return cloud


def awaits(mode: CloudMode, local: Verdict, *, claimed: bool) -> bool:
    """True if the service decides about a face of which the kiosk's own matcher says this."""
    asked = {
        CloudMode.CLOUD: claimed or local.known,
        CloudMode.LOCAL_THEN_CLOUD: local.ambiguous,
        CloudMode.BOTH_AGREE: local.subject is not None,
    }
    return asked.get(mode, False)


def _without(when_gone: WhenGone, local: Verdict) -> Verdict | None:
    if when_gone is WhenGone.REFUSE:
        return None
    return replace(local, unconfirmed=when_gone is WhenGone.SECOND_FACTOR)


def _two_names(local: Verdict, cloud: Verdict, *, claimed: bool) -> bool:
    """True if whom the service names, if anybody, is somebody else for the kiosk's own matcher."""
    if local.another is not None:
        return True
    if local.subject is not None:
        return cloud.subject != local.subject
    return not claimed and cloud.subject not in local.near


def may_be_sent(
    candidates: CandidateList,
    scale: Scale,
    claimed: SubjectId | None,
    agreed: Callable[[SubjectId], bool],
) -> bool:
    """True if a face may be sent to the service: its person, as far as is known, agreed to that.

    Whoever it may be by the kiosk's own matcher must have agreed, and so must who is claimed. A
    face that resembles nobody here is sent only if a badge says whose it is.

    Args:
        candidates: what the kiosk's own matcher says of the face.
        scale: of that matcher.
        claimed: whose badge was shown; None for nobody's.
        agreed: True if the consent of a person names the service.
    """
    own = judge(candidates, scale)
    meant = own.known if claimed is None else agreed(claimed)
    return meant and all(map(agreed, own.near))
