"""Recognition in the terms of ISO/IEC 19795-1: FMR, FNMR and failures to acquire, with counts.

Failures to acquire are not comparisons, so they are in neither FMR nor FNMR and are reported
separately. The accuracy of a list, however, covers every pair in it: a pair with an image that
could not be acquired is a non-match, as at the door. That is an error if the pair is mated, and
correct if it is not: a person who cannot be seen is not let in (the standard's generalised error
rates).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.domain.access.policy import OperatingPoint
from kiosk.measure.acquisition import Acquired, Failure
from kiosk.measure.comparisons import ErrorPoint, error_points, points_at
from kiosk.measure.folds import NO_COMPARISON, FoldedAccuracy, Scores, folded_accuracy
from kiosk.measure.listing import Pair
from kiosk.measure.rates import Rate

ONE_IN = {"1e-2": 100, "1e-3": 1_000, "1e-4": 10_000}
"""The false match rates at which FNMR is reported."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The result of the measurement.

    Attributes:
        listed: accuracy over ten folds of the listed pairs.
        pairs: the number of listed pairs.
        pairs_not_compared: those with an image that could not be acquired.
        points: FNMR at each false match rate over all pairs of images.
        calibrated: FMR and FNMR at the calibration's score for the same rates, where it has one.
        failures: images that gave no template, of all images.
        reasons: the number of failures for each reason.
        people: the number of people with at least one template.
    """

    listed: FoldedAccuracy
    pairs: int
    pairs_not_compared: int
    points: dict[str, ErrorPoint]
    calibrated: dict[str, ErrorPoint]
    failures: Rate
    reasons: dict[Failure, int]
    people: int


def measure(
    acquired: Acquired, pairs: Sequence[Pair], calibration: Sequence[OperatingPoint]
) -> RecognitionResult:
    """All recognition results.

    Args:
        acquired: templates, with the same image paths as the pairs.
        pairs: the list.
        calibration: measured points of the templates' space; none if it has none.

    Raises:
        BadInput: there are too few pairs, or too few images of the same or of different people.
    """
    scores = listed_scores(acquired, pairs)
    mated = np.array([pair.mated for pair in pairs])
    persons = acquired.persons
    points = error_points(acquired.vectors, persons, tuple(ONE_IN.values()))
    failed = len(acquired.failures)
    return RecognitionResult(
        listed=folded_accuracy(scores, mated),
        pairs=len(pairs),
        pairs_not_compared=int((scores == NO_COMPARISON).sum()),
        points=dict(zip(ONE_IN, points, strict=True)),
        calibrated=calibrated_points(acquired, calibration),
        failures=Rate(failed, failed + len(acquired.images)),
        reasons=dict(Counter(acquired.failures.values()).most_common()),
        people=len(np.unique(persons)),
    )


def measure_without(
    left_out: Collection[Path],
    acquired: Acquired,
    pairs: Sequence[Pair],
    calibration: Sequence[OperatingPoint],
) -> RecognitionResult:
    """The same without some of the images, and without the pairs that they are in."""
    kept = [pair for pair in pairs if pair.a not in left_out and pair.b not in left_out]
    return measure(acquired.without(left_out), kept, calibration)


def calibrated_points(
    acquired: Acquired, calibration: Sequence[OperatingPoint]
) -> dict[str, ErrorPoint]:
    """FMR and FNMR at the calibration's scores for the rates that are reported."""
    scores = {round(1 / point.fmr): point.score for point in calibration}
    thresholds = {d: scores[d] for d in ONE_IN.values() if d in scores}
    if not thresholds:
        return {}
    points = points_at(acquired.vectors, acquired.persons, thresholds)
    names = [name for name, d in ONE_IN.items() if d in thresholds]
    return dict(zip(names, points, strict=True))


def listed_scores(acquired: Acquired, pairs: Sequence[Pair]) -> Scores:
    """(pairs,) comparison scores; `NO_COMPARISON` if an image was not acquired."""
    rows = {image: row for row, image in enumerate(acquired.images)}
    scores = np.full(len(pairs), NO_COMPARISON)
    for at, pair in enumerate(pairs):
        if pair.a in rows and pair.b in rows:
            scores[at] = acquired.vectors[rows[pair.a]] @ acquired.vectors[rows[pair.b]]
    return scores
