"""Photographs of a batch compared with the people who are enrolled already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kiosk.domain.people.batch import AssessedPerson
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.vision.template import Reference


class EnrolledComparison:
    """Says which photographs are not of the person, or of somebody else too.

    Args:
        means: a reference for each person who is enrolled.
        same_person: comparison score that a photograph needs with the person's own.
        duplicate: comparison score from which on it is another's.
    """

    def __init__(self, means: Sequence[Reference], same_person: float, duplicate: float) -> None:
        self._rows = {each.subject: row for row, each in enumerate(means)}
        vectors = [each.template.vector for each in means]
        self._matrix = np.stack(vectors) if vectors else np.empty((0, 0), np.float32)
        self._same_person, self._duplicate = same_person, duplicate

    def __call__(self, person: AssessedPerson) -> Mapping[str, str]:
        """The photographs that are refused, and why."""
        if not self._rows:
            return {}
        own, found = self._rows.get(person.subject), {}
        for name, template in person.templates:
            scores = self._matrix @ template.vector
            others = scores if own is None else np.delete(scores, own)
            if own is not None and not scores[own] >= self._same_person:
                found[name] = SampleRefusal.ANOTHER_PERSON.value
            elif others.size and others.max() >= self._duplicate:
                found[name] = SampleRefusal.ALREADY_ENROLLED.value
        return found
