"""The registry of the journal's events, by which an entry becomes its event again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.domain.audit import AuditEntry, Value
from kiosk.journal.events import (
    access,
    cloud,
    door,
    enrolling,
    fleet,
    keeping,
    operators,
    people,
    retention,
    rollout,
    running,
)
from kiosk.journal.events.event import JournalEvent, words

SCHEMA = 5
"""The version of all events together; raised with each name or detail that is added."""

EVENTS: tuple[type[JournalEvent], ...] = (
    access.PersonRecognised,
    access.PersonAuthorised,
    access.Decided,
    access.NotReleased,
    access.Noticed,
    access.FactorWrong,
    access.DuressTyped,
    access.PinGuessed,
    access.LockoutChanged,
    door.DoorReleasedForPerson,
    door.DoorReleased,
    door.DoorChanged,
    door.DoorKeyMade,
    operators.OrderAccepted,
    operators.OrderRefused,
    operators.OrdersUnwritten,
    operators.ChannelChanged,
    operators.HelpCalled,
    operators.InstallerActed,
    operators.AdminPinGuessed,
    enrolling.InvitationIssued,
    enrolling.InvitationRevoked,
    enrolling.InvitationRemoved,
    enrolling.InvitationPresented,
    enrolling.InvitationNotCounted,
    enrolling.EnrolmentStepped,
    enrolling.ReferencesReplaced,
    enrolling.ConsentWithdrawn,
    enrolling.EnrolmentSessionNoted,
    enrolling.BadgePresented,
    enrolling.EnrolmentVouched,
    enrolling.FewerDirectionsTaken,
    enrolling.FeedbackNoted,
    people.EnrolmentBegun,
    people.Enrolled,
    people.EnrolmentRefused,
    people.CandidatesListed,
    people.Erased,
    people.ErasureFailed,
    people.RulesChanged,
    people.PinSet,
    people.PinRemoved,
    people.BadgeIssued,
    people.BadgeRevoked,
    people.AdminPinSet,
    people.ChangeFailed,
    retention.ErasureDue,
    retention.ReceiptsKept,
    retention.ErasuresKept,
    retention.JournalShortened,
    retention.RetentionHeld,
    retention.RetentionRan,
    cloud.CloudFlowStepped,
    cloud.CloudFlowEnded,
    cloud.CloudWorkFailed,
    cloud.CloudCircuitChanged,
    cloud.CloudSpendingChanged,
    cloud.CloudCollectionFilling,
    cloud.CloudCompared,
    fleet.FleetJoined,
    fleet.FleetApplied,
    fleet.FleetEnrolmentLost,
    fleet.FleetHandedIn,
    fleet.FleetOffered,
    fleet.FleetScopeLeft,
    fleet.SyncRefused,
    fleet.FleetReportsChanged,
    fleet.UrgentChannelChanged,
    rollout.FleetSettingsFetched,
    rollout.FleetSettingsApplied,
    rollout.FleetSettingsRefused,
    rollout.FleetSettingsLost,
    running.Started,
    running.Stopped,
    running.PartFailed,
    running.PartRecovered,
    running.ScreenFailed,
    running.OutputChanged,
    running.GalleryOutgrown,
    running.GalleryFits,
    keeping.StoreCreated,
    keeping.JournalReported,
    keeping.UnfinishedCut,
    keeping.EntryAdopted,
    keeping.JournalRenewed,
    keeping.AnchorChanged,
    keeping.AnchorAccepted,
    keeping.KeptTied,
    keeping.KeptAccepted,
    keeping.ClockAccepted,
    keeping.KeyRotated,
    keeping.BackupMade,
    keeping.BackupRestored,
    keeping.StoreRebuilt,
)
"""Every class of event. Where several share a name, their details tell them apart."""

_BY_NAME: Mapping[str, tuple[type[JournalEvent], ...]] = {
    name: tuple(kind for kind in EVENTS if kind.name == name) for name in {e.name for e in EVENTS}
}


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """What an entry holds that no class fits: another version, older or newer, wrote it.

    Attributes:
        name: the event's name on disk.
        said: its details there.
    """

    name: str
    said: Mapping[str, Value]

    def details(self) -> dict[str, Value]:
        """The details on disk."""
        return dict(self.said)

    def sentence(self) -> str:
        """The sentence of the class that comes nearest; for an unknown name, the name."""
        kinds = _BY_NAME.get(self.name, ())
        near = next((kind for kind in kinds if _agrees(kind, self.said)), None)
        return near.nearest(self.said).sentence() if near else f"{words(self.name).capitalize()}."


def event_of(entry: AuditEntry) -> JournalEvent | UnknownEvent:
    """The event of an entry; unknown if its name or any detail is not of this version."""
    read = (kind.read(entry.details) for kind in _BY_NAME.get(entry.event, ()))
    known = next((event for event in read if event is not None), None)
    return known or UnknownEvent(entry.event, entry.details)


def _agrees(kind: type[JournalEvent], details: Mapping[str, Value]) -> bool:
    return all(details.get(name, value) == value for name, value in kind.fixed.items())
