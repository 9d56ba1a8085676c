"""Settings of enrolment."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.people.enrolment import EnrolmentPolicy


class EnrolmentSettings(Section):
    """Number and similarity of references; the quality gates are those of access."""

    max_references: int = Field(6, ge=1, le=20)
    """References per person; the best views are kept (R20)."""
    min_references: int = Field(1, ge=1, le=20)
    """With fewer, the person is not enrolled."""
    same_person_threshold: float = Field(0.5, ge=0.3, le=0.95)
    """Comparison score of a picture with the others of its subject."""
    duplicate_threshold: float = Field(0.62, ge=0.4, le=0.95)
    """Score with another person's reference from which on a human has to decide (R27)."""
    max_image_bytes: int = Field(20_000_000, ge=10_000, le=200_000_000)
    """A larger file is refused."""

    @model_validator(mode="after")
    def _ordered(self) -> EnrolmentSettings:
        if self.min_references > self.max_references:
            raise ValueError("min_references must not exceed max_references")
        return self

    def policy(self, pad_threshold: float) -> EnrolmentPolicy:
        """The settings as a domain object; the attack threshold is that of the door."""
        return EnrolmentPolicy(
            max_references=self.max_references,
            min_references=self.min_references,
            pad_threshold=pad_threshold,
            same_person_threshold=self.same_person_threshold,
            duplicate_threshold=self.duplicate_threshold,
        )
