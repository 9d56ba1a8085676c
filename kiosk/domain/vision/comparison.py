"""Identification: one probe against every reference; the best scores of two different people.

Who is enrolled with several views is compared by their mean: one reference for each person. The
views themselves stay stored.

No threshold is defined here. Scores are cosines, -1 to 1, and higher is closer. The answer is the
same by whatever way it was found: a score is computed in double precision from one reference alone,
and of equal scores the reference that was enrolled first counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import Reference, SpaceId, SubjectId, Template, Vector

Rows = NDArray[np.intp]
"""(rows,) indices of references in a gallery, rising."""

SINGLE_STEP = float(np.finfo(np.float32).eps)
"""The relative distance of neighbouring numbers in single precision."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and the highest comparison score over their references."""

    subject: SubjectId
    score: float


@dataclass(frozen=True, slots=True)
class CandidateList:
    """The best person and the second person, best first; fewer if fewer are enrolled.

    The second is kept because a thin margin is a reason for refusal of its own (R19).
    """

    space: SpaceId
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """Rank one."""
        return self.candidates[0] if self.candidates else None

    @property
    def margin(self) -> float:
        """Best score minus the second person's; infinite if there is no second person."""
        if len(self.candidates) < 2:  # noqa: PLR2004 - a margin takes two people
            return float("inf")
        return self.candidates[0].score - self.candidates[1].score


@dataclass(frozen=True, slots=True, eq=False)
class Shortlisted:
    """The references that are left for one probe.

    Attributes:
        rows: the references that are left.
        bound: no other reference has a score above it; minus infinity if there is no other.
    """

    rows: Rows
    bound: float


class Shortlist(Protocol):
    """A quick way to most of the best references of one gallery, with a bound for the others."""

    def nearest(self, probe: Vector) -> Shortlisted:
        """The references that are left for a probe of the gallery's length."""
        ...


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Gallery:
    """All references of one space, laid out for comparison. Never changed, only replaced.

    Attributes:
        space: the space of every row.
        matrix: (references, dimensions) float32, unit rows.
        owners: (references,) int32, an index into ``subjects``.
        subjects: each enrolled subject once.
    """

    space: SpaceId
    matrix: NDArray[np.float32]
    owners: NDArray[np.int32]
    subjects: tuple[SubjectId, ...]

    @classmethod
    def of(cls, space: SpaceId, references: Sequence[Reference]) -> Gallery:
        """Build a gallery from references.

        Raises:
            SpaceMismatch: a reference belongs to another space (R45), or is of another length.
        """
        for reference in references:
            if reference.template.space != space:
                raise SpaceMismatch(
                    f"Reference {reference.id} is of space {reference.template.space}, "
                    f"the installed models make {space}.",
                    "Enrol its subject again, or install the pack that made it.",
                )
            _same_length(reference.template, references[0].template.vector.size)
        subjects = tuple(dict.fromkeys(reference.subject for reference in references))
        place = {subject: index for index, subject in enumerate(subjects)}
        vectors = [reference.template.vector for reference in references]
        return cls(
            space=space,
            matrix=np.stack(vectors) if vectors else np.empty((0, 0), np.float32),
            owners=np.array([place[reference.subject] for reference in references], np.int32),
            subjects=subjects,
        )

    def with_changes(self, changed: Gallery, subjects: Sequence[SubjectId]) -> Gallery:
        """A gallery of these people, in this order; both galleries have one reference a person.

        Args:
            changed: whoever is in it has the reference from it, everybody else that of this one.
            subjects: who is in it; those who are in neither gallery are left out.

        Raises:
            SpaceMismatch: the two are of different spaces or lengths.
        """
        parts = [each for each in (self, changed) if len(each)] or [self]
        if len({(each.space, each.matrix.shape[1]) for each in parts}) > 1:
            raise SpaceMismatch(
                f"References of spaces {self.space} and {changed.space}, or of two lengths, met.",
                "Enrol the subjects again with the installed models.",
            )
        place = {who: row for row, who in enumerate(self.subjects)}
        place |= {who: len(self) + row for row, who in enumerate(changed.subjects)}
        kept = tuple(who for who in subjects if who in place)
        rows = np.fromiter((place[who] for who in kept), np.intp, len(kept))
        matrix = np.concatenate([each.matrix for each in parts])[rows]
        return Gallery(self.space, matrix, np.arange(len(kept), dtype=np.int32), kept)

    def first(self, most: int) -> Gallery:
        """The people who were enrolled first, where there is one reference a person."""
        if len(self) <= most:
            return self
        return Gallery(self.space, self.matrix[:most], self.owners[:most], self.subjects[:most])

    def __len__(self) -> int:
        return len(self.owners)

    def __repr__(self) -> str:
        return f"Gallery({len(self)} references of {len(self.subjects)} subjects, {self.space!r})"

    def identify(self, probe: Template, shortlist: Shortlist | None = None) -> CandidateList:
        """Compare the probe with every reference.

        Args:
            probe: a template of the gallery's space.
            shortlist: of this very gallery. Its references are enough if nobody else can be the
                best or the second person; otherwise every reference is compared.

        Raises:
            SpaceMismatch: the probe belongs to another space.
        """
        if probe.space != self.space:
            raise SpaceMismatch(
                f"A probe of space {probe.space} met references of space {self.space}.",
                "Use one model pack for enrolment and access.",
            )
        if not len(self):
            return CandidateList(self.space)
        _same_length(probe, self.matrix.shape[1])
        found = self._proven(probe.vector, shortlist.nearest(probe.vector)) if shortlist else ()
        return CandidateList(self.space, found or self._compared(probe.vector))

    def _proven(self, probe: Vector, left: Shortlisted) -> tuple[Candidate, ...]:
        """The best and the second person among few references; nobody if others may come before.

        An equal score of another reference may come before: it may have been enrolled earlier.
        """
        found: list[Candidate] = []
        rows = left.rows
        while rows.size and len(found) < min(2, len(self.subjects)):
            row, score = self._closest(rows, probe)
            found.append(Candidate(self.subjects[self.owners[row]], score))
            rows = rows[self.owners[rows] != self.owners[row]]
        whole = len(found) == min(2, len(self.subjects))
        return tuple(found) if whole and found[-1].score > left.bound else ()

    def _compared(self, probe: Vector) -> tuple[Candidate, ...]:
        """The best and the second person among all references.

        Single precision leaves the few that may be the closest; double precision decides.
        """
        found, scores = [], self.matrix @ probe
        blur = np.float32(2 * len(probe) * SINGLE_STEP)
        for _ in range(min(2, len(self.subjects))):
            row, score = self._closest(np.flatnonzero(scores >= scores.max() - blur), probe)
            found.append(Candidate(self.subjects[self.owners[row]], score))
            scores = np.where(self.owners == self.owners[row], -np.inf, scores)
        return tuple(found)

    def _closest(self, rows: Rows, probe: Vector) -> tuple[int, float]:
        """The closest of these references, the first of equals, and its score."""
        scores = (self.matrix[rows].astype(np.float64) * probe).sum(axis=1)
        place = int(scores.argmax())
        return int(rows[place]), float(scores[place])


def mean_references(views: Iterable[Reference]) -> Sequence[Reference]:
    """One reference for each person: the mean of their views, under the id of the first of them.

    Enrolment has seen to it that the views of one person agree with each other.

    Args:
        views: in the order of enrolment; so are the means.

    Raises:
        SpaceMismatch: the views of a person are of different spaces.
    """
    own: dict[SubjectId, list[Reference]] = {}
    for view in views:
        own.setdefault(view.subject, []).append(view)
    return [_mean(views) for views in own.values()]


def _mean(views: Sequence[Reference]) -> Reference:
    first, *others = views
    if not others:
        return first
    return replace(first, template=mean_template([view.template for view in views]))


def _same_length(template: Template, dimensions: int) -> None:
    if template.vector.size != dimensions:
        raise SpaceMismatch(
            f"Templates of {template.vector.size} and {dimensions} dimensions met in space "
            f"{template.space}.",
            "Enrol the subjects again with the installed models.",
        )
