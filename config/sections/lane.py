"""Where a face counts."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.lane import Lane
from kiosk.domain.tracking import TrackingPolicy


class LaneSettings(Section):
    """An ellipse in the picture; all lengths are shares of the frame."""

    centre_x: float = Field(0.5, ge=0.0, le=1.0)
    """Middle of the lane, share of the frame's width."""
    centre_y: float = Field(0.5, ge=0.0, le=1.0)
    """Middle of the lane, share of the frame's height."""
    radius_x: float = Field(0.24, gt=0.05, le=1.0)
    """Half width of the lane, share of the frame's width."""
    radius_y: float = Field(0.36, gt=0.05, le=1.0)
    """Half height of the lane, share of the frame's height."""
    min_face: float = Field(0.21, ge=0.05, le=0.9)
    """Least height of a face that counts, share of the frame's height."""
    max_face: float = Field(0.70, ge=0.1, le=1.5)
    """Greatest height of a face that can be seen well."""
    notice_face: float = Field(0.10, ge=0.02, le=0.9)
    """A smaller face is a bystander and is told nothing."""
    track_overlap: float = Field(0.3, gt=0.0, lt=1.0)
    """Overlap from frame to frame that makes two boxes the same face."""
    track_gap_seconds: float = Field(0.5, gt=0.0, le=2.0)
    """A face unseen for longer comes back as a new track."""

    @model_validator(mode="after")
    def _ordered(self) -> LaneSettings:
        if not self.notice_face <= self.min_face < self.max_face:
            raise ValueError("notice_face <= min_face < max_face must hold")
        return self

    def lane(self) -> Lane:
        """As the domain takes it."""
        return Lane(
            self.centre_x,
            self.centre_y,
            self.radius_x,
            self.radius_y,
            self.min_face,
            self.max_face,
            self.notice_face,
        )

    def tracking(self) -> TrackingPolicy:
        """As the domain takes it."""
        return TrackingPolicy(self.track_overlap, self.track_gap_seconds)
