"""What a kiosk asks Rekognition with is made at its start, and only where its settings say so."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk.cloud.ids import make_key
from kiosk.domain.access.machine import Idle
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import State
from kiosk.domain.errors import LibraryMissing, StoreError, StoreKeyError
from kiosk.domain.people.enrolled import Person
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.store.home import Home
from kiosk.wiring.cloud.door import cloud_beside, cloud_search

CLOUD = {"mode": "cloud", "region": "eu-west-1", "endpoint": "http://127.0.0.1:9"}
SETTINGS = Settings.model_validate({"cloud": CLOUD})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    make_key(Home(tmp_path).cloud_ids)
    return Home(tmp_path)


@pytest.fixture
def no_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    for name in list(sys.modules):
        if name.startswith(("kiosk.aws", "kiosk.wiring.cloud.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "boto3", None)


def nobody() -> Mapping[SubjectId, Person]:
    return {}


def nowhere() -> tuple[State, AccessPolicy]:
    return Idle(), SETTINGS.access_policy(SpaceId("test/1"), 0.5)


@pytest.mark.usefixtures("no_boto3")
def test_a_kiosk_without_a_service_needs_nothing_of_it(tmp_path: Path) -> None:
    assert cloud_search(Settings(), Home(tmp_path), nobody) is None
    assert cloud_beside(Settings(), None, nobody, nowhere) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_boto3")
def test_a_missing_library_is_said_at_the_start(home: Home) -> None:
    with pytest.raises(LibraryMissing) as refused:
        cloud_search(SETTINGS, home, nobody)
    assert "cloud.mode = cloud" in refused.value.problem
    assert "boto3" in refused.value.problem


def test_a_missing_key_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StoreKeyError):
        cloud_search(SETTINGS, Home(tmp_path), nobody)


def test_nobody_has_agreed_while_the_people_cannot_be_read(home: Home) -> None:
    def unreadable() -> Mapping[SubjectId, Person]:
        raise StoreError("The store cannot be read.", "Look at the disk.")

    search = cloud_search(SETTINGS, home, nobody)
    beside = cloud_beside(SETTINGS, search, unreadable, nowhere)
    assert search is not None
    assert beside is not None
    stage = beside(None)  # type: ignore[arg-type] # it is not asked
    assert not stage._parts.agreed(SubjectId("ann"))
    search.close()


def test_it_may_be_closed_while_it_finds_out_what_there_is(home: Home) -> None:
    for _ in range(50):
        search = cloud_search(SETTINGS, home, nobody)
        assert search is not None
        search.close()
