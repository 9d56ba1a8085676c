"""Where everything that a kiosk keeps lies. The only file that knows these names.

The home belongs to one system user. Files in it are made for that user alone (0600).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.store.file_lock import PATIENCE_SECONDS, alone
from kiosk.store.guarding import refuse_foreign

OWNER_ONLY_DIRECTORY = 0o700
OWNER_ONLY_FILE = 0o600
OTHERS_MAY_LOOK = 0o755
"""Of folders that are made above a home: nobody else may change them, whatever the umask."""


@dataclass(frozen=True, slots=True)
class Home:
    """A kiosk's folder and the names in it."""

    path: Path

    @property
    def key(self) -> Path:
        """The master key, where no better place holds it."""
        return self.path / "key"

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
        """What seals the journal's end."""
        return self.path / "journal.head"

    @property
    def presence(self) -> Path:
        """Who is inside, for anti-passback; sealed."""
        return self.path / "presence"

    @property
    def admin(self) -> Path:
        """The admin PIN's hash and the attempts at it; sealed."""
        return self.path / "admin"

    @property
    def attempts(self) -> Path:
        """Wrong PINs and refusals at the door, and the waits that they started; sealed."""
        return self.path / "attempts"

    @property
    def sealed(self) -> tuple[Path, ...]:
        """Every small file that is sealed with the key; see `kiosk.store.secrets.sealed_file`."""
        return self.presence, self.admin, self.attempts

    @property
    def lock(self) -> Path:
        """Held by whoever changes a file here."""
        return self.path / "lock"

    @property
    def journal_lock(self) -> Path:
        """Held by whoever writes the journal or its head."""
        return self.path / "journal.lock"

    @property
    def keeping(self) -> Path:
        """An empty file, held by whoever keeps the door."""
        return self.path / "keeping"

    @property
    def made(self) -> bool:
        """Whether a kiosk keeps anything here, or somebody wrote settings for one."""
        kept = (self.key, self.references, self.journal, self.path / "config.toml")
        return any(each.exists() for each in kept)

    def prepare(self) -> Home:
        """Make the folder, for its owner only, if it is not there.

        Raises:
            BadInput: it cannot be made, is not a folder that can be written, or others could
                change it, what lies above it, or what is kept there.
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
        """Raises BadInput: others could change it, what lies above it, or what is kept there."""
        names = (*self.sealed, self.references, self.journal, self.head)
        refuse_foreign(self.path, (*names, self.keeping, self.lock, self.journal_lock))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold off every other process that is making a file here.

        Raises:
            TimeoutError: one takes too long.
        """
        with alone(self.lock, PATIENCE_SECONDS):
            yield

    @contextmanager
    def journal_locked(self) -> Iterator[None]:
        """Hold off every other process that is writing the journal or its head.

        Whoever holds `locked` may ask for this too, never the other way round.

        Raises:
            TimeoutError: one takes too long.
        """
        with alone(self.journal_lock, PATIENCE_SECONDS):
            yield

    def _unusable(self, why: str | None) -> BadInput:
        return BadInput(
            f"The home {self.path} cannot be used: {why}.",
            "Give another --home, or run as the user to whom it belongs.",
        )


def flush_directory(path: Path) -> None:
    """Make names that were just created, replaced or removed in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file for its owner only and flush it; not atomic, so give it a spare name."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, OWNER_ONLY_FILE)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(path: Path) -> bytes:
    """What a file of the home holds. A link is none: it could lead to somebody else's.

    Raises:
        OSError: it cannot be read, or is a link.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        return file.read()


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte at the descriptor's place; a nearly full disk takes only some at first."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
