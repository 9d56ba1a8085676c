"""The invitations of a fleet at one kiosk: it knows their tags, and reads what a code opens."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal, read_code
from kiosk.domain.errors import FleetRefused
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import MemberState, ScopeState, scope_states
from kiosk.fleet.inviting.proof import signed_by
from kiosk.fleet.inviting.terms import invitation_tag, open_terms
from kiosk.store.people.members import Members


class SharedInvitations:
    """Judges codes that an inviter of the fleet has signed. Any thread may call it.

    Args:
        members: what this kiosk has applied of its scopes.
    """

    def __init__(self, members: Members) -> None:
        self._members = members

    def judge(self, text: str) -> Invitation | InvitationRefusal | None:
        """The invitation of a code, as the fleet knows it now; or why it does not count.

        Args:
            text: as a camera read it; untrusted.

        Returns:
            None where it is no code of an inviter of the fleet.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        read = read_code(text)
        if read is None:
            return None
        said, signature = read
        author, tag = said.site.hex(), invitation_tag(said.ident)
        states = scope_states(self._members)
        public = _public(states, author)
        if public is None:
            return None
        if not signed_by(public, said.signed_text(), signature):
            return InvitationRefusal.ALTERED
        for state in states.values():
            found = state.invitations.get(tag)
            if found is not None and found.author == author:
                sealed = state.sealed.get(found.record, b"")
                try:
                    terms, _ = open_terms(said.ident, found.record, sealed)
                except FleetRefused:
                    return InvitationRefusal.UNKNOWN
                if self._leaving(terms.subject):
                    return InvitationRefusal.WAIT
                return terms.invitation(text)
        return InvitationRefusal.USED

    def _leaving(self, subject: SubjectId) -> bool:
        """True if somebody was erased here, and the fleet knows them still."""
        content = self._members.content_of(subject)
        if content is None or MemberState.decode(content).gone:
            return False
        return self._members.scope_of(subject) is None


def _public(states: Mapping[str, ScopeState], author: str) -> bytes | None:
    """The public key of an inviter, if some scope knows it."""
    found = (state.inviters.get(author) for state in states.values())
    return next((each for each in found if each is not None), None)
