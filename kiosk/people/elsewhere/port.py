"""The port to a service elsewhere that is to know people's faces too, such as Rekognition.

It never holds up what is done here for long, and its absence prevents nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import Sample
from kiosk.domain.vision.template import SubjectId

TakeViews = Callable[[Sequence[Sample]], Sequence[FacePicture]]
"""The pictures of samples that were accepted, the best first; in memory only."""


class ElsewhereVerdict(Enum):
    """What the service says of a person's pictures."""

    FITS = "fits"
    LATER = "later"
    """It does not answer now: it is asked again later."""
    POOR_VIEW = "poor_view"
    DIFFERS = "differs"
    """They are not of the person on the trusted photograph, or of the person before."""
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class ElsewhereAnswer:
    """What the service says.

    Attributes:
        verdict: in a word.
        duplicate_of: whom they resemble; the id there, if nobody here has it.
    """

    verdict: ElsewhereVerdict
    duplicate_of: SubjectId | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ElsewhereRequest:
    """A person whom the service is asked about. Never printed.

    Attributes:
        subject: their id.
        consent: the consent that names the service.
        pictures: of their face, the best first.
        photo: a trusted photograph of them, as a file's content; None for none.
        different_person: True if somebody has seen that they are not whom they resemble.
        adding: True if the pictures are for those before, and not in their place.
    """

    subject: SubjectId
    consent: Consent
    pictures: tuple[FacePicture, ...] = field(repr=False)
    photo: bytes | None = field(default=None, repr=False)
    different_person: bool = False
    adding: bool = False


class Elsewhere(Protocol):
    """A service elsewhere. No method raises an error of the service's, or waits for it for long."""

    def judge(self, request: ElsewhereRequest) -> ElsewhereAnswer:
        """What it says of a person, before anything is kept of them."""
        ...

    def kept(self, subject: SubjectId) -> None:
        """Their references are kept here now: what was judged is to be known there, soon."""
        ...
