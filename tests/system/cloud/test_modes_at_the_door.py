"""Real people before the whole kiosk, in each mode, with Rekognition's peer behind the real boto3.

The films play in real time, since the peer answers in real time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import evaluation_data
import pytest
from cloud_door import SEARCHES, CloudDoor, outcome, recognised, shown
from filmed_people import Film
from other_light import Light
from real_kiosk import FilmedModels, Visit
from rekognition_peer import PeerInTest, seeing_peer, seen_before

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

References = Mapping[str, Sequence[Template]]
EVERYBODY = evaluation_data.people()
SHE, HE, LOCAL_ONLY, STRANGER = (EVERYBODY[at] for at in (0, 3, 4, 5))
MODES = ["local", "cloud", "local-then-cloud", "both-agree"]
ASKING = ["cloud", "both-agree"]
SLOW = {"access": {"window_seconds": 4.0}, "door": {"max_age_seconds": 5.0}, "answer_seconds": 3.0}
"""For answers after 1.5 s on a machine that is busy besides."""


@pytest.fixture(scope="module")
def peer(models: FilmedModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeerInTest]:
    with (
        seeing_peer(models.loaded, seen_before(tmp_path_factory), keep_pictures=True) as peer,
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
    """Two people agreed to the cloud and are in it; one agreed to local matching only."""
    door = CloudDoor(tmp_path_factory.mktemp("cloud") / "home", models, peer)
    for person in (SHE, HE, LOCAL_ONLY):
        door.enrol(person, references[person], agreed=person != LOCAL_ONLY)
    for person in (SHE, HE):
        door.index(person)
    return door


@pytest.fixture(autouse=True)
def no_faults(peer: PeerInTest) -> Iterator[None]:
    yield
    peer.server.faults.lift()


def walk(person: str, most: int, light: str | None = None, kind: str = "bona_fide") -> Film:
    """A recording of somebody, or of their print."""
    named = evaluation_data.walks(person) if kind == "bona_fide" else None
    found = named or evaluation_data.recordings(kind, person)
    name, frames = next(iter(found.items()))
    pictures = evaluation_data.pictures(frames)
    if light is not None:
        pictures = Light(light).on(pictures)
    return shown(f"{name}/{light}", pictures, most)


def sent(door: CloudDoor) -> int:
    return len(door.searches)


# -- the right person ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_the_right_person_is_let_in(door: CloudDoor, peer: PeerInTest, mode: str) -> None:
    peer.server.faults.slow(0.05)
    visit = door.watch(door.settings(mode), walk(SHE, 24))
    assert outcome(visit) == [f"{SHE} let in"]
    assert sent(door) == (1 if mode in ASKING else 0)
    assert not visit.faults


@pytest.mark.parametrize("seconds", [0.4, 1.5])
def test_and_by_a_slow_answer_too(door: CloudDoor, peer: PeerInTest, seconds: float) -> None:
    for search in SEARCHES:
        peer.server.faults.slow(seconds, search)
    visit = door.watch(door.settings("cloud", **SLOW), walk(SHE, 25 + round(15 * seconds)))
    assert outcome(visit) == [f"{SHE} let in"]
    assert sent(door) == 1
