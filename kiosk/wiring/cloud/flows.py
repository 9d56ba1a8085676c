"""The flows that keep the cloud's collections, assembled from settings, home and models."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event

from config.settings import Settings
from kiosk.cloud.collections import CollectionsInForce
from kiosk.cloud.flows.background import SWEEP_SECONDS, CloudBackground
from kiosk.cloud.flows.erasures import ErasureFinder
from kiosk.cloud.flows.gates import FlowGates, GateThresholds
from kiosk.cloud.flows.hooks import CloudRegistrar, ErasureListener, consent_label
from kiosk.cloud.flows.parts import FlowParts, FlowRefusal
from kiosk.cloud.flows.places import FlowPlaces
from kiosk.cloud.flows.service import CloudFlows
from kiosk.cloud.flows.shelf import PictureShelf
from kiosk.cloud.flows.worker import CloudMember, CloudWorker
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.ports import FaceService
from kiosk.domain.access.factors import StepUp
from kiosk.domain.cloud.faces import LEAST_RELEASE, CloudId
from kiosk.domain.cloud.flows import FlowStep
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.errors import ImageError, LintelError
from kiosk.domain.vision.crop import around
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import SubjectId
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, kiosk_id
from kiosk.wiring.cloud.kept import KeptForCloud, kept_for_cloud
from kiosk.wiring.vision import Weights

TABLE_SWEEP_SECONDS = 3600.0
"""Between two looks through a table of the site's, each of which reads all of it."""
TOKEN_BYTES = 12
PAUSE_SECONDS = 0.2
_LOOKS_ALIKE = frozenset({FlowStep.IDENTITY, FlowStep.DUPLICATE})


@dataclass(frozen=True, slots=True)
class CloudRegistering:
    """The flows of one kiosk, with who calls them.

    Attributes:
        ids: makes people's ids.
        flows: them.
        worker: does what is left to do.
        registrar: for the people service.
        background: does it while a kiosk runs.
    """

    ids: CloudIds
    flows: CloudFlows
    worker: CloudWorker
    registrar: CloudRegistrar
    background: CloudBackground


@contextmanager
def cloud_registering(
    settings: Settings,
    open_home: OpenHome,
    loaded: Weights,
    faces: FaceService,
    failed: Callable[[str], None] = lambda _problem: None,
) -> Iterator[CloudRegistering]:
    """The flows of a kiosk; who is erased meanwhile leaves the cloud too.

    Args:
        settings: all settings.
        open_home: people and journal.
        loaded: the models, which find the face of a photograph.
        faces: Rekognition, the one of this process.
        failed: told of an error that is none of this program's.

    Raises: as `kept_for_cloud`.
    """
    with kept_for_cloud(settings, open_home.home) as kept:
        flows = _flows(settings, open_home, kept, faces)
        worker = CloudWorker(flows, EnrolledForCloud(open_home, kept.ids))
        seconds = SWEEP_SECONDS if settings.cloud.metadata == "sqlite" else TABLE_SWEEP_SECONDS
        woken = Event()
        listener = ErasureListener(flows, kept.ids, open_home.references, woken.set)
        open_home.recorder.subscribe(listener.hear, durable=True)
        finds = [ErasureFinder(open_home.home, kept.own, flows, kept.ids, listener.heard).read]
        if not open_home.home.fleet.exists():  # whose people come and go with its scopes
            finds.append(worker.sweep)
        background = CloudBackground(flows, worker, finds, failed, seconds, woken)
        registrar = CloudRegistrar(
            flows, kept.ids, lambda photo: portrait(loaded, photo), woken.set
        )
        try:
            yield CloudRegistering(kept.ids, flows, worker, registrar, background)
        finally:
            registrar.close()


def finish(cloud: CloudRegistering, subject: SubjectId, seconds: float) -> bool:
    """Do what is to be done for a person, where the process ends afterwards.

    Returns:
        True if the cloud knows them by the pictures that were taken.
    """
    ends = time.monotonic() + seconds
    person = cloud.ids.of(subject)
    while cloud.flows.shelf.get(person) is not None and time.monotonic() < ends:
        if not cloud.worker.run_once():
            time.sleep(PAUSE_SECONDS)
    rows = cloud.flows.parts.metadata.of_person(person)
    return cloud.flows.shelf.get(person) is None and any(row.faces for row in rows)


class EnrolledForCloud:
    """The enrolled people, as far as the flows need them; see `CloudPeople`.

    Args:
        open_home: people and journal.
        ids: makes people's ids.
    """

    def __init__(self, open_home: OpenHome, ids: CloudIds) -> None:
        self._open_home, self._ids = open_home, ids

    def members(self) -> Mapping[CloudId, CloudMember]:
        """Everybody whose consent names the cloud."""
        return {
            self._ids.of(it.subject): CloudMember(it.subject, consent_label(it.profile.consent))
            for it in self._open_home.references.people()
            if it.profile.consent.cloud
        }

    def picture(self, subject: SubjectId) -> FacePicture | None:
        """The picture of a person that they agreed is kept."""
        from hardware.camera.still import still_in

        content = self._open_home.references.picture(subject)
        if content is None:
            return None
        with suppress(ImageError):
            pixels = still_in(content)
            return FacePicture(content, pixels.shape[1], pixels.shape[0])
        return None

    def refused(self, subject: SubjectId, refusal: FlowRefusal) -> None:
        """Ask for a second factor who looks like somebody else to the cloud, after all."""
        if refusal.step in _LOOKS_ALIKE:
            PeopleService(self._open_home).step_up(subject, StepUp.LOOKALIKE)


def portrait(loaded: Weights, content: bytes) -> FacePicture | None:
    """The cut of the one face in a photograph's file; None where there is not one."""
    from hardware.camera.still import still_in
    from models.loading import photograph_finder

    try:
        pixels = still_in(content)
    except ImageError:
        return None
    finder = photograph_finder(loaded.pack, loaded.files)
    try:
        faces = finder.find(Frame(pixels, Instant(0.0), 0))
    finally:
        finder.close()
    return face_picture(around(pixels, faces[0].box)) if len(faces) == 1 else None


def face_picture(pixels: Pixels) -> FacePicture:
    """A picture that may be sent, of pixels."""
    from hardware.camera.still import jpeg_of

    return FacePicture(jpeg_of(pixels), pixels.shape[1], pixels.shape[0])


def _flows(
    settings: Settings, open_home: OpenHome, kept: KeptForCloud, faces: FaceService
) -> CloudFlows:
    cloud = settings.cloud

    def subject_of(person: CloudId) -> SubjectId | None:
        try:
            return kept.ids.table(open_home.references.subjects()).get(person)
        except LintelError:
            return None

    parts = FlowParts(
        service=faces,
        metadata=kept.metadata,
        note=open_home.recorder.note,
        subject_of=subject_of,
        now=time.time,
        token=lambda: secrets.token_hex(TOKEN_BYTES),
        owner=kiosk_id(FileKey(open_home.home)),
    )
    records = FactGenerations(kept.metadata)
    recent = CollectionsInForce(faces, records, cloud.collection, time.monotonic)
    places = FlowPlaces(recent, records.read, cloud.collection)
    thresholds = GateThresholds(max(LEAST_RELEASE, cloud.threshold), LEAST_RELEASE)
    gates = FlowGates(faces, thresholds, time.monotonic)
    shelf = PictureShelf(time.monotonic)
    return CloudFlows(parts, places, gates, kept.outboxes, shelf)
