"""The geometry of the stage. The picture and the oval are placed by the same transform.

The picture is mirrored from left to right, so that people see themselves as in a mirror (R11). It
is scaled to fill its area, but only as far as the oval still lies completely within the area: on a
wide screen an empty strip may remain at both sides.
Coordinates are continuous: a pixel's left edge is its index.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.oval import Oval

SMALL_PX = 600
"""The maximum height of a small wide screen, with larger text and a one-line notice."""


def upright(screen: tuple[int, int]) -> bool:
    """True if a screen of that width and height is upright (portrait)."""
    return screen[1] > screen[0]


def small(screen: tuple[int, int]) -> bool:
    """True if a screen of that width and height is a small wide one."""
    return not upright(screen) and screen[1] <= SMALL_PX


@dataclass(frozen=True, slots=True)
class PictureArea:
    """The area of the picture on the stage, in the stage's pixels.

    Attributes:
        left: left edge of the area.
        top: its top edge.
        width: its width.
        height: its height.
        beside: margin between the oval and the left and right edges.
        above: margin between the oval and the upper and lower edges.
    """

    left: float
    top: float
    width: float
    height: float
    beside: float = 0.0
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class Laid:
    """The placement of a frame on the stage.

    Attributes:
        frame_width: width of the camera's picture in pixels.
        frame_height: its height.
        scale: stage pixels per frame pixel.
        left: left edge of the scaled picture on the stage.
        top: its top edge.
    """

    frame_width: int
    frame_height: int
    scale: float
    left: float
    top: float

    @property
    def right(self) -> float:
        """The right edge of the scaled picture on the stage."""
        return self.left + self.frame_width * self.scale

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The position of a point of the frame on the stage, in pixels."""
        return (
            self.left + (self.frame_width - x) * self.scale,
            self.top + y * self.scale,
        )


def lay(frame: tuple[int, int], room: PictureArea, lane: Lane) -> Laid:
    """Place a frame so that the lane's oval lies completely within the area.

    Args:
        frame: width and height in pixels, at least 1.
        room: the area, at least a pixel wide and high.
        lane: the position of the oval in the frame.
    """
    return lay_around(frame, room, lane.oval(*frame))


def lay_around(frame: tuple[int, int], room: PictureArea, seen: Oval) -> Laid:
    """Place a frame so that a part of it lies completely within the area.

    Args:
        frame: width and height in pixels, at least 1.
        room: the area, at least a pixel wide and high.
        seen: the part in the frame: its centre, and half of its size.
    """
    width, height = frame
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
    """Place a whole frame in the middle of an area; strips at its edges may stay empty."""
    width, height = frame
    scale = min(room.width / width, room.height / height)
    left = room.left + (room.width - width * scale) / 2
    return Laid(width, height, scale, left, room.top + (room.height - height * scale) / 2)


def _start(room: float, picture: float, centre: float, reach: float) -> float:
    """The start of the picture in the area: the oval in the middle, as far as no edge stays empty.

    Args:
        room: length of the area.
        picture: length of the picture.
        centre: centre of the oval, from the picture's start.
        reach: radius of the oval with its margin.
    """
    if picture >= room:
        start = min(0.0, max(room - picture, room / 2 - centre))
    else:
        start = (room - picture) / 2
    return min(max(start, reach - centre), room - reach - centre)


def oval(lane: Lane, laid: Laid) -> Oval:
    """The lane's oval on the stage."""
    seen = lane.oval(laid.frame_width, laid.frame_height)
    x, y = laid.point(seen.centre_x, seen.centre_y)
    return Oval(x, y, seen.radius_x * laid.scale, seen.radius_y * laid.scale)
