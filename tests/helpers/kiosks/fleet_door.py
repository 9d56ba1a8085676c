"""One kiosk of a fleet in a folder, with a person whom admins have shared with it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk_process import Ended, Running, environment, kiosk

from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.keyring import Keyring
from kiosk.store.home import Home, now_utc
from kiosk.store.open_home import OpenHome

SHORT = """
[access]
granted_hold_seconds = 1
refused_hold_seconds = 1
retry_seconds = 1

[fleet]
poll_seconds = 600
"""


class FleetDoor:
    """The kiosk, played by its commands; it polls every ten minutes.

    Args:
        folder: for store, keys and home.
        known: a home that knows the person.
        person: who.
    """

    def __init__(self, folder: Path, known: Path, person: str) -> None:
        self.home, self.keys = folder / "door", folder / "keys"
        self.store = f"folder:{folder / 'store'}"
        self.admins("fleet", "init", "--admins", "1", "--threshold", "1")
        self.admins("fleet", "scope", "add", "harbour", "--door", "front")
        where = ("--store", self.store, "--root", self.keys / "root.json")
        enrolled = kiosk("device", "enrol", "--home", self.home, *where, "--json")
        device = str(enrolled.said["fingerprint"])
        self.admins("fleet", "approve", device, "--scope", "harbour")
        with OpenHome.open(known) as open_home:
            profile = open_home.references.show(SubjectId(person))
            everybody = open_home.references.load(profile.spaces[0])
        mine = tuple(each for each in everybody if each.subject == person)
        admin = FleetAdmin(FolderStore(folder / "store"), Keyring(self.keys), now_utc)
        admin.say("harbour", [FleetPerson(SubjectId(person), profile.profile, mine)])
        admin.publish()

    def admins(self, *words: str | Path, env: dict[str, str] | None = None) -> dict[str, Any]:
        place = ("--store", self.store, "--keys", self.keys, "--json")
        ended = kiosk(*words, *place, env=environment(**(env or {})))
        assert (ended.code, [line for line in ended.err.splitlines() if "told" in line]) == (0, [])
        said: dict[str, Any] = json.loads(ended.out)
        return said

    def run(self, source: str, lines: str, **env: str) -> Running:
        (self.home / "config.toml").write_text(SHORT + lines, encoding="utf-8")
        arguments = ("run", "--home", self.home, "--source", source, "--headless", "--json")
        return Running(*arguments, env=environment(**env))

    def told(self, event: str) -> list[dict[str, Any]]:
        """What the journal has of an event."""
        lines = (self.home / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return [entry["details"] for entry in entries if entry["event"] == event]

    def replay(self, walk: Path, lines: str = "") -> Ended:
        """A recording of somebody who walks up to it."""
        (self.home / "config.toml").write_text(SHORT + lines, encoding="utf-8")
        return kiosk(
            "run", "--home", self.home, "--source", f"images:{walk}", "--headless", "--json"
        )

    def heard_last(self, at: datetime) -> None:
        """Let the publisher have signed at another time what the kiosk knows."""
        kept = DeviceFile(Home(self.home))._file
        kept.change(lambda said: {**(said or {}), "heard": at.isoformat()})
