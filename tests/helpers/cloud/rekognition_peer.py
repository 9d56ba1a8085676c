"""The loopback peer for tests: started on a free port, with credentials and its controls.

`peer()` needs no models: pictures are made up with `Faces`, and the peer knows the template of
each by its SHA-256. `seeing_peer()` looks at photographs with the project's models, and remembers
what it saw for the other tests of a run.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shared_by_workers import shared

from hardware.camera.codec import cv2
from kiosk.cloud.peer.account import PeerAccount
from kiosk.cloud.peer.server import RekognitionPeer
from kiosk.cloud.peer.sight import RememberedSight, SeenFace, SeenPicture, Vector
from kiosk.cloud.peer.similarity import SimilarityScale, SimilarityScales
from kiosk.domain.access.policy import Form
from kiosk.fleet.stores.s3_client import service
from kiosk.wiring.cloud.peer import ModelSight, similarity_scales
from kiosk.wiring.vision import Weights
from models.packs.installed import load_manifest

DIMENSIONS = 128
SIDE = 160
SECONDS = (5.0, 5.0)


@functools.cache
def scales() -> SimilarityScales:
    """Of the default pack; needs no weights."""
    return similarity_scales(load_manifest().pack("standard"))


class Faces:
    """Made-up pictures whose templates a sight knows: no two people are alike.

    There are as many people as a template has dimensions.

    Args:
        sight: is told of each picture.
        seed: another one makes other people.
    """

    def __init__(self, sight: RememberedSight, seed: int = 0) -> None:
        self._sight = sight
        self._random = np.random.default_rng(seed)
        self._axes: dict[str, int] = {}
        self._made = 0

    def vector(self, person: str) -> Vector:
        """Somebody's own direction: at right angles to everybody else's."""
        axis = self._axes.setdefault(person, len(self._axes))
        assert axis < DIMENSIONS, "more people than there are directions"
        vector = np.zeros(DIMENSIONS, np.float32)
        vector[axis] = 1.0
        return vector

    def of(self, person: str, *, cosine: float = 1.0, **looks: float) -> bytes:
        """A new JPEG of somebody.

        Args:
            person: who is on it.
            cosine: of its template with the person's own.
            looks: of `SeenFace`, where they differ from a good picture's.
        """
        own = self.vector(person)
        aside = self._random.normal(size=DIMENSIONS)
        aside -= (aside @ own) * own
        aside *= np.sqrt(max(0.0, 1.0 - cosine**2)) / np.linalg.norm(aside)
        return self.picture(seen_face((cosine * own + aside).astype(np.float32), **looks))

    def alike(
        self, person: str, similarity: float, scale: SimilarityScale, **looks: float
    ) -> bytes:
        """A new JPEG that has exactly this similarity with somebody's own direction."""
        return self.of(person, cosine=scale.cosine(similarity), **looks)

    def nobody(self) -> bytes:
        """A picture without a face."""
        return self.picture()

    def picture(self, *faces: SeenFace, side: int = SIDE) -> bytes:
        """A new JPEG with these faces, the largest first."""
        self._made += 1
        content = jpeg(self._random.integers(0, 255, (side, side, 3)).astype(np.uint8))
        self._sight.remember(content, SeenPicture(side, side, faces))
        return content


def jpeg(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """A picture's file."""
    _, content = cv2.imencode(".jpg", pixels)
    return bytes(content)


def seen_face(vector: Vector, **looks: float) -> SeenFace:
    """A well-lit frontal face."""
    good: dict[str, Any] = {
        "box": (0.1, 0.1, 0.8, 0.8),
        "size_px": 120.0,
        "yaw": 0.0,
        "pitch": 0.0,
        "roll": 0.0,
        "sharpness": 60.0,
        "brightness": 60.0,
        "eyes_closed": 0.1,
        "sunglasses": 0.0,
        "mask": 0.0,
        "landmarks": {"eyeLeft": (0.3, 0.4), "eyeRight": (0.7, 0.4), "nose": (0.5, 0.6)},
    }
    return SeenFace(vector=vector, **{**good, **looks})


@dataclass
class PeerClock:
    """This machine's clock on the wall, so many seconds ahead."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class PeerInTest:
    """A peer that answers, and what a test does with it.

    Attributes:
        server: the peer itself: its faults, quotas, recording, keys.
        sight: knows pictures by their SHA-256.
        faces: makes pictures up.
        clock: the peer's, unless the test gave it another.
    """

    server: RekognitionPeer
    sight: RememberedSight
    faces: Faces
    clock: PeerClock

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    @property
    def environment(self) -> dict[str, str]:
        """The credentials for a process, by AWS's names."""
        return {
            "AWS_ACCESS_KEY_ID": self.server.key.access_key,
            "AWS_SECRET_ACCESS_KEY": self.server.key.secret,
        }

    def settings(self, **more: object) -> dict[str, object]:
        """What `CloudSettings` needs to reach it."""
        return {"endpoint": self.endpoint, "region": self.server.region, **more}

    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
        """A real client of boto3 for it, the same each time."""
        return self._client

    @functools.cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
        key = self.server.key
        keys = (key.access_key, key.secret)
        return service("rekognition", self.endpoint, keys, SECONDS, self.server.region)

    def mend(self) -> None:
        """End every fault and quota, and set the clock right."""
        self.server.faults.lift()
        self.server.quotas.lift()
        self.clock.ahead = 0.0

    def scale(self, form: Form = Form.SINGLE, model: str = "7.0") -> SimilarityScale:
        return scales().of(model, form)


@contextmanager
def peer(
    *,
    port: int = 0,
    tps: Mapping[str, float] | None = None,
    keep_pictures: bool = False,
    sight: RememberedSight | None = None,
    **account: Any,  # noqa: ANN401 - see PeerAccount
) -> Iterator[PeerInTest]:
    """A peer that knows the pictures that its `faces` made. Asserts that it did nothing wrong.

    Args:
        port: 0 for a free one.
        tps: quotas.
        keep_pictures: keep pictures in the recording.
        sight: what it sees with; None for one that knows only what it is told.
        account: of `PeerAccount`.
    """
    sight, clock = sight or RememberedSight(None), PeerClock()
    made = PeerAccount(sight, scales(), **{"wall": clock, **account})
    server = RekognitionPeer(made, port=port, tps=tps, keep_pictures=keep_pictures)
    with server:
        yield PeerInTest(server, sight, Faces(sight), clock)
    assert not server.recording.violations, server.recording.violations


@contextmanager
def seeing_peer(
    loaded: Weights,
    seen: Path | None = None,
    **details: Any,  # noqa: ANN401 - see `peer`
) -> Iterator[PeerInTest]:
    """A peer that looks at photographs with the project's models; else as `peer`.

    Args:
        loaded: the pack, see `evaluation_data.pack`.
        seen: keeps what it saw, by the photograph's SHA-256, for further peers; see `seen_before`.
        details: of `peer`.
    """
    models = ModelSight(loaded)
    try:
        with peer(sight=RememberedSight(models, file=seen), **details) as made:
            yield made
    finally:
        models.close()


def seen_before(factory: pytest.TempPathFactory) -> Path:
    """A file in which all peers of a run of tests keep what they saw in photographs."""
    return shared(factory, "peer-seen", Path.touch)
