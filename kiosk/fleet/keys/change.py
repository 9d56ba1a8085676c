"""A change of a fleet's keys: the root that follows, and what else has to agree with it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime

from securesystemslib.signer import Key
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from kiosk.domain.errors import BadInput
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminCard, AdminsCard

ADMIN_ROLES, PUBLISHER_ROLES = (Root.type, Targets.type), (Snapshot.type, Timestamp.type)


@dataclass(frozen=True, slots=True)
class NewAdmin:
    """The public keys of an admin who comes.

    Attributes:
        name: not given to anybody before.
        key: with which they sign.
        opening: to which scopes' keys are wrapped.
    """

    name: str
    key: Key
    opening: bytes

    @property
    def card(self) -> AdminCard:
        """What is signed about them."""
        return AdminCard(self.name, self.key.keyid, self.opening)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change of keys; without arguments the same keys begin a new term.

    Attributes:
        gone: the ids of signing keys of admins that count no more.
        new: admins who come.
        threshold: how many admins must sign from now on; None for as many as before.
        publisher: the publisher's new key; None for the same.
    """

    gone: tuple[str, ...] = ()
    new: tuple[NewAdmin, ...] = ()
    threshold: int | None = None
    publisher: Key | None = None

    @property
    def of_admins(self) -> bool:
        """True if other keys, or more of them, have to sign from now on."""
        return bool(self.gone or self.new or self.threshold)

    def root_after(self, root: Root, expires: datetime) -> Root:
        """The root that follows one.

        Raises:
            BadInput: fewer admins would be left than have to sign, or one would sign twice.
        """
        after = Root.from_dict(copy.deepcopy(root.to_dict()))
        for each in self.new:
            _refuse_known(root, each.key)
        after.version, after.expires = root.version + 1, expires
        for role in ADMIN_ROLES:
            for keyid in self.gone:
                after.revoke_key(keyid, role)
            for each in self.new:
                after.add_key(each.key, role)
            after.roles[role].threshold = self.threshold or root.roles[role].threshold
            left = len(after.roles[role].keyids)
            if after.roles[role].threshold > left:
                raise BadInput(
                    f"{after.roles[role].threshold} admins have to sign, and {left} would be left.",
                    "Bring another admin in first, or lower the threshold.",
                )
        if self.publisher is not None:
            for role in PUBLISHER_ROLES:
                for keyid in tuple(after.roles[role].keyids):
                    after.revoke_key(keyid, role)
                after.add_key(self.publisher, role)
        return after

    def admins_after(self, card: AdminsCard) -> AdminsCard:
        """Who the admins are then."""
        staying = [each for each in card.admins if each.keyid not in self.gone]
        return AdminsCard([*staying, *(each.card for each in self.new)], card.drawn + len(self.new))

    def delegate(self, targets: Targets) -> None:
        """Let the publisher's new key publish the people of each scope, and no other."""
        delegations = targets.delegations
        if self.publisher is None or delegations is None or delegations.roles is None:
            return
        for scope in layout.scopes_in(targets.targets):
            role = layout.people_role(scope)
            for keyid in tuple(delegations.roles[role].keyids):
                targets.revoke_key(keyid, role)
            targets.add_key(self.publisher, role)


def _refuse_known(root: Root, key: Key) -> None:
    """One key under two names would count as two admins."""
    role = root.roles[Root.type]
    known = [root.keys[keyid].keyval for keyid in role.keyids if keyid != key.keyid]
    if key.keyval in known or (key.keyid in role.keyids):
        raise BadInput("That key is an admin's already.", "Make another one.")
