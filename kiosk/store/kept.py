"""Compares all stored files with their states in the journal head.

A home written by an older version is tied once, when it is first opened. A tied home cannot pass as
untied later: neither its head nor its database can be made to look so without the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.domain.enrolment.invitation import InvitationState
from kiosk.domain.errors import Refused, StoreError
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import InvitationRevoked
from kiosk.journal.events.keeping import KeptAccepted
from kiosk.journal.events.people import Erased
from kiosk.store.home import Home, now_utc, read_whole
from kiosk.store.journal.carrying import Erasures
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.verification import walk
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.references import References
from kiosk.store.people.roll import state_of_database
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import read_tied, state_of
from kiosk.store.ties import ABSENT, Ties, replaced


def check(home: Home, key: KeySource) -> None:
    """Check that every file is the one stored last. The check changes nothing.

    Raises:
        StoreReplaced: names a file that is an older copy, was changed, or is missing.
        JournalTampered: the head is missing, or not this kiosk's.
        StoreError: a file cannot be read.
    """
    ties = Ties(home, key)
    known = ties.all()
    if home.references.exists():
        with closing(References(home, key)) as references:
            references.generation()
    elif ABSENT not in (known or {}).get(home.references.name, (ABSENT,)):
        raise replaced(home, home.references.name, there=False)
    _check_sealed(home, ties)


def settle(home: Home, key: KeySource) -> None:
    """Settle changes interrupted by a crash: the state found becomes valid. Raises as `check`."""
    ties = Ties(home, key)
    with _unchanging(home):
        found = _check_sealed(home, ties)
        open_ = {name: (state,) for name, state in found.items() if len(ties.known(name)) > 1}
        if open_:
            ties.tie(open_)


def tie_first(home: Home, key: KeySource) -> bool:
    """Tie the files of a home written by an older version; returns True if that was done now.

    Raises:
        StoreReplaced: the head is that of an older version, and the database is not.
        StoreError, JournalTampered: see `check`.
    """
    ties = Ties(home, key)
    if ties.all() is not None:
        return False
    check(home, key)
    with _unchanging(home):
        ties.tie({path.name: (_sealed_state(path),) for path in home.sealed})
    return True


def states_now(home: Home, key: KeySource) -> dict[str, tuple[str, ...]]:
    """The current state of every file, valid or not."""
    found: dict[str, tuple[str, ...]] = {path.name: (_sealed_state(path),) for path in home.sealed}
    return found | {home.references.name: (state_of_database(home, key),)}


def accept(
    home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc
) -> tuple[Sequence[str], Sequence[SubjectId]]:
    """Accept all files as they are now, valid or not; recorded in the journal before.

    People who were erased since stay erased.

    Returns:
        The names of files that did not match, and the people erased again.

    Raises:
        Refused: every file is the one stored last.
        JournalTampered: the journal itself is not in order.
        JournalUnwritable, StoreError: it cannot be done; nothing was accepted.
    """
    journal, ties = Journal(home, key, utc), Ties(home, key)
    known, found = ties.all(), states_now(home, key)
    other = [name for name, (state,) in found.items() if state not in _known(known, name)]
    if not other:
        raise Refused("Everything is what this kiosk kept last.", "There is nothing to accept.")
    names: list[str] = sorted(other)
    journal.append(KeptAccepted(tuple(names)).entry(utc()))
    ties.tie(found)
    if not home.references.exists():
        return names, []
    return names, erase_again(home, key, journal, _erased(home, key).__contains__, utc)


@contextmanager
def _unchanging(home: Home) -> Iterator[None]:
    """Exclude changes of a sealed file by other processes."""
    try:
        with home.locked():
            yield
    except OSError as error:
        raise StoreError(
            f"The home {home.path} cannot be used: {error.strerror}.",
            "See whether the disk is full or read-only, and to whom the home belongs.",
        ) from error


def erase_again(
    home: Home,
    key: KeySource,
    journal: Journal,
    gone: Callable[[SubjectId], bool],
    utc: Callable[[], datetime] = now_utc,
) -> list[SubjectId]:
    """Erase whom an older database has brought back, and revoke its open invitations.

    Args:
        home: holds the database.
        key: holds the master key.
        journal: where that is recorded before.
        gone: tells whether somebody was erased since.
        utc: the wall clock.

    Returns:
        The people erased again.

    Raises:
        JournalUnwritable, StoreError: something of it is left to do.
    """
    with closing(References(home, key)) as references:
        references.tie()
        back = [subject for subject in references.subjects() if gone(subject)]
        for subject in back:
            count = references.count(subject)
            journal.append(Erased(subject, count, again=True).entry(utc()))
            references.erase(subject)
        _end_invitations(references, journal, utc)
    return back


def _end_invitations(references: References, journal: Journal, utc: Callable[[], datetime]) -> None:
    """Revoke every open invitation: which of them were used since then, nobody can tell."""
    invitations = Invitations(references)
    for kept in invitations.all():
        if kept.state is InvitationState.OPEN:
            journal.append(InvitationRevoked(kept.ident, kept.subject).entry(utc()))
            invitations.amend(kept.ident, lambda it: it.ended(InvitationState.REVOKED))


def _erased(home: Home, key: KeySource) -> Erasures:
    """The people whom the journal records as erased, and not enrolled again since."""
    gone = Erasures(key)
    for place in walk(home, key.derive(Purpose.JOURNAL_HEAD)):
        gone.follow(place.entry)
    return gone


def _known(known: Mapping[str, tuple[str, ...]] | None, name: str) -> tuple[str, ...]:
    return () if known is None else known.get(name, (ABSENT,))


def _check_sealed(home: Home, ties: Ties) -> dict[str, str]:
    """The state of each sealed file, once all of them match the head."""
    tied = (ties.all() or {}).keys() - {home.references.name}
    paths = {home.path / name for name in tied} | set(home.sealed)
    return {path.name: state_of(read_tied(home, path, ties)) for path in sorted(paths)}


def _sealed_state(path: Path) -> str:
    try:
        return state_of(read_whole(path))
    except FileNotFoundError:
        return ABSENT
