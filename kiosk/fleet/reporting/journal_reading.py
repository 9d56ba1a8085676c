"""The journal of a device as admins read it from the store: the chain verified, every break named.

What was read once cannot be changed or taken back afterwards without being seen: the newest segment
is remembered beside the admins' keys, and the device says in its health how far it has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from kiosk.domain.audit import SealedEntry
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.reporting.health import JournalHandedIn
from kiosk.fleet.reporting.reading import HEALTH, device_cards, newest
from kiosk.fleet.reporting.seen import SeenReports
from kiosk.fleet.reporting.segments import MOST_SEGMENT, JournalSegment, read_segment
from kiosk.fleet.sealing import WrappingKey
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

JOURNAL = "journal"
MOST_SHOWN = 20
"""Breaks that are named one by one."""


@dataclass(slots=True)
class DeviceJournal:
    """A device's journal, as far as it is in the store.

    Attributes:
        device: its fingerprint.
        dropped: True if the device was dropped: what came after is its word alone.
        segments: how many were verified.
        entries: those that could be opened, in their order.
        newest_at: when the newest segment was made, by the device's clock, UTC; None for none.
        unopened: how many segments are sealed to other admins.
        problems: what is missing, altered or does not follow, a sentence each.
    """

    device: str
    dropped: bool
    segments: int = 0
    entries: list[SealedEntry] = field(default_factory=list)
    newest_at: datetime | None = None
    unopened: int = 0
    problems: list[str] = field(default_factory=list)


class JournalReader:
    """Reads the journals of devices.

    Args:
        verified: the store.
        holders: admins' keys.
        seen: which segments were seen; takes the newest.
        kept: for how long segments are kept; older ones may be missing.
        now: the time, UTC.
    """

    def __init__(
        self,
        verified: VerifiedStore,
        holders: Iterable[WrappingKey],
        seen: SeenReports,
        kept: timedelta,
        now: datetime,
    ) -> None:
        self._verified, self._holders, self._seen = verified, tuple(holders), seen
        self._kept, self._now = kept, now

    def read(self, device: str, since: datetime | None = None) -> DeviceJournal:
        """The journal of a device.

        Args:
            device: its fingerprint.
            since: entries from before are left out, and not fetched; None for all.

        Raises:
            BadInput: there is no such device.
            FleetRefused: what admins have signed cannot be verified.
            FleetStoreUnreachable: the store does not answer.
        """
        card = device_cards(self._verified, self._verified.targets()).get(device)
        if card is None:
            raise BadInput(
                f"There is no device {device[:60]!r} in this fleet.",
                "Take its fingerprint from the list of the fleet's devices.",
            )
        said = _handed_in(self._verified, card, self._seen)
        return _Reading(self._verified, card, self._holders, self._seen).done(
            since, said, self._now - self._kept
        )


def _handed_in(verified: VerifiedStore, card: DeviceCard, seen: SeenReports) -> JournalHandedIn:
    """How far the device says that it has come; the beginning where it says nothing that counts."""
    try:
        health = newest(verified, card, seen, HEALTH)
    except FleetRefused:
        return JournalHandedIn()
    return JournalHandedIn() if health is None else health.journal


class _Reading:
    """One device's segments, one after the other."""

    def __init__(
        self,
        verified: VerifiedStore,
        card: DeviceCard,
        holders: Sequence[WrappingKey],
        seen: SeenReports,
    ) -> None:
        self._store, self._card, self._holders, self._seen = verified.store, card, holders, seen
        self._device = card.keys.fingerprint
        self._found = DeviceJournal(self._device, dropped=not card.scopes)
        self._before: JournalSegment | None = None
        self._digests: dict[int, str] = {}

    def done(
        self, since: datetime | None, said: JournalHandedIn, oldest: datetime
    ) -> DeviceJournal:
        """Everything that is there, and every break in it."""
        numbers = self._numbers()
        self._check_range(numbers, oldest)
        for number in numbers[self._start(numbers, since) :]:
            segment = self._read(number)
            if segment is not None:
                self._follow(segment)
                self._open(segment, since)
        self._check_known(numbers, said)
        problems = self._found.problems
        if len(problems) > MOST_SHOWN:
            problems[MOST_SHOWN:] = [f"{len(problems) - MOST_SHOWN} breaks more."]
        return self._found

    def _numbers(self) -> Sequence[int]:
        prefix, found = layout.journal_prefix(self._device), list[int]()
        for name in self._store.names(prefix):
            digits = name.removeprefix(prefix)
            if len(digits) == layout.NUMBER_DIGITS and digits.isdecimal() and digits.isascii():
                found.append(int(digits))
            else:
                self._name(f"{name} is no segment.")
        return sorted(found)

    def _start(self, numbers: Sequence[int], since: datetime | None) -> int:
        """The index of the first segment that may hold entries of that time or later."""
        if since is None:
            return 0
        for index in range(len(numbers) - 1, -1, -1):
            segment = self._read(numbers[index], quiet=True)
            if segment is not None and segment.at < since:
                return index
        return 0

    def _read(self, number: int, *, quiet: bool = False) -> JournalSegment | None:
        """A segment in its place; None, and named, if it is not the device's."""
        try:
            found = self._store.get(layout.journal_name(self._device, number), MOST_SEGMENT)
            data = found.data if isinstance(found, StoredObject) else b""
            segment = read_segment(data, self._card.keys)
        except FleetRefused as error:
            if not quiet:
                self._name(f"Segment {number}: {error.problem}")
            return None
        if segment.number == number:
            return segment
        if not quiet:
            self._name(f"In the place of segment {number} lies segment {segment.number}.")
        return None

    def _follow(self, segment: JournalSegment) -> None:
        found, before = self._found, self._before
        found.segments += 1
        found.newest_at = segment.at
        self._digests[segment.number] = segment.digest
        self._before = segment
        if before is None:
            return
        follows = segment.before.digest == before.digest
        if segment.number == before.number + 1 and not follows:
            self._name(f"Segment {segment.number} does not follow segment {before.number}: a fork.")
        first, last = segment.begin.number + 1, before.end.number
        if first > last + 1:
            self._name(f"Entries {last + 1} to {first - 1} of the journal are missing.")
        elif segment.begin != before.end:
            self._name(
                f"In segment {segment.number} the journal goes on from entry {first}: it was begun "
                "anew there, or put back."
            )

    def _open(self, segment: JournalSegment, since: datetime | None) -> None:
        try:
            entries = segment.entries(self._device, self._holders)
        except FleetRefused as error:
            self._name(error.problem)
            return
        if entries is None:
            self._found.unopened += 1
            return
        self._found.entries += [each for each in entries if since is None or _is_of(each, since)]

    # -- what must be there ----------------------------------------------------------------------

    def _check_range(self, numbers: Sequence[int], oldest: datetime) -> None:
        for first, last in _gaps(numbers):
            self._name(f"Segments {first} to {last} are missing.")
        if not numbers or numbers[0] == 1:
            return
        segment = self._read(numbers[0], quiet=True)
        gone_at = None if segment is None else segment.before.at
        if gone_at is None or gone_at > oldest:
            self._name(
                f"Segments 1 to {numbers[0] - 1} are missing, and not all of them are due to go."
            )

    def _check_known(self, numbers: Sequence[int], said: JournalHandedIn) -> None:
        """Nothing that was seen, or that the device speaks of, may be gone or another."""
        seen, last = self._seen.of(self._device, JOURNAL), max(numbers, default=0)
        known = ((int(seen["number"]), seen.get("digest")), (said.number, said.digest))
        for number, digest in known:
            if number > last:
                self._name(f"Segments up to {number} were handed in; those after {last} are gone.")
            elif digest is not None and self._digests.get(number, digest) != digest:
                self._name(f"Segment {number} is another one than was handed in: a fork.")
        newest = self._before
        if newest is not None:
            self._seen.take(self._device, JOURNAL, newest.number, digest=newest.digest)

    def _name(self, problem: str) -> None:
        if problem not in self._found.problems:
            self._found.problems.append(problem)


def _gaps(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges that are missing between sorted numbers."""
    for before, after in pairwise(numbers):
        if after > before + 1:
            yield before + 1, after - 1


def _is_of(sealed: SealedEntry, since: datetime) -> bool:
    """True unless an entry is from before; one whose time cannot be read is shown."""
    try:
        return datetime.fromisoformat(sealed.entry.at_utc) >= since
    except (TypeError, ValueError):
        return True
