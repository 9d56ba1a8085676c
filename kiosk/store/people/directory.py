"""The people directory: each person's rules, factors and badge, as read by the door subsystem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.domain.access.factors import Factors, StepUp, WhenStale
from kiosk.domain.people.enrolled import Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people import subjects
from kiosk.store.people.badges import Badges


class PeopleDirectory:
    """Looks people up in the snapshot that faces are compared with.

    Args:
        people: returns everybody, as of now; raises StoreError while the store cannot be read.
        badges: finds the owner of a badge.
        stale: True if their fleet has not been heard of for too long; asked for its people only.
            Raises StoreError if that cannot be told.
        when_stale: what they need then.
    """

    def __init__(
        self,
        people: Callable[[], Mapping[SubjectId, Person]],
        badges: Badges,
        stale: Callable[[], bool] = lambda: False,
        when_stale: WhenStale = WhenStale.SECOND_FACTOR,
    ) -> None:
        self._people = people
        self._badges = badges
        self._stale = stale
        self._when_stale = when_stale

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """The access rules of a person. Raises SubjectUnknown or StoreError."""
        return self._person(subject).rules

    def factors_of(self, subject: SubjectId) -> Factors:
        """The factors of a person; a stale one of a fleet is asked for what they have.

        Raises SubjectUnknown or StoreError.
        """
        person = self._person(subject)
        if person.of_fleet and person.factors.step_up is StepUp.NONE and self._stale():
            return replace(person.factors, step_up=StepUp.STALE)
        return person.factors

    def out_of_date(self, subject: SubjectId) -> bool:
        """True if a person is refused, whatever they show, because their fleet is stale.

        Raises SubjectUnknown or StoreError.
        """
        refuses = self._when_stale is WhenStale.REFUSE
        return refuses and self._person(subject).of_fleet and self._stale()

    def since(self, subject: SubjectId) -> Instant:
        """When the enrolment of a person became known. Raises SubjectUnknown or StoreError."""
        return self._person(subject).since

    def owner(self, badge: str) -> SubjectId | None:
        """The owner of a valid badge text. Raises StoreError."""
        people = self._people()

        def serial_of(subject: SubjectId) -> str | None:
            return people[subject].factors.badge if subject in people else None

        return self._badges.holder(badge, serial_of)

    def _person(self, subject: SubjectId) -> Person:
        people = self._people()
        if subject not in people:
            raise subjects.unknown(subject)
        return people[subject]
