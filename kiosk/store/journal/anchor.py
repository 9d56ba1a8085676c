"""The anchor: the journal's end, stored outside the home, where an older home cannot replace it.

An older copy of the whole home is consistent in itself. It does not match an anchor on other media:
the anchor names an entry that the copy lacks, or has with another hash. The anchor holds number,
hash and time of the last entry and the kiosk's id, sealed with the kiosk's key, and no personal
data.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.domain.audit import GENESIS
from kiosk.domain.errors import LintelError, Refused, StoreError, StoreReplaced
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.journal.events.keeping import AnchorAccepted
from kiosk.store.home import OWNER_ONLY_FILE, Home, flush_directory, now_utc, write_all
from kiosk.store.journal.head import HeadFile, tampered
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.verification import MIN_SPAN_BYTES, walk
from kiosk.store.secrets.keys import KeySource, Purpose, kiosk_id

MOST_BYTES = 4096
"""The largest anchor; a longer file is none and is not read further."""
MOST_ENTRIES = 2**53
HOW_TO_ACCEPT = Remedy(
    "Put back the newest home. If a backup was restored on purpose, accept what is there: that is "
    "written down.",
    NextStep.ACCEPT_STORED,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The externally stored end of a journal.

    Attributes:
        kiosk: the kiosk's id; None where only number and hash were given.
        number: the number of the entry; 0 before the first.
        hash: the hash of the entry.
        at: the latest time known to the journal; ISO 8601, UTC.
        seal: HMAC-SHA256 over the rest, hexadecimal; None where it is unsealed.
    """

    kiosk: str | None
    number: int
    hash: str
    at: str = ""
    seal: str | None = None

    def sealed_with(self, key: bytes) -> str:
        """The correct seal under a key."""
        said = {name: value for name, value in asdict(self).items() if name != "seal"}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hmac.digest(key, f"lintel/1/anchor/{text}".encode(), "sha256").hex()


class Anchors:
    """The anchors of one home; may be used by any thread.

    Args:
        home: the home.
        key: holds the master key.

    Attributes:
        kiosk: the kiosk's id.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        self._home = home
        self._head_key = key.derive(Purpose.JOURNAL_HEAD)
        self._key = key.derive(Purpose.ANCHOR)
        self.kiosk = kiosk_id(key)

    def __repr__(self) -> str:
        return "Anchors(<hidden>)"

    def now(self) -> bytes:
        """The anchor of the journal's current end, one line; deterministic for the same end.

        Raises:
            JournalTampered: there is no head, or it is not this kiosk's.
            OSError: the head cannot be read.
        """
        head = HeadFile(self._home.head).read(self._head_key)
        if head is None:
            raise tampered(f"The journal's head {self._home.head} is gone")
        at = datetime.fromtimestamp(head.latest_ms / 1000, UTC).isoformat(timespec="milliseconds")
        anchor = Anchor(self.kiosk, head.number, head.hash, at)
        said = asdict(anchor) | {"seal": anchor.sealed_with(self._key)}
        return json.dumps(said).encode() + b"\n"

    def told(self) -> bytes | None:
        """The same, for announcing it to operators; None while it is not available."""
        try:
            return self.now()
        except (LintelError, OSError):
            return None

    def check(self, body: bytes, source: str) -> Anchor:
        """Check that the journal continues from an anchor of this kiosk.

        Args:
            body: the anchor as read.
            source: its name in errors.

        Raises:
            StoreReplaced: the home is an older copy or another one; or the anchor is not this
                kiosk's.
            JournalTampered: the journal does not verify.
        """
        anchor = understood(body, source)
        if anchor.kiosk != self.kiosk:
            raise self._foreign(anchor, source)
        seal = anchor.sealed_with(self._key)
        if anchor.seal is None or not hmac.compare_digest(anchor.seal, seal):
            raise _not_ours(f"The seal of the anchor {source} is not this kiosk's")
        compare(self._home, self._head_key, anchor, source)
        return anchor

    def refuse_foreign(self, body: bytes, source: str) -> None:
        """Raises Refused: the anchor is another kiosk's, and must not be overwritten."""
        with suppress(StoreReplaced):
            anchor = understood(body, source)
            if anchor.kiosk != self.kiosk:
                error = self._foreign(anchor, source)
                raise Refused(error.problem, error.remedy)

    def _foreign(self, anchor: Anchor, source: str) -> StoreReplaced:
        return StoreReplaced(
            f"{source} is the anchor of another kiosk: {anchor.kiosk}. This is {self.kiosk}.",
            "Give this kiosk its own, or remove that file: the kiosk writes a new one.",
        )


class AnchorFile:
    """An anchor on other media.

    Args:
        path: the file; its folder exists while the media are present.
        anchors: the anchors of the home.
    """

    def __init__(self, path: Path, anchors: Anchors) -> None:
        self.path = path
        self._anchors = anchors
        self._written: bytes | None = None

    def check(self) -> Anchor:
        """Check that the journal continues from this anchor.

        Raises:
            StoreReplaced, JournalTampered: see `Anchors.check`.
            OSError: there is none, or it cannot be read.
        """
        return self._anchors.check(read(self.path), str(self.path))

    def refuse_foreign(self) -> None:
        """Raises Refused: the file is another kiosk's. OSError: there is no file to check."""
        self._anchors.refuse_foreign(read(self.path), str(self.path))

    def keep(self) -> None:
        """Write the journal's end to the file if it has changed.

        A stored anchor that does not match is evidence, and is not overwritten.

        Raises:
            StoreReplaced, JournalTampered: see `Anchors.check`; nothing was written.
            OSError: it cannot be written.
        """
        now = self._anchors.now()
        with suppress(FileNotFoundError):
            there = read(self.path)
            if there == now:
                return
            if there != self._written:
                self._anchors.check(there, str(self.path))
        self._put(now)

    def replace(self) -> None:
        """Write the journal's end, whatever is stored there. Raises as `keep`."""
        self._put(self._anchors.now())

    def _put(self, body: bytes) -> None:
        _replace(self.path, body)
        self._written = body


def accept(file: AnchorFile, journal: Journal, utc: Callable[[], datetime] = now_utc) -> bool:
    """Accept the journal despite an anchor that does not match; returns True if it did not.

    The acceptance is recorded in the journal before.

    Raises:
        Refused: the anchor is another kiosk's, and is not overwritten.
        JournalUnwritable, StoreError: it cannot be done.
    """
    try:
        file.refuse_foreign()
        file.check()
    except StoreReplaced as error:
        problem = error.problem
    except OSError:
        return False
    else:
        return False
    journal.append(AnchorAccepted(problem).entry(utc()))
    try:
        file.replace()
    except OSError as error:
        raise StoreError(
            f"The anchor {file.path} cannot be written: {error.strerror}.",
            "See whether the media are full or read-only, and accept again.",
        ) from error
    return True


def compare(home: Home, head_key: bytes | None, anchor: Anchor, source: str) -> None:
    """Check that a journal continues from an anchor; its seal is not checked.

    Args:
        home: the journal's home.
        head_key: checks the head's seal; None leaves it unchecked.
        anchor: the anchor.
        source: its name in errors.

    Raises:
        StoreReplaced: the journal ends before that entry, or has another in its place.
        JournalTampered, BadInput: the journal does not verify, or cannot be read.
    """
    found, last, first = _hash_at(home, head_key, anchor.number)
    if found is None and anchor.number < first:
        raise StoreReplaced(
            f"The anchor {source} names audit entry {anchor.number}, and this journal begins with "
            f"{first}: older entries went with time, so that nobody can compare.",
            HOW_TO_ACCEPT,
        )
    if found is None:
        raise StoreReplaced(
            f"The anchor {source} names audit entry {anchor.number}, and this journal ends at "
            f"{last}: the home is an older copy.",
            HOW_TO_ACCEPT,
        )
    if not hmac.compare_digest(found, anchor.hash):
        raise StoreReplaced(
            f"Audit entry {anchor.number} is not the one that the anchor {source} names: the home "
            "is an older copy that went on by itself, or another one.",
            HOW_TO_ACCEPT,
        )


def understood(body: bytes, source: str) -> Anchor:
    """Parse an anchor; its seal is not checked.

    Raises:
        StoreReplaced: it is no anchor.
    """
    try:
        raw = json.loads(body)
        anchor = Anchor(raw["kiosk"], raw["number"], raw["hash"], raw["at"], raw["seal"])
        if _is_sound(anchor):
            return anchor
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _not_ours(f"The anchor {source} cannot be understood")


def read(path: Path) -> bytes:
    """Read a file up to the size of an anchor; links are refused. Raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    try:
        return os.read(descriptor, MOST_BYTES)
    finally:
        os.close(descriptor)


def _is_sound(anchor: Anchor) -> bool:
    texts: tuple[tuple[Any, str], ...] = (
        (anchor.kiosk, r"[0-9a-f]{16}"),
        (anchor.hash, r"[0-9a-f]{64}"),
        (anchor.seal, r"[0-9a-f]{64}"),
        (anchor.at, r"[0-9T:.+-]{1,40}"),
    )
    counts = type(anchor.number) is int and 0 <= anchor.number < MOST_ENTRIES
    return counts and all(re.fullmatch(form, text) for text, form in texts)


def _hash_at(home: Home, head_key: bytes | None, number: int) -> tuple[str | None, int, int]:
    """The hash of an entry, None where there is none; the last entry's number, and the first's.

    Read from the end: an anchor is usually recent.
    """
    span, found, before = MIN_SPAN_BYTES, GENESIS if number == 0 else None, -1
    while True:
        first = last = 0
        for place in walk(home, head_key, span):
            entry = place.entry
            first, last = first or entry.number, entry.number
            if number == entry.number - 1:
                found = entry.previous
            elif number == entry.number:
                found = entry.hash
        if found is not None or first in (before, 0, 1) or first <= number:
            return found, last, first
        span, before = span * 4, first


def _replace(path: Path, body: bytes) -> None:
    """Replace a file, atomic and flushed, for its owner only; a planted link is not followed."""
    spare = path.with_name(f"{path.name}.new")
    spare.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(spare, flags, OWNER_ONLY_FILE)
    try:
        write_all(descriptor, body)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    spare.replace(path)
    flush_directory(path.parent)


def _not_ours(problem: str) -> StoreReplaced:
    return StoreReplaced(
        f"{problem}: it was changed, or is damaged.",
        Remedy(
            "Compare the journal with what operators know of it. Only then accept it: that is "
            "written down, and so is a new anchor.",
            NextStep.COMPARE_JOURNAL,
        ),
    )
