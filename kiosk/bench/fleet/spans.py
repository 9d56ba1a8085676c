"""How many frames were looked at within a span of time, and how many should have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A span of monotonic seconds."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.ended - self.began

    def frames(self, looked_at: Sequence[float], offered: float) -> dict[str, Any]:
        """The frames of this span.

        Args:
            looked_at: when each frame of the whole run was done with, rising.
            offered: frames a second of the camera.
        """
        within = [at for at in looked_at if self.began <= at <= self.ended]
        seconds = self.seconds
        gaps = [after - before for before, after in pairwise(within)]
        return {
            "seconds": round(seconds, 2),
            "frames_per_second": round(len(within) / seconds, 1),
            "lost_share": round(max(0.0, 1 - len(within) / (offered * seconds)), 3),
            "longest_gap_ms": round(1000 * max(gaps), 1) if gaps else None,
        }
