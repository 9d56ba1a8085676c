"""The doctor's row about the fleet of a kiosk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.diagnostics.fleet import fleet
from kiosk.domain.finding import Finding, Health
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.client import FleetClient
from kiosk.fleet.device import Device, DeviceFile
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome


class Corner:
    """A fleet in a folder, and one home."""

    def __init__(self, folder: Path, threshold: int) -> None:
        self.home, self.now = folder / "home", datetime.now(UTC)
        self.store = FolderStore.create(folder / "store")
        self.keys = Keyring.create(folder / "keys", 2, None)
        AdminSigning(self.store, self.keys, self.utc).found(threshold)
        FleetAdmin(self.store, self.keys, self.utc).add_scope("harbour", ["front"])

    def utc(self) -> datetime:
        return self.now

    def join(self, store: str = "folder:/store") -> Device:
        with OpenHome.open(self.home) as open_home:
            return DeviceFile(open_home.home).join(store, self.keys.root, open_home.recorder.note)

    def hear(self, device: Device, ago: timedelta) -> None:
        self.now = datetime.now(UTC) - ago
        signer = self.keys.publisher
        assert signer is not None
        Publisher(self.store, self.keys.root, signer, self.utc).publish()
        FleetClient(self.store, Home(self.home).fleet_cache, device.root, self.utc).refresh()

    def rows(self) -> list[Finding]:
        return list(fleet(self.home))


def test_a_kiosk_of_no_fleet_has_no_row(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "home"):
        assert list(fleet(tmp_path / "home")) == []


def test_a_device_that_never_synced(tmp_path: Path) -> None:
    corner = Corner(tmp_path, threshold=2)
    corner.join()
    (row,) = corner.rows()
    assert row.health is Health.WARN
    assert "never synced" in str(row)


@pytest.mark.parametrize(
    ("ago", "health", "said"),
    [
        (timedelta(minutes=5), Health.OK, "5 min ago"),
        (timedelta(hours=3), Health.WARN, "for 3 h"),
    ],
)
def test_how_long_ago_somebody_signed(
    tmp_path: Path, ago: timedelta, health: Health, said: str
) -> None:
    corner = Corner(tmp_path, threshold=2)
    corner.hear(corner.join(), ago)
    (row,) = corner.rows()
    assert (row.health, said in str(row)) == (health, True)


def test_one_admin_alone_and_an_open_line_are_told(tmp_path: Path) -> None:
    corner = Corner(tmp_path, threshold=1)
    corner.hear(corner.join("s3://bucket?endpoint=http://store.example:9000"), timedelta(0))
    one, plain, heard = corner.rows()
    assert [one.health, plain.health, heard.health] == [Health.WARN, Health.WARN, Health.OK]
    assert "one admin alone" in str(one)
    assert "not encrypted" in str(plain)
