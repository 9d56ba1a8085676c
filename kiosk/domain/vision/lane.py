"""The lane: the part of the picture in which a face counts as somebody who wants to enter.

It is an oval of a face's proportions, whatever the camera's, and the screen draws the same one.
Evidence is gathered only from a face that lies inside it. To stand in the way of somebody else
takes less: a face that reaches into the lane, or stands before it, means that nobody is alone.
Who is far behind is a bystander and is never measured, compared or kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.oval import Oval, face_oval
from kiosk.domain.vision.quality import Defect

INSIDE_SHARE = 0.9
"""So much of its box a face must have in the oval to count as inside.

Less than all of it: a box has corners, a face has none.
"""

PRESENT_SHARE = 0.5
"""From this share on somebody stands in the lane, and is told how to come inside."""

BLOCKING_SHARE = 0.1
"""From this share on a face stands in the way of another's evidence."""

BLOCKING_SIZE = 0.8
"""And from this size on, in sizes of the least face that counts."""


@dataclass(frozen=True, slots=True)
class Lane:
    """An oval in the picture and the face sizes that count.

    Sizes are shares of the frame's shorter side, so that they stay true when a camera is turned.

    Attributes:
        centre_x: of the oval, share of the frame's width.
        centre_y: of the oval, share of the frame's height.
        height: of the oval; its width follows (`PROPORTION`).
        min_face: the height of a face that counts, at least.
        max_face: the same, at most.
        notice_face: a smaller face than this is a bystander: nobody is told anything.
    """

    centre_x: float
    centre_y: float
    height: float
    min_face: float
    max_face: float
    notice_face: float

    def oval(self, width: int, height: int) -> Oval:
        """The lane in a frame of that many pixels."""
        centre = (self.centre_x * width, self.centre_y * height)
        return face_oval(centre, self.height * min(width, height))


@dataclass(frozen=True, slots=True)
class LanePosition:
    """Where a face is with regard to the lane.

    Attributes:
        inside: its evidence counts.
        present: its owner stands in the lane, inside or not quite.
        blocks: nobody else is alone.
        defect: what its owner could do to come inside; None for bystanders and when inside.
    """

    inside: bool = False
    present: bool = False
    blocks: bool = False
    defect: Defect | None = None


INSIDE = LanePosition(inside=True, present=True, blocks=True)
BYSTANDER = LanePosition()


def place(box: Box, width: int, height: int, lane: Lane) -> LanePosition:
    """Say where a face is. A face too close still counts as present: it blocks the lane.

    Left and right are the subject's own, as the mirrored screen shows them: a face near the
    picture's left edge sees itself at the screen's right.
    """
    size, oval = box.height / min(width, height), lane.oval(width, height)
    share = oval.share(box)
    if size < lane.notice_face:
        return BYSTANDER
    reaches = share >= BLOCKING_SHARE and size >= BLOCKING_SIZE * lane.min_face
    blocks = reaches or size > lane.max_face
    if size < lane.min_face:
        return LanePosition(blocks=blocks, defect=_from_afar(box, oval))
    if share >= INSIDE_SHARE:
        return INSIDE
    return LanePosition(present=share >= PRESENT_SHARE, blocks=blocks, defect=_way_in(box, oval))


def too_close(box: Box, width: int, height: int, lane: Lane) -> bool:
    """Whether the face is too large to be seen well."""
    return box.height / min(width, height) > lane.max_face


def _from_afar(box: Box, oval: Oval) -> Defect:
    across, down = oval.offset(box.centre)
    return Defect.TOO_FAR if across**2 + down**2 <= 1.0 else _direction(across, down)


def _way_in(box: Box, oval: Oval) -> Defect:
    """What brings a face of this size inside: a step back where none of the four ways would do."""
    if not oval.holds(box, INSIDE_SHARE):
        return Defect.TOO_CLOSE
    return _direction(*oval.offset(box.centre))


def _direction(across: float, down: float) -> Defect:
    """The side that it sticks out of."""
    if abs(across) >= abs(down):
        return Defect.OFF_RIGHT if across < 0 else Defect.OFF_LEFT
    return Defect.OFF_DOWN if down > 0 else Defect.OFF_UP
