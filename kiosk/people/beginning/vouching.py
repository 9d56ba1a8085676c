"""An admin stands beside somebody, and begins their session: with an invitation or without one.

Whoever types the admin PIN is asked nothing more about who they are. The person's own consent is
asked for as ever, and the same gates, comparisons and rules apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.domain.enrolment.invitation import Invitation, InvitationState
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.errors import Refused
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import EnrolmentVouched
from kiosk.people.beginning.invitees import Invitees
from kiosk.people.invitations import InvitationService
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.store.people.subjects import subject_id


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """Somebody whom an admin can choose, by an id that tells nobody else who it is.

    Attributes:
        subject: their id.
        enrolled: true if they are enrolled, so that they get no more than their data.
    """

    subject: SubjectId
    enrolled: bool


class Vouching:
    """Begins sessions of people whom an admin vouches for. Any thread may call it.

    Args:
        open_home: holds people and journal.
        needs_photo: true if nobody is enrolled without a photograph to compare them with.
        signed_answers: true if an answer code counts for its own invitation only.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, open_home: OpenHome, *, needs_photo: bool, signed_answers: bool) -> None:
        self._open_home = open_home
        self._people = PeopleService(open_home)
        self._invitations = InvitationService(open_home)
        self._needs_photo = needs_photo
        self._invitees = Invitees(
            self._people, self._invitations, asks_document=False, signed_answers=signed_answers
        )

    def known(self) -> Sequence[KnownSubject]:
        """Everybody with an open invitation, the newest first, and then everybody enrolled.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        enrolled = [person.subject for person in self._people.people()]
        invited = dict.fromkeys(invitation.subject for invitation in self._open())
        return (
            *(KnownSubject(it, enrolled=False) for it in invited if it not in enrolled),
            *(KnownSubject(it, enrolled=True) for it in enrolled),
        )

    def vouch(self, text: str) -> Invitee:
        """Vouch for somebody; recorded before it counts.

        An open invitation of theirs gives the name, the groups and the photograph, and is used up
        once they are enrolled. The attempts at its code are not counted: no code was shown.

        Args:
            text: their id, as it was typed.

        Raises:
            BadInput: it is no id.
            Refused: they would have to be compared with a photograph, and there is none.
            JournalUnwritable, StoreError: nothing may begin.
        """
        subject = subject_id(text)
        invitation = next((it for it in self._open() if it.subject == subject), None)
        invitee = self._invitees.of(subject, invitation)
        if self._needs_photo and not (invitee.enrolled or (invitation and invitation.has_photo)):
            raise Refused(
                f"{subject} has to be compared with a photograph, and there is none.",
                "Invite them with one.",
            )
        self._open_home.recorder.note(EnrolmentVouched(subject, invitee.invitation))
        return invitee

    def _open(self) -> Sequence[Invitation]:
        """The invitations that count, the newest first."""
        now = self._open_home.utc()
        return [
            it
            for it in self._invitations.all()
            if it.state is InvitationState.OPEN and now < it.expires_at
        ]
