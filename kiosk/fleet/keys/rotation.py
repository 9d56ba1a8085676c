"""The rotation of a fleet's keys: admins come and go, the publisher changes, terms are renewed.

The change is one write, signed by enough admins of before and after. Statements that were signed
with a key that goes count up to the head that those who stay sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Root, Targets

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import Author, history_of
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.keys.change import KeyChange
from kiosk.fleet.log import Authors, published_now
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.editing import SIGNED_DAYS, AdminSigning
from kiosk.fleet.trust.heads import Heads
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import body_of
from kiosk.fleet.trust.verified import VerifiedStore

TRIES = 8
Plan = Callable[[Root, AdminsCard], KeyChange]
"""Says what is to be changed, of the keys there are."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of a change of keys.

    Attributes:
        root: the version of the root of trust.
        admins: their names.
        threshold: how many of them must sign.
        expires: when the root has to be renewed, UTC.
        vouched: how many statements of admins the new head of each scope vouches for.
        published: the version that was published under the new keys; None where the publisher's
            key is not here.
    """

    root: int
    admins: tuple[str, ...]
    threshold: int
    expires: datetime
    vouched: Mapping[str, int]
    published: int | None


class KeyRotation:
    """Changes the keys of a fleet.

    Args:
        store: the fleet's store.
        keys: admins' keys, and the root of trust.
        utc: the wall clock.
    """

    def __init__(self, store: ObjectStore, keys: Keyring, utc: Callable[[], datetime]) -> None:
        self._store, self._keys, self._utc = store, keys, utc
        self._signing = AdminSigning(store, keys, utc)

    def change(self, plan: Plan) -> Rotated:
        """Change keys as planned, and publish anew where the publisher's key is here.

        Raises:
            BadInput: it cannot be done.
            StoreKeyError: fewer admins' keys are here than have to sign.
            FleetRefused: the store cannot be verified, or others were faster every time.
        """
        self.edit(plan)
        return self.settled()

    def edit(self, plan: Plan) -> None:
        """Sign a change of keys; `settled` ends it. Raises what `change` raises."""
        self._signing.edit(lambda targets, verified: self._edited(plan, targets, verified))

    def settled(self) -> Rotated:
        """End a change of keys that was interrupted; nothing where there is none.

        Raises:
            FleetRefused: the store cannot be verified.
        """
        verified = self._signing.verified
        self._keys.settle_publisher(verified.root)
        try:
            published = self._published()
        except FleetRefused:
            self._vouch_for_late()
            published = self._published()
        return self._report(self._signing.verified, published)

    # -- the change ------------------------------------------------------------------------------

    def _edited(self, plan: Plan, targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
        book = ScopeBook(verified, targets, self._keys)
        change = plan(verified.root, book.admins)
        expires = self._utc().replace(microsecond=0) + timedelta(days=SIGNED_DAYS)
        root = change.root_after(verified.root, expires)
        self._signing.signers(verified.root, root)  # enough of both, or nothing is done
        changed = {layout.ROOT_TARGET: body_of(root)}
        if change.of_admins:
            changed |= self._of_admins(change, targets, verified)
        elif change.publisher is None:
            changed |= self._late_heads(targets, verified)
        else:
            change.delegate(targets)
            changed |= _heads_left(verified, targets)
        return changed

    def _late_heads(self, targets: Targets, verified: VerifiedStore) -> dict[str, bytes]:
        """Heads of what old keys have signed while keys changed; nothing where all is verified."""
        try:
            heads_now(verified, targets, verified.root)
        except FleetRefused:
            return {layout.HEADS_TARGET: self._heads(verified, targets).encode()}
        return {}

    def _heads(self, verified: VerifiedStore, targets: Targets) -> Heads:
        """The heads of all scopes, by the root of today or the newest one that fits.

        Raises:
            FleetRefused: admins of none of them have signed what is published.
        """
        for former in reversed(self._keys.former_roots):
            try:
                return heads_now(verified, targets, former)
            except FleetRefused:
                continue
        return heads_now(verified, targets, verified.root)

    def _of_admins(
        self, change: KeyChange, targets: Targets, verified: VerifiedStore
    ) -> dict[str, bytes]:
        """What agrees with other admins: heads, and scopes' keys wrapped for them."""
        admins = change.admins_after(ScopeBook(verified, targets, self._keys).admins)
        book = ScopeBook(verified, targets, self._keys, admins)
        heads = heads_now(verified, targets, verified.root)
        changed = {layout.ADMINS_TARGET: admins.encode(), layout.HEADS_TARGET: heads.encode()}
        cards: dict[str, DeviceCard] = {}
        for scope in layout.scopes_in(targets.targets):
            card = book.turned(scope, cards) if change.gone else book.rewrapped(scope)
            changed[layout.scope_target(scope)] = card.encode()
        return changed | {layout.device_target(d): card.encode() for d, card in cards.items()}

    # -- what follows ----------------------------------------------------------------------------

    def _vouch_for_late(self) -> None:
        """Sign heads anew if more was published, by the old keys, while the change was made."""
        self._signing.edit(self._late_heads)

    def _published(self) -> int | None:
        publisher, verified = self._keys.publisher, self._signing.verified
        if publisher is None or not _publishes(verified.root, publisher.public_key.keyid):
            heads_now(verified, verified.targets(), verified.root)
            return None
        known, seen, former = verified.root_bytes, self._keys.seen, self._keys.former_roots
        done = Publisher(self._store, known, publisher, self._utc, seen, former).publish()
        if done.stopped:
            heads_now(self._signing.as_it_is, verified.targets(), verified.root)  # tells why
        return done.version

    def _report(self, verified: VerifiedStore, published: int | None) -> Rotated:
        targets = verified.targets()
        admins = ScopeBook(verified, targets, self._keys).admins
        heads = Authors(verified, targets).heads.scopes
        root = verified.root
        return Rotated(
            root.version,
            tuple(each.name for each in admins.admins),
            root.roles[Targets.type].threshold,
            root.expires,
            {scope: head.number for scope, head in heads.items()},
            published,
        )


def heads_now(verified: VerifiedStore, targets: Targets, by: Root) -> Heads:
    """The heads of all scopes as they are published.

    Args:
        verified: the store.
        targets: what admins have signed last.
        by: the root whose admins have signed what is published.

    Raises:
        FleetRefused: they have not.
    """
    heads: dict[str, Author] = {}
    for scope in layout.scopes_in(targets.targets):
        authors = Authors(verified, targets, by=by)
        file = published_now(verified, targets, scope, authors).file
        last = history_of(scope, (each for each, _ in file.statements)).next_of(ADMINS)
        if last.number:
            heads[scope] = last
    return Heads(by, heads)


def _heads_left(verified: VerifiedStore, targets: Targets) -> dict[str, bytes]:
    """The heads of what a publisher leaves, so that nothing of it gets lost; none of a thief's."""
    try:
        return {layout.HEADS_TARGET: heads_now(verified, targets, verified.root).encode()}
    except FleetRefused:
        return {}


def admin_named(card: AdminsCard, name: str) -> str:
    """The id of an admin's signing key.

    Args:
        card: who the admins are.
        name: theirs, or at least eight characters of the id.

    Raises:
        BadInput: nobody is called so.
    """
    least = 8
    found = [it.keyid for it in card.admins if it.name == name]
    found += [it.keyid for it in card.admins if len(name) >= least and it.keyid.startswith(name)]
    if len({*found}) != 1:
        names = ", ".join(each.name for each in card.admins)
        raise BadInput(f"There is no admin {name[:80]!r}.", f"They are: {names}.")
    return found[0]


def _publishes(root: Root, keyid: str) -> bool:
    return keyid in root.roles["timestamp"].keyids
