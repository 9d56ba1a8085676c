"""What admins say of somebody who invites people in their name, such as a reception desk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from kiosk.domain.enrolment.invitation import SITE_BYTES
from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import Statement
from kiosk.fleet.cards import SIGNING_BYTES, of_format, statement_key

FORMAT = 1


@dataclass(frozen=True, slots=True)
class InviterCard:
    """What admins say of an inviter.

    Attributes:
        name: for admins, such as `reception`.
        signing: the inviter's public key, Ed25519.
        scopes: into which it may invite.
        groups: whose rights it may give; None for all.
        dropped: the last statement of it that counts, by scope, once admins have dropped it; None
            before.
    """

    name: str
    signing: bytes
    scopes: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    dropped: Mapping[str, int] | None = None

    @property
    def fingerprint(self) -> str:
        """Names the inviter in statements, and as the site of an invitation's code."""
        return inviter_fingerprint(self.signing)

    def encode(self) -> bytes:
        """The target's content."""
        said = {
            "format": FORMAT,
            "name": self.name,
            "signing": self.signing.hex(),
            "scopes": list(self.scopes),
            "groups": None if self.groups is None else list(self.groups),
            "dropped": self.dropped,
        }
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> InviterCard:
        """Decode the target's content.

        Raises:
            FleetRefused: this version does not understand it.
        """
        try:
            return _card(of_format(json.loads(data), FORMAT))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise FleetRefused(
                "What admins have signed about an inviter cannot be understood.",
                "Install the newest version of the program on this machine.",
            ) from error

    def verify(self, statement: Statement, envelope: Envelope, *, heard_out: bool = False) -> None:
        """Check that this inviter has signed a statement, and may.

        Args:
            statement: what it says.
            envelope: with its signature.
            heard_out: that it was dropped before does not matter.

        Raises:
            FleetRefused: it has not, was dropped before, or may not invite into that scope.
        """
        known = statement.scope in self.scopes
        if self.dropped is not None and not heard_out:
            known = statement.number <= self.dropped.get(statement.scope, 0)
        try:
            envelope.verify([statement_key(self.signing)], 1)
        except (VerificationError, ValueError):
            known = False
        if not known or statement.author != self.fingerprint:
            raise FleetRefused(
                f"Inviter {statement.author} may not say statement {statement.number} about scope "
                f"{statement.scope}.",
                "If it was dropped just then, drop it once more; else look who has written to the "
                "store. Nothing of it was applied.",
            )


def _card(said: dict[str, Any]) -> InviterCard:
    signing, groups = bytes.fromhex(said["signing"]), said["groups"]
    if len(signing) != SIGNING_BYTES:
        raise ValueError(len(signing))
    allowed = None if groups is None else tuple(groups)
    return InviterCard(said["name"], signing, tuple(said["scopes"]), allowed, said["dropped"])


def inviter_fingerprint(signing: bytes) -> str:
    """The fingerprint of an inviter's public key: that of a site in an invitation's code."""
    return hashlib.sha256(signing).digest()[:SITE_BYTES].hex()
