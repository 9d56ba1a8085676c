"""The README's table of commands."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[3] / "README.md"


def listed() -> set[str]:
    """Every command of the table: `run`, `people erase` ..."""
    found = set()
    for row in re.findall(r"^\| (`kiosk .*?) \|", README.read_text(encoding="utf-8"), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        _, command, *below = first.split()
        found |= {" ".join((command, *below))} | {f"{command} {other}" for other in others}
    return found
