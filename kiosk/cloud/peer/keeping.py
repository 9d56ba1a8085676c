"""The folder in which a peer keeps its collections: a file with a line of JSON for each change.

It holds templates as they are, for its owner alone. It is for trying things out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kiosk.cloud.peer.collections import KeptCollections
from kiosk.domain.errors import BadInput
from kiosk.store.file_lock import alone

FILE, LOCK = "collections.jsonl", "lock"


class PeerFolder:
    """The folder of a peer, which no other one uses until it is closed.

    Args:
        folder: made if it is not there.

    Raises:
        BadInput: it cannot be used, or another peer uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._held = folder / FILE, ExitStack()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._held.enter_context(alone(folder / LOCK, patience_seconds=0.0))
        except TimeoutError:
            raise BadInput(
                f"Another peer keeps its collections in {folder}.", "End it, or name another one."
            ) from None
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
            self.close()
            raise BadInput(
                f"{self._file} is not what a peer has kept.", "Name another folder, or remove it."
            ) from error
        self._rewrite(kept)
        return kept

    def append(self, change: Mapping[str, Any]) -> None:
        """Keep one change, whole or not at all; OSError if that cannot be done."""
        before = self._file.stat().st_size
        try:
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(change) + "\n")
        except OSError:
            os.truncate(self._file, before)  # the next one would be glued to the half of it
            raise

    def close(self) -> None:
        """Let another peer use it."""
        self._held.close()

    def _rewrite(self, kept: KeptCollections) -> None:
        """Leave out what was undone."""
        fresh = self._file.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(change) + "\n" for change in kept.changes())
        fresh.replace(self._file)
