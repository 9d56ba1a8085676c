"""Many people enrolled from real photographs by the command: killed, gone on with, reconciled."""

from __future__ import annotations

import csv
import json
import signal
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from evaluation_data import data, pack
from kiosk_process import Ended, Running, Said, kiosk

from hardware.camera.codec import cv2
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.keyring import Keyring
from kiosk.store.home import now_utc

pytestmark = [pytest.mark.weights, pytest.mark.data]

COLUMNS = ("subject", "given_name", "groups", "valid_from", "valid_until", "consent", "photo")
SCOPE = "harbour"
GOOD = 10
MANY = 2_000
SEEDED = 20
KILLS = 2
LOOKS = 0.02


@dataclass(frozen=True)
class Desk:
    """An admin's desk: a fleet in a folder, their keys, a CSV file, and photographs."""

    folder: Path
    photos: Path

    @property
    def store(self) -> str:
        return f"folder:{self.folder / 'store'}"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def csv(self) -> Path:
        return self.folder / "people.csv"

    @property
    def options(self) -> tuple[str | Path, ...]:
        return ("--store", self.store, "--keys", self.keys, "--json")

    def found(self) -> None:
        assert kiosk("fleet", "init", *self.options).code == 0
        assert kiosk("fleet", "scope", "add", SCOPE, "--door", "front", *self.options).code == 0

    def write(self, rows: Sequence[tuple[str, str]]) -> None:
        """The CSV file: subjects and photographs."""
        with self.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for subject, photo in rows:
                writer.writerow([subject, "Ottilie", "staff", "", "", "form 3", photo])

    def words(self, *more: str | Path) -> tuple[str | Path, ...]:
        place = ("--photos", self.photos, "--scope", SCOPE)
        home = ("--home", self.folder)
        return ("fleet", "import", self.csv, *place, *home, *self.options, *more)

    def bring(self, *more: str | Path, patience: float = 240.0) -> Ended:
        """A whole import; of few photographs by one worker, which alone loads models, once."""
        few = () if {"--resume", "--workers"} & {*more} else ("--workers", "1")
        return kiosk(*self.words(*more, *few), patience=patience)

    def checkpoint(self) -> int:
        """The size of the checkpoint; 0 where there is none."""
        path = self.keys / f"import-{SCOPE}.checkpoint"
        return path.stat().st_size if path.exists() else 0

    def kill(self, size: int, *more: str) -> None:
        """Kill -9 an import once its checkpoint has so many bytes; its workers end with it."""
        with Running(*self.words(*more)) as running:
            while self.checkpoint() < size:
                assert running._child.poll() is None, "it ended before it was killed"
                time.sleep(LOOKS)
            workers = children(running._child.pid)
            assert workers
            running.send(signal.SIGKILL)
            assert running.ended().code == -signal.SIGKILL
        wait_until(lambda: not any(alive(worker) for worker in workers))

    def reconcile(self, said: Said) -> None:
        """The manifest, the report and what is published agree, one to one."""
        manifest = json.loads(self.csv.with_name("people.manifest.json").read_text())
        listed = {e["reference"]: e for e in manifest["photographs"] if "reference" in e}
        admin = FleetAdmin(FolderStore(self.folder / "store"), Keyring(self.keys), now_utc)
        people = list(admin.people(SCOPE))
        there = {r.id: r.subject for person in people for r in person.references}
        assert len(people) == len({person.subject for person in people})
        assert {name: e["subject"] for name, e in listed.items()} == there
        assert said["references"] == len(there)
        assert len(manifest["photographs"]) == said["photographs"] == said["rows"]
        images = {(e["subject"], e["photo"]) for e in said["images"]}
        assert images == {(e["subject"], e["photo"]) for e in manifest["photographs"]}
        assert "Ottilie" not in json.dumps(manifest) + json.dumps(said)

    @property
    def traces(self) -> list[str]:
        return [path.name for path in self.keys.glob("import-*")]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(each) for each in found.split()]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(LOOKS)


def faces() -> list[Path]:
    """One photograph of each person, within the folder of all."""
    images = data("lfw", "images")
    return [min(each.iterdir()).relative_to(images) for each in sorted(images.iterdir())]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A batch of a few people, one of them twice, with a file that is no picture."""
    pack()
    images, photos = data("lfw", "images"), tmp_path / "photos"
    for face in faces()[:GOOD]:
        (photos / face).parent.mkdir(parents=True)
        (photos / face).symlink_to(images / face)
    (photos / "bad.jpg").write_bytes(b"no picture")
    (photos / "unnamed.jpg").write_bytes(b"of nobody")
    desk = Desk(tmp_path, photos)
    desk.found()
    rows = [(f"p-{n:02}", str(face)) for n, face in enumerate(faces()[:GOOD])]
    desk.write([*rows, ("q-01", rows[1][1]), ("q-bad", "bad.jpg")])
    return desk


def test_killed_in_the_middle_and_gone_on_with(desk: Desk) -> None:
    assert desk.bring("--dry-run").said["references"] > GOOD / 2
    assert desk.traces == []
    desk.kill(3_000, "--workers", "2")
    desk.bring().refused(2, "is unfinished", "--resume")
    ended = desk.bring("--resume")
    assert ended.code == 1, ended
    said = ended.said
    assert said["resumed"] > 0
    assert said["resumed"] + said["looked_at"] == GOOD + 2
    assert [e for e in said["duplicates"] if e["where"] == "batch"] == [
        {"subject": "p-01", "other": "q-01", "where": "batch"}
    ]
    reasons = {e["photo"]: e["reason"] for e in said["images"] if e["status"] == "refused"}
    assert reasons["bad.jpg"] == "not_an_image"
    assert (said["duplicate"], said["added"] + said["refused"]) == (2, GOOD)
    desk.reconcile(said)
    assert desk.traces == []
    again = desk.bring().said
    assert (again["added"], again["unchanged"], again["duplicate"]) == (0, said["added"], 2)
    desk.reconcile(again)


def test_the_same_from_an_archive_that_is_not_unpacked(desk: Desk) -> None:
    before = desk.bring("--dry-run").said
    with zipfile.ZipFile(desk.folder / "photos.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(desk.photos.rglob("*.jpg")):
            archive.write(path, str(path.relative_to(desk.photos)))
    packed = Desk(desk.folder, desk.folder / "photos.zip")
    files = {path for path in desk.folder.rglob("*") if "store" not in path.parts}
    said = packed.bring("--workers", "1").said
    assert [(e["photo"], e["status"]) for e in said["images"]] == [
        (e["photo"], e["status"]) for e in before["images"]
    ]
    packed.reconcile(said)
    made = {path for path in desk.folder.rglob("*") if "store" not in path.parts} - files
    assert made == {desk.folder / "people.manifest.json", desk.keys / "reference-ids.key"}


def test_what_is_wrong_is_told_before_the_models_are_loaded(desk: Desk) -> None:
    desk.write([("p-1", "nothing.jpg")])
    desk.bring().refused(2, "people.csv, line 2", "nothing.jpg")
    desk.csv.write_bytes("subject,given_name\nZoë".encode("latin-1"))
    desk.bring().refused(2, "people.csv, line 2", "UTF-8")
    desk.write([("p-1", "bad.jpg")])
    desk.bring("--scope", "nowhere").refused(2, "nowhere")
    for number in (1, 2, 3):
        (desk.keys / f"admin-{number}.key").unlink()
    desk.bring().refused(4, "2 admins have to sign")


# -- many ----------------------------------------------------------------------------------------


def brightened(source: Path, target: Path, by: int) -> None:
    """Another photograph of the same face."""
    pixels = cv2.imread(str(source))
    assert pixels is not None
    assert cv2.imwrite(str(target), cv2.convertScaleAbs(pixels, alpha=1.0, beta=by))


def many(folder: Path) -> tuple[list[tuple[str, str]], set[frozenset[str]]]:
    """2,000 photographs, several of each person in other light; the seeded duplicate pairs."""
    images, rows, pairs = data("lfw", "images"), [], set()
    people = faces()
    for number in range(MANY - SEEDED):
        subject, turn = number % len(people), number // len(people)
        name = f"{subject}-{turn}.jpg"
        brightened(images / people[subject], folder / name, 4 * turn)
        rows.append((f"p-{subject:04}", name))
    for subject in range(0, SEEDED * 5, 5):
        name = f"seeded-{subject}.jpg"
        brightened(images / people[subject], folder / name, -6)
        rows.append((f"q-{subject:04}", name))
        pairs.add(frozenset((f"p-{subject:04}", f"q-{subject:04}")))
    return rows, pairs


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_photographs_killed_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Resumed, none lost or doubled, seeded duplicates all flagged; tells photographs a second."""
    pack()
    desk = Desk(tmp_path, tmp_path / "photos")
    desk.photos.mkdir()
    rows, seeded = many(desk.photos)
    desk.write(rows)
    desk.found()
    for turn in range(KILLS):
        desk.kill(200_000 * (turn + 1), *(("--resume",) if turn else ()))
    ended = desk.bring("--resume", patience=3000.0)
    assert ended.code == 1, ended.err
    said = ended.said
    assert said["resumed"] > 100
    desk.reconcile(said)
    flagged = {frozenset((e["subject"], e["other"])) for e in said["duplicates"]}
    alike = ("accepted", "duplicate_in_batch")
    seen = {e["subject"] for e in said["images"] if e.get("reason", e["status"]) in alike}
    told = {pair for pair in seeded if pair <= seen}
    assert len(told) > SEEDED / 2
    assert told <= flagged
    record_property("photographs_per_second", said["photographs_per_second"])
