"""Who asks to enrol, or for their data. No invitation is kept in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person who may enrol; one who is enrolled gets no more than their data.

    Attributes:
        subject: their id.
        invitation: the id of their invitation; None if none was shown.
        enrolled: true if they are enrolled already.
        language: the language of their invitation; None for that of the settings.
        cloud: true if they are enrolled, and agreed to be matched by Amazon Rekognition.
        asks_document: true if they have to show an identity document.
        yes_code: the text that answers yes; the signed form where the settings ask for it.
        no_code: the text that answers no.
    """

    subject: SubjectId
    invitation: str | None = field(default=None, repr=False)
    enrolled: bool = False
    language: str | None = None
    cloud: bool = False
    asks_document: bool = False
    yes_code: str = field(default=YES_CODE, repr=False)
    no_code: str = field(default=NO_CODE, repr=False)
