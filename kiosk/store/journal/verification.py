"""Reads and verifies a journal: every entry in its place, byte for byte, in constant memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from kiosk.domain.audit import SealedEntry, parse, verify
from kiosk.domain.errors import BadInput, JournalTampered
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile, tampered

MAX_LINE_BYTES = 262_144
"""A longer line is no entry; it is never read into memory as a whole."""

MIN_SPAN_BYTES = 2 * MAX_LINE_BYTES
"""A read this far back from the end always contains the start of a line."""


@dataclass(frozen=True, slots=True)
class VerifiedEntry:
    """A verified entry and the place in the file where it ends.

    Attributes:
        entry: the entry.
        end: bytes from the beginning of the file to the end of its line.
    """

    entry: SealedEntry
    end: int


@dataclass(frozen=True, slots=True)
class Verified:
    """The verification result of a whole journal.

    Attributes:
        count: the number of verified entries.
        last_at_utc: the time of the last entry; None in an empty journal.
        sealed: True if the head's seal was checked; False without the key.
        first: the number of the first one; more than 1 where older entries went.
    """

    count: int
    last_at_utc: str | None
    sealed: bool
    first: int = 1


def entry_of(line: bytes, number: int) -> SealedEntry:
    """Parse one line, given without its line end.

    Raises:
        JournalTampered: it is not an entry, or not in an entry's exact form.
    """
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError as error:
        raise tampered(f"Audit entry {number} is not an audit entry") from error
    return parse(text, number)


def follow(file: BinaryIO, known: Head, end: int) -> Iterator[VerifiedEntry]:
    """Yield every whole line from a known place up to an offset, each verified first.

    A last line without a line end is not yielded.

    Raises:
        JournalTampered: names the first entry that does not fit.
    """
    file.seek(known.size)
    number, previous, at = known.number, known.hash, known.size
    while at < end and (line := file.readline(MAX_LINE_BYTES + 1)):
        if not line.endswith(b"\n"):
            if len(line) > MAX_LINE_BYTES:
                raise tampered(f"Audit entry {number + 1} is not an audit entry")
            return
        entry = entry_of(line[:-1], number + 1)
        verify([entry], number, previous)
        number, previous, at = entry.number, entry.hash, at + len(line)
        yield VerifiedEntry(entry, at)


def follow_to(file: BinaryIO, known: Head, head: Head, end: int) -> Iterator[VerifiedEntry]:
    """Yield every entry from a known place to the head; at most one may follow the head.

    Raises:
        JournalTampered: an entry does not fit, the journal ends before the head, or the head
            belongs to another journal.
    """
    last = known
    for place in follow(file, known, end):
        last = Head(place.entry.number, place.entry.hash, place.end)
        if last.number == head.number and last != head:
            raise tampered(f"Audit entry {last.number} is not the one that was sealed")
        if last.number > head.number + 1:
            raise tampered(f"Audit entry {last.number} was added by another program")
        yield place
    if last.number < head.number:
        raise tampered(f"Audit entry {last.number + 1} is missing: {head.number} were written")


def walk(home: Home, key: bytes | None, span: int | None = None) -> Iterator[VerifiedEntry]:
    """Yield every entry of a home's journal, verified, while other processes may append.

    Args:
        home: holds the journal and its head.
        key: checks the head's seal; None leaves it unchecked.
        span: begin at most this many bytes before the head, at least `MIN_SPAN_BYTES`; None begins
            at the first entry.

    Raises:
        BadInput: there is no journal, or it cannot be read.
        JournalTampered: see `follow_to`; or the journal or its head is missing.
    """
    try:
        with current(home, key) as (file, head, size):
            if size == 0 and _was_begun(home) and not home.head.exists():
                raise taken_away(home)
            start, end = placed(file, head)
            known = start if span is None else tail_start(file, end, span, start)
            yield from follow_to(file, known, end, size)
    except FileNotFoundError as error:
        if home.head.exists():
            raise tampered(f"The journal {home.journal} is gone") from error
        if _was_begun(home):
            raise taken_away(home) from error
        raise BadInput(
            f"There is no journal in {home.path}.",
            Remedy("Check which home is meant.", NextStep.CHOOSE_HOME),
        ) from error
    except OSError as error:
        raise BadInput(
            f"The journal {home.journal} cannot be read: {error.strerror}.",
            "Run as the user to whom the kiosk's home belongs.",
        ) from error


@contextmanager
def current(home: Home, key: bytes | None) -> Iterator[tuple[BinaryIO, Head, int]]:
    """The journal's file, with the head and the size that belong to it.

    A file that was exchanged after it was opened, because older entries went, is opened again.

    Raises:
        JournalTampered: the head is missing, or not this kiosk's.
        OSError: it cannot be read.
    """
    while True:
        with home.journal.open("rb") as file:
            head, size = snapshot(file, HeadFile(home.head), key)
            if os.path.samestat(os.fstat(file.fileno()), home.journal.stat()):
                yield file, head, size
                return


def placed(file: BinaryIO, head: Head) -> tuple[Head, Head]:
    """The place before the first entry that counts, and the head, as they stand in this file.

    While older entries are being taken away, the file may be that of before or of after.

    Raises:
        JournalTampered: it is neither.
    """
    start = head.start()
    if not head.cut:
        return start, head
    file.seek(0)
    first = entry_of(file.readline(MAX_LINE_BYTES).removesuffix(b"\n"), start.number + 1)
    if first.number == start.number + 1:
        return start, head
    return replace(start, size=head.cut), replace(head, size=head.cut + head.size)


def taken_away(home: Home) -> JournalTampered:
    """The error for a removed journal; a journal exists before its key, so a key proves removal."""
    left = "people are enrolled" if home.references.exists() else "this kiosk's key is there"
    return tampered(f"The journal {home.journal} is gone, but {left}")


def _was_begun(home: Home) -> bool:
    return home.has_key or home.references.exists()


def snapshot(file: BinaryIO, head: HeadFile, key: bytes | None) -> tuple[Head, int]:
    """The head and the journal size that belongs to it; takes no lock, so that no process waits.

    Raises:
        JournalTampered: there is a journal without a head, or the head is not this kiosk's.
    """
    before, size = head.read(key), os.fstat(file.fileno()).st_size
    while (after := head.read(key)) != before:
        before, size = after, os.fstat(file.fileno()).st_size
    if before is None and size:
        raise tampered(f"The journal's head {head.path} is gone")
    return before or Head(), size


def verify_file(home: Home, key: bytes | None) -> Verified:
    """Verify a whole journal.

    Raises:
        BadInput: there is no journal, or it cannot be read.
        JournalTampered: names the first entry that does not fit.
    """
    first = last = None
    for place in walk(home, key):
        first, last = first or place.entry, place.entry
    if first is None or last is None:
        return Verified(0, None, sealed=key is not None)
    count = last.number - first.number + 1
    return Verified(count, last.entry.at_utc, sealed=key is not None, first=first.number)


def latest(home: Home, key: bytes | None, count: int) -> Sequence[SealedEntry]:
    """The last entries, oldest first; read from the end, so that a long journal costs no more.

    Raises:
        BadInput: there is no journal, or it cannot be read.
        JournalTampered: one of them does not fit, or the journal does not end at its head.
    """
    span, before = MIN_SPAN_BYTES, -1
    while True:
        found = deque((place.entry for place in walk(home, key, span)), count)
        if len(found) in (count, before):
            return tuple(found)
        span, before = span * 4, len(found)


def tail_start(file: BinaryIO, head: Head, span: int, start: Head) -> Head:
    """A place at most a given number of bytes before the head from which the chain leads to it.

    The place itself is not verified: the chain from there to the sealed head proves every entry
    that follows it.

    Args:
        file: the journal.
        head: the head.
        span: the bytes.
        start: the place before the first entry that counts; there is nothing before it.
    """
    if head.size - start.size <= span:
        return start
    file.seek(head.size - span)
    skipped = len(file.readline(span))
    at = head.size - span + skipped
    first = entry_of(file.readline(MAX_LINE_BYTES).removesuffix(b"\n"), head.number)
    return Head(first.number - 1, first.previous, at)
