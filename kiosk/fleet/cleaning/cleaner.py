"""The cleaning of a fleet's store, by the publisher, once a day.

Nothing that is published goes, nothing that admins have signed, and nothing that waits. Whoever can
write to the store could delete it all anyway; what goes here goes because its time is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Snapshot, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.cleaning.ages import KeptClass, KeptFor
from kiosk.fleet.cleaning.memory import CleaningMemory, load_memory, save_memory
from kiosk.fleet.reporting.reading import device_cards
from kiosk.fleet.reporting.segments import MOST_SEGMENT, read_segment
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

MOST_AT_ONCE = 200
"""Objects that are deleted in one go: publishing waits for it, seconds and not minutes."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a cleaning.

    Attributes:
        gone: how many objects went, by class.
        held: True if nothing went, because the clock may have jumped.
        unfinished: True if there is more to do; publishing comes first.
    """

    gone: Mapping[str, int]
    held: bool = False
    unfinished: bool = False


def clean(
    path: Path,
    verified: Callable[[], VerifiedStore],
    kept_for: KeptFor,
    now: datetime,
    *,
    remembers: bool = True,
) -> Cleaned:
    """Clean a store, unless the clock may have jumped.

    Args:
        path: the file that remembers.
        verified: opens the store.
        kept_for: how long each class is kept.
        now: the time, UTC.
        remembers: False to leave the file as it is: where it is only tried out.

    Raises:
        FleetRefused, FleetStoreUnreachable: not all could be done; what is left goes the next time.
        StoreKeyError: the file is damaged, or cannot be written.
    """
    memory = load_memory(path)
    held = memory.doubts(now)
    try:
        if held:
            return Cleaned({}, held=True)
        return FleetCleaning(verified(), memory, kept_for, now).run()
    finally:
        if remembers:
            save_memory(path, memory)


class FleetCleaning:
    """Deletes from a fleet's store what is over its time.

    Args:
        verified: the store.
        memory: since when objects are of no use; what is found is remembered in it.
        kept_for: how long each class is kept.
        now: the time, UTC.
    """

    def __init__(
        self, verified: VerifiedStore, memory: CleaningMemory, kept_for: KeptFor, now: datetime
    ) -> None:
        self._verified, self._store, self._memory = verified, verified.store, memory
        self._kept, self._now = kept_for, now
        self._gone: Counter[str] = Counter()
        memory.unfinished = False

    def run(self) -> Cleaned:
        """Delete all that is due.

        Raises:
            FleetRefused: what is published cannot be verified, or the store refuses to delete;
                what is left goes the next time.
            FleetStoreUnreachable: the store does not answer; as above.
        """
        targets, found = self._verified.targets(), self._verified.timestamp()
        if found is None:
            return Cleaned({})
        snapshot = self._verified.snapshot(found[0])
        self._verified.refuse_older(targets, snapshot)
        cards = device_cards(self._verified, targets)
        useless = dict(self._useless(targets, snapshot, cards))
        times = {name: self._kept.of(kept) for name, kept in useless.items()}
        for name in self._memory.overdue(times, self._now):
            if self._delete(name, useless[name]):
                self._memory.forget([name])
        self._metadata(snapshot)
        return Cleaned(dict(self._gone), unfinished=self._memory.unfinished)

    def _delete(self, name: str, kept: KeptClass) -> bool:
        """Delete an object; False if that is left to the next go."""
        if self._gone.total() >= MOST_AT_ONCE:
            self._memory.unfinished = True
            return False
        self._store.delete(name)
        self._gone[kept.value] += 1
        return True

    # -- what is of no use -----------------------------------------------------------------------

    def _useless(
        self, targets: Targets, snapshot: Snapshot, cards: Mapping[str, DeviceCard]
    ) -> Iterator[tuple[str, KeptClass]]:
        """The objects that nobody needs any more, each with its class."""
        for name in self._store.names(layout.REVIEW):
            yield name, KeptClass.LEFTOVER
        for name in self._store.names(layout.REQUESTS):
            device = name.removeprefix(layout.REQUESTS).removesuffix(".json")
            if not _is_active(cards.get(device)):
                yield name, KeptClass.LEFTOVER
        inviters = layout.inviters_in(targets.targets)
        for name in self._store.names(layout.INVITATIONS):
            if name.removeprefix(layout.INVITATIONS).partition("/")[0] not in inviters:
                yield name, KeptClass.LEFTOVER
        yield from self._of_devices(cards)
        yield from self._superseded(targets, snapshot)

    def _of_devices(self, cards: Mapping[str, DeviceCard]) -> Iterator[tuple[str, KeptClass]]:
        reached: set[str] = set()
        names = [*self._store.names(layout.DEVICES), *self._store.names(layout.UPLOADS)]
        for name in names:
            _, device, rest = name.split("/", 2) if name.count("/") > 1 else ("", "", name)
            card = cards.get(device)
            if card is not None and name.startswith(layout.journal_prefix(device)):
                if device in reached:
                    continue
                made_at = self._made_at(name, card)
                if made_at is None:
                    yield name, KeptClass.JOURNAL
                elif self._now - made_at < self._kept.journal or not self._delete(
                    name, KeptClass.JOURNAL
                ):
                    reached.add(device)  # those after it are newer
            elif card is not None and name == layout.receipts_name(device):
                if not _is_active(card):
                    yield name, KeptClass.RECEIPT
            elif not (card is not None and _is_needed(rest, card)):
                yield name, KeptClass.LEFTOVER

    def _made_at(self, name: str, card: DeviceCard) -> datetime | None:
        """When a segment was made, as its device says; None where it is not the device's."""
        try:
            found = self._store.get(name, MOST_SEGMENT)
            data = found.data if isinstance(found, StoredObject) else b""
            return read_segment(data, card.keys).at
        except FleetRefused:
            return None

    def _superseded(self, targets: Targets, snapshot: Snapshot) -> Iterator[tuple[str, KeptClass]]:
        """The files of scopes that no metadata names; only those which a publisher has written."""
        named: set[str] = set()
        for scope in layout.scopes_in(targets.targets):
            role = layout.people_role(scope)
            known = snapshot.meta.get(f"{role}.json")
            if known is not None:
                people = self._verified.delegated(role, known.version, targets)
                named |= {
                    layout.target_name(path, info.hashes["sha256"])
                    for path, info in people.targets.items()
                }
        for name in self._store.names(f"{layout.TARGETS}people/"):
            if name not in named:
                yield name, KeptClass.SUPERSEDED

    # -- metadata --------------------------------------------------------------------------------

    def _metadata(self, snapshot: Snapshot) -> None:
        """Delete what newer versions of the publisher's own metadata have replaced."""
        roles = {Snapshot.type: snapshot.version}
        for name, meta in snapshot.meta.items():
            role = name.removesuffix(".json")
            if role.startswith(layout.people_role("")):
                roles[role] = meta.version
        for role, newest in roles.items():
            before = self._memory.replaced(role, newest, self._now, self._kept.metadata)
            for version in self._verified.versions(role) if before else ():
                if version < before:
                    self._delete(layout.metadata_name(role, version), KeptClass.METADATA)


def _is_active(card: DeviceCard | None) -> bool:
    return card is not None and bool(card.scopes)


def _is_needed(rest: str, card: DeviceCard) -> bool:
    """True for the health of a device that is in its fleet, and for what waits in its scopes."""
    scope, slash, _ = rest.partition("/")
    return _is_active(card) and (scope in card.scopes if slash else rest == "health.json")
