"""The history of a scope: which record of each person counts, after the statements in their order.

The publisher sets the order and cannot do more: a statement counts only right after the one before
of the same author. Publisher and kiosks follow it by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import ADMINS, PersonChange, Statement, digest


@dataclass(frozen=True, slots=True)
class Author:
    """How far an author has come in a scope.

    Attributes:
        number: of their last statement; 0 before the first.
        digest: the hash of its text; None before the first.
    """

    number: int = 0
    digest: str | None = None


NEW = Author()


@dataclass(slots=True)
class History:
    """The statements of a scope that were followed so far.

    Attributes:
        scope: its name.
        authors: how far each author has come.
        current: the record that counts for each tag, by its hash.
        outdated: changes of devices that no longer fitted when they came; somebody looks at them.
        changed: the tags that were changed since this was made.
    """

    scope: str
    authors: dict[str, Author] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    outdated: list[tuple[str, PersonChange]] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def next_of(self, author: str) -> Author:
        """How far an author has come."""
        return self.authors.get(author, NEW)

    def follow(self, statement: Statement) -> None:
        """Take the next statement, whose signatures are verified.

        Raises:
            FleetRefused: it is of another scope, or does not follow the author's last one.
        """
        before = self.next_of(statement.author)
        follows = (statement.number, statement.previous) == (before.number + 1, before.digest)
        if statement.scope != self.scope or not follows:
            raise FleetRefused(
                f"Statement {statement.number} of {statement.author} about scope "
                f"{statement.scope} does not follow statement {before.number}.",
                "Something was left out of the store, repeated, or moved; nothing was applied.",
            )
        self.authors[statement.author] = Author(statement.number, digest(statement.text()))
        for change in statement.changes:
            self._take(statement.author, change)

    def _take(self, author: str, change: PersonChange) -> None:
        """A device's change counts only for the record that the device knew."""
        if author != ADMINS and self.current.get(change.tag) != change.replaces:
            self.outdated.append((author, change))
            return
        self.current[change.tag] = change.record
        self.changed.add(change.tag)


def history_of(scope: str, statements: Iterable[Statement]) -> History:
    """The history of a scope from its beginning.

    Raises:
        FleetRefused: they do not follow each other.
    """
    history = History(scope)
    for statement in statements:
        history.follow(statement)
    return history


def refuse_older(
    known: Mapping[str, Author],
    current: Mapping[str, str],
    statements: Iterable[Statement],
    scope: str,
) -> None:
    """Check that a history from the beginning starts with all that was known already.

    In its order too: whoever may set the order could else let a device's change come too late that
    has counted, such as somebody's erasure.

    Args:
        known: how far each author had come.
        current: the record that counted for each tag.
        statements: of the whole history.
        scope: its name.

    Raises:
        FleetRefused: a statement that was known is missing, is another one now, or has moved.
    """
    before = {author: far for author, far in known.items() if far.number}
    number = sum(far.number for far in before.values())
    history = history_of(scope, islice(statements, number))
    if history.authors != before or not current.items() <= history.current.items():
        raise FleetRefused(
            f"What was known of scope {scope} is not in the store any more.",
            "The store holds an older copy, or another history; nothing was applied.",
        )
