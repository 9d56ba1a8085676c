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


ROUNDING = 1e-6
"""By so much a share may pass 1 through single precision."""


def mean_score(results: tuple[PadResult, ...]) -> float:
    """The mean over a run of frames; of no frames it is 0: no evidence is no proof of life.

    A score that is no share of 1 was not understood and counts as an attack.
    """
    shares = [min(result.score, 1.0) if _is_share(result.score) else 0.0 for result in results]
    return sum(shares) / len(shares) if shares else 0.0


def _is_share(score: float) -> bool:
    return 0.0 <= score <= 1.0 + ROUNDING
