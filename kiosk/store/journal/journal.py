"""The audit journal: an entry survives a power cut, in its place, once `append` has returned.

Write order: the line, flushed; then the head, flushed. A crash between the two leaves one whole
entry beyond the head, which is adopted. A crash before that leaves part of a line, which is cut
off, since it was never acknowledged. Either repair is itself an entry. Any other data beyond the
head, or missing before it, was not written by this program: the journal was tampered with and takes
no more entries. Several processes append in turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.audit import AuditEntry, SealedEntry, latest_ms, seal, verify
from kiosk.domain.errors import JournalTampered, JournalUnwritable, Refused
from kiosk.domain.walltime import milliseconds
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.keeping import ClockAccepted, EntryAdopted, UnfinishedCut
from kiosk.store.home import OWNER_ONLY_FILE, Home, now_utc, write_all
from kiosk.store.journal.head import Head, HeadFile, tampered
from kiosk.store.journal.shortening import Shortening
from kiosk.store.journal.verification import (
    MAX_LINE_BYTES,
    VerifiedEntry,
    entry_of,
    follow_to,
    tail_start,
    taken_away,
)
from kiosk.store.secrets.keys import KeySource, Purpose

VERIFIED_AT_OPEN_BYTES = 2_000_000
"""The part of the journal's end verified at start, some thousand entries in a tenth of a second;
older entries are verified by `kiosk audit verify`."""


class Journal:
    """The journal of one home. Implements the AuditLog port; any thread may call it.

    Opening verifies the journal's end and repairs the effects of a crash. A home's first journal is
    created with its key, so a missing journal was removed.

    Args:
        home: holds the journal and its head.
        key: holds the master key, from which the head's seal is derived.
        utc: the wall clock, for the repairs' entries.

    Raises:
        JournalTampered: it does not verify, or is missing.
        JournalUnwritable: it cannot be written.
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> None:
        self._home = home
        self._head = HeadFile(home.head)
        self._key = key.derive(Purpose.JOURNAL_HEAD)
        self._shortening = Shortening(home, self._key)
        self._utc = utc
        if not self._head.path.exists() and not _holds_anything(home.journal):
            raise taken_away(home)
        with self._alone(os.O_CREAT) as descriptor:
            self._verify_end(descriptor)
            self._settled(descriptor)

    def __repr__(self) -> str:
        return f"Journal({str(self._home.journal)!r}, <hidden>)"

    def append(self, entry: AuditEntry) -> None:
        """Append an entry; durable on return.

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
        """The latest time ever recorded, milliseconds since 1970.

        Raises:
            JournalTampered: the head is missing, or not this kiosk's.
            JournalUnwritable: it cannot be read.
        """
        try:
            return self._sealed_head().latest_ms
        except OSError as error:
            raise self._unwritable(error.strerror or "unknown error") from error

    def accept_clock(self) -> None:
        """Accept the clock's current time, whatever was recorded; the acceptance is recorded first.

        Raises:
            JournalUnwritable, JournalTampered: it could not be recorded.
        """
        now = self._utc()
        known = datetime.fromtimestamp(self.latest_ms() / 1000, UTC).isoformat()
        self.append(ClockAccepted(known).entry(now))
        with self._alone():
            self._put(replace(self._sealed_head(), latest_ms=milliseconds(now)))

    def shorten(self, last: VerifiedEntry, pause: Callable[[], None] = lambda: None) -> None:
        """Take away the oldest entries, up to one that `walk` has verified.

        Others may append meanwhile; they wait only for the last step.

        Args:
            last: the last entry that goes; at least one is left.
            pause: called now and then.

        Raises:
            Refused: the journal was exchanged meanwhile.
            JournalTampered: it is not in order.
            JournalUnwritable: it could not be done; it goes on as it was.
        """
        try:
            ready = self._shortening.prepare(last, pause)
        except OSError as error:
            raise self._unwritable(error.strerror or "unknown error") from error
        with self._alone() as descriptor:
            head = self._settled(descriptor)
            if last.entry.number >= head.number:
                raise Refused("A journal is not emptied.", "Leave the last entry.")
            self._shortening.commit(ready, head)

    # -- opening ---------------------------------------------------------------------------------

    def _verify_end(self, descriptor: int) -> None:
        head = self._sealed_head()
        with os.fdopen(os.dup(descriptor), "rb") as file:
            known = tail_start(file, head, VERIFIED_AT_OPEN_BYTES, head.start())
            for _ in follow_to(file, known, head, head.size):
                pass

    def _sealed_head(self) -> Head:
        head = self._head.read(self._key)
        if head is None:
            raise tampered(f"The journal's head {self._head.path} is gone")
        return head

    # -- crash recovery --------------------------------------------------------------------------

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
            return self._note(descriptor, head, UnfinishedCut(len(rest)))
        verify([unacknowledged], head.number, head.hash)
        adopted = self._put(_moved(head, unacknowledged, head.size + len(rest)))
        return self._note(descriptor, adopted, EntryAdopted(adopted.number))

    def _put(self, head: Head) -> Head:
        """Store a head durably, so that a second crash leaves no two entries beyond a head."""
        self._head.stage(head, self._key)
        self._head.publish()
        self._head.settle()
        return head

    def _note(self, descriptor: int, head: Head, repaired: JournalEvent) -> Head:
        return self._add(descriptor, head, repaired.entry(self._utc()))

    # -- appending -------------------------------------------------------------------------------

    def _add(self, descriptor: int, head: Head, entry: AuditEntry) -> Head:
        """Append an entry, then update the head; on failure neither."""
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
        """Open the journal and exclude other processes and threads."""
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | create
        try:
            with self._home.journal_locked():
                self._shortening.finish()
                descriptor = os.open(self._home.journal, flags, OWNER_ONLY_FILE)
                try:
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
    """The head after one more entry; its other content is carried over."""
    latest = max(head.latest_ms, latest_ms(last.entry))
    return replace(head, number=last.number, hash=last.hash, size=size, latest_ms=latest)


def _holds_anything(journal: Path) -> bool:
    """True if the journal file holds a byte; a file that cannot be checked counts as non-empty."""
    try:
        return bool(journal.stat().st_size)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _whole(rest: bytes, number: int) -> SealedEntry | None:
    """The entry that was written in full but not acknowledged; None for part of one."""
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
