"""Ports that a test can make fail, and the history of what was done through them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from kiosk.domain.access.factors import Factors
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import AuditEntry
from kiosk.domain.door.model import PassageRules
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.errors import DoorError, JournalUnwritable
from kiosk.domain.people.rules import PersonRules, Site
from kiosk.domain.ports import Door
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.collaborators import People
from kiosk.door.subsystem import DoorParts


@dataclass
class Diary:
    """What happened, in order, over all ports."""

    entries: list[tuple[str, object]] = field(default_factory=list)

    def add(self, what: str, detail: object = None) -> None:
        self.entries.append((what, detail))

    @property
    def names(self) -> list[str]:
        return [what for what, _ in self.entries]


@dataclass
class BreakableJournal:
    """Fulfils AuditLog; raises while ``broken``."""

    diary: Diary
    broken: bool = False

    def append(self, entry: AuditEntry) -> None:
        if self.broken:
            raise JournalUnwritable("The journal cannot be written.", "Free the disk.")
        self.diary.add(f"audit {entry.event}", entry.details)


@dataclass
class BreakableDoor:
    """Fulfils Door; raises ``error`` while it is set."""

    diary: Diary
    error: DoorError | None = None
    two_stage: bool = False

    def release(self, order: ReleaseOrder) -> Reason | None:
        self._obey("release", (order.seconds, order.captured_at))
        return None

    def secure(self) -> None:
        self._obey("secure", None)

    def status(self) -> DoorReading:
        if self.error:
            raise self.error
        return DoorReading()

    def close(self) -> None:
        self.diary.add("close")

    def _obey(self, what: str, detail: object) -> None:
        if self.error:
            raise self.error
        self.diary.add(what, detail)


class Everybody:
    """Fulfils People: nothing is agreed on with anybody, and there are no badges."""

    def rules_of(self, subject: SubjectId) -> PersonRules:  # noqa: ARG002 - of anybody
        return PersonRules()

    def out_of_date(self, subject: SubjectId) -> bool:
        del subject
        return False

    def factors_of(self, subject: SubjectId) -> Factors:  # noqa: ARG002 - of anybody
        return Factors()

    def since(self, subject: SubjectId) -> Instant:  # noqa: ARG002 - of anybody
        return Instant(float("-inf"))

    def owner(self, badge: str) -> SubjectId | None:  # noqa: ARG002 - nobody's
        return None


@dataclass
class Shelf:
    """Fulfils Kept, in memory."""

    kept: dict[str, Any] | None = None

    def load(self) -> dict[str, Any] | None:
        return self.kept

    def save(self, presence: dict[str, Any]) -> None:
        self.kept = presence


def door_parts(door: Door, shelf: Shelf | None = None, people: People | None = None) -> DoorParts:
    """The door's end of a kiosk without rules of its own."""
    authorization = AuthorizationPolicy(Site(), PassageRules())
    return DoorParts(door, authorization, people or Everybody(), shelf or Shelf(), UTC)
