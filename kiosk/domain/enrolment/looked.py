"""What enrolment vision sees in a frame: the faces that count, with a template only after consent.

Values only. The observer makes a template, or a picture that may be kept, only for a state that
allows it (`may_extract` and `may_take_picture` in `kiosk.domain.enrolment.states`).
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Pose, TrackId
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import Template


@dataclass(frozen=True, slots=True, eq=False)
class LookedFace:
    """One face in one frame, as far as the observer processed it.

    Attributes:
        track: identifies the face across frames.
        pose: of the head, degrees.
        across: distance of the face's centre to the right of the lane's centre in the camera's
            picture, in radii of the oval; the mirrored screen shows it on the left.
        down: distance of the face's centre below the lane's centre, in radii of the oval.
        inside: true if the face is inside the lane.
        quality: None if it was not measured.
        pad: None unless the view was acceptable.
        template: None unless the state allows one and the view passed quality and attack detection.
        picture: the face with its surroundings; None unless the state allows that one is kept.
        surroundings: size of the frame relative to the face, in the narrower direction.
    """

    track: TrackId
    pose: Pose
    across: float = 0.0
    down: float = 0.0
    inside: bool = True
    quality: QualityAssessment | None = None
    pad: PadResult | None = None
    template: Template | None = None
    picture: Pixels | None = None
    surroundings: float = float("inf")

    def __repr__(self) -> str:
        return f"LookedFace({self.track}, {self.pose})"


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame was captured during an enrolment.

    Attributes:
        at: capture time of the frame.
        faces: every face that is no bystander: in the lane, reaching into it, or before it.
        outside: the correction that would bring the nearest face inside the lane.
        searched: true if the detector searched the frame for other faces; where it did not,
            somebody may stand beside the face, and nothing is taken.
    """

    at: Instant
    faces: tuple[LookedFace, ...] = ()
    outside: Defect | None = None
    searched: bool = True
