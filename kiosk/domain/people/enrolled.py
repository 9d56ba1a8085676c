"""Everybody who is enrolled, as of one moment: references, rules and factors together.

Whoever reads them again and again opens only those who have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.domain.access.factors import Factors
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery, mean_references
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId


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
    """Everybody, read at once; opened are those alone whom the reader does not know yet.

    Attributes:
        generation: grows with every change of the store.
        versions: of everybody, in the order of enrolment. A person's version is another one after
            each change of what is kept of them, and tells nothing about it.
        references: of those who were opened, in the order of enrolment.
        people: those who were opened, each once.
    """

    generation: int
    versions: Mapping[SubjectId, bytes]
    references: Sequence[Reference]
    people: Mapping[SubjectId, Person]

    def __repr__(self) -> str:
        return f"EnrolledPeople({len(self.versions)} people, generation {self.generation})"


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """What was made of everybody, for the door. Never changed, only replaced.

    Attributes:
        gallery: one reference a person, the mean of theirs, in the order of enrolment.
        people: rules and factors of everybody.
        enrolments: the ids of each person's references.
        versions: of everybody, as the store has told them.
    """

    gallery: Gallery
    people: Mapping[SubjectId, Person]
    enrolments: Mapping[SubjectId, Sequence[ReferenceId]]
    versions: Mapping[SubjectId, bytes]

    def __repr__(self) -> str:
        return f"KnownPeople({len(self.versions)} people)"

    @classmethod
    def nobody(cls, space: SpaceId) -> KnownPeople:
        """Nobody at all."""
        return cls(Gallery.of(space, ()), {}, {}, {})

    def after(self, enrolled: EnrolledPeople) -> KnownPeople:
        """Everybody whom the store has now: who was not opened is as here.

        Raises:
            SpaceMismatch: references of different spaces or lengths met.
        """
        made: dict[SubjectId, list[ReferenceId]] = {}
        for each in enrolled.references:
            made.setdefault(each.subject, []).append(each.id)
        opened, ids = (
            enrolled.people,
            {**self.enrolments, **{who: tuple(it) for who, it in made.items()}},
        )
        kept = [who for who in enrolled.versions if who in made or who not in opened]
        changed = Gallery.of(self.gallery.space, mean_references(enrolled.references))
        people = {who: opened.get(who) or self.people[who] for who in enrolled.versions}
        return KnownPeople(
            self.gallery.with_changes(changed, kept),
            people,
            {who: ids[who] for who in kept if who in ids},
            enrolled.versions,
        )
