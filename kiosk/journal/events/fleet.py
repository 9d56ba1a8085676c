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


@dataclass(frozen=True, slots=True)
class FleetHandedIn(JournalEvent):
    """What happened here is about to be handed in to the fleet.

    Attributes:
        scope: to which of its scopes.
        statement: the number of this device's statement there.
        people: how many people it is about.
        enrolment: True if they enrolled with an invitation; else they took their consent back, or
            were reported.
    """

    name: ClassVar[str] = "fleet_handed_in"
    scope: str
    statement: int
    people: int
    enrolment: bool

    def sentence(self) -> str:
        """To which scope, and of how many people."""
        what = "an enrolment" if self.enrolment else f"{self.people} withdrawals or reports"
        return f"Handed in to the fleet's scope {self.scope}: {what}, statement {self.statement}."


@dataclass(frozen=True, slots=True)
class FleetEnrolmentLost(JournalEvent):
    """Somebody who enrolled here is about to be erased: the fleet does not count it.

    Attributes:
        subject: their id.
    """

    name: ClassVar[str] = "fleet_enrolment_lost"
    subject: str

    def sentence(self) -> str:
        """Who, and why."""
        return (
            f"{self.subject} enrolled here, and the fleet does not count it: the invitation was "
            "used at another kiosk, or revoked."
        )


@dataclass(frozen=True, slots=True)
class FleetOffered(JournalEvent):
    """People whom this kiosk alone knows are about to be offered to the fleet.

    Attributes:
        scope: to which of its scopes.
        people: how many.
    """

    name: ClassVar[str] = "fleet_offered"
    scope: str
    people: int

    def sentence(self) -> str:
        """To which scope, and how many."""
        return f"{self.people} people of this kiosk are offered to the fleet's scope {self.scope}."


@dataclass(frozen=True, slots=True)
class FleetReportsChanged(JournalEvent):
    """What this kiosk reports to its fleet cannot be handed in, or can again.

    Attributes:
        works: which of the two.
        problem: why it cannot.
    """

    name: ClassVar[str] = "fleet_reports"
    works: bool
    problem: str | None = None

    def sentence(self) -> str:
        """Whether it is handed in."""
        if self.works:
            return "What this kiosk reports to its fleet is handed in again."
        return f"What this kiosk reports to its fleet is not handed in. {self.problem}"


@dataclass(frozen=True, slots=True)
class UrgentChannelChanged(JournalEvent):
    """The urgent channel of the fleet works, or does not; the kiosk polls in either case.

    Attributes:
        works: which of the two.
        problem: why it does not.
    """

    name: ClassVar[str] = "urgent_channel"
    works: bool
    problem: str | None = None

    def sentence(self) -> str:
        """Whether this kiosk hears at once that there is something new."""
        if self.works:
            return "This kiosk hears at once when its fleet has something new."
        return f"This kiosk hears of its fleet by polling alone. {self.problem}"
