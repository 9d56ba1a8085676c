"""Jobs over the loopback peer by the real client, with made-up photographs that it knows.

The local gates are those of a test: who agreed, and what is wrong with a photograph, is said.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from kiosk.cloud.collections import GenerationRecords
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.jobs.batch import BatchGates, IndexBatch
from kiosk.cloud.jobs.building import BuildingParts, GenerationBuilder
from kiosk.cloud.jobs.indexing import BatchIndexing, JobClock
from kiosk.cloud.jobs.listing import all_listed
from kiosk.cloud.jobs.outcome import IndexEnd, IndexReport
from kiosk.cloud.jobs.placing import PlacingParts
from kiosk.cloud.jobs.progress import JobProgress
from kiosk.cloud.jobs.resembling import ResemblanceSearch
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchPhotograph
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.template import SubjectId
from kiosk.wiring.cloud.client import cloud_faces

PREFIX = "test"
BOX = Box(10.0, 10.0, 60.0, 60.0)
KEY = bytes(range(32))
THRESHOLD = 99.0
FAST = dict.fromkeys(
    (
        "IndexFaces",
        "CreateUser",
        "AssociateFaces",
        "DisassociateFaces",
        "DeleteFaces",
        "DeleteUser",
        "SearchUsersByImage",
        "SearchFacesByImage",
        "ListFaces",
        "ListUsers",
        "CreateCollection",
        "DescribeCollection",
        "DeleteCollection",
        "ListCollections",
    ),
    10_000.0,
)


def pauses(_seconds: float) -> None:
    """Does not wait: nothing here needs it."""


@dataclass
class JobsRig:
    """A peer, the client, the metadata, and people with made-up photographs.

    Attributes:
        peer: answers as Rekognition.
        service: the client.
        metadata: in a file.
        records: which generations there are.
        folder: for files of jobs.
        client: makes another client, as another process has one.
        pictures: by name.
        refusals: why photographs do not pass the gates, by name.
        consents: why nothing of somebody may be sent.
    """

    peer: PeerInTest
    service: FaceService
    metadata: Metadata
    records: GenerationRecords
    folder: Path
    client: Callable[[], FaceService]
    pictures: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    consents: dict[SubjectId, IndexEnd] = field(default_factory=dict)
    ids: CloudIds = field(default_factory=lambda: CloudIds(KEY))
    looked_at: list[SubjectId] = field(default_factory=list)
    now: float = 1_000_000.0
    noted: list[tuple[CloudId, int]] = field(default_factory=list)

    # -- generations -----------------------------------------------------------------------------

    @property
    def building(self) -> BuildingParts:
        return BuildingParts(self.service, self.records, self.metadata, PREFIX, lambda: self.now)

    def builder(self, owner: str = "a") -> GenerationBuilder:
        return GenerationBuilder(self.building, owner)

    def founded(self, shards: int = 2) -> ShardedCollections:
        """A first generation, in force."""
        builder = self.builder()
        collections = builder.begin(shards, None)
        builder.switch()
        return collections

    @property
    def in_force(self) -> ShardedCollections:
        generation = self.records.read().in_force
        assert generation is not None
        return ShardedCollections(PREFIX, generation)

    # -- people ----------------------------------------------------------------------------------

    def person(self, name: str, photographs: int = 1, like: str | None = None) -> BatchPerson:
        """Somebody with photographs, of another's face perhaps."""
        names = tuple(f"{name}-{number}.jpg" for number in range(photographs))
        for each in names:
            self.pictures[each] = self.peer.faces.of(like or name)
        return BatchPerson(SubjectId(name), None, PersonRules(), "form 3", names)

    def id_of(self, name: str) -> CloudId:
        return self.ids.of(SubjectId(name))

    def _consent(self, subject: SubjectId) -> str | IndexEnd:
        return self.consents.get(subject, "form 3")

    def _assess(self, people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        for each in people:
            self.looked_at.append(each.subject)
            photographs = tuple(
                BatchPhotograph(name, self._hash(name), self.refusals.get(name, ""))
                for name in each.photographs
            )
            boxes = tuple((it.name, BOX) for it in photographs if not it.refused)
            yield AssessedPerson(each.subject, photographs, (), boxes)

    def _hash(self, name: str) -> str:
        return hashlib.sha256(self.pictures[name]).hexdigest()

    def _crop(self, name: str, sha256: str, box: Box) -> bytes:
        assert (sha256, box) == (self._hash(name), BOX)
        return self.pictures[name]

    @property
    def gates(self) -> BatchGates:
        return BatchGates(self.ids.of, self._consent, self._assess, lambda _: {}, self._crop)

    # -- jobs ------------------------------------------------------------------------------------

    def index(
        self,
        people: Sequence[BatchPerson],
        *,
        resume: bool = False,
        into: ShardedCollections | None = None,
        workers: int = 4,
        search: bool = True,
    ) -> IndexReport:
        """Fill the collections in force, or others, and search for duplicates."""
        collections = into or self.in_force
        parts = PlacingParts(
            self.service,
            self.metadata,
            collections,
            "kiosk-1",
            lambda: self.now,
            lambda person, faces: self.noted.append((person, faces)),
        )
        job = BatchIndexing(parts, workers, JobClock(time.monotonic, pauses))
        batch = IndexBatch(people, self.gates)
        path = self.folder / "progress"
        with JobProgress(path, {"CSV file": "x"}, resume=resume) as progress:
            report = job.run(batch, progress, lambda _: None)
            if search:
                ResemblanceSearch(parts, THRESHOLD, workers).run(batch, progress, report)
            if report.complete:
                progress.remove()
        return report

    def faces(self) -> Mapping[CloudId, tuple[str, tuple[FaceId, ...]]]:
        """Everybody's faces, and where they lie; asserts that nobody is in two collections."""
        found: dict[CloudId, tuple[str, tuple[FaceId, ...]]] = {}
        for name, listing in all_listed(self.service, self.in_force.names).items():
            assert not listing.foreign
            for person in listing.faces:
                assert person not in found
                found[person] = (name, listing.of(person))
            assert listing.users == set(listing.faces)
        return found

    def assert_agreeing(self) -> None:
        """The collections in force and the metadata agree, one to one."""
        rows = [row for name in self.in_force.names for row in self.metadata.everybody(name)]
        assert all(row.intent is None for row in rows)
        assert {row.person: (row.collection, set(row.faces)) for row in rows} == {
            person: (name, set(faces)) for person, (name, faces) in self.faces().items()
        }


@contextmanager
def jobs_rig(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    search: str = "users",
    tps: Mapping[str, float] = FAST,
    **of_peer: object,
) -> Iterator[JobsRig]:
    """A rig over a peer; see `rekognition_peer.peer`."""
    with peer(**of_peer) as answering:  # type: ignore[arg-type]
        for name, value in answering.environment.items():
            monkeypatch.setenv(name, value)
        settings = CloudSettings.model_validate(
            answering.settings(tps=dict(tps), search=search, collection=PREFIX)
        )

        def client() -> FaceService:
            return cloud_faces(settings, folder)

        with CloudDatabase(folder / "cloud.db", CloudIds(KEY)) as database:
            metadata = SqliteMetadata(database)
            yield JobsRig(
                answering,
                client(),
                metadata,
                FactGenerations(metadata),
                folder,
                client,
            )
