"""Real people before the whole kiosk, in each mode, with Rekognition's peer behind the real boto3.

The films play in real time, since the peer answers in real time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import evaluation_data
import pytest
from cloud_door import CloudDoor, outcome, recognised, shown
from cloud_scenes import HE, LOCAL_ONLY, SHE, STRANGER, searches_take
from filmed_people import Film
from other_light import Light
from real_kiosk import FilmedModels
from rekognition_peer import PeerInTest

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.usefixtures("mended")]

References = Mapping[str, Sequence[Template]]
MODES = ["local", "cloud", "local-then-cloud", "both-agree"]
ASKING = ["cloud", "both-agree"]
SLOW = {"access": {"window_seconds": 4.0}, "door": {"max_age_seconds": 5.0}, "answer_seconds": 3.0}
"""For answers after 1.5 s on a machine that is busy besides."""


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


@pytest.mark.parametrize("mode", ASKING)
def test_the_right_person_is_let_in(door: CloudDoor, peer: PeerInTest, mode: str) -> None:
    """R54: and the journal says by which face model and threshold."""
    peer.server.faults.slow(0.05)
    visit = door.watch(door.settings(mode), walk(SHE, 24))
    assert outcome(visit) == [f"{SHE} let in"]
    assert sent(door) == 1
    assert not visit.faults
    told = recognised(visit)
    assert (told["space"], told["decision_threshold"]) == ("rekognition/7.0", 99.0)
    assert isinstance(told["score"], float)
    assert told["score"] >= 99.0


def test_and_by_a_slow_answer_too(door: CloudDoor, peer: PeerInTest) -> None:
    seconds = 1.5
    searches_take(peer, seconds)
    visit = door.watch(door.settings("cloud", **SLOW), walk(SHE, 25 + round(15 * seconds)))
    assert outcome(visit) == [f"{SHE} let in"]
    assert sent(door) == 1


def test_the_cloud_decides_who_looks_like_two(
    models: FilmedModels, peer: PeerInTest, references: References, tmp_path: Path
) -> None:
    """R19: two people here, whom the kiosk's own matcher cannot tell apart."""
    twins = CloudDoor(tmp_path / "home", models, peer)
    twins.enrol("her-twin", references[SHE])
    twins.enrol(SHE, references[SHE])
    twins.index(SHE)
    alone = twins.watch(twins.settings("local"), walk(SHE, 40))
    assert outcome(alone)[:1] == ["ambiguous"]
    visit = twins.watch(twins.settings("local-then-cloud"), walk(SHE, 24))
    assert outcome(visit) == [f"{SHE} let in"]
    assert sent(twins) == 1


# -- what is sent --------------------------------------------------------------------------------


def test_one_small_picture_of_one_face_is_sent(door: CloudDoor, peer: PeerInTest) -> None:
    visit = door.watch(door.settings("cloud"), walk(SHE, 24))
    assert visit.admitted == [SHE]
    (search,) = door.searches
    (picture,) = search.pictures
    assert picture.content is not None
    assert picture.size < 100_000
    seen = peer.sight.look(picture.content)
    assert len(seen.faces) == 1
    assert seen.width < 640
    assert seen.faces[0].size_px >= 50
    assert search.parameters["QualityFilter"] == "HIGH"
    assert search.parameters["UserMatchThreshold"] >= 90.0
    assert SHE not in str(search.parameters)
    kept = [each for each in door.home.rglob("*") if each.is_file()]
    assert kept
    beginning = picture.content[:200]  # of the picture that was sent: it is in no file
    assert not [each.name for each in kept if beginning in each.read_bytes()]


def test_a_stranger_is_not_sent_and_not_let_in(door: CloudDoor) -> None:
    visit = door.watch(door.settings("cloud"), walk(STRANGER, 36))
    assert outcome(visit)[:1] == ["not_recognised"]
    assert sent(door) == 0


@pytest.mark.parametrize("light", [pytest.param(None, marks=pytest.mark.long), "warm-0.3"])
def test_a_print_is_not_sent_and_not_let_in(door: CloudDoor, light: str | None) -> None:
    visit = door.watch(door.settings("cloud"), walk(SHE, 40, light, "print"))
    assert visit.admitted == []
    assert sent(door) == 0


def test_who_agreed_to_local_matching_only_is_not_sent(door: CloudDoor) -> None:
    refused = door.watch(door.settings("cloud"), walk(LOCAL_ONLY, 24))
    assert outcome(refused) == ["not_compared"]
    assert sent(door) == 0
    local = door.watch(door.settings("cloud", "local"), walk(LOCAL_ONLY, 24))
    assert outcome(local) == [f"{LOCAL_ONLY} let in"]
    assert sent(door) == 0
    assert (refused.faults, local.faults) == ((), ())


# -- what an answer is worth ---------------------------------------------------------------------


def test_less_than_99_releases_nothing(door: CloudDoor, peer: PeerInTest) -> None:
    """R17: and no setting lowers it."""
    peer.server.faults.add(FaultRule(PeerFault.SIMILARITY, value=98.99))
    visit = door.watch(door.settings("cloud", threshold=90.0), walk(SHE, 40))
    assert visit.admitted == []
    assert sent(door) == 1


def test_an_id_that_is_somebody_elses_lets_neither_in(
    models: FilmedModels, peer: PeerInTest, references: References, tmp_path: Path
) -> None:
    """A collection in which her face stands under his id."""
    swapped = CloudDoor(tmp_path / "home", models, peer)
    for person in (SHE, HE):
        swapped.enrol(person, references[person])
    swapped.index(HE, photographs_of=SHE)
    visit = swapped.watch(swapped.settings("cloud"), walk(SHE, 40))
    assert outcome(visit)[:1] == ["ambiguous"]


# -- everything, for whoever has the time --------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("seconds", [0.05, 0.4, 1.5])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_and_answer(
    door: CloudDoor, peer: PeerInTest, mode: str, seconds: float
) -> None:
    """With the settings' defaults; and 99 is enough."""
    searches_take(peer, seconds)
    settings = door.settings(mode)
    for person in (SHE, HE):
        visit = door.watch(settings, walk(person, 25 + round(15 * seconds)))
        assert outcome(visit) == [f"{person} let in"]
        assert sent(door) <= 2
    for film in (
        walk(STRANGER, 60),
        walk(SHE, 60, None, "print"),
        walk(SHE, 60, "warm-0.3", "print"),
    ):
        visit = door.watch(settings, film)
        assert visit.admitted == []
        assert sent(door) == 0
    peer.server.faults.add(FaultRule(PeerFault.SIMILARITY, value=98.99))
    visit = door.watch(settings, walk(SHE, 60))
    assert visit.admitted == ([] if mode in ASKING else [SHE])
    assert sent(door) <= 2
    peer.mend()
    peer.server.faults.add(FaultRule(PeerFault.SIMILARITY, value=99.0))
    assert door.watch(settings, walk(SHE, 60)).admitted == [SHE]
