"""What admins say of inviters: who may invite people in their name, and who may not any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput
from kiosk.domain.fleet.history import history_of
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.dropping import count_late
from kiosk.fleet.log import last_published, published_now
from kiosk.fleet.saying import EndedInvitation
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


class InviterNaming:
    """Admins who name inviters.

    Args:
        store: the fleet's store.
        keys: their keys, and the root of trust.
        utc: the wall clock.
    """

    def __init__(self, store: ObjectStore, keys: Keyring, utc: Callable[[], datetime]) -> None:
        self._signing = AdminSigning(store, keys, utc)

    def name(self, card: InviterCard) -> None:
        """Let an inviter invite into scopes.

        Raises:
            BadInput: there is no such scope, or one of that name or key is an inviter already.
        """

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            for scope in card.scopes:
                if layout.scope_target(scope) not in targets.targets:
                    raise BadInput(f"There is no scope {scope[:60]!r}.", "See the fleet's status.")
            there = self._cards(targets, verified)
            if any(each.name == card.name and each.dropped is None for each in there):
                raise BadInput(f"There is an inviter {card.name} already.", "Choose another name.")
            if any(each.fingerprint == card.fingerprint for each in there):
                raise BadInput("That key is an inviter's already.", "Make a new key.")
            return {layout.inviter_target(card.fingerprint): card.encode()}

        self._signing.edit(edit)

    def drop(self, name: str) -> Sequence[InviterCard]:
        """End an inviter: nothing that it says after this counts.

        Whoever enrolled with one of its invitations stays; those that can be used are to be ended
        too, see `open_invitations`. One that was dropped before can be dropped once more: what was
        published of it meanwhile then counts, so that its scopes go on.

        Returns:
            What was said before of those of that name.

        Raises:
            BadInput: there is no such inviter, and nothing is left of one that was dropped.
        """
        cards = [each for each in self.all() if each.name == name]
        if any(each.dropped is None for each in cards):
            self._drop(name)
        late = [self._count_late(each) for each in cards]
        if all(each.dropped is not None for each in cards) and not any(late):
            cards = [it for it in cards if any(self.open_invitations(it, s) for s in it.scopes)]
        if not cards:
            raise BadInput(f"There is no inviter {name[:60]!r}.", "See the fleet's inviters.")
        return cards

    def _drop(self, name: str) -> None:
        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            cards = self._cards(targets, verified)
            live = [it for it in cards if it.name == name and it.dropped is None]
            changed = {}
            for card in live:
                who = card.fingerprint
                last = {it: last_published(verified, targets, it, who) for it in card.scopes}
                changed[layout.inviter_target(who)] = replace(card, dropped=last).encode()
            return changed

        self._signing.edit(edit)

    def _count_late(self, card: InviterCard) -> bool:
        path = layout.inviter_target(card.fingerprint)
        return count_late(self._signing, path, card.fingerprint)

    def open_invitations(self, card: InviterCard, scope: str) -> Sequence[EndedInvitation]:
        """The invitations of an inviter that can be used in a scope, to be ended.

        Raises:
            FleetRefused: what is published cannot be verified.
        """
        verified = self._signing.verified
        statements = published_now(verified, verified.targets(), scope).file.statements
        known = history_of(scope, (each for each, _ in statements)).invitations
        mine = (tag for tag, it in known.items() if it.author == card.fingerprint)
        return [EndedInvitation(tag) for tag in sorted(mine)]

    def all(self) -> Sequence[InviterCard]:
        """Every inviter that admins have named, those that were dropped included, by name.

        Raises:
            FleetRefused: what admins have signed cannot be verified.
        """
        verified = self._signing.verified
        return sorted(self._cards(verified.targets(), verified), key=lambda it: it.name)

    def _cards(self, targets: Targets, verified: VerifiedStore) -> Sequence[InviterCard]:
        paths = map(layout.inviter_target, layout.inviters_in(targets.targets))
        found = (verified.read_target(targets, path) for path in paths)
        return [InviterCard.decode(raw) for raw in found if raw is not None]
