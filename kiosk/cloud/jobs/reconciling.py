"""Collections compared with the metadata, and mended (R60)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kiosk.cloud.collections import GenerationRecords
from kiosk.cloud.jobs.building import check_all
from kiosk.cloud.jobs.drift import Drift, DriftKind, DriftRules, drifts, lasting
from kiosk.cloud.jobs.listing import listed
from kiosk.cloud.jobs.placing import CALL_SECONDS, TOKEN_BYTES, clear
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import PersonFaces
from kiosk.domain.cloud.shards import ShardedCollections, place_of
from kiosk.domain.errors import CloudRefused
from kiosk.domain.remedies import NextStep, Remedy

SETTLE_SECONDS = 5.0
"""Between two readings: what was changed just now is listed by then."""
MOST_UNKNOWN = 0.5
"""If more of the people would be removed, the home or the key is a wrong one."""
FEW = 10
"""So few may be removed whatever their share."""


@dataclass(frozen=True)
class ReconcilingParts:
    """What is compared, and how it is mended.

    Attributes:
        service: Rekognition.
        metadata: of the site.
        records: which generations there are.
        prefix: what the collections' names begin with.
        rules: what is right, as of now.
        consent: what somebody agreed to, as rows say it.
        owner: says in rows who wrote them.
        recover: ends the flows that were left unfinished.
        sleep: waits.
    """

    service: FaceService
    metadata: Metadata
    records: GenerationRecords
    prefix: str
    rules: Callable[[], DriftRules]
    consent: Callable[[CloudId], str]
    owner: str
    recover: Callable[[], None]
    sleep: Callable[[float], None]


@dataclass
class ReconcileReport:
    """What was found, and what was done about it.

    Attributes:
        collections: that were compared.
        faces: in them.
        people: who have rows of them, in whichever generation.
        met: whoever has a row or faces or a user.
        drifts: how they differ.
        mended: how many of these were mended.
        strays: collections with such a name that belong to no generation; they are left alone.
        left: people whose faces are gone: they are to be registered again.
    """

    collections: list[str] = field(default_factory=list)
    faces: int = 0
    people: int = 0
    met: set[CloudId] = field(default_factory=set)
    drifts: Sequence[Drift] = ()
    mended: int = 0
    strays: Sequence[str] = ()
    left: list[CloudId] = field(default_factory=list)


class Reconciling:
    """Compares every collection with the metadata.

    Args:
        parts: what is compared.
    """

    def __init__(self, parts: ReconcilingParts) -> None:
        self._parts = parts

    def run(self, *, repair: bool) -> ReconcileReport:
        """Compare everything; twice if anything differs.

        Args:
            repair: True to mend it.

        Raises:
            CloudRefused: there is nothing to compare, a collection is missing or belongs to
                another model, or mending would remove most of the people.
            CloudUnavailable: no answer in time. It may be tried again.
            StoreError: the kiosk's own database cannot be used.
        """
        present = self._parts.records.read().present
        if not present:
            raise CloudRefused(
                "There are no collections to compare.",
                Remedy("Make them first.", NextStep.MAKE_CLOUD),
            )
        if repair:
            self._parts.recover()
        sets = [ShardedCollections(self._parts.prefix, each) for each in present]
        for each in sets:
            check_all(self._parts.service, each)
        report = ReconcileReport(strays=self._strays(sets))
        found = list(self._compared(sets, report))
        if found:
            self._parts.sleep(SETTLE_SECONDS)
            found = list(lasting(found, list(self._compared(sets, ReconcileReport()))))
        report.drifts = found
        if repair:
            self._refuse_most(report)
            for drift in found:
                report.mended += self._mend(drift, report)
        return report

    def _strays(self, sets: Sequence[ShardedCollections]) -> Sequence[str]:
        ours = {name for each in sets for name in each.names}
        found = self._parts.service.collections(seconds=CALL_SECONDS)
        return [n for n, _ in found if n not in ours and place_of(self._parts.prefix, n)]

    def _compared(
        self, sets: Sequence[ShardedCollections], report: ReconcileReport
    ) -> Iterator[Drift]:
        rules, people = self._parts.rules(), set[CloudId]()
        for each in sets:
            for name in each.names:
                rows = [*self._parts.metadata.everybody(name)]
                listing = listed(self._parts.service, name)
                report.collections.append(name)
                report.faces += listing.count
                people |= {row.person for row in rows}
                report.people = len(people)
                report.met |= {*people, *listing.faces, *listing.users}
                yield from drifts(each, listing, rows, rules)

    def _refuse_most(self, report: ReconcileReport) -> None:
        """Refuse to delete faces of most of the people."""
        gone = {it.person for it in report.drifts if _deletes(it)}
        if len(gone) > max(FEW, MOST_UNKNOWN * len(report.met)):
            raise CloudRefused(
                f"{len(gone):,} of {len(report.met):,} people would be removed, since nobody here"
                " agreed to be in the collections, or their faces have neither a row nor a user.",
                "See whether this is the right home with the site's key of ids, and whether the"
                " metadata is whole; who is to be removed can be erased one by one.",
            )

    # -- mending ---------------------------------------------------------------------------------

    def _mend(self, drift: Drift, report: ReconcileReport) -> bool:
        """Mend a difference; False if it is left for people or for later."""
        person, name = drift.person, drift.collection
        if person is None or drift.kind in (DriftKind.ORPHAN, DriftKind.DOUBLED):
            return self._deleted(name, person, drift.faces)
        row = self._parts.metadata.get(person, name)
        match drift.kind:
            case DriftKind.UNRECORDED:
                self._record(person, name, drift.faces, row)
            case DriftKind.MISSING if row is not None:
                self._forget(row, drift.faces, report)
            case DriftKind.NO_USER if row is not None:
                self._associate(row, drift.faces)
            case DriftKind.NO_CONSENT | DriftKind.WRONG_SHARD | DriftKind.STRAY_USER:
                self._remove(person, name, drift.faces, row)
            case _:
                return False
        return True

    def _deleted(self, name: str, person: CloudId | None, faces: Sequence[FaceId]) -> bool:
        """Delete faces; False if some stay, such as those that are another's user's."""
        service = self._parts.service
        gone = service.delete_faces(name, faces, seconds=CALL_SECONDS)
        left = [face for face in faces if face not in gone]
        if left and person is not None:
            token = secrets.token_hex(TOKEN_BYTES)
            service.disassociate_faces(name, person, left, token, seconds=CALL_SECONDS)
            gone = service.delete_faces(name, left, seconds=CALL_SECONDS)
            left = [face for face in left if face not in gone]
        return not left

    def _record(
        self, person: CloudId, name: str, faces: tuple[FaceId, ...], row: PersonFaces | None
    ) -> None:
        facts = self._parts.service.describe_collection(name, seconds=CALL_SECONDS)
        model = None if facts is None else facts.model
        consent, owner = self._parts.consent(person), self._parts.owner
        made = row or PersonFaces(person, name)
        self._parts.metadata.put(
            replace(made, faces=faces, model=model, consent=consent, owner=owner)
        )

    def _forget(self, row: PersonFaces, faces: Sequence[FaceId], report: ReconcileReport) -> None:
        left = tuple(face for face in row.faces if face not in faces)
        if left:
            self._parts.metadata.put(replace(row, faces=left))
            return
        self._remove(row.person, row.collection, (), row)
        report.left.append(row.person)

    def _associate(self, row: PersonFaces, faces: Sequence[FaceId]) -> None:
        service, token = self._parts.service, secrets.token_hex(TOKEN_BYTES)
        service.create_user(row.collection, row.person, token, seconds=CALL_SECONDS)
        service.associate_faces(
            row.collection, row.person, faces, f"{token}-faces", seconds=CALL_SECONDS
        )

    def _remove(
        self, person: CloudId, name: str, faces: Sequence[FaceId], row: PersonFaces | None
    ) -> None:
        """Leave nothing of somebody in a collection."""
        clear(self._parts.service, name, person, faces)
        if row is not None:
            self._parts.metadata.delete(row)


def _deletes(drift: Drift) -> bool:
    """True if mending it deletes somebody for whom nothing here speaks."""
    if drift.person is None:
        return False
    return drift.kind in (DriftKind.NO_CONSENT, DriftKind.ORPHAN)
