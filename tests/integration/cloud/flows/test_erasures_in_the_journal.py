"""Erasures by another process, found in the journal later: what was registered since then stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flow_rig import ANNA, CONSENT, IDS, FlowRig, made, request
from memory_faces import MemoryFaces, gone, picture

from kiosk.cloud.flows.erasures import ErasureFinder
from kiosk.domain.cloud.flows import CloudFlow, FlowEnd
from kiosk.domain.errors import CloudUnavailable
from kiosk.journal.events.cloud import CloudFlowEnded
from kiosk.journal.events.people import Erased
from kiosk.store.open_home import OpenHome


class Journalled:
    """Flows whose events are in the journal of a home, and who reads it."""

    def __init__(self, path: Path) -> None:
        self.service = MemoryFaces()
        made(self.service)
        self.open_home = OpenHome.open(path)
        self.rig = FlowRig(path / "cloud.db", self.service, note=self.open_home.recorder.note)
        self.rig.people.consented[ANNA] = CONSENT
        self.finder = ErasureFinder(
            self.open_home.home, self.rig.metadata, self.rig.flows, IDS, set()
        )
        self.finder.read()

    def register(self, detail: str, *, adding: bool = False) -> None:
        wanted = request(ANNA, picture("anna", detail), passed=True)
        assert self.rig.flows.bring(replace(wanted, adding=adding)) is None

    def erase(self) -> None:
        """As a command does, in a process that hears nothing."""
        self.open_home.recorder.note(Erased(ANNA, 1))

    def found(self) -> bool:
        """True if the erasure deletes whoever is there."""
        read = self.finder.read()
        self.rig.work()
        assert bool(self.rig.valid(ANNA)) is not bool(read)
        return bool(read)

    def close(self) -> None:
        self.rig.close()
        self.open_home.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Journalled]:
    journalled = Journalled(tmp_path / "home")
    yield journalled
    journalled.close()


def test_who_was_registered_again_since_stays(home: Journalled) -> None:
    home.register("1")
    home.erase()
    home.register("2")
    assert not home.found()
    assert not home.found(), "it was read"


def test_who_was_withdrawn_and_registered_again_since_stays(home: Journalled) -> None:
    home.register("1")
    home.erase()
    home.rig.flows.forget(IDS.of(ANNA))
    home.rig.work()
    home.register("2")
    assert not home.found()


def test_a_registration_of_before_stays_no_longer(home: Journalled) -> None:
    home.register("1")
    home.register("2")
    home.erase()
    assert home.found()


def test_who_was_registered_since_by_another_kiosk_stays(home: Journalled) -> None:
    """What that kiosk did is in its own journal, and when it was asked to is in the table."""
    home.register("1")
    home.erase()
    path = home.open_home.home.path / "other.db"
    other = FlowRig(path, home.service, metadata=home.rig.metadata, owner="kiosk-2")
    other.people.consented[ANNA] = CONSENT
    other.now = time.time() + 1000.0
    other.flows.want(request(ANNA, picture("anna", "2")))
    other.work()
    there = other.valid(ANNA)
    other.close()
    home.rig.now = other.now
    assert home.finder.read() == 1, "it does not know"
    home.rig.work()
    assert home.rig.valid(ANNA) == there


def test_who_is_erased_again_after_they_came_back_is_deleted(home: Journalled) -> None:
    home.erase()
    home.register("1")
    home.erase()
    assert home.found()


def test_faces_that_were_added_to_those_of_before_go_with_them(home: Journalled) -> None:
    home.register("1")
    home.erase()
    home.register("2", adding=True)
    assert home.found()


def test_a_registration_that_was_begun_before_is_none_of_after(
    home: Journalled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after the erasure, in the background, and knows nothing of it."""
    honest: Callable[..., object] = home.service.associate_faces

    def erased_meanwhile(*details: object, **named: object) -> object:
        home.erase()
        return honest(*details, **named)

    monkeypatch.setattr(home.service, "associate_faces", erased_meanwhile)
    home.register("1")
    assert home.found()


def test_a_withdrawal_is_no_registration(home: Journalled) -> None:
    home.register("1")
    home.erase()
    home.service.fail["index_face"] = gone(), False
    with pytest.raises(CloudUnavailable):
        home.register("2")
    ended = CloudFlowEnded(CloudFlow.WITHDRAWAL, FlowEnd.APPROVED, IDS.of(ANNA), deleted=1)
    home.open_home.recorder.note(ended)
    assert home.found()
