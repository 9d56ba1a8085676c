"""Finds in the journal who was erased, by whichever process, and has them deleted in the cloud."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from kiosk.cloud.flows.service import CloudFlows
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.metadata.port import Metadata
from kiosk.domain.cloud.flows import CloudFlow, FlowEnd, FlowStep
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudFlowEnded, CloudFlowStepped
from kiosk.journal.events.enrolling import StepOutcome
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.people import Erased
from kiosk.journal.events.registry import UnknownEvent, event_of
from kiosk.store.home import Home
from kiosk.store.journal.following import written_at
from kiosk.store.journal.verification import latest
from kiosk.store.secrets.keys import FileKey, Purpose

POSITION = "journal"
"""The fact that says up to which entry the journal was read."""

_FIRST = frozenset({FlowStep.CREATE_USER, FlowStep.INDEX})
"""With one of these a flow begins that makes faces."""


class ErasureFinder:
    """Reads the journal on from where it was read to the last time.

    Args:
        home: holds the journal.
        own: facts of this kiosk alone, among them the position.
        flows: the flows.
        ids: makes people's ids in the cloud.
        heard: erasures that need not be read: who, and when.
    """

    def __init__(
        self,
        home: Home,
        own: Metadata,
        flows: CloudFlows,
        ids: CloudIds,
        heard: AbstractSet[tuple[str, datetime]],
    ) -> None:
        self._home, self._own, self._flows, self._ids = home, own, flows, ids
        self._heard = heard

    def read(self) -> int:
        """Have those deleted who were erased since; how many.

        The first time nothing was read before, and nobody was in the cloud.

        Raises:
            JournalTampered, StoreError, CloudUnavailable, CloudRefused: it is read again later.
        """
        before, key = self._own.fact(POSITION), FileKey(self._home).derive(Purpose.JOURNAL_HEAD)
        newest = max((each.number for each in latest(self._home, key, 1)), default=0)
        if before.revision == 0:
            self._own.set_fact(POSITION, str(newest), before)
            return 0
        last = int(before.text)
        fresh = newest - last if newest >= last else newest  # it was begun anew
        if not fresh:
            return 0
        events = [(event_of(it.entry), written_at(it)) for it in latest(self._home, key, fresh)]
        deleted = sum(self._deleted(subject, at) for subject, at in self._gone(events))
        self._own.set_fact(POSITION, str(newest), before)
        return deleted

    def _gone(
        self, events: Iterable[tuple[JournalEvent | UnknownEvent, datetime]]
    ) -> Iterable[tuple[SubjectId, datetime]]:
        """Who was erased when, and not registered anew since; the events are in their order."""
        gone: dict[str, tuple[SubjectId, datetime]] = {}
        begun: set[str] = set()
        for event, at in events:
            match event:
                case Erased(subject=subject, moved=False):
                    person = str(self._ids.of(SubjectId(subject)))
                    begun.discard(person)
                    if (subject, at) not in self._heard:
                        gone[person] = SubjectId(subject), at
                case CloudFlowStepped(outcome=StepOutcome.BEGUN, person=person) if (
                    event.step in _FIRST
                ):
                    begun.add(person)
                case CloudFlowEnded(person=person) if person in begun and _all_new(event):
                    gone.pop(person, None)
        return gone.values()

    def _deleted(self, subject: SubjectId, at: datetime) -> bool:
        person = self._ids.of(subject)
        rows = self._flows.parts.metadata.of_person(person)
        request = self._flows.shelf.get(person)
        if not rows and request is None:
            return False
        self._flows.forget(person, at.timestamp())
        if request is not None:  # if they have enrolled again since, they come after that
            self._flows.want(request)
        return True


def _all_new(ended: CloudFlowEnded) -> bool:
    """True if every face that counts is of this flow; in doubt it is False.

    An update that has deleted nothing has put its faces beside those of before.
    """
    made = ended.flow is CloudFlow.REGISTRATION
    replaced = ended.flow is CloudFlow.PHOTO_UPDATE and ended.deleted > 0
    return ended.end is FlowEnd.APPROVED and (made or replaced)
