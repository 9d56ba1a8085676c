"""A mark that somebody of the fleet took their consent back here: the fleet hears of it next."""

from __future__ import annotations

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


def withdrawn_at(members: Members, invitations: Invitations, subject: SubjectId) -> datetime | None:
    """When a person took their consent back here last, UTC; None if they did not.

    Raises:
        StoreError: a record was changed or moved, or cannot be read now.
    """
    content = members.content_of(subject)
    marks = [None if content is None else MemberState.decode(content).withdrawn]
    marks += [kept.withdrawn_at for kept in invitations.all() if kept.subject == subject]
    return max((at for at in marks if at is not None), default=None)


def _marked(content: bytes, at: datetime) -> bytes:
    known = MemberState.decode(content)
    return content if known.gone else replace(known, withdrawn=at).encode()
