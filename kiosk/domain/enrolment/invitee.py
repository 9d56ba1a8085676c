"""Who asks to enrol, or for their data, and by what right. No invitation is kept in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE
from kiosk.domain.vision.template import SubjectId


class Proof(Enum):
    """What shows that a person may enrol, or may see their data."""

    INVITATION = "invitation"
    ADMIN = "admin"
    """An admin stands beside them, and has typed the admin PIN."""
    BADGE = "badge"
    """Their badge with its PIN."""
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person who may enrol; one who is enrolled gets no more than their data.

    Attributes:
        subject: their id.
        proof: what showed that.
        invitation: the id of their invitation; None if none was shown.
        enrolled: true if they are enrolled already.
        language: the language of their invitation; None for that of the settings.
        asks_document: true if they have to show an identity document.
        yes_code: the text that answers yes; the signed form where the settings ask for it.
        no_code: the text that answers no.
    """

    subject: SubjectId
    proof: Proof
    invitation: str | None = field(default=None, repr=False)
    enrolled: bool = False
    language: str | None = None
    asks_document: bool = False
    yes_code: str = field(default=YES_CODE, repr=False)
    no_code: str = field(default=NO_CODE, repr=False)
