"""Synthetic people for tests of what a kiosk keeps: random unit vectors, never anybody's face."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from kiosk.domain.access.factors import Factors
from kiosk.domain.audit import AuditEntry
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.store.people.references import References

SPACE = SpaceId("test-space/1")
ANNA, BORIS, CHEN = SubjectId("s-1001"), SubjectId("s-1002"), SubjectId("s-1003")
AGREED = Consent("I agree to the form of May, version three", datetime(2026, 5, 4, 9, tzinfo=UTC))


def template(seed: int, space: SpaceId = SPACE, dimensions: int = 512) -> Template:
    """(dimensions,) of unit length, the same for the same seed."""
    vector = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    return Template(vector / np.linalg.norm(vector), space)


def entry(number: int) -> AuditEntry:
    """Something that happened, different for each number."""
    minute, second = divmod(number % 3600, 60)
    at = f"2026-05-04T09:{minute:02}:{second:02}+00:00"
    return AuditEntry(at, "decision", {"granted": number % 2 == 0, "count": number, "pad": 0.5})


def allow(references: References, subject: SubjectId, rules: PersonRules) -> None:
    """Agree on other rules with somebody."""
    references.amend(subject, lambda profile: replace(profile, rules=rules))


def set_factors(references: References, subject: SubjectId, factors: Factors) -> None:
    """Ask somebody for something else."""
    references.amend(subject, lambda profile: replace(profile, factors=factors))
