"""Rekognition gone, slow, wrong or out of order: a decision in time, and none by a late answer."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

import evaluation_data
import pytest
from cloud_door import SEARCHES, SECONDS, CloudDoor, outcome, recognised, shown
from cloud_scenes import (
    HE,
    SHE,
    Begins,
    clock_off,
    errors_of,
    no_name,
    others_search,
    pictures,
    room,
    scene,
    searches_fail,
    searches_take,
)
from evaluation_data import FPS
from filmed_people import Film
from real_kiosk import FilmedModels, Visit
from rekognition_peer import PeerInTest

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.access.states import Part
from kiosk.domain.vision.template import Template
from kiosk.pipeline.identification.cloud import MOST_SEARCHES

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.usefixtures("mended")]

References = Mapping[str, Sequence[Template]]
WHOLE, LIMIT, QUOTA = 48, 3.0, 5.0


@pytest.fixture(scope="module")
def door(
    models: FilmedModels,
    peer: PeerInTest,
    references: References,
    tmp_path_factory: pytest.TempPathFactory,
) -> CloudDoor:
    door = CloudDoor(tmp_path_factory.mktemp("faulty") / "home", models, peer, shards=2)
    for person in (SHE, HE):
        door.enrol(person, references[person])
        door.index(person)
    return door


def her(frames: int) -> Film:
    return shown(f"{next(iter(evaluation_data.walks(SHE)))}/None", pictures(SHE), frames)


def decided_after(visit: Visit) -> float:
    """Seconds of the film from the question, which comes with the eleventh frame at the latest."""
    return visit.outcomes[0].decision.at - 10 / FPS


def questions(door: CloudDoor) -> int:
    """How many pictures were sent; an attempt that is repeated sends the same one."""
    return len({search.pictures[0].sha256 for search in door.searches})


GONE = [(PeerFault.BLACK_HOLE, ""), (PeerFault.REFUSED, "ThrottlingException")]
MORE = [
    (PeerFault.REFUSED, "InternalServerError"),
    (PeerFault.REFUSED, "ExpiredTokenException"),
    (PeerFault.LOST, ""),
    (PeerFault.REFUSED, "RequestTimeTooSkewed"),
    (PeerFault.REFUSED, "AccessDeniedException"),
    (PeerFault.REFUSED, "ResourceNotFoundException"),
    (PeerFault.WITHOUT, "FaceModelVersion"),
    (PeerFault.WITHOUT, "UserMatches"),
    (PeerFault.NO_JSON, ""),
    (PeerFault.CLOSED, ""),
    (PeerFault.SHORT, ""),
]


def refused_in_time(door: CloudDoor, peer: PeerInTest, fault: PeerFault, name: str) -> None:
    searches_fail(peer, fault, name=name)
    visit = door.watch(door.settings("cloud"), her(WHOLE))
    assert outcome(visit) == ["not_compared"]
    assert decided_after(visit) < LIMIT
    assert [fault.part for fault in visit.faults] == [Part.MATCHER]
    assert 1 <= questions(door) <= MOST_SEARCHES


@pytest.mark.parametrize(("fault", "name"), GONE)
def test_a_refusal_in_time(door: CloudDoor, peer: PeerInTest, fault: PeerFault, name: str) -> None:
    refused_in_time(door, peer, fault, name)


@pytest.mark.long
@pytest.mark.parametrize(("fault", "name"), MORE)
def test_and_whatever_else_goes_wrong(
    door: CloudDoor, peer: PeerInTest, fault: PeerFault, name: str
) -> None:
    refused_in_time(door, peer, fault, name)


@pytest.mark.long
@pytest.mark.parametrize("mode", ["cloud", "both-agree"])
@pytest.mark.parametrize("when_gone", ["local", "second_factor"])
@pytest.mark.parametrize(("fault", "name"), GONE)
def test_what_is_declared_in_time(
    door: CloudDoor, peer: PeerInTest, mode: str, when_gone: str, fault: PeerFault, name: str
) -> None:
    searches_fail(peer, fault, name=name)
    visit = door.watch(door.settings(mode, when_gone), her(WHOLE))
    assert outcome(visit) == ([f"{SHE} let in"] if when_gone == "local" else ["not_compared"])
    assert recognised(visit)["span_seconds"] < LIMIT


def test_the_kiosks_own_matcher_stands_in_where_that_is_declared(
    door: CloudDoor, peer: PeerInTest
) -> None:
    searches_fail(peer, PeerFault.REFUSED)
    visit = door.watch(door.settings("cloud", "local"), her(WHOLE))
    assert outcome(visit) == [f"{SHE} let in"]
    told = recognised(visit)
    assert "space" not in told
    assert told["decision_threshold"] < 1.0


@pytest.mark.long
def test_whoever_has_no_second_factor_is_refused_where_one_is_declared(
    door: CloudDoor, peer: PeerInTest
) -> None:
    searches_fail(peer, PeerFault.REFUSED)
    visit = door.watch(door.settings("cloud", "second_factor"), her(WHOLE))
    assert outcome(visit) == ["not_compared"]
    assert recognised(visit)["stood_in"] is True


def test_the_spending_limit_is_as_good_as_a_service_that_is_gone(door: CloudDoor) -> None:
    visit = door.watch(door.settings("cloud", monthly_limit=0.0), her(24))
    assert outcome(visit) == ["not_compared"]
    assert "monthly" in visit.faults[0].detail
    assert questions(door) == 0


@pytest.mark.long
def test_nobody_answers_at_that_address(door: CloudDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = door.settings("cloud", endpoint=f"http://127.0.0.1:{port}")
    visit = door.watch(settings, her(WHOLE))
    assert outcome(visit) == ["not_compared"]
    assert decided_after(visit) < LIMIT


def test_an_answer_about_a_person_who_has_left_lets_nobody_in(
    door: CloudDoor, peer: PeerInTest
) -> None:
    searches_take(peer, 1.5)  # far longer than she stays after the question, on a slow machine too
    visit = door.watch(door.settings("cloud"), scene("she leaves", pictures(SHE)[:12], room(40)))
    assert visit.admitted == []
    assert questions(door) == 1


def test_whoever_comes_into_their_place_is_asked_about_anew(
    door: CloudDoor, peer: PeerInTest
) -> None:
    """He is asked about, and his answer comes after hers: she is let in, and he is not."""
    for search in SEARCHES:
        peer.server.faults.add(FaultRule(PeerFault.AFTER_NEXT, search, times=1, value=SECONDS))
    settings = door.settings("cloud")
    visit = door.watch(settings, scene("she follows", pictures(HE)[:12], pictures(SHE)[:36]))
    assert visit.admitted == [SHE]
    assert questions(door) == 2


@pytest.mark.long
def test_answers_that_are_400_ms_slower_let_in_all_the_same(
    door: CloudDoor, peer: PeerInTest
) -> None:
    peer.server.faults.slow(0.4)
    visit = door.watch(door.settings("cloud"), her(WHOLE))
    assert outcome(visit) == [f"{SHE} let in"]
    assert decided_after(visit) < LIMIT
    assert questions(door) == 1


@pytest.mark.long
def test_an_answer_that_comes_too_late_lets_nobody_in(door: CloudDoor, peer: PeerInTest) -> None:
    """She still stands there when it comes."""
    searches_take(peer, 2.5)
    visit = door.watch(door.settings("cloud"), her(75))
    assert outcome(visit) == ["not_compared"]
    assert decided_after(visit) < LIMIT


@pytest.mark.long
def test_a_quota_of_five_a_second_is_shared_and_never_exceeded(
    door: CloudDoor, peer: PeerInTest
) -> None:
    """Others of the process take all of it: the question waits its turn, or is given up in time."""
    for search in SEARCHES:
        peer.server.quotas.set(search, QUOTA)
    settings = door.settings("cloud", tps={})  # which is AWS's own quota: five
    with others_search(door, settings):
        visit = door.watch(settings, her(WHOLE))
    assert outcome(visit) in ([f"{SHE} let in"], ["not_compared"])
    assert decided_after(visit) < LIMIT
    arrived = sorted(search.clock for search in door.searches)
    spanned = arrived[-1] - arrived[0]
    assert QUOTA < len(arrived) <= QUOTA * (spanned + 2.0), "a busy machine's second included"


OUTAGES: dict[str, tuple[Begins, str]] = {
    "500s": (errors_of("InternalServerError"), "500 InternalServerError"),
    "throttled": (errors_of("ThrottlingException"), "asked too often"),
    "expired": (errors_of("ExpiredTokenException"), "have expired"),
    "clock behind": (clock_off(1.0), "seconds behind AWS's"),
    "clock ahead": (clock_off(-1.0), "seconds ahead of AWS's"),
    "no name": (no_name(silent=False), "its name does not resolve"),
    "no name server": (no_name(silent=True), "in time"),
}


@pytest.mark.long
@pytest.mark.parametrize(("begins", "said"), OUTAGES.values(), ids=OUTAGES)
def test_it_recovers_without_a_restart(
    door: CloudDoor,
    peer: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    begins: Begins,
    said: str,
) -> None:
    """She is refused in time and told why, steps aside, and is let in afterwards."""
    outage = begins(peer, monkeypatch)

    def mend(number: int) -> None:
        if number == 45:
            outage.mend()

    again = scene("she comes again", pictures(SHE)[:40], room(90), pictures(SHE)[:24], then=mend)
    once = {"refused_hold_seconds": 1.0, "retry_seconds": 10.0}
    visit = door.watch(door.settings("cloud", access=once, **outage.settings), again)
    outage.mend()
    assert outcome(visit) == [f"{SHE} let in", "not_compared"]
    assert decided_after(visit) < LIMIT
    assert [fault.recovered for fault in visit.faults] == [False, True]
    assert said in visit.faults[0].detail
