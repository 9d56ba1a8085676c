"""A settled home, and the people service over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from people_changes import settle

from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome


@pytest.fixture
def open_home(tmp_path: Path) -> Iterator[OpenHome]:
    with OpenHome.open(settle(tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def people(open_home: OpenHome) -> PeopleService:
    return PeopleService(open_home)
