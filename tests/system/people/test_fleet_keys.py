"""The keys of a fleet, by the commands that admins type: with the runtime lock alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from installed_kiosk import InstalledKiosk
from kiosk_process import Ended

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


class Office:
    """Admins of one fleet, each with a folder of keys."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._installed = InstalledKiosk(python)
        self.folder, self.keys = folder, folder / "keys"

    def run(self, *words: str | Path) -> Ended:
        return self._installed.run("fleet", *words)

    def said(self, *words: str | Path, keys: Path | None = None) -> dict[str, Any]:
        store = f"folder:{self.folder / 'store'}"
        ended = self.run(*words, "--store", store, "--keys", keys or self.keys, "--json")
        assert ended.code == 0, (words, ended)
        said: dict[str, Any] = json.loads(ended.out)
        return said

    def machine(self, number: int) -> Path:
        folder = self.folder / f"machine-{number}"
        folder.mkdir(mode=0o700)
        for name in (f"admin-{number}.key", "root.json"):
            shutil.copy(self.keys / name, folder / name)
        return folder


def test_keys_are_replaced_and_two_admins_sign_on_two_machines(
    tmp_path: Path, runtime: Path
) -> None:
    office = Office(runtime, tmp_path)
    office.said("init")
    office.said("scope", "add", "harbour", "--door", "front")
    assert office.said("keys", "list")["threshold"] == 2
    assert office.said("keys", "renew")["root"] == 2
    tried = office.said("keys", "replace", "admin-2", "--dry-run")
    assert (tried["root"], tried["dry_run"]) == (3, True)
    assert office.said("keys", "replace", "admin-2")["admins"] == ["admin-1", "admin-3", "admin-4"]
    assert office.said("keys", "replace", "publisher")["root"] == 4
    own = tmp_path / "own"
    public = json.loads(office.run("keys", "make", "--keys", own, "--json").out)["public"]
    assert office.said("keys", "add", "--public", public)["admins"][-1] == "admin-5"
    assert office.said("keys", "remove", "admin-3")["admins"] == ["admin-1", "admin-4", "admin-5"]
    assert office.said("keys", "threshold", "2")["threshold"] == 2
    one, four = office.machine(1), office.machine(4)
    left = office.said("scope", "add", "yard", "--door", "gate", keys=one)
    assert (left["signed"], left["missing"]) == (["admin-1"], 1)
    (shown,) = office.said("pending", keys=four)["pending"]
    assert "Scope yard is new, with the doors gate." in shown["signs"]
    assert office.said("sign", left["pending"], "--yes", keys=four)["effective"]
    assert office.said("diff")["signed"] != []
    office.said("publish")
    assert not any(office.said("diff").values())
    again = office.said("keys", "renew", keys=one)["pending"]
    assert office.said("reject", again, keys=four)["rejected"]
    assert office.said("verify")["problems"] == []
