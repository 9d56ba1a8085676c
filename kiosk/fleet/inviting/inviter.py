"""An inviter: issues and revokes invitations of a fleet, with a key that admins have named.

It can open nobody's record and can enrol nobody: whoever is invited has to come to a kiosk.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE, signed_answer
from kiosk.domain.enrolment.invitation import ID_BYTES, InvitationCode, binding
from kiosk.domain.errors import BadInput, FleetRefused, ObjectChanged
from kiosk.domain.fleet.history import History, OpenInvitation
from kiosk.domain.fleet.statement import ENDED, PersonChange, Statement
from kiosk.fleet.cards import ScopeCard
from kiosk.fleet.inviting.card import InviterCard, inviter_fingerprint
from kiosk.fleet.inviting.terms import LONGEST, InvitationTerms, invitation_tag, seal_terms
from kiosk.fleet.log import history_with_waiting, published_now
from kiosk.fleet.saying import signed_file, statement_signer
from kiosk.fleet.scope_file import SealedRecord
from kiosk.fleet.stores.port import ABSENT, ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.people.invitations import InvitationWish
from kiosk.store.people.subjects import given_name

TRIES = 8


@dataclass(frozen=True, slots=True)
class FleetInvitation:
    """A new invitation of a fleet, with the text of its code. Never printed."""

    terms: InvitationTerms
    code: str

    def __repr__(self) -> str:
        return "FleetInvitation(<hidden>)"

    @property
    def tag(self) -> str:
        """Names the invitation, and says nothing about anybody."""
        return invitation_tag(bytes.fromhex(self.terms.ident))


class FleetInviter:
    """Invites people into the scopes of one fleet.

    Args:
        store: the fleet's store.
        root: a root of trust that was not taken from the store.
        keys: the inviter's.
        utc: the wall clock.
    """

    def __init__(
        self, store: ObjectStore, root: bytes, keys: PrivateKeys, utc: Callable[[], datetime]
    ) -> None:
        self._store, self._root, self._keys, self._utc = store, root, keys, utc
        self._private = Ed25519PrivateKey.from_private_bytes(keys.signing)
        self.fingerprint = inviter_fingerprint(keys.public_signing)

    def __repr__(self) -> str:
        return f"FleetInviter({self.fingerprint!r})"

    def issue(self, scope: str, wish: InvitationWish) -> FleetInvitation:
        """Invite somebody into a scope; it counts once it is published.

        Raises:
            BadInput: this inviter may not invite into that scope, or give these groups, or the
                wish cannot be met.
            FleetRefused: the store cannot be verified.
            FleetStoreUnreachable: the store does not answer; nobody is invited.
        """
        if wish.photo is not None:
            raise BadInput(
                "A fleet's invitation holds no photograph: none leaves the machine it is on.",
                "Leave it out, or invite at the kiosk where the person enrols.",
            )
        if wish.life > LONGEST:
            raise BadInput(
                f"A fleet's invitation counts for {LONGEST.days} days at most.", "Say fewer days."
            )
        if wish.given_name is not None and not self._keeps_names(scope):
            raise BadInput(
                f"Nobody's name is kept at the kiosks of scope {scope}.", "Invite without a name."
            )
        invitation = self._drawn(scope, wish)
        sealed = seal_terms(invitation.terms)
        change = PersonChange(invitation.tag, sealed.record)
        self._say(scope, change, invitation.terms.expires_at, [sealed], wish.groups)
        return invitation

    def revoke(self, scope: str, tag: str) -> None:
        """End an invitation of this inviter.

        Args:
            scope: into which it invites.
            tag: its tag, or the beginning of it.

        Raises:
            BadInput: this inviter has no such invitation that can be used.
            FleetRefused: the store cannot be verified.
            FleetStoreUnreachable: the store does not answer; it still counts.
        """
        hits = {it: each for it, each in self.open(scope).items() if tag and it.startswith(tag)}
        if len(hits) != 1:
            raise BadInput(
                f"There is no invitation {tag[:40]!r} of this inviter that can be used.",
                "List them: one that was used or revoked is not there any more.",
            )
        ((whole, found),) = hits.items()
        change = PersonChange(whole, ENDED, found.record)
        self._say(scope, change, found.until, [], None)

    def open(self, scope: str) -> Mapping[str, OpenInvitation]:
        """The invitations of this inviter that can be used, by their tags.

        Raises:
            BadInput: this inviter may not invite into that scope.
            FleetRefused: the store cannot be verified.
        """
        history = self._history(scope, None)
        mine = self.fingerprint
        return {tag: it for tag, it in history.invitations.items() if it.author == mine}

    # -- internals -------------------------------------------------------------------------------

    def _drawn(self, scope: str, wish: InvitationWish) -> FleetInvitation:
        ident, now = secrets.token_bytes(ID_BYTES), self._utc().replace(microsecond=0)
        expires_at = now + wish.life
        stamp, site = int(expires_at.timestamp()), bytes.fromhex(self.fingerprint)
        said = InvitationCode(ident, binding(ident, wish.subject), site, stamp, wish.language)
        terms = InvitationTerms(
            ident.hex(),
            scope,
            wish.subject,
            now,
            expires_at,
            given_name(wish.given_name),
            wish.language,
            wish.groups,
            wish.valid_until,
            (self._answer(YES_CODE, ident.hex()), self._answer(NO_CODE, ident.hex())),
        )
        return FleetInvitation(terms, said.text(self._private.sign(said.signed_text())))

    def _answer(self, plain: str, ident: str) -> str:
        signature = self._private.sign(signed_answer(plain, ident))
        return f"{plain}:{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def _say(
        self,
        scope: str,
        change: PersonChange,
        until: datetime,
        records: list[SealedRecord],
        groups: tuple[str, ...] | None,
    ) -> None:
        """Hand a statement in; whoever else uses this key may be faster."""
        for _ in range(TRIES):
            far = self._history(scope, groups).next_of(self.fingerprint)
            number, previous, at = far.number + 1, far.digest, self._utc().replace(microsecond=0)
            ends = until.astimezone(UTC)
            statement = Statement(
                scope, self.fingerprint, number, previous, at, (change,), until=ends
            )
            file = signed_file(statement, [statement_signer(self._keys.signing)], records)
            name = layout.inbox_name(self.fingerprint, scope, number)
            try:
                self._store.put(name, file.encode(), expected=ABSENT)
            except ObjectChanged:
                continue
            return
        raise FleetRefused(
            "Others have used this inviter's key at each of several attempts.",
            "Give each desk a key of its own; nobody was invited.",
        )

    def _keeps_names(self, scope: str) -> bool:
        verified = VerifiedStore(self._store, self._root)
        raw = verified.read_target(verified.targets(), layout.scope_target(scope))
        return raw is None or ScopeCard.decode(raw).names

    def _history(self, scope: str, groups: tuple[str, ...] | None) -> History:
        verified = VerifiedStore(self._store, self._root)
        targets = verified.targets()
        raw = verified.read_target(targets, layout.inviter_target(self.fingerprint))
        card = None if raw is None else InviterCard.decode(raw)
        if card is None or card.dropped is not None or scope not in card.scopes:
            raise BadInput(
                f"Inviter {self.fingerprint} may not invite into scope {scope[:60]!r}.",
                "Have admins name this key for that scope.",
            )
        if groups is not None and card.groups is not None:
            others = sorted({*groups} - {*card.groups})
            if others or not groups:
                raise BadInput(
                    f"Inviter {card.name} may give the rights of {', '.join(card.groups)} only.",
                    "Name one of these groups.",
                )
        known = published_now(verified, targets, scope)
        return history_with_waiting(verified, targets, known, self.fingerprint)
