"""The people directory: each person's rules, factors and badge, as read by the door subsystem."""

from __future__ import annotations

from kiosk.domain.access.factors import Factors
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people.badges import Badges
from kiosk.store.people.references import References


class PeopleDirectory:
    """Reads rules, factors and badges; any thread may call it.

    Args:
        references: stores rules and factors.
        badges: finds the owner of a badge.
    """

    def __init__(self, references: References, badges: Badges) -> None:
        self._references = references
        self._badges = badges

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """The access rules of a person. Raises SubjectUnknown or StoreError."""
        return self._references.rules_of(subject)

    def factors_of(self, subject: SubjectId) -> Factors:
        """The factors of a person. Raises SubjectUnknown or StoreError."""
        return self._references.factors_of(subject)

    def owner(self, badge: str) -> SubjectId | None:
        """The owner of a valid badge text. Raises StoreError."""
        return self._badges.holder(badge)
