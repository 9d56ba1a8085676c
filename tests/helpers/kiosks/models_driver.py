"""The real `kiosk` command with another manifest: `models_driver.py MANIFEST ARGUMENT…`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import models.packs.installed
from kiosk.cli import app
from models.packs.parsing import parse

if __name__ == "__main__":
    manifest = parse(tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    models.packs.installed.load_manifest = lambda: manifest  # type: ignore[assignment] # read at each call
    app(sys.argv[2:], prog_name="kiosk")
