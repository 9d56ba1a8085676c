"""A store that counts what is asked of it and sent to it, by the kind of object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kiosk.fleet.stores.port import Expected, ObjectStore, StoredObject, Unchanged


def kind_of(name: str) -> str:
    """Which report an object is; `other` for none."""
    last = name.rpartition("/")[2]
    for word in ("health", "receipts", "journal"):
        if last.startswith(word):
            return word
    return "other"


@dataclass
class CountedStore:
    """Counts requests, and bytes of bodies, by kind; else it is the one it was given."""

    store: ObjectStore
    requests: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        self.requests[kind_of(name)] += 1
        self.sent[kind_of(name)] += len(data)
        return self.store.put(name, data, expected=expected)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        self.requests[kind_of(name)] += 1
        found = self.store.get(name, most_bytes, known_tag=known_tag)
        if isinstance(found, StoredObject):
            self.received[kind_of(name)] += len(found.data)
        return found
