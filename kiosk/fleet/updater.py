"""The updater: brings a kiosk to what its fleet says, or leaves it as it was.

Fetched, verified, opened, and only then applied: all of a scope in one transaction, which a running
kiosk takes over as one snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.dsse import Envelope
from tuf.api.metadata import Timestamp

from kiosk.domain.errors import BadInput, FleetRefused, SpaceMismatch, SubjectUnknown
from kiosk.domain.fleet.history import NEW, history_of, refuse_older
from kiosk.domain.fleet.statement import ADMINS, Statement, is_inviter
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.large import refuse_large
from kiosk.fleet.applying.preparing import (
    PreparedScope,
    Preparing,
    TemplateForm,
    cleared,
    reported,
)
from kiosk.fleet.applying.result import ScopeChange, SyncResult
from kiosk.fleet.applying.state import ScopeState
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.client import FleetClient
from kiosk.fleet.device import Device
from kiosk.fleet.index import ScopeIndex, ScopePart, no_list
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.offering.keeping import OfferKeeping, OfferMemory
from kiosk.fleet.rollout.offering import TakeSettings, nothing_taken
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.freshness import signed_at
from kiosk.fleet.trust.heads import Heads
from kiosk.fleet.uploads.handing_in import HandingIn, KioskPeople
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetApplied, FleetScopeLeft, SyncRefused
from kiosk.journal.events.people import Erased, RulesChanged


class FleetUpdater:
    """Brings one kiosk up to date.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        cache: a folder for what was fetched.
        people: where people are applied.
        form: of the templates that this kiosk can compare; others are left out.
        utc: the wall clock.
        note: writes to the journal; what is about to be applied is written first.
        heard: told once all is applied when the publisher signed it.
        settings: takes over the settings of the fleet.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        cache: Path,
        people: KioskPeople,
        form: TemplateForm,
        utc: Callable[[], datetime],
        note: Callable[[JournalEvent], None],
        heard: Callable[[datetime], None] = lambda _: None,
        floor: Callable[[], datetime] = lambda: datetime.fromtimestamp(0, UTC),
        settings: TakeSettings = nothing_taken,
    ) -> None:
        self._device, self._people, self._form = device, people, form
        self._members = people.members
        self._utc, self._note, self._heard = utc, note, heard
        self._settings = settings
        self._client = FleetClient(store, cache, device.root, utc, floor)
        self._handing_in = HandingIn(store, device, people, form.space, utc, note)
        memory = OfferMemory(cache)
        self._offers = OfferKeeping(store, device, memory, people, form.space, utc, note)
        self._refused: str | None = None
        self._begun: dict[str, object] = {}
        self._counted: tuple[int | None, int] = (None, 0)
        self._cards: dict[str, DeviceCard] = {}
        self._heads: Heads | None = None
        self._inviters: dict[str, InviterCard] = {}

    def sync(self, most: int | None = None) -> SyncResult:
        """Fetch, verify and apply what is new.

        Args:
            most: limit of the bytes to fetch of one scope; None for none.

        Raises:
            LargeChange: there is more than that; of the scope in question nothing was applied.
            FleetRefused: something cannot be verified, or this device is not approved; of the scope
                in question nothing was applied.
            FleetStoreUnreachable: the store does not answer; everything is as it was.
            StoreError: it could not be made durable; everything is as it was.
        """
        try:
            with self._client.alone():  # beside `kiosk sync` on a kiosk that runs
                stamp = self._client.refresh()
                result = self._synced(stamp, most)
                keys = self._opened(self._own_card())
                self._settings(self._client, self._device, keys, stamp)  # once people are applied
        except FleetRefused as error:
            if error.problem != self._refused:  # said once, not at each poll
                self._refused = error.problem
                self._note(SyncRefused(error.problem))
            raise

        self._refused = None
        return result

    def admins(self) -> tuple[bytes, ...]:
        """The public keys to which secrets are sealed for admins, as of the last sync.

        Raises:
            FleetRefused, FleetStoreUnreachable: they cannot be had now.
        """
        raw = self._client.target(layout.ADMINS_TARGET)
        return tuple(each.opening for each in AdminsCard.decode(raw).admins) if raw else ()

    def _synced(self, stamp: Timestamp, most: int | None) -> SyncResult:
        self._cards.clear()
        self._heads = None
        self._inviters.clear()
        own = self._own_card()
        left = [scope for scope in self._members.scopes() if scope not in own.scopes]
        changes = [self._left(scope) for scope in left]
        if not own.scopes:
            raise FleetRefused(
                "This device was dropped from its fleet; nobody of it is known here any more.",
                "Have an admin approve it again.",
            )
        keys = self._opened(own)
        found = [self._prepared(each, most) for each in keys.values()]
        new = [each for each in found if each is not None]
        moved = {who for each in new for who in each.given_up(self._members)}
        changes += [self._applied(each, moved) for each in new]
        at = signed_at(stamp)
        self._heard(at)  # also where nothing can be handed in, such as a store to read from
        self._handing_in.run(keys)
        self._offers.run(keys)
        return SyncResult(stamp.version, at, self._living(), tuple(changes))

    def _living(self) -> int:
        """How many people of the fleet are known here; counted again where anything changed."""
        generation = self._people.references.generation()
        if self._counted[0] != generation:
            self._counted = (generation, self._members.count())
        return self._counted[1]

    def scope_keys(self) -> Mapping[str, ScopeKeys]:
        """The keys of this device's scopes, as they are published now.

        Raises:
            FleetRefused: something cannot be verified, or this device is not approved.
            FleetStoreUnreachable: the store does not answer.
        """
        with self._client.alone():
            self._client.refresh()
            self._cards.clear()
            return self._opened(self._own_card())

    # -- one scope -------------------------------------------------------------------------------

    def _prepared(self, keys: ScopeKeys, most: int | None) -> PreparedScope | None:
        """What is new in a scope, fetched and verified; None if there is nothing."""
        scope = keys.scope
        raw = self._client.target(layout.index_target(scope))
        if raw is None:
            self._client.forget_role(layout.people_role(scope))
            raise no_list(scope)
        index = ScopeIndex.decode(raw, scope)
        known = ScopeState.decode(self._members.content(scope))
        new = index.after(known.place, applied=scope in self._members.scopes())
        if new is not None and not new:
            self._admins.refuse_short(scope, known.authors.get(ADMINS, NEW))
            return None
        parts = index.parts if new is None else new
        refuse_large(self._client, parts, most)
        members = self._people.states.of(scope)
        current = known.current(members.values())
        file = self._fetched(parts)
        statements = [statement for statement, _ in file.statements]
        if new is None:
            refuse_older(known.authors, current, statements, scope)
            history = history_of(scope, statements)
        else:
            history = known.history(scope, current)
            for statement in statements:
                history.follow(statement)
        self._admins.refuse_short(scope, history.next_of(ADMINS))
        state = known.took(index.last, history, file, self._utc())
        inviters = filter(is_inviter, state.authors)
        state.inviters = {author: self._inviter(author).signing for author in inviters}
        judge = Judge(keys, file, self._inviter)
        preparing = Preparing(keys, judge, self._form, self._people, members)
        return preparing.prepared(history, current, state)

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

    def _applied(self, prepared: PreparedScope, moved: AbstractSet[SubjectId]) -> ScopeChange:
        """What was applied of a scope: all of it, in one transaction.

        Args:
            prepared: what is new.
            moved: people whom their scope gives up in this sync.
        """
        scope = prepared.scope
        prepared.leave_others(self._members, moved)
        gone = prepared.gone
        left = {who: count for who in gone if (count := self._count(who)) is not None}
        put, review = len(prepared.put), prepared.review
        if self._begun.get(scope) != (prepared.state, left):  # said once, not at each attempt
            self._note(FleetApplied(scope, prepared.state.place, put, len(left), review))
            for subject, references in left.items():
                self._note(Erased(subject, references, moved=subject in prepared.moved))
            self._step_up(prepared)
            self._begun[scope] = prepared.state, left
        try:
            self._members.apply(scope, prepared.state.encode(), prepared.put, gone, moved)
        except (BadInput, SpaceMismatch) as error:
            raise FleetRefused(
                f"What scope {scope} says cannot be kept here: {error.problem}", error.remedy
            ) from error
        del self._begun[scope]
        return ScopeChange(scope, put, len(left), review)

    def _count(self, subject: SubjectId) -> int | None:
        """The references of somebody who is enrolled; the fleet may not have heard of them yet."""
        with suppress(SubjectUnknown):
            return self._people.references.count(subject)
        return None

    def _step_up(self, prepared: PreparedScope) -> None:
        """Ask those of whom there is a report for a second factor, until admins have looked.

        Before the state is kept that says so: where the power fails between, it is done again.
        """
        for subject, counts in prepared.reported.items():
            if self._members.scope_of(subject) == prepared.scope:
                self._note(RulesChanged(subject, ("step_up",)))
                with suppress(SubjectUnknown):  # erased just now
                    change = reported if counts else cleared
                    self._people.references.amend(subject, change)

    def _left(self, scope: str) -> ScopeChange:
        """A scope in which this device is not any more: its people are erased here."""
        people = len(self._members.living(scope))
        self._note(FleetScopeLeft(scope, people))
        self._members.leave(scope)
        return ScopeChange(scope, 0, people)

    # -- who may say what ------------------------------------------------------------------------

    def _opened(self, own: DeviceCard) -> Mapping[str, ScopeKeys]:
        opening = self._device.opening
        return {name: opening.unwrap(own.scopes[name], name) for name in sorted(own.scopes)}

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

    def _inviter(self, author: str) -> InviterCard:
        if author not in self._inviters:
            raw = self._client.target(layout.inviter_target(author))
            if raw is None:
                raise FleetRefused(
                    f"Inviter {author} is not known to admins.", "Look who has published it."
                )
            self._inviters[author] = InviterCard.decode(raw)
        return self._inviters[author]

    def _verify(self, statement: Statement, envelope: Envelope) -> None:
        if statement.author == ADMINS:
            self._admins.verify(statement, envelope)
        elif is_inviter(statement.author):
            self._inviter(statement.author).verify(statement, envelope)
        else:
            self._card(statement.author).verify(statement, envelope)
