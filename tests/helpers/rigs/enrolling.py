"""Faces that are seen at an enrolment, as the observer would hand them over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from doorway import MEASURES, SPACE

from kiosk.domain.enrolment.looked import LookedFace
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Pose, TrackId
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SpaceId, Template

PEOPLE = ("ann", "ben", "cleo")


def template(person: str, apart: float = 0.0, space: SpaceId = SPACE) -> Template:
    """A person's features; people share nothing.

    Args:
        person: who.
        apart: the angle to their usual features, radians.
        space: the space.
    """
    vector = np.zeros(len(PEOPLE) + 1, np.float32)
    vector[PEOPLE.index(person)], vector[-1] = np.cos(apart), np.sin(apart)
    return Template(vector, space)


@dataclass(frozen=True)
class Visage:
    """How a face looks in one frame. The default is Ann, alive, who looks straight ahead.

    Attributes:
        apart: the angle to her usual features.
        extracted: False where no template was made.
    """

    person: str = "ann"
    track: int = 1
    yaw: float = 0.0
    pitch: float = 0.0
    across: float = 0.0
    inside: bool = True
    pad: float | None = 0.75
    sharpness: float = 60.0
    defects: tuple[Defect, ...] = ()
    measured: bool = True
    apart: float = 0.0
    extracted: bool = True
    picture: bool = False

    def face(self) -> LookedFace:
        """The face of a frame."""
        measures = replace(MEASURES, yaw=self.yaw, pitch=self.pitch, sharpness=self.sharpness)
        return LookedFace(
            track=TrackId(self.track),
            pose=Pose(self.yaw, self.pitch, 0.0),
            across=self.across,
            inside=self.inside,
            quality=QualityAssessment(measures, self.defects) if self.measured else None,
            pad=None if self.pad is None else PadResult(self.pad, "detector/1"),
            template=template(self.person, self.apart) if self.extracted else None,
            picture=np.zeros((2, 2, 3), np.uint8) if self.picture else None,
            surroundings=3.0,
        )

    def but(self, **changes: object) -> Visage:
        """The same face with something different."""
        return replace(self, **changes)  # type: ignore[arg-type] # a test says which field


ANN = Visage()
BEN = Visage(person="ben", track=2)
"""Another person."""
