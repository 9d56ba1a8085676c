"""What a service says of a face that was sent to it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one question.

    Attributes:
        candidates: the best and the second person, in the space of the service's face model.
        seen: False if the service's quality filter took no face.
    """

    candidates: CandidateList
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whom a service takes a face for, and which frame it was shown.

    Attributes:
        candidates: the best and the second person, in the service's own space.
        asked_about: capture time of the frame that was sent.
    """

    candidates: CandidateList
    asked_about: Instant
