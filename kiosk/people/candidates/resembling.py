"""People who resemble a face, by a bar far below a door's: for a person to look at (R18).

Nothing here is an identification, and none of it can become one. A `Lookalike` has neither a score
nor a space, and no type that the access machine takes holds one; a test sees to it that no module
of a running kiosk imports this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.domain.access.policy import Calibration
from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SubjectId, Template

LEAST_RARITY, MOST_RARITY = 100, 1_000_000
"""The loosest and the strictest bar: of so many pairs of different people, one is as alike."""
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Somebody enrolled whom a face resembles.

    Attributes:
        might_be: their id.
        one_in: of so many pairs of different people, at most one is as alike; a power of ten.
    """

    might_be: SubjectId
    one_in: int


def lookalikes(
    probe: Template, gallery: Gallery, calibration: Calibration, one_in: int, count: int
) -> Sequence[Lookalike]:
    """Who is enrolled and resembles a face, the most alike first.

    Args:
        probe: of one picture of the face.
        gallery: one reference for each person, in the space of the calibration.
        calibration: of one picture with a person's mean.
        one_in: the bar; who resembles it less is left out.
        count: the most people.

    Raises:
        SpaceMismatch: the face, the references and the calibration are not of one space.
    """
    if not probe.space == gallery.space == calibration.space:
        raise SpaceMismatch(
            f"A face in the space {probe.space} met people in {gallery.space}.",
            "Use one model pack for enrolment and for this.",
        )
    if not len(gallery):
        return ()
    scores = gallery.matrix @ probe.vector
    closest = np.argsort(-scores, kind="stable")[:count]
    found = ((gallery.owners[row], _rarity(float(scores[row]), calibration)) for row in closest)
    return [Lookalike(gallery.subjects[who], rare) for who, rare in found if rare >= one_in]


def _rarity(score: float, calibration: Calibration) -> int:
    """The rarest measured rate that a score reaches, as one in so many; 0 for none."""
    reached = (point.fmr for point in calibration.points if score >= point.score)
    return min(round(1 / min(reached, default=np.inf)), MOST_RARITY)
