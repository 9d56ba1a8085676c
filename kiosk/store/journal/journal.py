"""The audit journal: an entry that `append` returned from survives a power cut, in its place.

Order of writing: the line, flushed; then the head, flushed. A crash between the two leaves one
whole entry beyond the head, which is adopted; a crash before that leaves part of a line, which is
cut off, since nobody was told that it counted. Either repair is itself an entry. Anything else
that stands beyond the head, or is missing before it, was not this program's work: the journal is
tampered with and takes no more entries. Several processes append in turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.audit import AuditEntry, SealedEntry, Value, latest_ms, seal, verify
from kiosk.domain.errors import JournalTampered, JournalUnwritable
from kiosk.domain.walltime import milliseconds
from kiosk.store.home import OWNER_ONLY_FILE, Home, now_utc, write_all
from kiosk.store.journal.head import Head, HeadFile, tampered
from kiosk.store.journal.verification import (
    MAX_LINE_BYTES,
    entry_of,
    follow_to,
    tail_start,
    taken_away,
)
from kiosk.store.secrets.keys import KeySource, Purpose

VERIFIED_AT_OPEN_BYTES = 2_000_000
"""So much of the journal's end is verified before the kiosk takes people, some thousand entries;
older ones by `kiosk audit verify`. A tenth of a second."""


class Journal:
    """The journal of one home. Fulfils the AuditLog port; any thread may call it.

    Opening verifies the journal's end and repairs what a crash left. A home's first journal is made
    with its key, so a journal that is not there was taken away.

    Args:
        home: where the journal and its head lie.
        key: holds the master key, from which the head's seal is derived.
        utc: the wall clock, for the repairs' entries.

    Raises:
        JournalTampered: it does not verify, or is gone.
        JournalUnwritable: it cannot be written.
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> None:
        self._home = home
        self._head = HeadFile(home.head)
        self._key = key.derive(Purpose.JOURNAL_HEAD)
        self._utc = utc
        if not self._head.path.exists() and not _holds_anything(home.journal):
            raise taken_away(home)
        with self._alone(os.O_CREAT) as descriptor:
            self._verify_end(descriptor)
            self._settled(descriptor)

    def __repr__(self) -> str:
        return f"Journal({str(self._home.journal)!r}, <hidden>)"

    def append(self, entry: AuditEntry) -> None:
        """Durable when it returns.

        Raises:
            JournalUnwritable: it could not be made durable and no part of it is left; or the
                journal was changed since the last entry and takes no more.
        """
        try:
            with self._alone() as descriptor:
                self._add(descriptor, self._settled(descriptor), entry)
        except JournalTampered as error:
            raise JournalUnwritable(error.problem, error.remedy) from error

    def latest_ms(self) -> int:
        """The latest moment that was ever written down, milliseconds since 1970.

        Raises:
            JournalTampered: the head is gone, or not this kiosk's.
            JournalUnwritable: it cannot be read.
        """
        try:
            return self._sealed_head().latest_ms
        except OSError as error:
            raise self._unwritable(error.strerror or "unknown error") from error

    def accept_clock(self) -> None:
        """Take the clock's time for right from now on, whatever was written down; noted first.

        Raises:
            JournalUnwritable, JournalTampered: it could not be noted.
        """
        now = self._utc()
        known = datetime.fromtimestamp(self.latest_ms() / 1000, UTC).isoformat()
        self.append(AuditEntry(now.isoformat(), "clock_accepted", {"latest_was": known}))
        with self._alone():
            self._put(replace(self._sealed_head(), latest_ms=milliseconds(now)))

    # -- opening ---------------------------------------------------------------------------------

    def _verify_end(self, descriptor: int) -> None:
        head = self._sealed_head()
        with os.fdopen(os.dup(descriptor), "rb") as file:
            known = tail_start(file, head, VERIFIED_AT_OPEN_BYTES)
            for _ in follow_to(file, known, head, head.size):
                pass

    def _sealed_head(self) -> Head:
        head = self._head.read(self._key)
        if head is None:
            raise tampered(f"The journal's head {self._head.path} is gone")
        return head

    # -- what a crash left -----------------------------------------------------------------------

    def _settled(self, descriptor: int) -> Head:
        """The head, once it and the journal end at the same place."""
        head = self._sealed_head()
        beyond = os.fstat(descriptor).st_size - head.size
        if beyond == 0:
            return head
        if beyond < 0:
            raise tampered(f"The journal was cut: audit entry {head.number} is not whole")
        if beyond > MAX_LINE_BYTES:
            raise tampered(f"The journal goes on behind audit entry {head.number}")
        return self._repair(descriptor, head, os.pread(descriptor, beyond, head.size))

    def _repair(self, descriptor: int, head: Head, rest: bytes) -> Head:
        if rest.find(b"\n") not in (-1, len(rest) - 1):
            raise tampered(f"The journal goes on behind audit entry {head.number}")
        unacknowledged = _whole(rest, head.number + 1)
        if unacknowledged is None:
            os.ftruncate(descriptor, head.size)
            return self._note(descriptor, head, {"cut_bytes": len(rest)})
        verify([unacknowledged], head.number, head.hash)
        adopted = self._put(_moved(head, unacknowledged, head.size + len(rest)))
        return self._note(descriptor, adopted, {"adopted_entry": adopted.number})

    def _put(self, head: Head) -> Head:
        """This head, durable. Without it a second crash would leave two entries behind the head."""
        self._head.stage(head, self._key)
        self._head.publish()
        self._head.settle()
        return head

    def _note(self, descriptor: int, head: Head, details: Mapping[str, Value]) -> Head:
        repaired = AuditEntry(self._utc().isoformat(), "journal_repaired", details)
        return self._add(descriptor, head, repaired)

    # -- appending -------------------------------------------------------------------------------

    def _add(self, descriptor: int, head: Head, entry: AuditEntry) -> Head:
        """Write an entry behind the head, then the head; on failure neither."""
        sealed = seal(entry, head.number + 1, head.hash)
        line = sealed.line().encode() + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise _too_large(len(line))
        new = _moved(head, sealed, head.size + len(line))
        try:
            os.lseek(descriptor, head.size, os.SEEK_SET)
            write_all(descriptor, line)
            os.fsync(descriptor)
            self._head.stage(new, self._key)
            self._head.publish()
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, head.size)
                os.fsync(descriptor)
            raise
        self._head.settle()
        return new

    @contextmanager
    def _alone(self, create: int = 0) -> Iterator[int]:
        """The journal, open and held against other processes and threads."""
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | create
        try:
            descriptor = os.open(self._home.journal, flags, OWNER_ONLY_FILE)
            try:
                with self._home.journal_locked():
                    yield descriptor
            finally:
                os.close(descriptor)
        except FileNotFoundError as error:
            raise tampered(f"The journal {self._home.journal} is gone") from error
        except OSError as error:
            raise self._unwritable(error.strerror or "unknown error") from error
        except (ValueError, TypeError) as error:
            raise JournalUnwritable(
                "An audit entry is not made of plain values.",
                "Tell this program's makers; the disk is in order, and the journal goes on.",
            ) from error

    def _unwritable(self, why: str) -> JournalUnwritable:
        return JournalUnwritable(
            f"The journal {self._home.journal} cannot be written: {why}.",
            "See whether the disk is full or read-only; no entry that was acknowledged is lost.",
        )


def _moved(head: Head, last: SealedEntry, size: int) -> Head:
    """The head behind one entry more; what else it says goes on."""
    latest = max(head.latest_ms, latest_ms(last.entry))
    return replace(head, number=last.number, hash=last.hash, size=size, latest_ms=latest)


def _holds_anything(journal: Path) -> bool:
    """Whether there is a journal with a byte in it; what cannot be looked at holds something."""
    try:
        return bool(journal.stat().st_size)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _whole(rest: bytes, number: int) -> SealedEntry | None:
    """The entry that was written whole but not acknowledged; None for part of one."""
    if not rest.endswith(b"\n"):
        return None
    try:
        return entry_of(rest[:-1], number)
    except JournalTampered:
        return None


def _too_large(size: int) -> JournalUnwritable:
    return JournalUnwritable(
        f"An audit entry of {size} bytes is too large: the journal takes {MAX_LINE_BYTES} at most.",
        "Shorten what was asked for; the disk is in order, and the journal goes on.",
    )
