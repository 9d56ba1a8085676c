"""Where things are on the stage. One transform places the picture, and the same one the oval.

The picture is mirrored from left to right, so that people see themselves as in a mirror (R11), and
scaled until no edge of its room is bare, but never so far that the oval would not lie wholly in the
room: on a wide screen a bare strip may be left at both sides.
Coordinates are continuous: a pixel's left edge is its index.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.oval import Oval

SMALL_PX = 600
"""Height of a wide screen on which the words are larger, and the notice is one line."""


def upright(screen: tuple[int, int]) -> bool:
    """Whether a screen of that width and height stands upright."""
    return screen[1] > screen[0]


def small(screen: tuple[int, int]) -> bool:
    """Whether a screen of that width and height is one of the low, wide ones."""
    return not upright(screen) and screen[1] <= SMALL_PX


@dataclass(frozen=True, slots=True)
class PictureArea:
    """The part of the stage that the picture has, in the stage's pixels.

    Attributes:
        left: of the room.
        top: the same.
        width: the same.
        height: the same.
        beside: pixels that the oval keeps away from the left and right edges.
        above: the same, from the upper and lower ones.
    """

    left: float
    top: float
    width: float
    height: float
    beside: float = 0.0
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class Laid:
    """How a frame lies on the stage.

    Attributes:
        frame_width: pixels of the camera's picture.
        frame_height: the same.
        scale: stage pixels for one frame pixel.
        left: of the scaled picture on the stage.
        top: the same.
    """

    frame_width: int
    frame_height: int
    scale: float
    left: float
    top: float

    @property
    def right(self) -> float:
        """Where the scaled picture ends on the stage."""
        return self.left + self.frame_width * self.scale

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the frame is seen on the stage, in pixels."""
        return (
            self.left + (self.frame_width - x) * self.scale,
            self.top + y * self.scale,
        )


def lay(frame: tuple[int, int], room: PictureArea, lane: Lane) -> Laid:
    """Lay a frame into its room so that the lane's oval lies wholly in it.

    Args:
        frame: width and height in pixels, at least 1.
        room: at least a pixel wide and high.
        lane: where the oval is in the frame.
    """
    width, height = frame
    seen = lane.oval(width, height)
    fills = max(room.width / width, room.height / height)
    beside, above = min(room.beside, room.width * 0.45), min(room.above, room.height * 0.45)
    fits = min((room.width / 2 - beside) / seen.radius_x, (room.height / 2 - above) / seen.radius_y)
    scale = min(fills, fits)
    across = _start(
        room.width, width * scale, (width - seen.centre_x) * scale, seen.radius_x * scale + beside
    )
    down = _start(room.height, height * scale, seen.centre_y * scale, seen.radius_y * scale + above)
    return Laid(width, height, scale, room.left + across, room.top + down)


def contain(frame: tuple[int, int], room: PictureArea) -> Laid:
    """Lay the whole of a frame into the middle of a room, whatever edges that leaves bare."""
    width, height = frame
    scale = min(room.width / width, room.height / height)
    left = room.left + (room.width - width * scale) / 2
    return Laid(width, height, scale, left, room.top + (room.height - height * scale) / 2)


def _start(room: float, picture: float, centre: float, reach: float) -> float:
    """Where the picture begins in the room: its oval in the middle, as long as no edge is bare.

    Args:
        room: how long the room is.
        picture: how long the picture is.
        centre: of the oval, from the picture's beginning.
        reach: of the oval and what it keeps away, from its centre.
    """
    if picture >= room:
        start = min(0.0, max(room - picture, room / 2 - centre))
    else:
        start = (room - picture) / 2
    return min(max(start, reach - centre), room - reach - centre)


def oval(lane: Lane, laid: Laid) -> Oval:
    """The lane's oval as it is seen on the stage."""
    seen = lane.oval(laid.frame_width, laid.frame_height)
    x, y = laid.point(seen.centre_x, seen.centre_y)
    return Oval(x, y, seen.radius_x * laid.scale, seen.radius_y * laid.scale)
