"""The lane is searched apart from its surroundings: nothing beside it can hide who is in it.

A finder follows so many faces and no more. Given the whole picture, prints at its edge take the
places of the person in the lane and of the one beside them. Here one finder sees the lane alone,
frame by frame, with everything else blacked out: the picture keeps its size, so that a head's
pose is read as before. The other looks at the whole picture now and then, for guidance and for
whoever stands in the way, and nothing that it finds is ever evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.lane import Lane

LOOK_SECONDS = 0.2
"""Between two looks at the whole picture: several in the shortest run that releases a door."""

REACH = 1.5
"""How far the lane's own finder sees, in radii of the lane: whoever comes in is met before."""

SAME_OVERLAP = 0.2
"""Intersection over union from which two finders mean one face."""


class LaneSearch:
    """The `FaceFinder` port over two others. Owned by one thread.

    Args:
        lane: where a face counts.
        within: finds faces in a stream; sees the lane alone.
        whole: finds faces in stills; sees everything.
    """

    def __init__(self, lane: Lane, within: FaceFinder, whole: FaceFinder) -> None:
        self._lane = lane
        self._within = within
        self._whole = whole
        self._mask = np.zeros((0, 0, 3), np.uint8)
        self._looked_at = Instant(float("-inf"))
        self._around = Found()

    def find(self, frame: Frame) -> Found:
        """Faces of the lane in this frame, and those around it a moment ago."""
        within = self._within.find(replace(frame, pixels=self._masked(frame)))
        if not 0 <= frame.captured_at - self._looked_at < LOOK_SECONDS:
            self._around = self._whole.find(frame)
            self._looked_at = frame.captured_at
        around = tuple(face for face in self._around if not _among(face, within))
        return Found(within.faces, around, full=within.full or self._around.full)

    def close(self) -> None:
        """Let both runtimes go."""
        self._within.close()
        self._whole.close()

    def _masked(self, frame: Frame) -> Pixels:
        if self._mask.shape != frame.pixels.shape:
            self._mask = mask_of(self._lane, frame.width, frame.height)
        return np.bitwise_and(frame.pixels, self._mask)


def mask_of(lane: Lane, width: int, height: int) -> Pixels:
    """(height, width, 3) uint8: 255 where the lane's own finder sees, 0 elsewhere."""
    seen = lane.oval(width, height).grown(REACH)
    across = (np.arange(width) + 0.5 - seen.centre_x) / seen.radius_x
    down = (np.arange(height) + 0.5 - seen.centre_y) / seen.radius_y
    inside = across[None, :] ** 2 + down[:, None] ** 2 <= 1.0
    return np.repeat(np.where(inside, 255, 0).astype(np.uint8)[:, :, None], 3, axis=2)


def _among(face: Face, others: Iterable[Face]) -> bool:
    """Whether one of the others is the same face, well seen or half."""
    return any(
        face.box.overlap(other.box) >= SAME_OVERLAP
        or other.box.contains(face.box.centre)
        or face.box.contains(other.box.centre)
        for other in others
    )
