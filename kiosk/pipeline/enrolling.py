"""From photographs to references, through the same stages and gates as at the door (R1).

A photograph is looked at and let go; what stays of it is its name, its assessment and a template.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.domain.comparison import Gallery
from kiosk.domain.enrolment import (
    EnrolmentOutcome,
    EnrolmentPolicy,
    Refusal,
    RefusedSample,
    Sample,
    assess,
)
from kiosk.domain.errors import ImageError
from kiosk.domain.frame import Frame, Instant, Pixels
from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.quality import QualityBounds, judge


@dataclass(frozen=True, slots=True)
class EnrolmentStages:
    """The models; the finder works on stills."""

    finder: FaceFinder
    quality: QualityAssessor
    attack: AttackDetector
    extractor: TemplateExtractor


class Enroller:
    """Assesses photographs of one subject.

    Args:
        stages: the models.
        bounds: the quality gate.
        policy: the rules of enrolment.
        read: a photograph's pixels, or ImageError.
    """

    def __init__(
        self,
        stages: EnrolmentStages,
        bounds: QualityBounds,
        policy: EnrolmentPolicy,
        read: Callable[[Path], Pixels],
    ) -> None:
        self._stages = stages
        self._bounds = bounds
        self._policy = policy
        self._read = read

    def assess(
        self, images: Sequence[Path], gallery: Gallery, seen: Callable[[], None]
    ) -> EnrolmentOutcome:
        """Which photographs become references.

        Args:
            images: of one subject.
            gallery: everybody who is enrolled already.
            seen: called after each photograph, for progress.
        """
        samples: list[Sample] = []
        refused: list[RefusedSample] = []
        for image in images:
            taken = self._sample(image)
            if isinstance(taken, Sample):
                samples.append(taken)
            else:
                refused.append(taken)
            seen()
        outcome = assess(samples, gallery, self._policy)
        return replace(outcome, refused=(*refused, *outcome.refused))

    def close(self) -> None:
        """Let the models go."""
        self._stages.finder.close()

    def _sample(self, image: Path) -> Sample | RefusedSample:
        name = str(image)
        try:
            frame = Frame(self._read(image), Instant(0.0), 0)
        except ImageError as error:
            return RefusedSample(name, Refusal.NOT_AN_IMAGE, str(error))
        faces = self._stages.finder.find(frame)
        if len(faces) != 1:
            return RefusedSample(name, Refusal.SEVERAL_FACES if faces else Refusal.NO_FACE)
        (face,) = faces
        quality = judge(self._stages.quality.measure(frame, face), self._bounds)
        if not quality.acceptable:
            return RefusedSample(name, quality.defects[0])
        template = self._stages.extractor.extract(frame, face)
        return Sample(name, quality, self._stages.attack.assess(frame, face), template)
