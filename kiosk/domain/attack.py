"""Presentation attack detection: what one frame says. What a session says is in `access`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PadResult:
    """How bona fide one face looked in one frame.

    Attributes:
        score: 0 (attack) to 1 (bona fide), as the detector gave it.
        detector: the detector's identity and version, for the audit.
    """

    score: float
    detector: str


def mean_score(results: tuple[PadResult, ...]) -> float:
    """The mean over a run of frames; of no frames it is 0: no evidence is no proof of life."""
    return sum(result.score for result in results) / len(results) if results else 0.0
