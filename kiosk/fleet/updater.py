"""The updater: brings a kiosk to what its fleet says, or leaves it as it was.

Fetched, verified, opened, and only then applied: all of a scope in one transaction, which a running
kiosk takes over as one snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.dsse import Envelope

from kiosk.domain.errors import BadInput, FleetRefused, SpaceMismatch
from kiosk.domain.fleet.history import NEW, Author, History, history_of, refuse_older
from kiosk.domain.fleet.statement import ADMINS, Statement
from kiosk.domain.vision.template import ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.client import FleetClient
from kiosk.fleet.device import Device
from kiosk.fleet.index import ScopeIndex, ScopePart, no_list
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.heads import Heads
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetApplied, FleetScopeLeft, SyncRefused
from kiosk.journal.events.people import Erased
from kiosk.store.people.members import FleetRecord, Members


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What was applied of one scope.

    Attributes:
        scope: its name.
        put: how many people are new or changed.
        erased: how many were erased.
        review: changes of devices that came too late to count.
    """

    scope: str
    put: int
    erased: int
    review: int = 0


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What came of a sync.

    Attributes:
        version: of the timestamp.
        signed_at: when the publisher signed it, UTC.
        people: how many people of the fleet are known here now.
        changes: by scope; only those in which something changed.
    """

    version: int
    signed_at: datetime
    people: int
    changes: tuple[ScopeChange, ...]


class FleetUpdater:
    """Brings one kiosk up to date.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        cache: a folder for what was fetched.
        members: where people are applied.
        space: the embedding space of this kiosk; references of others are left out.
        utc: the wall clock.
        note: writes to the journal; what is about to be applied is written first.
        heard: told after each sync when the publisher signed what is applied now.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        cache: Path,
        members: Members,
        space: SpaceId,
        utc: Callable[[], datetime],
        note: Callable[[JournalEvent], None],
        heard: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        self._device, self._members, self._space = device, members, space
        self._note, self._heard = note, heard
        self._client = FleetClient(store, cache, device.root, utc)
        self._refused: str | None = None
        self._cards: dict[str, DeviceCard] = {}
        self._heads: Heads | None = None

    def sync(self) -> SyncResult:
        """Fetch, verify and apply what is new.

        Raises:
            FleetRefused: something cannot be verified, or this device is not approved; of the scope
                in question nothing was applied.
            FleetStoreUnreachable: the store does not answer; everything is as it was.
            StoreError: it could not be made durable; everything is as it was.
        """
        try:
            with self._client.alone():  # beside `kiosk sync` on a kiosk that runs
                result = self._synced()
        except FleetRefused as error:
            if error.problem != self._refused:  # said once, not at each poll
                self._refused = error.problem
                self._note(SyncRefused(error.problem))
            raise

        self._refused = None
        self._heard(result.signed_at)
        return result

    def _synced(self) -> SyncResult:
        stamp = self._client.refresh()
        self._cards.clear()
        self._heads = None
        own = self._own_card()
        left = [scope for scope in self._members.scopes() if scope not in own.scopes]
        changes = [self._left(scope) for scope in left]
        if not own.scopes:
            raise FleetRefused(
                "This device was dropped from its fleet; nobody of it is known here any more.",
                "Have an admin approve it again.",
            )
        found = [self._prepared(name, own.scopes[name]) for name in sorted(own.scopes)]
        new = [each for each in found if each is not None]
        moved = {subject for each in new for subject in each.gone}
        changes += [self._applied(each, moved) for each in new]
        people = sum(len(self._members.living(scope)) for scope in self._members.scopes())
        return SyncResult(stamp.version, self._client.signed_at(stamp), people, tuple(changes))

    # -- one scope -------------------------------------------------------------------------------

    def _prepared(self, scope: str, wrapped: bytes) -> _Prepared | None:
        """What is new in a scope, fetched and verified; None if there is nothing."""
        raw = self._client.target(layout.index_target(scope))
        known = _State.decode(self._members.content(scope))
        if raw is None:
            self._client.forget_role(layout.people_role(scope))
            raise no_list(scope)
        index = ScopeIndex.decode(raw, scope)
        new = index.after(known.place)
        if new is not None and not new:
            self._admins.refuse_short(scope, known.authors.get(ADMINS, NEW))
            return None
        keys = self._device.opening.unwrap(wrapped, scope)
        current = _current(self._members.of(scope))
        file = self._fetched(index.parts if new is None else new)
        statements = [statement for statement, _ in file.statements]
        if new is None:
            refuse_older(known.authors, current, statements, scope)
            history = history_of(scope, statements)
        else:
            history = History(scope, dict(known.authors), dict(current))
            for statement in statements:
                history.follow(statement)
        self._admins.refuse_short(scope, history.next_of(ADMINS))
        prepared = _Prepared(scope, _State(index.last, history.authors), len(history.outdated))
        for tag in sorted(history.changed):
            if current.get(tag) != history.current[tag]:
                self._take(prepared, tag, history.current[tag], file, keys)
        return prepared

    def _take(
        self, prepared: _Prepared, tag: str, record: str, file: ScopeFile, keys: ScopeKeys
    ) -> None:
        person = open_record(keys, file, tag, record)
        content = json.dumps({"tag": tag, "record": record}).encode()
        mine = _of_space(person, self._space)
        if person.profile is None or not mine:
            prepared.gone[person.subject] = content
        else:
            prepared.put.append(FleetRecord(person.subject, person.profile, mine, content))

    def _fetched(self, parts: Sequence[ScopePart]) -> ScopeFile:
        """The sum of these files, each statement verified; nothing of them stays in the cache."""
        file = ScopeFile()
        for part in parts:
            data = self._client.target(part.path)
            if data is None:
                raise FleetRefused(
                    f"The file {part.path} is listed, and nobody has signed it.",
                    "Have the scope published again; nothing was applied.",
                )
            file.add(part.checked(read_scope_file(data, self._verify)))
            self._client.forget(part.path)
        return file

    def _applied(self, prepared: _Prepared, moved: Collection[SubjectId]) -> ScopeChange:
        """What was applied of a scope: all of it, in one transaction.

        Args:
            prepared: what is new.
            moved: people whom some scope gives up in this sync.
        """
        scope, living = prepared.scope, self._members.living(prepared.scope)
        elsewhere = (who for who in prepared.gone if self._members.scope_of(who) != scope)
        others = {who for who in elsewhere if self._members.scope_of(who) is not None}
        gone = {who: it for who, it in prepared.gone.items() if who not in others}
        left = {who: count for who, count in living.items() if who in gone}
        put, outdated = len(prepared.put), prepared.outdated
        self._note(FleetApplied(scope, prepared.state.place, put, len(left), outdated))
        for subject, references in left.items():
            self._note(Erased(subject, references))
        try:
            self._members.apply(scope, prepared.state.encode(), prepared.put, gone, moved)
        except (BadInput, SpaceMismatch) as error:
            raise FleetRefused(
                f"What scope {scope} says cannot be kept here: {error.problem}", error.remedy
            ) from error
        return ScopeChange(scope, put, len(left), outdated)

    def _left(self, scope: str) -> ScopeChange:
        """A scope in which this device is not any more: its people are erased here."""
        people = len(self._members.living(scope))
        self._note(FleetScopeLeft(scope, people))
        self._members.leave(scope)
        return ScopeChange(scope, 0, people)

    # -- who may say what ------------------------------------------------------------------------

    def _own_card(self) -> DeviceCard:
        card = self._card(self._device.fingerprint)
        if card.keys != self._device.public:
            raise FleetRefused(
                "The card of this device is of another device.", "Have it approved again."
            )
        return card

    def _card(self, device: str) -> DeviceCard:
        if device not in self._cards:
            raw = self._client.target(layout.device_target(device))
            if raw is None:
                raise FleetRefused(
                    f"Device {device} is not approved.",
                    "Have an admin compare its fingerprint and approve it, then publish.",
                )
            self._cards[device] = DeviceCard.decode(raw)
        return self._cards[device]

    @property
    def _admins(self) -> Heads:
        """Which statements of admins count, as of this sync."""
        if self._heads is None:
            raw = self._client.target(layout.HEADS_TARGET)
            self._heads = Heads.decode(raw, self._client.root)
        return self._heads

    def _verify(self, statement: Statement, envelope: Envelope) -> None:
        if statement.author == ADMINS:
            self._admins.verify(statement, envelope)
        else:
            self._card(statement.author).verify(statement, envelope)


@dataclass(frozen=True, slots=True)
class _State:
    """How far this kiosk has applied a scope.

    Attributes:
        place: of the last statement, in the scope's history.
        authors: how far each author had come.
    """

    place: int
    authors: Mapping[str, Author]

    def encode(self) -> bytes:
        """The bytes that the store keeps."""
        authors = {name: [far.number, far.digest] for name, far in self.authors.items()}
        return json.dumps({"place": self.place, "authors": authors}).encode()

    @classmethod
    def decode(cls, data: bytes | None) -> _State:
        """Decode the result of `encode`; nothing was applied yet where there is none."""
        if data is None:
            return cls(0, {})
        said: dict[str, Any] = json.loads(data)
        return cls(said["place"], {name: Author(*far) for name, far in said["authors"].items()})


@dataclass(slots=True)
class _Prepared:
    """What is new in a scope, verified and not applied yet.

    Attributes:
        scope: its name.
        state: how far it is applied then.
        outdated: how many changes of devices came too late to count.
        put: people who are new or changed.
        gone: people who are erased, or have no reference that this kiosk can compare.
    """

    scope: str
    state: _State
    outdated: int
    put: list[FleetRecord] = field(default_factory=list)
    gone: dict[SubjectId, bytes] = field(default_factory=dict)


def _current(members: Mapping[SubjectId, bytes]) -> dict[str, str]:
    """The record that counts here for each tag."""
    said = [json.loads(content) for content in members.values()]
    return {each["tag"]: each["record"] for each in said}


def _of_space(person: FleetPerson, space: SpaceId) -> tuple[tuple[ReferenceId, Template], ...]:
    found = (each for each in person.references if each.template.space == space)
    return tuple((each.id, each.template) for each in found)
