"""Recognition as at the door: means of a few frames against means of a few others.

A presentation is a folder of frames, a person is a folder right below the images' folder: either
the presentation itself, or what holds several of them. The frames of a presentation are taken in
their order, so many for each mean, and every mean is compared with every other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.domain.errors import BadInput
from kiosk.measure.acquisition import Acquired, Failure
from kiosk.measure.comparisons import ErrorPoint, Persons, Vectors, blocks, error_points
from kiosk.measure.rates import Rate
from kiosk.measure.recognition import ONE_IN


@dataclass(frozen=True, slots=True)
class PresentationResult:
    """The result of the measurement.

    Attributes:
        frames: the frames of each mean.
        means: the number of means.
        people: the number of people with at least one mean.
        points: FNMR at each false match rate over all pairs of means.
        lowest_mated: the lowest score of two means of one person.
        highest_non_mated: the highest score of two means of different people.
        failures: images that gave no template, of all images.
        reasons: the number of failures for each reason.
        too_short: the presentations with fewer acceptable frames than a mean takes.
    """

    frames: int
    means: int
    people: int
    points: dict[str, ErrorPoint]
    lowest_mated: float
    highest_non_mated: float
    failures: Rate
    reasons: dict[Failure, int]
    too_short: int

    @property
    def margin(self) -> float:
        """The gap between the scores of one person and those of different people."""
        return self.lowest_mated - self.highest_non_mated


def measure(acquired: Acquired, frames: int) -> PresentationResult:
    """All results over the presentations of a folder.

    Args:
        acquired: templates, with image paths below the folder of images.
        frames: how many of them a mean is taken over, 1 or more.

    Raises:
        BadInput: no presentation has so many frames, or no two means are of one person, or of
            different people.
    """
    found: dict[Path, list[int]] = {}
    for row, image in enumerate(acquired.images):
        found.setdefault(image.parent, []).append(row)
    cut = [(folder, group) for folder, rows in found.items() for group in _groups(rows, frames)]
    if not cut:
        raise BadInput(
            f"No folder holds {frames} pictures of a face that could be compared.",
            "Give a lower number with --frames, or more pictures of each presentation.",
        )
    vectors = _means(acquired.vectors, [group for _, group in cut])
    persons = _persons([folder for folder, _ in cut])
    points = error_points(vectors, persons, tuple(ONE_IN.values()))
    lowest, highest = _extremes(vectors, persons)
    failed = len(acquired.failures)
    return PresentationResult(
        frames=frames,
        means=len(cut),
        people=len(np.unique(persons)),
        points=dict(zip(ONE_IN, points, strict=True)),
        lowest_mated=lowest,
        highest_non_mated=highest,
        failures=Rate(failed, failed + len(acquired.images)),
        reasons=dict(Counter(acquired.failures.values()).most_common()),
        too_short=sum(len(rows) < frames for rows in found.values()),
    )


def _groups(rows: list[int], frames: int) -> Iterator[list[int]]:
    """As many whole groups as there are; the frames left over are not used."""
    for first in range(0, len(rows) - frames + 1, frames):
        yield rows[first : first + frames]


def _means(vectors: Vectors, groups: list[list[int]]) -> Vectors:
    """(groups, dimensions) unit rows."""
    sums = np.stack([vectors[group].sum(axis=0) for group in groups])
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)


def _persons(folders: list[Path]) -> Persons:
    """(folders,) the person index of each: the first folder below that of the images."""
    owners = [folder.parts[:1] for folder in folders]
    index = {owner: at for at, owner in enumerate(dict.fromkeys(owners))}
    return np.array([index[owner] for owner in owners], np.intp)


def _extremes(vectors: Vectors, persons: Persons) -> tuple[float, float]:
    """The lowest mated score, and the highest non-mated one."""
    lowest, highest = np.inf, -np.inf
    for first, scores in blocks(vectors):
        pairs = scores > -np.inf
        same = persons[first : first + len(scores), np.newaxis] == persons[first:]
        lowest = min(lowest, scores.min(where=pairs & same, initial=np.inf))
        highest = max(highest, scores.max(where=pairs & ~same, initial=-np.inf))
    return float(lowest), float(highest)
