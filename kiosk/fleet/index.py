"""The list of a scope's files: a base, and what was added to it since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import of_format
from kiosk.fleet.scope_file import ScopeFile

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ScopePart:
    """One file of a scope.

    Attributes:
        path: the target's.
        first: the place of its first statement in the scope's history, from 1.
        last: that of its last.
    """

    path: str
    first: int
    last: int

    def checked(self, file: ScopeFile) -> ScopeFile:
        """The file's content, if it has as many statements as the list says.

        Raises:
            FleetRefused: it has not; whoever believed the list would miss what comes next.
        """
        if len(file.statements) != self.last - self.first + 1:
            raise FleetRefused(
                f"The file {self.path} has another number of statements than is listed.",
                "Look who has published it; nothing was applied.",
            )
        return file


@dataclass(frozen=True, slots=True)
class ScopeIndex:
    """The files of a scope, in the order of the history; the first is the base.

    Attributes:
        scope: its name.
        parts: each begins where the one before ends.
    """

    scope: str
    parts: tuple[ScopePart, ...] = ()

    @property
    def last(self) -> int:
        """The place of the last statement; 0 for a scope of which nothing was published."""
        return self.parts[-1].last if self.parts else 0

    def after(self, place: int, *, applied: bool = False) -> Sequence[ScopePart] | None:
        """The files that continue from a place; None if the base has to be read again.

        Args:
            place: 0 for the beginning.
            applied: whether the scope was applied before, though nothing may have been said in it.
        """
        if applied and not (place or self.parts):
            return ()
        new = [part for part in self.parts if part.last > place]
        if not place or (new and new[0].first != place + 1) or self.last < place:
            return None
        return new

    def encode(self) -> bytes:
        """The target's content."""
        parts = [[part.path, part.first, part.last] for part in self.parts]
        return json.dumps({"format": FORMAT, "scope": self.scope, "parts": parts}).encode()

    @classmethod
    def decode(cls, data: bytes, scope: str) -> ScopeIndex:
        """Decode the target's content.

        Raises:
            FleetRefused: it is of another scope, or this version does not understand it.
        """
        try:
            return _index(of_format(json.loads(data), FORMAT), scope)
        except (
            AttributeError,
            KeyError,
            OverflowError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise FleetRefused(
                f"The list of files of scope {scope} cannot be understood.",
                "Install the newest version of the program, or have the scope published again.",
            ) from error


def no_list(scope: str) -> FleetRefused:
    """The error of a scope whose publisher's metadata has no list: it is another scope's.

    One key signs for all scopes, and a role's metadata does not name the role.
    """
    return FleetRefused(
        f"What is published of scope {scope} has no list of its files.",
        "Look who has written to the store; nothing was applied.",
    )


def _index(said: dict[str, Any], scope: str) -> ScopeIndex:
    parts = tuple(ScopePart(str(p), int(f), int(n)) for p, f, n in said["parts"])
    starts = [1, *(part.last + 1 for part in parts)]
    joined = all(p.first == s <= p.last for p, s in zip(parts, starts, strict=False))
    if said["scope"] != scope or not joined:
        raise ValueError(scope)
    return ScopeIndex(scope, parts)
