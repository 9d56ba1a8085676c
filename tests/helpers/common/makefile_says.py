"""What the Makefile says, for tests that do the same."""

from __future__ import annotations

import re
from pathlib import Path

MAKEFILE = Path(__file__).resolve().parents[3] / "Makefile"


def install_locked() -> list[str]:
    """How a lock is installed: the options of `pip install`, to which its file is added."""
    text = MAKEFILE.read_text(encoding="utf-8")
    said = re.search(r"^INSTALL_LOCKED := \$\(PIP_INSTALL\) (.*)$", text, re.MULTILINE)
    assert said
    return said[1].split()
