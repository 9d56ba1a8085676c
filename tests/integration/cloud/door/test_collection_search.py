"""A search over the wire: one collection for whoever is known, all of them for everybody else.

The real client over HTTP to the peer, with made-up pictures whose templates the peer knows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.matching import SOMEBODY_UNKNOWN, CollectionSearch, SearchTerms
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.access.factors import Factors
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.modes import PartialAnswer
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.cloud.opinion import SearchResult
from kiosk.domain.cloud.shards import Generation, ShardedCollections, shard_of
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.people.enrolled import Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.wiring.cloud.client import cloud_faces

FREELY = dict.fromkeys((operation.value for operation in Operation), 1000.0)
SEARCH, SHARDS, SECONDS, WAIT = "SearchUsersByImage", 3, 5.0, 20.0
IDS = CloudIds(bytes(range(32)))
AGREED = Person(PersonRules(), Factors(), cloud=True)


def in_shard(shard: int, avoiding: str = "") -> SubjectId:
    """Somebody whose faces belong into this collection."""
    names = (SubjectId(f"s-{n}") for n in range(1000))
    return next(n for n in names if shard_of(IDS.of(n), SHARDS) == shard and n != avoiding)


ANN, BOB, CAT = in_shard(0), in_shard(1), in_shard(2)


@dataclass
class Site:
    """Collections with a few people, and a search in them."""

    peer: PeerInTest
    home: Path
    place: ShardedCollections
    people: Mapping[SubjectId, Person]

    def current(self, *, seconds: float) -> ShardedCollections:
        assert seconds > 0.0
        return self.place

    def known(self) -> ShardedCollections | None:
        return None

    def close(self) -> None:
        pass

    def search(
        self, partial: PartialAnswer = PartialAnswer.REFUSE, threshold: float = 90.0
    ) -> CollectionSearch:
        settings = self.peer.settings(mode="cloud", tps=FREELY)
        service = cloud_faces(CloudSettings.model_validate(settings), self.home)
        terms = SearchTerms(threshold, partial)
        return CollectionSearch(service, self, IDS, lambda: self.people, terms)

    def index(self, subject: SubjectId, face: str | None = None) -> None:
        aws, person = self.peer.client(), IDS.of(subject)
        collection = self.place.of(person)
        aws.create_user(CollectionId=collection, UserId=person)
        image = {"Bytes": self.peer.faces.of(face or subject)}
        made = aws.index_faces(CollectionId=collection, Image=image, ExternalImageId=person)
        faces = [each["Face"]["FaceId"] for each in made["FaceRecords"]]
        aws.associate_faces(CollectionId=collection, UserId=person, FaceIds=faces)

    @property
    def asked(self) -> list[str]:
        calls = self.peer.server.recording.calls(SEARCH)
        return [str(call.parameters["CollectionId"]) for call in calls]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with peer() as there:
        for name, value in there.environment.items():
            monkeypatch.setenv(name, value)
        place = ShardedCollections("lintel", Generation(1, SHARDS, ModelVersion("7.0")))
        for name in place.names:
            there.client().create_collection(CollectionId=name)
        site = Site(there, tmp_path, place, dict.fromkeys((ANN, BOB, CAT), AGREED))
        for subject in (ANN, BOB, CAT):
            site.index(subject)
        there.server.recording.clear()
        yield site


def answer(asked: Future[SearchResult]) -> SearchResult:
    return asked.result(WAIT)


def names(result: SearchResult) -> list[SubjectId]:
    return [each.subject for each in result.candidates.candidates]


def test_whoever_is_claimed_is_looked_for_in_one_collection(site: Site) -> None:
    """R43."""
    search = site.search()
    result = answer(search.ask(site.peer.faces.of(BOB), BOB, SECONDS))
    assert names(result) == [BOB]
    assert result.candidates.space == "rekognition/7.0"
    assert site.asked == [site.place.names[1]]
    search.close()


def test_somebody_unknown_is_looked_for_in_all_at_once(site: Site) -> None:
    """R44."""
    site.peer.server.faults.slow(0.3, SEARCH)
    search, began = site.search(), time.monotonic()
    result = answer(search.ask(site.peer.faces.of(CAT), None, SECONDS))
    assert names(result) == [CAT]
    assert sorted(site.asked) == sorted(site.place.names)
    assert time.monotonic() - began < SHARDS * SECONDS
    search.close()


def test_the_best_and_the_second_person_come_from_different_collections(site: Site) -> None:
    """R19: one person with several faces is one candidate; the second is another person."""
    twin = in_shard(1, avoiding=BOB)
    site.people = {**site.people, twin: AGREED}
    site.index(twin, face=ANN)
    search = site.search()
    result = answer(search.ask(site.peer.faces.of(ANN), None, SECONDS))
    assert sorted(names(result)) == sorted([ANN, twin])
    assert result.candidates.margin == pytest.approx(0.0, abs=0.01)
    search.close()


@pytest.mark.parametrize("who", ["not enrolled here", "no longer for the cloud"])
def test_whoever_is_not_known_here_names_nobody(site: Site, who: str) -> None:
    others = {BOB: AGREED, CAT: AGREED}
    local = {ANN: replace(AGREED, cloud=False)} if who == "no longer for the cloud" else {}
    site.people = {**others, **local}
    search = site.search()
    result = answer(search.ask(site.peer.faces.of(ANN), None, SECONDS))
    assert names(result) == [SOMEBODY_UNKNOWN]
    site.people = {**others, ANN: AGREED}
    assert names(answer(search.ask(site.peer.faces.of(ANN), None, SECONDS))) == [ANN]
    search.close()


def test_a_picture_in_which_no_face_is_taken_is_said_so(site: Site) -> None:
    search = site.search()
    result = answer(search.ask(site.peer.faces.of(ANN, sharpness=1.0), None, SECONDS))
    assert (names(result), result.seen) == ([], False)
    search.close()


@pytest.mark.parametrize("fault", [PeerFault.BLACK_HOLE, PeerFault.REFUSED])
def test_a_part_of_the_answer_is_none_unless_that_is_declared(site: Site, fault: PeerFault) -> None:
    """R44."""
    site.peer.server.faults.add(FaultRule(fault, SEARCH, times=1, name="AccessDeniedException"))
    strict = site.search()
    with pytest.raises(MatchingUnavailable):
        answer(strict.ask(site.peer.faces.of(ANN), None, 1.0))
    strict.close()
    site.peer.server.faults.add(FaultRule(fault, SEARCH, times=1, name="AccessDeniedException"))
    lenient = site.search(PartialAnswer.ACCEPT)
    result = answer(lenient.ask(site.peer.faces.of(ANN), None, 1.0))
    assert set(names(result)) <= {ANN}
    lenient.close()


def test_none_of_the_answer_is_none_whatever_is_declared(site: Site) -> None:
    site.peer.server.faults.add(FaultRule(PeerFault.REFUSED, SEARCH, name="AccessDeniedException"))
    lenient = site.search(PartialAnswer.ACCEPT)
    with pytest.raises(MatchingUnavailable):
        answer(lenient.ask(site.peer.faces.of(ANN), None, SECONDS))
    lenient.close()


def test_an_answer_takes_no_longer_than_it_may(site: Site) -> None:
    site.peer.server.faults.slow(3.0, SEARCH)
    search = site.search()
    with pytest.raises(MatchingUnavailable):
        answer(search.ask(site.peer.faces.of(ANN), None, 0.3))
    with pytest.raises(MatchingUnavailable):
        answer(search.ask(site.peer.faces.of(ANN), ANN, 0.3))
    search.close()


def test_similarities_of_two_face_models_are_never_put_together(site: Site) -> None:
    """The space then is one for which no settings have a threshold (R45, R46)."""
    site.place = replace(site.place, generation=replace(site.place.generation, model="6.0"))
    search = site.search()
    result = answer(search.ask(site.peer.faces.of(ANN), None, SECONDS))
    assert (names(result), result.candidates.space) == ([], "rekognition/6.0+7.0")
    search.close()


def test_nothing_is_waited_for_when_it_is_closed(site: Site) -> None:
    """Nor is anything asked afterwards; nobody takes what the question under way comes to."""
    site.peer.server.faults.slow(2.0, SEARCH)
    search = site.search()
    asked = search.ask(site.peer.faces.of(ANN), None, SECONDS)
    began = time.monotonic()
    search.close()
    assert time.monotonic() - began < WAIT / 10
    with pytest.raises(RuntimeError, match="after shutdown"):
        search.ask(b"", None, 1.0)
    assert asked.cancel() or wait([asked], WAIT).done
