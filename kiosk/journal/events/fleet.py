"""The events of a fleet: what this kiosk has taken over from it, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.journal.events.event import JournalEvent


@dataclass(frozen=True, slots=True)
class FleetJoined(JournalEvent):
    """This kiosk made its keys for a fleet, and trusts that fleet's root.

    Attributes:
        device: the fingerprint of its keys.
    """

    name: ClassVar[str] = "fleet_joined"
    device: str

    def sentence(self) -> str:
        """As which device."""
        return f"This kiosk asks to be device {self.device} of a fleet."


@dataclass(frozen=True, slots=True)
class FleetApplied(JournalEvent):
    """What a scope of the fleet says of its people is about to be applied.

    Attributes:
        scope: its name.
        place: of the last statement, in the scope's history.
        put: how many people are new or changed.
        erased: how many are erased; each has an entry of their own.
        outdated: how many changes by devices came too late to count.
    """

    name: ClassVar[str] = "fleet_applied"
    scope: str
    place: int
    put: int
    erased: int
    outdated: int

    def sentence(self) -> str:
        """Of which scope, and how many."""
        return (
            f"From the fleet's scope {self.scope}: {self.put} people new or changed, "
            f"{self.erased} erased."
        )


@dataclass(frozen=True, slots=True)
class FleetScopeLeft(JournalEvent):
    """This kiosk is not in a scope any more: the people of it are about to be erased here.

    Attributes:
        scope: its name.
        people: how many.
    """

    name: ClassVar[str] = "fleet_scope_left"
    scope: str
    people: int

    def sentence(self) -> str:
        """Which scope, and how many people."""
        return f"This kiosk left the fleet's scope {self.scope}: {self.people} people erased here."


@dataclass(frozen=True, slots=True)
class SyncRefused(JournalEvent):
    """What the fleet's store holds was refused.

    Attributes:
        problem: why.
    """

    name: ClassVar[str] = "sync_refused"
    problem: str

    def sentence(self) -> str:
        """Why."""
        return f"What the fleet's store holds was refused. {self.problem}"
