"""Rekognition gone, slow, wrong or out of order: a decision in time, and none by a late answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import evaluation_data
import pytest
from cloud_door import SEARCHES, CloudDoor, outcome, shown
from filmed_people import Film
from real_kiosk import FilmedModels, Visit
from rekognition_peer import PeerInTest, seeing_peer, seen_before

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

References = Mapping[str, Sequence[Template]]
SHE = evaluation_data.people()[0]
WHOLE, LIMIT = 60, 3.0


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
    door.enrol(SHE, references[SHE])
    door.index(SHE)
    return door


@pytest.fixture(autouse=True)
def no_faults(peer: PeerInTest) -> Iterator[None]:
    yield
    peer.server.faults.lift()


def her(frames: int) -> Film:
    name, paths = next(iter(evaluation_data.walks(SHE).items()))
    return shown(f"{name}/None", evaluation_data.pictures(paths), frames)


def decided_at(visit: Visit) -> float:
    """When the first decision came, in seconds of the film."""
    return visit.outcomes[0].decision.at


def searches_fail(peer: PeerInTest, fault: PeerFault, **how: object) -> None:
    for search in SEARCHES:
        peer.server.faults.add(FaultRule(fault, operation=search, **how))  # type: ignore[arg-type] # by name


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (PeerFault.BLACK_HOLE, ""),
        (PeerFault.REFUSED, "InternalServerError"),
        (PeerFault.REFUSED, "ThrottlingException"),
        (PeerFault.REFUSED, "ExpiredTokenException"),
        (PeerFault.WITHOUT, "FaceModelVersion"),
    ],
)
def test_a_decision_in_time_and_as_declared(
    door: CloudDoor, peer: PeerInTest, fault: PeerFault, name: str
) -> None:
    searches_fail(peer, fault, name=name)
    visit = door.watch(door.settings("cloud"), her(48))
    assert outcome(visit) == ["not_compared"]
    asked_at = 11 / evaluation_data.FPS
    assert decided_at(visit) - asked_at < LIMIT
    assert [str(f.part.value) for f in visit.faults] == ["matcher"]
    assert len(door.searches) <= 4  # one for each collection, twice at most
