"""An older copy of the store, put back by whoever can write to it: nobody builds on it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring


def utc() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def admin(tmp_path: Path) -> FleetAdmin:
    store = FolderStore.create(tmp_path / "store")
    keys = Keyring.create(tmp_path / "keys", 1, None)
    AdminSigning(store, keys, utc).found(1)
    made = FleetAdmin(store, keys, utc)
    made.add_scope("harbour", ["front"])
    made.publish()
    shutil.copytree(tmp_path / "store", tmp_path / "older")
    made.add_scope("library", ["side"])
    made.publish()
    return made


def put_back(folder: Path, *names: str) -> None:
    """The older objects of these names, and none of the newer ones."""
    for name in names:
        for newer in (folder / "store").glob(name):
            newer.unlink()
        for older in (folder / "older").glob(name):
            shutil.copy(older, folder / "store" / older.relative_to(folder / "older"))


ALL, STAMP, SIGNED = "metadata/*", "metadata/timestamp.json", "metadata/*.targets.json"


@pytest.mark.parametrize(
    ("names", "what"),
    [
        *((names, what) for names in (ALL, SIGNED) for what in ("publish", "status", "add_scope")),
        *((STAMP, what) for what in ("publish", "status")),
    ],
)
def test_admins_and_publisher_refuse_it(
    admin: FleetAdmin, tmp_path: Path, names: str, what: str
) -> None:
    """A scope is made on what admins have signed: the timestamp is no matter for it."""
    put_back(tmp_path, names)
    acts = {
        "publish": admin.publish,
        "status": admin.status,
        "add_scope": lambda: admin.add_scope("annex", ["back"]),
    }
    with pytest.raises(FleetRefused, match="older copy"):
        acts[what]()


def test_a_timestamp_that_was_removed_is_not_begun_anew(admin: FleetAdmin, tmp_path: Path) -> None:
    (tmp_path / "store" / "metadata" / "timestamp.json").unlink()
    with pytest.raises(FleetRefused, match="holds version 0 of timestamp; version 2 was there"):
        admin.publish()


def test_the_newest_is_built_on_again(admin: FleetAdmin, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "store", tmp_path / "newest")
    put_back(tmp_path, "metadata/*")
    with pytest.raises(FleetRefused):
        admin.publish()
    shutil.copytree(tmp_path / "newest", tmp_path / "store", dirs_exist_ok=True)
    done = admin.publish()
    assert done is not None
    assert done.version == 3


def test_a_memory_that_was_spoilt_is_told(admin: FleetAdmin, tmp_path: Path) -> None:
    (tmp_path / "keys" / "seen.json").write_text("[]")
    with pytest.raises(StoreKeyError, match=r"seen\.json"):
        admin.publish()
