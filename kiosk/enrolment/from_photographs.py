"""Enrolment from photographs, through the same stages and gates as at the door (R1).

A photograph is not stored. Only its file name, its assessment and a template are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kiosk.domain.errors import ImageError
from kiosk.domain.people.enrolment import (
    LEAST_SURROUNDINGS,
    EnrolmentOutcome,
    EnrolmentPolicy,
    RefusedSample,
    Sample,
    SampleRefusal,
    assess,
)
from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.quality import QualityBounds, judge

MARGIN = 0.5
"""The width of the border added around a picture without a found face, as a share of its side."""
LARGE_ENOUGH_PX = 640
"""The picture size that is enough for a face that fills it."""


@dataclass(frozen=True, slots=True)
class EnrolmentStages:
    """The models; the finder is one for still pictures."""

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
        read: returns a photograph's pixels, or raises ImageError.
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
        """Select the photographs that become references.

        Args:
            images: photographs of one subject.
            gallery: all people who are enrolled already.
            seen: called after each photograph, for progress.
        """
        samples: list[Sample] = []
        refused: list[RefusedSample] = []
        for image in images:
            taken = self.sample(image)
            if isinstance(taken, Sample):
                samples.append(taken)
            else:
                refused.append(taken)
            seen()
        outcome = assess(samples, gallery, self._policy)
        return replace(outcome, refused=(*refused, *outcome.refused))

    def sample(self, image: Path) -> Sample | RefusedSample:
        """One photograph by itself: its one face, if it passes the quality gate, or why not."""
        name = str(image)
        try:
            frame = Frame(self._read(image), Instant(0.0), 0)
        except ImageError as error:
            return RefusedSample(name, SampleRefusal.NOT_AN_IMAGE, str(error))
        faces = self._stages.finder.find(frame)
        if len(faces) != 1:
            return RefusedSample(
                name, SampleRefusal.SEVERAL_FACES if faces else self._not_found(frame)
            )
        (face,) = faces
        quality = judge(self._stages.quality.measure(frame, face), self._bounds)
        if not quality.acceptable:
            return RefusedSample(name, quality.defects[0])
        template = self._stages.extractor.extract(frame, face)
        pad = self._stages.attack.assess(frame, face)
        return Sample(name, quality, pad, template, _surroundings(frame, face), face.box)

    def close(self) -> None:
        """Close the models."""
        self._stages.finder.close()

    def _not_found(self, frame: Frame) -> SampleRefusal:
        """The refusal if no face was found; a face that fills its picture needs a border."""
        step = 1 + max(frame.width, frame.height) // LARGE_ENOUGH_PX
        small = Frame(frame.pixels[::step, ::step], frame.captured_at, frame.index)
        margins = [(round(side * MARGIN),) * 2 for side in small.pixels.shape[:2]]
        wider = np.pad(small.pixels, [*margins, (0, 0)], mode="edge")
        faces = self._stages.finder.find(Frame(wider, frame.captured_at, frame.index))
        tight = [face for face in faces if _surroundings(small, face) < LEAST_SURROUNDINGS]
        return SampleRefusal.TOO_TIGHT if tight else SampleRefusal.NO_FACE


def _surroundings(frame: Frame, face: Face) -> float:
    """The ratio of picture size to face size, in the narrower direction."""
    return min(frame.width / face.box.width, frame.height / face.box.height)
