"""An upright ellipse with the proportions of a face, in pixels of the surface that it lies on.

The lane is such an oval in the camera's picture, and the screen draws the very same one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.domain.vision.face import Box

PROPORTION = 3 / 4
"""Width of a face's oval relative to its height (`screen.md`)."""

STRIPS = 48
"""The number of upright strips into which a box is cut to measure its share of an oval."""


@dataclass(frozen=True, slots=True)
class Oval:
    """An ellipse, in pixels; parts of it may lie beyond the edges of its surface."""

    centre_x: float
    centre_y: float
    radius_x: float
    radius_y: float

    def grown(self, times: float) -> Oval:
        """The same ellipse about the same centre, so many times as wide and as high."""
        return Oval(self.centre_x, self.centre_y, self.radius_x * times, self.radius_y * times)

    def offset(self, point: tuple[float, float]) -> tuple[float, float]:
        """The distance of a point to the right of and below the centre, in radii."""
        return (
            (point[0] - self.centre_x) / self.radius_x,
            (point[1] - self.centre_y) / self.radius_y,
        )

    def share(self, box: Box) -> float:
        """The share of a box that lies inside, 0 to 1, to about a hundredth; NaN without height."""
        middles = box.x + (np.arange(STRIPS) + 0.5) * box.width / STRIPS
        across = (middles - self.centre_x) / self.radius_x
        half = self.radius_y * np.sqrt(np.clip(1.0 - across**2, 0.0, None))
        top = np.maximum(box.y, self.centre_y - half)
        bottom = np.minimum(box.y + box.height, self.centre_y + half)
        inside = float(np.clip(bottom - top, 0.0, None).mean())
        return inside / box.height if box.height > 0 else float("nan")

    def holds(self, box: Box, share: float) -> bool:
        """True if at least this share of the box would lie inside if centred on the oval."""
        x, y = self.centre_x - box.width / 2, self.centre_y - box.height / 2
        return self.share(Box(x, y, box.width, box.height)) >= share


def face_oval(centre: tuple[float, float], height: float) -> Oval:
    """An oval with the proportions of a face, of this height in pixels."""
    return Oval(centre[0], centre[1], height * PROPORTION / 2, height / 2)
