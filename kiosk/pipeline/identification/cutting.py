"""The picture that a service may be shown: one face with its surroundings, and nobody else's.

Of a run one picture is kept, in memory: that of its best frame. It is a copy of a part of the
frame, so that the frame itself is not held on to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kiosk.domain.cloud.faces import LEAST_FACE_PX
from kiosk.domain.vision.face import Box, Face
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.quality import QualityMeasures

AROUND = 0.6
"""So much is left around a face, in shares of its box: a service has to find it once more."""
LEAST_AROUND = 0.15
"""With less, because somebody stands beside, a frame is not shown to a service."""
APART = 0.2
"""Others move between two searches: so much around them is left out too."""

_SHARP, _LARGE_PX, _TURNED = 60.0, 200.0, 90.0
"""Beyond these a face is no better for a service."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """A face cut out of its frame.

    Attributes:
        captured_at: of the frame.
        worth: how good it is for a comparison, 0 to 1.
        pixels: a copy; never printed.
    """

    captured_at: Instant
    worth: float
    pixels: Pixels = field(repr=False)


def cut_out(
    frame: Frame, face: Face, measures: QualityMeasures, others: Iterable[Face]
) -> Cutting | None:
    """The face with its surroundings; None where it is too small, or another is too near."""
    box = face.box
    if not min(box.width, box.height) >= LEAST_FACE_PX:
        return None
    left, top, right, bottom = _grown(box, AROUND)
    edges = [max(left, 0.0), max(top, 0.0), min(right, frame.width), min(bottom, frame.height)]
    for other in others:
        if not _leave_out(edges, box, _grown(other.box, APART)):
            return None
    x, y, x_end, y_end = (round(edge) for edge in edges)
    pixels = np.ascontiguousarray(frame.pixels[y:y_end, x:x_end]).copy()
    return Cutting(frame.captured_at, worth(measures), pixels)


def worth(measures: QualityMeasures) -> float:
    """How good a view is for a comparison, 0 to 1: sharp, large, open-eyed and from the front."""
    turned = min((abs(measures.yaw) + abs(measures.pitch)) / _TURNED, 1.0)
    sharp = min(measures.sharpness / _SHARP, 1.0)
    large = min(measures.size_px / _LARGE_PX, 1.0)
    return sharp * large * (1.0 - turned) * (1.0 - min(max(measures.eyes_closed, 0.0), 1.0))


def _grown(box: Box, share: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box with so much around it."""
    across, down = share * box.width, share * box.height
    return box.x - across, box.y - down, box.x + box.width + across, box.y + box.height + down


def _leave_out(edges: list[float], own: Box, other: tuple[float, float, float, float]) -> bool:
    """Move the one edge that costs least, so that another face is outside; False if none does."""
    left, top, right, bottom = other
    if left >= edges[2] or right <= edges[0] or top >= edges[3] or bottom <= edges[1]:
        return True
    least_left, least_top, least_right, least_bottom = _grown(own, LEAST_AROUND)
    ways = [
        (right - edges[0], 0, right, right <= least_left),
        (bottom - edges[1], 1, bottom, bottom <= least_top),
        (edges[2] - left, 2, left, left >= least_right),
        (edges[3] - top, 3, top, top >= least_bottom),
    ]
    possible = [way for way in ways if way[3]]
    if not possible:
        return False
    _, edge, place, _ = min(possible)
    edges[edge] = place
    return True
