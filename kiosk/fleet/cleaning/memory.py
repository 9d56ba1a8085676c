"""What the publisher remembers for cleaning: a store does not say since when an object is there.

All of it goes by the publisher's clock. After a long pause, or a jump of the clock, nothing goes
for a week, so that somebody can notice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.domain.errors import StoreKeyError
from kiosk.store.home import read_whole, replace_whole

CLEANING = "cleaning.json"
EVERY = timedelta(days=1)
MOST_GAP = timedelta(days=31)
SETTLING = timedelta(days=7)


@dataclass(slots=True)
class CleaningMemory:
    """What is remembered from one cleaning to the next.

    Attributes:
        cleaned_at: when it was tried last, UTC; None for never.
        doubted_at: when the clock was in doubt last, UTC; None for never.
        unfinished: True if there was more to do than is done in one go.
        first_seen: since when an object is of no use, UTC, by its name.
        versions: when a version of a role's metadata was first seen as the newest, by role.
    """

    cleaned_at: datetime | None = None
    doubted_at: datetime | None = None
    unfinished: bool = False
    first_seen: dict[str, datetime] = field(default_factory=dict)
    versions: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)

    def is_due(self, now: datetime) -> bool:
        """True if a day has gone by since the last time, or the clock was set back."""
        if self.cleaned_at is None or self.unfinished:
            return True
        return not timedelta() <= now - self.cleaned_at < EVERY

    def doubts(self, now: datetime) -> bool:
        """True if the clock may have jumped; remembers that it was tried now."""
        if self.cleaned_at is not None and not timedelta() <= now - self.cleaned_at <= MOST_GAP:
            self.doubted_at = now
        self.cleaned_at = now
        return self.doubted_at is not None and now - self.doubted_at < SETTLING

    def overdue(self, names: Mapping[str, timedelta], now: datetime) -> list[str]:
        """The objects whose time is over; the others are remembered, and what came back forgotten.

        Args:
            names: for how long each object that is of no use is kept.
            now: the time, UTC.
        """
        self.first_seen = {name: self.first_seen.get(name, now) for name in names}
        return [name for name, kept in names.items() if now - self.first_seen[name] >= kept]

    def forget(self, names: Collection[str]) -> None:
        """Forget objects that are gone."""
        for name in names:
            self.first_seen.pop(name, None)

    def replaced(self, role: str, version: int, now: datetime, kept: timedelta) -> int:
        """The version of a role's metadata before which all were replaced long ago; 0 for none."""
        marks = self.versions.setdefault(role, [])
        if not marks or marks[-1][1] != version:
            marks.append((now, version))
        old = [mark for mark in marks if now - mark[0] >= kept]
        self.versions[role] = [*old[-1:], *(mark for mark in marks if now - mark[0] < kept)]
        return old[-1][1] if old else 0


def load_memory(path: Path) -> CleaningMemory:
    """What is remembered in a file; nothing where there is none.

    Raises:
        StoreKeyError: it is damaged, or cannot be read.
    """
    try:
        return _memory(json.loads(read_whole(path)))
    except FileNotFoundError:
        return CleaningMemory()
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise _unusable(path, "is damaged, or cannot be read") from error


def save_memory(path: Path, memory: CleaningMemory) -> None:
    """Remember it, durably.

    Raises:
        StoreKeyError: the file cannot be written.
    """
    said = {
        "cleaned_at": _text(memory.cleaned_at),
        "doubted_at": _text(memory.doubted_at),
        "unfinished": memory.unfinished,
        "first_seen": {name: _text(at) for name, at in memory.first_seen.items()},
        "versions": {
            role: [[_text(at), version] for at, version in marks]
            for role, marks in memory.versions.items()
        },
    }
    try:
        replace_whole(path, json.dumps(said).encode())
    except OSError as error:
        raise _unusable(path, "cannot be written") from error


def _memory(said: Mapping[str, Any]) -> CleaningMemory:
    return CleaningMemory(
        _time(said["cleaned_at"]),
        _time(said["doubted_at"]),
        bool(said["unfinished"]),
        {name: datetime.fromisoformat(at) for name, at in said["first_seen"].items()},
        {
            role: [(datetime.fromisoformat(at), int(version)) for at, version in marks]
            for role, marks in said["versions"].items()
        },
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _unusable(path: Path, why: str) -> StoreKeyError:
    return StoreKeyError(
        f"The file {path}, which remembers what is to go from the fleet's store, {why}.",
        "Remove it to begin anew: then nothing goes before its time has passed once more.",
    )
