"""A store with changes on top of it that are kept in memory: what would be written, and is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from kiosk.fleet.stores.port import (
    ABSENT,
    ANYTHING,
    UNCHANGED,
    Expected,
    ObjectStore,
    StoredObject,
    Traffic,
    Unchanged,
    changed,
    too_long,
    valid_name,
)

MOST_READ = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Write:
    """One object that would be written.

    Attributes:
        name: its name.
        data: its bytes.
        new: True if there must be none of that name.
    """

    name: str
    data: bytes
    new: bool


class OverlayStore:
    """An `ObjectStore` that reads another one, and writes to memory.

    Args:
        below: the store that is read.
    """

    def __init__(self, below: ObjectStore) -> None:
        self._below = below
        self._objects: dict[str, StoredObject | None] = {}
        self._numbers = count(1)
        self.writes: list[Write] = []

    @property
    def traffic(self) -> Traffic:
        """The count of the store below."""
        return self._below.traffic

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        """Read a whole object, as it would be."""
        if name not in self._objects:
            return self._below.get(name, most_bytes, known_tag=known_tag)
        found = self._objects[name]
        if found is None:
            return None
        if len(found.data) > most_bytes:
            raise too_long(name, most_bytes)
        return UNCHANGED if found.tag == known_tag else found

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        """Read an object in pieces, as it would be."""
        if name not in self._objects:
            return self._below.stream(name, start)
        found = self._objects[name]
        return None if found is None else iter([found.data[start:]] if found.data[start:] else [])

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        """Keep what would be written; raises ObjectChanged as the store below would."""
        valid_name(name)
        if expected is not ANYTHING:
            there = self.get(name, MOST_READ)
            if expected != (there.tag if isinstance(there, StoredObject) else ABSENT):
                raise changed(name)
        self.writes.append(Write(name, data, expected is ABSENT))
        tag = f"overlay-{next(self._numbers)}"
        self._objects[name] = StoredObject(data, tag)
        return tag

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that there would be, sorted."""
        names = {name for name in self._below.names(prefix) if name not in self._objects}
        names |= {n for n, it in self._objects.items() if it is not None and n.startswith(prefix)}
        return iter(sorted(names))

    def delete(self, name: str) -> None:
        """Keep that an object would be removed."""
        self._objects[name] = None

    def close(self) -> None:
        """Close nothing: the store below is its owner's."""
