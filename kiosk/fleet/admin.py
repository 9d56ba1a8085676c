"""What admins do with their keys: scopes, devices, and what they say about people.

Each change is signed and written as a whole, and whoever was faster wins: the other one's change is
made again on top of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tuf.api.metadata import DelegatedRole, Targets

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged
from kiosk.domain.fleet.history import history_of
from kiosk.domain.fleet.statement import ADMINS, Statement, scope_name
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.cards import DeviceCard, ScopeCard
from kiosk.fleet.device import requested_keys
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.inviting.reviewing import FleetReview, JudgedScope, fleet_review
from kiosk.fleet.inviting.standing import LastWord, last_words
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.log import Authors, history_with_waiting, published_now
from kiosk.fleet.publisher import Publication, Publisher
from kiosk.fleet.records import FleetContent, FleetPerson
from kiosk.fleet.rollout.holding import Halting, nothing_halts
from kiosk.fleet.saying import EndedInvitation, nameless, said_by
from kiosk.fleet.sealing import ScopeKeys, wrap
from kiosk.fleet.status import FleetStatus, fleet_status
from kiosk.fleet.stores.port import ABSENT, ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore

TRIES = 8


class FleetAdmin:
    """Admins at work on one fleet.

    Args:
        store: the fleet's store.
        keys: their keys, and the root of trust.
        utc: the wall clock.
        published: called once something new is published; raises nothing.

    Attributes:
        signs_in_part: True where what they say waits for more admins, as one change.
    """

    def __init__(
        self,
        store: ObjectStore,
        keys: Keyring,
        utc: Callable[[], datetime],
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._keys, self._utc, self._published = store, keys, utc, published
        self.signs_in_part = keys.partly
        self._signing = AdminSigning(store, keys, utc)

    # -- scopes and devices ----------------------------------------------------------------------

    def add_scope(self, name: str, doors: Sequence[str], *, names: bool = True) -> None:
        """A new scope, with keys of its own.

        Args:
            name: its name.
            doors: in it.
            names: False to keep nobody's name at its kiosks.

        Raises:
            BadInput: there is one of that name, or the name is not valid.
        """

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            if layout.scope_target(name) in targets.targets:
                raise BadInput(f"There is a scope {name} already.", "Choose another name.")
            publisher = verified.root.keys[verified.root.roles["timestamp"].keyids[0]]
            role = layout.people_role(name)
            delegations = targets.delegations
            if delegations is None or delegations.roles is None:
                raise FleetRefused("What admins have signed has no roles.", "Look who signed it.")
            delegations.keys[publisher.keyid] = publisher
            delegations.roles[role] = DelegatedRole(
                role, [publisher.keyid], 1, terminating=True, paths=[f"people/{name}/*"]
            )
            wrapped = self._book(targets, verified).wrapped(ScopeKeys.draw(name))
            card = ScopeCard(name, tuple(doors), (), wrapped, names)
            return {layout.scope_target(name): card.encode()}

        scope_name(name)
        self._signing.edit(edit)

    def approve(
        self, fingerprint: str, scopes: Sequence[str], door: str | None = None
    ) -> str | None:
        """Take a device into scopes; their keys are wrapped for it.

        Args:
            fingerprint: of both its keys, as the device shows it.
            scopes: at least one; those that it has already stay.
            door: the door on which it decides; None keeps that of a device that is in a scope
                already, else takes that of a scope with one door.

        Returns:
            The door to which it is bound; None where its own settings say so.

        Raises:
            BadInput: no such device has asked, or there is no such scope.
        """
        keys = requested_keys(self._store, fingerprint)
        bound: list[str | None] = []

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            book = self._book(targets, verified)
            cards = [book.scope(scope) for scope in scopes]
            before = book.device(fingerprint)
            book.refuse_outspoken(fingerprint, before, scopes)
            wrapped = dict(before.scopes) if before is not None else {}
            changed: dict[str, bytes] = {}
            for card in cards:
                wrapped[card.scope] = wrap(book.open(card), keys.opening)
                devices = tuple({*card.devices, fingerprint})
                joined = replace(card, devices=devices)
                changed[layout.scope_target(card.scope)] = joined.encode()
            only = cards[0].doors[0] if len(cards) == len(cards[0].doors) == 1 else None
            kept = before.door if before is not None and before.scopes else only
            bound[:] = [door or kept]
            past = {} if before is None else before.dropped or {}
            left = {scope: last for scope, last in past.items() if scope not in wrapped}
            own = DeviceCard(keys, door or kept, wrapped, left or None)
            return {**changed, layout.device_target(fingerprint): own.encode()}

        self._signing.edit(edit)
        return bound[0]

    def revoke(self, fingerprint: str) -> Sequence[str]:
        """Drop a device: its scopes' next epoch begins, of which it gets no key.

        What it said counts up to what is published. A publisher may have published more while the
        card was signed; so that is looked at afterwards, and by being dropped once more.

        Returns:
            The scopes that it was in.

        Raises:
            BadInput: there is no such device.
        """
        left = self._dropped(fingerprint)
        for _ in range(TRIES):
            if not self._has_said_more(fingerprint):
                break
            self._dropped(fingerprint)
        return left

    def _dropped(self, fingerprint: str) -> Sequence[str]:
        left: list[str] = []

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            book = self._book(targets, verified)
            gone = book.device(fingerprint)
            more = [] if gone is None else book.said_more(fingerprint, gone)
            if gone is None or not (gone.scopes or more):
                raise BadInput(f"There is no device {fingerprint}.", "See `kiosk fleet status`.")
            left[:] = sorted({*gone.scopes, *more})
            changed: dict[str, bytes] = {}
            cards: dict[str, DeviceCard] = {}
            dropped = dict(gone.dropped or {})
            for scope in left:
                dropped[scope] = book.last_of(scope, fingerprint)
                if scope in gone.scopes:
                    card = book.turned(scope, cards, fingerprint)
                    changed[layout.scope_target(scope)] = card.encode()
            cards[fingerprint] = DeviceCard(gone.keys, gone.door, {}, dropped)
            return changed | {layout.device_target(d): card.encode() for d, card in cards.items()}

        self._signing.edit(edit)
        return left

    def _has_said_more(self, fingerprint: str) -> bool:
        book = self._now()
        card = book.device(fingerprint)
        return card is not None and bool(book.said_more(fingerprint, card))

    # -- people ----------------------------------------------------------------------------------

    def say(self, scope: str, people: Sequence[FleetContent | EndedInvitation]) -> int:
        """Say what counts about people from now on; returns the statement's number.

        Raises:
            BadInput: there is no such scope.
        """
        for _ in range(TRIES):
            verified = self._signing.verified
            targets = verified.targets()
            book = self._book(targets, verified)
            card = book.scope(scope)
            keys = book.open(card)
            said = people if card.names else [nameless(each) for each in people]
            stamp = verified.timestamp()
            known = published_now(verified, targets, scope)
            try:
                history = history_with_waiting(verified, targets, known, ADMINS)
            except FleetRefused:
                if self._signing.verified.timestamp() == stamp:
                    raise
                continue  # what waited was published meanwhile
            signers = [each.signer for each in self._signing.signing(verified.root)]
            file = said_by(ADMINS, signers, keys, history, said, self._utc())
            (statement, _), *_ = file.statements
            name = layout.inbox_name(ADMINS, scope, statement.number)
            try:
                self._store.put(name, file.encode(), expected=ABSENT)
            except ObjectChanged:
                continue
            if self._signing.verified.timestamp() == stamp or self._counts(statement):
                return statement.number
        raise FleetRefused(
            "Other admins have said something at each of several attempts.",
            "Try again in a moment; nothing was lost.",
        )

    def people(self, scope: str) -> Iterator[FleetPerson]:
        """Everybody in a scope as it is published; those erased are left out.

        So is who was enrolled by a device without a proof.

        Raises:
            BadInput: there is no such scope.
            FleetRefused: a record is missing, or cannot be opened.
        """
        return self._judged(scope).people()

    def last_words(self, scope: str, of: Iterable[SubjectId]) -> Mapping[SubjectId, LastWord]:
        """The last word on each of these people who was ever in a scope: published, or waiting.

        Raises: as `people`.
        """
        verified = self._signing.verified
        return last_words(verified, verified.targets(), self.keys_of(scope), of)

    def review(self) -> FleetReview:
        """What somebody should look at, in the store and in all scopes.

        Raises:
            FleetRefused: what is published cannot be verified.
        """
        return fleet_review(self._store, map(self._judged, self.scopes()))

    def devices_of(self, scope: str) -> Mapping[str, DeviceCard]:
        """The devices of a scope, by fingerprint.

        Raises:
            BadInput: there is no such scope.
        """
        book = self._now()
        found = ((name, book.device(name)) for name in sorted(book.scope(scope).devices))
        return {name: card for name, card in found if card is not None}

    def keeps_names(self, scope: str) -> bool:
        """True if the names of people are kept at the kiosks of a scope.

        Raises:
            BadInput: there is no such scope.
        """
        return self._now().scope(scope).names

    def keys_of(self, scope: str) -> ScopeKeys:
        """The keys of a scope.

        Raises:
            BadInput: there is no such scope.
            StoreKeyError: no key of an admin that is here opens them.
        """
        book = self._now()
        return book.open(book.scope(scope))

    def scopes(self) -> Sequence[str]:
        """The scopes of the fleet, by name.

        Raises:
            FleetRefused: what admins have signed cannot be verified.
        """
        return layout.scopes_in(self._signing.verified.targets().targets)

    def _counts(self, statement: Statement) -> bool:
        """False if another statement of that number was published and cleared away meanwhile."""
        verified = self._signing.verified
        file = published_now(verified, verified.targets(), statement.scope).file
        number = (ADMINS, statement.number)
        there = [each for each, _ in file.statements if (each.author, each.number) == number]
        return there in ([], [statement])

    # -- what is published -----------------------------------------------------------------------

    def publish(
        self,
        keeps: timedelta = timedelta(),
        halting: Halting = nothing_halts,
        *,
        compact: bool = False,
    ) -> Publication | None:
        """Publish what was said; None without the publisher's key, or while more must sign it.

        Args:
            keeps: for how long a signature stays where there is nothing new.
            halting: finds the versions of settings that go wrong.
            compact: True to leave out records that count no more.

        Raises:
            FleetRefused: what is published already cannot be verified.
        """
        if self._keys.publisher is None or self._keys.partly:
            return None
        known = self._signing.verified.root_bytes
        mine = self._keys.publisher  # a change of keys may have replaced it just now
        more = self._utc, self._keys.seen, self._keys.former_roots, halting
        done = Publisher(self._store, known, mine, *more).publish(keeps, compact=compact)
        if done.news:
            self._published()
        return done

    def status(self) -> FleetStatus:
        """The fleet as it is published now.

        Raises:
            FleetRefused: it cannot be verified.
        """
        return fleet_status(self._store, self._signing.verified, self._keys, self._utc())

    # -- internals -------------------------------------------------------------------------------

    def _judged(self, scope: str) -> JudgedScope:
        verified = self._signing.verified
        targets = verified.targets()
        keys = self.keys_of(scope)
        file = published_now(verified, targets, scope).file
        history = history_of(scope, (statement for statement, _ in file.statements))
        return JudgedScope(keys, history, Judge(keys, file, Authors(verified, targets).inviter))

    def _now(self) -> ScopeBook:
        verified = self._signing.verified
        return self._book(verified.targets(), verified)

    def _book(self, targets: Targets, verified: VerifiedStore) -> ScopeBook:
        return ScopeBook(verified, targets, self._keys)
