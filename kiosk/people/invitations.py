"""The service for invitations: made, listed and revoked by admins, judged at the kiosk.

Every change is recorded before it is made. A code that is shown counts once a session: the attempt
is counted, durably, before anybody is asked anything.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE, signed_answer
from kiosk.domain.enrolment.invitation import (
    ID_BYTES,
    Invitation,
    InvitationCode,
    InvitationRefusal,
    InvitationState,
    binding,
    judge_code,
    judge_invitation,
    read_code,
)
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import (
    InvitationIssued,
    InvitationNotCounted,
    InvitationPresented,
    InvitationRemoved,
    InvitationRevoked,
)
from kiosk.people.rules import refuse_group
from kiosk.store.open_home import OpenHome
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.subjects import given_name, subject_id
from kiosk.store.secrets.keys import FileKey
from kiosk.store.secrets.site_key import SiteKey
from kiosk.store.written_down import written_down

KEPT_AFTER = timedelta(days=30)
"""How long an invitation that no longer counts is kept, so that its code has a proper answer."""

REFUSALS_A_MINUTE = 10
"""Codes that do not count, and are answered and recorded; more in one minute are ignored."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class InvitationWish:
    """What an admin wants of an invitation. Never printed.

    Attributes:
        subject: whom to invite.
        life: how long it counts.
        given_name: for the greeting; None for none.
        language: ISO 639-1 code of the language to begin in.
        groups: whose doors and times will be theirs.
        valid_until: the last day on which they may enter; None for no limit.
        photo: a photograph to compare them with, as a file's content; None for none.

    Raises:
        BadInput: the id, the name or a group is not valid.
    """

    subject: SubjectId
    life: timedelta
    given_name: str | None = None
    language: str = "en"
    groups: tuple[str, ...] = ()
    valid_until: date | None = None
    photo: bytes | None = None

    def __post_init__(self) -> None:
        subject_id(self.subject)
        given_name(self.given_name)
        for group in self.groups:
            refuse_group(group)

    def __repr__(self) -> str:
        return "InvitationWish(<hidden>)"


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """A new invitation, with the text of its code. Never printed."""

    invitation: Invitation
    text: str

    def __repr__(self) -> str:
        return "IssuedInvitation(<hidden>)"


class OthersInvitations(Protocol):
    """Invitations that others than this kiosk have issued; see `kiosk.fleet.inviting.shared`."""

    def judge(self, text: str) -> Invitation | InvitationRefusal | None:
        """The invitation of a code; or why it does not count; None where it is none of theirs."""
        ...


class InvitationService:
    """The invitations of one home. Any thread may call it; callers take turns.

    Args:
        open_home: holds people and journal.
        others: invitations of the fleet; None for a kiosk without one.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, open_home: OpenHome, others: OthersInvitations | None = None) -> None:
        self._open_home, self._others = open_home, others
        self._invitations = Invitations(open_home.references)
        self._key = SiteKey(FileKey(open_home.home))
        self._refused: list[datetime] = []
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return "InvitationService(<hidden>)"

    def issue(self, wish: InvitationWish) -> IssuedInvitation:
        """Make an invitation. Somebody who is enrolled may be invited: it opens "My data".

        Raises:
            JournalUnwritable, StoreError: it was not made.
        """
        ident, now = secrets.token_bytes(ID_BYTES), self._open_home.utc()
        expires_at = (now + wish.life).replace(microsecond=0)
        invitation = Invitation(
            ident=ident.hex(),
            subject=wish.subject,
            issued_at=now,
            expires_at=expires_at,
            given_name=given_name(wish.given_name),
            language=wish.language,
            groups=wish.groups,
            valid_until=wish.valid_until,
        )
        stamp = int(expires_at.timestamp())
        code = InvitationCode(
            ident, binding(ident, wish.subject), self._key.site, stamp, wish.language
        )
        event = InvitationIssued(
            invitation.ident,
            wish.subject,
            expires_at.isoformat(),
            wish.groups,
            wish.photo is not None,
        )
        with self._turn, written_down(self._open_home, event, wish.subject):
            self._invitations.add(invitation, wish.photo)
        return IssuedInvitation(invitation, code.text(self._key.sign(code.signed_text())))

    def all(self) -> Sequence[Invitation]:
        """Every invitation that is kept, the newest first.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        return self._invitations.all()

    def get(self, ident: str) -> Invitation:
        """The invitation with that id.

        Raises:
            BadInput: there is none.
            StoreError: the record was changed or moved, or cannot be read now.
        """
        return self._invitations.get(ident)

    def revoke(self, ident: str) -> Invitation:
        """End an invitation; returns it as it is now.

        Raises:
            BadInput: there is none with that id, or it is not open.
            JournalUnwritable, StoreError: it still counts.
        """
        with self._turn:
            kept = _revoked(self._invitations.get(ident))
            event = InvitationRevoked(ident, kept.subject)
            with written_down(self._open_home, event, kept.subject):
                return self._invitations.amend(ident, _revoked)

    def reopen(self, before: Invitation) -> None:
        """Let an invitation count again whose enrolment was undone, unless it had a photograph.

        Args:
            before: the invitation as it was before the enrolment.

        Raises:
            BadInput, StoreError: it stays used up.
        """
        with self._turn:
            self._invitations.reopen(before)

    def present(self, text: str) -> Invitation | InvitationRefusal | None:
        """Judge a code that somebody shows, and count the session that it begins.

        Returns:
            The invitation, with this session counted; or why it does not count; or None where so
            many codes were refused lately that this one is ignored.

        Raises:
            JournalUnwritable, StoreError: nothing may begin.
        """
        now = self._open_home.utc()
        with self._turn:
            said = self._judged(text)
            if isinstance(said, InvitationRefusal):
                return self._refuse(said, None, now)
            kept = self._invitations.find(said.ident.hex())
            refusal = judge_invitation(said, kept, now)
            if refusal is None:  # no clock that was set back makes it good again
                refusal = judge_invitation(said, kept, max(now, self._latest()))
            if kept is None or refusal is not None:
                known = None if kept is None else kept.ident
                return self._refuse(refusal or InvitationRefusal.UNKNOWN, known, now)
            event = InvitationPresented(kept.ident, kept.subject, kept.attempts + 1)
            try:
                with written_down(self._open_home, event, kept.subject):
                    return self._invitations.amend(kept.ident, lambda it: _counted(it, now))
            except BadInput:  # another process has ended or removed it in this moment
                return self._refuse(InvitationRefusal.REVOKED, kept.ident, now)

    def _latest(self) -> datetime:
        """The time of the journal's latest entry, UTC."""
        return datetime.fromtimestamp(self._open_home.journal.latest_ms() / 1000, UTC)

    def answer_codes(self, ident: str) -> tuple[str, str]:
        """The texts of the codes for yes and for no that count for one invitation only.

        Args:
            ident: the invitation's id.
        """
        kept = self._invitations.find(ident)
        if kept is not None and kept.answers is not None:
            return kept.answers
        yes, no = (self._answer_code(plain, ident) for plain in (YES_CODE, NO_CODE))
        return yes, no

    def _answer_code(self, plain: str, ident: str) -> str:
        signature = self._key.sign(signed_answer(plain, ident))
        return f"{plain}:{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def photo(self, invitation: Invitation) -> bytes | None:
        """The photograph to compare the person with, as a file's content; None if there is none.

        Raises:
            StoreError: it was changed or moved, or cannot be read now.
        """
        return self._invitations.photo(invitation.ident)

    def tidy(self) -> int:
        """Remove what no longer counts: photographs at once, invitations after `KEPT_AFTER`.

        Returns:
            How many invitations were removed or lost their photograph.

        Raises:
            JournalUnwritable, StoreError: some may be left.
        """
        now, done = self._open_home.utc(), 0
        with self._turn:
            for kept in self._invitations.all():
                if kept.expires_at <= now - KEPT_AFTER:
                    self._open_home.recorder.note(InvitationRemoved(kept.ident))
                    self._invitations.remove(kept)
                elif kept.has_photo and kept.expires_at <= now:
                    self._open_home.recorder.note(InvitationRemoved(kept.ident, wholly=False))
                    self._invitations.amend(kept.ident, _without_photo)
                else:
                    continue
                done += 1
        return done

    # -- internals -------------------------------------------------------------------------------

    def _judged(self, text: str) -> InvitationCode | InvitationRefusal:
        """What a code of this kiosk, or of its fleet, says; one of the fleet is kept from now on.

        The fleet is asked each time: it may have been used at another kiosk since.
        """
        theirs = None if self._others is None else self._others.judge(text)
        if theirs is None:
            return judge_code(text, self._key.site, self._key.signed)
        if isinstance(theirs, InvitationRefusal):
            return theirs
        if self._invitations.find(theirs.ident) is None:
            expires = theirs.expires_at.isoformat()
            event = InvitationIssued(theirs.ident, theirs.subject, expires, theirs.groups)
            with written_down(self._open_home, event, theirs.subject):
                self._invitations.add(theirs)
        read = read_code(text)
        return InvitationRefusal.UNREADABLE if read is None else read[0]

    def _refuse(
        self, reason: InvitationRefusal, ident: str | None, now: datetime
    ) -> InvitationRefusal | None:
        """Record a refusal; None where there were too many of them in the last minute."""
        recent = [at for at in self._refused if now - _MINUTE < at <= now]
        if len(recent) >= REFUSALS_A_MINUTE:
            return None
        self._refused = [*recent, now]
        self._open_home.recorder.note(InvitationNotCounted(reason, ident))
        return reason


def _revoked(kept: Invitation) -> Invitation:
    if kept.state is not InvitationState.OPEN:
        raise BadInput(
            f"Invitation {kept.ident} is {kept.state.value} already.", "Nothing is to be done."
        )
    return kept.ended(InvitationState.REVOKED)


def _counted(kept: Invitation, now: datetime) -> Invitation:
    """The invitation with one more session; raises BadInput if it was ended meanwhile."""
    if kept.state is not InvitationState.OPEN:
        raise BadInput(f"Invitation {kept.ident} ended just now.", "Make a new one.")
    return replace(kept, attempts=kept.attempts + 1, attempted_at=now)


def _without_photo(kept: Invitation) -> Invitation:
    return replace(kept, has_photo=False)
