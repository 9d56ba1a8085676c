"""Quality limits of a face (R1 to R10). They can be tightened, and loosened only within bounds."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.vision.quality import QualityBounds


class QualitySettings(Section):
    """Limits of the measures in `kiosk.domain.vision.quality`."""

    max_yaw: float = Field(25.0, gt=0, le=45.0)
    """Degrees to either side (R2)."""
    min_pitch: float = Field(-25.0, ge=-30.0, lt=0)
    """Degrees; negative looks down (R3)."""
    max_pitch: float = Field(25.0, gt=0, le=45.0)
    """Degrees (R3)."""
    max_roll: float = Field(25.0, gt=0, le=45.0)
    """Degrees to either side."""
    min_size_px: float = Field(50.0, ge=50.0, le=1000.0)
    """Shorter side of the face in pixels of the frame (R8)."""
    min_sharpness: float = Field(15.0, ge=15.0, lt=100.0)
    """0 to 100 (R4)."""
    min_brightness: float = Field(15.0, ge=15.0, lt=100.0)
    """0 to 100 (R5)."""
    max_brightness: float = Field(90.0, gt=15.0, le=100.0)
    """0 to 100 (R5)."""
    max_noise: float = Field(25.0, gt=0.0, le=25.0)
    """Noise on the face in 8-bit units; beyond 25 attack detection was not calibrated."""
    max_overexposed: float = Field(0.5, gt=0.0, le=1.0)
    """Share of the face without detail at the bright end (R5)."""
    max_eyes_closed: float = Field(0.65, gt=0.0, lt=1.0)
    """Closure of the more open eye (R6)."""
    max_sunglasses: float = Field(0.62, gt=0.0, lt=1.0)
    """How likely dark glasses hide the eyes (R7)."""
    max_mask: float = Field(0.67, gt=0.0, lt=1.0)
    """How likely something covers mouth or nose (R9)."""

    @model_validator(mode="after")
    def _ordered(self) -> QualitySettings:
        if self.min_brightness >= self.max_brightness:
            raise ValueError("min_brightness must be less than max_brightness")
        return self

    def bounds(self) -> QualityBounds:
        """The settings as a domain object."""
        return QualityBounds(**self.model_dump())
