"""Everybody who is enrolled, as of one moment: references, rules and factors together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.domain.access.factors import Factors
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Reference, SubjectId


@dataclass(frozen=True, slots=True)
class Person:
    """What the door has to know of an enrolled person.

    Attributes:
        rules: their access rules.
        factors: the factors required beside their face.
        since: when this kiosk learned of their enrolment. A face that was seen earlier is not
            theirs: it may be that of somebody who was erased and had the same id.
        of_fleet: True if a fleet manages them.
        cloud: True if their consent names Amazon Rekognition, so that their face may be sent to it.
    """

    rules: PersonRules
    factors: Factors
    since: Instant = Instant(float("-inf"))
    of_fleet: bool = False
    cloud: bool = False


@dataclass(frozen=True, slots=True)
class EnrolledPeople:
    """Everybody, read at once. Never changed, only replaced.

    Attributes:
        generation: grows with every change of the store.
        references: in the order of enrolment.
        people: each person once.
    """

    generation: int
    references: Sequence[Reference]
    people: Mapping[SubjectId, Person]

    def __repr__(self) -> str:
        return f"EnrolledPeople({len(self.people)} people, generation {self.generation})"
