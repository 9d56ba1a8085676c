"""The journal of a device, handed in segment by segment. Nothing is ever sent under a used number.

A segment is written to a file of the home, then its number and hash to the ledger, and only then to
the store: whatever ends in between, the same bytes are sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any

from kiosk.domain.audit import SealedEntry
from kiosk.domain.errors import FleetRefused, ObjectChanged, StoreError
from kiosk.fleet.device import Device
from kiosk.fleet.reporting.health import JournalHandedIn
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.reporting.segments import (
    MOST_SEGMENT,
    JournalPlace,
    JournalSegment,
    SegmentBefore,
    make_segment,
    read_segment,
)
from kiosk.fleet.stores.port import ABSENT, ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.journal.events.fleet import FleetJoined
from kiosk.store.home import Home, read_whole, replace_whole
from kiosk.store.journal.verification import MIN_SPAN_BYTES, walk
from kiosk.store.secrets.keys import FileKey, Purpose

PORTION_BYTES = 500_000
MOST_AT_ONCE = 8
"""Segments in one go: what has piled up is handed in over several."""
_PART, _PENDING = "journal", "journal-pending"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """How far the journal is handed in.

    Attributes:
        last: the last segment that has a number.
        end: the place after its last entry.
        begin: the place before its first entry.
        sha256: of its bytes, while it is not known to be in the store; else None.
    """

    last: SegmentBefore = SegmentBefore()
    end: JournalPlace = JournalPlace()
    begin: JournalPlace = JournalPlace()
    sha256: str | None = None

    def said(self) -> dict[str, Any]:
        """The content for the ledger."""
        at = self.last.at
        return {
            "last": [self.last.number, self.last.digest, None if at is None else at.isoformat()],
            "end": [self.end.number, self.end.hash],
            "begin": [self.begin.number, self.begin.hash],
            "sha256": self.sha256,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> HandedIn:
        """Decode the result of `said`; the beginning where there is none."""
        if not said:
            return cls()
        number, digest, at = said["last"]
        last = SegmentBefore(number, digest, None if at is None else datetime.fromisoformat(at))
        return cls(last, JournalPlace(*said["end"]), JournalPlace(*said["begin"]), said["sha256"])


class JournalWriter:
    """Hands in the journal of a device; one thread of one process calls it.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        ledger: keeps how far it is handed in.
        home: holds the journal.
        admins: public keys of the admins for whom it is sealed; none while they are not known.
        utc: the wall clock.
        now: monotonic seconds.
        every_seconds: new entries wait for so long.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        ledger: ReportLedger,
        home: Home,
        admins: Callable[[], Sequence[bytes]],
        utc: Callable[[], datetime],
        now: Callable[[], float],
        every_seconds: float,
    ) -> None:
        self._store, self._device, self._ledger, self._home = store, device, ledger, home
        self._admins, self._utc, self._now, self._every = admins, utc, now, every_seconds
        self._key = FileKey(home).derive(Purpose.JOURNAL_HEAD)
        self._due_at = now()

    def hand_in(self) -> None:
        """Hand in what is new, if it is time to.

        Raises:
            FleetRefused, FleetStoreUnreachable: the store does not take it.
            JournalTampered: the journal does not verify; nothing of it is handed in.
            StoreError: it could not be made durable here first.
        """
        known = HandedIn.of(self._ledger.part(_PART))
        if known.sha256 is not None:
            known = self._sent(known)
        if self._now() < self._due_at:
            return
        admins = self._admins()
        if not admins:
            return
        for _ in range(MOST_AT_ONCE):
            begin, entries = self._portion(known.end)
            if not entries:
                break
            known = self._sent(self._numbered(known, begin, entries, admins))
        self._due_at = self._now() + self._every

    def far(self) -> JournalHandedIn:
        """How far the journal is in the store, as far as is known here.

        Raises:
            StoreError: the ledger cannot be read.
        """
        known = HandedIn.of(self._ledger.part(_PART))
        if known.sha256 is not None:  # the one before is there, and its hash is not kept
            return JournalHandedIn(known.last.number - 1, None)
        return JournalHandedIn(known.last.number, known.last.digest)

    # -- one segment -----------------------------------------------------------------------------

    def _numbered(
        self,
        known: HandedIn,
        begin: JournalPlace,
        entries: Sequence[SealedEntry],
        admins: Sequence[bytes],
    ) -> HandedIn:
        """A new segment, durable here under its number before anybody sees it."""
        data = make_segment(self._device, known.last, begin, entries, admins, self._utc())
        made = read_segment(data, self._device.public)
        new = replace(_after(made), sha256=hashlib.sha256(data).hexdigest())
        try:
            replace_whole(self._pending, data)
        except OSError as error:
            raise StoreError(
                f"The file {self._pending} cannot be written.",
                "See whether the disk is full or read-only.",
            ) from error
        self._ledger.keep(_PART, new.said())
        return new

    def _sent(self, known: HandedIn) -> HandedIn:
        """What is known once the segment that is pending is in the store."""
        data = self._pending_bytes(known)
        name = layout.journal_name(self._device.fingerprint, known.last.number)
        if data is None:
            return self._kept(self._lost(known, name))
        try:
            self._store.put(name, data, expected=ABSENT)
        except ObjectChanged:
            there = self._own(known.last.number)
            if there is None:  # not of this kiosk, whatever it is
                self._store.put(name, data, expected=ANYTHING)
            elif there.digest != known.last.digest:
                self._kept(self._beyond(known, there))
                raise FleetRefused(
                    f"The fleet's store holds another segment {there.number} of this kiosk's "
                    "journal, signed by this kiosk.",
                    "Its home was restored from a backup; what is new is handed in after it.",
                ) from None
        return self._kept(replace(known, sha256=None))

    def _lost(self, known: HandedIn, name: str) -> HandedIn:
        """The segment that was pending is gone: its number is used, its entries are sent again."""
        with suppress(FleetRefused):  # what AWS says of it to whoever may not list names
            found = self._store.get(name, MOST_SEGMENT)
            if isinstance(found, StoredObject) and _sha256(found.data) == known.sha256:
                return replace(known, sha256=None)
        return replace(known, end=known.begin, sha256=None)

    def _beyond(self, known: HandedIn, there: JournalSegment) -> HandedIn:
        """After the last segment that this kiosk has sent and does not remember."""
        last = there
        while (following := self._own(last.number + 1)) is not None:
            last = following
        return replace(_after(last), end=known.begin, begin=known.begin)

    def _own(self, number: int) -> JournalSegment | None:
        """A segment in the store that this device has signed; None for anything else."""
        name = layout.journal_name(self._device.fingerprint, number)
        try:
            found = self._store.get(name, MOST_SEGMENT)
            if not isinstance(found, StoredObject):
                return None
            segment = read_segment(found.data, self._device.public)
        except FleetRefused:
            return None
        return segment if segment.number == number else None

    def _kept(self, known: HandedIn) -> HandedIn:
        self._ledger.keep(_PART, known.said())
        self._pending.unlink(missing_ok=True)
        return known

    def _pending_bytes(self, known: HandedIn) -> bytes | None:
        try:
            data = read_whole(self._pending)
        except OSError:
            return None
        return data if _sha256(data) == known.sha256 else None

    @property
    def _pending(self) -> Path:
        return self._home.fleet_cache / _PENDING

    # -- the journal -----------------------------------------------------------------------------

    def _portion(self, end: JournalPlace) -> tuple[JournalPlace, Sequence[SealedEntry]]:
        """The next entries, and the place before the first of them."""
        taken, size = list[SealedEntry](), 0
        for entry in self._after(end):
            size += len(entry.line()) + 1
            if taken and size > PORTION_BYTES:
                break
            taken.append(entry)
        if not taken:
            return end, ()
        return JournalPlace(taken[0].number - 1, taken[0].previous), taken

    def _after(self, end: JournalPlace) -> Iterator[SealedEntry]:
        """The entries after a place; all there are where the journal was begun anew since."""
        if end == JournalPlace():
            return self._since_joined()
        span, first = MIN_SPAN_BYTES, -1
        while True:
            found = (place.entry for place in walk(self._home, self._key, span))
            begins = next(found, None)
            if begins is None:
                return iter(())
            if begins.number <= end.number or begins.number == first:
                break
            if (begins.number - 1, begins.previous) == (end.number, end.hash):
                return _chained(begins, found)
            span, first = span * 4, begins.number
        rest = dropwhile(lambda each: each.number < end.number, _chained(begins, found))
        known = next(rest, None)
        if known is not None and (known.number, known.hash) == (end.number, end.hash):
            return rest
        return (place.entry for place in walk(self._home, self._key))

    def _since_joined(self) -> Iterator[SealedEntry]:
        """The entries from the one on with which this kiosk joined its fleet.

        What it wrote before is no affair of the fleet. Where that entry has gone by its age, all
        that are left came after it.
        """
        joined = max(
            (it.number for it in self._all() if it.entry.event == FleetJoined.name), default=0
        )
        return dropwhile(lambda each: each.number < joined, self._all())

    def _all(self) -> Iterator[SealedEntry]:
        return (place.entry for place in walk(self._home, self._key))


def _chained(first: SealedEntry, rest: Iterator[SealedEntry]) -> Iterator[SealedEntry]:
    yield first
    yield from rest


def _after(segment: JournalSegment) -> HandedIn:
    last = SegmentBefore(segment.number, segment.digest, segment.at)
    return HandedIn(last, segment.end, segment.begin)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
