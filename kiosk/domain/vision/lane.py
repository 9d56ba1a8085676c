"""The lane: the part of the picture in which a face counts as a person who wants to enter.

It is an oval with the proportions of a face, independent of the camera's, and the screen draws the
same one. Evidence is gathered only from a face inside it. Blocking takes less: a face that reaches
into the lane, or is in front of it, means that nobody is alone. A person far behind is a bystander
and is never measured, compared or stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.oval import Oval, face_oval
from kiosk.domain.vision.quality import Defect

INSIDE_SHARE = 0.9
"""The share of its box that a face must have in the oval to count as inside.

Less than all of it: a box has corners, a face has none.
"""

PRESENT_SHARE = 0.5
"""From this share on a person is in the lane and is prompted to come inside."""

BLOCKING_SHARE = 0.1
"""From this share on a face blocks the evidence of another."""

BLOCKING_SIZE = 0.8
"""The least size at which a face blocks, as a share of the smallest face that counts."""


@dataclass(frozen=True, slots=True)
class Lane:
    """An oval in the picture and the face sizes that count.

    Sizes are shares of the frame's shorter side, so that they hold when a camera is turned.

    Attributes:
        centre_x: of the oval, share of the frame's width.
        centre_y: of the oval, share of the frame's height.
        height: of the oval; its width follows (`PROPORTION`).
        min_face: the least height of a face that counts.
        max_face: the greatest height of a face that counts.
        notice_face: a smaller face is a bystander and gets no prompt.
    """

    centre_x: float
    centre_y: float
    height: float
    min_face: float
    max_face: float
    notice_face: float

    def oval(self, width: int, height: int) -> Oval:
        """The lane in a frame of this many pixels."""
        centre = (self.centre_x * width, self.centre_y * height)
        return face_oval(centre, self.height * min(width, height))


@dataclass(frozen=True, slots=True)
class LanePosition:
    """The position of a face relative to the lane.

    Attributes:
        inside: its evidence counts.
        present: the person is in the lane, fully inside or not.
        blocks: no other person counts as alone.
        defect: the correction that would bring the face inside; None for bystanders and when
            inside.
    """

    inside: bool = False
    present: bool = False
    blocks: bool = False
    defect: Defect | None = None


INSIDE = LanePosition(inside=True, present=True, blocks=True)
BYSTANDER = LanePosition()


def place(box: Box, width: int, height: int, lane: Lane) -> LanePosition:
    """The position of a face. A face that is too close still counts as present: it blocks the lane.

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
    """True if the face is too large to be seen well."""
    return box.height / min(width, height) > lane.max_face


def _from_afar(box: Box, oval: Oval) -> Defect:
    across, down = oval.offset(box.centre)
    return Defect.TOO_FAR if across**2 + down**2 <= 1.0 else _direction(across, down)


def _way_in(box: Box, oval: Oval) -> Defect:
    """The correction for a face of this size: a step back if a move in no direction would do."""
    if not oval.holds(box, INSIDE_SHARE):
        return Defect.TOO_CLOSE
    return _direction(*oval.offset(box.centre))


def _direction(across: float, down: float) -> Defect:
    """The side on which it lies outside."""
    if abs(across) >= abs(down):
        return Defect.OFF_RIGHT if across < 0 else Defect.OFF_LEFT
    return Defect.OFF_DOWN if down > 0 else Defect.OFF_UP
