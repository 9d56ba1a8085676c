"""A kiosk as a device of a fleet: its own keys, made here, and the root that it trusts.

The root comes from a file or a code at the device, never from the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from kiosk.domain.errors import BadInput
from kiosk.fleet.cards import DeviceKeys
from kiosk.fleet.sealing import WrappingKey
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.chain import newer_of
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetJoined
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealed_file import SealedFile

MOST_ROOT = 512_000
MOST_REQUEST = 10_000
MOST_SKEW = timedelta(minutes=5)
WORTH_A_WRITE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Device:
    """What a kiosk knows of itself in its fleet. Never printed.

    Attributes:
        keys: its own.
        store: the address of the fleet's store.
        root: the root of trust that it was given.
        heard: when the publisher signed what was synced last, UTC; None before the first sync.
    """

    keys: PrivateKeys
    store: str
    root: bytes
    heard: datetime | None = None

    def __repr__(self) -> str:
        return "Device(<hidden>)"

    @property
    def public(self) -> DeviceKeys:
        """Its public keys."""
        return DeviceKeys(self.keys.public_signing, self.opening.public)

    @property
    def fingerprint(self) -> str:
        """128 bits over its public keys, hexadecimal."""
        return self.public.fingerprint

    @property
    def opening(self) -> WrappingKey:
        """The key that opens the keys of its scopes."""
        if self.keys.opening is None:
            raise ValueError("a device has both keys")
        return self.keys.opening


class DeviceFile:
    """The sealed file of a home with its device.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        remedy = "Have this kiosk approved in its fleet again."
        self._file = SealedFile(home, home.fleet, FileKey(home), Purpose.FLEET, remedy)

    def load(self) -> Device | None:
        """The device; None where the home belongs to no fleet.

        Raises:
            StoreError: the file was changed, is an older copy, or cannot be read.
        """
        said = self._file.load()
        if said is None:
            return None
        opening = WrappingKey(bytes.fromhex(said["opening"]))
        keys = PrivateKeys(bytes.fromhex(said["signing"]), opening)
        heard = said.get("heard")
        at = None if heard is None else datetime.fromisoformat(heard)
        return Device(keys, said["store"], said["root"].encode(), at)

    def hear(self, signed_at: datetime) -> None:
        """Keep when the publisher signed what was synced, if that is news worth a write.

        Raises:
            StoreError: it could not be made durable.
        """
        known = self.load()
        if known is None or (known.heard and signed_at - known.heard < WORTH_A_WRITE):
            return
        self._file.change(lambda said: {**(said or {}), "heard": signed_at.isoformat()})

    def is_stale(self, now: datetime, limit: timedelta) -> bool:
        """True if the publisher has not signed within the limit, or seems to sign in the future.

        Raises:
            StoreError: the file was changed, is an older copy, or cannot be read.
        """
        known = self.load()
        if known is None or known.heard is None:
            return True
        return not -MOST_SKEW <= now - known.heard <= limit

    def join(
        self,
        store: str,
        root: bytes,
        note: Callable[[JournalEvent], None],
        opened: ObjectStore | None = None,
    ) -> Device:
        """Make the device's keys, or keep those that it has for this fleet.

        Args:
            store: the address of the fleet's store.
            root: the root of trust.
            note: writes to the journal, before the keys are kept.
            opened: the store, which has the way from one root of the fleet to the next.

        Raises:
            BadInput: the root is none, or the home belongs to another fleet.
            StoreError: it could not be made durable.
        """
        known = self.load()
        if known is not None:
            return self._joined(known, store, root, opened)
        check_root(root)
        device = Device(PrivateKeys.draw(opens=True), store, root)
        content = {
            "signing": device.keys.signing.hex(),
            "opening": device.opening.private.hex(),
            "store": store,
            "root": root.decode(),
        }
        note(FleetJoined(device.fingerprint))
        self._file.save(content)
        return device

    def _joined(self, known: Device, store: str, root: bytes, opened: ObjectStore | None) -> Device:
        """The device as it is, with the newer root if it was given one."""
        if (known.store, known.root) == (store, root):
            return known
        check_root(root)
        newer = None
        if known.store == store and opened is not None:
            newer = newer_of(opened, known.root, root)
        if newer is None:
            raise BadInput(
                f"This kiosk belongs to the fleet in {known.store}, by another root of trust.",
                "Have it leave that one first, or use another home.",
            )
        if newer != known.root:
            self._file.change(lambda said: {**(said or {}), "root": newer.decode()})
        return replace(known, root=newer)


def check_root(data: bytes) -> None:
    """Check that a file is a root of trust, signed by its own keys.

    Raises:
        BadInput: it is not.
    """
    try:
        root = Metadata[Root].from_bytes(data[:MOST_ROOT])
        root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    except (AttributeError, DeserializationError, RepositoryError, TypeError, ValueError) as error:
        raise BadInput(
            "That file is no root of trust.", "Take the fleet's newest root.json, from an admin."
        ) from error


def hand_in(device: Device, store: ObjectStore) -> None:
    """Ask in the store to be approved.

    Raises:
        FleetRefused, FleetStoreUnreachable: the request could not be written.
    """
    data = json.dumps(device.public.said()).encode()
    store.put(layout.request_name(device.fingerprint), data, expected=ANYTHING)


def requested_keys(store: ObjectStore, fingerprint: str) -> DeviceKeys:
    """The keys of a device that asks in the store to be approved.

    Raises:
        BadInput: no device with that fingerprint has asked.
        FleetRefused, FleetStoreUnreachable: the request could not be read.
    """
    found = store.get(layout.request_name(fingerprint), MOST_REQUEST)
    try:
        keys = DeviceKeys.of(json.loads(found.data)) if isinstance(found, StoredObject) else None
    except (KeyError, RecursionError, TypeError, ValueError):
        keys = None
    if keys is None or keys.fingerprint != fingerprint:
        raise BadInput(
            f"No device with the fingerprint {fingerprint} has asked to be approved.",
            "Compare it with the one that the device shows, character by character.",
        )
    return keys


def admins_who_sign(root: bytes) -> int:
    """How many admins must sign what a device trusts, by the root that it was given."""
    return Metadata[Root].from_bytes(root).signed.roles["targets"].threshold
