"""The keys of a folder for a change that is tried out: nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root, Targets, Timestamp

from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.keyring import AdminKeys, Keyring
from kiosk.fleet.trust.seen import PassingVersions


class TrialKeyring(Keyring):
    """Keys that are used as they are, while roots, versions and new keys are forgotten."""

    @cached_property
    def _kept(self) -> _Kept:
        return _Kept()

    @cached_property
    def seen(self) -> PassingVersions:
        """The newest versions, those of this trial among them."""
        return PassingVersions(super().seen.path)

    @property
    def root(self) -> bytes:
        """The newest root of trust, that of this trial if there is one."""
        return super().root if self._kept.root is None else self._kept.root

    @property
    def former_roots(self) -> list[Root]:
        """The roots before it."""
        return [*super().former_roots, *self._kept.former]

    def keep_root(self, root: bytes) -> None:
        """Remember a root for as long as this lives."""
        self._kept.former.append(Metadata[Root].from_bytes(self.root).signed)
        self._kept.root = root

    def draw_admin(self, name: str) -> AdminKeys:
        """New keys for an admin, which nobody keeps."""
        drawn = PrivateKeys.draw(opens=True)
        made = AdminKeys(name, drawn.signer, drawn.opening)
        self.__dict__["admins"] = (*self.admins, made)
        return made

    def draw_publisher(self) -> Signer:
        """A new key for the publisher, which nobody keeps."""
        if self._kept.publisher is None:
            self._kept.publisher = PrivateKeys.draw(opens=False).signer
        return self._kept.publisher

    def settle_publisher(self, root: Root) -> None:
        """Use the publisher's new key, if a root names it."""
        drawn = self._kept.publisher
        if drawn is not None and drawn.public_key.keyid in root.roles[Timestamp.type].keyids:
            self.__dict__["publisher"] = drawn


class PartKeyring(TrialKeyring):
    """Keys of too few admins: what they sign waits for the others, and new keys are kept."""

    def draw_admin(self, name: str) -> AdminKeys:
        """New keys for an admin, kept here: they count once the others have signed."""
        return Keyring.draw_admin(self, name)

    def draw_publisher(self) -> Signer:
        """A new key for the publisher, kept here."""
        return Keyring.draw_publisher(self)


def signs_in_part(keys: Keyring, root: Root, least: int = 1, leaving: str | None = None) -> bool:
    """True if admins' keys are here, and fewer than have to sign.

    Args:
        keys: those that are here.
        root: the fleet's root of trust of today; the one that is kept beside the keys may be older.
        least: so many have to sign, whatever the root says: by the one that would follow.
        leaving: the name, or the beginning of the id, of an admin whose key that one no longer has.

    Raises:
        StoreKeyError: a key cannot be used.
    """
    role = root.roles[Targets.type]
    mine = [each for each in keys.admins if each.keyid in role.keyids]
    stay = [it for it in mine if leaving is None or not _is_called(it, leaving)]
    return bool(mine) and (len(mine) < max(role.threshold, least) or len(stay) < role.threshold)


def _is_called(admin: AdminKeys, name: str) -> bool:
    return admin.name == name or admin.keyid.startswith(name)


@dataclass(slots=True)
class _Kept:
    """What a trial remembers."""

    root: bytes | None = None
    former: list[Root] = field(default_factory=list)
    publisher: Signer | None = None
