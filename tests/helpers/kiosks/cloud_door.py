"""A kiosk whose people are in a collection of the loopback peer too, and films in real time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import evaluation_data
from filmed_people import Film, FilmCamera
from real_kiosk import CONSENT, FilmedModels, RealKiosk, Visit
from rekognition_peer import PeerInTest

from config.settings import Settings
from kiosk.app.demonstration.replayed import ShownCamera
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds, make_key
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.cloud.peer.recording import RecordedCall
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.store.home import Home
from kiosk.wiring.cloud.client import cloud_faces

AGREED = replace(CONSENT, cloud=True)
SEARCHES = ("SearchUsersByImage", "SearchFacesByImage")
FREELY = dict.fromkeys((operation.value for operation in Operation), 1000.0)
"""Quotas that hold nobody up."""
SECONDS = 20.0
PHOTOGRAPHS = 2
"""Of each person in the collection."""


def shown(name: str, pictures: Sequence[Pixels], most: int, fps: float = 15.0) -> Film:
    """A film whose frames come when they are due, as those of a camera; again if it is too short.

    It plays no faster than real time, since a service answers in real time; and more slowly on a
    busy machine, so that it decides alike.
    """
    frames = [pictures[at % len(pictures)] for at in range(most)]
    return Film(name, lambda: ShownCamera(FilmCamera(frames, fps)))


class CloudDoor:
    """A door with a home of its own.

    Args:
        home: its folder.
        models: the real ones.
        peer: Rekognition.
        shards: collections.
    """

    def __init__(self, home: Path, models: FilmedModels, peer: PeerInTest, shards: int = 1) -> None:
        self.home, self.peer = home, peer
        self._kiosk = RealKiosk(home, models)
        self._visits = itertools.count()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_key(Home(home).cloud_ids)
        self.ids = CloudIds.read(Home(home).cloud_ids)
        name = f"door-{home.parent.name}"
        self.place = ShardedCollections(name, Generation(1, shards, ModelVersion("7.0")))
        for collection in self.place.names:
            self.service.create_collection(collection, seconds=SECONDS)
        self._put_in_force()

    @property
    def service(self) -> FaceService:
        """The real client."""
        return cloud_faces(self.settings("cloud").cloud, self.home)

    def settings(self, mode: str, when_gone: str = "refuse", **cloud: object) -> Settings:
        """Settings for that peer; what belongs to other sections has the section's name."""
        own_dicts = {"thresholds", "tps"}
        other = {k: v for k, v in cloud.items() if isinstance(v, dict) and k not in own_dicts}
        own = {k: v for k, v in cloud.items() if k not in other}
        price = 1.0 + next(self._visits) / 1e6  # a client of its own for each
        section = self.peer.settings(
            **{"price": price, "tps": FREELY, **own},
            mode=mode,
            when_gone=when_gone,
            collection=self.place.prefix,
        )
        return Settings.model_validate({"cloud": section, **other})

    def write_settings(self) -> None:
        """The file of a kiosk in mode `cloud`, which looks at whoever stays again soon."""
        (self.home / "config.toml").write_text(
            f"""
            [access]
            retry_seconds = 1
            refused_hold_seconds = 1
            [screen]
            fullscreen = false
            [cloud]
            mode = "cloud"
            region = "{self.peer.server.region}"
            endpoint = "{self.peer.endpoint}"
            collection = "{self.place.prefix}"
            """,
            encoding="utf-8",
        )

    def enrol(self, subject: str, templates: Sequence[Template], *, agreed: bool = True) -> None:
        """Enrol somebody at the kiosk; their consent names the cloud or does not."""
        self._kiosk.enrol(subject, templates, AGREED if agreed else CONSENT)

    def index(self, subject: str, photographs_of: str | None = None) -> None:
        """Put somebody into the collection."""
        person = self.ids.of(SubjectId(subject))
        collection, service = self.place.of(person), self.service
        service.create_user(
            collection, person, f"user-{collection}-{subject}"[-64:], seconds=SECONDS
        )
        faces = []
        for path in evaluation_data.for_enrolment(photographs_of or subject)[:PHOTOGRAPHS]:
            found = service.index_face(collection, path.read_bytes(), person, seconds=SECONDS)
            assert found is not None, path
            faces.append(found[0])
        done = service.associate_faces(
            collection, person, faces, f"faces-{collection}-{subject}"[-64:], seconds=SECONDS
        )
        assert len(done) == len(faces)

    def watch(self, settings: Settings, film: Film) -> Visit:
        """Show a film; searches of before are forgotten."""
        self.peer.server.recording.clear()
        return self._kiosk.with_settings(settings).watch(film)

    @property
    def searches(self) -> Sequence[RecordedCall]:
        """The searches of the last film."""
        return self.peer.server.recording.calls(*SEARCHES)

    def _put_in_force(self) -> None:
        with CloudDatabase(Home(self.home).cloud, self.ids) as database:
            records = FactGenerations(SqliteMetadata(database))
            building = Generations().begun(self.place.generation, "test", 0.0)
            assert records.replace(Generations(), building)
            assert records.replace(building, building.switched("test", 0.0))


def outcome(visit: Visit) -> Sequence[str]:
    """Who was let in, and why others were not."""
    granted = [f"{who} let in" for who in visit.admitted]
    return [*granted, *(reason for reason in visit.reasons if reason != "matched")]


def recognised(visit: Visit) -> Mapping[str, object]:
    """What the journal says of the last person who was recognised."""
    told = [e.entry for e in visit.journal if e.entry.event == "recognised"]
    return told[-1].details
