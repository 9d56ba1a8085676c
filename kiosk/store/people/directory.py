"""What is agreed on with whom, and whose badge is whose: what the door asks of the store."""

from __future__ import annotations

from kiosk.domain.access.factors import Factors
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people.badges import Badges
from kiosk.store.people.references import References


class PeopleDirectory:
    """Reads rules, factors and badges; any thread may ask.

    Args:
        references: where rules and factors are kept.
        badges: tells whose a badge is.
    """

    def __init__(self, references: References, badges: Badges) -> None:
        self._references = references
        self._badges = badges

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """What is agreed on with them. Raises SubjectUnknown or StoreError."""
        return self._references.rules_of(subject)

    def factors_of(self, subject: SubjectId) -> Factors:
        """What they have to show. Raises SubjectUnknown or StoreError."""
        return self._references.factors_of(subject)

    def owner(self, badge: str) -> SubjectId | None:
        """Whose valid badge a text is. Raises StoreError."""
        return self._badges.holder(badge)
