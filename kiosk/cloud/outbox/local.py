"""The outbox in the kiosk's own database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.outbox.port import LEASE_SECONDS, CloudWork, QueuedWork, WorkKind
from kiosk.domain.cloud.faces import CloudId

_COLUMNS = "SELECT id, person, next_at, dead, content FROM outbox"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table."""

    ident: int
    person: CloudId
    next_at: float
    dead: bool
    queued: QueuedWork

    @property
    def kind(self) -> WorkKind | None:
        return None if self.queued.work is None else self.queued.work.kind


class LocalOutbox:
    """The outbox in one file; see `Outbox`.

    Args:
        database: the file.
        now: the wall clock, seconds since 1970.
    """

    def __init__(self, database: CloudDatabase, now: Callable[[], float]) -> None:
        self._database, self._now = database, now

    def add(self, work: CloudWork) -> None:
        """Put work in, unless the same waits; a withdrawal takes the place of everything else.

        One that waits has the time of the last that was put in, and is done again if it is being
        done now.
        """
        now = self._now()
        with self._database.transaction() as rows:
            there = self._of(rows, "WHERE person = ?", work.person)
            for row in there:
                if row.dead or (work.kind is WorkKind.WITHDRAW and row.kind is not work.kind):
                    rows.execute("DELETE FROM outbox WHERE id = ?", (row.ident,))
                elif work.kind is WorkKind.WITHDRAW:
                    self._bring_forward(rows, row, work)
            lasting = work.kind is WorkKind.WITHDRAW
            if any(
                row.kind is work.kind and not row.dead and (lasting or row.next_at <= now)
                for row in there
            ):
                return
            question = "INSERT INTO outbox (person, next_at, content) VALUES (?, ?, x'')"
            ident = rows.execute(question, (work.person, now)).lastrowid or 0
            self._write(rows, ident, work, QueuedWork("", work), now, dead=False)

    def take(self, most: int) -> Sequence[QueuedWork]:
        """Work whose time has come, the first about each person."""
        now = self._now()
        question = (
            "WHERE dead = 0 AND next_at <= ? AND NOT EXISTS (SELECT 1 FROM outbox AS earlier "
            "WHERE earlier.person = outbox.person AND earlier.dead = 0 AND earlier.id < outbox.id) "
            "ORDER BY next_at LIMIT ?"
        )
        with self._database.transaction() as rows:
            found = self._of(rows, question, now, most)
            for row in found:
                until = now + LEASE_SECONDS
                rows.execute("UPDATE outbox SET next_at = ? WHERE id = ?", (until, row.ident))
        return [row.queued for row in found]

    def done(self, queued: QueuedWork) -> None:
        """Remove work that is done, unless it was put in once more meanwhile."""
        with self._database.transaction() as rows:
            for row in self._of(rows, "WHERE id = ?", int(queued.ident)):
                work = row.queued.work
                if work is None or work == queued.work:
                    rows.execute("DELETE FROM outbox WHERE id = ?", (row.ident,))
                else:
                    again = QueuedWork(queued.ident, work)
                    self._write(rows, row.ident, work, again, self._now(), dead=False)

    def later(self, queued: QueuedWork, problem: str, seconds: float) -> None:
        """Have work tried again after so long."""
        tried = replace(queued, attempts=queued.attempts + 1, problem=problem)
        self._change(tried, self._now() + seconds, dead=False)

    def bury(self, queued: QueuedWork, problem: str) -> None:
        """Make work a dead letter."""
        tried = replace(queued, attempts=queued.attempts + 1, problem=problem)
        self._change(tried, self._now(), dead=True)

    def waiting(self) -> int:
        """How much work waits or is being done."""
        ((count,),) = self._database.ask("SELECT count(*) FROM outbox WHERE dead = 0")
        return int(count)

    def troubled(self) -> Sequence[QueuedWork]:
        """Work that was tried in vain and is tried again."""
        live = self._all("WHERE dead = 0 ORDER BY id")
        return [row.queued for row in live if row.queued.attempts]

    def dead(self) -> Sequence[QueuedWork]:
        """The dead letters, oldest first."""
        return [row.queued for row in self._all("WHERE dead = 1 ORDER BY id")]

    def retry(self, ident: str) -> bool:
        """Have a dead letter tried again."""
        found = [each for each in self.dead() if each.ident == ident]
        for each in found:
            self._change(replace(each, attempts=0), self._now(), dead=False)
        return bool(found)

    def discard(self, ident: str) -> bool:
        """Drop a dead letter."""
        if not ident.isdecimal():
            return False
        with self._database.transaction() as rows:
            question = "DELETE FROM outbox WHERE id = ? AND dead = 1"
            return rows.execute(question, (int(ident),)).rowcount == 1

    # -- internals -------------------------------------------------------------------------------

    def _change(self, queued: QueuedWork, next_at: float, *, dead: bool) -> None:
        with self._database.transaction() as rows:
            for row in self._of(rows, "WHERE id = ?", int(queued.ident)):
                if row.queued.work is not None:  # as it is by now
                    self._write(rows, row.ident, row.queued.work, queued, next_at, dead=dead)

    def _bring_forward(self, rows: sqlite3.Connection, row: _Row, work: CloudWork) -> None:
        """Let a withdrawal that waits be of the time of a later one."""
        there = row.queued.work
        if there is not None and there.at < work.at:
            faces = tuple(dict.fromkeys((*there.faces, *work.faces)))
            later = replace(work, faces=faces)
            self._write(rows, row.ident, later, row.queued, row.next_at, dead=False)

    def _write(
        self,
        rows: sqlite3.Connection,
        ident: int,
        work: CloudWork,
        queued: QueuedWork,
        next_at: float,
        *,
        dead: bool,
    ) -> None:
        said = {"work": work.encode(), "attempts": queued.attempts, "problem": queued.problem}
        where = ("cloud-outbox", str(ident), work.person)
        content = self._database.sealed(json.dumps(said), *where)
        question = "UPDATE outbox SET next_at = ?, dead = ?, content = ? WHERE id = ?"
        rows.execute(question, (next_at, dead, content, ident))

    def _all(self, question: str) -> list[_Row]:
        return [self._row(each) for each in self._database.ask(f"{_COLUMNS} {question}")]

    def _of(self, rows: sqlite3.Connection, question: str, *values: object) -> list[_Row]:
        return [self._row(each) for each in rows.execute(f"{_COLUMNS} {question}", values)]

    def _row(self, columns: tuple[Any, ...]) -> _Row:
        ident, person, next_at, dead, content = columns
        text = self._database.opened(content, "cloud-outbox", str(ident), person)
        try:
            said = json.loads(text)
            queued = QueuedWork(
                str(ident),
                CloudWork.decode(said["work"]),
                int(said["attempts"]),
                next_at,
                str(said["problem"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._database.corrupt("work in it is of another version") from error
        return _Row(ident, CloudId(person), next_at, bool(dead), queued)
