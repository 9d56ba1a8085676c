"""Synthetic templates: random unit vectors of no person, to fill galleries for measurements."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SpaceId, SubjectId, Template, Vector
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


def search_milliseconds(searched: Gallery, repetitions: int) -> list[float]:
    """Durations of the kiosk's own exact search, each with a new probe.

    The number of threads is a matter of the process.
    """
    dimensions = searched.matrix.shape[1]
    return [
        _once(searched, row) for row in unit_rows(repetitions, dimensions, seed=len(searched) + 1)
    ]


def _once(searched: Gallery, probe: Vector) -> float:
    template = Template(probe, searched.space)
    started = time.perf_counter()
    searched.identify(template)
    return (time.perf_counter() - started) * 1000
