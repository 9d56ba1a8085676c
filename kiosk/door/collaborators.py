"""Collaborators of the access authorizer: whom it asks about people, and who moves the door."""

from __future__ import annotations

from typing import Protocol

from kiosk.domain.access.factors import Factors
from kiosk.domain.access.machine import Reason
from kiosk.domain.door.model import By
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId


class People(Protocol):
    """The people directory: access rules, factors and badges."""

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """The access rules of a person. Raises SubjectUnknown."""
        ...

    def factors_of(self, subject: SubjectId) -> Factors:
        """The factors of a person. Raises SubjectUnknown."""
        ...

    def out_of_date(self, subject: SubjectId) -> bool:
        """True if a person is refused because their fleet was not heard of for too long."""
        ...

    def since(self, subject: SubjectId) -> Instant:
        """When the enrolment of a person became known. Raises SubjectUnknown."""
        ...

    def owner(self, badge: str) -> SubjectId | None:
        """The owner of a valid badge text; None for any other text that a camera may read."""
        ...


class Keeper(Protocol):
    """The door controller; see `kiosk.door.controller`."""

    def release(self, order: ReleaseOrder, by: By) -> Reason | None:
        """None once the door is released; else the reason why not.

        Raises:
            DoorError: the door did not obey.
        """
        ...

    def schedule(self, *, free: bool) -> None:
        """Set the state that the schedule demands from now on."""
        ...
