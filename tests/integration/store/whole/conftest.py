"""Homes with something of everything, and backups that cost no time."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_samples import AGREED, ANNA, BORIS, entry, template

from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.last_use import LastUseFile
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey
from kiosk.store.whole import archive

PIN = "471180"


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrypt with next to no memory: what it costs is not what these tests are about."""
    monkeypatch.setattr(archive, "COST", 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two people, a lockdown, an admin PIN, a last use, and a journal."""
    with OpenHome.open(tmp_path / "home") as open_home:
        key = FileKey(open_home.home)
        open_home.references.enrol(ANNA, [template(1), template(2)], AGREED, "Anna")
        open_home.references.enrol(BORIS, [template(3)], AGREED, picture=b"a face")
        PresenceFile(open_home.home, key).save({"holds": ["locked_down"]})
        AdminPin(open_home.home, key).set(PIN)
        LastUseFile(open_home.home, key).merge({}, [])
        for number in range(3):
            open_home.journal.append(entry(number))
        return open_home.home
