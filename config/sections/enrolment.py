"""Settings of enrolment."""

from __future__ import annotations

from enum import Enum

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.enrolment.document import DocumentKind
from kiosk.domain.people.enrolment import EnrolmentPolicy


class Identity(Enum):
    """What somebody who enrols at the kiosk is compared with."""

    NONE = "none"
    """Whoever holds the invitation is taken for the person invited."""
    REFERENCE = "reference"
    """The photograph that was sealed with the invitation."""
    DOCUMENT = "document"
    """The portrait of an identity document that they hold to the camera."""


class EnrolmentSettings(Section):
    """Number and similarity of references; the quality gates are those of access."""

    max_references: int = Field(6, ge=1, le=20)
    """References per person; the best views are kept (R20)."""
    min_references: int = Field(1, ge=1, le=20)
    """With fewer, the person is not enrolled."""
    same_person_threshold: float = Field(0.0, ge=0.0, le=0.95)
    """Comparison score of a picture with the others of its subject; it can only raise that of the
    model pack."""
    duplicate_threshold: float = Field(0.95, ge=0.4, le=0.95)
    """Score with another person's reference from which on a human has to decide (R27); the door's
    own threshold where that is lower."""
    at_kiosk: bool = True
    """Whether people who are invited may enrol themselves at the kiosk."""
    poses_required: int = Field(3, ge=1, le=5)
    """Directions of the head in which a view is needed there; an admin may ask for fewer (R20)."""
    identity: Identity = Identity.NONE
    """What somebody who enrols is compared with; an invitation's photograph always is (R26)."""
    identity_threshold: float = Field(0.0, ge=0.0, le=0.95)
    """Comparison score with that picture; it can only raise the model pack's own."""
    documents: tuple[DocumentKind, ...] = Field(
        (DocumentKind.PASSPORT, DocumentKind.ID_CARD), min_length=1, max_length=len(DocumentKind)
    )
    """The kinds of documents that count (R30)."""
    document_threshold: float = Field(0.0, ge=0.0, le=0.95)
    """Comparison score with a document's portrait; it can only raise the model pack's own."""
    document_zone_required: bool = True
    """Where the extra `document` is installed: whether whoever shows a document whose
    machine-readable zone cannot be read is sent to reception, or its portrait alone counts."""
    keep_picture: bool = False
    """Whether people are asked if an encrypted picture of them may be kept (R32)."""
    signed_answers: bool = False
    """Whether the sheet's codes for yes and no count for its own invitation only."""
    notice_version: str = Field("1", min_length=1, max_length=20)
    """Of the consent notice; raise it with every change of its words."""
    max_image_bytes: int = Field(20_000_000, ge=10_000, le=200_000_000)
    """A larger file is refused."""

    @model_validator(mode="after")
    def _ordered(self) -> EnrolmentSettings:
        if self.min_references > self.max_references:
            raise ValueError("min_references must not exceed max_references")
        return self

    def policy(self, pad_threshold: float, same_person: float, door: float) -> EnrolmentPolicy:
        """The settings as a domain object.

        Args:
            pad_threshold: the attack threshold of the door.
            same_person: the threshold of the model pack.
            door: the decision threshold; whoever the door would take for somebody enrolled is
                noticed when they enrol.
        """
        return EnrolmentPolicy(
            max_references=self.max_references,
            min_references=self.min_references,
            pad_threshold=pad_threshold,
            same_person_threshold=max(same_person, self.same_person_threshold),
            duplicate_threshold=min(door, self.duplicate_threshold),
        )
