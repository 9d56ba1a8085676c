"""A mark that somebody of the fleet took their consent back here: the fleet hears of it next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from kiosk.domain.enrolment.invitation import InvitationState
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import MemberState
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.members import Members


def mark_withdrawn(
    members: Members, invitations: Invitations, subject: SubjectId, at: datetime
) -> None:
    """Remember that a person took their consent back, before they are erased here.

    Whoever enrolled here just now is marked as well: the fleet may have heard of them already.

    Raises:
        StoreError: it could not be made durable; nobody is marked.
    """
    for kept in invitations.all():
        if kept.subject == subject and kept.code and kept.state is InvitationState.USED:
            invitations.amend(kept.ident, lambda it: replace(it, withdrawn_at=at))
    if members.scope_of(subject) is not None:
        members.amend(subject, lambda content: _marked(content, at))


def withdrawals(
    members: Mapping[SubjectId, MemberState], invitations: Invitations
) -> Mapping[SubjectId, datetime]:
    """Who took their consent back here, and when last, UTC.

    Args:
        members: what is known of each member of a scope.
        invitations: that were shown here.

    Raises:
        StoreError: a record was changed or moved, or cannot be read now.
    """
    found = {who: it.withdrawn for who, it in members.items() if it.withdrawn is not None}
    for kept in invitations.all():
        if kept.withdrawn_at is not None:
            known = found.get(kept.subject, kept.withdrawn_at)
            found[kept.subject] = max(known, kept.withdrawn_at)
    return found


def _marked(content: bytes, at: datetime) -> bytes:
    known = MemberState.decode(content)
    return content if known.gone else replace(known, withdrawn=at).encode()
