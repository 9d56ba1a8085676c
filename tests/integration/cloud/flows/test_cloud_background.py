"""The thread that does the work while a kiosk runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flow_rig import ANNA, CONSENT, IDS, PLACE, FlowRig, made, request
from memory_faces import MemoryFaces, gone, picture

from kiosk.cloud.flows.background import CloudBackground
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowStep, PersonFaces

PATIENCE_SECONDS = 60.0


@pytest.fixture
def service() -> MemoryFaces:
    faces = MemoryFaces()
    made(faces)
    return faces


@pytest.fixture
def rig(tmp_path: Path, service: MemoryFaces) -> Iterator[FlowRig]:
    rig = FlowRig(tmp_path / "cloud.db", service)
    rig.people.consented |= {ANNA: CONSENT}
    yield rig
    rig.close()


def test_work_is_done_when_it_is_woken(rig: FlowRig) -> None:
    problems: list[str] = []
    with CloudBackground(rig.flows, rig.worker, (), problems.append) as background:
        rig.flows.want(request(ANNA, picture("anna")))
        background.wake()
        _until(lambda: rig.outbox.waiting() == 0)
    assert len(rig.valid(ANNA)) == 1
    assert problems == []


def test_an_interrupted_flow_is_ended_and_who_left_is_deleted(rig: FlowRig) -> None:
    person = IDS.of(ANNA)
    intent = FlowIntent(CloudFlow.REGISTRATION, FlowStep.INDEX, "t", 1, at=rig.now - 1000.0)
    rig.metadata.put(PersonFaces(person, PLACE.of(person), owner="kiosk-1", intent=intent))
    CloudBackground(rig.flows, rig.worker, [rig.worker.sweep], _none).round()
    assert not [*rig.metadata.unfinished()]
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.people.consented.clear()
    CloudBackground(rig.flows, rig.worker, [rig.worker.sweep], _none).round()
    assert not rig.valid(ANNA)


def test_a_fault_of_a_round_ends_no_kiosk(rig: FlowRig, service: MemoryFaces) -> None:
    problems: list[str] = []
    background = CloudBackground(rig.flows, rig.worker, (), problems.append)
    service.fail["detect_faces"] = ZeroDivisionError(), False
    rig.flows.want(request(ANNA, picture("anna")))
    background.round()
    assert problems == ["The work for the cloud ended by ZeroDivisionError."]
    rig.now += 200.0  # it was left to that round for so long
    background.round()
    assert len(rig.valid(ANNA)) == 1


def test_a_cloud_that_is_gone_is_tried_again(rig: FlowRig, service: MemoryFaces) -> None:
    background = CloudBackground(rig.flows, rig.worker, [rig.worker.sweep], _none)
    service.fail["detect_faces"] = gone(), False
    rig.flows.want(request(ANNA, picture("anna")))
    background.round()
    assert rig.outbox.troubled()
    rig.now += 60.0
    background.round()
    assert len(rig.valid(ANNA)) == 1


def _until(done: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.02)


def _none(problem: str) -> None:
    raise AssertionError(problem)
