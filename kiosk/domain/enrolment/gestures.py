"""Head gestures: yes and no from where a face is and how it is turned, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class HeadAt:
    """One head at one moment.

    Attributes:
        at: capture time of the frame.
        yaw: degrees, positive when turned towards the picture's right edge.
        pitch: degrees, negative when it looks down.
        across: distance of the face's centre to the right of the lane's centre in the camera's
            picture, in radii of the oval.
    """

    at: Instant
    yaw: float
    pitch: float
    across: float
