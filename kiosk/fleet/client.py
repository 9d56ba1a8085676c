"""The client of The Update Framework on a kiosk, over any object store.

It sees to signatures, versions, lengths and freshness. What is added here is the store, the clock,
and an error that says what happened.

A store that has nothing newer says so in one short answer. The framework then judges what it has
verified before once more against the clock, as if the store had sent the same file again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from securesystemslib.exceptions import StorageError
from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Root, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from kiosk.domain.errors import FleetRefused, FleetStoreUnreachable, LintelError, StoreError
from kiosk.fleet.device import MOST_SKEW
from kiosk.fleet.rollout.holding import halted_in
from kiosk.fleet.stores.port import UNCHANGED, ObjectStore, StoredObject, Unchanged
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.expiry import expiry_warnings
from kiosk.fleet.trust.freshness import signed_at
from kiosk.store.file_lock import alone

MOST_FILE = 2_000_000_000
PATIENCE_SECONDS = 60.0
WHOLE_SECONDS = 600.0
"""After so long a newer root is looked for, even if nothing else is newer."""
MOST_TIMESTAMP = UpdaterConfig().timestamp_max_length
TIMESTAMP = layout.metadata_name(Timestamp.type, None)
ROOT = re.compile(rf"{re.escape(layout.METADATA)}[0-9]+\.root\.json")
Answer = TypeVar("Answer")
KEYID_SHOWN = 16
RESUMED = 3
"""A broken download is continued so many times before it counts as failed."""


class StoreFetcher(FetcherInterface):
    """Fetches from an object store for The Update Framework.

    Args:
        store: the store.

    Attributes:
        timestamp: the timestamp that was fetched last, with its tag.
        failed: the error of the store that ended a fetch.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._held: StoredObject | None = None
        self._unchanged = False
        self.timestamp: StoredObject | None = None
        self.failed: LintelError | None = None

    def is_still(self, known: StoredObject) -> bool:
        """True if the store has no other timestamp; then no newer root is looked for either.

        A store that lies about it withholds what is newer, as one that sends older files does.
        """
        found = self._store.get(TIMESTAMP, MOST_TIMESTAMP, known_tag=known.tag)
        self._unchanged = found is UNCHANGED
        self._held = known if isinstance(found, Unchanged) else found
        return self._unchanged

    def ask_anew(self) -> None:
        """Ask the store for everything from now on."""
        self._held, self._unchanged = None, False

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            if url == TIMESTAMP:
                return iter([self._timestamp().data])
            if self._unchanged and ROOT.fullmatch(url):
                raise _absent(url)
            first = self._store.stream(url)
        except LintelError as error:
            if isinstance(error, FleetRefused) and ROOT.fullmatch(url):
                raise _absent(url) from error  # what AWS says of it to whoever may not list names
            self.failed = error
            raise
        if first is None:
            raise _absent(url)
        return self._resumed(url, first)

    def _timestamp(self) -> StoredObject:
        found, self._held = self._held or self._store.get(TIMESTAMP, MOST_TIMESTAMP), None
        if not isinstance(found, StoredObject):
            raise _absent(TIMESTAMP)
        self.timestamp = found
        return found

    def _resumed(self, name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        received, left = 0, RESUMED
        while True:
            try:
                for piece in pieces:
                    received += len(piece)
                    yield piece
            except FleetStoreUnreachable as error:
                left -= 1
                again = self._store.stream(name, received) if left else None
                if again is None:
                    self.failed = error
                    raise
                pieces = again
            else:
                return


def _absent(name: str) -> tuf.DownloadHTTPError:
    return tuf.DownloadHTTPError(f"{name} is absent", 404)


class FleetClient:
    """What a kiosk may believe of a fleet's store, as of one sync.

    Args:
        store: the store.
        cache: a folder for metadata that was verified, and for files in sealed form.
        root: the root of trust that the device was given.
        utc: the wall clock.
        floor: a time that has certainly come, UTC: a clock that was set back makes nothing that has
            expired good again.
    """

    def __init__(
        self,
        store: ObjectStore,
        cache: Path,
        root: bytes,
        utc: Callable[[], datetime],
        floor: Callable[[], datetime] = lambda: datetime.fromtimestamp(0, UTC),
    ) -> None:
        self._cache, self._root, self._utc, self._floor = cache, root, utc, floor
        self._fetcher = StoreFetcher(store)
        self._verified: StoredObject | None = None
        self._whole_until = time.monotonic()
        for folder in (self._metadata, self._files):
            folder.mkdir(0o700, parents=True, exist_ok=True)

    def refresh(self) -> Timestamp:
        """Fetch and verify what is newest; returns the timestamp.

        Raises:
            FleetRefused: it cannot be verified, has expired, is older than what was seen before,
                or this kiosk's clock is behind.
            FleetStoreUnreachable: the store does not answer.
        """
        known, self._verified = self._known(), None
        if known is None:
            self._fetcher.ask_anew()
        if known is None or not (self._fetcher.is_still(known) and self._still_good()):
            self._updated()
            self._whole_until = time.monotonic() + WHOLE_SECONDS
        self._verified = self._fetcher.timestamp
        return self._judged()

    def _known(self) -> StoredObject | None:
        """The timestamp to ask about; None where all has to be asked."""
        known = self._verified
        if known is None or time.monotonic() >= self._whole_until:
            return None
        try:
            kept = (self._metadata / "timestamp.json").read_bytes()
        except OSError:
            return None
        return known if kept == known.data else None  # another process may have synced meanwhile

    def _still_good(self) -> bool:
        """True if what was verified before still is; if not, a newer root may help."""
        try:
            self._updated()
        except FleetRefused:
            self._fetcher.ask_anew()
            return False
        return True

    def _updated(self) -> None:
        self._updater = self._told(self._opened)
        self._told(self._updater.refresh)

    def _judged(self) -> Timestamp:
        """The timestamp, if this kiosk's clock can be right."""
        stamp = Metadata[Timestamp].from_file(str(self._metadata / "timestamp.json")).signed
        if stamp.expires <= max(self._utc(), self._floor()):
            raise FleetRefused(
                f"What the fleet's store holds has expired: at {stamp.expires:%Y-%m-%d %H:%M} UTC.",
                "See whether the publisher runs, and whether this kiosk's clock is right.",
            )
        at = signed_at(stamp)
        if at > self._utc() + MOST_SKEW:
            raise FleetRefused(
                f"The fleet's newest word is of {at:%Y-%m-%d %H:%M} UTC, which is later "
                "than this kiosk's clock.",
                "Set the clock of this kiosk; nothing was applied.",
            )
        return stamp

    @staticmethod
    def halted(stamp: Timestamp) -> Mapping[str, int]:
        """The versions of settings that the publisher holds back, by scope."""
        return halted_in(stamp)

    def signers(self) -> tuple[str, ...]:
        """The ids of the admins' keys that have signed what is newest; after `refresh`."""
        found = Metadata[Targets].from_file(str(self._metadata / "targets.json"))
        signed = self.root.get_verification_result(
            Targets.type, found.signed_bytes, found.signatures
        ).signed
        return tuple(sorted(keyid[:KEYID_SHOWN] for keyid in signed))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process of this kiosk syncs meanwhile.

        Raises:
            StoreError: another one takes too long.
        """
        try:
            with alone(self._cache / "lock", PATIENCE_SECONDS):
                yield
        except TimeoutError as error:
            raise StoreError(
                "Another process of this kiosk is syncing.", "Try again in a moment."
            ) from error

    @property
    def root(self) -> Root:
        """The newest root of trust; after `refresh`."""
        return Metadata[Root].from_file(str(self._metadata / "root.json")).signed

    def target(self, path: str) -> bytes | None:
        """A target's content; None where nobody who may has named it.

        Raises:
            FleetRefused: it cannot be verified, or is too large.
            FleetStoreUnreachable: the store does not answer.
        """
        info = self._told(lambda: self._updater.get_targetinfo(path))
        if info is None:
            return None
        if info.length > MOST_FILE:
            raise FleetRefused(
                f"The file {path} has {info.length:,} bytes; {MOST_FILE:,} are allowed.",
                "Look who has published it; nothing was applied.",
            )
        known = self._updater.find_cached_target(info)
        place = Path(known or self._told(lambda: self._updater.download_target(info)))
        return place.read_bytes()

    def length(self, path: str) -> int:
        """How many bytes a target has, as is signed; 0 where nobody who may has named it."""
        info = self._told(lambda: self._updater.get_targetinfo(path))
        return 0 if info is None else info.length

    def forget(self, path: str) -> None:
        """Delete a file that was fetched and is not needed any more."""
        (self._files / path.replace("/", "%2F")).unlink(missing_ok=True)

    def forget_role(self, role: str) -> None:
        """Delete a role's metadata that turned out to be another's: it is fetched again."""
        (self._metadata / f"{role}.json").unlink(missing_ok=True)

    @property
    def _metadata(self) -> Path:
        return self._cache / "metadata"

    @property
    def _files(self) -> Path:
        return self._cache / "files"

    def _opened(self) -> Updater:
        folders = str(self._metadata), layout.METADATA, str(self._files), layout.TARGETS
        return Updater(*folders, fetcher=self._fetcher, bootstrap=self._root)

    def _told(self, ask: Callable[[], Answer]) -> Answer:
        """Ask the framework's client, and say in our words what went wrong."""
        self._fetcher.failed = None
        try:
            return ask()
        except tuf.ExpiredMetadataError as error:
            raise FleetRefused(
                f"What the fleet's store holds has expired: {error}.",
                "See whether the publisher runs, and whether this kiosk's clock is right.",
            ) from error
        except (tuf.RepositoryError, tuf.DownloadError) as error:
            if self._fetcher.failed is not None:
                raise self._fetcher.failed from error
            raise FleetRefused(
                f"What the fleet's store holds cannot be verified: {error}.",
                "Look who has written to the store; nothing was applied.",
            ) from error


def last_stamp(cache: Path) -> tuple[int, datetime] | None:
    """The version of what a kiosk has fetched last, and when the publisher signed it, UTC.

    None if it never fetched any. Read from a file that was verified when it was fetched, for a
    person to look at.
    """
    try:
        stamp = Metadata[Timestamp].from_file(str(cache / "metadata" / "timestamp.json")).signed
        return stamp.version, signed_at(stamp)
    except (DeserializationError, FleetRefused, StorageError):
        return None


def last_signed_at(cache: Path) -> datetime | None:
    """When the publisher signed what a kiosk has fetched last, UTC; None if it never did."""
    found = last_stamp(cache)
    return None if found is None else found[1]


def last_expiries(cache: Path, now: datetime) -> list[str]:
    """What admins have to renew soon, by what a kiosk has fetched last; for a person to look at."""
    try:
        root = Metadata[Root].from_file(str(cache / "metadata" / "root.json")).signed
        targets = Metadata[Targets].from_file(str(cache / "metadata" / "targets.json")).signed
    except (DeserializationError, StorageError):
        return []
    return expiry_warnings(root, targets, now)
