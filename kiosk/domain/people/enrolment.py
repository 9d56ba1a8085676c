"""The enrolment of references from samples: the same gates as at the door, never looser.

A sample is one submitted picture. Each must pass the quality gate on its own. Together they must
show one person, bona fide, who is not enrolled already. A duplicate stops for a person to decide
and is never merged (R27).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import compress

import numpy as np

from kiosk.domain.vision.attack import PadResult, mean_score
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import SubjectId, Template

LEAST_SURROUNDINGS = 1.5
"""The attack detector uses the surroundings of a face; with less than this it gives no valid
result."""
SURE_SURROUNDINGS = 1.8
"""Below this it takes bona fide pictures for attacks, so the refusal does not say attack."""


class SampleRefusal(Enum):
    """The reason why a sample made no reference, other than a quality defect."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    NOT_AN_IMAGE = "not_an_image"
    TOO_TIGHT = "too_little_around_the_face"
    PRESENTATION_ATTACK = "presentation_attack"
    ANOTHER_PERSON = "another_person"
    ALREADY_ENROLLED = "already_enrolled"
    TOO_MANY = "more_than_needed"
    TOO_FEW = "too_few_others"
    POOR_FOR_CLOUD = "not_good_enough_for_the_cloud"


class IdentityVerdict(Enum):
    """Whether the samples are of the person whom a trusted picture shows; never how nearly."""

    NOT_ASKED = "not_asked"
    FITS = "fits"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class EnrolmentPolicy:
    """The conditions for a reference.

    Attributes:
        max_references: of one subject; the best views are kept (R20).
        min_references: with fewer than this nobody is enrolled.
        pad_threshold: the mean bona fide score of the kept samples must reach it.
        same_person_threshold: comparison score of a sample with the others of its subject.
        duplicate_threshold: a score with another person's reference from which on a person decides.
    """

    max_references: int
    min_references: int
    pad_threshold: float
    same_person_threshold: float
    duplicate_threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One submitted picture of one face that passed the quality gate.

    Attributes:
        image: the name of the picture.
        quality: its assessment.
        pad: its bona fide score.
        template: its features.
        surroundings: size of the picture relative to the face, in the narrower direction.
        box: of the face; None where nobody asks for it.
    """

    image: str
    quality: QualityAssessment
    pad: PadResult
    template: Template
    surroundings: float = float("inf")
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class RefusedSample:
    """A picture that made no reference, and why.

    Attributes:
        image: the name of the picture.
        reason: why.
        detail: the fault of the file, in a sentence; empty if it is a picture.
    """

    image: str
    reason: SampleRefusal | Defect
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentOutcome:
    """The result of an enrolment.

    Attributes:
        accepted: those that become references, best view first; empty if nobody is enrolled.
        refused: the others.
        duplicate_of: the enrolled subject that they resemble; for the admin's eyes only.
        identity: whether they are of the person whom a trusted picture shows.
    """

    accepted: tuple[Sample, ...]
    refused: tuple[RefusedSample, ...]
    duplicate_of: SubjectId | None = None
    identity: IdentityVerdict = IdentityVerdict.NOT_ASKED


Identify = Callable[[Sequence[Sample]], IdentityVerdict]
"""Compares the samples with a trusted picture of the person, if there is one."""


def _not_asked(_samples: Sequence[Sample]) -> IdentityVerdict:
    return IdentityVerdict.NOT_ASKED


def assess(
    samples: Sequence[Sample],
    gallery: Gallery,
    policy: EnrolmentPolicy,
    identify: Identify = _not_asked,
) -> EnrolmentOutcome:
    """Decide which samples become references: quality first, then identity, then duplicates.

    Attack detection uses only the samples that would become references: others cannot raise their
    score. Nobody is told of a duplicate who is not the person that they say they are.
    """
    wide = [sample for sample in samples if sample.surroundings >= LEAST_SURROUNDINGS]
    tight = [sample for sample in samples if not sample.surroundings >= LEAST_SURROUNDINGS]
    same, others = _one_person(wide, policy.same_person_threshold)
    ranked = sorted(same, key=lambda sample: -sample.quality.measures.sharpness)
    kept, spare = tuple(ranked[: policy.max_references]), ranked[policy.max_references :]
    refused = refuse_all(tight, SampleRefusal.TOO_TIGHT) + refuse_all(
        others, SampleRefusal.ANOTHER_PERSON
    )
    refused += refuse_all(spare, SampleRefusal.TOO_MANY)
    if mean_score(tuple(sample.pad for sample in kept)) < policy.pad_threshold:
        return EnrolmentOutcome((), refused + tuple(_not_alive(sample) for sample in kept))
    identity = identify(kept)
    if identity is IdentityVerdict.DIFFERS:
        refused += refuse_all(kept, SampleRefusal.ANOTHER_PERSON)
        return EnrolmentOutcome((), refused, identity=identity)
    duplicate = duplicate_of(same, gallery, policy.duplicate_threshold)
    if duplicate is not None:
        refused += refuse_all(kept, SampleRefusal.ALREADY_ENROLLED)
        return EnrolmentOutcome((), refused, duplicate_of=duplicate, identity=identity)
    if len(kept) < policy.min_references:
        refused += refuse_all(kept, SampleRefusal.TOO_FEW)
        return EnrolmentOutcome((), refused, identity=identity)
    return EnrolmentOutcome(kept, refused, identity=identity)


def _not_alive(sample: Sample) -> RefusedSample:
    """The refusal of a sample as an attack, or as too tight if that cannot be known."""
    known = sample.surroundings >= SURE_SURROUNDINGS
    return RefusedSample(
        sample.image, SampleRefusal.PRESENTATION_ATTACK if known else SampleRefusal.TOO_TIGHT
    )


def _one_person(
    samples: Sequence[Sample], threshold: float
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """The samples that resemble the most central one, and the rest.

    Two samples that do not resemble each other have no majority: neither is kept.
    """
    if len(samples) < 2:  # noqa: PLR2004 - one picture cannot contradict itself
        return tuple(samples), ()
    vectors = np.stack([sample.template.vector for sample in samples])
    scores = vectors @ vectors.T
    centre = int(scores.sum(axis=1).argmax())
    alike = scores[centre] >= threshold
    if int(alike.sum()) * 2 <= len(samples):
        return (), tuple(samples)
    return tuple(compress(samples, alike)), tuple(compress(samples, ~alike))


def duplicate_of(samples: Sequence[Sample], gallery: Gallery, threshold: float) -> SubjectId | None:
    """The person whom one of the samples, one or more, or their mean resembles."""
    templates = [sample.template for sample in samples]
    for template in (*templates, mean_template(templates)):
        best = gallery.identify(template).best
        if best is not None and best.score >= threshold:
            return best.subject
    return None


def refuse_all(samples: Sequence[Sample], reason: SampleRefusal) -> tuple[RefusedSample, ...]:
    """These samples as refused for one reason."""
    return tuple(RefusedSample(sample.image, reason) for sample in samples)
