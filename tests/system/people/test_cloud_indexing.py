"""Real photographs into collections by the command: killed, gone on with, compared (R35, R38, R41).

The peer has seen each cut-out face before, so that its answers cost no time of the models.
"""

from __future__ import annotations

import csv
import hashlib
import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evaluation_data import data, pack
from kiosk_process import Ended, Running, Said, environment, kiosk
from rekognition_peer import PeerInTest, seeing_peer

from hardware.camera.codec import cv2
from hardware.camera.still import jpeg_of, read_still
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.crop import around
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.store.open_home import OpenHome
from models.loading import photograph_finder

pytestmark = [pytest.mark.weights, pytest.mark.data]

COLUMNS = ("subject", "given_name", "groups", "valid_from", "valid_until", "consent", "photo")
FEW, MANY, KILLS = 60, 2_000, 2
QUOTA = 50.0
LOOKS = 0.02
CALLS = ("IndexFaces", "CreateUser", "AssociateFaces", "SearchUsersByImage", "DeleteFaces")
DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Office:
    """A kiosk's home, photographs of people who are enrolled there, and a peer."""

    home: Path
    photos: Path
    peer: PeerInTest
    workers: int
    rows: list[tuple[str, str]] = field(default_factory=list)
    cuts: set[str] = field(default_factory=set)
    """Hashes of the faces, cut out: all that may be sent."""

    @property
    def csv(self) -> Path:
        return self.home.parent / "people.csv"

    @property
    def progress(self) -> Path:
        return self.home / "cloud-index.progress"

    def configure(self, shards: int) -> None:
        tps = ", ".join(f"{name} = {QUOTA}" for name in CALLS)
        self.home.mkdir(mode=0o700)
        (self.home / "config.toml").write_text(
            f'[cloud]\nmode = "cloud"\nregion = "{self.peer.server.region}"\n'
            f'endpoint = "{self.peer.endpoint}"\nshards = {shards}\ntps = {{ {tps} }}\n',
            encoding="utf-8",
        )
        for name in CALLS:
            self.peer.server.quotas.set(name, QUOTA)

    def write(self) -> None:
        with self.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for subject, photo in self.rows:
                writer.writerow([subject, "Ottilie", "staff", "", "", "form 3", photo])

    def words(self, *words: str | Path) -> tuple[str | Path, ...]:
        return ("cloud", *words, "--home", self.home, "--json")

    @property
    def index(self) -> tuple[str | Path, ...]:
        return ("index", self.csv, "--photos", self.photos, "--workers", str(self.workers))

    def run(self, *words: str | Path, patience: float = 240.0) -> Ended:
        env = environment(**self.peer.environment)
        return kiosk(*self.words(*words), env=env, patience=patience)

    def kill(self, placed: int, *more: str) -> None:
        """Kill -9 an indexing once so many people are placed."""
        env = environment(**self.peer.environment)
        with Running(*self.words(*self.index, *more), env=env) as running:
            while self.placed() < placed:
                assert running._child.poll() is None, "it ended before it was killed"
                time.sleep(LOOKS)
            running.send(signal.SIGKILL)
            assert running.ended().code == -signal.SIGKILL

    def placed(self) -> int:
        if not self.progress.exists():
            return 0
        return self.progress.read_bytes().count(b'{"placed":')

    def faces(self) -> dict[str, int]:
        """How many faces there are of each person, by the id in the cloud."""
        found: dict[str, int] = {}
        aws = self.peer.client()
        for name in aws.list_collections()["CollectionIds"]:
            pages = aws.get_paginator("list_faces").paginate(CollectionId=name)
            for face in (it for page in pages for it in page["Faces"]):
                assert face["UserId"] == face["ExternalImageId"]
                found[face["UserId"]] = found.get(face["UserId"], 0) + 1
        return found

    def assert_whole(self, said: Said) -> None:
        """The report, the collections and the metadata agree: none lost, none doubled."""
        indexed = [each for each in said["images"] if each["status"] in ("indexed", "unchanged")]
        faces = self.faces()
        assert sum(faces.values()) == len(indexed)
        assert len(faces) == len({each["subject"] for each in indexed})
        assert {(e["subject"], e["photo"]) for e in said["images"]} == set(self.rows)
        assert self.run("reconcile").said["differences"] == []
        calls = self.peer.server.recording.calls()
        assert {it.sha256 for call in calls for it in call.pictures} <= self.cuts
        assert "Ottilie" not in json.dumps(said)


@contextmanager
def office(
    tmp_path: Path, photographs: Sequence[tuple[str, Path, int]], workers: int = 2
) -> Iterator[Office]:
    """An office with photographs: subject, source, and how much brighter it is made."""
    loaded = pack()
    photos = tmp_path / "photos"
    photos.mkdir()
    finder = photograph_finder(loaded.pack, loaded.files)
    with seeing_peer(loaded) as peer:
        site = Office(tmp_path / "home", photos, peer, workers)
        site.configure(shards=3)
        enrolled: dict[str, list[Template]] = {}
        for number, (subject, source, brighter) in enumerate(photographs):
            name = f"{number}.jpg"
            written(source, photos / name, brighter)
            site.rows.append((subject, name))
            own = enrolled.setdefault(subject, [])
            pixels = read_still(photos / name, 10_000_000)
            for face in finder.find(Frame(pixels, Instant(0.0), 0))[:1]:
                cut = jpeg_of(around(pixels, face.box))
                site.cuts.add(hashlib.sha256(cut).hexdigest())
                seen = peer.sight.look(cut)
                own += [Template(each.vector, loaded.pack.space) for each in seen.faces[:1]]
        with OpenHome.open(site.home) as home:
            for subject, templates in enrolled.items():
                if templates:
                    consent = Consent("the notice", DAY, version="3", cloud=True)
                    home.references.enrol(SubjectId(subject), templates, consent)
        site.write()
        yield site
    finder.close()


def written(source: Path, target: Path, brighter: int) -> None:
    pixels = cv2.imread(str(source))
    assert pixels is not None
    assert cv2.imwrite(str(target), cv2.convertScaleAbs(pixels, alpha=1.0, beta=brighter))


def people() -> list[Path]:
    """One photograph of each person."""
    return [min(each.iterdir()) for each in sorted(data("lfw", "images").iterdir())]


@pytest.mark.long  # quicker: the ends of processes in tests/integration/cloud/jobs
def test_sixty_photographs_killed_twice(tmp_path: Path) -> None:
    faces = people()
    wanted = [(f"p-{number:04}", face, 0) for number, face in enumerate(faces[: FEW - 2])]
    wanted += [("q-0001", faces[1], 4), ("q-0002", faces[2], 4)]
    with office(tmp_path, wanted, workers=1) as site:
        assert site.run("init").said["collections_made"] is True
        for turn in range(KILLS):
            site.kill(8 * (turn + 1), *(("--resume",) if turn else ()))
        said = site.run(*site.index, "--resume").said
        assert said["resumed"] >= 16
        assert said["indexed"] + said["unchanged"] > FEW / 2
        site.assert_whole(said)
        assert not site.progress.exists()
        reasons = {each["subject"]: each.get("reason") for each in said["images"]}
        assert {reasons[s] for s in ("p-0001", "q-0001", "p-0002", "q-0002")} == {
            "already_enrolled"
        }


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_photographs_killed_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    faces = people()
    wanted = [
        (f"p-{number % len(faces):04}", faces[number % len(faces)], 4 * (number // len(faces)))
        for number in range(MANY)
    ]
    with office(tmp_path, wanted) as site:
        assert site.run("init").said["collections_made"] is True
        for turn in range(KILLS):
            site.kill(150 * (turn + 1), *(("--resume",) if turn else ()))
        said = site.run(*site.index, "--resume", patience=3000.0).said
        site.assert_whole(said)
        for name in ("photographs_per_second", "gates_per_second", "held_by"):
            record_property(name, said[name])
