"""Settings for the certainty of an identification."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section
from kiosk.domain.access.policy import MatchPolicy


class MatchSettings(Section):
    """The decision threshold is derived from these, the gallery's size and the calibration."""

    target_fpir: float = Field(0.005, gt=0.0, le=0.01)
    """Chance that a stranger is taken for anybody enrolled in one visit; lower is stricter."""
    floor: float = Field(0.0, ge=0.0, le=0.95)
    """No decision threshold is lower than this cosine; higher is stricter. It can only raise the
    model pack's own floor."""
    margin: float = Field(0.06, ge=0.0, le=0.5)
    """How far the best person must lead the second person; higher is stricter."""
    site_shift: float = Field(0.0, ge=0.0, le=0.3)
    """Added to every score of the model pack's calibration; `kiosk calibrate` measures it on this
    site's people. Higher is stricter."""

    def policy(self, tries: int) -> MatchPolicy:
        """The settings as a domain object.

        Args:
            tries: sessions of a visit before the lockout.
        """
        return MatchPolicy(self.target_fpir, self.floor, self.margin, tries, self.site_shift)
