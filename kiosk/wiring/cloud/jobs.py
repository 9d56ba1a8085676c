"""What an admin's jobs about the cloud work with, by the settings."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from kiosk.aws.wire import AwsWire
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.cloud.flows.hooks import consent_label
from kiosk.cloud.flows.parts import FlowParts, Notes
from kiosk.cloud.flows.registration import Registering
from kiosk.cloud.flows.withdrawal import CloudWithdrawing
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.jobs.batch import BatchGates
from kiosk.cloud.jobs.building import BuildingParts
from kiosk.cloud.jobs.drift import OLD_SECONDS, DriftRules
from kiosk.cloud.jobs.outcome import IndexEnd
from kiosk.cloud.jobs.placing import PlacingParts
from kiosk.cloud.jobs.reconciling import ReconcilingParts
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.outbox.port import Outbox
from kiosk.domain.cloud.faces import LEAST_FACE_PX, MOST_IMAGE_BYTES, CloudId
from kiosk.domain.cloud.flows import CloudFlow
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import ImageError, StoreKeyError, SubjectUnknown
from kiosk.domain.vision.comparison import mean_references
from kiosk.domain.vision.crop import around
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.template import SubjectId
from kiosk.enrolment.batch.enrolled import EnrolledComparison
from kiosk.enrolment.batch.sources import PhotographSource
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, kiosk_id
from kiosk.wiring.batch.importing import Assessor
from kiosk.wiring.cloud.client import access_of
from kiosk.wiring.cloud.kept import kept_for_cloud
from kiosk.wiring.cloud.shared import shared_faces
from kiosk.wiring.vision import enrolment_policy
from models.packs.manifest import Pack

TOKEN_BYTES = 12


@dataclass(frozen=True)
class CloudAdmin:
    """All that the jobs of one home work with.

    Attributes:
        settings: all settings.
        open_home: people and journal.
        faces: Rekognition.
        ids: makes people's ids.
        metadata: who has which faces.
        outboxes: what is left to do; the kiosk's own first.
        records: which generations of collections there are.
    """

    settings: Settings
    open_home: OpenHome
    faces: RekognitionFaces
    ids: CloudIds
    metadata: Metadata
    outboxes: Sequence[Outbox]
    records: FactGenerations

    @property
    def owner(self) -> str:
        """The id of this kiosk."""
        return kiosk_id(FileKey(self.open_home.home))

    @property
    def building(self) -> BuildingParts:
        """What generations are made with."""
        prefix = self.settings.cloud.collection
        return BuildingParts(self.faces, self.records, self.metadata, prefix, time.time)

    @property
    def flows(self) -> FlowParts:
        """What flows on single people work with."""
        table = self.ids.table(self.open_home.references.subjects())
        return FlowParts(
            service=self.faces,
            metadata=self.metadata,
            note=self.open_home.recorder.note,
            subject_of=table.get,
            now=time.time,
            token=lambda: secrets.token_hex(TOKEN_BYTES),
            owner=self.owner,
        )

    def placing(self, collections: ShardedCollections) -> PlacingParts:
        """What faces are placed with."""
        flows = self.flows

        def note(person: CloudId, faces: int) -> None:
            Notes(flows, CloudFlow.REGISTRATION, person).approved(indexed=faces)

        return PlacingParts(self.faces, self.metadata, collections, self.owner, time.time, note)

    def withdrawing(self) -> CloudWithdrawing:
        """What deletes a person everywhere."""
        return CloudWithdrawing(self.flows, self.settings.cloud.collection)

    def consents(self) -> Mapping[CloudId, str]:
        """Everybody enrolled here whose consent names the cloud, with what rows say of it."""
        return {
            self.ids.of(it.subject): consent_label(it.profile.consent)
            for it in self.open_home.references.people()
            if it.profile.consent.cloud
        }

    def consent_of(self, subject: SubjectId) -> str | IndexEnd:
        """What somebody agreed to, or why nothing of theirs may be sent."""
        try:
            consent = self.open_home.references.show(subject).profile.consent
        except SubjectUnknown:
            return IndexEnd.UNKNOWN
        return consent_label(consent) if consent.cloud else IndexEnd.NO_CONSENT

    # -- comparing -------------------------------------------------------------------------------

    def reconciling(self) -> ReconcilingParts:
        """What collections are compared with."""
        consents = self.consents()
        return ReconcilingParts(
            self.faces,
            self.metadata,
            self.records,
            self.settings.cloud.collection,
            self._rules,
            lambda person: consents.get(person, ""),
            self.owner,
            self._recover,
            time.sleep,
        )

    def _rules(self) -> DriftRules:
        people = self.open_home.references.subjects()
        return DriftRules(
            agreed=set(self.consents()),
            known={self.ids.of(subject) for subject in people},
            alone=self.settings.cloud.metadata == "sqlite"
            and not self.open_home.home.fleet.exists(),
            now=time.time(),
        )

    def _recover(self) -> None:
        """End the flows that stopped long ago."""
        registering, withdrawing = Registering(self.flows), self.withdrawing()
        for row in [*self.metadata.unfinished()]:
            if row.intent is None or time.time() - row.intent.at < OLD_SECONDS:
                continue
            if row.intent.flow is CloudFlow.WITHDRAWAL:
                withdrawing.withdraw(row.person)
            else:
                registering.resume(row)


@contextmanager
def cloud_admin(settings: Settings, place: Path) -> Iterator[CloudAdmin]:
    """Everything open, for one command.

    Raises:
        SettingsError: there is no region, or a service is not offered in it.
        StoreKeyError: the key of people's ids cannot be used.
        StoreError: a database of the home cannot be used.
    """
    faces = shared_faces(settings.cloud, place)
    with kept_for_cloud(settings, Home(place)) as kept, OpenHome.open(place) as open_home:
        outboxes, records = kept.outboxes.all(), FactGenerations(kept.metadata)
        yield CloudAdmin(settings, open_home, faces, kept.ids, kept.metadata, outboxes, records)


def table_of(settings: Settings) -> str | None:
    """The table of DynamoDB that the settings name; None for the kiosk's own database."""
    kind, _, table = settings.cloud.metadata.partition(":")
    return table if kind == "dynamodb" else None


def refuse_new_key(settings: Settings) -> None:
    """Check, before a key of people's ids is made, that the site has none yet.

    Raises:
        StoreKeyError: the site's table names collections, whose ids another key made.
    """
    if (table := table_of(settings)) is None:
        return
    from kiosk.cloud.metadata.dynamodb import DynamoMetadata

    with closing(AwsWire("dynamodb", access_of(settings.cloud, "dynamodb"))) as wire:
        if FactGenerations(DynamoMetadata(wire, table)).read().present:
            raise StoreKeyError(
                f"The table {table} names collections, and this home has no key of people's ids.",
                "Copy cloud-ids.key from another kiosk of the site: a new key would find nobody.",
            )


def made_table(settings: Settings) -> bool | None:
    """Make the table that the settings name; False if it was there, None if they name none."""
    if (table := table_of(settings)) is None:
        return None
    from kiosk.cloud.metadata.dynamodb import DynamoMetadata

    with closing(AwsWire("dynamodb", access_of(settings.cloud, "dynamodb"))) as wire:
        return DynamoMetadata(wire, table).create()


# -- photographs ---------------------------------------------------------------------------------


def batch_gates(
    admin: CloudAdmin, pack: Pack, source: PhotographSource, assess: Assessor
) -> BatchGates:
    """What decides locally about the people and photographs of a batch.

    Raises:
        SpaceMismatch: who is enrolled was enrolled with other models.
    """
    means = mean_references(admin.open_home.references.load(pack.space))
    policy = enrolment_policy(admin.settings, pack, len(means))
    compare = EnrolledComparison(means, policy.same_person_threshold, policy.duplicate_threshold)
    return BatchGates(admin.ids.of, admin.consent_of, assess, compare, cropper(source))


def cropper(source: PhotographSource) -> Callable[[str, str, Box], bytes]:
    """Makes what is sent of photographs: the face with its surroundings, as JPEG."""
    from hardware.camera.still import jpeg_of, still_in

    def crop(name: str, sha256: str, box: Box) -> bytes:
        content = source.content(name)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ImageError(f"{name} is another photograph by now.", "Begin anew with it.")
        pixels = around(still_in(content, name), box)
        if min(pixels.shape[:2]) < LEAST_FACE_PX or min(box.width, box.height) < LEAST_FACE_PX:
            raise ImageError(
                f"The face in {name} is under {LEAST_FACE_PX} pixels wide or high.",
                "Take a larger photograph.",
            )
        picture = jpeg_of(pixels)
        if len(picture) > MOST_IMAGE_BYTES:
            raise ImageError(f"The face in {name} is over 5 MB.", "Make the photograph smaller.")
        return picture

    return crop
