"""Every change that the people service makes, for tests of what happens around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from doorway import MEASURES
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, template

from kiosk.domain.people.enrolment import EnrolmentOutcome, EnrolmentPolicy, Sample, assess
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.quality import QualityAssessment
from kiosk.domain.vision.template import SubjectId
from kiosk.people.enrolment import Assess, EnrolmentTerms, Newcomer
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome

PIN, OTHER_PIN, DURESS = "471180619253", "930847119253", "806147119253"
TERMS = EnrolmentTerms(SPACE, most=10)
POLICY = EnrolmentPolicy(
    max_references=3,
    min_references=1,
    pad_threshold=0.5,
    same_person_threshold=0.6,
    duplicate_threshold=0.7,
)


def sample(seed: int, pad: float = 1.0) -> Sample:
    """A view of the person of that seed; the same seed is the same face."""
    quality = QualityAssessment(MEASURES, ())
    return Sample(f"view-{seed}", quality, PadResult(pad, "detector/1"), template(seed))


def by_gates(samples: Sequence[Sample]) -> Assess:
    """What the gates of enrolment say to these samples."""

    def gates(gallery: Gallery) -> EnrolmentOutcome:
        return assess(samples, gallery, POLICY)

    return gates


def newcomer(subject: SubjectId = CHEN, name: str | None = "Chenxi") -> Newcomer:
    """Somebody who agreed."""
    return Newcomer(subject, AGREED, name)


def _enrol(people: PeopleService) -> None:
    people.enrol(newcomer(), TERMS, by_gates([sample(30)]))


CHANGES: dict[str, Callable[[PeopleService], object]] = {
    "enrolment": _enrol,
    "erased": lambda people: people.erase(ANNA),
    "rules_changed": lambda people: people.allow(ANNA, {"valid_until": date(2027, 1, 31)}),
    "pin_set": lambda people: people.set_pin(ANNA, OTHER_PIN),
    "pin_removed": lambda people: people.remove_pin(ANNA),
    "badge_issued": lambda people: people.issue_badge(people.draw_badge(ANNA)),
    "badge_revoked": lambda people: people.revoke_badge(ANNA),
}
"""By the event that the journal has first. Anna has a PIN and a badge; Chen is nobody yet."""


def settle(path: Path) -> Path:
    """A home with Anna, who has a PIN and a badge, and with Boris."""
    with OpenHome.open(path) as open_home:
        people = PeopleService(open_home)
        for subject, seed in ((ANNA, 10), (BORIS, 20)):
            people.enrol(newcomer(subject, None), TERMS, by_gates([sample(seed)]))
        people.set_pin(ANNA, PIN)
        people.issue_badge(people.draw_badge(ANNA))
    return path
