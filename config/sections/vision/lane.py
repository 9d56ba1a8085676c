"""Settings of the lane: the image area where a face counts."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.oval import PROPORTION
from kiosk.domain.vision.tracking import TrackingPolicy

ROUNDING = 1e-9


class LaneSettings(Section):
    """An oval of a face's proportions (3 wide, 4 high) in the image; the screen draws it.

    Sizes are shares of the frame's shorter side, so they also fit a rotated camera.
    """

    centre_x: float = Field(0.5, ge=0.0, le=1.0)
    """Middle of the lane, share of the frame's width."""
    centre_y: float = Field(0.5, ge=0.0, le=1.0)
    """Middle of the lane, share of the frame's height."""
    height: float = Field(0.9, ge=0.2, le=1.0)
    """Height of the lane."""
    min_face: float = Field(0.21, ge=0.05, le=0.9)
    """Least height of a face that counts."""
    max_face: float = Field(0.70, ge=0.1, le=1.5)
    """Greatest height of a face that is still seen well."""
    notice_face: float = Field(0.10, ge=0.02, le=0.9)
    """A smaller face is a bystander and gets no prompts."""
    track_overlap: float = Field(0.3, gt=0.0, lt=1.0)
    """Overlap from frame to frame that makes two boxes the same face."""
    track_gap_seconds: float = Field(0.5, gt=0.0, le=2.0)
    """A face unseen for longer comes back as a new track."""

    @model_validator(mode="after")
    def _ordered(self) -> LaneSettings:
        if not self.notice_face <= self.min_face < self.max_face:
            raise ValueError("notice_face <= min_face < max_face must hold")
        return self

    @model_validator(mode="after")
    def _in_the_picture(self) -> LaneSettings:
        """Check that the lane fits a square, and so the image of any camera."""
        across, down = self.height * PROPORTION / 2, self.height / 2
        for centre, reach in ((self.centre_x, across), (self.centre_y, down)):
            if not reach - ROUNDING <= centre <= 1 - reach + ROUNDING:
                raise ValueError(
                    "the lane must lie wholly in the picture: "
                    f"with height = {self.height:g}, centre_x must be {across:.3g} to "
                    f"{1 - across:.3g}, and centre_y {down:.3g} to {1 - down:.3g}"
                )
        return self

    def lane(self) -> Lane:
        """The settings as a domain object."""
        return Lane(
            self.centre_x,
            self.centre_y,
            self.height,
            self.min_face,
            self.max_face,
            self.notice_face,
        )

    def tracking(self) -> TrackingPolicy:
        """The settings as a domain object."""
        return TrackingPolicy(self.track_overlap, self.track_gap_seconds)
