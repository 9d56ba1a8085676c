"""`kiosk enrol --cloud` with real people, real models, and the peer on the wire (R25 to R27)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evaluation_data import for_enrolment, pack, people
from kiosk_process import Ended, environment, kiosk
from rekognition_peer import PeerInTest, seeing_peer, seen_before

from config.sections.cloud import CloudSettings
from config.settings import Settings
from kiosk.cli.cloud.enrolling import with_name_of
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds, make_key
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.cloud.peer.sight import SeenText
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import SubjectId
from kiosk.people.enrolment import Newcomer
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.weights, pytest.mark.data]

GENERATION = Generation(1, 1, ModelVersion("7.0"))
NAME = ShardedCollections("lintel", GENERATION).names[0]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeerInTest]:
    with seeing_peer(pack(), seen_before(tmp_path_factory)) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, peer: PeerInTest) -> Home:
    home = Home(tmp_path / "home")
    with OpenHome.open(home.path):
        pass
    (home.path / "config.toml").write_text(
        f'[cloud]\nmode = "both-agree"\nregion = "eu-west-1"\nendpoint = "{peer.endpoint}"\n'
    )
    make_key(home.cloud_ids)
    aws = peer.client()
    if NAME in aws.list_collections().get("CollectionIds", []):
        aws.delete_collection(CollectionId=NAME)
    aws.create_collection(CollectionId=NAME)
    with CloudDatabase(home.cloud, CloudIds.read(home.cloud_ids)) as database:
        record = Generations(1, GENERATION, last_number=1)
        assert FactGenerations(SqliteMetadata(database)).replace(Generations(), record)
    return home


def test_somebody_is_enrolled_here_and_there(home: Home, peer: PeerInTest) -> None:
    who, other = people()[:2]
    ended = _enrol(home, peer, who, "--cloud")
    assert ended.code in {0, 1}, ended.err
    assert ended.said["cloud"] is True
    assert "Amazon Rekognition in eu-west-1" in ended.err
    person = CloudIds.read(home.cloud_ids).of(SubjectId(who))
    faces = peer.client().list_faces(CollectionId=NAME, UserId=person)["Faces"]
    assert faces
    assert {face["ExternalImageId"] for face in faces} == {person}
    with OpenHome.open(home.path) as open_home:
        consent = open_home.references.show(SubjectId(who)).profile.consent
        entries = home.journal.read_text()
    assert consent.cloud
    assert "Amazon Rekognition in eu-west-1" in consent.text
    assert "approved" in entries

    ended = _enrol(home, peer, other)
    assert "cloud" not in ended.said
    assert "Matched by this kiosk alone" in ended.err
    held = CloudIds.read(home.cloud_ids).of(SubjectId(other))
    users = peer.client().list_users(CollectionId=NAME)["Users"]
    assert held not in {user["UserId"] for user in users}


def test_without_the_cloud_nobody_can_agree_to_it(tmp_path: Path) -> None:
    home = ("--home", tmp_path / "home")
    person = ("--subject", "s-1", "--consent", "yes", "--cloud")
    kiosk("enrol", tmp_path, *person, *home).refused(2, "matched by the kiosk alone")


def _enrol(home: Home, peer: PeerInTest, who: str, *more: str) -> Ended:
    photographs = for_enrolment(who)[:2]
    person = ("--subject", who, "--consent", "form 3", *more, "--home", home.path, "--json")
    return kiosk("enrol", *photographs, *person, env=environment(**peer.environment))


def test_a_document_is_read_only_where_the_settings_say_so(home: Home, peer: PeerInTest) -> None:
    who = people()[0]
    document = str(for_enrolment(who)[0])
    ended = _enrol(home, peer, who, "--cloud", "--document", document)
    ended.refused(2, "no document read")
    with (home.path / "config.toml").open("a") as settings:
        settings.write('documents = "rekognition"\n')
    _enrol(home, peer, who, "--document", document).refused(2, "who agreed to it")
    assert not peer.server.recording.calls("DetectText")


def test_an_admin_chooses_a_name_that_was_read(
    home: Home, peer: PeerInTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people()[0]
    newcomer = Newcomer(SubjectId(who), Consent("form 3", datetime.now(UTC), cloud=True))
    settings = Settings(
        cloud=CloudSettings(
            mode="both-agree",
            documents="rekognition",
            **peer.settings(),  # type: ignore[arg-type]
        )
    )
    for name, value in peer.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(peer.sight, "read", lambda _picture: [SeenText("ANNA", 99.0)])
    monkeypatch.setattr("typer.prompt", lambda _text, **_more: "1")
    named = with_name_of(settings, home.path, newcomer, for_enrolment(who)[0])
    assert named.given_name == "ANNA"
    assert len(peer.server.recording.calls("DetectText")) == 1
    held = [path for path in home.path.rglob("*") if path.is_file()]
    assert not [path for path in held if b"ANNA" in path.read_bytes()]
