"""Who is registered while other collections come into force is in those that are searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_rig import ANNA, CONSENT, IDS, PLACE, FlowRig, made, request
from memory_faces import MemoryFaces, picture

from kiosk.cloud.flows.places import FlowPlaces
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable

NEXT = ShardedCollections(PLACE.prefix, Generation(2, 1, PLACE.model))


@pytest.fixture
def service() -> MemoryFaces:
    faces = MemoryFaces()
    made(faces)
    for name in NEXT.names:
        faces.create_collection(name)
    return faces


@pytest.fixture
def rig(tmp_path: Path, service: MemoryFaces) -> Iterator[FlowRig]:
    rig = FlowRig(tmp_path / "cloud.db", service)
    rig.people.consented |= {ANNA: CONSENT}
    yield rig
    rig.close()


def test_it_is_looked_which_collections_are_in_force_before_somebody_is_registered(
    rig: FlowRig, service: MemoryFaces
) -> None:
    rig.generations.in_force = NEXT.generation  # the kiosk has looked a few seconds before
    assert rig.flows.bring(request(ANNA, picture("anna"))) is None
    assert _places(rig) == {NEXT.of(IDS.of(ANNA))}
    assert not any(service.faces_of(IDS.of(ANNA))[name] for name in PLACE.names)


def test_who_is_registered_during_the_switch_is_registered_again(
    rig: FlowRig, service: MemoryFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest: Callable[..., object] = service.associate_faces

    def switched_meanwhile(*details: object, **named: object) -> object:
        rig.generations.in_force = NEXT.generation
        return honest(*details, **named)

    monkeypatch.setattr(service, "associate_faces", switched_meanwhile)
    rig.flows.want(request(ANNA, picture("anna")))
    assert rig.worker.run_once() == 1
    assert rig.outbox.waiting() == 1, "they are in the old collections only"
    assert "came into force" in rig.outbox.troubled()[0].problem
    rig.work()
    assert NEXT.of(IDS.of(ANNA)) in _places(rig)
    assert len(service.faces_of(IDS.of(ANNA))[NEXT.of(IDS.of(ANNA))]) == 1
    assert rig.outbox.waiting() == 0


def test_who_is_registered_in_the_collections_in_force_is_registered_once(rig: FlowRig) -> None:
    rig.flows.want(request(ANNA, picture("anna")))
    assert rig.worker.run_once() == 1
    assert rig.outbox.waiting() == 0
    assert len(rig.valid(ANNA)) == 1


def test_without_collections_in_force_nobody_is_registered(rig: FlowRig) -> None:
    places = FlowPlaces(rig.generations, Generations, PLACE.prefix)
    with pytest.raises(CloudRefused, match="in force"):
        places.now(seconds=1.0)
    with pytest.raises(CloudUnavailable, match="came into force"):
        FlowPlaces(rig.generations, rig.generations.read, PLACE.prefix).refuse_other_than(NEXT)


def _places(rig: FlowRig) -> set[str]:
    return {row.collection for row in rig.metadata.of_person(IDS.of(ANNA)) if row.faces}
