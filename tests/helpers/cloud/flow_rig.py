"""The flows over one service and one home's database, with everything they tell."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.flows.gates import FlowGates, GateThresholds
from kiosk.cloud.flows.parts import FlowParts, FlowRefusal, FlowRequest
from kiosk.cloud.flows.places import FlowPlaces
from kiosk.cloud.flows.service import CloudFlows, Outboxes
from kiosk.cloud.flows.shelf import PictureShelf
from kiosk.cloud.flows.worker import CloudMember, CloudWorker
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.cloud.outbox.local import LocalOutbox
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId, ModelVersion
from kiosk.domain.cloud.flows import FacesState
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudFlowEnded, CloudWorkFailed
from kiosk.journal.events.event import JournalEvent

IDS = CloudIds(bytes(range(32)))
ANNA, BORIS = SubjectId("s-1001"), SubjectId("s-1002")
PLACE = ShardedCollections("lintel", Generation(1, 2, ModelVersion("7.0")))
CONSENT = "2026-05"


@dataclass
class FlowPeople:
    """The enrolled people, as far as the flows need them."""

    consented: dict[SubjectId, str] = field(default_factory=dict)
    kept: dict[SubjectId, FacePicture] = field(default_factory=dict)
    told: list[tuple[SubjectId, FlowRefusal]] = field(default_factory=list)

    def members(self) -> Mapping[CloudId, CloudMember]:
        return {IDS.of(it): CloudMember(it, text) for it, text in self.consented.items()}

    def picture(self, subject: SubjectId) -> FacePicture | None:
        return self.kept.get(subject)

    def refused(self, subject: SubjectId, refusal: FlowRefusal) -> None:
        self.told.append((subject, refusal))


@dataclass
class FlowGenerations:
    """Which generation is in force, as the record says and as a kiosk has last looked."""

    in_force: Generation = PLACE.generation
    looked: Generation = PLACE.generation

    def current(self, *, seconds: float) -> ShardedCollections:
        del seconds
        return ShardedCollections(PLACE.prefix, self.looked)

    def read(self) -> Generations:
        return Generations(1, self.in_force, last_number=self.in_force.number)


class FlowRig:
    """Flows, worker and what they are over.

    Args:
        path: of the database.
        service: Rekognition.
        metadata: instead of that in the database.
        wrap: wraps service and metadata, to break them.
        people: instead of nobody.
        note: is given each event too.
        owner: the kiosk.
    """

    def __init__(
        self,
        path: Path,
        service: FaceService,
        metadata: Metadata | None = None,
        wrap: Callable[[Any], Any] = lambda it: it,
        people: FlowPeople | None = None,
        note: Callable[[JournalEvent], None] = lambda _event: None,
        owner: str = "kiosk-1",
    ) -> None:
        self.now = 1_800_000_000.0
        self.events: list[JournalEvent] = []
        self.service, self._note = service, note
        self.database = CloudDatabase(path, IDS)
        self.metadata = metadata or SqliteMetadata(self.database)
        self.outbox = LocalOutbox(self.database, lambda: self.now)
        self.people = people or FlowPeople()
        parts = FlowParts(
            service=wrap(service),
            metadata=wrap(self.metadata),
            note=self._noted,
            subject_of=lambda person: IDS.table(self.people.consented).get(person),
            now=lambda: self.now,
            token=lambda: secrets.token_hex(8),
            owner=owner,
            pause=lambda _seconds: None,
        )
        gates = FlowGates(parts.service, GateThresholds(), lambda: self.now)
        boxes = Outboxes(self.outbox, self.outbox)
        self.shelf = PictureShelf(lambda: self.now)
        self.generations = FlowGenerations()
        places = FlowPlaces(self.generations, self.generations.read, PLACE.prefix)
        self.flows = CloudFlows(parts, places, gates, boxes, self.shelf)
        self.worker = CloudWorker(self.flows, self.people, lambda _n: 1.0)

    def close(self) -> None:
        self.database.close()

    def _noted(self, event: JournalEvent) -> None:
        self.events.append(event)
        self._note(event)

    def ends(self) -> list[tuple[str, str | None]]:
        """How each flow ended, and why."""
        return [(it.end.value, it.reason) for it in self.events if isinstance(it, CloudFlowEnded)]

    def given_up(self) -> list[str]:
        """The problems of dead letters."""
        failed = [it for it in self.events if isinstance(it, CloudWorkFailed)]
        return [it.problem for it in failed if it.given_up]

    def work(self, rounds: int = 10) -> None:
        """Have everything done that can be done now."""
        for _ in range(rounds):
            self.now += 200.0  # longer than any lease, and than a flow may take
            if not self.worker.run_once() and not self.flows.resume(lambda _e: None):
                return

    def valid(self, subject: SubjectId) -> set[FaceId]:
        """The faces that are valid here; fails unless they are the same there."""
        return valid_set(self.service, self.metadata, IDS.of(subject))


def request(subject: SubjectId, *pictures: FacePicture, passed: bool = False) -> FlowRequest:
    """A request for somebody."""
    return FlowRequest(IDS.of(subject), pictures, CONSENT, passed=passed)


def made(service: FaceService) -> None:
    """Make the collections."""
    for name in PLACE.names:
        service.create_collection(name, seconds=5.0)


def valid_set(service: FaceService, metadata: Metadata, person: CloudId) -> set[FaceId]:
    """A person's valid faces; fails unless what is there is what is kept of it here."""
    rows = metadata.of_person(person)
    assert all(row.state is FacesState.VALID for row in rows), rows
    kept = {row.collection: {*row.faces} for row in rows}
    assert len(kept) <= 1
    for name in PLACE.names:
        every = [it for it in service.faces(name, seconds=5.0) if it.person == person]
        assert {it.face for it in every} == kept.get(name, set())
        assert all(it.user == person for it in every), "each is associated"
        assert (person in service.users(name, seconds=5.0)) is (name in kept)
    return set().union(*kept.values()) if kept else set()
