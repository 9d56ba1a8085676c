"""Heads: for each scope, the last statement of admins that counts whoever has signed it.

Statements are chained: the hash of one vouches for all before it. So when the admins change, those
who stay sign the head of each scope, and what was signed with a key that is gone counts up to there
and no further. A stolen key, though it has signed much, adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from tuf.api.metadata import Root, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import NEW, Author
from kiosk.domain.fleet.statement import ADMINS, Statement, digest
from kiosk.fleet.cards import of_format

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a fleet's scopes, as admins have signed them.

    Attributes:
        root: of trust; its admins sign what comes after.
        scopes: number and hash of the last statement that needs no signature of theirs, by scope.
    """

    root: Root
    scopes: Mapping[str, Author] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The target's content."""
        said = {name: [head.number, head.digest] for name, head in self.scopes.items()}
        return json.dumps({"format": FORMAT, "heads": said}, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes | None, root: Root) -> Heads:
        """Decode the target's content; there is none before the admins change the first time.

        Raises:
            FleetRefused: this version does not understand it.
        """
        if data is None:
            return cls(root)
        try:
            said = of_format(json.loads(data), FORMAT)["heads"]
            heads = {str(name): Author(int(n), str(last)) for name, (n, last) in said.items()}
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise FleetRefused(
                "What admins have signed about earlier statements cannot be understood.",
                "Install the newest version of the program on this machine.",
            ) from error
        return cls(root, heads)

    def verify(self, statement: Statement, envelope: Envelope) -> None:
        """Check that a statement of admins counts, if all those up to the head are there.

        Raises:
            FleetRefused: it is not signed by enough admins of today, or stands where another does.
        """
        head = self.scopes.get(statement.scope, NEW)
        if statement.number > head.number:
            verify_admins(self.root, statement, envelope)
        elif statement.number == head.number and digest(statement.text()) != head.digest:
            raise _other(statement.scope, head)

    def refuse_short(self, scope: str, reached: Author) -> None:
        """Check that admins' statements go as far as the head: only it vouches for those before.

        Args:
            scope: whose.
            reached: the last statement of admins that was followed.

        Raises:
            FleetRefused: they end before, or the head is another one.
        """
        head = self.scopes.get(scope, NEW)
        if reached.number < head.number or (reached.number == head.number and reached != head):
            raise _other(scope, head)

    def refuse_short_file(self, scope: str, statements: Iterable[Statement]) -> None:
        """Check the same of a whole scope.

        Raises:
            FleetRefused: admins' statements end before the head.
        """
        last = NEW
        for each in statements:
            if each.author == ADMINS:
                last = Author(each.number, digest(each.text()))
        self.refuse_short(scope, last)


def _other(scope: str, head: Author) -> FleetRefused:
    return FleetRefused(
        f"Admins have signed that scope {scope} goes on after statement {head.number}; what is "
        "published ends before it, or has another one there.",
        "The store holds an older copy, or another history; nothing was applied.",
    )


def verify_admins(root: Root, statement: Statement, envelope: Envelope) -> None:
    """Check that admins have signed a statement, as many as their threshold.

    Raises:
        FleetRefused: they have not.
    """
    role = root.roles[Targets.type]
    keys = [root.keys[keyid] for keyid in role.keyids if keyid in root.keys]
    try:
        envelope.verify(keys, role.threshold)
    except (VerificationError, ValueError) as error:
        raise FleetRefused(
            f"Statement {statement.number} about scope {statement.scope} is not signed by "
            f"{role.threshold} admins.",
            "If keys were changed just then, renew them; else look who has written to the store.",
        ) from error
