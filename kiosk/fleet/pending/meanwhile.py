"""What was said of a scope since a statement that waits was made.

Admins sign a statement with its number and the hash of the one before: it counts in that place and
in no other. Where other admins were faster, and spoke of other people, it can be said again in the
next place; everybody has to sign it again. Who was changed meanwhile is not changed unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.fleet.statement import ADMINS, Statement, digest


def said_since(statement: Statement, said: Sequence[Statement]) -> Sequence[Statement] | None:
    """What was said, by anybody, after the statement of admins that this one follows.

    Args:
        statement: of admins.
        said: all that was said in its scope, in its order.

    Returns:
        None where it follows nothing that was said.
    """
    if statement.previous is None:
        return said if statement.number == 1 else None
    for place, each in enumerate(said, 1):
        if (each.author, each.number) == (ADMINS, statement.number - 1):
            return said[place:] if digest(each.text()) == statement.previous else None
    return None


def is_overtaken(since: Sequence[Statement]) -> bool:
    """True if admins have said something else in the place of a statement."""
    return any(each.author == ADMINS for each in since)


def changed_twice(statement: Statement, since: Sequence[Statement]) -> tuple[Statement, str] | None:
    """The first that speaks of one of the same people, and that person's tag; None for none."""
    mine = tags_of(statement)
    found = ((each, change.tag) for each in since for change in each.changes)
    return next(((each, tag) for each, tag in found if tag in mine), None)


def tags_of(statement: Statement) -> frozenset[str]:
    """The tags of the people, and of the invitations, of whom a statement speaks."""
    return frozenset(change.tag for change in statement.changes)
