"""One enrolment: who is enrolled, on which terms, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.access.policy import GalleryRoom
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import EnrolmentOutcome
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.people.elsewhere.port import TakeViews
from kiosk.store.people.subjects import given_name, subject_id

Assess = Callable[[Gallery], EnrolmentOutcome]
"""Selects the references of a newcomer, given everybody who is enrolled already."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The person who is enrolled, with their consent. Never printed.

    Attributes:
        subject: their id, not in use yet.
        consent: the consent they gave.
        given_name: for the greeting; None for none.
        different_person: True if somebody has seen that they are not the enrolled person they
            resemble; both are asked for a second factor from then on.
        rules: what they may do; None for what everybody may.
        invitation: the id of the invitation that is used up by it; None for none.
        picture: of their face, if they agreed that one is kept; as a file's content.
        views: gives pictures for a service elsewhere, if they agreed to it; None for none.
        photo: a trusted photograph of them, as a file's content; None for none.

    Raises:
        BadInput: the id or the name is not valid.
    """

    subject: SubjectId
    consent: Consent
    given_name: str | None = None
    different_person: bool = False
    rules: PersonRules | None = None
    invitation: str | None = None
    picture: bytes | None = None
    views: TakeViews | None = None
    photo: bytes | None = None

    def __post_init__(self) -> None:
        subject_id(self.subject)
        given_name(self.given_name)

    def __repr__(self) -> str:
        return "Newcomer(<hidden>)"


@dataclass(frozen=True, slots=True)
class EnrolmentTerms:
    """What a kiosk's models and settings allow.

    Attributes:
        space: the embedding space of its templates.
        most: the most people.
        duplicate_threshold: a score from which on two people resemble each other.
        most_references: of one person.
        same_person: a score from which on two templates are of one person.
    """

    space: SpaceId
    most: int
    duplicate_threshold: float = 1.0
    most_references: int = 6
    same_person: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """What came of an enrolment.

    Attributes:
        subject: the newcomer's id.
        outcome: the samples that became references, none if nobody was enrolled; and the others.
        room: the room for references after it.
    """

    subject: SubjectId
    outcome: EnrolmentOutcome
    room: GalleryRoom

    @property
    def references(self) -> int:
        """The number of references made; 0 if nobody was enrolled."""
        return len(self.outcome.accepted)
