"""Directions in which a person turns their head while pictures are taken, and what is taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.domain.vision.quality import QualityAssessment
from kiosk.domain.vision.template import Template


class PoseDirection(Enum):
    """A direction of the head; left and right are the person's own, as in a mirror."""

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, eq=False)
class PoseSample:
    """One view of a person who is being enrolled. It is kept in the session's state only.

    Attributes:
        direction: the direction of the head.
        at: capture time of the frame.
        quality: its assessment.
        pad: its result in attack detection.
        template: its features.
        surroundings: size of the frame relative to the face, in the narrower direction.
        picture: the face with its surroundings; None unless it may be kept.
    """

    direction: PoseDirection
    at: Instant
    quality: QualityAssessment
    pad: PadResult
    template: Template
    surroundings: float = float("inf")
    picture: Pixels | None = None

    def __repr__(self) -> str:
        return f"PoseSample({self.direction.value}, at={self.at:.3f})"
