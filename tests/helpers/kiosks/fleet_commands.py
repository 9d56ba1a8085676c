"""A fleet in a folder, played by its commands with the runtime lock alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from installed_kiosk import InstalledKiosk
from kiosk_process import Ended


class Fleet:
    """Its folder has the store, admins' keys, and a home for each device.

    Args:
        python: of an environment with the runtime lock alone.
        folder: of it all.
    """

    def __init__(self, python: Path, folder: Path) -> None:
        self._installed = InstalledKiosk(python)
        self.folder, self.keys = folder, folder / "keys"
        self.store = f"folder:{folder / 'store'}"
        self.admin = ("--store", self.store, "--keys", self.keys)

    def kiosk(self, *words: str | Path) -> Ended:
        return self._installed.run(*words)

    def said(self, *words: str | Path) -> dict[str, Any]:
        ended = self.kiosk(*words, "--json")
        assert ended.code == 0, (words, ended)
        said: dict[str, Any] = json.loads(ended.out)
        return said

    def admins(self, *words: str | Path) -> dict[str, Any]:
        return self.said(*words, *self.admin)

    def device(self, name: str) -> Path:
        home = self.folder / name
        root = self.keys / "root.json"
        made = self.said("device", "enrol", "--home", home, "--store", self.store, "--root", root)
        self.admins("fleet", "approve", made["fingerprint"], "--scope", "harbour")
        return home

    def sync(self, home: Path) -> dict[str, Any]:
        return self.said("sync", "--home", home, "--once")

    def decision(self, home: Path, walk: Path) -> Mapping[str, Any]:
        source = f"images:{walk}"
        ended = self.kiosk("run", "--home", home, "--source", source, "--headless", "--json")
        assert ended.code == 0, ended
        first, *_ = ended.of("decision")
        return first
