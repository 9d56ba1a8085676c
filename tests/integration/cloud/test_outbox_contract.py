"""Every outbox keeps work until it is done: the kiosk's own, and queues of SQS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flow_rig import ANNA, BORIS, IDS
from moto_peer import KEYS, MotoPeer

from kiosk.aws.access import AwsAccess, client
from kiosk.aws.wire import AwsWire
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.outbox.local import LocalOutbox
from kiosk.cloud.outbox.port import (
    LEASE_SECONDS,
    MOST_SECONDS,
    CloudWork,
    Outbox,
    WorkKind,
    backoff,
)
from kiosk.cloud.outbox.sqs import SqsOutbox
from kiosk.domain.cloud.faces import FaceId
from kiosk.domain.errors import CloudRefused, CloudUnavailable

ANNAS, BORIS_S = IDS.of(ANNA), IDS.of(BORIS)
LEAVING = CloudWork(WorkKind.WITHDRAW, ANNAS, (FaceId("f1"),), 12.5)
COMING = CloudWork(WorkKind.REGISTER, BORIS_S, at=13.0)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoPeer]:
    peer = MotoPeer()
    yield peer
    peer.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def local(tmp_path: Path, clock: Clock) -> Iterator[LocalOutbox]:
    with CloudDatabase(tmp_path / "cloud.db", IDS) as database:
        yield LocalOutbox(database, clock)


@pytest.fixture
def queues(tmp_path: Path, moto: MotoPeer) -> Callable[[str], SqsOutbox]:
    access = AwsAccess("eu-west-1", moto.endpoint, keys=KEYS, seconds=(2.0, 10.0))

    def made(kind: str) -> SqsOutbox:
        sqs = client("sqs", access)
        suffix, more = ("", {}) if kind == "sqs" else (".fifo", {"FifoQueue": "true"})
        urls = [
            sqs.create_queue(QueueName=f"{name}-{tmp_path.name}{suffix}", Attributes=more)[
                "QueueUrl"
            ]
            for name in ("work", "dead")
        ]
        sqs.close()
        return SqsOutbox(AwsWire("sqs", access), *urls)

    return made


@pytest.fixture(params=["local", "sqs", "sqs-fifo"])
def outbox(
    request: pytest.FixtureRequest, local: LocalOutbox, queues: Callable[[str], SqsOutbox]
) -> Outbox:
    return local if request.param == "local" else queues(request.param)


def test_work_is_taken_once(outbox: Outbox) -> None:
    outbox.add(LEAVING)
    (taken,) = outbox.take(5)
    assert (taken.work, taken.attempts) == (LEAVING, 0)
    assert not outbox.take(5)
    assert outbox.waiting() == 1
    outbox.done(taken)
    assert outbox.waiting() == 0


def test_dead_letters_are_looked_at_retried_and_dropped(outbox: Outbox) -> None:
    for work in (LEAVING, COMING):
        outbox.add(work)
    for taken in (*outbox.take(5), *outbox.take(5)):
        outbox.bury(taken, "It broke.")
    assert outbox.waiting() == 0
    letters = {it.work: it for it in outbox.dead()}
    assert {*letters} == {LEAVING, COMING}
    assert {it.problem for it in letters.values()} == {"It broke."}
    assert len(outbox.dead()) == 2, "looking takes nothing away"
    assert outbox.retry(letters[LEAVING].ident)
    assert outbox.discard(letters[COMING].ident)
    assert not outbox.dead()
    (again,) = outbox.take(5)
    assert (again.work, again.attempts) == (LEAVING, 0)


@pytest.mark.parametrize("ident", ["", "17", "x' OR 1", "ffffffffffff"])
def test_a_letter_that_there_is_not(outbox: Outbox, ident: str) -> None:
    outbox.add(LEAVING)
    assert not outbox.retry(ident)
    assert not outbox.discard(ident)
    assert outbox.waiting() == 1


def test_a_message_holds_ids_of_the_cloud_only() -> None:
    said = json.loads(LEAVING.encode())
    assert said == {
        "format": 1,
        "kind": "withdraw",
        "person": ANNAS,
        "faces": ["f1"],
        "at": 12.5,
    }
    assert CloudWork.decode(LEAVING.encode()) == LEAVING


# -- the kiosk's own -----------------------------------------------------------------------------


def test_work_waits_for_its_time(local: LocalOutbox, clock: Clock) -> None:
    local.add(LEAVING)
    (taken,) = local.take(5)
    local.later(taken, "No answer.", 30.0)
    clock.now += 29.9
    assert not local.take(5)
    clock.now += 0.2
    (again,) = local.take(5)
    assert (again.attempts, again.problem) == (1, "No answer.")
    assert [it.attempts for it in local.troubled()] == [1]


def test_work_of_somebody_who_died_at_it_is_given_to_others(
    local: LocalOutbox, clock: Clock
) -> None:
    local.add(LEAVING)
    assert local.take(5)
    clock.now += LEASE_SECONDS + 1.0
    assert [it.work for it in local.take(5)] == [LEAVING]


def test_it_survives_the_program(tmp_path: Path, clock: Clock) -> None:
    with CloudDatabase(tmp_path / "one.db", IDS) as database:
        LocalOutbox(database, clock).add(LEAVING)
    with CloudDatabase(tmp_path / "one.db", IDS) as database:
        assert [it.work for it in LocalOutbox(database, clock).take(5)] == [LEAVING]


def test_work_on_one_person_is_done_in_its_order(local: LocalOutbox) -> None:
    coming = CloudWork(WorkKind.REGISTER, ANNAS)
    local.add(LEAVING)
    local.add(coming)
    local.add(COMING)
    first = local.take(5)
    assert {it.work for it in first} == {LEAVING, COMING}
    assert not local.take(5), "whoever leaves has left before they come back"
    local.done(next(it for it in first if it.work == LEAVING))
    assert [it.work for it in local.take(5)] == [coming]


def test_who_leaves_is_not_registered_before(local: LocalOutbox) -> None:
    local.add(CloudWork(WorkKind.REGISTER, ANNAS))
    local.add(LEAVING)
    assert [it.work for it in local.take(5)] == [LEAVING]
    assert local.waiting() == 1


def test_the_same_is_put_in_once(local: LocalOutbox) -> None:
    for _ in range(3):
        local.add(LEAVING)
        local.add(COMING)
    assert local.waiting() == 2
    local.take(5)
    local.add(LEAVING)
    assert local.waiting() == 2, "it is being done"


def test_a_withdrawal_that_waits_has_the_time_of_the_last(local: LocalOutbox, clock: Clock) -> None:
    local.add(LEAVING)
    local.later(local.take(5)[0], "No answer.", 30.0)
    for at in (20.0, 11.0):
        local.add(replace(LEAVING, faces=(FaceId("f2"),), at=at))
    assert not local.take(5), "it waits as long as before"
    clock.now += 31.0
    (taken,) = local.take(5)
    assert taken.work == replace(LEAVING, faces=(FaceId("f1"), FaceId("f2")), at=20.0)
    assert (taken.attempts, local.waiting()) == (1, 1)


def test_who_leaves_again_while_that_is_being_done_leaves_again(local: LocalOutbox) -> None:
    again = replace(LEAVING, at=20.0)
    local.add(LEAVING)
    (taken,) = local.take(5)
    local.add(again)
    local.done(taken)
    (once_more,) = local.take(5)
    assert (once_more.work, once_more.attempts) == (again, 0)
    local.done(once_more)
    assert local.waiting() == 0


def test_who_leaves_again_while_that_fails_has_left_at_the_later_time(
    local: LocalOutbox, clock: Clock
) -> None:
    local.add(LEAVING)
    (taken,) = local.take(5)
    local.add(replace(LEAVING, at=20.0))
    local.later(taken, "No answer.", 30.0)
    clock.now += 31.0
    assert [it.work for it in local.take(5)] == [replace(LEAVING, at=20.0)]


def test_new_pictures_take_the_place_of_a_dead_letter(local: LocalOutbox) -> None:
    local.add(COMING)
    local.bury(local.take(1)[0], "Their pictures are gone.")
    local.add(COMING)
    assert not local.dead()
    assert local.waiting() == 1


def test_waits_grow_and_are_never_the_same() -> None:
    waits = [backoff(5) for _ in range(200)]
    assert len({*waits}) > 190
    assert max(waits) <= 64.0
    assert max(backoff(1000) for _ in range(200)) <= MOST_SECONDS


# -- SQS -----------------------------------------------------------------------------------------


def test_a_message_that_makes_no_sense_is_left_to_the_queue(
    moto: MotoPeer, queues: Callable[[str], SqsOutbox], tmp_path: Path
) -> None:
    outbox = queues("sqs")
    access = AwsAccess("eu-west-1", moto.endpoint, keys=KEYS)
    sqs = client("sqs", access)
    url = sqs.get_queue_url(QueueName=f"work-{tmp_path.name}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"format": 1, "kind": "open the door"}')
    assert not outbox.take(5)
    assert outbox.waiting() == 1
    sqs.close()


def test_a_queue_that_is_not_there_is_refused(moto: MotoPeer) -> None:
    access = AwsAccess("eu-west-1", moto.endpoint, keys=KEYS)
    wire = AwsWire("sqs", access)
    outbox = SqsOutbox(wire, f"{moto.endpoint}/1/none", f"{moto.endpoint}/1/none-either")
    with pytest.raises(CloudRefused, match="does not exist"):
        outbox.add(LEAVING)
    wire.close()


def test_a_queue_that_cannot_be_reached_may_come_back() -> None:
    access = AwsAccess("eu-west-1", "http://127.0.0.1:9", keys=KEYS)
    wire = AwsWire("sqs", access)
    outbox = SqsOutbox(wire, "http://127.0.0.1:9/1/a", "http://127.0.0.1:9/1/b")
    with pytest.raises(CloudUnavailable, match="cannot be used now"):
        outbox.take(5)
    wire.close()
