"""Synthetic templates: random unit vectors of no person, to fill galleries for measurements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.domain.vision.comparison import Gallery, Shortlist
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.measure.comparisons import Vectors

EACH = 5
"""References per subject."""


def unit_rows(count: int, dimensions: int, seed: int = 1) -> Vectors:
    """(count, dimensions) random unit vectors, the same for the same seed."""
    rows = np.random.default_rng(seed).standard_normal((count, dimensions), np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def gallery(references: int, dimensions: int, space: SpaceId) -> Gallery:
    """A synthetic gallery with `EACH` references per subject."""
    owners = np.arange(references, dtype=np.int32) // EACH
    subjects = tuple(SubjectId(f"nobody-{i}") for i in range(int(owners[-1]) + 1))
    return Gallery(space, unit_rows(references, dimensions), owners, subjects)


def subjects(
    references: int, dimensions: int, space: SpaceId, each: int
) -> Iterator[tuple[SubjectId, list[Template]]]:
    """Synthetic references for a reference store, in subjects with ``each`` references."""
    rows = unit_rows(references, dimensions)
    for number, first in enumerate(range(0, references, each)):
        templates = [Template(row, space) for row in rows[first : first + each]]
        yield SubjectId(f"nobody-{number}"), templates


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Durations of searches in one gallery: milliseconds of the processor.

    On an idle machine they are those of the clock; other work does not lengthen them.

    Attributes:
        kiosk: by the kiosk's own way.
        each: with every reference compared, if the kiosk has an index instead.
    """

    kiosk: Sequence[float]
    each: Sequence[float]


def search_times(
    searched: Gallery, repetitions: int, index_of: Callable[[Gallery], Shortlist | None]
) -> SearchTimes:
    """Time the kiosk's own exact search, each time with a new probe.

    The number of threads is a matter of the process.

    Args:
        searched: the gallery.
        repetitions: the number of probes.
        index_of: returns the index that the kiosk uses, if it does.
    """
    index, kiosk, each = index_of(searched), [], []
    for row in unit_rows(repetitions, searched.matrix.shape[1], seed=len(searched) + 1):
        probe = Template(row, searched.space)
        kiosk.append(_milliseconds(searched, probe, index))
        if index is not None:
            each.append(_milliseconds(searched, probe, None))
    return SearchTimes(kiosk, each)


def _milliseconds(searched: Gallery, probe: Template, index: Shortlist | None) -> float:
    started = time.thread_time()
    searched.identify(probe, index)
    return (time.thread_time() - started) * 1000
