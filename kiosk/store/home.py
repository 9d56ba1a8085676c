"""The layout of a kiosk's home. The only module that knows the file names.

The home belongs to one system user. Its files are created for that user only (0600).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.file_lock import PATIENCE_SECONDS, alone
from kiosk.store.guarding import refuse_foreign

OWNER_ONLY_DIRECTORY = 0o700
OWNER_ONLY_FILE = 0o600
OTHERS_MAY_LOOK = 0o755
"""The mode of folders created above a home: no other user may change them, whatever the umask."""


@dataclass(frozen=True, slots=True)
class Home:
    """A kiosk's folder and the file names in it."""

    path: Path

    @property
    def key(self) -> Path:
        """The master key, where no credential seals it."""
        return self.path / "key"

    @property
    def sealed_key(self) -> Path:
        """The master key, sealed with a credential that the system holds."""
        return self.path / "key.sealed"

    @property
    def references(self) -> Path:
        """The encrypted references."""
        return self.path / "references.db"

    @property
    def journal(self) -> Path:
        """The audit journal, JSON lines."""
        return self.path / "journal.jsonl"

    @property
    def head(self) -> Path:
        """The journal head, which seals the journal's end."""
        return self.path / "journal.head"

    @property
    def presence(self) -> Path:
        """The people inside, for anti-passback; sealed."""
        return self.path / "presence"

    @property
    def admin(self) -> Path:
        """The admin PIN's hash and its attempts; sealed."""
        return self.path / "admin"

    @property
    def attempts(self) -> Path:
        """Wrong PINs and refusals at the door, and the waits they started; sealed."""
        return self.path / "attempts"

    @property
    def last_use(self) -> Path:
        """The day on which each person was let in last; sealed."""
        return self.path / "last-use"

    @property
    def fleet(self) -> Path:
        """The keys of this device in its fleet, and whom it trusts there; sealed."""
        return self.path / "fleet"

    @property
    def has_key(self) -> bool:
        """True if there is a key's file, plain or sealed, whatever it is."""
        return os.path.lexists(self.key) or os.path.lexists(self.sealed_key)

    @property
    def scopes(self) -> Path:
        """How far each scope of the fleet was applied, beside the database; sealed."""
        return self.path / "scopes"

    @property
    def last_backup(self) -> Path:
        """When a backup was made last; sealed."""
        return self.path / "last-backup"

    @property
    def fleet_cache(self) -> Path:
        """A folder for what was fetched of the fleet: signed, and sealed where it counts.

        Beside it lie the ids of those whom this kiosk has offered to its fleet.
        """
        return self.path / "fleet-cache"

    @property
    def fleet_reports(self) -> Path:
        """How far this device has reported to its fleet; sealed."""
        return self.path / "fleet-reports"

    @property
    def fleet_settings(self) -> Path:
        """The settings that the fleet gave this kiosk, and how far they are taken over; sealed."""
        return self.path / "fleet-settings"

    @property
    def cloud_ids(self) -> Path:
        """The key that makes people's ids in the cloud, where the settings name no other file."""
        return self.path / "cloud-ids.key"

    @property
    def cloud(self) -> Path:
        """Who has which faces in the cloud, and what is left to do there; sealed."""
        return self.path / "cloud.db"

    @property
    def cloud_progress(self) -> Path:
        """How far the filling of the cloud's collections has come; names nobody, not sealed."""
        return self.path / "cloud-index.progress"

    @property
    def cloud_spending(self) -> Path:
        """How many calls to Rekognition were paid for in a month; a small database, not sealed."""
        return self.path / "cloud-spending.db"

    @property
    def sealed(self) -> tuple[Path, ...]:
        """Every small file sealed with the key; see `kiosk.store.secrets.sealed_file`."""
        own = self.presence, self.admin, self.attempts, self.last_use, self.last_backup
        return *own, self.fleet, self.fleet_reports, self.fleet_settings, self.scopes

    @property
    def kept(self) -> tuple[Path, ...]:
        """Every file with kiosk data, whether it is there or not."""
        journal = self.journal, self.head
        return self.key, self.sealed_key, self.references, *journal, *self.sealed

    @property
    def exchange(self) -> Path:
        """A folder with what is about to replace the files; see `kiosk.store.whole.exchange`."""
        return self.path / "exchange"

    @property
    def next_exchange(self) -> Path:
        """A folder in which an exchange is prepared."""
        return self.path / "exchange.new"

    @property
    def workshop(self) -> Path:
        """A folder for what a backup is made of, or was opened into; removed afterwards."""
        return self.path / "workshop"

    @property
    def workshop_lock(self) -> Path:
        """The file lock held by whoever uses the workshop."""
        return self.path / "workshop.lock"

    @property
    def lock(self) -> Path:
        """The file lock held while a file here is changed."""
        return self.path / "lock"

    @property
    def journal_lock(self) -> Path:
        """The file lock held while the journal or its head is written."""
        return self.path / "journal.lock"

    @property
    def retention_lock(self) -> Path:
        """The file lock held while retention runs."""
        return self.path / "retention.lock"

    @property
    def keeping(self) -> Path:
        """An empty file that carries the instance lock."""
        return self.path / "keeping"

    @property
    def made(self) -> bool:
        """True if this folder holds kiosk data or a settings file."""
        settings = self.path / "config.toml"
        kept = (self.key, self.sealed_key, self.references, self.journal, settings)
        return any(each.exists() for each in kept)

    def prepare(self) -> Home:
        """Create the folder, for its owner only, if it is missing.

        Raises:
            BadInput: it cannot be created, is not a writable folder, or other users could change
                it, its parent folders, or the files in it.
        """
        self.refuse_foreign()
        try:
            for folder in reversed(self.path.parents):
                folder.mkdir(mode=OTHERS_MAY_LOOK, exist_ok=True)
            self.path.mkdir(mode=OWNER_ONLY_DIRECTORY, exist_ok=True)
        except OSError as error:
            raise self._unusable(error.strerror) from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise self._unusable("it belongs to somebody else, or is read-only")
        self.refuse_foreign()
        return self

    def refuse_foreign(self) -> None:
        """Raises BadInput: other users could change the home, its parent folders, or its files."""
        cloud = self.cloud, self.cloud_ids, self.cloud_spending, self.cloud_progress
        data = self.references, self.journal, self.head, *cloud
        names = (*self.sealed, *data, self.keeping)
        locks = (self.lock, self.journal_lock, self.retention_lock, self.workshop_lock)
        refuse_foreign(self.path, (*names, *locks))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Exclude every other process that is creating a file here.

        Raises:
            TimeoutError: another process takes too long.
        """
        with alone(self.lock, PATIENCE_SECONDS):
            yield

    @contextmanager
    def journal_locked(self) -> Iterator[None]:
        """Exclude every other process that is writing the journal or its head.

        The holder of `locked` may take this lock too, never the other way round.

        Raises:
            TimeoutError: another process takes too long.
        """
        with alone(self.journal_lock, PATIENCE_SECONDS):
            yield

    def _unusable(self, why: str | None) -> BadInput:
        return BadInput(
            f"The home {self.path} cannot be used: {why}.",
            Remedy(
                "Choose another home, or run as the user to whom it belongs.", NextStep.CHOOSE_HOME
            ),
        )


def flush_directory(path: Path) -> None:
    """Make created, replaced or removed names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file for its owner only and flush it; not atomic, so use a temporary name."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, OWNER_ONLY_FILE)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_whole(path: Path, content: bytes) -> None:
    """Replace a file, or make it, for its owner only: durable, and whole whatever happens.

    Raises:
        OSError: it cannot be written; the old content stays.
    """
    spare = path.with_name(f"{path.name}.new")
    spare.unlink(missing_ok=True)  # whoever left it there may have made it for others to read
    write_whole(spare, content)
    spare.replace(path)
    flush_directory(path.parent)


def read_whole(path: Path) -> bytes:
    """Read a file of the home. Links are refused: one could lead to another user's file.

    Raises:
        OSError: it cannot be read, or is a link.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - opens a descriptor
        return file.read()


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte at the current position; a nearly full disk may accept some at first."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
