"""`kiosk doctor --data-map`: what a kiosk's home holds, by class (R67)."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from kept_samples import ANNA
from model_samples import tree
from people_changes import settle
from typer.testing import CliRunner, Result

from config.settings import Settings
from kiosk.cli import app
from kiosk.diagnostics.data_map.classes import CLASSES, NAMED, STORE
from kiosk.diagnostics.data_map.rows import data
from kiosk.store.home import Home


def mapped(home: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["doctor", "--data-map", "--home", str(home), *options])


def test_a_home_of_a_kiosk_is_in_order_and_is_shown_by_class(tmp_path: Path) -> None:
    home = settle(tmp_path / "home")
    before = tree(home)
    said = json.loads(mapped(home, "--json").stdout)
    assert (said["worst"], len(said["findings"])) == ("ok", 1), said["findings"]
    assert len(said["classes"]) == len(CLASSES) + 1
    people, *_, named = said["classes"]
    assert (people["about"], people["protection"]) == (["enrolled people"], "sealed")
    assert (people["files"], people["modes"], people["where"]) == (1, ["0600"], ["references.db"])
    assert (named["about"], named["files"]) == (list(NAMED.about), 0)
    assert sum(each["files"] for each in said["classes"]) == len(before)
    assert said["store"] == []
    shown = mapped(home)
    assert shown.exit_code == 0
    assert "nobody: keys" in shown.stdout
    assert ANNA not in shown.stdout + json.dumps(said)
    assert tree(home) == before


def test_a_picture_is_bad_and_the_store_of_a_fleet_is_named(tmp_path: Path) -> None:
    home = settle(tmp_path / "home")
    Home(home).fleet.write_bytes(b"sealed")
    (home / "left.over").write_bytes(b"\xff\xd8\xff\xe0")
    result = mapped(home, "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["worst"]) == (4, "bad")
    assert [each["where"] for each in said["store"]] == [list(each.shown) for each in STORE]
    assert {each["files"] for each in said["store"]} == {None}
    assert "uploads/" in mapped(home).stdout


OTHER = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("BEGIN IMMEDIATE")
"""


def test_a_lock_of_a_database_in_this_process_is_kept(tmp_path: Path) -> None:
    """The installer's page looks in the process that has the databases open."""
    home = settle(tmp_path / "home")
    database = sqlite3.connect(Home(home).references, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    assert "ok" in {each.health.value for each in data(home, Settings())}
    other = [sys.executable, "-P", "-c", OTHER, str(Home(home).references)]
    ended = subprocess.run(other, capture_output=True, text=True, timeout=60, check=False)
    database.close()
    assert "database is locked" in ended.stderr
