"""The history of a scope: which record of each person counts, after the statements in their order.

The publisher sets the order and cannot do more: a statement counts only right after the one before
of the same author. Publisher and kiosks follow it by the same rules. Of two kiosks at which one
invitation was used, the first counts; what the second says is for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import (
    ADMINS,
    ENDED,
    PersonChange,
    Statement,
    digest,
    is_inviter,
    used_tag,
)


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


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that was issued, and neither used nor revoked yet.

    Attributes:
        author: the inviter's fingerprint.
        record: the hash of what it says.
        until: from then on it cannot be used, UTC.
    """

    author: str
    record: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Where the record of a tag comes from.

    Attributes:
        author: who has said it.
        at: when, as they say, UTC.
        uses: what was said of the invitation that was used up by it; None for none.
        invitation: that invitation; None for none.
    """

    author: str
    at: datetime
    uses: str | None = None
    invitation: OpenInvitation | None = None


@dataclass(slots=True)
class History:
    """The statements of a scope that were followed so far.

    Attributes:
        scope: its name.
        authors: how far each author has come.
        current: the record that counts for each tag, by its hash.
        invitations: those that can be used, by their tags.
        outdated: changes by anybody but admins that did not fit when they came; somebody looks at
            them.
        changed: the tags of people that were changed since this was made, with the source of each.
    """

    scope: str
    authors: dict[str, Author] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, OpenInvitation] = field(default_factory=dict)
    outdated: list[tuple[str, PersonChange]] = field(default_factory=list)
    changed: dict[str, Source] = field(default_factory=dict)

    def next_of(self, author: str) -> Author:
        """How far an author has come."""
        return self.authors.get(author, NEW)

    @property
    def records(self) -> set[str]:
        """The records that count: of people, and of invitations that can be used."""
        return {*self.current.values(), *(each.record for each in self.invitations.values())}

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
        if statement.author == ADMINS:
            self._take(statement, statement.changes)
        elif is_inviter(statement.author):
            self._invite(statement)
        else:
            self._hear_device(statement)

    def _take(
        self,
        statement: Statement,
        changes: Iterable[PersonChange],
        used: OpenInvitation | None = None,
    ) -> None:
        source = Source(statement.author, statement.at, statement.uses, used)
        for change in changes:
            if change.record == ENDED:  # admins end an invitation, whoever has issued it
                self.invitations.pop(change.tag, None)
                continue
            self.current[change.tag] = change.record
            self.changed[change.tag] = source

    def _hear_device(self, statement: Statement) -> None:
        """A device's change counts only for the record that it knew, and an invitation once."""
        fitting = [it for it in statement.changes if self._fits(it)]
        used = None
        if statement.uses is not None:
            tag = used_tag(statement.uses)
            used = self.invitations.get(tag)
            if used is None or statement.at > used.until or len(fitting) < len(statement.changes):
                fitting = []
            else:
                del self.invitations[tag]
        self._take(statement, fitting, used)
        late = (change for change in statement.changes if change not in fitting)
        self.outdated += [(statement.author, change) for change in late]

    def _fits(self, change: PersonChange) -> bool:
        return change.record != ENDED and self.current.get(change.tag) == change.replaces

    def _invite(self, statement: Statement) -> None:
        """An inviter issues invitations, and revokes those of its own; it knows no people."""
        for change in statement.changes:
            known = self.invitations.get(change.tag)
            if change.record != ENDED and known is None and statement.until is not None:
                issued = OpenInvitation(statement.author, change.record, statement.until)
                self.invitations[change.tag] = issued
            elif change.record == ENDED and known is not None and known.author == statement.author:
                del self.invitations[change.tag]
            else:
                self.outdated.append((statement.author, change))


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
