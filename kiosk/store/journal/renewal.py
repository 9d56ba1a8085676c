"""Recovery after tampering: sets the old journal aside unchanged, and begins a new one.

Nothing is repaired or deleted. The tampered journal is kept as evidence, and the new journal's
first entry records its name, its hash and its defect. All other files stay tied as before. If the
old head cannot give their states, their current states are accepted, and the entry records that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.domain.errors import BadInput, JournalTampered, Refused
from kiosk.journal.events.keeping import JournalRenewed
from kiosk.store.home import Home, now_utc, write_whole
from kiosk.store.journal.head import Head, HeadFile
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.verification import verify_file
from kiosk.store.kept import states_now
from kiosk.store.secrets.keys import KeySource, Purpose


def renew(home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> Path | None:
    """Set aside a journal that does not verify, and begin a new one.

    Returns:
        The path of the old journal; None where it had been removed.

    Raises:
        Refused: the journal verifies: there is no reason to end it.
        StoreKeyError: there is no usable key.
        JournalUnwritable: the new journal cannot be written.
    """
    seal = key.derive(Purpose.JOURNAL_HEAD)
    problem = _problem(home, seal)
    at = utc()
    before = _head_before(home, seal)
    kept = states_now(home, key) if before.kept is None else before.kept
    aside = _begin_anew(home, seal, at, Head(kept=kept, latest_ms=before.latest_ms))
    event = JournalRenewed(
        problem,
        set_aside=aside.name if aside else None,
        sha256=_sha256(aside) if aside else None,
        kept_accepted=before.kept is None,
    )
    Journal(home, key, utc).append(event.entry(at))
    return aside


def _problem(home: Home, seal: bytes) -> str:
    try:
        verify_file(home, seal)
    except JournalTampered as error:
        return error.problem
    except BadInput as error:
        raise Refused(error.problem, error.remedy) from error
    raise Refused(f"The journal {home.journal} verifies.", "There is nothing to renew; it goes on.")


def _head_before(home: Home, seal: bytes) -> Head:
    """The old head if it is genuine: the other files are not affected by a journal's defect."""
    try:
        return HeadFile(home.head).read(seal) or Head()
    except (JournalTampered, OSError):
        return Head()


def _begin_anew(home: Home, seal: bytes, at: datetime, begins: Head) -> Path | None:
    head = HeadFile(home.head)
    with home.locked(), home.journal_locked():
        aside = _set_aside(home.journal, at)
        _set_aside(home.head, at)
        write_whole(home.journal, b"")
        head.stage(begins, seal)
        head.publish()
        head.settle()
    return aside


def _set_aside(path: Path, at: datetime) -> Path | None:
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%SZ}.aside")
    path.rename(aside)
    return aside


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
