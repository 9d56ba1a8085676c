"""Who may begin a session: whom an invitation names, or whom an admin beside them vouches for."""

from __future__ import annotations

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE
from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.vision.template import SubjectId
from kiosk.people.invitations import InvitationService
from kiosk.people.service import PeopleService
from kiosk.store.people.person import EnrolledPerson


class Invitees:
    """Makes invitees of people.

    Args:
        people: who is enrolled.
        invitations: signs the answer codes of an invitation.
        asks_document: true if people who enrol have to show an identity document.
        signed_answers: true if an answer code counts for its own invitation only.
    """

    def __init__(
        self,
        people: PeopleService,
        invitations: InvitationService,
        *,
        asks_document: bool,
        signed_answers: bool,
    ) -> None:
        self._people = people
        self._invitations = invitations
        self._asks_document = asks_document
        self._signed_answers = signed_answers

    def of(self, subject: SubjectId, invitation: Invitation | None) -> Invitee:
        """A person who has shown who they are.

        Args:
            subject: their id.
            invitation: theirs, if there is one; it is used up once they are enrolled.

        Raises:
            StoreError: it cannot be read whether they are enrolled.
        """
        person = self._person(subject)
        enrolled = person is not None
        yes, no = self._answer_codes(invitation)
        return Invitee(
            subject,
            None if invitation is None else invitation.ident,
            enrolled=enrolled,
            language=None if invitation is None else invitation.language,
            cloud=person is not None and person.profile.consent.cloud,
            asks_document=self._asks_document and not enrolled,
            yes_code=yes,
            no_code=no,
        )

    def _person(self, subject: SubjectId) -> EnrolledPerson | None:
        try:
            return self._people.person(subject)
        except SubjectUnknown:
            return None

    def _answer_codes(self, invitation: Invitation | None) -> tuple[str, str]:
        """The codes that answer; without an invitation there are no signed ones, so none counts."""
        if not self._signed_answers:
            return YES_CODE, NO_CODE
        return ("", "") if invitation is None else self._invitations.answer_codes(invitation.ident)
