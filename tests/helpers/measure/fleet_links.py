"""Links of kiosks to their fleet's store that are cut by a schedule, and a clock they all share."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from kiosk.domain.errors import FleetStoreUnreachable
from kiosk.fleet.stores.port import Expected, ObjectStore, StoredObject, Traffic, Unchanged


class SharedClock:
    """One wall clock for everybody; it begins at the time there is, and goes when it is told."""

    def __init__(self) -> None:
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.seconds = 0.0

    def utc(self) -> datetime:
        """The time."""
        return self.began + timedelta(seconds=self.seconds)


class CutLink:
    """A link to a store: dead at times, and at others it breaks in the middle of an answer.

    Args:
        store: the store; each link has its own, for its traffic.
        clock: the time of the schedule.
        chance: of the schedule, and of what breaks.
        seconds: for so long there are cuts.
        broken: the share of the answers in pieces that break.
    """

    def __init__(
        self,
        store: ObjectStore,
        clock: SharedClock,
        chance: random.Random,
        seconds: float,
        broken: float = 0.03,
    ) -> None:
        self._store, self._clock, self._chance, self._broken = store, clock, chance, broken
        self._lock = threading.Lock()
        self.cuts = list(_schedule(chance, seconds))
        self.failed = 0
        self.healed = False

    @property
    def traffic(self) -> Traffic:
        """What went over it."""
        return self._store.traffic

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        """See `ObjectStore.get`."""
        self._pass()
        return self._store.get(name, most_bytes, known_tag=known_tag)

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        """See `ObjectStore.stream`."""
        self._pass()
        pieces = self._store.stream(name, start)
        if pieces is None or self.healed or self._draw() >= self._broken:
            return pieces
        return self._breaking(pieces)

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        """See `ObjectStore.put`; the answer may be lost though it was written."""
        self._pass()
        tag = self._store.put(name, data, expected=expected)
        self._pass()
        return tag

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `ObjectStore.names`."""
        self._pass()
        return self._store.names(prefix)

    def delete(self, name: str) -> None:
        """See `ObjectStore.delete`."""
        self._pass()
        self._store.delete(name)

    def close(self) -> None:
        """See `ObjectStore.close`."""
        self._store.close()

    def _pass(self) -> None:
        now = self._clock.seconds
        dead = any(began <= now < ended for began, ended in self.cuts)
        if not self.healed and (dead or self._draw() < self._broken / 10):
            self.failed += 1
            raise FleetStoreUnreachable("The link is cut.", "Wait.")

    def _breaking(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece[: len(piece) // 2]
            self.failed += 1
            raise FleetStoreUnreachable("The link broke.", "Wait.")

    def _draw(self) -> float:
        with self._lock:
            return self._chance.random()


def _schedule(chance: random.Random, seconds: float) -> Iterator[tuple[float, float]]:
    """Short cuts now and then; for a kiosk in five, one that lasts a quarter to half the time."""
    at = chance.expovariate(1 / 600)
    while at < seconds:
        length = chance.expovariate(1 / 60)
        yield at, at + length
        at += length + chance.expovariate(1 / 600)
    if chance.random() < 0.2:
        at, length = chance.uniform(0.1, 0.6), chance.uniform(0.25, 0.5)
        yield at * seconds, (at + length) * seconds
