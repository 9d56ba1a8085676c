"""Duplicates of a batch: people who resemble each other, or somebody who is enrolled already.

As at the enrolment of one person, their views and the mean of these are compared with the means of
all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.people.batch import DuplicatePair
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import Reference, SubjectId, Template

BLOCK = 512
"""Probes compared at a time: with 20,000 people, 40 MB of scores."""


def duplicate_pairs(
    newcomers: Mapping[SubjectId, Sequence[Template]],
    enrolled: Sequence[Reference],
    threshold: float,
) -> Sequence[DuplicatePair]:
    """The pairs whose comparison score reaches a threshold, each once, in the order of the batch.

    Args:
        newcomers: the accepted templates of each person, at least one.
        enrolled: one reference for each person who is enrolled.
        threshold: the enrolment's duplicate threshold.
    """
    if not newcomers:
        return ()
    means = {subject: mean_template(templates) for subject, templates in newcomers.items()}
    probes = [(s, each) for s, own in newcomers.items() for each in (*own, means[s])]
    owners = [*((s, False) for s in means), *((each.subject, True) for each in enrolled)]
    matrix = np.stack(
        [*(each.vector for each in means.values()), *(e.template.vector for e in enrolled)]
    )
    found: dict[tuple[frozenset[SubjectId], bool], DuplicatePair] = {}
    for probe, row in _close(np.stack([each.vector for _, each in probes]), matrix, threshold):
        subject, (other, known) = probes[probe][0], owners[row]
        if other != subject:
            pair = DuplicatePair(subject, other, known)
            found.setdefault((frozenset((subject, other)), known), pair)
    return tuple(found.values())


def _close(
    probes: NDArray[np.float32],
    matrix: NDArray[np.float32],
    threshold: float,
) -> Iterator[tuple[int, int]]:
    """The rows of probes and matrix whose comparison score reaches the threshold."""
    for start in range(0, len(probes), BLOCK):
        scores = probes[start : start + BLOCK] @ matrix.T
        for probe, row in np.argwhere(scores >= threshold):
            yield start + int(probe), int(row)
