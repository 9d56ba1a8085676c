"""The drill of `docs/fleet-keys.md`: every command in it, in its order, on a fleet with people."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_fleet import HARBOUR, Kiosk, SmallFleet, person
from typer.testing import CliRunner

from kiosk.cli import app

DOCUMENT = Path(__file__).parents[3] / "docs" / "fleet-keys.md"
LEAST = 18
"""So many commands the drill has at least: a document without any would pass else."""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("front")
    fleet.told(person("anna"), person("boris"))
    kiosk.sync()
    return kiosk


def commands() -> list[str]:
    """The commands of the document, line by line."""
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


class Drill:
    """Plays the document's commands on a fleet."""

    def __init__(self, fleet: SmallFleet) -> None:
        self._fleet = fleet
        self._places = {
            "STORE": f"folder:{fleet.store.path}",
            "KEYS": str(fleet.keys.folder),
            **{f"KEYS-{n}": str(fleet.folder / f"machine-{n}") for n in (1, 4, 5)},
        }

    def play(self, line: str) -> str:
        """What a command prints; it must end well."""
        self._lay_out()
        if " CHANGE " in line:
            line = line.replace("CHANGE", self._waiting())
        words = [self._placed(word) for word in line.removeprefix("kiosk ").split()]
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0, (line, ended.output)
        return ended.output

    def _placed(self, word: str) -> str:
        folder, slash, file = word.partition("/")
        return f"{self._places.get(folder, folder)}{slash}{file}"

    def _waiting(self) -> str:
        words = ("fleet", "pending", "--store", "STORE", "--keys", "KEYS-4", "--json")
        ended = CliRunner().invoke(app, [self._placed(word) for word in words])
        (found,) = json.loads(ended.output)["pending"]
        return str(found["change"])

    def _lay_out(self) -> None:
        """The machines of two admins have their keys, once there are such, and the newest root."""
        for number in (1, 4):
            key, folder = self._fleet.keys.folder / f"admin-{number}.key", f"KEYS-{number}"
            if key.exists():
                Path(self._places[folder]).mkdir(mode=0o700, exist_ok=True)
                shutil.copy(key, self._places[folder])
                shutil.copy(self._fleet.keys.folder / "root.json", self._places[folder])


def test_every_command_of_the_drill(fleet: SmallFleet, front: Kiosk) -> None:
    lines, drill = commands(), Drill(fleet)
    assert len(lines) >= LEAST
    told = {line: drill.play(line) for line in lines}
    assert "admin-4" in told["kiosk fleet keys list --store STORE --keys KEYS"]
    fleet.admin = fleet.admins()
    fleet.say(person("dora"))
    fleet.admin.publish()
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "dora 1"}
    assert fleet.admin.scopes() == [HARBOUR, "yard"]
