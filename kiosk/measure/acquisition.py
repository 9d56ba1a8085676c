"""Templates from image files, made as the kiosk makes them, and the failures to acquire.

Of several faces, the one nearest to the centre is taken, as at the door, and not a larger
bystander's: a photograph is centred on its subject. An image without a template is a failure to
acquire (ISO/IEC 19795-1): it is reported separately and never becomes a score.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.domain.errors import BadInput, ImageError
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.ports import FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.quality import Defect, QualityBounds, judge
from kiosk.domain.vision.template import Template
from kiosk.measure.comparisons import Persons, Vectors

Failure = SampleRefusal | Defect
"""The reason why an image gave no template."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The kiosk's quality gate."""

    quality: QualityAssessor
    bounds: QualityBounds

    def defect(self, frame: Frame, face: Face) -> Defect | None:
        """The worst quality defect of the face; None if it may be compared."""
        judged = judge(self.quality.measure(frame, face), self.bounds)
        return judged.defects[0] if judged.defects else None


@dataclass(frozen=True, slots=True, eq=False)
class Acquired:
    """The templates and failures of a set of images.

    Attributes:
        images: those that gave a template.
        vectors: (images, dimensions), one row per image.
        failures: the reason for each image that gave none.
    """

    images: tuple[Path, ...]
    vectors: Vectors
    failures: dict[Path, Failure]

    def __repr__(self) -> str:
        return f"Acquired({len(self.images)} images, {len(self.failures)} failures)"

    @property
    def persons(self) -> Persons:
        """(images,) the person index of each image: each folder holds the images of one person."""
        folders = {folder: i for i, folder in enumerate(sorted({p.parent for p in self.images}))}
        return np.array([folders[image.parent] for image in self.images], np.intp)

    def without(self, left_out: Collection[Path]) -> Acquired:
        """The same without some of the images."""
        rows = [row for row, image in enumerate(self.images) if image not in left_out]
        failures = {image: why for image, why in self.failures.items() if image not in left_out}
        return Acquired(tuple(self.images[row] for row in rows), self.vectors[rows], failures)


class Acquirer:
    """Makes templates from image files.

    Args:
        finder: a face finder for still images.
        extractor: the template extractor of the model pack.
        gate: the quality gate; None if it is not applied.
        read: returns an image's pixels, or raises ImageError.
    """

    def __init__(
        self,
        finder: FaceFinder,
        extractor: TemplateExtractor,
        gate: Gate | None,
        read: Callable[[Path], Pixels],
    ) -> None:
        self._finder = finder
        self._extractor = extractor
        self._gate = gate
        self._read = read

    def acquire(self, images: Sequence[Path], seen: Callable[[], None]) -> Acquired:
        """The templates of all images that give one.

        Args:
            images: the image files.
            seen: called after each image, for progress.

        Raises:
            BadInput: no image gave a template.
        """
        made: dict[Path, Template] = {}
        failures: dict[Path, Failure] = {}
        for image in images:
            taken = self._take(image)
            if isinstance(taken, Template):
                made[image] = taken
            else:
                failures[image] = taken
            seen()
        if not made:
            raise BadInput(
                f"None of {len(images)} images gave a template.",
                "Give pictures of faces; they may be too small, or no pictures at all.",
            )
        return Acquired(tuple(made), np.stack([t.vector for t in made.values()]), failures)

    def close(self) -> None:
        """Release the models."""
        self._finder.close()

    def _take(self, image: Path) -> Template | Failure:
        try:
            frame = Frame(self._read(image), Instant(0.0), 0)
        except ImageError:
            return SampleRefusal.NOT_AN_IMAGE
        off = functools.partial(off_centre, frame)
        face = min(self._finder.find(frame), key=off, default=None)
        if face is None:
            return SampleRefusal.NO_FACE
        defect = self._gate.defect(frame, face) if self._gate else None
        return defect or self._extractor.extract(frame, face)


def off_centre(frame: Frame, face: Face) -> float:
    """The distance of a face from the picture's centre, in face sizes: small faces are far."""
    x, y = face.box.centre
    away = math.hypot(x - frame.width / 2, y - frame.height / 2)
    return away / math.sqrt(face.box.area)
