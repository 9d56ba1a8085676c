"""The loopback peer with the project's own models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings
from kiosk.cloud.peer.quotas import ALL
from kiosk.cloud.peer.sight import SeenFace, SeenPicture, SeenText
from kiosk.cloud.peer.similarity import SimilarityScales
from kiosk.domain.access.policy import Form
from kiosk.domain.enrolment.document import DocumentKind
from kiosk.domain.errors import LibraryMissing
from kiosk.domain.ports import FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.face import Face, Mesh
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.wiring.vision import Weights, verified_weights
from models.packs.manifest import Pack

if TYPE_CHECKING:
    from kiosk.cloud.peer.server import RekognitionPeer

LANDMARKS: Mapping[str, Sequence[int]] = {
    "eyeLeft": (33, 133),
    "eyeRight": (362, 263),
    "nose": (1,),
    "mouthLeft": (61,),
    "mouthRight": (291,),
}
"""Rekognition's landmarks, left and right as the picture shows them, from points of the mesh."""

READ_CONFIDENCE = 99.0
"""Of a line whose check digits are right; a line whose are not is not read at all."""


class ModelSight:
    """The peer's sight, by the models that the kiosk enrols photographs with.

    They are loaded when the first picture comes, and belong to a thread, which ends with `close`.

    Args:
        loaded: the pack.
    """

    def __init__(self, loaded: Weights) -> None:
        self._loaded = loaded
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sight")
        self._stages: tuple[FaceFinder, QualityAssessor, TemplateExtractor] | None = None

    def look(self, picture: bytes) -> SeenPicture:
        """The faces of a JPEG or PNG; ImageError if it is none."""
        return self._thread.submit(self._look, picture).result()

    def read(self, picture: bytes) -> Sequence[SeenText]:
        """The machine-readable zone of a document; no other text is read.

        Nothing where the extra `document` is not installed. ImageError if it is no picture.
        """
        return self._thread.submit(_texts, picture).result()

    def close(self) -> None:
        """Close the models."""
        if self._stages is not None:
            self._thread.submit(self._stages[0].close).result()
        self._thread.shutdown()

    def _look(self, picture: bytes) -> SeenPicture:
        from hardware.camera.still import still_in

        finder, quality, extractor = self._stages = self._stages or self._load()
        frame = Frame(still_in(picture), Instant(0.0), 0)
        found = sorted(finder.find(frame), key=lambda face: -face.box.area)
        faces = tuple(_seen(frame, face, quality, extractor) for face in found)
        return SeenPicture(frame.width, frame.height, faces)

    def _load(self) -> tuple[FaceFinder, QualityAssessor, TemplateExtractor]:
        from models.loading import extractor, photograph_finder, quality_assessor

        pack, files = self._loaded.pack, self._loaded.files
        return photograph_finder(pack, files), quality_assessor(), extractor(pack, files)


@dataclass(frozen=True, slots=True)
class PeerTerms:
    """How a peer is started.

    Attributes:
        port: of 127.0.0.1; 0 for a free one.
        folder: keeps the collections; None for memory only.
        model: version of the face model of new collections.
        tps: calls a second of each operation; None for no quota.
        seconds: that each answer takes at least.
        region: that the peer plays.
    """

    port: int = 0
    folder: Path | None = None
    model: str = "7.0"
    tps: float | None = None
    seconds: float = 0.0
    region: str = "eu-west-1"


@contextmanager
def opened_peer(settings: Settings, home: Path, terms: PeerTerms) -> Iterator[RekognitionPeer]:
    """A peer with the models of the settings, which answers once it is told to serve.

    Raises:
        BadInput: the port is taken, the folder cannot be used, or there is no such face model.
        LibraryMissing: the extra `cloud` is not installed.
        ModelError: the models cannot be used.
        PolicyError: they are not calibrated.
    """
    try:
        from kiosk.cloud.peer.account import PeerAccount
        from kiosk.cloud.peer.server import RekognitionPeer
    except ModuleNotFoundError as error:
        raise LibraryMissing("The loopback peer", error.name, "cloud", for_door=False) from error
    loaded = verified_weights(settings, home)
    with closing(ModelSight(loaded)) as sight:
        account = PeerAccount(
            sight,
            similarity_scales(loaded.pack),
            region=settings.cloud.region or terms.region,
            model=terms.model,
            folder=terms.folder,
        )
        tps = {} if terms.tps is None else {ALL: terms.tps}
        with (
            closing(account),
            closing(RekognitionPeer(account, port=terms.port, tps=tps)) as server,
        ):
            server.faults.slow(terms.seconds)
            yield server


def similarity_scales(pack: Pack) -> SimilarityScales:
    """What a similarity is for a pack's templates."""
    return SimilarityScales(pack.calibration(Form.SINGLE), pack.calibration(Form.MEAN))


def _texts(picture: bytes) -> Sequence[SeenText]:
    from hardware.camera.still import still_in
    from models.document.card import find_cards
    from models.document.zone import can_read, zone_lines

    if not can_read():
        return ()
    frame, today = Frame(still_in(picture), Instant(0.0), 0), datetime.now(UTC).date()
    cards = [card.flat for card in find_cards(frame, tuple(DocumentKind))]
    read = (zone_lines(flat, today) for flat in (*cards, frame.pixels))
    return [SeenText(line, READ_CONFIDENCE) for line in next(filter(None, read), ())]


def _seen(
    frame: Frame, face: Face, quality: QualityAssessor, extractor: TemplateExtractor
) -> SeenFace:
    measures = quality.measure(frame, face)
    box = face.box
    return SeenFace(
        box=(
            box.x / frame.width,
            box.y / frame.height,
            box.width / frame.width,
            box.height / frame.height,
        ),
        size_px=measures.size_px,
        yaw=measures.yaw,
        pitch=measures.pitch,
        roll=measures.roll,
        sharpness=measures.sharpness,
        brightness=measures.brightness,
        eyes_closed=measures.eyes_closed,
        sunglasses=measures.sunglasses,
        mask=measures.mask,
        landmarks={name: _point(face.mesh, at, frame) for name, at in LANDMARKS.items()},
        vector=extractor.extract(frame, face).vector,
    )


def _point(mesh: Mesh, points: Sequence[int], frame: Frame) -> tuple[float, float]:
    """The middle of some points of the mesh, as shares of the picture."""
    x, y = mesh[list(points)].mean(axis=0)
    return float(x) / frame.width, float(y) / frame.height
