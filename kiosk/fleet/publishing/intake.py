"""What authors have handed in: what fits is taken, what may not be said yet waits.

What fails a check is set aside for somebody to look at, so that one bad object stops nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import ADMINS, ENDED, Statement, is_device, used_tag
from kiosk.fleet.log import MOST_WAITING, Authors, Published, waiting
from kiosk.fleet.scope_file import ScopeFile, SealedRecord
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.fleet.uploads.lengths import check_lengths
from kiosk.fleet.uploads.limits import UploadWaits, check_upload, check_use


class Intake:
    """Takes in what waits, in one attempt to publish.

    Args:
        verified: the store.
        authors: says whose statements count.
        now: the time of the attempt, UTC.

    Attributes:
        running: when this fleet was last published, UTC; before the first time, now.
        review: what was left waiting or set aside, and why.
    """

    def __init__(self, verified: VerifiedStore, authors: Authors, now: datetime) -> None:
        self._verified, self._authors, self._now = verified, authors, now
        self._done: list[str] = []
        self._bad: list[str] = []
        self.running = now
        self.review: list[str] = []
        self._heard = _heard(verified.store)

    def heard(self, scope: str, inviters: Collection[str]) -> Sequence[str]:
        """Who had handed in something about a scope as the attempt began, admins first.

        Devices whether they may or not: it is looked at.

        Args:
            scope: its name.
            inviters: those whom admins have named.
        """
        authors = {author for author, about in self._heard if about == scope}
        devices = sorted(each for each in authors if is_device(each))
        return [*(authors & {ADMINS}), *sorted(authors & set(inviters)), *devices]

    def gather(self, author: str, known: Published, history: History, added: ScopeFile) -> None:
        """Take what an author has handed in; what does not fit is set aside.

        Args:
            author: who.
            known: the scope as it is published.
            history: of the scope; goes on by what is taken.
            added: what is taken so far; what is taken is added.
        """
        for name, file in waiting(self._verified, self._authors, known.index.scope, author):
            try:
                self._take(author, file, known, history, added)
            except UploadWaits as error:
                self.review.append(f"{name}: {error.problem}")
                return
            except FleetRefused as error:
                self.review.append(f"{name}: {error.problem}")
                self._bad.append(name)
            else:
                self._done.append(name)

    def clear(self) -> None:
        """Remove what was taken, and set aside what failed; once all of it is published."""
        for name in self._bad:
            self._set_aside(name)
        for name in self._done:
            self._verified.store.delete(name)

    def _take(
        self,
        author: str,
        file: ScopeFile | FleetRefused,
        known: Published,
        history: History,
        added: ScopeFile,
    ) -> None:
        if isinstance(file, FleetRefused):
            raise file
        if any(statement.author != author for statement, _ in file.statements):
            raise FleetRefused(f"Somebody else than {author} has made it.")
        for statement, envelope in file.statements:
            if statement.number > history.next_of(author).number:
                records = _records_of(statement, file)
                if author != ADMINS:
                    check_lengths(statement, envelope, records)
                    there = (known.file, added)
                    check_upload(statement, records, there, self._now, self.running)
                self._check_use(statement, history)
                history.follow(statement)
                added.statements.append((statement, envelope))
                added.records |= records
            elif all(each != statement for each, _ in known.file.statements + added.statements):
                raise FleetRefused(f"Another statement {statement.number} is published already.")

    def _check_use(self, statement: Statement, history: History) -> None:
        used = None if statement.uses is None else history.invitations.get(used_tag(statement.uses))
        if used is not None:
            check_use(statement, used.until, self.running)

    def _set_aside(self, name: str) -> None:
        """Move what fails a check; what cannot be moved stays, and is named at each attempt."""
        store = self._verified.store
        try:
            found = store.get(name, MOST_WAITING)
            if isinstance(found, StoredObject):
                store.put(f"{layout.REVIEW}{name}", found.data, expected=ANYTHING)
        except (BadInput, FleetRefused):  # too long, or a name that is
            return
        self._done.append(name)


def _heard(store: ObjectStore) -> frozenset[tuple[str, str]]:
    """Who has handed in something about which scope: listed once, not for each scope and author."""
    names = (name for prefix in layout.INBOXES for name in store.names(prefix))
    found = (layout.handed_in(name) for name in names)
    return frozenset(said for said in found if said is not None)


def _records_of(statement: Statement, file: ScopeFile) -> dict[str, SealedRecord]:
    """The records of which a statement speaks: whatever else lies beside it is nobody's word.

    Raises:
        FleetRefused: one is missing.
    """
    try:
        said = {change.record for change in statement.changes} - {ENDED}
        return {record: file.records[record] for record in said}
    except KeyError as error:
        raise FleetRefused(f"A record of statement {statement.number} is missing.") from error
