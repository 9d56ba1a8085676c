"""People read from a home that nobody has opened: nothing is created, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.open_home import references_of
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.person import EnrolledPerson
from kiosk.store.people.subjects import unknown


def invitations_of(home: Home) -> Sequence[Invitation]:
    """All invitations that are kept, the newest first; none if there is no database yet.

    Raises:
        StoreError: key or database are not in order.
    """
    with references_of(home) as references:
        return () if references is None else Invitations(references).all()


def people_of(home: Home) -> Sequence[EnrolledPerson]:
    """All enrolled people; none if there is no database yet.

    Raises:
        StoreError: key or database are not in order.
    """
    with references_of(home) as references:
        return () if references is None else references.people()


def person_of(home: Home, subject: SubjectId) -> EnrolledPerson:
    """One enrolled person.

    Raises:
        SubjectUnknown: nobody with this id is enrolled.
        StoreError: key or database are not in order.
    """
    with references_of(home) as references:
        if references is None:
            raise unknown(subject)
        return references.show(subject)
