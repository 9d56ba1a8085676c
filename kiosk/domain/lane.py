"""The lane: the part of the picture in which a face counts as somebody who wants to enter.

Who stands outside it, or far behind, is a bystander and is never measured, compared or kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.face import Box
from kiosk.domain.quality import Defect


@dataclass(frozen=True, slots=True)
class Lane:
    """An ellipse in the picture and the face sizes that count, all as shares of the frame.

    Attributes:
        centre_x: of the frame's width.
        centre_y: of the frame's height.
        radius_x: of the frame's width.
        radius_y: of the frame's height.
        min_face: the face's height as a share of the frame's height, at least.
        max_face: the same, at most.
        notice_face: a smaller face than this is a bystander: nobody is told anything.
    """

    centre_x: float
    centre_y: float
    radius_x: float
    radius_y: float
    min_face: float
    max_face: float
    notice_face: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face is with regard to the lane.

    Attributes:
        inside: it counts.
        defect: what its owner could do to come inside; None for bystanders and when inside.
    """

    inside: bool
    defect: Defect | None = None


INSIDE = Place(inside=True)
BYSTANDER = Place(inside=False)


def place(box: Box, width: int, height: int, lane: Lane) -> Place:
    """Say where a face is. A face too close still counts as inside: it blocks the lane.

    Left and right are the subject's own, as the mirrored screen shows them: a face near the
    picture's left edge sees itself at the screen's right.
    """
    share = box.height / height
    across, down = _offset(box, width, height, lane)
    if share < lane.notice_face:
        return BYSTANDER
    if across**2 + down**2 > 1.0:
        return Place(inside=False, defect=_direction(across, down))
    if share < lane.min_face:
        return Place(inside=False, defect=Defect.TOO_FAR)
    return INSIDE


def too_close(box: Box, height: int, lane: Lane) -> bool:
    """Whether the face is too large to be seen well."""
    return box.height / height > lane.max_face


def _offset(box: Box, width: int, height: int, lane: Lane) -> tuple[float, float]:
    x, y = box.centre
    return (
        (x / width - lane.centre_x) / lane.radius_x,
        (y / height - lane.centre_y) / lane.radius_y,
    )


def _direction(across: float, down: float) -> Defect:
    if abs(across) >= abs(down):
        return Defect.OFF_RIGHT if across < 0 else Defect.OFF_LEFT
    return Defect.OFF_DOWN if down > 0 else Defect.OFF_UP
