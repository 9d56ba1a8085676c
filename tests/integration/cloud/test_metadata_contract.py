"""Every store of the metadata behaves as the port says: the kiosk's database, and DynamoDB."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from flow_rig import ANNA, IDS
from moto_peer import KEYS, MotoPeer

from kiosk.aws.access import AwsAccess
from kiosk.aws.wire import AwsWire
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.metadata.dynamodb import DynamoMetadata
from kiosk.cloud.metadata.encoding import decode, encode
from kiosk.cloud.metadata.port import NO_FACT, Metadata, MetadataChanged, MetadataFact
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.domain.cloud.faces import CloudId, FaceId, ModelVersion
from kiosk.domain.cloud.flows import CloudFlow, FacesState, FlowIntent, FlowStep, PersonFaces
from kiosk.domain.errors import CloudRefused, CloudUnavailable, StoreError, StoreKeyError

PERSON, OTHER = IDS.of(ANNA), CloudId("f" * 32)
INTENT = FlowIntent(
    CloudFlow.PHOTO_UPDATE, FlowStep.INDEX, "a-token", 2, (FaceId("f3"),), (FaceId("f1"),), at=12.5
)
ROW = PersonFaces(
    PERSON,
    "lintel-g1-0",
    (FaceId("f1"), FaceId("f2")),
    ModelVersion("7.0"),
    "2026-05",
    "kiosk-1",
    OTHER,
    since=11.5,
)


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoPeer]:
    peer = MotoPeer()
    yield peer
    peer.close()


@pytest.fixture(params=["sqlite", "dynamodb"])
def metadata(request: pytest.FixtureRequest, tmp_path: Path, moto: MotoPeer) -> Iterator[Metadata]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            database = stack.enter_context(CloudDatabase(tmp_path / "cloud.db", IDS))
            yield SqliteMetadata(database)
            return
        wire = _wire(moto.endpoint)
        stack.callback(wire.close)
        table = DynamoMetadata(wire, f"table-{tmp_path.name}")
        assert table.create()
        assert not table.create()
        yield table


def _wire(endpoint: str) -> AwsWire:
    access = AwsAccess("eu-west-1", endpoint, keys=KEYS, seconds=(2.0, 10.0))
    return AwsWire("dynamodb", access)


def test_what_was_written_is_read(metadata: Metadata) -> None:
    assert metadata.get(PERSON, "lintel-g1-0") is None
    assert metadata.put(ROW) == replace(ROW, revision=1)
    assert metadata.get(PERSON, "lintel-g1-0") == replace(ROW, revision=1)
    assert metadata.get(PERSON, "lintel-g2-0") is None
    assert metadata.get(OTHER, "lintel-g1-0") is None


def test_a_bare_row_is_read_as_it_is(metadata: Metadata) -> None:
    row = PersonFaces(PERSON, "lintel-g1-0")
    metadata.put(row)
    assert metadata.of_person(PERSON) == [replace(row, revision=1)]


def test_a_row_of_an_older_program_does_not_say_since_when_it_counts() -> None:
    intent = '{"flow":"photo_update","step":"index","token":"t","pictures":1,"added":[],'
    intent += '"removed":[],"undoing":false,"at":12.5}'
    row = decode(PERSON, "lintel-g1-0", 3, f'{{"format":1,"faces":["f1"],"intent":{intent}}}')
    assert row.intent is not None
    assert (row.faces, row.since, row.intent.since) == ((FaceId("f1"),), 0.0, 0.0)
    assert decode(PERSON, "lintel-g1-0", 3, encode(row)) == row


def test_a_row_has_its_intent(metadata: Metadata) -> None:
    kept = metadata.put(replace(ROW, intent=INTENT))
    assert metadata.get(PERSON, ROW.collection) == kept
    assert kept.state is FacesState.UPDATING
    assert [*metadata.unfinished()] == [kept]
    kept = metadata.put(replace(kept, intent=replace(INTENT, adding=True, since=12.25)))
    assert metadata.get(kept.person, kept.collection) == kept
    metadata.put(replace(kept, intent=None))
    assert [*metadata.unfinished()] == []


def test_a_row_is_changed_by_whoever_has_read_it_last(metadata: Metadata) -> None:
    first = metadata.put(ROW)
    second = metadata.put(replace(first, consent="2026-06"))
    assert second.revision == 2
    for stale in (ROW, first):
        with pytest.raises(MetadataChanged):
            metadata.put(replace(stale, consent="2027"))
        with pytest.raises(MetadataChanged):
            metadata.delete(first)
    assert metadata.get(PERSON, ROW.collection) == second


def test_a_row_that_is_gone_cannot_be_changed(metadata: Metadata) -> None:
    kept = metadata.put(ROW)
    metadata.delete(kept)
    metadata.delete(kept)
    with pytest.raises(MetadataChanged):
        metadata.put(kept)
    assert metadata.get(PERSON, ROW.collection) is None
    assert metadata.put(ROW).revision == 1


def test_the_rows_of_a_person_and_of_a_collection(metadata: Metadata) -> None:
    names = ["lintel-g1-0", "lintel-g2-0"]
    for name in names:
        metadata.put(replace(ROW, collection=name))
    metadata.put(replace(ROW, person=OTHER))
    metadata.set_fact("in_force", "{}", NO_FACT)
    assert [row.collection for row in metadata.of_person(PERSON)] == names
    assert {row.person for row in metadata.everybody("lintel-g1-0")} == {PERSON, OTHER}
    assert len([*metadata.everybody()]) == 3


def test_many_rows_are_all_read(metadata: Metadata) -> None:
    people = [CloudId(f"{number:032x}") for number in range(60)]
    big = "x" * 30_000  # a page of DynamoDB ends at 1 MB
    for person in people:
        metadata.put(PersonFaces(person, "lintel-g1-0", consent=big))
    assert {row.person for row in metadata.everybody()} == {*people}


def test_a_fact_is_changed_by_whoever_has_read_it_last(metadata: Metadata) -> None:
    assert metadata.fact("in_force") == NO_FACT
    first = metadata.set_fact("in_force", "one", NO_FACT)
    assert metadata.fact("in_force") == first == MetadataFact("one", 1)
    second = metadata.set_fact("in_force", "two", first)
    for stale in (NO_FACT, first):
        with pytest.raises(MetadataChanged):
            metadata.set_fact("in_force", "three", stale)
    assert metadata.fact("in_force") == second
    assert metadata.fact("another") == NO_FACT


def test_of_many_at_once_one_wins(metadata: Metadata) -> None:
    kept = metadata.put(ROW)

    def change(number: int) -> bool:
        try:
            metadata.put(replace(kept, consent=str(number)))
        except MetadataChanged:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(change, range(8))) == 1


# -- DynamoDB ------------------------------------------------------------------------------------


def test_the_table_holds_ids_of_the_cloud_only(moto: MotoPeer) -> None:
    wire = _wire(moto.endpoint)
    table = DynamoMetadata(wire, "looked-at")
    table.create()
    table.put(replace(ROW, intent=INTENT))
    answer = wire.ask("Scan", {"TableName": "looked-at"}, 5.0)
    said = json.dumps(answer.content["Items"])  # type: ignore[union-attr]
    assert PERSON in said
    assert ANNA not in said
    wire.close()


def test_a_table_that_is_not_there_is_named(moto: MotoPeer) -> None:
    wire = _wire(moto.endpoint)
    with pytest.raises(CloudRefused, match="no table nowhere"):
        DynamoMetadata(wire, "nowhere").get(PERSON, "c")
    wire.close()


def test_a_table_that_cannot_be_reached_may_come_back() -> None:
    wire = _wire("http://127.0.0.1:9")
    with pytest.raises(CloudUnavailable, match="cannot be used now"):
        DynamoMetadata(wire, "far").get(PERSON, "c")
    wire.close()


# -- the kiosk's own database --------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud.db"


def test_it_is_for_its_owner_and_sealed(path: Path) -> None:
    with CloudDatabase(path, IDS) as database:
        SqliteMetadata(database).put(replace(ROW, faces=(FaceId("a-face-of-hers"),)))
        held = b"".join(it.read_bytes() for it in path.parent.iterdir())
        modes = {it.stat().st_mode & 0o777 for it in path.parent.iterdir()}
    assert b"a-face-of-hers" not in held
    assert ANNA.encode() not in held
    assert modes == {0o600}


def test_what_was_changed_or_moved_is_not_believed(path: Path) -> None:
    with CloudDatabase(path, IDS) as database:
        metadata = SqliteMetadata(database)
        first = metadata.put(ROW)
        metadata.put(replace(ROW, person=OTHER))
        metadata.put(replace(first, consent="2027"))
    for change in (
        "UPDATE faces SET revision = 1",
        "UPDATE faces SET content = (SELECT content FROM faces WHERE person LIKE 'f%')",
    ):
        _sql(path, change)
        with CloudDatabase(path, IDS) as database, pytest.raises(StoreError, match="damaged"):
            SqliteMetadata(database).of_person(PERSON)


def test_another_key_opens_nothing(path: Path) -> None:
    CloudDatabase(path, IDS).close()
    with pytest.raises(StoreKeyError, match="another key"):
        CloudDatabase(path, CloudIds(bytes(32)))


def test_a_newer_database_is_left_alone(path: Path) -> None:
    CloudDatabase(path, IDS).close()
    _sql(path, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="version 99"):
        CloudDatabase(path, IDS)


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\x00" + b"x" * 500])
def test_what_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError):
        CloudDatabase(path, IDS)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    _sql(path, "CREATE TABLE facts (a)")
    _sql(path, "PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="not a database of this kiosk"):
        CloudDatabase(path, IDS)


def test_a_link_is_refused(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(StoreError):
        CloudDatabase(path, IDS)
    assert not path.with_name("elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        CloudDatabase(tmp_path / "missing" / "cloud.db", IDS)


def _sql(path: Path, statement: str) -> None:
    rows = sqlite3.connect(path)
    rows.execute(statement)
    rows.commit()
    rows.close()
