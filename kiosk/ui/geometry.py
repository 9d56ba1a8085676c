"""Where things are on the stage. One transform places the picture, and the same one the oval.

The picture covers the stage: it is scaled until no edge of the stage is bare, centred, cropped,
and mirrored from left to right, so that people see themselves as in a mirror (R11).
Coordinates are continuous: a pixel's left edge is its index.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.lane import Lane


@dataclass(frozen=True, slots=True)
class Cover:
    """How a frame lies on the stage.

    Attributes:
        frame_width: pixels of the camera's picture.
        frame_height: the same.
        scale: stage pixels for one frame pixel.
        left: of the scaled picture on the stage, zero or less.
        top: the same.
    """

    frame_width: int
    frame_height: int
    scale: float
    left: float
    top: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the frame is seen on the stage, in pixels."""
        return (
            self.left + (self.frame_width - x) * self.scale,
            self.top + y * self.scale,
        )


@dataclass(frozen=True, slots=True)
class Oval:
    """An ellipse on the stage, in pixels; parts of it may lie beyond the stage's edges."""

    centre_x: float
    centre_y: float
    radius_x: float
    radius_y: float


def cover(frame: tuple[int, int], stage: tuple[int, int]) -> Cover:
    """Lay a frame over the whole stage.

    Args:
        frame: width and height in pixels, at least 1.
        stage: the same.
    """
    width, height = frame
    scale = max(stage[0] / width, stage[1] / height)
    left = (stage[0] - width * scale) / 2
    top = (stage[1] - height * scale) / 2
    return Cover(width, height, scale, left, top)


def oval(lane: Lane, laid: Cover) -> Oval:
    """The lane's ellipse as it is seen on the stage."""
    x, y = laid.point(lane.centre_x * laid.frame_width, lane.centre_y * laid.frame_height)
    return Oval(
        x,
        y,
        lane.radius_x * laid.frame_width * laid.scale,
        lane.radius_y * laid.frame_height * laid.scale,
    )
