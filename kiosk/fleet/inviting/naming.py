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

    def drop(self, name: str) -> InviterCard:
        """End an inviter: nothing that it says after this counts.

        Whoever enrolled with one of its invitations stays; those that can be used are to be ended
        too, see `open_invitations`.

        Returns:
            What was said of it before.

        Raises:
            BadInput: there is no such inviter.
        """
        found: list[InviterCard] = []

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            cards = self._cards(targets, verified)
            found[:] = [it for it in cards if it.name == name and it.dropped is None]
            if not found:
                raise BadInput(f"There is no inviter {name[:60]!r}.", "See the fleet's inviters.")
            (card,) = found
            last = {
                it: last_published(verified, targets, it, card.fingerprint) for it in card.scopes
            }
            dropped = replace(card, dropped=last)
            return {layout.inviter_target(card.fingerprint): dropped.encode()}

        self._signing.edit(edit)
        who = found[0].fingerprint
        count_late(self._signing, layout.inviter_target(who), who)
        return found[0]

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
