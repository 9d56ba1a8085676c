"""Comparison of every image with every other: exact thresholds, in bounded memory.

The threshold for a false match rate of 1 in d is the lowest score that at most 1 in d of all
non-mated comparisons reach. So only the highest scores are kept (one in a hundred), and the mated
comparisons are counted person by person once the thresholds are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import BadInput
from kiosk.measure.rates import RULE_OF_THREE, Rate

Vectors = NDArray[np.float32]
"""(images, dimensions), unit rows."""

Persons = NDArray[np.intp]
"""(images,) the person index of each row."""

Floats = NDArray[np.float32]

ROWS = 256
"""Rows per block: 13,000 images make blocks of 13 MB."""


@dataclass(frozen=True, slots=True)
class ErrorPoint:
    """Both error rates of one-to-one comparison at one threshold.

    Attributes:
        one_in: the requested false match rate, as 1 in this number.
        threshold: the lowest comparison score that is a match.
        false_matches: of the non-mated comparisons (FMR).
        false_non_matches: of the mated comparisons (FNMR).
    """

    one_in: int
    threshold: float
    false_matches: Rate
    false_non_matches: Rate

    @property
    def shown(self) -> bool:
        """True if there were enough comparisons to demonstrate so low a false match rate."""
        return self.false_matches.trials >= RULE_OF_THREE * self.one_in


def error_points(vectors: Vectors, persons: Persons, one_in: Sequence[int]) -> list[ErrorPoint]:
    """FNMR at each false match rate over all pairs of images.

    Args:
        vectors: (images, dimensions) unit rows.
        persons: (images,) the person index of each row.
        one_in: the rates, as 1 in this number.

    Raises:
        BadInput: no two images are of one person, or none of different people.
    """
    mated, non_mated = counts(persons)
    _refuse_lopsided(mated, non_mated)
    highest = Highest(non_mated // min(one_in) + 1)
    for scores in non_mated_scores(vectors, persons, lambda: highest.floor):
        highest.add(scores)
    ranked = highest.ranked()
    thresholds = [_just_above(ranked[non_mated // d]) for d in one_in]
    missed = _reached_by_too_few(vectors, persons, np.array(thresholds, np.float32))
    return [
        ErrorPoint(
            one_in=d,
            threshold=float(threshold),
            false_matches=Rate(int((ranked >= threshold).sum()), non_mated),
            false_non_matches=Rate(int(misses), mated),
        )
        for d, threshold, misses in zip(one_in, thresholds, missed, strict=True)
    ]


def points_at(
    vectors: Vectors, persons: Persons, thresholds: Mapping[int, float]
) -> list[ErrorPoint]:
    """FMR and FNMR over all pairs of images at thresholds that are given.

    Args:
        vectors: (images, dimensions) unit rows.
        persons: (images,) the person index of each row.
        thresholds: at least one, each by the rate that it is for, as 1 in this number.

    Raises:
        BadInput: no two images are of one person, or none of different people.
    """
    mated, non_mated = counts(persons)
    _refuse_lopsided(mated, non_mated)
    at = np.array(list(thresholds.values()), np.float32)
    matched = np.zeros(len(at), np.intp)
    for scores in non_mated_scores(vectors, persons, at.min):
        matched += (scores[:, np.newaxis] >= at).sum(axis=0)
    missed = _reached_by_too_few(vectors, persons, at)
    return [
        ErrorPoint(one_in, threshold, Rate(int(matches), non_mated), Rate(int(misses), mated))
        for (one_in, threshold), matches, misses in zip(
            thresholds.items(), matched, missed, strict=True
        )
    ]


def counts(persons: Persons) -> tuple[int, int]:
    """The numbers of mated and non-mated comparisons, each pair of images once."""
    mated = sum(math.comb(int(n), 2) for n in np.unique(persons, return_counts=True)[1])
    return mated, math.comb(len(persons), 2) - mated


class Highest:
    """The highest numbers of a stream, exact, in memory for twice as many.

    Args:
        count: how many numbers to keep.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._kept: list[Floats] = []
        self._size = 0
        self.floor = np.float32(-np.inf)

    def add(self, numbers: Floats) -> None:
        """Add more numbers of the stream."""
        kept = numbers[numbers >= self.floor]
        self._kept.append(kept)
        self._size += len(kept)
        if self._size > 2 * self._count:
            self._shrink()

    def ranked(self) -> Floats:
        """(count,) or fewer, highest first."""
        self._shrink()
        return np.sort(self._kept[0])[::-1]

    def _shrink(self) -> None:
        pool = np.concatenate(self._kept) if self._kept else np.empty(0, np.float32)
        if len(pool) > self._count:
            pool = np.partition(pool, len(pool) - self._count)[-self._count :]
            self.floor = pool.min()
        self._kept, self._size = [pool], len(pool)


def non_mated_scores(
    vectors: Vectors, persons: Persons, floor: Callable[[], np.float32]
) -> Iterator[Floats]:
    """Scores of pairs of different people, without those below the floor, which may rise."""
    for first, scores in blocks(vectors):
        others = persons[first : first + len(scores), np.newaxis] != persons[first:]
        yield scores[others & (scores >= floor())]


def blocks(vectors: Vectors) -> Iterator[tuple[int, Floats]]:
    """Scores of every pair once, block by block.

    Yields:
        The first row of the block, and (rows, images from that row on) scores; an entry that is not
        a pair, or repeats one, is -inf.
    """
    for first in range(0, len(vectors), ROWS):
        scores = vectors[first : first + ROWS] @ vectors[first:].T
        rows = len(scores)
        scores[:, :rows][np.tril_indices(rows)] = -np.inf
        yield first, scores


def _reached_by_too_few(vectors: Vectors, persons: Persons, thresholds: Floats) -> NDArray[np.intp]:
    """The number of mated comparisons below each threshold."""
    missed = np.zeros(len(thresholds), np.intp)
    order = np.argsort(persons, kind="stable")
    ends = np.flatnonzero(np.diff(persons[order])) + 1
    for own in np.split(order, ends):
        for _, scores in blocks(vectors[own]):
            pairs = scores[scores > -np.inf]
            missed += (pairs[:, np.newaxis] < thresholds).sum(axis=0)
    return missed


def _just_above(score: np.float32) -> np.float32:
    """The lowest threshold that this score does not reach."""
    return np.float32(np.nextafter(score, np.float32(np.inf)))


def _refuse_lopsided(mated: int, non_mated: int) -> None:
    if not mated:
        raise BadInput(
            "No two images could be compared that are of one person.",
            "A person is a folder: put each person's images into a folder of their own.",
        )
    if not non_mated:
        raise BadInput(
            "No two images could be compared that are of different people.",
            "A person is a folder: give the folder that holds the people's folders.",
        )
