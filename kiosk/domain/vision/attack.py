"""Presentation attack detection in one frame. Rules for a session are in `kiosk.domain.access`."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.surroundings import Motion, following


@dataclass(frozen=True, slots=True)
class PadResult:
    """The result of attack detection for one face in one frame.

    Attributes:
        score: 0 (attack) to 1 (bona fide), as the detector gave it.
        detector: the detector's identity and version, for the audit.
        motion: how face and surroundings moved since the frame before; None if that is not known,
            which is no evidence for or against anybody.
    """

    score: float
    detector: str
    motion: Motion | None = None

    def passes(self, threshold: float) -> bool:
        """True if this frame alone reaches the threshold; an invalid score never does."""
        return mean_score((self,)) >= threshold


ROUNDING = 1e-6
"""The most by which a share may exceed 1 in single precision."""


def mean_score(results: tuple[PadResult, ...]) -> float:
    """The mean over a run of frames; 0 for no frames: no evidence is not bona fide.

    A score outside 0 to 1 is invalid and counts as an attack.
    """
    shares = [min(result.score, 1.0) if _is_share(result.score) else 0.0 for result in results]
    return sum(shares) / len(shares) if shares else 0.0


def life(results: tuple[PadResult, ...]) -> float:
    """The evidence of a run that it is bona fide: the mean score, or 0 for a picture that is held.

    Movement only counts against a face: keeping still, or a background that does, adds nothing.
    """
    followed = following(result.motion for result in results if result.motion is not None)
    return 0.0 if followed is not None and followed.carried else mean_score(results)


def _is_share(score: float) -> bool:
    return 0.0 <= score <= 1.0 + ROUNDING
