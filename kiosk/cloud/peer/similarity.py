"""The peer's similarities, 0 to 100, from cosines and the calibration of the models.

A similarity of 99.0 stands for the strictest point of the calibration, so that its false match rate
is not above that of any gallery's decision threshold. The points between are spread over the
logarithm of their rates, from 80 at the loosest one. Older face models of the peer are stricter by
a shift, so that a threshold that suits one does not suit the other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kiosk.domain.access.policy import Calibration, Form
from kiosk.domain.errors import BadInput, PolicyError

DOOR, LOOSEST = 99.0, 80.0
"""Similarities of the strictest and of the loosest point of a calibration."""
SHIFTS: Mapping[str, float] = {"7.0": 0.0, "6.0": 0.04, "5.0": 0.06}
"""Face models of the peer, newest first, and what each adds to the cosine for a similarity."""


@dataclass(frozen=True, slots=True)
class SimilarityScale:
    """A monotone mapping from cosines to similarities.

    Attributes:
        cosines: rising, from -1 to 1.
        similarities: rising, from 0 to 100.
    """

    cosines: tuple[float, ...]
    similarities: tuple[float, ...]

    def similarity(self, cosine: float) -> float:
        """0 to 100."""
        return float(np.interp(cosine, self.cosines, self.similarities))

    def cosine(self, similarity: float) -> float:
        """The cosine that has this similarity."""
        return float(np.interp(similarity, self.similarities, self.cosines))


@dataclass(frozen=True, slots=True)
class SimilarityScales:
    """The scales of a pack: what is compared, and the face model.

    Attributes:
        single: calibration of one picture with one picture.
        mean: calibration of one picture with a person's mean.
    """

    single: Calibration
    mean: Calibration

    def of(self, model: str, form: Form = Form.SINGLE) -> SimilarityScale:
        """The scale of a face model.

        Raises:
            BadInput: there is no such model.
            PolicyError: the calibration is not monotone.
        """
        if model not in SHIFTS:
            raise BadInput(
                f"The peer has no face model {model}.", f"Choose one of {', '.join(SHIFTS)}."
            )
        return scale(self.single if form is Form.SINGLE else self.mean, SHIFTS[model])


def scale(calibration: Calibration, shift: float = 0.0) -> SimilarityScale:
    """The scale of a calibration; raises PolicyError where it has no two points, or contradicts.

    Args:
        calibration: of what is compared.
        shift: what a cosine must have more for the same similarity.
    """
    points = sorted(calibration.points, key=lambda point: point.score)
    logs = [math.log(point.fmr) for point in points]
    scores = [point.score + shift for point in points]
    ends = [-1.0, 0.0, *scores, 1.0]
    rising = all(a < b for a, b in itertools.pairwise(ends))
    if len(points) < 2 or not rising or any(a <= b for a, b in itertools.pairwise(logs)):  # noqa: PLR2004 - a line
        raise PolicyError(
            f"The calibration of {calibration.space} gives no similarities.",
            "Choose a pack that is calibrated.",
        )
    share = [(logs[0] - log) / (logs[0] - logs[-1]) for log in logs]
    between = [LOOSEST + (DOOR - LOOSEST) * each for each in share]
    return SimilarityScale(tuple(ends), (0.0, 1.0, *between, 100.0))
