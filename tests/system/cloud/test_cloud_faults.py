"""Rekognition gone, slow, wrong or out of order: a decision in time, and none by a late answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import evaluation_data
import numpy as np
import pytest
from cloud_door import SEARCHES, CloudDoor, outcome, recognised, shown
from evaluation_data import FPS
from filmed_people import Film
from real_kiosk import FilmedModels, Visit
from rekognition_peer import PeerInTest, seeing_peer, seen_before

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.access.states import Part
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.template import Template
from kiosk.pipeline.identification.cloud import MOST_SEARCHES

pytestmark = [pytest.mark.data, pytest.mark.weights]

References = Mapping[str, Sequence[Template]]
SHE, HE = evaluation_data.people()[0], evaluation_data.people()[3]
WHOLE, LIMIT = 48, 3.0


@pytest.fixture(scope="module")
def peer(models: FilmedModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeerInTest]:
    with (
        seeing_peer(models.loaded, seen_before(tmp_path_factory)) as peer,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in peer.environment.items():
            patch.setenv(name, value)
        yield peer


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


@pytest.fixture(autouse=True)
def no_faults(peer: PeerInTest) -> Iterator[None]:
    yield
    peer.server.faults.lift()


def pictures(person: str) -> Sequence[Pixels]:
    return evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))


def room(frames: int) -> Sequence[Pixels]:
    """Nobody, seen by a camera that lives."""
    noise = np.random.default_rng(5)
    return [noise.integers(110, 146, (480, 640, 3), np.uint8) for _ in range(frames)]


def her(frames: int) -> Film:
    return shown(f"{next(iter(evaluation_data.walks(SHE)))}/None", pictures(SHE), frames)


def scene(name: str, *parts: Sequence[Pixels], then: Callable[[int], None] | None = None) -> Film:
    """One after the other; `then` is told the number of each frame before it is seen."""
    frames = [pixels for part in parts for pixels in part]
    film = shown(name, frames, len(frames))
    if then is None:
        return film
    return replace(film, camera=lambda: TellingCamera(film.camera(), then))


@dataclass
class TellingCamera:
    """Tells of each frame before it is seen."""

    camera: Camera
    tell: Callable[[int], None]

    def read(self, timeout: float) -> Frame:
        frame = self.camera.read(timeout)
        self.tell(frame.index)
        return frame

    def close(self) -> None:
        self.camera.close()


def searches_fail(peer: PeerInTest, fault: PeerFault, **how: Any) -> None:  # noqa: ANN401 - of FaultRule
    for search in SEARCHES:
        peer.server.faults.add(FaultRule(fault, operation=search, **how))


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
    for search in SEARCHES:
        peer.server.faults.slow(0.5, search)
    visit = door.watch(door.settings("cloud"), scene("she leaves", pictures(SHE)[:13], room(20)))
    assert visit.admitted == []
    assert questions(door) == 1


def test_whoever_comes_into_their_place_is_asked_about_anew(
    door: CloudDoor, peer: PeerInTest
) -> None:
    """He is asked about, and his answer comes after hers: she is let in, and he is not."""
    for search in SEARCHES:
        peer.server.faults.add(FaultRule(PeerFault.AFTER_NEXT, search, times=1, value=1.0))
    settings = door.settings("cloud")
    visit = door.watch(settings, scene("she follows", pictures(HE)[:13], pictures(SHE)[:36]))
    assert visit.admitted == [SHE]
    assert questions(door) == 2


@pytest.mark.long
def test_it_recovers_without_a_restart(door: CloudDoor, peer: PeerInTest) -> None:
    """She is refused while nothing answers, steps aside, and is let in afterwards."""
    searches_fail(peer, PeerFault.REFUSED)

    def mend(number: int) -> None:
        if number == 45:
            peer.server.faults.lift()

    name = "she comes again"
    again = scene(name, pictures(SHE)[:40], room(90), pictures(SHE)[:24], then=mend)
    soon = {"refused_hold_seconds": 1.0, "retry_seconds": 1.0}
    visit = door.watch(door.settings("cloud", access=soon), again)
    assert outcome(visit) == [f"{SHE} let in", "not_compared"]
    assert [fault.recovered for fault in visit.faults] == [False, True]
