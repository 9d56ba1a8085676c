"""What models and settings say about enrolling at the kiosk, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.events import EnrolmentEvent, Feedback
from kiosk.domain.people.enrolment import EnrolmentPolicy
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.domain.vision.template import SubjectId
from kiosk.people.enrolment import EnrolmentTerms
from kiosk.people.invitations import OthersInvitations


@dataclass(frozen=True, slots=True)
class SelfEnrolmentRules:
    """What models and settings say about enrolling at the kiosk.

    Attributes:
        terms: what they allow.
        policy: the conditions for a reference, by the number of references that are compared.
        door_threshold: the score from which on the door knows somebody, by the same number.
        identity_threshold: the score from which on a person is the one in a trusted picture.
        document_threshold: the same for the portrait of their identity document.
        asks_reference: true if nobody is enrolled without a photograph to compare them with.
        asks_document: true if an identity document is asked for.
        signed_answers: true if an answer code counts for its own invitation only.
        encode: a picture as a file's content.
        notice: the text and version of the consent notice in a language; None is the settings'.
        languages: those in which there are words.
    """

    terms: EnrolmentTerms
    policy: Callable[[int], EnrolmentPolicy]
    door_threshold: Callable[[int], float]
    identity_threshold: float
    document_threshold: float
    asks_reference: bool
    asks_document: bool
    signed_answers: bool
    encode: Callable[[Pixels], bytes]
    notice: Callable[[str | None], tuple[str, str]]
    languages: Collection[str]


@dataclass(frozen=True, slots=True)
class FleetTies:
    """What ties a kiosk's people to those of its fleet.

    Attributes:
        invitations: that inviters of the fleet have issued.
        withdrawn: remembers who took their consent back, and when, so that the fleet hears of it.
    """

    invitations: OthersInvitations
    withdrawn: Callable[[SubjectId, datetime], None]


class HeldBadge(Protocol):
    """What a badge and a PIN show together; see `kiosk.door.factor_checker`."""

    @property
    def subject(self) -> SubjectId | None:
        """Whose they are; None if either is wrong."""
        ...

    @property
    def paused(self) -> bool:
        """True if no PIN of theirs is checked for a while."""
        ...


@dataclass(frozen=True, slots=True)
class SelfEnrolmentListeners:
    """Callbacks of self-enrolment.

    Attributes:
        answer: passes an answer to the session.
        observe: receives each step after it was recorded.
        feedback: receives what somebody said about a result, when.
        check_badge: checks a badge and a PIN, as the door does and with the same counts.
    """

    answer: Callable[[EnrolmentEvent], None]
    observe: Callable[[NoteStep], None]
    feedback: Callable[[Feedback, Instant], None]
    check_badge: Callable[[str, str], HeldBadge]
