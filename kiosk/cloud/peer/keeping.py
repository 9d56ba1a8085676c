"""The folder in which a peer keeps its collections: a file with a line of JSON for each change.

It holds templates as they are, for its owner alone. It is for trying things out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.cloud.peer.collections import KeptCollections
from kiosk.domain.errors import BadInput

FILE = "collections.jsonl"


class PeerFolder:
    """The folder of a peer.

    Args:
        folder: made if it is not there.

    Raises:
        BadInput: it cannot be used, or its file is not a peer's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(
                f"The folder {folder} cannot be used: {error.strerror}.", "Name another one."
            ) from error

    def load(self) -> KeptCollections:
        """What was kept; a last change that was not written to its end is left out."""
        kept = KeptCollections()
        try:
            text = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
            whole = text[: text.rfind("\n") + 1]
            for line in whole.splitlines():
                kept.apply(json.loads(line))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{self._file} is not what a peer has kept.", "Name another folder, or remove it."
            ) from error
        self._rewrite(kept)
        return kept

    def append(self, change: Mapping[str, Any]) -> None:
        """Keep one change."""
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(change) + "\n")

    def _rewrite(self, kept: KeptCollections) -> None:
        """Leave out what was undone."""
        fresh = self._file.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(change) + "\n" for change in kept.changes())
        fresh.replace(self._file)
