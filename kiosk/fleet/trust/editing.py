"""What admins sign: read, changed, signed by as many as there must be, and written as a whole.

Whoever was faster wins: the other one's change is made again on top of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from securesystemslib.signer import Signer
from tuf.api.metadata import Delegations, Root, Targets

from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged, StoreKeyError
from kiosk.fleet.stores.port import ABSENT, ANYTHING, ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminCard, AdminsCard
from kiosk.fleet.trust.keyring import AdminKeys, Keyring
from kiosk.fleet.trust.next_root import body_of, put_next_root, read_body
from kiosk.fleet.trust.targets import put_target, signed_by
from kiosk.fleet.trust.verified import MOST_METADATA, VerifiedStore, next_version

SIGNED_DAYS = 365
TRIES = 8

Edit = Callable[[Targets, VerifiedStore], Mapping[str, bytes]]
"""Changes what admins have signed, and returns the targets to write, by path."""


class AdminSigning:
    """Signs for the admins whose keys are here.

    Args:
        store: the fleet's store.
        keys: their keys, and the root of trust.
        utc: the wall clock.
    """

    def __init__(self, store: ObjectStore, keys: Keyring, utc: Callable[[], datetime]) -> None:
        self._store, self._keys, self._utc = store, keys, utc

    @staticmethod
    def refuse_founded(store: ObjectStore, admins: int, threshold: int) -> None:
        """Check that a fleet can be founded, before keys are made.

        Raises:
            BadInput: the store holds a fleet, or there are fewer admins than the threshold.
        """
        AdminSigning.refuse_threshold(admins, threshold)
        if store.get(layout.metadata_name(Root.type, 1), MOST_METADATA) is not None:
            raise _founded()

    @staticmethod
    def refuse_threshold(admins: int, threshold: int) -> None:
        """Raises BadInput: there are fewer admins than have to sign."""
        if not 1 <= threshold <= admins:
            raise BadInput(
                f"{threshold} of {admins} admins cannot sign.",
                "Choose a threshold between 1 and the number of admins.",
            )

    def found(self, threshold: int) -> None:
        """Found a fleet in an empty store, whose root these keys sign.

        Raises:
            BadInput: the store holds a fleet, or there is no publisher's key.
        """
        publisher = self._keys.publisher
        if publisher is None:
            raise BadInput("There is no publisher's key.", "Make the keys anew.")
        root = Root(expires=self._expiry())
        for admin in self._keys.admins:
            for role in (Root.type, Targets.type):
                root.add_key(admin.signer.public_key, role)
                root.roles[role].threshold = threshold
        for role in ("snapshot", "timestamp"):
            root.add_key(publisher.public_key, role)
        data = signed_by(root, [each.signer for each in self._keys.admins[:threshold]])
        try:
            self._store.put(layout.metadata_name(Root.type, 1), data, expected=ABSENT)
        except ObjectChanged as error:
            raise _founded() from error
        self._keys.keep_root(data)
        cards = [
            AdminCard(each.name, each.keyid, each.opening.public)
            for each in self._keys.admins
            if each.opening is not None
        ]
        said = AdminsCard(cards, len(cards))
        info = put_target(self._store, layout.ADMINS_TARGET, said.encode())
        targets = Targets(
            expires=self._expiry(),
            targets={layout.ADMINS_TARGET: info},
            delegations=Delegations({}, {}),
        )
        self._put(targets, root)

    @property
    def verified(self) -> VerifiedStore:
        """The store as it is now, verified; the newest root is remembered.

        Raises:
            FleetRefused: it cannot be verified.
        """
        known = self._keys.root
        verified = self._opened(known)
        if verified.root_bytes != known:
            self._keys.keep_root(verified.root_bytes)
        self._keys.settle_publisher(verified.root)
        return verified

    @property
    def as_it_is(self) -> VerifiedStore:
        """The store, verified; nothing is ended in it that was begun.

        Raises:
            FleetRefused: it cannot be verified.
        """
        keys = self._keys
        return VerifiedStore(self._store, keys.root, keys.seen, keys.former_roots)

    def _opened(self, root: bytes) -> VerifiedStore:
        """The store, after the root that admins have handed over was put in its place."""
        while True:
            verified = VerifiedStore(self._store, root, self._keys.seen, self._keys.former_roots)
            found = verified.versions(Targets.type)  # none while a fleet is being founded
            if not found or not put_next_root(verified, verified.targets()):
                return verified

    def edit(self, edit: Edit) -> None:
        """Change what admins have signed. If a root is among it, it follows at once.

        Raises:
            StoreKeyError: fewer admins' keys are here than have to sign.
        """
        for _ in range(TRIES):
            verified = self.verified
            taken = verified.versions(Targets.type)  # as before the newest was read
            targets = verified.targets()
            self.signing(verified.root)
            changed = edit(targets, verified)
            body = changed.get(layout.ROOT_TARGET)
            following = [] if body is None else [read_body(body)]
            for root in following:
                signed = signed_by(root, self.signers(verified.root, root))
                name = layout.next_root_name(body_of(root))
                self._store.put(name, signed, expected=ANYTHING)
            for path, data in changed.items():
                targets.targets[path] = put_target(self._store, path, data)
            targets.version = next_version(targets.version, taken)
            targets.expires = self._expiry()
            try:
                self._put(targets, verified.root, *following)
            except ObjectChanged:
                continue
            return
        raise FleetRefused(
            "Other admins have changed the fleet at each of several attempts.",
            "Try again in a moment; nothing was lost.",
        )

    @property
    def partly(self) -> bool:
        """True if what is signed here counts only once others have signed it too."""
        return self._keys.partly

    def signing(self, root: Root) -> Sequence[AdminKeys]:
        """The keys here that may sign, as many as have to.

        Raises:
            StoreKeyError: there are fewer.
        """
        role = root.roles[Targets.type]
        mine = [each for each in self._keys.admins if each.keyid in role.keyids]
        if len(mine) < role.threshold and not (mine and self._keys.partly):
            raise StoreKeyError(
                f"{role.threshold} admins have to sign, and the keys of {len(mine)} are in "
                f"{self._keys.folder}.",
                "Bring the keys of another admin.",
            )
        return mine[: role.threshold]

    def signers(self, *roots: Root) -> list[Signer]:
        """The keys here that are enough by each of these roots.

        Raises:
            StoreKeyError: there are fewer.
        """
        found = {each.keyid: each.signer for root in roots for each in self.signing(root)}
        return list(found.values())

    def _put(self, targets: Targets, root: Root, *following: Root) -> None:
        data = signed_by(targets, self.signers(root, *following))
        name = layout.metadata_name(Targets.type, targets.version)
        self._store.put(name, data, expected=ABSENT)
        if self._keys.partly:
            return  # it is not the fleet's before others have signed it too
        for each in (root, *following):
            keyids = each.roles[Targets.type].keyids
            self._keys.seen.remember(Targets.type, keyids, targets.version)

    def _expiry(self) -> datetime:
        return self._utc().replace(microsecond=0) + timedelta(days=SIGNED_DAYS)


def _founded() -> BadInput:
    return BadInput("That store holds a fleet already.", "Choose another folder, bucket or prefix.")
