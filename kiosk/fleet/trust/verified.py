"""Metadata as it lies in the store, verified from the root on, for those who sign more of it.

A kiosk does not use this: it has the client of The Update Framework, which also sees to freshness.
Admins and publisher need the newest that is signed, even if a publisher was away for weeks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeVar

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.stores.port import ABSENT, Expected, ObjectStore, StoredObject
from kiosk.fleet.trust.layout import METADATA, metadata_name, target_name
from kiosk.fleet.trust.seen import SeenVersions

MOST_METADATA = 20_000_000
_VERSION = re.compile(r"(\d{1,18})\.(.+)\.json")
Found = TypeVar("Found")
SignedT = TypeVar("SignedT", Root, Timestamp, Snapshot, Targets)


class VerifiedStore:
    """Reads a fleet's store, and believes only what is signed.

    Args:
        store: the store.
        root: a root of trust that was not taken from the store.
        seen: remembers the newest versions; None where nobody builds on what is read.
        former: roots that were trusted before. What their publisher has signed is taken over as
            long as the publisher of today has signed nothing.

    Raises:
        FleetRefused: the root is none, or a newer one in the store is not signed by its keys.
        FleetStoreUnreachable: the store does not answer.
    """

    def __init__(
        self,
        store: ObjectStore,
        root: bytes,
        seen: SeenVersions | None = None,
        former: Sequence[Root] = (),
    ) -> None:
        self.store, self._seen = store, seen
        self.chain = [*former]
        self.roots = [root]
        self.root, self.root_bytes = self._newest_root(root)
        self._former: Root | None = None

    def versions(self, role: str) -> list[int]:
        """The versions of a role's metadata that lie in the store, verified or not."""
        found = (_VERSION.fullmatch(name.removeprefix(METADATA)) for name in self._names())
        return sorted(int(hit[1]) for hit in found if hit and hit[2] == role)

    def targets(self) -> Targets:
        """What admins have signed last.

        Raises:
            FleetRefused: there is nothing that the root's keys have signed, or it is older than
                what was seen.
        """
        return self._not_older(self._newest_targets, lambda found: found.version, Targets.type)

    def targets_of(self, version: int) -> Targets:
        """A version of what admins have signed.

        Raises:
            FleetRefused: it is missing, another one, or not signed by the admins of today.
        """
        metadata = self._parsed(self._get(metadata_name(Targets.type, version)), Targets)
        self._require(self.root, Targets.type, metadata)
        if metadata.signed.version != version:
            raise _unsigned(Targets.type)
        return metadata.signed

    def timestamp(self) -> tuple[Timestamp, str] | None:
        """What the publisher has signed last, and the object's tag; None before the first time.

        Raises:
            FleetRefused: it is not signed by the publisher, or older than what was seen.
        """
        return self._not_older(
            self._newest_timestamp, lambda found: found[0].version if found else 0, Timestamp.type
        )

    def succeeded(self) -> str | Expected | None:
        """The tag of the timestamp that a former publisher left; None unless this one begins now.

        Everything of the former one is read from then on as what it may be: a thief's.
        """
        found = self.store.get(metadata_name(Timestamp.type, None), MOST_METADATA)
        stored = found if isinstance(found, StoredObject) else None
        if stored is not None and self._is_mine(stored.data):
            return None
        self._former = self._predecessor()
        if self._former is None:
            return None
        return ABSENT if stored is None else stored.tag

    def snapshot(self, timestamp: Timestamp) -> Snapshot:
        """The snapshot of a timestamp.

        Raises:
            FleetRefused: it is missing, another one, or not signed by the publisher.
        """
        version = timestamp.snapshot_meta.version
        metadata = self._parsed(self._get(metadata_name(Snapshot.type, version)), Snapshot)
        self._require(self._former or self.root, Snapshot.type, metadata)
        if metadata.signed.version != version:
            raise _unsigned(Snapshot.type)
        return metadata.signed

    def refuse_older(self, targets: Targets, snapshot: Snapshot) -> None:
        """Check that what admins have signed is not older than what is published.

        Raises:
            FleetRefused: the newest is missing from the store.
        """
        known = snapshot.meta["targets.json"].version
        if targets.version < known:
            raise FleetRefused(
                f"Version {known} of what admins have signed is missing from the fleet's store.",
                "Restore it from the store's own versions or backup.",
            )

    def delegated(self, role: str, version: int, targets: Targets) -> Targets:
        """A version of the metadata of a role that admins have delegated.

        Raises:
            FleetRefused: it is missing, another one, or not signed by the role's key.
        """
        metadata = self._parsed(self._get(metadata_name(role, version)), Targets)
        if not _is_of_publisher(self._former or self.root, metadata):
            self._require(targets, role, metadata)
        if metadata.signed.version != version:
            raise _unsigned(role)
        return metadata.signed

    def read_target(self, targets: Targets, path: str) -> bytes | None:
        """A target's content; None where the metadata names none.

        Raises:
            FleetRefused: it is missing from the store, or another one.
        """
        info = targets.targets.get(path)
        if info is None:
            return None
        data = self._get(target_name(path, info.hashes["sha256"]), info.length)
        verify_target(info, data)
        return data

    def following_body(self, data: bytes) -> bytes:
        """What is signed of a root that may follow this one.

        Raises:
            FleetRefused: it is not signed by enough keys of both.
        """
        return self._following(Metadata(self.root), data).signed_bytes

    def is_outdated(self, targets: Targets) -> bool:
        """True if admins have signed something newer since this was opened."""
        root = self.store.get(metadata_name(Root.type, self.root.version + 1), MOST_METADATA)
        return root is not None or self._newest_targets().version != targets.version

    def remember(self, role: str, version: int) -> None:
        """Remember a version that was written just now, where there is a memory."""
        if self._seen is not None:
            self._seen.remember(role, self.root.roles[role].keyids, version)

    # -- internals -------------------------------------------------------------------------------

    def _check(self, role: str, version: int) -> None:
        if self._seen is not None:
            self._seen.check(role, self.root.roles[role].keyids, version)

    def _not_older(
        self, read: Callable[[], Found], version_of: Callable[[Found], int], role: str
    ) -> Found:
        """What is read, not older than what was seen; read again if another was faster."""
        found = read()
        if role == Timestamp.type and self._former is not None:
            return found  # another publisher's number says nothing of this one's
        try:
            self._check(role, version_of(found))
        except FleetRefused:
            found = read()
            self._check(role, version_of(found))
        return found

    def _newest_targets(self) -> Targets:
        for version in reversed(self.versions(Targets.type)):
            try:
                return self.targets_of(version)
            except FleetRefused:
                continue  # whoever can write to the store has left something there
        raise _unsigned(Targets.type)

    def _newest_timestamp(self) -> tuple[Timestamp, str] | None:
        found = self._found(metadata_name(Timestamp.type, None))
        if found is None:
            return None
        metadata = self._parsed(found.data, Timestamp)
        if not self._is_signed(self.root, Timestamp.type, metadata):
            self._former = self._predecessor()
        self._require(self._former or self.root, Timestamp.type, metadata)
        return metadata.signed, found.tag

    def _is_mine(self, stamp: bytes) -> bool:
        """True if the publisher of today has signed a timestamp."""
        try:
            self._require(self.root, Timestamp.type, self._parsed(stamp, Timestamp))
        except FleetRefused:
            return False
        return True

    def _predecessor(self) -> Root | None:
        """The newest root with another publisher, if nothing of today's was seen yet."""
        role = self.root.roles[Timestamp.type]
        if self._seen is None or self._seen.newest(Timestamp.type, role.keyids):
            return None  # the publisher of today has signed: the other's word counts no more
        earlier = (each for each in reversed(self.chain) if each.version < self.root.version)
        others = (each for each in earlier if each.roles[Timestamp.type].keyids != role.keyids)
        return next(others, None)

    def _newest_root(self, data: bytes) -> tuple[Root, bytes]:
        current = self._parsed(data, Root)
        self._require(current.signed, Root.type, current)
        while True:
            name = metadata_name(Root.type, current.signed.version + 1)
            found = self._found(name)
            if found is None:
                return current.signed, data
            following = self._following(current, found.data)
            self.chain.append(current.signed)
            self.roots.append(found.data)
            current, data = following, found.data

    def _following(self, current: Metadata[Root], data: bytes) -> Metadata[Root]:
        following = self._parsed(data, Root)
        self._require(current.signed, Root.type, following)
        self._require(following.signed, Root.type, following)
        if following.signed.version != current.signed.version + 1:
            raise _unsigned(Root.type)
        return following

    def _names(self) -> list[str]:
        return list(self.store.names(METADATA))

    def _found(self, name: str) -> StoredObject | None:
        """An object of metadata; None where there is none.

        AWS calls forbidden what is not there, to whoever may not list all names.
        """
        try:
            found = self.store.get(name, MOST_METADATA)
        except FleetRefused:
            if name in self._names():
                raise
            return None
        return found if isinstance(found, StoredObject) else None

    def _get(self, name: str, most: int = MOST_METADATA) -> bytes:
        found = self.store.get(name, most)
        if not isinstance(found, StoredObject):
            raise FleetRefused(
                f"The object {name} is missing from the fleet's store.",
                "Restore it from the store's own versions or backup.",
            )
        return found.data

    def _parsed(self, data: bytes, kind: type[SignedT]) -> Metadata[SignedT]:
        try:
            metadata = Metadata[SignedT].from_bytes(data)
        except DeserializationError as error:
            raise _unsigned(kind.type) from error
        if not isinstance(metadata.signed, kind):
            raise _unsigned(kind.type)
        return metadata

    def _require(self, by: Root | Targets, role: str, metadata: Metadata[SignedT]) -> None:
        if not self._is_signed(by, role, metadata):
            raise _unsigned(role)

    def _is_signed(self, by: Root | Targets, role: str, metadata: Metadata[SignedT]) -> bool:
        try:
            by.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except (RepositoryError, ValueError):
            return False
        return True


def _is_of_publisher(root: Root, metadata: Metadata[Targets]) -> bool:
    """True if a root's publisher has signed something, whatever it is."""
    keys = [root.keys[keyid] for keyid in root.roles[Timestamp.type].keyids]
    return any(_has_signed(key, metadata) for key in keys)


def _has_signed(key: Key, metadata: Metadata[Targets]) -> bool:
    try:
        key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)
    except (KeyError, UnverifiedSignatureError):
        return False
    return True


def next_version(before: int, taken: Sequence[int]) -> int:
    """The first version after one that nobody has taken.

    Not the one after the highest: whoever can write to the store could use up all there are.
    """
    there = set(taken)
    return next(version for version in count(before + 1) if version not in there)


def verify_target(info: TargetFile, data: bytes) -> None:
    """Check a target's content against the metadata that names it.

    Raises:
        FleetRefused: it is another one.
    """
    try:
        info.verify_length_and_hashes(data)
    except RepositoryError as error:
        raise FleetRefused(
            f"The object for {info.path} is not the one that was published.",
            "Look who has written to the store; nothing of it was applied.",
        ) from error


def _unsigned(role: str) -> FleetRefused:
    return FleetRefused(
        f"The metadata of {role} in the fleet's store is not signed by the keys that may.",
        "Look who has written to the store; nothing of it was applied.",
    )
